/// The files of an image, or of this host, without a container: seen through the layers as its kernel would
/// show them, every symbolic link resolved inside.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sys/fd.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// What tells that a file was replaced or written since (stat(2)).
struct FileState {
    std::uint64_t device = 0, inode = 0, size = 0;
    std::int64_t modified = 0, changed = 0;  ///< ns since 1970
    bool operator==(const FileState&) const = default;
};

/// Paths are absolute and of the image. What may not be read is taken as not there. It remembers which layers
/// a directory is made of, so it is for short use: what changes meanwhile may be overlooked.
class Rootfs {
public:
    /// Host directories of the layers, the uppermost first, as overlayfs stacks them: a character device 0/0
    /// or a file .wh.NAME hides NAME in those below, an opaque directory all that they have in it.
    explicit Rootfs(const std::vector<std::string>& layers);
    /// This host.
    static Rootfs host() { return Rootfs({"/"}); }

    /// Shows a file or directory of the host at `path` as well, over what the image has there. Its symbolic
    /// links are resolved in the image too, as they will be in the container.
    void mount(std::string path, const std::string& host_path);

    /// The same path without symbolic links; nothing where it leads nowhere (path_resolution(7)).
    [[nodiscard]] std::optional<std::string> resolve(std::string_view path) const;
    [[nodiscard]] bool is_directory(std::string_view path) const;
    /// A file that somebody may execute.
    [[nodiscard]] bool is_program(std::string_view path) const;
    /// The names in a directory, sorted; none where it is none.
    [[nodiscard]] std::vector<std::string> names_in(std::string_view path) const;
    /// Where the host has this file or directory: for the latter in the uppermost layer.
    [[nodiscard]] std::optional<std::string> host_path(std::string_view path) const;
    [[nodiscard]] std::optional<FileState> state(std::string_view path) const;

    /// Opens a regular file for reading; others are refused, so that this never waits.
    [[nodiscard]] Result<Fd> open(std::string_view path) const;
    /// The beginning of a regular file, up to `most` bytes.
    [[nodiscard]] Result<std::string> read(std::string_view path, std::size_t most) const;

private:
    /// A host path in two parts: only below the first nobody is trusted.
    struct Place {
        std::string root, below;
        [[nodiscard]] std::string path() const { return root + below; }
    };
    struct Found {
        Place place;
        mode_t mode = 0;
        FileState state;
    };
    static std::optional<Found> look(const Place& place);
    [[nodiscard]] std::optional<Found> locate(const std::string& directory, const std::string& name) const;
    [[nodiscard]] std::optional<Found> find(std::string_view path) const;
    [[nodiscard]] const std::vector<Place>& layers_of(const std::string& directory) const;
    [[nodiscard]] std::vector<Place> stack(const std::string& directory) const;
    [[nodiscard]] bool leads_to_mount(const std::string& directory) const;

    std::map<std::string, Place> mounts_;
    /// "" is the root.
    mutable std::map<std::string, std::vector<Place>> layers_;
};

}  // namespace mpi_podman
