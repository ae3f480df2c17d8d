#include "run/pristine.hpp"

#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>

#include "inspect/command.hpp"
#include "run/conmon.hpp"
#include "run/from_within.hpp"
#include "run/json_text.hpp"
#include "sys/fd.hpp"

namespace mpi_podman {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using nlohmann::json;

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
std::string upper_of(const json& config) {
    const json::json_pointer at("/root/path");
    const auto* text = config.contains(at) ? config.at(at).get_ptr<const std::string*>() : nullptr;
    const fs::path root(text != nullptr ? *text : "");
    return root.filename() == "merged" ? (root.parent_path() / "diff").string() : "";
}

/// A volume without a name is made for one container and forgotten with it: GRAPHROOT/volumes/<64
/// digits>/_data.
bool is_anonymous_volume(const fs::path& source) {
    return source.filename() == "_data" && is_id(source.parent_path().filename().string());
}

bool is_read_only(const json& mount) {
    const auto options = mount.value("options", json::array());
    return std::find(options.begin(), options.end(), "ro") != options.end();
}

/// What one mount of the OCI configuration adds: a file of the container's own (/etc/hosts), or a path of the
/// host. False where jobs can write in it what nothing here sees.
bool take_mount(const json& mount, AtStart& start) {
    constexpr std::array<std::string_view, 3> of_podman{"/dev", "/dev/shm", "/run/secrets"};
    const auto source = text_at(mount, "source");
    const auto place = text_at(mount, "destination");
    if (text_at(mount, "type") == "overlay") {
        return is_read_only(mount);  // --volume SRC:DST:O: what is written there podman keeps elsewhere
    }
    if (text_at(mount, "type") == "tmpfs") {
        return std::find(of_podman.begin(), of_podman.end(), place) != of_podman.end() || is_read_only(mount);
    }
    if (fs::path(source).parent_path().filename() == "userdata") {
        start.own.push_back(source);
    } else if (source.starts_with('/')) {
        start.sources.push_back(source);
    }
    return !is_anonymous_volume(source);
}

/// Fills `own` and `sources`; `own` stays empty where it cannot be seen what jobs write.
void take_files(const std::string& config_json, AtStart& start) {
    const auto config = json::parse(config_json, nullptr, false);
    const auto upper = config.is_object() ? upper_of(config) : "";
    const auto mounts = config.is_object() ? config.value("mounts", json::array()) : json::array();
    bool all_seen = !upper.empty();
    start.own.push_back(upper);
    for (const auto& mount : mounts) {
        all_seen = mount.is_object() && take_mount(mount, start) && all_seen;
    }
    if (!all_seen) {
        start.own.clear();
    }
}

/// Device, path within it and place of each mount that `wanted` picks by its place (proc(5), mountinfo):
/// another path, or "//deleted" behind it, where what is mounted was moved or removed.
std::string mounts_of(const std::string& process, const std::function<bool(const std::string&)>& wanted) {
    std::istringstream in(read_file("/proc/" + process + "/mountinfo").value_or(""));
    std::string all;
    for (std::string line; std::getline(in, line);) {
        std::istringstream fields(line);
        std::array<std::string, 5> field;  // id, parent's id, device, path within it, place
        for (auto& text : field) {
            fields >> text;
        }
        if (wanted(field[4])) {
            all.append(field[2]).append(" ").append(field[3]).append(" ").append(field[4]).append("\n");
        }
    }
    return all;
}

/// All that the container has mounted, and what the host has mounted below that, which came with it.
std::string mounts_seen(pid_t agent, const std::vector<std::string>& sources) {
    const auto all = [](const std::string&) { return true; };
    const auto below = [&](const std::string& place) {
        return std::any_of(sources.begin(), sources.end(),
                           [&](const auto& source) { return place.starts_with(source + "/"); });
    };
    return mounts_of(std::to_string(agent), all) + "host\n" + mounts_of("self", below);
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
    take_files(config_json, start);
    start.files = files_written(conmon, start.own);
    start.mounts = mounts_seen(agent, start.sources);
    start.images = images_beside(bundle);
    start.images_changed = changed_at(start.images);
    return start;
}

bool shows_the_host_of_today(const Description& description, pid_t agent) {
    const auto& start = description.at_start;
    return start.images_changed != 0 && changed_at(start.images) == start.images_changed &&
           mounts_seen(agent, start.sources) == start.mounts;
}

std::vector<std::string> files_written(pid_t conmon, const std::vector<std::string>& own) {
    if (own.empty()) {
        return {};
    }
    const auto list = [&] {
        auto text = list_below(own.front());
        for (auto file = own.begin() + 1; file != own.end(); ++file) {
            text += entry_of("", *file) + '\n';
        }
        return text;
    };
    auto lines = lines_of(from_within(conmon, CLONE_NEWUSER | CLONE_NEWNS, list).value_or(""));
    std::sort(lines.begin(), lines.end());
    return lines;
}

std::vector<std::string> tidied(const Description& description, pid_t agent,
                                const std::vector<std::string>& expected, const std::string& note) {
    const auto made = lines_of(read_file(note).value_or(""));
    ::unlink(note.c_str());
    const auto removed = from_within(agent, CLONE_NEWUSER | CLONE_NEWNS, [&] {
        std::for_each(made.rbegin(), made.rend(),
                      [](const std::string& path) { static_cast<void>(std::remove(path.c_str())); });
        return std::string();
    });
    auto files = files_written(static_cast<pid_t>(description.conmon), description.at_start.own);
    std::vector<std::string> differ;
    std::set_symmetric_difference(files.begin(), files.end(), expected.begin(), expected.end(),
                                  std::back_inserter(differ));
    const bool same = std::all_of(differ.begin(), differ.end(),
                                  [&](const std::string& entry) { return is_above_one_of(entry, made); });
    return removed && same ? files : std::vector<std::string>{};
}

bool has_image_of_its_name(const Description& description, const std::string& podman,
                           const std::string& image, const std::string& container) {
    // One question, as a job may be waiting for the answer.
    const auto answer = ask({podman, "inspect", container, image}, 30s);
    const auto both = json::parse(answer && answer->status == 0 ? answer->out : "", nullptr, false);
    if (!both.is_array() || both.size() != 2 || !both[0].is_object() || !both[1].is_object()) {
        return false;
    }
    const auto own = text_at(both[0], "Image");
    return !own.empty() && own == text_at(both[1], "Id") &&
           read_file(description.at_start.images).value_or("").find('"' + own + '"') != std::string::npos;
}

}  // namespace mpi_podman
