#include "launcher/variables.hpp"

#include <gtest/gtest.h>

namespace mpi_podman {
namespace {

struct Row {
    const char* pattern;
    const char* name;
    bool matches;
};

constexpr Row rows[] = {
    {"ABC", "ABC", true}, {"AB*", "AB", true},    {"AB*", "ABC", true},  {"*BC", "ABC", true},
    {"*", "ABC", true},   {"*", "", true},        {"A*C", "ABBC", true}, {"A*C", "AC", true},
    {"", "", true},       {"ABC", "ABCD", false}, {"ABC", "AB", false},  {"ABC", "XBC", false},
    {"AB*", "A", false},  {"AB*", "XBC", false},  {"*BC", "BCX", false}, {"AB*BC", "ABC", false},
    {"ABC", "", false},   {"A*", "", false},      {"", "A", false},
};

TEST(Matches, AnyTextForTheStarAndNothingElse) {
    for (const auto& row : rows) {
        EXPECT_EQ(matches(row.pattern, row.name), row.matches) << row.pattern << ' ' << row.name;
    }
}

}  // namespace
}  // namespace mpi_podman
