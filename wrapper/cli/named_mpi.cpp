#include "cli/named_mpi.hpp"

#include <algorithm>
#include <iterator>
#include <string>

#include "sys/text.hpp"

namespace mpi_podman {
namespace {

tl::unexpected<Error> unknown(const std::string& name, const std::vector<ConfiguredMpi>& mpis) {
    std::vector<std::string> known;
    std::ranges::transform(mpis, std::back_inserter(known), &ConfiguredMpi::name);
    return failure(
        Status::usage, "--mpi=host:" + name + ": no MPI of that name is configured on this node",
        known.empty() ? "none is: no configuration file has [mpi NAME]" : "use one of: " + joined(known));
}

}  // namespace

Result<Options> with_named_mpi(Options options, const std::vector<ConfiguredMpi>& known) {
    const bool by_default = options.mpi_name.empty();
    const auto meant = std::ranges::find_if(known, [&](const ConfiguredMpi& mpi) {
        return by_default ? mpi.is_default : mpi.name == options.mpi_name;
    });
    // What --check says of the host's MPI is about the one that --mpi=host would take.
    const bool wanted = options.mpi == MpiFrom::host || options.action == Action::check;
    if (!wanted || (by_default && !options.mpi_prefix.empty())) {
        return options;
    }
    if (meant == known.end()) {
        return by_default ? Result<Options>(std::move(options)) : unknown(options.mpi_name, known);
    }
    options.mpi_prefix = meant->prefix;
    return options;
}

}  // namespace mpi_podman
