/// A podman made of shell scripts: each subcommand answers as the test says, and every call is noted.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "unit/temporary_directory.hpp"

namespace mpi_podman::test {

/// What podman 4.3 prints for an image without MPI, shortened to what anybody reads.
inline constexpr const char* inspected_image = R"([{
    "Id": "0123abcd",
    "Config": {"Cmd": ["bash"], "Env": ["PATH=/usr/bin:/bin"], "WorkingDir": "/srv"},
    "GraphDriver": {"Name": "overlay", "Data": {"UpperDir": "/no/such/layer"}}
}])";

class FakePodman {
public:
    /// A healthy podman 4.3.1 whose containers exit with status 0.
    explicit FakePodman(const TemporaryDirectory& home) : home_(home) {
        on("version", "echo podman version 4.3.1");
        on("inspect", std::string("cat <<'END'\n") + inspected_image + "\nEND");
        on("exists", "exit 1");
        for (const char* subcommand : {"pull", "create", "rm"}) {
            on(subcommand, "");
        }
        on("run", run_rank(""));
        home.file("podman", dispatcher(), 0755);
    }

    /// `script` answers `subcommand`; its "$@" are podman's arguments.
    void on(const std::string& subcommand, const std::string& script) const {
        home_.file("answers/" + subcommand, script + "\n");
    }

    /// The script of a `run` that starts the container, then lets `rank` be it.
    static std::string run_rank(const std::string& rank) {
        return R"sh(for word; do case $word in --pidfile=*) echo $$ >"${word#*=}";; esac; done
)sh" + rank;
    }

    [[nodiscard]] std::string path() const { return home_ / "podman"; }

    /// The arguments of each call so far, joined by spaces.
    [[nodiscard]] std::vector<std::string> calls() const {
        std::istringstream lines(content_of(home_ / "calls"));
        std::vector<std::string> all;
        for (std::string line; std::getline(lines, line);) {
            all.push_back(line);
        }
        return all;
    }

private:
    [[nodiscard]] std::string dispatcher() const {
        return "#!/bin/sh\necho \"$*\" >>'" + home_ / "calls" + R"sh('
for word; do
    case $word in
        --version) answer=version; break ;;
        inspect | exists | pull | create | rm | run) answer=$word; break ;;
    esac
done
. ')sh" + home_ / "answers" +
               "'/$answer\n";
    }

    const TemporaryDirectory& home_;
};

}  // namespace mpi_podman::test
