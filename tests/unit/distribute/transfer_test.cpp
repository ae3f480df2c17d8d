#include "distribute/transfer.hpp"

#include <gmock/gmock.h>

#include "distribute/send.hpp"
#include "unit/distribute/samples.hpp"

namespace mpi_podman {
namespace {

using test::digest;
using testing::ElementsAre;
using testing::IsEmpty;
using What = Progress::What;

std::string descriptor(char digit, int size) {
    return R"({"digest": "sha256:)" + digest(digit) + R"(", "size": )" + std::to_string(size) + "}";
}

std::string manifest(const std::string& layers) {
    return R"({"schemaVersion": 2, "config": )" + descriptor('a', 7) + R"(, "layers": [)" + layers + "]}";
}

TEST(BlobsOfAManifest, AreTheConfigurationAndEachLayerOnce) {
    EXPECT_THAT(
        blobs_in(manifest(descriptor('1', 10) + "," + descriptor('2', 20) + "," + descriptor('1', 10))),
        ElementsAre(Blob{digest('a'), 7, false}, Blob{digest('1'), 10, true}, Blob{digest('2'), 20, true}));
    EXPECT_THAT(blobs_in(manifest(R"({"digest": "sha256:../../etc/passwd", "size": 1})")), IsEmpty());
    EXPECT_THAT(blobs_in("{}"), IsEmpty());
    EXPECT_THAT(blobs_in(""), IsEmpty());
}

TEST(BlobsForANode, AreTheConfigurationAndTheLayersThatItLacks) {
    const auto all = blobs_in(manifest(descriptor('1', 10) + "," + descriptor('2', 20)));
    EXPECT_THAT(blobs_for(all, {digest('2')}), ElementsAre(all[0], all[2]));
    EXPECT_THAT(blobs_for(all, {}), ElementsAre(all[0]));
}

TEST(OfferAndWants, AreReadBack) {
    const Offer offer{"{\n}", {{digest('a'), 7, false}, {digest('1'), std::uint64_t{1} << 40U, true}}, true};
    EXPECT_EQ(offer_from(line_of(offer)), offer);
    const Wants wants{{{digest('1'), 5}}, true};
    EXPECT_EQ(wants_from(line_of(wants)), wants);
}

TEST(OfferAndWants, NameNoFileByAnythingButADigest) {
    EXPECT_EQ(offer_from(line_of(Offer{"", {{"../x", 1, true}}, false})), std::nullopt);
    EXPECT_EQ(wants_from(line_of(Wants{{{digest('A'), 0}}, false})), std::nullopt);
    EXPECT_EQ(wants_from("alive"), std::nullopt);
    EXPECT_EQ(wants_from("{}"), std::nullopt);
}

TEST(ProgressLine, IsReadBack) {
    for (const auto& progress :
         {Progress{What::alive, 0, 0, {}}, Progress{What::wants, 61'000'000, 3, {}},
          Progress{What::at, 5, 0, {}}, Progress{What::whole, 0, 0, {}}, Progress{What::done, 0, 0, {}},
          Progress{What::broken, 0, 0, "ssh: no route"}, Progress{What::refused, 0, 0, "no space left"},
          Progress{What::unreachable, 0, 0, "x"}}) {
        EXPECT_EQ(progress_from(line_of(progress)), progress) << line_of(progress);
    }
    EXPECT_EQ(line_of(Progress{What::broken, 0, 0, "two\nlines"}), "broken two lines\n");
    for (const auto* other : {"", "welcome to node2", "at", "at x", "wants 1"}) {
        EXPECT_EQ(progress_from(other), std::nullopt) << other;
    }
}

}  // namespace
}  // namespace mpi_podman
