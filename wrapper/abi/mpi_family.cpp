#include "abi/mpi_family.hpp"

#include <algorithm>
#include <array>

namespace mpi_podman {
namespace {

struct Stem {
    std::string_view stem;
    MpiFamily family;
    MpiBinding binding;
    std::string_view shared;  ///< the stem all MPICHs share, where this is another
};

using enum MpiFamily;
using Binding = MpiBinding;

/// libmpi itself is of either family: see by_number.
constexpr std::array stems{
    Stem{"libmpi_cxx", open_mpi, Binding::cxx, ""},
    Stem{"libmpi_mpifh", open_mpi, Binding::fortran, ""},
    Stem{"libmpi_usempif08", open_mpi, Binding::fortran, ""},
    Stem{"libmpi_usempi_ignore_tkr", open_mpi, Binding::fortran, ""},
    Stem{"libmpi_usempi", open_mpi, Binding::fortran, ""},
    Stem{"libmpi_f77", open_mpi, Binding::fortran, ""},
    Stem{"libmpi_f90", open_mpi, Binding::fortran, ""},
    Stem{"libmpi_java", open_mpi, Binding::java, ""},
    Stem{"libmpich", mpich, Binding::c, "libmpi"},
    Stem{"libmpicxx", mpich, Binding::cxx, ""},
    Stem{"libmpichcxx", mpich, Binding::cxx, "libmpicxx"},
    Stem{"libmpifort", mpich, Binding::fortran, ""},
    Stem{"libmpichfort", mpich, Binding::fortran, "libmpifort"},
    Stem{"libmpi_cray", mpich, Binding::c, "libmpi"},
    Stem{"libmpi_gnu_91", mpich, Binding::c, "libmpi"},
    Stem{"libmpi_abi", standard_abi, Binding::standard_abi, ""},
};

constexpr unsigned mpich_abi = 12;

struct Series {
    MpiFamily family;
    unsigned major, minor;
    std::string_view release;
};

/// By the releases' library versions. Open MPI counts its minor number in tens.
constexpr std::array series{
    Series{open_mpi, 12, 0, "1.10"}, Series{open_mpi, 20, 0, "2.0"},  Series{open_mpi, 20, 10, "2.1"},
    Series{open_mpi, 40, 0, "3.0"},  Series{open_mpi, 40, 10, "3.1"}, Series{open_mpi, 40, 20, "4.0"},
    Series{open_mpi, 40, 30, "4.1"}, Series{open_mpi, 40, 40, "5.0"}, Series{mpich, 12, 0, "3.1"},
    Series{mpich, 12, 1, "3."},      Series{mpich, 12, 2, "4.0"},     Series{mpich, 12, 3, "4.1"},
    Series{mpich, 12, 4, "4.2"},     Series{mpich, 12, 5, "4.3"},
};

const Stem* find_stem(std::string_view soname) {
    auto stem = stem_of(soname);
    // Debian adds the compiler: libmpi_mpifh-gfortran.so.40 brings libmpi_mpifh.so.40 with it.
    stem = stem.substr(0, stem.find("-gfortran"));
    const auto* const found = std::ranges::find(stems, stem, &Stem::stem);
    return found == stems.end() ? nullptr : found;
}

AbiVersion number_of(std::string_view soname) {
    const auto at = soname.find(".so.");
    return at == std::string_view::npos ? AbiVersion{} : abi_version_from(soname.substr(at + 4));
}

}  // namespace

std::string_view name_of(MpiFamily family) {
    switch (family) {
        case open_mpi: return "Open MPI";
        case mpich: return "MPICH";
        case standard_abi: return "the standard MPI ABI";
        case none: break;
    }
    return "no MPI";
}

std::string_view name_of(MpiBinding binding) {
    switch (binding) {
        case Binding::c: return "C";
        case Binding::cxx: return "C++";
        case Binding::fortran: return "Fortran";
        case Binding::java: return "Java";
        case Binding::standard_abi: return "standard ABI";
    }
    return "";
}

std::optional<MpiName> mpi_name(std::string_view soname) {
    const auto number = number_of(soname);
    if (number.empty()) {
        return std::nullopt;
    }
    if (stem_of(soname) == "libmpi") {
        return MpiName{number.front() == mpich_abi ? mpich : open_mpi, Binding::c};
    }
    const auto* stem = find_stem(soname);
    return stem != nullptr ? std::optional(MpiName{stem->family, stem->binding}) : std::nullopt;
}

std::string shared_name(std::string_view soname) {
    const auto* stem = find_stem(soname);
    const bool other =
        stem != nullptr && !stem->shared.empty() && number_at(number_of(soname), 0) == mpich_abi;
    return other ? std::string(stem->shared) + ".so." + std::to_string(mpich_abi) : std::string(soname);
}

std::string release_series(MpiFamily family, const AbiVersion& version) {
    const auto* const found = std::ranges::find_if(series, [&](const Series& row) {
        constexpr unsigned tens = 10;
        const auto minor = number_at(version, 1);
        return row.family == family && row.major == number_at(version, 0) &&
               row.minor == (family == open_mpi ? minor / tens * tens : minor);
    });
    return found == series.end() || version.size() < 2 ? std::string{} : std::string(found->release);
}

}  // namespace mpi_podman
