/// One file of the cache of facts.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "rootfs/rootfs.hpp"

namespace mpi_podman {

/// How files were when facts were found in them; nothing: not there.
using States = std::map<std::string, std::optional<FileState>>;
States states_of(const Rootfs& root, const std::vector<std::string>& paths);

/// What is kept under this key, if every file in its states still is as it was.
std::optional<std::string> read_kept(const std::string& directory, const std::string& key,
                                     const Rootfs& root);

/// Keeps one line of text. Where there are too many, the oldest go.
void keep(const std::string& directory, const std::string& key, const States& states,
          const std::string& line);

}  // namespace mpi_podman
