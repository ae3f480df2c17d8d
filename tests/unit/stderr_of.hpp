/// What code writes to fd 2.
#pragma once

#include <fcntl.h>

#include "unit/child_process.hpp"
#include "unit/temporary_directory.hpp"

namespace mpi_podman::test {

struct Written {
    int status;        ///< what the code returned
    std::string text;  ///< to fd 2
};

/// Runs `code` in a process of its own.
inline Written stderr_of(const std::function<int()>& code) {
    const TemporaryDirectory here;
    const auto file = here.file("stderr");
    const int status = in_child([&] {
        ::dup2(::open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC), STDERR_FILENO);
        return code();
    });
    return {status, content_of(file)};
}

}  // namespace mpi_podman::test
