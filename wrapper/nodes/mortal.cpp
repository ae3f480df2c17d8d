#include "nodes/mortal.hpp"

#include <sys/prctl.h>

#include <csignal>

namespace mpi_podman {

Result<Child> spawn_mortal(Spawn how) {
    how.before_exec = [] { ::prctl(PR_SET_PDEATHSIG, SIGTERM); };
    return spawn(how);
}

Result<Heard> spawn_heard(const std::vector<std::string>& argv, Stdin stdin_is) {
    auto in = stdin_is == Stdin::a_pipe ? make_pipe() : Result<Pipe>(Pipe{});
    auto out = in ? make_pipe() : failure(in.error());
    auto err = out ? make_pipe() : failure(out.error());
    if (!err) {
        return failure(err.error());
    }
    const int its_in = in->read_end ? in->read_end.get() : -1;
    return spawn_mortal({argv, its_in, out->write_end.get(), err->write_end.get(), {}, false})
        .map([&](Child child) {
            return Heard{std::move(child), std::move(in->write_end), std::move(out->read_end),
                         std::move(err->read_end)};
        });
}

}  // namespace mpi_podman
