#include "pmi/mapping.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace mpi_podman::pmi {
namespace {

using testing::HasSubstr;

Mapping again(const Mapping& mapping) {
    return decode_mapping(encode_mapping(mapping), static_cast<std::uint32_t>(mapping.size()))
        .value_or(Mapping{});
}

TEST(MappingOf, NumbersNodesByTheirFirstRank) {
    EXPECT_EQ(mapping_of({"b", "a", "b", "c"}), (Mapping{0, 1, 0, 2}));
    EXPECT_EQ(mapping_of({}), Mapping{});
}

TEST(Mapping, IsWrittenAsMpichDoes) {
    EXPECT_EQ(encode_mapping({0}), "(vector,(0,1,1))");
    EXPECT_EQ(encode_mapping({0, 0, 1, 1}), "(vector,(0,2,2))") << "by slot";
    EXPECT_EQ(encode_mapping({0, 1, 0, 1}), "(vector,(0,2,1))") << "by node, which goes on by itself";
    EXPECT_EQ(encode_mapping({0, 0, 0, 1, 2, 2}), "(vector,(0,1,3),(1,1,1),(2,1,2))") << "uneven";
    EXPECT_EQ(encode_mapping({1, 0}), "(vector,(1,1,1),(0,1,1))") << "backwards";
}

TEST(Mapping, IsWrittenUpToWhereItRepeatsAlsoInPart) {
    EXPECT_EQ(encode_mapping({0, 1, 0}), "(vector,(0,2,1))") << "fewer nodes";
    EXPECT_EQ(encode_mapping({0, 0, 1, 1, 0}), "(vector,(0,2,2))") << "fewer ranks";
    EXPECT_EQ(encode_mapping({0, 0, 0, 1, 0, 0, 0, 1, 0, 0}), "(vector,(0,1,3),(1,1,1))");
    EXPECT_EQ(encode_mapping({0, 0, 0}), "(vector,(0,1,3))") << "one node is one block";
    EXPECT_EQ(encode_mapping({1, 0, 1, 0}), "(vector,(1,1,1),(0,2,1),(0,1,1))")
        << "readers would go on with node 0";
}

TEST(Mapping, ByNodeIsShortHoweverManyRanks) {
    for (std::uint32_t size = 254; size < 258; ++size) {
        Mapping mapping;
        for (std::uint32_t rank = 0; rank < size; ++rank) {
            mapping.push_back(rank % 2);
        }
        EXPECT_EQ(encode_mapping(mapping), "(vector,(0,2,1))");
        EXPECT_EQ(again(mapping), mapping);
    }
}

TEST(Mapping, IsReadAsMpichDoes) {
    const auto read = [](std::string_view text, std::uint32_t size) {
        return decode_mapping(text, size).value_or(Mapping{});
    };
    EXPECT_EQ(read("(vector,(0,2,2))", 4), (Mapping{0, 0, 1, 1}));
    EXPECT_EQ(read("(vector,(0,2,1))", 5), (Mapping{0, 1, 0, 1, 0})) << "again from the first block";
    EXPECT_EQ(read("(vector,(1,2,1))", 5), (Mapping{1, 2, 1, 2, 1})) << "also where there is no node 0";
    EXPECT_EQ(read("(vector,(0,1,8))", 3), (Mapping{0, 0, 0})) << "more room than ranks";
    EXPECT_EQ(read("(vector,(3,1,1),(0,2,2))", 7), (Mapping{3, 0, 0, 1, 1, 0, 0})) << "again from node 0";
    EXPECT_EQ(read("(vector,(0,1,0),(1,0,7),(2,1,1))", 2), (Mapping{2, 2})) << "empty blocks";
    EXPECT_EQ(read("(vector,(0,4294967295,4294967295))", 2), (Mapping{0, 0})) << "blocks without end";
    EXPECT_EQ(read("(vector,(0,1,1))", 0), Mapping{});
}

TEST(Mapping, IsReadAsMpichWritesItSince42) {
    const auto read = [](std::string_view text, std::uint32_t size) {
        return decode_mapping(text, size).value_or(Mapping{});
    };
    EXPECT_EQ(read("(vector,0)", 1), (Mapping{0}));
    EXPECT_EQ(read("(vector,(0,1,3),1)", 4), (Mapping{0, 0, 0, 1}));
    EXPECT_EQ(read("(vector,[(0,2,1)]x2)", 4), (Mapping{0, 1, 0, 1}));
    EXPECT_EQ(read("(vector,[(0,2,1)]x2,0)", 5), (Mapping{0, 1, 0, 1, 0}));
    EXPECT_EQ(read("(vector,2,[0,(1,1,2)]x2,[3]x3)", 10), (Mapping{2, 0, 1, 1, 0, 1, 1, 3, 3, 3}));
    EXPECT_EQ(read("(vector,1,0)", 5), (Mapping{1, 0, 0, 0, 0})) << "again from node 0";
    EXPECT_EQ(read("(vector,[0,1]x4294967295)", 3), (Mapping{0, 1, 0})) << "more than there are ranks";
    EXPECT_EQ(read("(vector,[(0,0,1)]x4294967295,1)", 2), (Mapping{1, 1})) << "nobody, time and again";
}

TEST(Mapping, OddOnesAreRefused) {
    for (const char* text : {"",
                             "(",
                             "vector",
                             "(vector",
                             "(vector)",
                             "(vector,)",
                             "(vector,())",
                             "(vector,(0,1))",
                             "(vector,(0,1,1)",
                             "(vector,(0,1,1)))",
                             "(vector,(0,1,1)),",
                             "(vector(0,1,1))",
                             "(vector,(0,1,1,1))",
                             "(vector,(-1,1,1))",
                             "(vector,(+1,1,1))",
                             "(vector,( 0,1,1))",
                             "(vector,(0,1,x))",
                             "(vector,(0,0,1))",
                             "(vector,(0,1,0))",
                             "(vector,(0,1,1)(1,1,1))",
                             "(vector,(0,1,4294967296))",
                             "(vector,(1,1,1),(0,0,1))",
                             "(vector,0",
                             "(vector,0,)",
                             "(vector,-1)",
                             "(vector,[0,1])",
                             "(vector,[0,1)",
                             "(vector,[0,1]x)",
                             "(vector,[0,1]x0)",
                             "(vector,[0,1]2)",
                             "(vector,[0,1]x-1)",
                             "(vector,[0,1]x4294967296)",
                             "(vector,[]x2)",
                             "(vector,[[0]x2]x2)",
                             "(vector,0]x2)",
                             "(hwloc,(0,1,1))",
                             "(Vector,(0,1,1))"}) {
        const auto refused = decode_mapping(text, 4);
        ASSERT_FALSE(refused) << text;
        EXPECT_THAT(refused.error().message, HasSubstr("odd"));
    }
}

TEST(Mapping, WithNodesThatNobodyCanCountIsRefused) {
    for (const char* text : {"(vector,(4294967295,1,1))", "(vector,(4294967295,2,1))",
                             "(vector,(4294967294,4,1))", "(vector,16777216)"}) {
        EXPECT_FALSE(decode_mapping(text, 4)) << text;
    }
}

TEST(Mapping, OfAnyPlacementIsReadAsItWasWritten) {
    std::mt19937 random(4711);  // NOLINT: the same each time
    for (int round = 0; round < 5000; ++round) {
        const auto nodes = 1 + random() % 9;
        std::vector<std::string> names;
        for (auto left = 1 + random() % 60; left > 0;) {
            const auto node = std::to_string(random() % nodes);
            for (auto here = std::min(left, 1 + random() % 5); here > 0; --here, --left) {
                names.push_back(node);
            }
        }
        const auto mapping = mapping_of(names);
        ASSERT_EQ(again(mapping), mapping) << encode_mapping(mapping);
    }
}

TEST(Mapping, BySlotIsShortHoweverManyRanks) {
    Mapping mapping;
    for (std::uint32_t rank = 0; rank < 100'000; ++rank) {
        mapping.push_back(rank / 50);
    }
    EXPECT_EQ(encode_mapping(mapping), "(vector,(0,2000,50))");
    EXPECT_EQ(again(mapping), mapping);
}

}  // namespace
}  // namespace mpi_podman::pmi
