/// Where an image lies while it is on its way: a directory in podman's graphroot, on the file system that has
/// to have room for it anyway, and that nodes share if they share their images. In it is the image in
/// containers/image's dir: form: manifest.json, version, and each blob by its digest; one that has not come
/// whole ends in .part.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "distribute/transfer.hpp"
#include "sys/fd.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

class Staging {
public:
    /// The directory for this image, made where it is missing: only this user can enter it. Who has it open
    /// has it alone; for one that another process has it waits so long, and calls `alive` twice a second.
    static Result<Staging> open(
        const std::string& graphroot, const std::string& id, std::chrono::seconds patience,
        const std::function<void()>& alive = [] {});

    [[nodiscard]] const std::string& path() const { return path_; }
    /// What is there of a blob: all of it, or a beginning.
    [[nodiscard]] std::uint64_t bytes_of(const Blob& blob) const;

    /// Writes what podman asks for beside the blobs.
    [[nodiscard]] Result<void> complete(const std::string& manifest) const;

    /// With all that is in it; and what is left of runs that ended more than an hour ago.
    void remove();

private:
    Staging(std::string base, std::string path, Fd lock)
        : base_(std::move(base)), path_(std::move(path)), lock_(std::move(lock)) {}
    std::string base_, path_;
    Fd lock_;
};

/// For one that is just about to end.
inline constexpr std::chrono::seconds little_patience{5};

/// The path of the directory of an image, whether it is there or not.
std::string staging_path(const std::string& graphroot, const std::string& id);

/// Whether there is anything of a distribution in this graphroot.
bool has_staging(const std::string& graphroot);

/// A word that all who have this graphroot read there, on whatever node. It stays until the last
/// Staging::remove().
Result<std::string> store_token(const std::string& graphroot);

}  // namespace mpi_podman
