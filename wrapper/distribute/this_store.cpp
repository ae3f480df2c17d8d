#include "distribute/this_store.hpp"

#include <sys/statvfs.h>

#include <sstream>

#include "distribute/staging.hpp"
#include "inspect/command.hpp"
#include "inspect/node.hpp"

namespace mpi_podman {
namespace {

using namespace std::chrono_literals;
constexpr auto quick = 25s;  // the node that asks waits 30 s

/// What podman says, or its error.
Result<std::string> said_by(const std::vector<std::string>& argv) {
    return ask(argv, quick).and_then([&](const Answer& answer) -> Result<std::string> {
        if (answer.status != 0) {
            return failure(Status::ours, podmans_error(answer), "try it there: " + argv[0] + " " + argv[1]);
        }
        return answer.out;
    });
}

/// All images, those of additional stores too, as `podman image inspect` has them.
Result<std::string> all_images(const std::string& podman) {
    return said_by({podman, "images", "--all", "--quiet", "--no-trunc"})
        .and_then([&](const std::string& ids) {
            std::vector<std::string> argv{podman, "image", "inspect"};
            std::istringstream lines(ids);
            for (std::string id; lines >> id;) {
                argv.push_back(id);
            }
            constexpr std::size_t words = 3;
            // One that is damaged does not hide the others.
            return argv.size() == words
                       ? Result<std::string>("[]")
                       : ask(argv, quick).map([](const Answer& answer) { return answer.out; });
        });
}

Result<StoreFacts> look(const std::string& podman, const ImageIdentity& image) {
    return check_podman(podman)
        .and_then([&] { return graphroot_of(podman); })
        .and_then([&](const auto& graphroot) {
            return all_images(podman).map([&](const std::string& inspected) {
                auto facts = store_facts_by(inspected, image);
                facts.graphroot = graphroot;
                facts.has_staging = has_staging(graphroot);
                struct statvfs info {};
                if (::statvfs(graphroot.c_str(), &info) == 0) {
                    facts.room = static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
                }
                return facts;
            });
        });
}

StoreFacts with_problem(StoreFacts facts, const Error& error) {
    facts.problem = error.message + "; " + error.hint;
    return facts;
}

}  // namespace

Result<std::string> graphroot_of(const std::string& podman) {
    return said_by({podman, "info", "--format", "{{.Store.GraphRoot}}"}).map(last_line);
}

StoreFacts facts_of_this_store(const std::string& podman, const ImageIdentity& image) {
    auto facts = look(podman, image);
    if (!facts) {
        return with_problem({}, facts.error());
    }
    if (!facts->has_image) {
        const auto token = store_token(facts->graphroot);
        if (!token) {
            return with_problem(*facts, token.error());
        }
        facts->store = *token;
    }
    return *facts;
}

Result<void> name_image(const std::string& podman, const ImageIdentity& image) {
    return image.name == image.id ? Result<void>()
                                  : said_by({podman, "tag", image.id, image.name}).map([](const auto&) {});
}

StoreFacts finish_this_store(const std::string& podman, const ImageIdentity& image) {
    auto facts = look(podman, image);
    if (!facts) {
        return with_problem({}, facts.error());
    }
    if (facts->has_image && !facts->is_named) {
        if (const auto named = name_image(podman, image); !named) {
            return with_problem(*facts, named.error());
        }
        facts->is_named = true;
    }
    if (facts->has_staging) {
        // Another distribution of it that is at work there removes it in its turn.
        if (auto staging = Staging::open(facts->graphroot, image.id, little_patience)) {
            staging->remove();
        }
    }
    return *facts;
}

}  // namespace mpi_podman
