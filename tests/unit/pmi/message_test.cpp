#include "pmi/message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "unit/pmi/framed.hpp"

namespace mpi_podman::pmi {
namespace {

using test::pmi2;
using testing::ElementsAre;
using testing::Pair;

Reader reader_of(Dialect dialect, std::string_view bytes) {
    Reader reader;
    reader.speak(dialect);
    reader.add(bytes);
    return reader;
}

/// The one message that these bytes are.
Message read(Dialect dialect, std::string_view bytes) {
    auto reader = reader_of(dialect, bytes);
    auto message = reader.next();
    EXPECT_TRUE(message) << bytes;
    EXPECT_FALSE(reader.next()) << bytes;
    EXPECT_FALSE(reader.is_lost()) << bytes;
    return message.value_or(Message{});
}

TEST(Message, FindsTheFirstWordOfAName) {
    const auto message = Message{"put", {}}.with("key", "a").with("key", "b").with("empty", "");
    EXPECT_EQ(message.find("key"), "a");
    EXPECT_EQ(message.find("empty"), "");
    EXPECT_EQ(message.find("value"), std::nullopt);
    EXPECT_EQ(message.get("value"), "");
}

TEST(Pmi1, IsALineOfWords) {
    const auto message = read(Dialect::pmi1, "cmd=put kvsname=kvs_1 key=K value=V=1\n");
    EXPECT_EQ(message.command, "put");
    EXPECT_THAT(message.words, ElementsAre(Pair("kvsname", "kvs_1"), Pair("key", "K"), Pair("value", "V=1")));
}

TEST(Pmi1, AWordWithoutANameGoesOnWithTheOneBefore) {
    EXPECT_EQ(read(Dialect::pmi1, "cmd=abort message=out of memory exitcode=3\n").get("message"),
              "out of memory");
    EXPECT_EQ(read(Dialect::pmi1, "cmd=put value=a =b\n").get("value"), "a =b");
}

TEST(Pmi1, IsAWordALineAfterMcmd) {
    const auto message = read(Dialect::pmi1, "mcmd=spawn\nnprocs=2\narg1=a b=c\nendcmd\n");
    EXPECT_EQ(message.command, "spawn");
    EXPECT_THAT(message.words, ElementsAre(Pair("nprocs", "2"), Pair("arg1", "a b=c")));
}

TEST(Pmi1, HasNoCommandWhereItIsNoMessage) {
    for (const char* line :
         {"\n", " \n", "garbage\n", "=\n", "=x\n", "key=K cmd=put\n", "CMD=put\n", "\r\n"}) {
        EXPECT_EQ(read(Dialect::pmi1, line).command, "") << line;
    }
}

TEST(Pmi2, HasItsLengthInFront) {
    const auto message = read(Dialect::pmi2, "    26cmd=kvs-put;key=K;value=V;");
    EXPECT_EQ(message.command, "kvs-put");
    EXPECT_THAT(message.words, ElementsAre(Pair("key", "K"), Pair("value", "V")));
}

TEST(Pmi2, HasBlanksBeforeTheLengthOrBehindItAsClientsWriteIt) {
    for (const char* header : {"13    ", "    13", "  13  ", "000013"}) {
        EXPECT_EQ(read(Dialect::pmi2, std::string(header) + "cmd=finalize;").command, "finalize") << header;
    }
}

TEST(Pmi2, ASemicolonInAValueIsTwo) {
    EXPECT_EQ(read(Dialect::pmi2, pmi2("cmd=kvs-put;value=a;;b;;;;c;")).get("value"), "a;b;;c");
    const auto message = read(Dialect::pmi2, pmi2("cmd=kvs-put;value=a;;;key=K;"));
    EXPECT_EQ(message.get("value"), "a;");
    EXPECT_EQ(message.get("key"), "K");
}

TEST(Pmi2, TheLastWordNeedsNoEnd) {
    EXPECT_EQ(read(Dialect::pmi2, pmi2("cmd=kvs-get;key=K")).get("key"), "K");
}

TEST(Pmi2, HasNoCommandWhereItIsNoMessage) {
    for (const char* body : {"", ";", ";;", "garbage", "key=K;cmd=put;"}) {
        EXPECT_EQ(read(Dialect::pmi2, pmi2(body)).command, "") << body;
    }
}

TEST(Encoded, IsWhatWasMeant) {
    const auto message = Message{"get_result", {}}.with("rc", "0").with("value", "a;b");
    EXPECT_EQ(encode(message, Dialect::pmi1), "cmd=get_result rc=0 value=a;b\n");
    EXPECT_EQ(encode(message, Dialect::pmi2), "    31cmd=get_result;rc=0;value=a;;b;");
    EXPECT_EQ(encode({"init", {}}, Dialect::pmi1), "cmd=init\n");
}

TEST(Encoded, IsOneMessageWhateverAValueHolds) {
    const std::string any("a\nb\0cmd=abort\n;;x;", 18);
    const auto message = Message{"put", {}}.with("value", any).with("key", "K");
    EXPECT_EQ(read(Dialect::pmi2, encode(message, Dialect::pmi2)), message);
    EXPECT_EQ(encode(message, Dialect::pmi1), "cmd=put value=a b cmd=abort ;;x; key=K\n");
}

TEST(Encoded, IsOneMessageWhateverTheCommandHolds) {
    const Message message{std::string("x;rc=0;\n\0y", 10), {{"rc", "1"}}};
    EXPECT_EQ(read(Dialect::pmi2, encode(message, Dialect::pmi2)), message);
    EXPECT_EQ(encode(message, Dialect::pmi1), "cmd=x;rc=0;__y rc=1\n");
}

/// Whatever a reader gives and leaves of these bytes, taken in pieces of this size.
struct Heard {
    std::vector<Message> messages;
    bool lost = false;
    bool operator==(const Heard&) const = default;
};

Heard hear(Dialect dialect, std::string_view bytes, std::size_t piece) {
    Reader reader;
    reader.speak(dialect);
    Heard heard;
    while (!bytes.empty()) {
        reader.add(bytes.substr(0, piece));
        bytes.remove_prefix(std::min(piece, bytes.size()));
        while (auto message = reader.next()) {
            heard.messages.push_back(std::move(*message));
        }
    }
    heard.lost = reader.is_lost();
    return heard;
}

TEST(Reader, TakesBytesAsTheyCome) {
    const std::string lines =
        "cmd=init pmi_version=1 pmi_subversion=1\nmcmd=spawn\narg1=endcmd\nendcmd\ncmd=finalize\n";
    const std::string framed = pmi2("cmd=fullinit;pmirank=0;") + pmi2("cmd=kvs-put;value=;;;") + pmi2("");
    for (std::size_t piece = 1; piece <= lines.size(); ++piece) {
        EXPECT_EQ(hear(Dialect::pmi1, lines, piece), hear(Dialect::pmi1, lines, lines.size())) << piece;
        EXPECT_EQ(hear(Dialect::pmi2, framed, piece), hear(Dialect::pmi2, framed, framed.size())) << piece;
    }
    EXPECT_EQ(hear(Dialect::pmi1, lines, 1).messages.size(), 3U);
    EXPECT_EQ(hear(Dialect::pmi2, framed, 1).messages.size(), 3U);
}

TEST(Reader, ChangesItsDialectBetweenTwoMessages) {
    Reader reader;
    reader.add("cmd=init pmi_version=2\n    13cmd=finalize;");
    EXPECT_EQ(reader.next().value_or(Message{}).command, "init");
    reader.speak(Dialect::pmi2);
    EXPECT_EQ(reader.next().value_or(Message{}).command, "finalize");
}

TEST(Reader, IsLostWithoutALength) {
    for (const char* header :
         {"cmd=ki", "  1 3 ", "      ", "    -1", "    +1", "0x0010", " 65537", "999999"}) {
        auto reader = reader_of(Dialect::pmi2, std::string(header) + "cmd=finalize;");
        EXPECT_EQ(reader.next(), std::nullopt) << header;
        EXPECT_TRUE(reader.is_lost()) << header;
        reader.add(pmi2("cmd=finalize;"));
        EXPECT_EQ(reader.next(), std::nullopt) << header;
    }
}

TEST(Reader, TakesTheLongestMessageAndIsLostInALongerOneHoweverItComes) {
    const std::string begin = "cmd=put value=";
    const std::string many = "mcmd=spawn\narg=";
    for (const std::size_t more : {0U, 1U, 100'000U}) {
        const auto line = begin + std::string(max_message - begin.size() - 1 + more, 'x') + "\n";
        const auto lines = many + std::string(max_message - many.size() - 8 + more, 'x') + "\nendcmd\n";
        const auto body = begin + std::string(max_message - 6 - begin.size() + more, 'x');
        const auto framed = test::pmi2(body);
        for (const std::size_t piece : {1000UL, 4096UL, 1UL << 20U}) {
            EXPECT_EQ(hear(Dialect::pmi1, line, piece).lost, more > 0) << more << " in " << piece;
            EXPECT_EQ(hear(Dialect::pmi1, lines, piece).lost, more > 0) << more << " in " << piece;
            EXPECT_EQ(hear(Dialect::pmi1, line, piece).messages.size(), more > 0 ? 0U : 1U);
            EXPECT_EQ(hear(Dialect::pmi1, lines, piece).messages.size(), more > 0 ? 0U : 1U);
            EXPECT_EQ(hear(Dialect::pmi2, framed, piece).lost, more > 0);
        }
    }
}

TEST(Reader, OfAnyBytesHearsTheSameHoweverTheyCome) {
    std::mt19937 random(4711);  // NOLINT: the same each time
    const std::string letters("cmd=\n ;mendfilz0123456789=\0", 27);
    for (int round = 0; round < 20'000; ++round) {
        std::string bytes = round % 2 == 0 ? "mcmd=" : "    12";
        for (auto left = random() % 40; left > 0; --left) {
            bytes += letters[random() % letters.size()];
        }
        const auto dialect = round % 2 == 0 ? Dialect::pmi1 : Dialect::pmi2;
        ASSERT_EQ(hear(dialect, bytes, 1 + random() % 7), hear(dialect, bytes, bytes.size())) << bytes;
    }
}

TEST(NumberOf, IsWhatATextBeginsWith) {
    EXPECT_EQ(number_of<int>("-7 ranks"), -7);
    EXPECT_EQ(number_of<std::uint32_t>("4294967295"), 4294967295U);
}

TEST(NumberOf, IsTheOtherWhereThereIsNoneOrItDoesNotFit) {
    EXPECT_EQ(number_of<int>("", 3), 3);
    EXPECT_EQ(number_of<int>("none", 3), 3);
    EXPECT_EQ(number_of<std::uint32_t>("-1"), 0U);
    EXPECT_EQ(number_of<std::uint32_t>("4294967296", 5), 5U);
}

}  // namespace
}  // namespace mpi_podman::pmi
