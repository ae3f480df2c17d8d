#include "inspect/image.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "rootfs/rootfs.hpp"

namespace mpi_podman {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const auto end = std::min(text.find(separator), text.size());
        if (end > 0) {
            parts.emplace_back(text.substr(0, end));
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

/// A list of strings that JSON may also hold as null or leave out.
std::vector<std::string> strings_at(const json& object, const char* key) {
    const auto at = object.find(key);
    return at == object.end() || at->is_null() ? std::vector<std::string>{}
                                               : at->get<std::vector<std::string>>();
}

std::string string_at(const json& object, const char* key) {
    const auto at = object.find(key);
    return at == object.end() || at->is_null() ? std::string{} : at->get<std::string>();
}

std::vector<std::string> layers_from(const json& image) {
    std::vector<std::string> layers;
    const json driver = image.value("GraphDriver", json::object());
    if (string_at(driver, "Name") != "overlay") {
        return layers;
    }
    const json places = driver.value("Data", json::object());
    for (const char* key : {"UpperDir", "LowerDir"}) {
        const auto more = split(string_at(places, key), ':');
        layers.insert(layers.end(), more.begin(), more.end());
    }
    return layers;
}

constexpr std::array<std::string_view, 12> library_directories{
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib/powerpc64le-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
    "/usr/local/lib",
    "/usr/local/lib64",
    "/usr/lib64/openmpi/lib",
    "/usr/lib64/mpich/lib",  // Fedora
    "/usr/lib64/mpi/gcc/openmpi4/lib64",
    "/usr/lib64/mpi/gcc/openmpi5/lib64",  // openSUSE
    "/usr/lib64/mpi/gcc/mpich/lib64"};

std::vector<std::string> directories_named_by(const std::vector<std::string>& environment) {
    std::vector<std::string> directories;
    for (const auto& entry : environment) {
        const auto value = entry.substr(std::min(entry.find('=') + 1, entry.size()));
        for (const auto& place : split(value, ':')) {
            if (entry.starts_with("LD_LIBRARY_PATH=")) {
                directories.push_back(place);
            } else if (entry.starts_with("PATH=")) {
                directories.push_back(place + "/../lib");
                directories.push_back(place + "/../lib64");
            }
        }
    }
    return directories;
}

/// Where people install an MPI of their own: /opt/openmpi/lib, /usr/local/mpich/4.2/lib64 ...
std::vector<std::string> directories_of_their_own(const Rootfs& image) {
    std::vector<std::string> directories;
    const auto add = [&](const std::string& prefix) {
        directories.push_back(prefix + "/lib");
        directories.push_back(prefix + "/lib64");
    };
    for (const std::string base : {"/opt/", "/usr/local/"}) {
        for (const auto& name : image.names_in(base)) {
            add(base + name);
            for (const auto& version : image.names_in(base + name)) {
                add(base + name + "/" + version);
            }
        }
    }
    return directories;
}

}  // namespace

Result<ImageFacts> image_facts_from(std::string_view inspect_json) {
    try {
        const auto images = json::parse(inspect_json);
        const auto& image = images.at(0);
        const json config = image.value("Config", json::object());
        ImageFacts facts;
        facts.id = string_at(image, "Id");
        facts.entrypoint = strings_at(config, "Entrypoint");
        facts.command = strings_at(config, "Cmd");
        facts.environment = strings_at(config, "Env");
        facts.workdir = string_at(config, "WorkingDir");
        facts.workdir = facts.workdir.empty() ? "/" : facts.workdir;
        facts.layers = layers_from(image);
        return facts;
    } catch (const json::exception& error) {
        return failure(Status::ours,
                       std::string("podman image inspect gave no readable answer: ") + error.what(),
                       "run it by hand; is this podman 4.3 or newer?");
    }
}

bool image_has(const std::vector<std::string>& layers, const std::string& path) {
    return Rootfs(layers).resolve(path).has_value();
}

ImageMpi image_mpi(const std::vector<std::string>& layers, const std::vector<std::string>& environment) {
    auto directories = directories_named_by(environment);
    directories.insert(directories.end(), library_directories.begin(), library_directories.end());
    ImageMpi mpi;
    const Rootfs image(layers);
    const auto look = [&](std::string& into, const std::string& path) {
        const auto normal = fs::path(path).lexically_normal().string();
        if (into.empty() && image.resolve(normal)) {
            into = normal;
        }
    };
    const auto look_in = [&](const std::vector<std::string>& places) {
        for (const auto& directory : places) {
            look(mpi.open_mpi, directory + "/libmpi.so.40");
            look(mpi.mpich, directory + "/libmpich.so.12");
            look(mpi.mpich, directory + "/libmpi.so.12");
        }
    };
    look_in(directories);
    if (mpi.open_mpi.empty() && mpi.mpich.empty()) {  // a program with an RPATH knows where
        look_in(directories_of_their_own(image));
    }
    if (const auto file = mpi.open_mpi.empty() ? std::nullopt : image.resolve(mpi.open_mpi)) {
        mpi.open_mpi_file = fs::path(*file).filename().string();
    }
    return mpi;
}

unsigned open_mpi_release(const ImageMpi& mpi) {
    constexpr std::string_view beginning = "libmpi.so.40.";
    constexpr unsigned first_of_5 = 40;
    unsigned minor = 0;
    const std::string_view file = mpi.open_mpi_file;
    if (!file.starts_with(beginning)) {
        return 0;
    }
    const auto version = file.substr(beginning.size());
    const auto [stop, error] = std::from_chars(version.data(), version.data() + version.size(), minor);
    return error != std::errc() ? 0 : minor < first_of_5 ? 4 : 5;
}

}  // namespace mpi_podman
