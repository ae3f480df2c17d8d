#include "launcher/environment.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "sys/process.hpp"

namespace mpi_podman {
namespace {

template <std::size_t N>
Environment from(const std::array<const char*, N>& block) {
    return environment_from(block.data());
}

TEST(EnvironmentFrom, takes_nothing_from_nothing) {
    EXPECT_TRUE(environment_from(nullptr).empty());
    EXPECT_TRUE(from(std::array<const char*, 1>{nullptr}).empty());
}

TEST(EnvironmentFrom, keeps_every_byte_of_a_value) {
    const auto environment =
        from(std::array{"LINES=one\ntwo\n", "SUM=a=b=c", "EMPTY=", "BYTES=\xff\xfe\x80",
                        "BASH_FUNC_f%%=() {  echo\n}", static_cast<const char*>(nullptr)});
    EXPECT_EQ(environment, (Environment{{"LINES", "one\ntwo\n"},
                                        {"SUM", "a=b=c"},
                                        {"EMPTY", ""},
                                        {"BYTES", "\xff\xfe\x80"},
                                        {"BASH_FUNC_f%%", "() {  echo\n}"}}));
}

TEST(EnvironmentFrom, drops_what_getenv_cannot_find) {
    EXPECT_EQ(from(std::array{"no equals sign", "", "=nameless", "A=1", static_cast<const char*>(nullptr)}),
              (Environment{{"A", "1"}}));
}

TEST(EnvironmentFrom, takes_the_first_of_two_like_getenv) {
    EXPECT_EQ(from(std::array{"A=first", "A=second", static_cast<const char*>(nullptr)}),
              (Environment{{"A", "first"}}));
}

TEST(EnvironmentFrom, takes_names_that_differ_in_case_for_two) {
    EXPECT_EQ(from(std::array{"a=1", "A=2", static_cast<const char*>(nullptr)}).size(), 2U);
}

TEST(EnvironmentFrom, takes_200_kilobytes) {
    const auto large = "LARGE=" + std::string(128 * 1024 - 7, '\xe9');
    std::vector<std::string> entries{large};
    for (int i = 0; i < 2000; ++i) {
        entries.push_back("N" + std::to_string(i) + "=" + std::string(40, 'x') + "\n=");
    }
    const auto environment = environment_from(exec_pointers(entries).data());
    EXPECT_EQ(environment.size(), 2001U);
    EXPECT_EQ(environment.at("LARGE").size(), 128U * 1024 - 7);
    EXPECT_EQ(environment.at("N1999"), std::string(40, 'x') + "\n=");
}

TEST(ToStrings, is_the_inverse_in_name_order) {
    const Environment environment{{"B", "=\n"}, {"A", ""}, {"C", "\xff"}};
    const auto strings = to_strings(environment);
    EXPECT_EQ(strings, (std::vector<std::string>{"A=", "B==\n", "C=\xff"}));
    EXPECT_EQ(from(std::array{strings[0].c_str(), strings[1].c_str(), strings[2].c_str(),
                              static_cast<const char*>(nullptr)}),
              environment);
}

TEST(Lookup, tells_empty_from_unset) {
    const Environment environment{{"EMPTY", ""}, {"A", "1"}};
    EXPECT_EQ(lookup(environment, "EMPTY"), "");
    EXPECT_EQ(lookup(environment, "A"), "1");
    EXPECT_EQ(lookup(environment, "UNSET"), std::nullopt);
}

}  // namespace
}  // namespace mpi_podman
