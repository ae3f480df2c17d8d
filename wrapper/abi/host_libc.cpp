#include "abi/host_libc.hpp"

namespace mpi_podman {
namespace {

std::optional<std::string> real_path(const Rootfs& root, const SearchRules& rules, std::string_view name) {
    const auto found = find_library(root, rules, std::string(name));
    return found ? root.resolve(found->path) : std::nullopt;
}

/// The directory of iconv(3)'s modules, which is beside libc.so.6, or would be if /lib were /usr/lib.
std::optional<std::string> character_sets(const Rootfs& root, const SearchRules& rules) {
    const auto libc = real_path(root, rules, "libc.so.6");
    const auto directory = libc ? directory_of(*libc) : std::string{};
    for (const auto& beside : {directory, "/usr" + directory}) {
        if (libc && root.is_directory(beside + "/gconv")) {
            return root.resolve(beside + "/gconv");
        }
    }
    return std::nullopt;
}

}  // namespace

bool can_bring_libc(const RootFacts& image, const HostMpi& host) {
    return image.libc == LibcFamily::glibc && host.libc == LibcFamily::glibc &&
           image.architecture == host.architecture &&
           abi_version_from(host.libc_release) > abi_version_from(image.libc_release);
}

std::vector<HostMount> libc_mounts(const Rootfs& host, const Rootfs& image, const Places& in_image) {
    const auto of_host = search_rules(host, "", "", "/");
    const auto of_image = search_rules(image, "", in_image.library_path, in_image.cwd);
    std::vector<HostMount> mounts;
    const auto add = [&](const std::optional<std::string>& source, const std::optional<std::string>& target) {
        if (source && target) {
            mounts.push_back({*source, *target});
        }
    };
    add(host.resolve(of_host.interpreter), image.resolve(of_image.interpreter));
    for (const auto name : libc_parts) {
        const auto source = real_path(host, of_host, name);
        add(source, std::string(host_mpi_directory) + "/" + std::string(name));
        add(source, real_path(image, of_image, name));
    }
    add(character_sets(host, of_host), character_sets(image, of_image));
    return mounts;
}

}  // namespace mpi_podman
