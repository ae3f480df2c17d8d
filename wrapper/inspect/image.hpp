/// Facts about an image, found without running it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sys/result.hpp"

namespace mpi_podman {

/// Which MPI libraries an image holds in the places distributions put them.
struct ImageMpi {
    std::string open_mpi;            ///< path of libmpi.so.40 in the image, empty where there is none
    std::string mpich;               ///< path of libmpich.so.12 or libmpi.so.12 (the MPICH ABI)
    std::string open_mpi_file = {};  ///< what libmpi.so.40 is in the end: its name tells the release
    bool operator==(const ImageMpi&) const = default;
};

struct ImageFacts {
    std::string id;
    std::vector<std::string> entrypoint, command;
    std::vector<std::string> environment;  ///< the image's ENV, NAME=VALUE
    std::string workdir;                   ///< never empty: "/" where the image names none
    /// Host directories of the layers, the uppermost first; empty where the storage driver has no such thing.
    std::vector<std::string> layers;
    ImageMpi mpi;
    bool workdir_has_program =
        false;               ///< the rank's program, a relative path, lies below workdir in the image
    bool lacks_tmp = false;  ///< it has no /tmp
    bool operator==(const ImageFacts&) const = default;
};

/// Reads what `podman image inspect IMAGE` printed (one JSON array). `mpi` is left empty.
Result<ImageFacts> image_facts_from(std::string_view inspect_json);

/// Whether a file of the image exists at this absolute path, seen through the layers: whiteouts hide what
/// lies below (overlayfs: a character device 0/0), links are followed inside the image only.
bool image_has(const std::vector<std::string>& layers, const std::string& path);

/// Looks for the MPI libraries by name: in the directories distributions use, in those the image's ENV names
/// in LD_LIBRARY_PATH, and in lib and lib64 beside each directory of its PATH.
ImageMpi image_mpi(const std::vector<std::string>& layers, const std::vector<std::string>& environment);

/// Open MPI's release by its library's full version (libmpi.so.40.30.4 is of 4.1, 40.40.7 of 5.0): 4 or 5; 0
/// where that is not known.
unsigned open_mpi_release(const ImageMpi& mpi);

}  // namespace mpi_podman
