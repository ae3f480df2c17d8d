#include "join/attach.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace mpi_podman {

Attachments::Attachments(const std::vector<std::string>& paths, std::vector<std::string> hidden, Fd conmon,
                         int namespaces, int made)
    : hidden_(std::move(hidden)), made_(made), conmon_(std::move(conmon)), namespaces_(namespaces) {
    for (const auto& path : paths) {
        Path one{path, {}, -1};
        for (auto slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
            one.parents.push_back(path.substr(0, slash));
        }
        paths_.push_back(std::move(one));
    }
}

bool Attachments::take() noexcept {
    if (!paths_.empty() && namespaces_ != 0 && ::syscall(SYS_setns, conmon_.get(), namespaces_) != 0) {
        return false;
    }
    return std::all_of(paths_.begin(), paths_.end(), [](Path& one) {
        one.tree =
            ::open_tree(AT_FDCWD, one.path.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
        return one.tree >= 0;
    });
}

void Attachments::note(const std::string& path) const noexcept {
    std::array<char, 1> newline{'\n'};
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): writev(2)
    const std::array<iovec, 2> line{{{const_cast<char*>(path.data()), path.size()}, {newline.data(), 1}}};
    [[maybe_unused]] const ssize_t put = ::writev(made_, line.data(), line.size());
}

bool Attachments::make_directory(const std::string& path) const noexcept {
    if (::mkdir(path.c_str(), 0755) != 0) {
        return errno == EEXIST;
    }
    note(path);
    return true;
}

bool Attachments::make_place(const Path& one) const noexcept {
    struct stat info {};
    if (::fstat(one.tree, &info) != 0 ||
        !std::all_of(one.parents.begin(), one.parents.end(),
                     [&](const auto& path) { return make_directory(path); })) {
        return false;
    }
    if (S_ISDIR(info.st_mode)) {
        return make_directory(one.path);
    }
    const int file = ::open(one.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        return errno == EEXIST;
    }
    note(one.path);
    return ::close(file) == 0;
}

bool Attachments::put() noexcept {
    if (paths_.empty()) {
        return true;
    }
    // What is mounted here is not to spread to the container, whatever the propagation of its volumes.
    if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) {
        return false;
    }
    const bool put = std::all_of(paths_.begin(), paths_.end(), [&](const Path& one) {
        return (::access(one.path.c_str(), F_OK) == 0 || make_place(one)) &&
               ::move_mount(one.tree, "", AT_FDCWD, one.path.c_str(), MOVE_MOUNT_F_EMPTY_PATH) == 0;
    });
    constexpr unsigned long empty = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
    return put && std::all_of(hidden_.begin(), hidden_.end(), [](const std::string& path) {
               return ::mount("tmpfs", path.c_str(), "tmpfs", empty, "size=4k,mode=0555") == 0;
           });
}

}  // namespace mpi_podman
