#include "run/bring_image.hpp"

#include <fcntl.h>

#include "run/member_notes.hpp"
#include "unit/fake_podman.hpp"
#include "unit/run/job_directory_fixture.hpp"

namespace mpi_podman {
namespace {

class BringImage : public test::JobDirectoryTest {
protected:
    BringImage() {
        options.image = "ring";
        options.podman = podman.path();
    }
    [[nodiscard]] MemberNotes noted() const {
        return notes_in(Fd(::open((job() + "/" + members_file).c_str(), O_RDONLY | O_CLOEXEC)));
    }

    test::FakePodman podman{home};
    Options options;
};

TEST_F(BringImage, AsksPodmanOnceForAllRanks) {
    const auto first = rank(2);
    const auto second = rank(2);
    EXPECT_EQ(bring_image(options, first)->id, "0123abcd");
    EXPECT_EQ(bring_image(options, second)->id, "0123abcd");
    EXPECT_EQ(podman.calls().size(), 2U) << "--version, image inspect";
    EXPECT_TRUE(noted().of_ranks.empty());
}

TEST_F(BringImage, TellsTheJanitorOfTheContainerThatPodmanMakesToPull) {
    const auto only = rank(1);
    options.pull = Pull::newer;
    ASSERT_TRUE(bring_image(options, only));
    EXPECT_EQ(noted().of_ranks,
              (std::vector<std::pair<std::string, std::string>>{{options.podman, container_of_pull()}}));
}

}  // namespace
}  // namespace mpi_podman
