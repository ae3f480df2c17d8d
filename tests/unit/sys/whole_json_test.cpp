#include "sys/whole_json.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace mpi_podman {
namespace {

TEST(WholeJson, HasWholeNumbers) {
    const auto read = whole_json(R"({"small": -3, "large": 18446744073709551615, "list": [1, "2.5"]})");
    EXPECT_EQ(read.at("small").get<int>(), -3);
    EXPECT_EQ(read.at("large").get<std::uint64_t>(), UINT64_MAX);
    EXPECT_EQ(read.at("list").dump(), R"([1,"2.5"])");
}

TEST(WholeJson, HasNoOthers) {
    for (const auto* number : {"1e300", "-0.5", "1.0", "99999999999999999999"}) {
        const auto read = whole_json(std::string("[") + number + "]");
        EXPECT_THROW(static_cast<void>(read.at(0).get<std::uint64_t>()), nlohmann::json::type_error)
            << number;
    }
}

TEST(Whole, IsNoFraction) {
    const auto read = nlohmann::json::parse("[7, 7.5, 1e300]");
    EXPECT_EQ(whole<int>(read.at(0)), 7);
    EXPECT_THROW(whole<int>(read.at(1)), nlohmann::json::type_error);
    EXPECT_THROW(whole<int>(read.at(2)), nlohmann::json::type_error);
}

}  // namespace
}  // namespace mpi_podman
