/// One directory of one layer of an image, and the marks that overlayfs and fuse-overlayfs leave in it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sys/fd.hpp"

namespace mpi_podman {

enum class LayerSays : std::uint8_t { nothing, gone, file, directory };

/// What a layer's directory says about one name in it. A symbolic link is a file.
LayerSays what_layer_says(const std::string& directory, const std::string& name);

/// Whether a directory of a layer hides all that the layers below have in it.
bool is_opaque(const std::string& directory);

struct LayerEntries {
    std::vector<std::string> present, gone;
};
LayerEntries entries_of_layer(const std::string& directory);

/// Opens `below` (a path without symbolic links) in the directory `root` for reading. Links are refused and
/// it does not leave `root`, should somebody exchange a directory meanwhile (openat2(2)). With an empty
/// `below`, `root` is the file.
Fd open_below(const std::string& root, const std::string& below);

}  // namespace mpi_podman
