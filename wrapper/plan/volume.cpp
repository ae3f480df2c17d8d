#include "plan/volume.hpp"

#include <filesystem>

namespace mpi_podman {

std::string volume_target(const std::string& volume) {
    const auto first = volume.find(':');
    const auto target = first == std::string::npos
                            ? volume
                            : volume.substr(first + 1, volume.find(':', first + 1) - first - 1);
    const auto path = std::filesystem::path(target + "/").lexically_normal().parent_path();
    return path.string();
}

std::string volume_source(const std::string& volume) { return volume.substr(0, volume.find(':')); }

std::string volume_from(const std::string& cwd, const std::string& volume) {
    const auto source = volume_source(volume);
    if (!source.starts_with('.') || source.size() == volume.size()) {
        return volume;
    }
    const auto path = std::filesystem::path(cwd + "/" + source + "/").lexically_normal().parent_path();
    return path.string() + volume.substr(source.size());
}

}  // namespace mpi_podman
