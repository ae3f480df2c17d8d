/// Reports and what they are made from: a bookworm host with Open MPI 4.1.4, mpirun in front of everything.
#pragma once

#include "check/strategies.hpp"
#include "unit/abi/sample_mpis.hpp"

namespace mpi_podman::test {

inline HostLauncher mpirun_4() {
    return {Launcher::open_mpi_4, Pmi::pmix, "/usr/bin/mpirun", "4.1.4", {"mpirun", "-np", "2"}};
}
inline HostLauncher hydra_4() {
    return {Launcher::hydra, Pmi::pmi1, "/usr/bin/mpiexec.hydra", "4.0.2", {"mpiexec.hydra", "-np", "2"}};
}
inline HostLauncher srun_with(Pmi pmi) {
    const auto type = pmi == Pmi::pmix ? "pmix" : pmi == Pmi::pmi2 ? "pmi2" : "none";
    return {Launcher::slurm, pmi, "/usr/bin/srun", "22.05.8", {"srun", "--mpi=" + std::string(type)}};
}

inline const auto open_mpi_41 = open_mpi("4.1.4", {40, 30, 4});
inline const auto mpich_402 = mpich("4.0.2", {12, 2, 2}, "libmpich.so.12");

/// `ring`, linked with this MPI, in an image with the same; the host has Open MPI 4.1.4 and MPICH 4.0.2, of
/// which
/// --mpi=host takes what `ring` needs.
inline StrategyQuestion ring_with(const MpiInstallation& mpi) {
    StrategyQuestion question;
    question.options.action = Action::check;
    question.options.image = "localhost/ring";
    question.options.command = {"ring"};
    question.typed = {{"check", {}}};
    question.launcher = mpirun_4();
    question.found.image = root_with({mpi});
    question.found.host = root_with({open_mpi_41, mpich_402});
    question.found.command = linked_with({mpi.libmpi});
    question.found.verdict.strategy = Strategy::host;
    if (mpi.family == MpiFamily::open_mpi) {
        question.found.host_mpi = host_with(open_mpi_41);
        question.found.mpi.open_mpi = open_mpi_41.libmpi.path;
        question.image_mpi.open_mpi = mpi.libmpi.path;
    } else {
        question.found.host_mpi = host_with(mpich_402);
        question.found.mpi.mpich = mpich_402.libmpi.path;
        question.image_mpi.mpich = mpi.libmpi.path;
    }
    return question;
}

/// What gather() makes of it.
inline CheckReport report_of(const StrategyQuestion& question) {
    CheckReport report;
    report.version = "0.1.0";
    report.node = "node1";
    report.image = question.options.image;
    report.image_id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    report.in_image = question.found.image;
    report.on_host = question.found.host;
    report.devices = question.devices;
    report.command = question.found.command;
    if (question.found.host_mpi) {
        report.host_mpi = question.found.host_mpi->mpi;
    }
    report.launcher = question.launcher;
    report.other_launchers = {hydra_4()};
    report.strategies = judge_strategies(question);
    report.recommended = recommend(report.strategies);
    return report;
}

}  // namespace mpi_podman::test
