/// What a plan is made from, spelt out: a user's rank on node1 and an image that holds no MPI.
#pragma once

#include <ostream>

#include "launcher/context.hpp"
#include "plan/plan.hpp"

namespace mpi_podman {

/// How GoogleTest prints one.
inline void PrintTo(const Mount& mount, std::ostream* out) { *out << mount.path; }
inline void PrintTo(const Limit& limit, std::ostream* out) {
    *out << limit.name << '=' << limit.soft << ':' << limit.hard;
}

}  // namespace mpi_podman

namespace mpi_podman::test {

inline HostFacts sample_host() {
    HostFacts host;
    host.uid = 1000;
    host.cores = 16;
    host.pid = 4321;
    host.umask = 022;
    host.hostname = "node1";
    host.cwd = "/home/mpi";
    host.in = Stream::null;
    host.out = Stream::other;
    host.limits = {{"nofile", "1024", "524288"}, {"nproc", "4000", "-1"}};
    host.present = {"/tmp/ompi.node1.1000/pid.4200"};
    return host;
}

inline ImageFacts sample_image() {
    ImageFacts image;
    image.id = "0123abcd";
    image.environment = {"PATH=/usr/bin:/bin"};
    image.workdir = "/";
    return image;
}

inline Options sample_options() {
    Options options;
    options.image = "localhost/ring";
    options.per_rank = true;  // where podman is told everything of the rank
    options.command = {"./ring"};
    return options;
}

/// Rank 1 of 4, two on each node, of Open MPI 4's mpirun.
inline LauncherContext open_mpi_context() {
    LauncherContext context;
    context.launcher = Launcher::open_mpi_4;
    context.pmi = Pmi::pmix;
    context.job = "1271791617";
    context.rank = 1;
    context.size = 4;
    context.local_rank = 1;
    context.local_size = 2;
    context.session_paths = {"/tmp/ompi.node1.1000/pid.4200"};
    context.session_directory = "/tmp/ompi.node1.1000/pid.4200";
    return context;
}

inline Environment open_mpi_environment() {
    return {{"HOME", "/home/mpi"},
            {"OMPI_MCA_orte_hnp_uri", "1271791616.0;tcp://10.77.0.1:40001"},
            {"OMPI_MCA_orte_local_daemon_uri", "1271791616.0;tcp://10.77.0.1:40001"},
            {"PATH", "/usr/local/bin:/usr/bin:/bin"},
            {"PMIX_NAMESPACE", "1271791617"},
            {"PMIX_RANK", "1"},
            {"PMIX_SERVER_URI2", "1271791616.0;tcp4://127.0.0.1:40002"},
            {"USER", "mpi"}};
}

/// Rank 1 of 4, two on each node, of MPICH's mpiexec, on PMI_FD=8.
inline LauncherContext hydra_context() {
    LauncherContext context;
    context.launcher = Launcher::hydra;
    context.pmi = Pmi::pmi1;
    context.rank = 1;
    context.size = 4;
    context.local_rank = 1;
    context.local_size = 2;
    context.endpoint.fd = 8;
    return context;
}

inline Environment hydra_environment() {
    return {{"HOME", "/home/mpi"}, {"PATH", "/usr/bin:/bin"}, {"PMI_FD", "8"},
            {"PMI_RANK", "1"},     {"PMI_SIZE", "4"},         {"USER", "mpi"}};
}

}  // namespace mpi_podman::test
