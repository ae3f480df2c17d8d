#include "distribute/words.hpp"

#include <gmock/gmock.h>

#include "unit/distribute/samples.hpp"

namespace mpi_podman {
namespace {

using test::digest;
using testing::ElementsAre;

Common common() {
    return {{digest('a'), "localhost/img:latest", {digest('1'), digest('2')}},
            {{"distribute", {}},
             {"hostfile", "hf"},
             {"pull", "always"},
             {"env", "TOKEN=secret"},
             {"podman", "/opt/podman"}}};
}

/// What the other mpi-podman makes of these words.
Options read(const std::vector<std::string>& words) {
    const auto options = parse_options(words);
    EXPECT_TRUE(options) << options.error().message;
    return options.value_or(Options{});
}

TEST(WordsOfADistribution, AreTheTypedOnesThatConcernANode) {
    EXPECT_THAT(words_to_ask(common()),
                ElementsAre("--distribute=node", "--podman=/opt/podman", "--", "localhost/img:latest",
                            digest('a'), digest('1'), digest('2')));
}

TEST(WordsOfADistribution, AreReadBack) {
    const auto asked = read(words_to_ask(common()));
    EXPECT_EQ(asked.distribute_as, DistributeAs::node);
    EXPECT_EQ(image_asked_for(asked), common().image);
    const auto without_layers = ImageIdentity{digest('a'), "localhost/img:latest", {}};
    EXPECT_EQ(image_asked_for(read(words_to_finish(common()))), without_layers);
    const auto receiving = read(words_to_receive(common(), "/my store"));
    EXPECT_EQ(receiving.distribute_as, DistributeAs::receive);
    EXPECT_EQ(image_asked_for(receiving), without_layers);
    EXPECT_EQ(graphroot_asked_for(receiving), "/my store");
    const Errand errand{"/here", "me@node2", "/there", {digest('2')}};
    const auto sending = read(words_to_send(common(), errand));
    EXPECT_EQ(sending.distribute_as, DistributeAs::send);
    EXPECT_EQ(image_asked_for(sending), without_layers);
    EXPECT_EQ(errand_asked_for(sending), errand);
}

TEST(WordsOfADistribution, AreRefusedWhereTheyNameFilesByAnythingButDigests) {
    Options typed;
    typed.distribute_as = DistributeAs::node;
    EXPECT_EQ(image_asked_for(typed).error().status, Status::usage);
    for (const auto& command :
         std::vector<std::vector<std::string>>{{"../.."},
                                               {digest('a'), "x"},
                                               {digest('a'), "relative"},
                                               {digest('a'), "/here", "node2", "/there", "x"}}) {
        typed.command = command;
        EXPECT_FALSE(image_asked_for(typed) && graphroot_asked_for(typed) && errand_asked_for(typed));
    }
}

}  // namespace
}  // namespace mpi_podman
