#include "join/call_table.hpp"

#include <linux/audit.h>

#include "unit/join/filter.hpp"

namespace mpi_podman {
namespace {

constexpr std::uint32_t here = AUDIT_ARCH_X86_64, there = AUDIT_ARCH_I386, elsewhere = AUDIT_ARCH_AARCH64;
constexpr std::uint32_t no_action = 12345;  // what follows the program says this

std::string whole_program_of(const ByArchitecture& table) {
    const sock_filter last BPF_STMT(BPF_RET | BPF_K, no_action);
    return program_of(table) + std::string(reinterpret_cast<const char*>(&last), sizeof last);  // NOLINT
}

std::uint32_t found(const std::string& program, std::uint32_t architecture, int number) {
    return result_of(program, {number, architecture, 0, {}});
}

TEST(CallTable, IsEmptyWhereNothingIsKnown) {
    EXPECT_EQ(program_of({}), "");
    EXPECT_EQ(found(whole_program_of({{here, {}}}), here, 7), no_action);
}

TEST(CallTable, FindsEachNumberOfItsArchitectureAlone) {
    const auto program = whole_program_of({{here, {{0, 1}, {1, 1}, {2, 2}, {7, 3}}}, {there, {{1, 4}}}});
    const std::map<int, std::uint32_t> expected{{-1, no_action}, {0, 1},         {1, 1}, {2, 2},
                                                {3, no_action},  {6, no_action}, {7, 3}, {8, no_action}};
    for (const auto& [number, action] : expected) {
        EXPECT_EQ(found(program, here, number), action) << number;
        EXPECT_EQ(found(program, there, number), number == 1 ? 4 : no_action) << number;
        EXPECT_EQ(found(program, elsewhere, number), no_action) << number;
    }
}

TEST(CallTable, GoesFartherThanAConditionCanJump) {
    Actions actions;
    for (std::uint32_t number = 0; number < 600; number += 2) {
        actions[number] = number;
    }
    const auto program = whole_program_of({{there, actions}, {here, actions}});
    for (int number = 0; number < 602; ++number) {
        const bool is_known = number % 2 == 0 && number < 600;
        EXPECT_EQ(found(program, here, number), is_known ? static_cast<std::uint32_t>(number) : no_action);
    }
}

TEST(CallTable, HoldsWhateverTheNumberOfCalls) {
    for (const std::uint32_t calls : {1, 2, 3, 63, 64, 65, 126, 127, 128, 129, 254, 255, 256, 257, 300}) {
        Actions different;
        Actions alternating;
        for (std::uint32_t number = 0; number < calls; ++number) {
            different[number] = number;
            alternating[number] = number % 2;
        }
        const auto of_different = whole_program_of({{here, different}});
        const auto of_alternating = whole_program_of({{here, alternating}});
        for (std::uint32_t number = 0; number < calls; ++number) {
            EXPECT_EQ(found(of_different, here, static_cast<int>(number)), number) << "of " << calls;
            EXPECT_EQ(found(of_alternating, here, static_cast<int>(number)), number % 2) << "of " << calls;
        }
        EXPECT_EQ(found(of_different, here, static_cast<int>(calls)), no_action);
    }
}

TEST(CallTable, HasOneStepForAnActionAndOneForEachExceptionToIt) {
    Actions actions;
    for (std::uint32_t number = 0; number < 100; ++number) {
        actions[number] = number % 10 == 3 ? 1 : 0;
    }
    // Four for the architecture; ten exceptions in four spans; the actions, and "none of ours" of what is
    // beyond.
    EXPECT_EQ(program_of({{here, actions}}).size(), (4 + 10 + 4 + 3) * sizeof(sock_filter));
    const auto program = whole_program_of({{here, actions}});
    for (int number = 0; number < 100; ++number) {
        EXPECT_EQ(found(program, here, number), number % 10 == 3 ? 1 : 0);
    }
}

TEST(CallTable, TakesTheLastNumberThereIs) {
    const auto program = whole_program_of({{here, {{UINT32_MAX, 1}}}});
    EXPECT_EQ(found(program, here, -1), 1);
    EXPECT_EQ(found(program, here, -2), no_action);
    EXPECT_EQ(found(program, here, 0), no_action);
}

}  // namespace
}  // namespace mpi_podman
