#include "rootfs/rootfs.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <filesystem>
#include <set>

#include "rootfs/layer.hpp"

namespace mpi_podman {
namespace {

constexpr int most_links = 40;  // path_resolution(7)
constexpr std::size_t longest_path = 4096;

/// Puts the parts of a path before `rest`.
void prepend(std::deque<std::string>& rest, std::string_view path) {
    std::deque<std::string> parts;
    while (!path.empty()) {
        const auto end = std::min(path.find('/'), path.size());
        if (end > 0 && path.substr(0, end) != ".") {
            parts.emplace_back(path.substr(0, end));
        }
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    rest.insert(rest.begin(), parts.begin(), parts.end());
}

std::string parent_of(const std::string& path) {
    return path.substr(0, std::min(path.rfind('/'), path.size()));
}

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::optional<std::string> target_of(const std::string& link) {
    std::string target(longest_path, '\0');
    const auto size = ::readlink(link.c_str(), target.data(), target.size());
    if (size <= 0 || static_cast<std::size_t>(size) == target.size()) {
        return std::nullopt;
    }
    target.resize(static_cast<std::size_t>(size));
    return target;
}

std::int64_t nanoseconds(const timespec& time) {
    constexpr std::int64_t each = 1'000'000'000;
    return time.tv_sec * each + time.tv_nsec;
}

}  // namespace

Rootfs::Rootfs(const std::vector<std::string>& layers) {
    auto& root = layers_[""];
    for (const auto& layer : layers) {
        root.push_back({layer == "/" ? "" : layer, ""});
    }
}

void Rootfs::mount(std::string path, const std::string& host_path) {
    std::error_code ignored;
    const auto real = std::filesystem::canonical(host_path, ignored).string();
    const auto root = layers_[""];
    while (path.size() > 1 && path.back() == '/') {
        path.pop_back();
    }
    mounts_[path == "/" ? "" : path] = {real.empty() ? host_path : real, ""};
    layers_.clear();
    layers_[""] = root;
}

std::optional<Rootfs::Found> Rootfs::look(const Place& place) {
    struct stat info {};
    const auto path = place.path();
    if (::lstat(path.empty() ? "/" : path.c_str(), &info) != 0) {
        return std::nullopt;
    }
    return Found{place, info.st_mode,
                 FileState{info.st_dev, info.st_ino, static_cast<std::uint64_t>(info.st_size),
                           nanoseconds(info.st_mtim), nanoseconds(info.st_ctim)}};
}

std::vector<Rootfs::Place> Rootfs::stack(const std::string& directory) const {
    if (const auto mounted = mounts_.find(directory); mounted != mounts_.end()) {
        return {mounted->second};
    }
    std::vector<Place> stacked;
    const auto name = name_of(directory);
    for (const auto& above : layers_of(parent_of(directory))) {
        const Place place{above.root, above.below + "/" + name};
        const auto says = what_layer_says(above.path(), name);
        if (says == LayerSays::directory) {
            stacked.push_back(place);
        }
        const bool hides =
            says == LayerSays::directory ? is_opaque(place.path()) : says != LayerSays::nothing;
        if (hides) {
            break;
        }
    }
    return stacked;
}

const std::vector<Rootfs::Place>& Rootfs::layers_of(const std::string& directory) const {
    const auto known = layers_.find(directory);
    return known != layers_.end() ? known->second
                                  : layers_.emplace(directory, stack(directory)).first->second;
}

std::optional<Rootfs::Found> Rootfs::locate(const std::string& directory, const std::string& name) const {
    if (const auto mounted = mounts_.find(directory + "/" + name); mounted != mounts_.end()) {
        return look(mounted->second);
    }
    for (const auto& layer : layers_of(directory)) {
        const auto says = what_layer_says(layer.path(), name);
        if (says == LayerSays::gone) {
            break;
        }
        if (says != LayerSays::nothing) {
            return look({layer.root, layer.below + "/" + name});
        }
    }
    return std::nullopt;
}

bool Rootfs::leads_to_mount(const std::string& directory) const {
    const auto next = mounts_.lower_bound(directory + "/");
    return next != mounts_.end() && next->first.starts_with(directory + "/");
}

std::optional<std::string> Rootfs::resolve(std::string_view path) const {
    std::deque<std::string> rest;
    prepend(rest, path.substr(0, longest_path));
    std::string at;
    for (int links = 0; !rest.empty();) {
        const auto name = rest.front();
        rest.pop_front();
        if (name == "..") {
            at = parent_of(at);
            continue;
        }
        if (const auto known = layers_.find(at + "/" + name);
            known != layers_.end() && !known->second.empty()) {
            at = known->first;
            continue;
        }
        const auto found = locate(at, name);
        if (found && S_ISLNK(found->mode)) {
            const auto target = target_of(found->place.path());
            if (!target || ++links > most_links) {
                return std::nullopt;
            }
            at = target->front() == '/' ? "" : at;
            prepend(rest, *target);
            continue;
        }
        at += "/" + name;
        const bool enters = found && (S_ISDIR(found->mode) || rest.empty());
        if ((!enters && !leads_to_mount(at)) || at.size() > longest_path) {
            return std::nullopt;
        }
    }
    return at.empty() ? "/" : at;
}

std::optional<Rootfs::Found> Rootfs::find(std::string_view path) const {
    const auto real = resolve(path);
    if (!real) {
        return std::nullopt;
    }
    if (*real == "/") {
        const auto& root = layers_of("");
        return root.empty() ? std::nullopt : look(root.front());
    }
    return locate(parent_of(*real), name_of(*real));
}

bool Rootfs::is_directory(std::string_view path) const {
    const auto real = resolve(path);
    const auto found = real ? find(*real) : std::nullopt;
    return found ? S_ISDIR(found->mode) : real && leads_to_mount(*real);  // made for what is mounted in it
}

bool Rootfs::is_program(std::string_view path) const {
    constexpr mode_t anybody = 0111;
    const auto found = find(path);
    return found && S_ISREG(found->mode) && (found->mode & anybody) != 0;
}

std::vector<std::string> Rootfs::names_in(std::string_view path) const {
    const auto real = resolve(path);
    const std::string directory = !real || *real == "/" ? "" : *real;
    std::set<std::string> names;
    std::set<std::string> hidden;
    for (const auto& layer : real ? layers_of(directory) : std::vector<Place>{}) {
        const auto entries = entries_of_layer(layer.path());
        for (const auto& name : entries.present) {
            if (!hidden.contains(name)) {
                names.insert(name);
            }
        }
        hidden.insert(entries.gone.begin(), entries.gone.end());
    }
    for (auto at = mounts_.lower_bound(directory + "/");
         at != mounts_.end() && at->first.starts_with(directory + "/"); ++at) {
        const auto below = at->first.substr(directory.size() + 1);
        names.insert(below.substr(0, below.find('/')));
    }
    return {names.begin(), names.end()};
}

std::optional<std::string> Rootfs::host_path(std::string_view path) const {
    const auto found = find(path);
    return found ? std::optional(found->place.path()) : std::nullopt;
}

std::optional<FileState> Rootfs::state(std::string_view path) const {
    const auto found = find(path);
    return found ? std::optional(found->state) : std::nullopt;
}

Result<Fd> Rootfs::open(std::string_view path) const {
    const auto found = find(path);
    if (!found) {
        return failure(Status::not_found, std::string(path) + ": no such file");
    }
    if (!S_ISREG(found->mode)) {
        return failure(Status::ours, std::string(path) + " is no regular file");
    }
    Fd file = open_below(found->place.root, found->place.below);
    struct stat info {};
    if (!file || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
        return failure(Status::ours, found->place.path() + " cannot be read: " + errno_text());
    }
    return file;
}

Result<std::string> Rootfs::read(std::string_view path, std::size_t most) const {
    return open(path).and_then([&](const Fd& file) -> Result<std::string> {
        struct stat info {};
        const bool known = ::fstat(file.get(), &info) == 0 && info.st_size > 0;  // in /proc it is 0
        std::string bytes(known ? std::min(most, static_cast<std::size_t>(info.st_size)) : most, '\0');
        std::size_t size = 0;
        for (ssize_t got = 1; got > 0 && size < bytes.size();) {
            got = ::pread(file.get(), bytes.data() + size, bytes.size() - size, static_cast<off_t>(size));
            size += got > 0 ? static_cast<std::size_t>(got) : 0;
            if (got < 0 && errno == EINTR) {
                got = 1;
            } else if (got < 0) {
                return failure(Status::ours, std::string(path) + " cannot be read: " + errno_text());
            }
        }
        bytes.resize(size);
        return bytes;
    });
}

}  // namespace mpi_podman
