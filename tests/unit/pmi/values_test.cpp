#include "pmi/values.hpp"

#include <gtest/gtest.h>

#include <random>

namespace mpi_podman::pmi {
namespace {

TEST(Values, AreDecodedAsTheyWereEncoded) {
    const KeyValues some{
        {"", "no key"}, {"P0-businesscard", "host$port#1;"}, {"empty", ""}, {"line", "a\nb=c"}};
    EXPECT_EQ(decode_values(encode_values(some)).value_or(KeyValues{}), some);
    EXPECT_EQ(decode_values(encode_values({})).value_or(some), KeyValues{});
    EXPECT_EQ(encode_values({}), "");
}

TEST(Values, EndWithANulEach) {
    EXPECT_EQ(encode_values({{"a", "1"}, {"b", ""}}), std::string("a\0001\0b\0\0", 7));
}

TEST(Values, ANulEndsWhatItIsIn) {
    EXPECT_EQ(decode_values(encode_values({{std::string("k\0x", 3), std::string("v\0y", 3)}}))
                  .value_or(KeyValues{}),
              (KeyValues{{"k", "v"}}));
}

TEST(Values, CutOffAreRefused) {
    const std::string whole("key\0value\0", 10);
    ASSERT_TRUE(decode_values(whole));
    for (std::size_t size = 1; size < whole.size(); ++size) {
        EXPECT_FALSE(decode_values(whole.substr(0, size))) << size;
    }
    EXPECT_FALSE(decode_values(whole + "k"));
    EXPECT_FALSE(decode_values(whole + std::string("k\0", 2)));
}

TEST(Values, OfTwoRanksFollowEachOther) {
    const auto both = decode_values(encode_values({{"a", "1"}, {"b", "1"}}) + encode_values({{"b", "2"}}));
    EXPECT_EQ(both.value_or(KeyValues{}), (KeyValues{{"a", "1"}, {"b", "2"}}));
}

TEST(Values, OfAnyBytesAreTakenOrNotButHurtNobody) {
    std::mt19937 random(4711);  // NOLINT: the same each time
    for (int round = 0; round < 20'000; ++round) {
        std::string bytes(random() % 32, '\0');
        for (auto& byte : bytes) {
            byte = static_cast<char>(random() % 3);
        }
        if (const auto values = decode_values(bytes)) {
            EXPECT_EQ(decode_values(encode_values(*values)).value_or(KeyValues{}), *values);
        }
    }
}

}  // namespace
}  // namespace mpi_podman::pmi
