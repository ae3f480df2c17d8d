#include "distribute/words.hpp"

#include <algorithm>
#include <array>

#include "distribute/transfer.hpp"

namespace mpi_podman {
namespace {

/// What another node's part of it heeds. No other: values of --env would be on ssh's command line.
constexpr std::array<std::string_view, 4> passed_on{"podman", "profile", "log-level", "log-file"};

std::vector<std::string> words_for(const char* as, const Common& common,
                                   const std::vector<std::string>& more) {
    std::vector<std::string> all{std::string("--distribute=") + as};
    for (const auto& option : common.typed) {
        if (std::ranges::find(passed_on, option.name) != passed_on.end()) {
            all.push_back(word_of(option));
        }
    }
    all.insert(all.end(), {"--", common.image.name, common.image.id});
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

tl::unexpected<Error> not_typed() {
    return failure(Status::usage, "that is what mpi-podman says to itself on other nodes",
                   "type mpi-podman --distribute --hostfile FILE IMAGE");
}

bool are_digests(std::vector<std::string>::const_iterator first,
                 std::vector<std::string>::const_iterator last) {
    return std::all_of(first, last, [](const auto& word) { return is_digest(word); });
}

}  // namespace

std::vector<std::string> words_to_ask(const Common& common) {
    return words_for("node", common, common.image.layers);
}

std::vector<std::string> words_to_finish(const Common& common) { return words_for("finish", common, {}); }

std::vector<std::string> words_to_receive(const Common& common, const std::string& graphroot) {
    return words_for("receive", common, {graphroot});
}

std::vector<std::string> words_to_send(const Common& common, const Errand& errand) {
    std::vector<std::string> more{errand.graphroot, errand.node, errand.graphroot_there};
    more.insert(more.end(), errand.layers.begin(), errand.layers.end());
    return words_for("send", common, more);
}

Result<ImageIdentity> image_asked_for(const Options& options) {
    const auto& given = options.command;
    if (given.empty() || !is_digest(given.front())) {
        return not_typed();
    }
    ImageIdentity image{given.front(), options.image, {}};
    if (options.distribute_as == DistributeAs::node) {
        if (!are_digests(given.begin() + 1, given.end())) {
            return not_typed();
        }
        image.layers.assign(given.begin() + 1, given.end());
    }
    return image;
}

Result<std::string> graphroot_asked_for(const Options& options) {
    constexpr std::size_t at = 1;
    const bool is_there = options.command.size() > at && options.command[at].starts_with('/');
    return is_there ? Result<std::string>(options.command[at]) : not_typed();
}

Result<Errand> errand_asked_for(const Options& options) {
    constexpr std::ptrdiff_t before_layers = 4;
    const auto& given = options.command;
    if (given.size() < before_layers || !are_digests(given.begin() + before_layers, given.end())) {
        return not_typed();
    }
    return graphroot_asked_for(options).map([&](const std::string& graphroot) {
        return Errand{graphroot, given[2], given[3], {given.begin() + before_layers, given.end()}};
    });
}

}  // namespace mpi_podman
