#include "hook/refresh.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>

#include "sys/process.hpp"

namespace mpi_podman {
namespace {

constexpr auto cache_path = "/etc/ld.so.cache";
constexpr auto mount_namespace = "/proc/self/ns/mnt";

tl::unexpected<Error> cannot(const std::string& what) {
    return failure(Status::ours, "the container's ld.so.cache cannot be made anew: " + what,
                   "check LDCONFIG_PATH of the hook's configuration");
}

/// A mount namespace of our own, as long as this lives; then back in the one before.
class Aside {
public:
    Aside() : before_(::open(mount_namespace, O_RDONLY | O_CLOEXEC)) {
        const bool apart = before_ && ::unshare(CLONE_NEWNS) == 0;
        entered_ = apart && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
        if (apart && !entered_) {
            leave();
        }
    }
    Aside(const Aside&) = delete;
    Aside& operator=(const Aside&) = delete;
    Aside(Aside&&) = delete;
    Aside& operator=(Aside&&) = delete;
    ~Aside() { leave(); }

    [[nodiscard]] bool entered() const { return entered_; }
    bool leave() {
        const bool back = before_ && ::setns(before_.get(), CLONE_NEWNS) == 0;
        before_.reset();
        return back;
    }

private:
    Fd before_;
    bool entered_ = false;
};

/// SCRATCH/out, for ldconfig to write to, and SCRATCH/root, the container as it is to see it: /proc, which it
/// has no use for, is that directory.
Result<void> arrange(const Root& root, const std::string& scratch) {
    const auto out = scratch + "/out";
    const auto copy = scratch + "/root";
    if (::mount("tmpfs", scratch.c_str(), "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0755,size=64m") !=
            0 ||
        ::mkdir(out.c_str(), 0755) != 0 || ::mkdir(copy.c_str(), 0755) != 0) {
        return cannot("no tmpfs at " + scratch + ": " + errno_text());
    }
    auto tree = tree_of(root.path(), true);
    if (!tree) {
        return failure(tree.error());
    }
    if (::move_mount(tree->get(), "", AT_FDCWD, copy.c_str(), MOVE_MOUNT_F_EMPTY_PATH) != 0) {
        return cannot(errno_text());
    }
    const auto seen = Root::open(copy, {});
    const auto writable = tree_of(out, false);
    if (!seen || !writable) {
        return failure(!seen ? seen.error() : writable.error());
    }
    return seen->put(*writable, "/proc");
}

Result<void> run(const std::string& ldconfig, const std::string& scratch) {
    constexpr auto limit = std::chrono::seconds(60);
    const Fd words(::open((scratch + "/words").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    Spawn how;
    how.argv = {ldconfig, "-X", "-r", scratch + "/root", "-C", "/proc/ld.so.cache"};
    how.err = words.get();  // of an image they may be many: no pipe, which would be full
    auto child = spawn(how);
    if (!child) {
        return cannot(ldconfig + ": " + child.error().message);
    }
    const Fd watched(::fcntl(child->pidfd(), F_DUPFD_CLOEXEC, 0));
    if (!ended_within(watched, limit)) {
        return cannot(ldconfig + " did not end within " + std::to_string(limit.count()) + " s");
    }
    const auto ending = child->wait();
    if (ending != Ending{}) {
        const auto said = read_file(scratch + "/words").value_or("");
        return cannot(ldconfig + " failed" + (said.empty() ? "" : ": " + said.substr(0, said.find('\n'))));
    }
    return {};
}

}  // namespace

Result<void> refresh_loader_cache(const Root& root, const std::string& ldconfig, const std::string& scratch) {
    ::clearenv();
    Aside aside;
    if (!aside.entered()) {
        return cannot("no mount namespace: " + errno_text());
    }
    return arrange(root, scratch)
        .and_then([&] { return run(ldconfig, scratch); })
        .and_then([&] { return tree_of(scratch + "/out/ld.so.cache", true); })
        .and_then([&](const Fd& cache) -> Result<void> {
            if (!aside.leave()) {
                return cannot("no way back to the container's mount namespace: " + errno_text());
            }
            return root.put(cache, cache_path);
        });
}

}  // namespace mpi_podman
