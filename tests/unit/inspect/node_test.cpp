#include "inspect/node.hpp"

#include <gtest/gtest.h>

#include "unit/fake_podman.hpp"

namespace mpi_podman {
namespace {

using Words = std::vector<std::string>;

TEST(PodmanVersion, IsEnoughFrom43On) {
    for (const char* printed :
         {"podman version 4.3.0\n", "podman version 4.3.1", "podman version 4.10.2", "podman version 5.0.0\n",
          "podman version 10.0.0", "podman version 5.4.2-dev", "podman-remote version 4.3.1"}) {
        EXPECT_TRUE(check_podman_version(printed)) << printed;
    }
}

TEST(PodmanVersion, IsRefusedBelowAndWhereUnreadable) {
    for (const char* printed : {"podman version 4.2.9\n", "podman version 3.4.4\n", "podman version 4",
                                "podman version 0.9.9", "", "\n", "docker", "podman version x.y"}) {
        const auto checked = check_podman_version(printed);
        ASSERT_FALSE(checked) << printed;
        EXPECT_EQ(checked.error().status, Status::ours);
        EXPECT_EQ(checked.error().hint, "install podman 4.3 or newer, or give --podman PATH");
    }
    EXPECT_EQ(check_podman_version("podman version 3.4.4\n").error().message,
              "this podman is too old or unreadable: 'podman version 3.4.4'");
}

ImageFacts full_facts() {
    ImageFacts facts;
    facts.id = "9f1e";
    facts.entrypoint = {"/entry", ""};
    facts.command = {"sh", "-c", "echo \"$x\"\n"};
    facts.environment = {"A=\xc3\xa9\x01", "EMPTY="};
    facts.workdir = "/work";
    facts.layers = {"/a:b", "/c"};
    facts.mpi = {"/usr/lib/libmpi.so.40", "/usr/lib/libmpich.so.12"};
    return facts;
}

TEST(FactsAsJson, ComeBackAsTheyWere) {
    const auto back = from_json(to_json(full_facts()));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, full_facts());
    EXPECT_EQ(*from_json(to_json(ImageFacts{})), ImageFacts{});
}

TEST(FactsAsJson, CarryFailuresToo) {
    for (const auto status : {Status::ours, Status::usage, Status::not_found}) {
        const Error error{status, "what \"happened\"\tto it", "what to do"};
        const auto back = from_json(to_json(failure(error)));
        ASSERT_FALSE(back);
        EXPECT_EQ(back.error(), error);
    }
}

TEST(FactsAsJson, CarryFailuresWhoseWordsAreNotUtf8) {
    const auto back = from_json(to_json(failure(Status::ours, "bad \xff byte", "hint")));
    ASSERT_FALSE(back);
    EXPECT_EQ(back.error().message, "bad \xef\xbf\xbd byte");
}

TEST(FactsAsJson, AFailureStaysOneWhateverItsStatus) {
    for (const auto* status : {"0", "1", "256", "-1"}) {
        const auto back =
            from_json(std::string(R"({"message": "m", "hint": "h", "status": )") + status + "}");
        ASSERT_FALSE(back) << status;
        EXPECT_EQ(back.error(), (Error{Status::ours, "m", "h"})) << status;
    }
}

TEST(FactsAsJson, AreRefusedWhereUnreadable) {
    const auto whole = to_json(full_facts());
    for (const auto& text : {std::string{}, std::string("{}"), std::string("[]"), std::string("null"),
                             std::string("{\"message\":1}"), whole.substr(0, whole.size() / 2)}) {
        const auto facts = from_json(text);
        ASSERT_FALSE(facts) << text;
        EXPECT_EQ(facts.error().status, Status::ours) << text;
        EXPECT_NE(facts.error().message.find("unreadable"), std::string::npos) << facts.error().message;
    }
}

class Image : public testing::Test {
protected:
    Image() {
        options.image = "ring";
        options.podman = podman.path();
    }
    /// Lets the image be there once a file `pulled` is, which `pull` and `create` make.
    void only_after_pull() const {
        podman.on("inspect", "test -e " + home / "pulled" +
                                 " || { echo 'Error: inspecting object: ring: image not known' >&2; "
                                 "exit 125; }; echo '[{\"Id\": \"pulled\"}]'");
        podman.on("pull", "touch " + home / "pulled");
        podman.on("create", "touch " + home / "pulled");
    }
    test::TemporaryDirectory home;
    test::FakePodman podman{home};
    Options options;
};

TEST_F(Image, ThatIsHereIsNotPulled) {
    const auto facts = prepare_image(options);
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_EQ(facts->id, "0123abcd");
    EXPECT_EQ(facts->workdir, "/srv");
    EXPECT_EQ(podman.calls(), (Words{"--version", "image inspect ring"}));
}

TEST_F(Image, ThatIsMissingIsPulledOnce) {
    only_after_pull();
    const auto facts = prepare_image(options);
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_EQ(facts->id, "pulled");
    EXPECT_EQ(podman.calls(),
              (Words{"--version", "image inspect ring", "pull --quiet ring", "image inspect ring"}));
}

TEST_F(Image, IsNeverPulledUnderThatPolicy) {
    only_after_pull();
    options.pull = Pull::never;
    const auto facts = prepare_image(options);
    ASSERT_FALSE(facts);
    EXPECT_EQ(facts.error().status, Status::ours);
    EXPECT_EQ(facts.error().message, "image ring is not on this node, and --pull=never did not bring it");
    EXPECT_EQ(podman.calls(), (Words{"--version", "image inspect ring"}));
}

TEST_F(Image, IsAlwaysPulledUnderThatPolicy) {
    options.pull = Pull::always;
    EXPECT_TRUE(prepare_image(options));
    EXPECT_EQ(podman.calls(), (Words{"--version", "pull --quiet ring", "image inspect ring"}));
}

TEST_F(Image, IsPulledWhereNewerAndNoContainerStays) {
    only_after_pull();
    options.pull = Pull::newer;
    EXPECT_EQ(prepare_image(options)->id, "pulled");
    const auto name = "mpi-podman-pull-" + std::to_string(::getpid());
    EXPECT_EQ(podman.calls(), (Words{"--version", "create --pull=newer --quiet --name " + name + " ring true",
                                     "rm --force " + name, "image inspect ring"}));
}

TEST_F(Image, ThatCannotBePulledIsNamedWithPodmansReason) {
    only_after_pull();
    podman.on(
        "pull",
        "echo Trying to pull ring... >&2; echo 'Error: short-name \"ring\" did not resolve' >&2; exit 125");
    const auto facts = prepare_image(options);
    ASSERT_FALSE(facts);
    EXPECT_EQ(facts.error().message,
              "image ring is not here and cannot be pulled: short-name \"ring\" did not resolve");
    EXPECT_NE(facts.error().hint.find("podman pull ring"), std::string::npos) << facts.error().hint;
}

TEST_F(Image, ThatPodmanCannotLookAtIsNoReasonToPull) {
    podman.on("inspect", "echo 'Error: open /x/overlay-images: permission denied' >&2; exit 125");
    const auto facts = prepare_image(options);
    ASSERT_FALSE(facts);
    EXPECT_EQ(facts.error().message,
              "podman cannot look at image ring: open /x/overlay-images: permission denied");
    EXPECT_EQ(podman.calls(), (Words{"--version", "image inspect ring"}));
}

TEST_F(Image, IsNotAskedForWhereThePodmanIsTooOldOrFails) {
    podman.on("version", "echo podman version 3.0.1");
    EXPECT_EQ(prepare_image(options).error().message,
              "this podman is too old or unreadable: 'podman version 3.0.1'");
    podman.on("version", "echo 'cannot re-exec process' >&2; exit 1");
    EXPECT_EQ(prepare_image(options).error().message,
              podman.path() + " --version failed: cannot re-exec process");
    EXPECT_EQ(podman.calls(), (Words{"--version", "--version"}));
}

TEST_F(Image, IsOnlyLookedAtForADryRun) {
    only_after_pull();
    options.pull = Pull::always;
    const auto facts = look_at_image(options);
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->id, "");
    EXPECT_EQ(podman.calls(), (Words{"--version", "image inspect ring"}));
}

}  // namespace
}  // namespace mpi_podman
