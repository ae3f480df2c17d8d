#include "distribute/distribute.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "distribute/page.hpp"
#include "distribute/receive.hpp"
#include "distribute/send.hpp"
#include "distribute/stage.hpp"
#include "distribute/this_store.hpp"
#include "distribute/transfers.hpp"
#include "inspect/command.hpp"
#include "inspect/node.hpp"
#include "nodes/ask_each.hpp"
#include "nodes/hostfile.hpp"

namespace mpi_podman {
namespace {

using Stage = Receiver::Stage;

Here here_of(const Distribution& what) {
    std::error_code ignored;
    return {what.host.hostname, std::filesystem::read_symlink("/proc/self/exe", ignored).string(), ""};
}

StoreFacts facts_by(const std::string& name, const Reply& reply) {
    StoreFacts facts;
    if (auto said = store_facts_from(last_line(reply.out))) {
        facts = std::move(*said);
    } else {
        facts.problem = problem_of(reply);
    }
    facts.node = name;
    return facts;
}

/// What each of these nodes says to these words.
std::vector<StoreFacts> ask_stores(const std::vector<std::string>& names,
                                   const std::vector<std::string>& words, const Here& here) {
    const auto replies =
        ask_each(names, [&](const std::string& name) { return command_on(name, words, here); });
    std::vector<StoreFacts> all;
    for (std::size_t i = 0; i < names.size(); ++i) {
        all.push_back(facts_by(names[i], replies[i]));
    }
    return all;
}

Result<ImageIdentity> identity_of(const Options& options) {
    return prepare_image(options).and_then([&](const ImageFacts& facts) {
        using namespace std::chrono_literals;
        return ask({options.podman, "image", "inspect", facts.id}, 60s)
            .and_then([&](const Answer& answer) -> Result<ImageIdentity> {
                if (auto image = image_identity_from(answer.out, options.image)) {
                    return std::move(*image);
                }
                return failure(Status::ours, "podman image inspect gave no readable answer",
                               "run it by hand; is this podman 4.3 or newer?");
            });
    });
}

/// The one that was started by hand.
class Run {
public:
    Run(const Distribution& what, ImageIdentity image)
        : what_(what), common_{std::move(image), what.typed}, here_(here_of(what)) {}

    Result<int> over(const std::vector<std::string>& names) {
        const auto nodes = ask_stores(names, words_to_ask(common_), here_);
        for (const auto& facts : nodes) {
            if (facts.has_image && facts.problem.empty()) {
                keep_or_finish(facts);
            } else if (!facts.problem.empty()) {
                display_.settle(outcome_of(facts));
            }
        }
        auto receivers = receivers_of(nodes);
        if (!receivers.empty()) {
            if (const auto sent = send_to(receivers); !sent) {
                return failure(sent.error());
            }
        }
        finish(receivers);
        display_.settle(sum_of(have_, names.size(), common_.image, moved_));
        return have_ == names.size() ? 0 : 1;
    }

private:
    void keep_or_finish(const StoreFacts& facts) {
        if (facts.is_named && !facts.has_staging) {
            ++have_;
        } else {
            to_finish_.push_back(facts.node);
        }
        display_.settle(outcome_of(facts));
    }

    Result<void> send_to(std::vector<Receiver>& receivers) {
        const auto podman = what_.options.podman;
        return graphroot_of(podman).and_then([&](const std::string& graphroot) {
            return stage_image(podman, common_.image, graphroot, needed_by(receivers))
                .map([&](Staged staged) {
                    refuse_the_full(staged.blobs, receivers);
                    for (const auto& receiver : receivers) {
                        if (receiver.stage == Stage::failed) {
                            display_.settle(outcome_of(receiver, ""));
                        }
                    }
                    transfer_to_all(receivers, {common_, here_, graphroot}, display_);
                    staged.staging.remove();
                });
        });
    }

    /// Those that have it now get rid of what they kept for others; all others keep it for the next time.
    void finish(const std::vector<Receiver>& receivers) {
        for (const auto& receiver : receivers) {
            moved_ += receiver.moved + receiver.now;
            if (receiver.stage == Stage::done) {
                to_finish_.push_back(receiver.facts.node);
            }
        }
        for (auto facts : ask_stores(to_finish_, words_to_finish(common_), here_)) {
            if (facts.problem.empty() && !(facts.has_image && facts.is_named)) {
                facts.problem = "its podman does not show the image: podman images";
            }
            if (facts.problem.empty()) {
                ++have_;
            } else {
                display_.settle(outcome_of(facts));
            }
        }
    }

    const Distribution& what_;
    Common common_;
    Here here_;
    Display display_;
    std::vector<std::string> to_finish_;
    std::size_t have_ = 0;
    std::uint64_t moved_ = 0;
};

Result<int> distribute_from_here(const Distribution& what) {
    return read_hostfile(what.options.hostfile, what.host.cwd).and_then([&](const auto& names) {
        return identity_of(what.options).and_then([&](const ImageIdentity& image) {
            return Run(what, image).over(names);
        });
    });
}

int say(const StoreFacts& facts) {
    return write_all(STDOUT_FILENO, line_of(facts)) && facts.problem.empty() ? 0 : 1;
}

Result<int> send(const Distribution& what, const ImageIdentity& image) {
    return errand_asked_for(what.options).map([&](const Errand& errand) {
        const auto words = words_to_receive({image, what.typed}, errand.graphroot_there);
        return send_image(
            {image, errand.graphroot, errand.layers, command_on(errand.node, words, here_of(what))});
    });
}

}  // namespace

Result<int> distribute(const Distribution& what) {
    const auto& options = what.options;
    if (what.context.rank.value_or(0) != 0) {
        return 0;
    }
    if (options.distribute_as == DistributeAs::text) {
        return distribute_from_here(what);
    }
    return image_asked_for(options).and_then([&](const ImageIdentity& image) -> Result<int> {
        switch (options.distribute_as) {
            case DistributeAs::send: return send(what, image);
            case DistributeAs::receive:
                return graphroot_asked_for(options).map([&](const std::string& graphroot) {
                    return receive_image(options.podman, image, graphroot);
                });
            case DistributeAs::finish: return say(finish_this_store(options.podman, image));
            default: return say(facts_of_this_store(options.podman, image));
        }
    });
}

}  // namespace mpi_podman
