/// What is particular to each launcher, as a table: how to know it and which variables tell what.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "launcher/context.hpp"
#include "launcher/environment.hpp"
#include "launcher/variables.hpp"

namespace mpi_podman {

/// One launcher speaking one PMI.
struct LauncherRow {
    Launcher launcher = Launcher::none;
    Pmi pmi = Pmi::none;
    /// Whether it started this process. Asked in the table's order: a launcher inside another's allocation or
    /// step leaves the outer one's variables in place, so the inner ones come first.
    bool (*started)(const Environment&);
    /// Each number's variables; all that are set must agree.
    std::vector<NumberSource> rank, size, local_rank, local_size;
    /// The job's id, empty where the environment holds none.
    std::string (*job)(const Environment&);
    /// Patterns of variables naming what the rank must see, and of those the one directory that is this job's
    /// own.
    std::vector<std::string_view> session_variables;
    std::string_view session_directory;
};

/// The row of the launcher that started this process; the last row, Launcher::none, matches always.
const LauncherRow& row_for(const Environment& environment);

/// "JOB.STEP" of the Slurm step this process belongs to, empty outside a step.
std::string slurm_step(const Environment& environment);

}  // namespace mpi_podman
