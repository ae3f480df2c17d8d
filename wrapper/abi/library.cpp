#include "abi/library.hpp"

#include <algorithm>
#include <charconv>
#include <map>

namespace mpi_podman {
namespace {

constexpr std::string_view so = ".so";

std::string_view version_text(std::string_view name) {
    const auto at = name.find(".so.");
    return at == std::string_view::npos ? std::string_view{} : name.substr(at + so.size() + 1);
}

}  // namespace

std::string directory_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

std::string_view name_in(std::string_view path) { return path.substr(path.rfind('/') + 1); }

AbiVersion abi_version_from(std::string_view text) {
    AbiVersion version;
    while (!text.empty()) {
        unsigned number = 0;
        const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc()) {
            break;
        }
        version.push_back(number);
        text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
        if (!text.starts_with('.')) {
            break;
        }
        text.remove_prefix(1);
    }
    return version;
}

std::string to_string(const AbiVersion& version) {
    std::string text;
    for (const auto number : version) {
        text += (text.empty() ? "" : ".") + std::to_string(number);
    }
    return text;
}

unsigned number_at(const AbiVersion& version, std::size_t index) {
    return index < version.size() ? version[index] : 0;
}

std::string_view stem_of(std::string_view file_name) { return file_name.substr(0, file_name.find(so)); }

AbiVersion version_of_library(const Rootfs& root, const std::string& file, const std::string& soname) {
    const auto directory = file.substr(0, file.rfind('/') + 1);
    const auto of_soname = abi_version_from(version_text(soname));
    auto best = abi_version_from(version_text(name_in(file)));
    for (const auto& name : best.size() < 3 ? root.names_in(directory) : std::vector<std::string>{}) {
        auto version = abi_version_from(version_text(name));
        const bool same_library = stem_of(name) == stem_of(name_in(file));
        if (same_library && version.size() > best.size() && root.resolve(directory + name) == file) {
            best = std::move(version);
        }
    }
    const bool disagrees = !of_soname.empty() && number_at(best, 0) != of_soname.front();
    return best.empty() || disagrees ? of_soname : best;
}

Library library_from(const Rootfs& root, const std::string& path, const ElfFile& elf) {
    Library library;
    library.path = path;
    library.file = root.resolve(path).value_or(path);
    library.soname = elf.soname.empty() ? std::string(name_in(path)) : elf.soname;
    library.version = version_of_library(root, library.file, library.soname);
    library.version_needs = elf.version_needs;
    library.version_definitions = elf.version_definitions;
    return library;
}

std::optional<Library> read_library(const Rootfs& root, const std::string& path) {
    const auto elf = root.open(path).and_then([](const Fd& file) { return read_elf(file.get()); });
    return elf ? std::optional(library_from(root, path, *elf)) : std::nullopt;
}

std::vector<std::string> highest_of_each(const std::vector<std::string>& names) {
    std::map<std::string, AbiVersion> highest;
    for (const auto& name : names) {
        const auto number = std::min(name.find_first_of("0123456789"), name.size());
        auto& best = highest[name.substr(0, number)];
        best = std::max(best, abi_version_from(std::string_view(name).substr(number)));
    }
    std::vector<std::string> found;
    found.reserve(highest.size());
    for (const auto& [series, version] : highest) {
        found.push_back(series + to_string(version));
    }
    return found;
}

AbiVersion highest_of_series(const std::vector<std::string>& names, std::string_view series) {
    AbiVersion highest;
    for (const auto& name : names) {
        if (name.starts_with(series)) {
            highest = std::max(highest, abi_version_from(std::string_view(name).substr(series.size())));
        }
    }
    return highest;
}

}  // namespace mpi_podman
