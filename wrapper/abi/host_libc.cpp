#include "abi/host_libc.hpp"

#include <array>

namespace mpi_podman {
namespace {

/// By SONAME. Those of the name service are opened by libc.so.6 itself (nss(5)).
constexpr std::array<const char*, 17> parts{"libc.so.6",
                                            "libm.so.6",
                                            "libpthread.so.0",
                                            "libdl.so.2",
                                            "librt.so.1",
                                            "libresolv.so.2",
                                            "libutil.so.1",
                                            "libanl.so.1",
                                            "libmvec.so.1",
                                            "libnsl.so.1",
                                            "libthread_db.so.1",
                                            "libBrokenLocale.so.1",
                                            "libnss_files.so.2",
                                            "libnss_dns.so.2",
                                            "libnss_compat.so.2",
                                            "libnss_hesiod.so.2",
                                            "libc_malloc_debug.so.0"};

std::optional<std::string> real_path(const Rootfs& root, const SearchRules& rules, const char* name) {
    const auto found = find_library(root, rules, name);
    return found ? root.resolve(found->path) : std::nullopt;
}

/// The directory of iconv(3)'s modules, which is beside libc.so.6, or would be if /lib were /usr/lib.
std::optional<std::string> character_sets(const Rootfs& root, const SearchRules& rules) {
    const auto libc = real_path(root, rules, "libc.so.6");
    const auto directory = libc ? libc->substr(0, libc->rfind('/')) : std::string{};
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
    for (const auto* name : parts) {
        const auto source = real_path(host, of_host, name);
        add(source, std::string(host_mpi_directory) + "/" + name);
        add(source, real_path(image, of_image, name));
    }
    add(character_sets(host, of_host), character_sets(image, of_image));
    return mounts;
}

}  // namespace mpi_podman
