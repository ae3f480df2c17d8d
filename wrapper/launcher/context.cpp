#include "launcher/context.hpp"

#include <pmix_common.h>

#include <array>
#include <charconv>

#include "launcher/launchers.hpp"
#include "launcher/session_paths.hpp"
#include "launcher/variables.hpp"

namespace mpi_podman {
namespace {

using Told = std::optional<ToldNumber>;

std::string text_of(const ToldNumber& number) {
    return "the " + std::to_string(number.value) + " of " + std::string(number.name);
}

Result<void> check_below(const Told& rank, const Told& size) {
    if (!rank || !size || rank->value < size->value) {
        return {};
    }
    return absurd(rank->name, std::to_string(rank->value), "is not below " + text_of(*size));
}

/// The four numbers as told, before they are checked against each other.
struct Numbers {
    Told rank, size, local_rank, local_size;
};

Result<void> check(const Numbers& numbers) {
    if (numbers.size && numbers.local_size && numbers.local_size->value > numbers.size->value) {
        return absurd(numbers.local_size->name, std::to_string(numbers.local_size->value),
                      "as the number of ranks on this node is more than " + text_of(*numbers.size));
    }
    const auto global = check_below(numbers.rank, numbers.size);
    return global ? check_below(numbers.local_rank, numbers.local_size) : global;
}

Result<Numbers> numbers_for(const LauncherRow& row, const Environment& environment) {
    Numbers numbers;
    const std::array wanted{std::pair{&row.rank, &numbers.rank}, std::pair{&row.size, &numbers.size},
                            std::pair{&row.local_rank, &numbers.local_rank},
                            std::pair{&row.local_size, &numbers.local_size}};
    for (const auto& [sources, number] : wanted) {
        const auto told = agreed_number(environment, *sources);
        if (!told) {
            return failure(told.error());
        }
        *number = *told;
    }
    const auto sound = check(numbers);
    return sound ? Result<Numbers>(numbers) : failure(sound.error());
}

std::optional<std::uint32_t> value_of(const Told& told) {
    return told ? std::optional(told->value) : std::nullopt;
}

Result<std::optional<int>> pmi_fd(const Environment& environment, const IsSocket& is_socket) {
    const auto value = lookup(environment, "PMI_FD");
    if (!value) {
        return std::nullopt;
    }
    int fd = -1;
    const auto* const end = value->data() + value->size();
    const auto [stop, error] = std::from_chars(value->data(), end, fd);
    if (error != std::errc{} || stop != end || fd < 0) {
        return absurd("PMI_FD", *value, "is no file descriptor");
    }
    if (!is_socket(fd)) {
        return failure(
            Status::ours, "PMI_FD=" + std::to_string(fd) + " is no open socket",
            "something between the launcher and mpi-podman closed it (sudo and Python's subprocess do): "
            "let the launcher start mpi-podman itself, or exec it");
    }
    return fd;
}

Result<std::string> pmi_port(const Environment& environment) {
    const auto value = lookup(environment, "PMI_PORT");
    if (!value) {
        return std::string{};
    }
    const auto colon = value->rfind(':');
    std::uint16_t port = 0;
    const auto* const end = value->data() + value->size();
    const auto* const begin = colon == std::string_view::npos ? end : value->data() + colon + 1;
    const auto [stop, error] = std::from_chars(begin, end, port);
    if (colon == 0 || error != std::errc{} || stop != end || port == 0) {
        return absurd("PMI_PORT", *value, "is no HOST:PORT");
    }
    return std::string(*value);
}

Result<PmiEndpoint> endpoint_for(const LauncherRow& row, const Environment& environment,
                                 const IsSocket& is_socket) {
    if (row.pmi != Pmi::pmi1 && row.pmi != Pmi::pmi2) {
        return PmiEndpoint{};
    }
    const auto fd = pmi_fd(environment, is_socket);
    if (!fd) {
        return failure(fd.error());
    }
    const auto port = pmi_port(environment);
    return port ? Result<PmiEndpoint>(PmiEndpoint{*fd, *port}) : failure(port.error());
}

Result<void> check_pmix_namespace(const LauncherRow& row, const Environment& environment) {
    const auto id = lookup(environment, "PMIX_NAMESPACE");
    if (row.pmi != Pmi::pmix || !id) {
        return {};
    }
    if (id->empty()) {
        return absurd("PMIX_NAMESPACE", *id, "is empty");
    }
    if (id->size() > PMIX_MAX_NSLEN) {
        return absurd("PMIX_NAMESPACE", *id, "is longer than " + std::to_string(PMIX_MAX_NSLEN) + " bytes");
    }
    return {};
}

/// Slurm's ids become part of names and paths: nothing but numbers may.
Result<void> check_slurm_ids(const LauncherRow& row, const Environment& environment) {
    if (row.launcher != Launcher::slurm) {
        return {};
    }
    for (const auto* const name :
         {"SLURM_JOB_ID", "SLURM_JOBID", "SLURM_STEP_ID", "SLURM_STEPID", "SLURM_JOB_UID"}) {
        const auto value = lookup(environment, name);
        if (value && (value->empty() || value->find_first_not_of("0123456789") != std::string_view::npos)) {
            return absurd(name, *value, "is no number");
        }
    }
    return {};
}

Result<void> check_ids(const LauncherRow& row, const Environment& environment) {
    const auto pmix = check_pmix_namespace(row, environment);
    return pmix ? check_slurm_ids(row, environment) : pmix;
}

Result<void> add_paths(LauncherContext& context, const LauncherRow& row, const Environment& environment) {
    auto paths = session_paths(row, environment);
    if (!paths) {
        return failure(paths.error());
    }
    auto directory = session_directory(row, environment);
    if (!directory) {
        return failure(directory.error());
    }
    context.session_paths = std::move(*paths);
    context.session_directory = std::move(*directory);
    return {};
}

}  // namespace

Result<LauncherContext> launcher_context(const Environment& environment, const IsSocket& is_socket) {
    const auto& row = row_for(environment);
    if (const auto sound = check_ids(row, environment); !sound) {
        return failure(sound.error());
    }
    const auto numbers = numbers_for(row, environment);
    if (!numbers) {
        return failure(numbers.error());
    }
    auto endpoint = endpoint_for(row, environment, is_socket);
    if (!endpoint) {
        return failure(endpoint.error());
    }
    LauncherContext context{row.launcher,
                            row.pmi,
                            row.job(environment),
                            value_of(numbers->rank),
                            value_of(numbers->size),
                            value_of(numbers->local_rank),
                            value_of(numbers->local_size),
                            std::move(*endpoint),
                            {},
                            {}};
    const auto added = add_paths(context, row, environment);
    return added ? Result<LauncherContext>(std::move(context)) : failure(added.error());
}

LauncherContext outline_of_job(const Environment& environment) {
    const auto& row = row_for(environment);
    const auto numbers = numbers_for(row, environment).value_or(Numbers{});
    LauncherContext context;
    context.launcher = row.launcher;
    context.job = row.job(environment);
    context.local_size = value_of(numbers.local_size);
    return context;
}

std::string_view name_of(Launcher launcher) {
    switch (launcher) {
        case Launcher::none: return "no launcher";
        case Launcher::open_mpi_4: return "mpirun (Open MPI 4)";
        case Launcher::prrte: return "mpirun (Open MPI 5)";
        case Launcher::hydra: return "mpiexec (Hydra)";
        case Launcher::slurm: return "srun";
    }
    return "unknown launcher";
}

std::string_view name_of(Pmi pmi) {
    switch (pmi) {
        case Pmi::none: return "no PMI";
        case Pmi::pmi1: return "PMI-1";
        case Pmi::pmi2: return "PMI-2";
        case Pmi::pmix: return "PMIx";
    }
    return "unknown PMI";
}

}  // namespace mpi_podman
