#include "abi/release.hpp"

#include <algorithm>
#include <array>

namespace mpi_podman {
namespace {

constexpr std::string_view digits = "0123456789";

bool is_digit(char c) { return digits.find(c) != std::string_view::npos; }

/// The version that `text` begins with, suffix and all; empty where it has fewer than three numbers.
std::string_view version_at(std::string_view text) {
    constexpr std::string_view suffix = "0123456789abcdefghijklmnopqrstuvwxyz-";
    const auto numbers = text.substr(0, text.find_first_not_of("0123456789."));
    const bool three = std::ranges::count(numbers, '.') == 2 && numbers.back() != '.' &&
                       numbers.find("..") == std::string_view::npos;
    const auto rest = text.substr(numbers.size());
    return three ? text.substr(0, numbers.size() + std::min(rest.find_first_not_of(suffix), rest.size()))
                 : std::string_view{};
}

/// Whether "4.1.4" is of the series "4.1", or "3.4.1" of "3.".
bool is_of_series(std::string_view release, std::string_view series) {
    return !series.empty() && release.starts_with(series) &&
           (series.back() == '.' || release.size() == series.size() || !is_digit(release[series.size()]));
}

std::vector<std::string> constants_of(const Rootfs& root, const std::string& path) {
    auto constants = root.open(path).and_then([](const Fd& file) { return constant_bytes(file.get()); });
    return constants ? std::move(*constants) : std::vector<std::string>{};
}

/// The version behind one of these words.
std::string version_behind(const std::vector<std::string>& constants, std::string_view word) {
    for (const std::string_view bytes : constants) {
        for (auto at = bytes.find(word); at != std::string_view::npos; at = bytes.find(word, at + 1)) {
            if (const auto version = version_at(bytes.substr(at + word.size(), 64)); !version.empty()) {
                return std::string(version);
            }
        }
    }
    return {};
}

std::string first_of_series(const std::vector<std::string>& constants, std::string_view series) {
    for (const auto& bytes : constants) {
        for (auto& text : version_texts(bytes)) {
            if (is_of_series(text, series)) {
                return std::move(text);
            }
        }
    }
    return {};
}

/// libfabric's own releases are 1.x or 2.x; other version texts in it are those of its providers, 0.x.
std::string libfabric_release(const std::vector<std::string>& constants) {
    const auto first = first_of_series(constants, "1.");
    return first.empty() ? first_of_series(constants, "2.") : first;
}

/// rdma-core numbers its release into the file: libibverbs.so.1.14.44.0.
std::string ibverbs_release(const Library& library) {
    constexpr std::size_t release_at = 2;
    return library.version.size() > release_at
               ? to_string({library.version.begin() + release_at, library.version.end()})
               : std::string{};
}

}  // namespace

std::vector<std::string> version_texts(std::string_view bytes) {
    std::vector<std::string> texts;
    // By the dots: there are fewer of them than of digits.
    for (auto dot = bytes.find('.'); dot != std::string_view::npos; dot = bytes.find('.', dot + 1)) {
        auto begin = dot;
        while (begin > 0 && is_digit(bytes[begin - 1])) {
            --begin;
        }
        const bool fresh =
            begin < dot && (begin == 0 || (bytes[begin - 1] != '.' && bytes[begin - 1] != '_'));
        const auto text = fresh ? version_at(bytes.substr(begin, 32)) : std::string_view{};
        const auto end = begin + text.size();
        if (!text.empty() && end < bytes.size() && bytes[end] == '\0' &&
            std::ranges::find(texts, text) == texts.end()) {
            texts.emplace_back(text);
        }
    }
    return texts;
}

std::string mpi_release(const std::vector<std::string>& constants, MpiFamily family,
                        const AbiVersion& version) {
    const auto series = release_series(family, version);
    auto release = first_of_series(constants, series);
    if (!release.empty()) {
        return release;
    }
    return series.ends_with('.') ? std::string{} : series;
}

std::string mpi_vendor(const std::vector<std::string>& constants) {
    struct Mark {
        std::string_view text, vendor;
    };
    constexpr std::array marks{Mark{"Intel(R) MPI Library", "Intel MPI"},
                               Mark{"CRAY MPICH version", "Cray MPICH"}, Mark{"MVAPICH2 Version", "MVAPICH"},
                               Mark{"MVAPICH Version", "MVAPICH"},
                               Mark{"ParaStation MPI", "ParaStation MPI"}};
    for (const auto& [text, vendor] : marks) {
        if (std::ranges::any_of(constants, [&, text = text](const std::string& bytes) {
                return bytes.find(text) != std::string::npos;
            })) {
            return std::string(vendor);
        }
    }
    return {};
}

std::string glibc_release(const Rootfs& root, const std::string& libc) {
    constexpr std::string_view words = "release version ";
    for (const std::string_view bytes : constants_of(root, libc)) {
        const auto at = bytes.find(words);
        const auto release = at == std::string_view::npos
                                 ? AbiVersion{}
                                 : abi_version_from(bytes.substr(at + words.size(), 16));
        if (!release.empty()) {
            return to_string(release);
        }
    }
    const auto library = read_library(root, libc);
    return library ? to_string(highest_of_series(library->version_definitions, "GLIBC_")) : std::string{};
}

std::string musl_release(const Rootfs& root, const std::string& interpreter) {
    return first_of_series(constants_of(root, interpreter), "1.");
}

std::string release_of(const Rootfs& root, const Library& library) {
    const auto stem = stem_of(library.soname);
    if (stem == "libibverbs") {
        return ibverbs_release(library);
    }
    if (stem != "libpmix" && stem != "libucp" && stem != "libfabric") {
        return {};
    }
    const auto constants = constants_of(root, library.path);
    if (stem == "libucp") {
        return first_of_series(constants, "1.");
    }
    if (stem == "libfabric") {
        return libfabric_release(constants);
    }
    const auto own = version_behind(constants, "OpenPMIx ");
    return own.empty() ? version_behind(constants, "MCA component version ") : own;
}

}  // namespace mpi_podman
