/// A root directory with ELF files that this machine's compiler makes, and a cache that its ldconfig writes.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "rootfs/rootfs.hpp"
#include "unit/temporary_directory.hpp"

namespace mpi_podman::test {

inline constexpr auto loader = "/lib64/ld-linux-x86-64.so.2";

/// Every path is one of the root's, absolute. Nothing needs a C library: it would have to be there.
class BuiltRoot : public testing::Test {
protected:
    [[nodiscard]] Rootfs root() const { return Rootfs({home.path()}); }

    /// Compiles C to a shared library; `flags` go to the compiler's end of the line.
    void library(const std::string& path, const std::string& source, const std::string& flags = {}) const {
        compile(path, source, "-shared -fPIC " + flags);
    }
    /// A PIE with this machine's loader as its interpreter, which `with_loader` puts there.
    void program(const std::string& path, const std::string& source, const std::string& flags = {}) const {
        compile(path, source,
                std::string("-pie -fPIE -Wl,-e,main -Wl,--dynamic-linker=") + loader + " " + flags);
    }
    /// -L and -l of a library of the root, by its whole name.
    [[nodiscard]] std::string with(const std::string& path) const {
        const std::filesystem::path of = path;
        return "-L" + home.path() + of.parent_path().string() + " -l:" + of.filename().string() + " ";
    }
    void with_loader() const {
        std::filesystem::create_directories(home / "lib64");
        std::filesystem::copy_file(std::filesystem::canonical(loader), home / std::string(loader).substr(1));
    }
    void link(const std::string& path, const std::string& target) const {
        std::filesystem::create_directories(std::filesystem::path(home.path() + path).parent_path());
        std::filesystem::create_symlink(target, home.path() + path);
    }
    /// /etc/ld.so.cache over these directories; ldconfig -r is a chroot, so for root of some user namespace.
    [[nodiscard]] bool write_cache(const std::string& directories, const std::string& format = "new") const {
        home.file("etc/ld.so.conf", directories);
        const auto ldconfig = "/sbin/ldconfig -X -c " + format + " -r " + home.path() + " 2>/dev/null";
        return run(ldconfig) || run("unshare -r " + ldconfig);
    }
    static bool run(const std::string& command) {
        return std::system(command.c_str()) == 0;  // NOLINT: words of this test's own
    }

    TemporaryDirectory home;

private:
    void compile(const std::string& path, const std::string& source, const std::string& flags) const {
        std::filesystem::create_directories(std::filesystem::path(home.path() + path).parent_path());
        const auto code = home.file("source.c", source);
        const auto script = home.file("versions.map", versions_in(source));
        const bool versioned = !versions_in(source).empty();
        ASSERT_TRUE(run("cc -w -nostdlib -fno-stack-protector -Wl,--allow-shlib-undefined -o " + home.path() +
                        path + " " + code + " " + (versioned ? "-Wl,--version-script=" + script + " " : "") +
                        flags))
            << path;
    }
    /// A version script stands in the source's first comment.
    static std::string versions_in(const std::string& source) {
        const auto begin = source.find("/*");
        return begin == std::string::npos ? "" : source.substr(begin + 2, source.find("*/") - begin - 2);
    }
};

}  // namespace mpi_podman::test
