#include "distribute/store_facts.hpp"

#include <gmock/gmock.h>

#include "unit/distribute/samples.hpp"

namespace mpi_podman {
namespace {

using test::digest;
using testing::ElementsAre;
using testing::IsEmpty;

/// One image of `podman image inspect`.
std::string inspected(const std::string& id, const std::string& names, const std::string& layers) {
    return R"({"Id": ")" + id + R"(", "RepoTags": )" + names +
           R"(, "RootFS": {"Type": "layers", "Layers": [)" + layers + "]}}";
}

std::string layer(char digit) { return "\"sha256:" + digest(digit) + "\""; }

ImageIdentity image() {
    return {digest('a'), "localhost/img:latest", {digest('1'), digest('2'), digest('2')}};
}

TEST(ImageIdentity, HasTheNameThatWasMeant) {
    const auto text = "[" +
                      inspected(digest('a'), R"(["localhost/other:1", "docker.io/library/img:latest"])",
                                layer('1') + "," + layer('2')) +
                      "]";
    for (const auto* typed : {"img", "img:latest", "library/img", "docker.io/library/img:latest"}) {
        const auto found = image_identity_from(text, typed);
        ASSERT_TRUE(found);
        EXPECT_EQ(found->id, digest('a'));
        EXPECT_EQ(found->name, "docker.io/library/img:latest") << typed;
        EXPECT_THAT(found->layers, ElementsAre(digest('1'), digest('2')));
    }
    const auto of_docker = "[" + inspected(digest('a'), R"(["docker.io/library/ubuntu:latest"])", "") + "]";
    EXPECT_EQ(image_identity_from(of_docker, "docker.io/ubuntu")->name, "docker.io/library/ubuntu:latest");
    EXPECT_EQ(image_identity_from(text, "other:1")->name, "localhost/other:1");
    EXPECT_EQ(image_identity_from(text, "aaaaaaaa")->name, digest('a')) << "asked for by its id";
    EXPECT_EQ(image_identity_from("[" + inspected(digest('a'), "null", "") + "]", "aaaa")->name, digest('a'));
    EXPECT_EQ(image_identity_from("[]", "img"), std::nullopt);
    EXPECT_EQ(image_identity_from("Error: no such image", "img"), std::nullopt);
}

TEST(StoreFactsByImages, AreTheLayersThatNoImageHas) {
    const auto facts =
        store_facts_by("[" + inspected(digest('b'), "[]", layer('1') + "," + layer('3')) + "]", image());
    EXPECT_FALSE(facts.has_image);
    EXPECT_THAT(facts.missing, ElementsAre(digest('2'))) << "each once";
    EXPECT_THAT(store_facts_by("[]", image()).missing, ElementsAre(digest('1'), digest('2')));
    EXPECT_THAT(store_facts_by("Error: it is damaged", image()).missing,
                ElementsAre(digest('1'), digest('2')));
}

TEST(StoreFactsByImages, OneThatIsDescribedOtherwiseHidesNoOther) {
    const auto whole = inspected(digest('b'), "[]", layer('1'));
    for (const auto* other : {"7", "[]", "{}", R"({"Id": 7})", R"({"Id": "a", "RootFS": {"Layers": 7}})",
                              R"({"Id": "a", "RootFS": 7, "RepoTags": [7]})"}) {
        const auto facts = store_facts_by(std::string("[") + other + "," + whole + "]", image());
        EXPECT_THAT(facts.missing, ElementsAre(digest('2'))) << other;
        EXPECT_EQ(image_identity_from(std::string("[") + other + "]", "img"), std::nullopt) << other;
    }
}

TEST(StoreFactsByImages, TellWhetherTheNameLeadsToIt) {
    const auto with = [](const std::string& names) {
        return store_facts_by("[" + inspected(digest('a'), names, layer('1')) + "]", image());
    };
    EXPECT_TRUE(with(R"(["localhost/img:latest"])").is_named);
    for (const auto* names : {"null", "[]", R"(["localhost/img:1"])"}) {
        EXPECT_TRUE(with(names).has_image);
        EXPECT_FALSE(with(names).is_named);
        EXPECT_THAT(with(names).missing, IsEmpty());
    }
    auto nameless = image();
    nameless.name = nameless.id;
    EXPECT_TRUE(store_facts_by("[" + inspected(digest('a'), "[]", "") + "]", nameless).is_named);
}

TEST(StoreFactsLine, IsReadBack) {
    auto facts = test::node_without("node1", {digest('1')});
    facts.has_staging = true;
    facts.problem = "it's \"full\"\n";
    EXPECT_EQ(store_facts_from(line_of(facts)), facts);
    EXPECT_EQ(store_facts_from("mpi-podman: node1: no"), std::nullopt);
    EXPECT_EQ(store_facts_from("{}"), std::nullopt);
}

}  // namespace
}  // namespace mpi_podman
