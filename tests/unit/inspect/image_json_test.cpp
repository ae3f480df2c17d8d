#include <gtest/gtest.h>

#include "inspect/image.hpp"

namespace mpi_podman {
namespace {

using Words = std::vector<std::string>;

TEST(ImageFactsFromJson, TakesWhatDecides) {
    // podman image inspect (4.3.1), shortened.
    const auto facts = image_facts_from(R"([{
        "Id": "9f1e", "Digest": "sha256:00", "RepoTags": ["localhost/ring:latest"], "Parent": "",
        "Config": {"User": "me", "ExposedPorts": {"80/tcp": {}}, "WorkingDir": "/work dir",
                   "Env": ["PATH=/usr/bin", "EMPTY=", "TWO=a=b"],
                   "Entrypoint": ["/entry", "--flag"], "Cmd": ["sh", "-c", "x"], "Labels": null},
        "GraphDriver": {"Name": "overlay",
                        "Data": {"LowerDir": "/s/l2/diff:/s/l3/diff", "UpperDir": "/s/l1/diff", "WorkDir": "/x"}},
        "RootFS": {"Type": "layers", "Layers": ["sha256:aa"]}, "Size": 12345678901
    }])");
    ASSERT_TRUE(facts) << facts.error().message;
    ImageFacts expected;
    expected.id = "9f1e";
    expected.entrypoint = {"/entry", "--flag"};
    expected.command = {"sh", "-c", "x"};
    expected.environment = {"PATH=/usr/bin", "EMPTY=", "TWO=a=b"};
    expected.workdir = "/work dir";
    expected.layers = {"/s/l1/diff", "/s/l2/diff", "/s/l3/diff"};
    EXPECT_EQ(*facts, expected);
}

TEST(ImageFactsFromJson, TakesNullAndAbsentForEmpty) {
    ImageFacts expected;
    expected.id = "9f1e";
    expected.workdir = "/";
    for (const char* text :
         {R"([{"Id": "9f1e"}])", R"([{"Id": "9f1e", "Config": {}}])",
          R"([{"Id": "9f1e", "Config": {"Entrypoint": null, "Cmd": null, "Env": null, "WorkingDir": null}}])",
          R"([{"Id": "9f1e", "Config": {"Entrypoint": [], "WorkingDir": ""},
               "GraphDriver": {"Name": "overlay", "Data": {"UpperDir": null, "LowerDir": ""}}}])"}) {
        const auto facts = image_facts_from(text);
        ASSERT_TRUE(facts) << text << facts.error().message;
        EXPECT_EQ(*facts, expected) << text;
    }
}

TEST(ImageFactsFromJson, TakesNullForAWholeSection) {
    const auto facts = image_facts_from(R"([{"Id": "9f1e", "Config": null, "GraphDriver": null}])");
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_EQ(facts->id, "9f1e");
    EXPECT_EQ(facts->workdir, "/");
}

TEST(ImageFactsFromJson, KnowsLayersOfTheOverlayDriverOnly) {
    const auto vfs =
        image_facts_from(R"([{"Id": "1", "GraphDriver": {"Name": "vfs", "Data": {"UpperDir": "/a"}}}])");
    EXPECT_EQ(vfs->layers, Words{});
    const auto single =
        image_facts_from(R"([{"Id": "1", "GraphDriver": {"Name": "overlay", "Data": {"UpperDir": "/a"}}}])");
    EXPECT_EQ(single->layers, Words{"/a"});
}

TEST(ImageFactsFromJson, FailsOnAnythingElse) {
    for (const char* text : {"", "[]", "{}", "null", "[", "[{]", "Error: no such image", "[1]", "[null]",
                             "[[]]", "\"text\"", R"([{"Id": 5}])", R"([{"Id": "1", "Config": {"Env": "x"}}])",
                             R"([{"Id": "1", "Config": {"Cmd": [1]}}])", "[{\"Id\": \"\xff\"}]"}) {
        const auto facts = image_facts_from(text);
        ASSERT_FALSE(facts) << text;
        EXPECT_EQ(facts.error().status, Status::ours) << text;
        EXPECT_TRUE(facts.error().message.starts_with("podman image inspect gave no readable answer: "))
            << text;
    }
}

}  // namespace
}  // namespace mpi_podman
