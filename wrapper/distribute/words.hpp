/// The words that the nodes of a distribution are asked with: mpi-podman --distribute=AS ... IMAGE ID WORD...
/// Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/options.hpp"
#include "distribute/store_facts.hpp"
#include "nodes/on_node.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// What all of them are told.
struct Common {
    ImageIdentity image;
    std::vector<Setting> typed;  ///< the options of this command line
};

/// Do you need it? With the layers.
std::vector<std::string> words_to_ask(const Common& common);
std::vector<std::string> words_to_finish(const Common& common);
std::vector<std::string> words_to_receive(const Common& common, const std::string& graphroot);

/// Send these layers of what is staged in `graphroot`, where you are, to a node.
struct Errand {
    std::string graphroot;
    std::string node, graphroot_there;
    std::vector<std::string> layers;
    bool operator==(const Errand&) const = default;
};
std::vector<std::string> words_to_send(const Common& common, const Errand& errand);

/// What a node was asked, by its command line. Fails with Status::usage where a person typed it.
Result<ImageIdentity> image_asked_for(const Options& options);
Result<std::string> graphroot_asked_for(const Options& options);
Result<Errand> errand_asked_for(const Options& options);

}  // namespace mpi_podman
