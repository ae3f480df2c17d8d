#include "run/bring_image.hpp"

#include <functional>
#include <string>

namespace mpi_podman {

Result<ImageFacts> bring_image(const Options& options, const JobDirectory& directory) {
    // Two images of one job are two questions.
    const auto name =
        "image-" + std::to_string(std::hash<std::string>{}(options.image + '\n' + options.podman));
    const auto find_out = [&] {
        if (options.pull == Pull::newer) {
            directory.note_rank_container(options.podman, container_of_pull());
        }
        return to_json(prepare_image(options));
    };
    return directory.once(name, find_out).and_then([](const std::string& text) { return from_json(text); });
}

}  // namespace mpi_podman
