#include "run/describe.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inspect/host_mpi_in_image.hpp"
#include "inspect/node.hpp"
#include "podman/render.hpp"
#include "run/conmon.hpp"
#include "run/from_within.hpp"
#include "run/linux_namespaces.hpp"
#include "run/oci_mounts.hpp"
#include "run/pristine.hpp"
#include "sys/process.hpp"

namespace mpi_podman {
namespace {

/// Reads a file that may belong to one of the user's subordinate ids.
Result<std::string> read_as(pid_t conmon, const std::string& path) {
    auto content = from_within(conmon, CLONE_NEWUSER, [&] { return read_file(path).value_or(""); });
    return !content || !content->empty()
               ? content
               : failure(Status::ours, "cannot read " + path, "try mpi-podman --per-rank");
}

/// What podman would put before the mark, or run where the ranks name no command (podman-run(1),
/// --entrypoint).
Result<std::vector<std::string>> entry_by_podman(const Plan& plan) {
    Options options;
    options.podman = plan.podman;
    options.image = plan.image;
    return look_at_image(options).map([&](const ImageFacts& image) {
        auto entry = image.entrypoint;
        if (plan.entrypoint) {
            entry = plan.entrypoint->empty() ? std::vector<std::string>{} : std::vector{*plan.entrypoint};
        }
        if (!plan.command.empty()) {
            entry.emplace_back(command_mark);
        } else if (!plan.entrypoint) {
            entry.insert(entry.end(), image.command.begin(), image.command.end());
        }
        return entry;
    });
}

/// As `--tmpfs` with --per-rank, where nobody knows the image before the container shows it. No rank runs
/// yet.
void make_tmp(pid_t conmon, const std::string& root) {
    const auto tmp = root + "/tmp";
    struct stat info {};
    if (::lstat(tmp.c_str(), &info) == 0) {
        return;  // a link too: where it leads is the image's affair
    }
    static_cast<void>(from_within(conmon, CLONE_NEWUSER, [&] {
        ::umask(0);
        return std::string(::mkdir(tmp.c_str(), S_ISVTX | S_IRWXU | S_IRWXG | S_IRWXO) == 0 ? "made" : "");
    }));
}

}  // namespace

Result<Description> describe_container(const Plan& plan, pid_t agent, bool agent_is_init) {
    const auto proc = "/proc/" + std::to_string(agent);
    const auto conmon = conmon_above(agent);
    const auto bundle = conmon_option(conmon, "-b");
    const auto config = read_as(conmon, bundle + "/config.json");
    auto description = config.and_then(description_from_oci);
    if (!description) {
        return description;
    }
    make_tmp(conmon, proc + "/root");
    if (plan.linger > 0) {
        description->at_start = look_at_start(agent, conmon, *config, bundle);
    }
    description->conmon = static_cast<std::uint32_t>(conmon);
    description->namespaces = namespaces_of(agent, conmon);
    description->container = conmon_option(conmon, "-n");
    description->mpi = plan.mpi_from.empty() ? image_mpi({proc + "/root"}, description->environment)
                                             : mpi_of_mounts(oci_mounts(*config));
    if (!agent_is_init) {
        auto entry = entry_by_podman(plan);
        if (!entry) {
            return failure(entry.error());
        }
        description->entry = std::move(*entry);
    }
    return description;
}

Result<Fd> seal(const Description& description) {
    Fd memory(::memfd_create("description", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    constexpr int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    if (!memory || !write_all(memory.get(), encode(description)) ||
        ::fcntl(memory.get(), F_ADD_SEALS, seals) != 0) {
        return failure(Status::ours, "cannot keep the container's description: " + errno_text(),
                       "is memory short?");
    }
    return memory;
}

Result<Description> read_sealed(const Fd& memory) {
    struct stat info {};
    const bool known = ::fstat(memory.get(), &info) == 0 && info.st_size >= 0;
    std::string bytes(known ? static_cast<std::size_t>(info.st_size) : 0, '\0');
    if (!known || ::pread(memory.get(), bytes.data(), bytes.size(), 0) != info.st_size) {
        return failure(Status::ours, "cannot read the container's description: " + errno_text(),
                       "run with --per-rank");
    }
    return decode(bytes);
}

}  // namespace mpi_podman
