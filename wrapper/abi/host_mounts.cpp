#include "abi/host_mounts.hpp"

#include <algorithm>
#include <array>

namespace mpi_podman {
namespace {

/// What a library reads, from the directory it is installed below ("" is that directory itself) or from
/// where its distribution has such files.
struct FilesOf {
    std::string_view stem, path;
};
constexpr std::array files_by_library{
    FilesOf{"libmpi", "share/openmpi"},
    FilesOf{"libmpi", "etc/openmpi-mca-params.conf"},
    FilesOf{"libmpi", "etc/openmpi-mca-params-override.conf"},
    FilesOf{"libmpi", "/etc/openmpi"},  // Debian
    FilesOf{"libmpi", "/etc/openmpi-x86_64"},
    FilesOf{"libmpi", "/etc/openmpi-aarch64"},  // Fedora
    FilesOf{"libpmix", "share/pmix"},
    FilesOf{"libpmix", "etc/pmix-mca-params.conf"},
    FilesOf{"libpmix", "/etc/pmix-mca-params.conf"},
    FilesOf{"libpmix", "/etc/pmix"},
    FilesOf{"libprrte", "share/prte"},
    FilesOf{"libprrte", "etc/prte-mca-params.conf"},
    FilesOf{"libucs", "etc/ucx"},
    FilesOf{"libucs", "/etc/ucx"},
    FilesOf{"libibverbs", "etc/libibverbs.d"},
    FilesOf{"libibverbs", "/etc/libibverbs.d"},
    FilesOf{"libpsm2", "/etc/libpsm2"},
};

class Mounts {
public:
    void add(const std::string& source, const std::string& target) { add_mount(all_, {source, target}); }
    void add_library(const std::string& source, const std::string& name) {
        if (name.find('/') == std::string::npos) {
            add(source, std::string(host_mpi_directory) + "/" + name);
        }
    }
    /// At its own path, and below the prefix as the user named it.
    void add_in_place(const std::string& path, const MpiPrefix& prefix) {
        add(path, path);
        if (!prefix.real.empty() && path.starts_with(prefix.real + "/")) {
            add(path, prefix.typed + path.substr(prefix.real.size()));
        }
    }
    std::vector<HostMount> take() { return std::move(all_); }

private:
    std::vector<HostMount> all_;
};

/// "/opt/openmpi" of "/opt/openmpi/lib/libmpi.so.40.30.4", "/usr" of what is in /usr/lib/x86_64-linux-gnu.
std::string installed_below(const std::string& file) {
    for (auto at = file.rfind("/lib"); at != std::string::npos && at > 0; at = file.rfind("/lib", at - 1)) {
        const auto end = std::min(file.find('/', at + 1), file.size());
        const auto name = std::string_view(file).substr(at + 1, end - at - 1);
        if (end < file.size() && (name == "lib" || name == "lib64" || name == "lib32")) {
            return file.substr(0, at);
        }
    }
    return {};
}

const Placement* hosts(const std::vector<Placement>& placements, std::string_view soname) {
    const auto found = std::ranges::find_if(placements, [&](const Placement& placement) {
        return placement.keeper == Keeper::host && shared_name(placement.soname) == shared_name(soname);
    });
    return found == placements.end() ? nullptr : &*found;
}

}  // namespace

void add_mount(std::vector<HostMount>& mounts, HostMount more) {
    if (std::ranges::find(mounts, more.target, &HostMount::target) == mounts.end()) {
        mounts.push_back(std::move(more));
    }
}

std::vector<HostMount> host_mounts(const HostMpi& host, const std::vector<Placement>& placements,
                                   const std::vector<std::string>& image_names,
                                   const std::vector<std::string>& files, const MpiPrefix& prefix) {
    Mounts mounts;
    for (const auto& placement : placements) {
        if (placement.keeper == Keeper::host) {
            const auto& file = placement.host.library.file;
            mounts.add_library(file, placement.soname);
            mounts.add_library(file, placement.host.name);
            mounts.add_library(file, shared_name(placement.soname));
        }
    }
    for (const auto& name : image_names) {
        if (const auto* placement = hosts(placements, name)) {
            mounts.add_library(placement->host.library.file, name);
        }
    }
    for (const auto& directory : host.plugin_directories) {
        mounts.add_in_place(directory.path, prefix);
    }
    for (const auto& file : files) {
        mounts.add_in_place(file, prefix);
    }
    return mounts.take();
}

std::vector<HostMount> mounts_over_image(const std::vector<UsedLibrary>& loaded,
                                         const std::vector<Placement>& placements) {
    Mounts mounts;
    for (const auto& used : loaded) {
        const auto* placement = hosts(placements, used.library.soname);
        const bool in_place = used.library.path.starts_with(std::string(host_mpi_directory) + "/");
        if (placement != nullptr && !in_place) {
            mounts.add(placement->host.library.file, used.library.file);
        }
    }
    return mounts.take();
}

std::vector<std::string> files_of(const Rootfs& host, const HostMpi& mpi) {
    std::vector<std::string> files;
    const auto add = [&](const std::string& path) {
        const auto real = host.resolve(path);
        if (real && std::ranges::find(files, *real) == files.end()) {
            files.push_back(*real);
        }
    };
    for (const auto* group : {&mpi.libraries, &mpi.plugin_libraries}) {
        for (const auto& used : *group) {
            const auto below = installed_below(used.library.file);
            for (const auto& [stem, path] : files_by_library) {
                if (stem == stem_of(used.library.soname) &&
                    (stem != "libmpi" || mpi.mpi.family == MpiFamily::open_mpi)) {
                    add(path.starts_with('/') ? std::string(path) : below + "/" + std::string(path));
                }
            }
        }
    }
    return files;
}

}  // namespace mpi_podman
