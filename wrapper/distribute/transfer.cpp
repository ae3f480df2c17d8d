#include "distribute/transfer.hpp"
#include "sys/whole_json.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <sstream>

namespace mpi_podman {
namespace {

using nlohmann::json;
using What = Progress::What;

// NOLINTBEGIN(cppcoreguidelines-*,modernize-*,misc-*): the library's macro
}  // namespace
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Blob, digest, bytes, is_layer)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Offer, manifest, blobs, zstd)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Want, digest, from)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Wants, blobs, zstd)
// NOLINTEND(cppcoreguidelines-*,modernize-*,misc-*)
namespace {

constexpr std::array<std::pair<std::string_view, What>, 8> words{{{"alive", What::alive},
                                                                  {"wants", What::wants},
                                                                  {"at", What::at},
                                                                  {"whole", What::whole},
                                                                  {"done", What::done},
                                                                  {"broken", What::broken},
                                                                  {"refused", What::refused},
                                                                  {"unreachable", What::unreachable}}};

std::string line(const json& object) {
    return object.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

template <typename Value>
std::optional<Value> read(std::string_view text) {
    try {
        auto value = whole_json(text).get<Value>();
        const bool all =
            std::ranges::all_of(value.blobs, [](const auto& blob) { return is_digest(blob.digest); });
        return all ? std::optional(std::move(value)) : std::nullopt;
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

Blob blob_in(const json& descriptor, bool is_layer) {
    const auto digest = descriptor.at("digest").get<std::string>();
    return {digest.substr(std::min(digest.find(':') + 1, digest.size())),
            descriptor.at("size").get<std::uint64_t>(), is_layer};
}

}  // namespace

bool is_digest(std::string_view text) {
    constexpr std::size_t digits = 64;
    return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string line_of(const Offer& offer) { return line(offer); }
std::string line_of(const Wants& wants) { return line(wants); }
std::optional<Offer> offer_from(std::string_view line) { return read<Offer>(line); }
std::optional<Wants> wants_from(std::string_view line) { return read<Wants>(line); }

std::vector<Blob> blobs_in(std::string_view manifest) {
    try {
        const auto read = whole_json(manifest);
        std::vector<Blob> blobs{blob_in(read.at("config"), false)};
        for (const auto& layer : read.at("layers")) {
            auto blob = blob_in(layer, true);
            if (std::ranges::find(blobs, blob) == blobs.end()) {  // an image may have a layer twice
                blobs.push_back(std::move(blob));
            }
        }
        const bool all = std::ranges::all_of(blobs, [](const auto& blob) { return is_digest(blob.digest); });
        return all ? blobs : std::vector<Blob>{};
    } catch (const json::exception&) {
        return {};
    }
}

std::string line_of(const Progress& progress) {
    const auto* word = std::ranges::find(words, progress.what, [](const auto& row) { return row.second; });
    std::string line(word->first);
    if (progress.what == What::wants || progress.what == What::at) {
        line += " " + std::to_string(progress.bytes) + " " + std::to_string(progress.layers);
    }
    if (!progress.words.empty()) {
        line += " " + progress.words;
        std::ranges::replace(line, '\n', ' ');
    }
    return line + "\n";
}

std::optional<Progress> progress_from(std::string_view line) {
    std::istringstream in{std::string(line)};
    std::string first;
    in >> first;
    const auto* word = std::ranges::find(words, first, [](const auto& row) { return row.first; });
    if (word == words.end()) {
        return std::nullopt;
    }
    Progress progress{word->second, 0, 0, {}};
    if (progress.what == What::wants || progress.what == What::at) {
        in >> progress.bytes >> progress.layers;
    } else {
        std::getline(in >> std::ws, progress.words);
        return progress;
    }
    return in ? std::optional(progress) : std::nullopt;
}

}  // namespace mpi_podman
