#include "pmi/base64.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace mpi_podman::pmi {
namespace {

std::string decoded(std::string_view text) { return from_base64(text).value_or("refused"); }

TEST(Base64, IsThatOfTheRfc) {
    // RFC 4648, section 10, without the padding.
    const std::pair<const char*, const char*> vectors[] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : vectors) {
        EXPECT_EQ(to_base64(bytes), text);
        EXPECT_EQ(decoded(text), bytes);
    }
}

TEST(Base64, IsWrittenInTheLettersOfUrls) {
    EXPECT_EQ(to_base64("\xfb\xff\xbf"), "-_-_");
    EXPECT_EQ(decoded("-_-_"), "\xfb\xff\xbf");
}

TEST(Base64, CarriesAllBytesInAnyNumber) {
    std::string bytes;
    for (int value = 0; value < 1000; ++value) {
        const auto text = to_base64(bytes);
        EXPECT_EQ(decoded(text), bytes);
        EXPECT_EQ(text.find_first_of("=+/ \n"), std::string::npos);
        bytes += static_cast<char>(value * 7);
    }
}

TEST(Base64, WithAnotherLetterIsRefused) {
    for (const char* text : {"Zg==", "Zm9v\n", "Zm 9v", "+/+/", "Zm9v.", "Z\xc3\xa9", "Zm9vYg="}) {
        EXPECT_FALSE(from_base64(text)) << text;
    }
    EXPECT_FALSE(from_base64(std::string_view("Zm9\0", 4)));
}

TEST(Base64, CutOffIsRefused) {
    for (const char* text : {"Z", "Zm9vY", "Zm9vYmFyQ"}) {
        EXPECT_FALSE(from_base64(text)) << text << ": of a length that no bytes have";
    }
    for (const char* text : {"Zm", "Zm9", "Zm9vYm", "Zm9vYmF"}) {
        EXPECT_FALSE(from_base64(text)) << text << ": bits of a byte that did not come";
    }
}

}  // namespace
}  // namespace mpi_podman::pmi
