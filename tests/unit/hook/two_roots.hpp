/// A host and a container, with libraries that this machine's compiler makes and caches that its ldconfig
/// writes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "unit/built_root.hpp"

namespace mpi_podman::test {

/// Paths are the host's or the container's. The container's /lib and /lib64 are links into /usr, as they are
/// today.
class TwoRoots : public BuiltRoot {
protected:
    void SetUp() override {
        for (const auto* directory : {"host", "container/usr/lib", "container/usr/lib64", "container/etc"}) {
            static_cast<void>(home.directory(directory));
        }
        link("/container/lib", "usr/lib");
        link("/container/lib64", "usr/lib64");
        std::filesystem::copy_file(std::filesystem::canonical(loader),
                                   home / ("container" + std::string(loader)));
    }
    [[nodiscard]] Rootfs host() const { return Rootfs({home / "host"}); }
    [[nodiscard]] Rootfs container() const { return Rootfs({home / "container"}); }

    /// "/usr/lib/libmpi.so.12.1.8", or with a SONAME of another kind
    /// "/usr/lib/libmpi.so.12=libmpich_gnu.so.3".
    void make(const std::string& root, const std::string& what) const {
        const auto path = what.substr(0, what.find('='));
        const std::filesystem::path at = home.path() + root + path;
        const auto soname =
            what.size() > path.size() ? what.substr(path.size() + 1) : soname_of(at.filename().string());
        std::filesystem::create_directories(at.parent_path());
        std::filesystem::copy_file(compiled(soname), at);
    }
    /// As a package does: the cache, and the links that ldconfig makes.
    [[nodiscard]] bool run_ldconfig() const {
        home.file("container/etc/ld.so.conf", "/usr/local/lib\n/opt/lib\n");
        const auto command = "/sbin/ldconfig -r " + home / "container" + " 2>/dev/null";
        return run(command) || run("unshare -r " + command);
    }

private:
    /// "libmpi.so.12" of "libmpi.so.12.1.8".
    static std::string soname_of(const std::string& name) {
        const auto so = name.find(".so.");
        return so == std::string::npos ? name : name.substr(0, name.find('.', so + 4));
    }
    /// Compiled once for all tests of a program.
    static std::string compiled(const std::string& soname) {
        static const TemporaryDirectory libraries;
        const auto path = libraries / soname;
        if (!std::filesystem::exists(path)) {
            const auto code = libraries.file("source.c", "void MPI_Init(void) {}");
            EXPECT_TRUE(run("cc -nostdlib -shared -fPIC -Wl,-soname," + soname + " -o " + path + " " + code));
        }
        return path;
    }
};

}  // namespace mpi_podman::test
