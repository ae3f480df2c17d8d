#include "distribute/stage.hpp"

#include <algorithm>
#include <filesystem>

#include "distribute/page.hpp"
#include "distribute/send.hpp"
#include "distribute/watched.hpp"
#include "inspect/node.hpp"

namespace mpi_podman {
namespace {

namespace fs = std::filesystem;

/// All of them, where what lies there is whole.
std::vector<Blob> blobs_staged(const Staging& staging, const std::set<std::string>& needed) {
    auto blobs = blobs_in(read_file(staging.path() + "/manifest.json").value_or(""));
    const bool whole = std::ranges::all_of(blobs, [&](const Blob& blob) {
        std::error_code missing;
        return (blob.is_layer && !needed.contains(blob.digest)) ||
               fs::file_size(staging.path() + "/" + blob.digest, missing) == blob.bytes;
    });
    return whole ? blobs : std::vector<Blob>{};
}

/// `podman push` to dir: keeps the form of the manifest and the configuration's bytes, and so the id, and
/// writes layers as plain tar, named by the digests that podman image inspect shows. It wants a directory of
/// its own, and writes all layers; those that nobody needs go before the next step.
Result<void> push(const std::string& podman, const ImageIdentity& image, const Staging& staging,
                  const std::set<std::string>& needed) {
    const auto fresh = staging.path() + "/pushed";
    std::error_code failed;
    fs::remove_all(fresh, failed);
    return run_watched({podman, "push", "--quiet", image.id, "dir:" + fresh}, [] {})
        .and_then([&](const Answer& answer) -> Result<void> {
            if (answer.status != 0) {
                return failure(Status::ours, "podman cannot write the image out: " + podmans_error(answer),
                               "is there room in " + staging.path() + "?");
            }
            for (const auto& file : fs::directory_iterator(fresh, failed)) {
                const auto name = file.path().filename().string();
                const bool is_layer = std::ranges::find(image.layers, name) != image.layers.end();
                if (!is_layer || needed.contains(name)) {
                    fs::rename(file.path(), staging.path() + "/" + name, failed);
                }
            }
            fs::remove_all(fresh, failed);
            return {};
        });
}

}  // namespace

std::set<std::string> needed_by(const std::vector<Receiver>& receivers) {
    std::set<std::string> needed;
    for (const auto& receiver : receivers) {
        needed.insert(receiver.needs.begin(), receiver.needs.end());
    }
    return needed;
}

Result<Staged> stage_image(const std::string& podman, const ImageIdentity& image,
                           const std::string& graphroot, const std::set<std::string>& needed) {
    return Staging::open(graphroot, image.id, little_patience)
        .and_then([&](Staging staging) -> Result<Staged> {
            auto blobs = blobs_staged(staging, needed);
            if (blobs.empty()) {
                if (const auto pushed = push(podman, image, staging, needed); !pushed) {
                    return failure(pushed.error());
                }
                blobs = blobs_staged(staging, needed);
            }
            if (blobs.empty()) {
                return failure(Status::ours, "podman wrote the image out in a form that is not known here",
                               "try it by hand: podman push " + image.id + " dir:DIRECTORY");
            }
            return Staged{std::move(staging), std::move(blobs)};
        });
}

void refuse_the_full(const std::vector<Blob>& blobs, std::vector<Receiver>& receivers) {
    for (auto& receiver : receivers) {
        std::uint64_t bytes = 0;
        for (const auto& blob : blobs_for(blobs, receiver.needs)) {
            bytes += 2 * blob.bytes;
        }
        if (bytes > receiver.facts.room) {
            receiver.stage = Receiver::Stage::failed;
            receiver.words = "no room in " + receiver.facts.graphroot + ": it needs " + amount(bytes) +
                             ", and has " + amount(receiver.facts.room);
        }
    }
}

}  // namespace mpi_podman
