#include "run/pristine.hpp"

#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "run/from_within.hpp"
#include "sys/fd.hpp"

namespace mpi_podman {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
    }
    return lines;
}

/// When a file last changed, in nanoseconds; 0 where it is not there.
std::uint64_t changed_at(const std::string& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) {
        return 0;
    }
    constexpr std::uint64_t nanoseconds = 1'000'000'000;
    return static_cast<std::uint64_t>(info.st_mtim.tv_sec) * nanoseconds +
           static_cast<std::uint64_t>(info.st_mtim.tv_nsec);
}

/// containers/storage keeps the user's images beside the containers: GRAPHROOT/DRIVER-containers/ID/userdata
/// is the bundle, GRAPHROOT/DRIVER-images/images.json the list.
std::string images_beside(const std::string& bundle) {
    const auto containers = fs::path(bundle).parent_path().parent_path();
    auto driver = containers.filename().string();
    constexpr std::string_view of_containers = "-containers";
    if (!driver.ends_with(of_containers)) {
        return {};
    }
    driver.resize(driver.size() - of_containers.size());
    return (containers.parent_path() / (driver + "-images") / "images.json").string();
}

/// Where the overlay driver keeps what a container writes: GRAPHROOT/overlay/ID/diff, beside the mounted
/// root. Other drivers keep no such thing.
std::string upper_of(const std::string& config_json) {
    const auto config = nlohmann::json::parse(config_json, nullptr, false);
    const nlohmann::json::json_pointer at("/root/path");
    const auto* text = config.contains(at) ? config.at(at).get_ptr<const std::string*>() : nullptr;
    const fs::path root(text != nullptr ? *text : "");
    return root.filename() == "merged" ? (root.parent_path() / "diff").string() : "";
}

/// Device, path within it and place of each mount (proc(5), mountinfo): another path, or "//deleted" behind
/// it, where what is mounted was moved or removed.
std::string mounts_of(pid_t agent) {
    std::istringstream in(read_file("/proc/" + std::to_string(agent) + "/mountinfo").value_or(""));
    std::string all;
    for (std::string line; std::getline(in, line);) {
        std::istringstream fields(line);
        std::string id, parent, device, root, place;
        fields >> id >> parent >> device >> root >> place;
        all += device + ' ' + root + ' ' + place + '\n';
    }
    return all;
}

std::string entry_of(const fs::path& below, const std::string& path) {
    struct stat info {};
    ::lstat(path.c_str(), &info);
    std::ostringstream text;
    text << path.substr(below.native().size()) << (S_ISDIR(info.st_mode) ? "/" : "") << '\t' << info.st_mode
         << ' ' << info.st_uid << ' ' << info.st_gid;
    if (!S_ISDIR(info.st_mode)) {
        text << ' ' << info.st_rdev << ' ' << info.st_size << ' ' << info.st_ino << ' ' << info.st_mtim.tv_sec
             << '.' << info.st_mtim.tv_nsec << ' ' << info.st_ctim.tv_sec << '.' << info.st_ctim.tv_nsec;
    }
    return text.str();
}

std::string list_below(const fs::path& upper) {
    std::vector<std::string> entries;
    std::error_code why;
    for (auto at = fs::recursive_directory_iterator(upper, why);
         !why && at != fs::recursive_directory_iterator(); at.increment(why)) {
        entries.push_back(entry_of(upper, at->path().native()));
    }
    std::sort(entries.begin(), entries.end());
    std::string text = why ? "unreadable: " + why.message() + "\n" : "";
    for (const auto& entry : entries) {
        text += entry + '\n';
    }
    return text;
}

bool is_above_one_of(const std::string& entry, const std::vector<std::string>& made) {
    const auto directory = entry.substr(0, entry.find('\t'));
    return directory.ends_with('/') && std::any_of(made.begin(), made.end(), [&](const std::string& path) {
               return path.starts_with(directory);
           });
}

}  // namespace

AtStart look_at_start(pid_t agent, pid_t conmon, const std::string& config_json, const std::string& bundle) {
    AtStart start;
    start.upper = upper_of(config_json);
    start.files = files_written(conmon, start.upper);
    start.mounts = mounts_of(agent);
    start.images = images_beside(bundle);
    start.images_changed = changed_at(start.images);
    return start;
}

bool shows_the_host_of_today(const Description& description, pid_t agent) {
    const auto& start = description.at_start;
    return start.images_changed != 0 && changed_at(start.images) == start.images_changed &&
           mounts_of(agent) == start.mounts;
}

std::vector<std::string> files_written(pid_t conmon, const std::string& upper) {
    if (upper.empty()) {
        return {};
    }
    return lines_of(
        from_within(conmon, CLONE_NEWUSER | CLONE_NEWNS, [&] { return list_below(upper); }).value_or(""));
}

std::vector<std::string> tidied(const Description& description, pid_t agent,
                                const std::vector<std::string>& expected,
                                const std::vector<std::string>& made) {
    const auto removed = from_within(agent, CLONE_NEWUSER | CLONE_NEWNS, [&] {
        std::for_each(made.rbegin(), made.rend(), [](const std::string& path) { ::rmdir(path.c_str()); });
        return std::string();
    });
    auto files = files_written(static_cast<pid_t>(description.conmon), description.at_start.upper);
    std::vector<std::string> differ;
    std::set_symmetric_difference(files.begin(), files.end(), expected.begin(), expected.end(),
                                  std::back_inserter(differ));
    const bool same = std::all_of(differ.begin(), differ.end(),
                                  [&](const std::string& entry) { return is_above_one_of(entry, made); });
    return removed && same ? files : std::vector<std::string>{};
}

}  // namespace mpi_podman
