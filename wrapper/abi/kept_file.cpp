#include "abi/kept_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace mpi_podman {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Raised with every change of what is kept, or of how it is found.
constexpr int format = 2;
constexpr std::size_t most_files = 256;
constexpr std::size_t largest_file = 16U << 20U;

/// FNV-1a: the key itself is in the file, so this only has to spread.
std::string file_of(const std::string& directory, const std::string& key) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : key) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
    std::array<char, 16> digits{};
    const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), hash, 16).ptr;
    return directory + "/" + std::string(digits.data(), static_cast<std::size_t>(end - digits.data())) +
           ".json";
}

json to_array(const std::optional<FileState>& state) {
    return state ? json::array({state->device, state->inode, state->size, state->modified, state->changed})
                 : json(nullptr);
}

/// Nobody else may have written it.
std::string read_own(const std::string& path) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat info {};
    constexpr mode_t others = S_IWGRP | S_IWOTH;
    if (!file || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode) || info.st_uid != ::geteuid() ||
        (info.st_mode & others) != 0 || static_cast<std::size_t>(info.st_size) > largest_file) {
        return {};
    }
    std::string text(static_cast<std::size_t>(info.st_size), '\0');
    const auto size = ::read(file.get(), text.data(), text.size());
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return text;
}

bool holds(const json& head, const std::string& key, const Rootfs& root) {
    if (head.at("format") != format || head.at("key") != key) {
        return false;
    }
    const auto states = head.at("states").items();
    return std::all_of(states.begin(), states.end(),
                       [&](const auto& state) { return to_array(root.state(state.key())) == state.value(); });
}

void remove_oldest(const std::string& directory) {
    std::vector<std::pair<fs::file_time_type, fs::path>> files;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(directory, ignored)) {
        files.emplace_back(entry.last_write_time(ignored), entry.path());
    }
    if (files.size() > most_files) {
        std::ranges::sort(files);
        files.resize(files.size() / 2);
        for (const auto& [time, path] : files) {
            fs::remove(path, ignored);
        }
    }
}

}  // namespace

States states_of(const Rootfs& root, const std::vector<std::string>& paths) {
    States states;
    for (const auto& path : paths) {
        states.emplace(path, root.state(path));
    }
    return states;
}

std::optional<std::string> read_kept(const std::string& directory, const std::string& key,
                                     const Rootfs& root) {
    const auto text = directory.empty() ? std::string{} : read_own(file_of(directory, key));
    const auto end = text.find('\n');
    try {
        if (end != std::string::npos &&
            holds(json::parse(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end)), key, root)) {
            return text.substr(end + 1);
        }
    } catch (const json::exception&) {
        return std::nullopt;  // damaged
    }
    return std::nullopt;
}

void keep(const std::string& directory, const std::string& key, const States& states,
          const std::string& line) {
    if (directory.empty()) {
        return;
    }
    json kept = json::object();
    for (const auto& [path, state] : states) {
        kept[path] = to_array(state);
    }
    const json head{{"format", format}, {"key", key}, {"states", kept}};
    make_directory(directory, 0700);
    remove_oldest(directory);
    static_cast<void>(write_file(file_of(directory, key),
                                 head.dump(-1, ' ', false, json::error_handler_t::replace) + "\n" + line));
}

}  // namespace mpi_podman
