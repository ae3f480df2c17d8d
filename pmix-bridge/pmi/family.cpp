#include "pmi/family.hpp"

#include <unistd.h>

#include "sys/fd.hpp"

namespace mpi_podman::pmi {
namespace {

constexpr const char* came = "came";
constexpr const char* spoke = "spoke";

Family other_than(Family family) { return family == Family::pmix ? Family::pmi : Family::pmix; }

bool is_there(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

Result<void> leave_mark(const std::string& path, const std::string& text) {
    return is_there(path) ? Result<void>() : write_file(path, text);
}

}  // namespace

Result<void> Families::come(Family family, const std::string& image) const {
    return leave_mark(mark(came, family), image).and_then([&]() -> Result<void> {
        return is_there(mark(spoke, other_than(family))) ? Result<void>(failure(mixed())) : Result<void>();
    });
}

Result<void> Families::speak(Family family) const {
    return leave_mark(mark(spoke, family), "").and_then([&]() -> Result<void> {
        return is_there(mark(came, other_than(family))) ? Result<void>(failure(mixed())) : Result<void>();
    });
}

std::string Families::mark(const char* what, Family family) const {
    return directory_ + "/mpi-" + (family == Family::pmix ? "of-pmix-" : "of-pmi-") + what;
}

/// In the same words whoever finds it, so that it is said once.
Error Families::mixed() const {
    const auto image_of = [&](Family family) {
        return read_file(mark(came, family)).value_or("an image that has gone");
    };
    return {Status::ours,
            "one job cannot have ranks of two families of MPI: that of " + image_of(Family::pmix) +
                " speaks PMIx (Open MPI), that of " + image_of(Family::pmi) + " PMI (MPICH)",
            "give all its ranks images with one of them; for programs without MPI: mpi-podman --pmi=none"};
}

}  // namespace mpi_podman::pmi
