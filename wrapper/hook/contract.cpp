#include "hook/contract.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace mpi_podman {
namespace {

std::string value_of(const Environment& environment, std::string_view name) {
    return std::string(lookup(environment, name).value_or(""));
}

std::vector<std::string> parts_of(std::string_view list) {
    std::vector<std::string> parts;
    while (!list.empty()) {
        const auto end = std::min(list.find(':'), list.size());
        if (end > 0) {
            parts.emplace_back(list.substr(0, end));
        }
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return parts;
}

AbiCheck check_called(std::string_view word) {
    for (const auto check : {AbiCheck::full, AbiCheck::strict}) {
        if (word == name_of(check)) {
            return check;
        }
    }
    return AbiCheck::major;
}

bool is_true(std::string word) {
    std::ranges::transform(word, word.begin(), [](unsigned char c) { return std::tolower(c); });
    return word == "true";
}

Result<void> absolute(const char* variable, const std::vector<std::string>& paths) {
    for (const auto& path : paths) {
        if (path.front() != '/') {
            return failure(Status::usage,
                           std::string(variable) + " has " + path + ", which is no absolute path",
                           "correct the hook's configuration");
        }
    }
    return {};
}

Result<void> there(const char* variable, bool is_there, const char* what) {
    if (!is_there) {
        return failure(Status::usage, std::string(variable) + " is not set: " + what,
                       "set it in \"env\" of the hook's configuration");
    }
    return {};
}

}  // namespace

Result<Contract> contract_from(const Environment& environment) {
    Contract contract;
    contract.ldconfig = value_of(environment, "LDCONFIG_PATH");
    contract.mpi_libraries = parts_of(value_of(environment, "MPI_LIBS"));
    contract.dependencies = parts_of(value_of(environment, "MPI_DEPENDENCY_LIBS"));
    contract.bind_mounts = parts_of(value_of(environment, "BIND_MOUNTS"));
    contract.check = check_called(value_of(environment, "MPI_COMPATIBILITY_TYPE"));
    contract.rootless = is_true(value_of(environment, "HOOK_ROOTLESS"));
    return there("LDCONFIG_PATH", !contract.ldconfig.empty(), "the path of the host's ldconfig")
        .and_then([&] {
            return there("MPI_LIBS", !contract.mpi_libraries.empty(), "paths of the host's MPI libraries");
        })
        .and_then([&] { return absolute("LDCONFIG_PATH", {contract.ldconfig}); })
        .and_then([&] { return absolute("MPI_LIBS", contract.mpi_libraries); })
        .and_then([&] { return absolute("MPI_DEPENDENCY_LIBS", contract.dependencies); })
        .and_then([&] { return absolute("BIND_MOUNTS", contract.bind_mounts); })
        .map([&] { return contract; });
}

}  // namespace mpi_podman
