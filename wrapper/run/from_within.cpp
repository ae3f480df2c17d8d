#include "run/from_within.hpp"

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/linux_namespaces.hpp"
#include "sys/process.hpp"

namespace mpi_podman {

Result<std::string> from_within(pid_t process, int kinds, const std::function<std::string()>& code) {
    const Fd there = pidfd_of(process);
    const int flags = namespaces_to_enter(process, kinds);
    auto pipe = make_pipe();
    if (!pipe) {
        return failure(pipe.error());
    }
    const pid_t child = ::fork();  // this process has one thread, so the child may do as it likes
    if (child == 0) {
        const bool entered = flags == 0 || ::syscall(SYS_setns, there.get(), flags) == 0;
        const bool said = entered && write_all(pipe->write_end.get(), code());
        ::_exit(said ? 0 : 1);
    }
    if (child < 0) {
        return failure(Status::ours, "cannot start a process: " + errno_text(), "raise the limit: ulimit -u");
    }
    pipe->write_end.reset();
    auto said = read_file("/proc/self/fd/" + std::to_string(pipe->read_end.get()));
    ::waitpid(child, nullptr, 0);
    return said;
}

}  // namespace mpi_podman
