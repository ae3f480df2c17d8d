#include "run/installed.hpp"

#include <unistd.h>

#include <filesystem>

namespace mpi_podman {

Result<std::string> installed(const std::string& name) {
    std::error_code why;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", why);
    auto path = (self.parent_path().parent_path() / "libexec/mpi-podman" / name).string();
    if (::access(path.c_str(), X_OK) != 0) {
        return failure(Status::ours, "the program " + name + " is missing: " + path,
                       "install mpi-podman whole: cmake --install");
    }
    return path;
}

}  // namespace mpi_podman
