#include "distribute/receive.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <sstream>

#include "distribute/staging.hpp"
#include "distribute/this_store.hpp"
#include "distribute/watched.hpp"
#include "inspect/node.hpp"
#include "nodes/mortal.hpp"

namespace mpi_podman {
namespace {

using What = Progress::What;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds between_words{500};
constexpr int silent_milliseconds = 60'000;
constexpr std::size_t piece = std::size_t{1} << 18U;
constexpr std::size_t longest_offer = std::size_t{8} << 20U;

void say(const Progress& progress) { write_all(STDOUT_FILENO, line_of(progress)); }

/// Not more often than anybody wants to know.
class Steady {
public:
    void say(const Progress& progress) {
        if (const auto now = Clock::now(); now - last_ >= between_words) {
            last_ = now;
            mpi_podman::say(progress);
        }
    }

private:
    Clock::time_point last_ = Clock::now();
};

tl::unexpected<Error> broken(const std::string& what) {
    return failure(Status::ours, what, "start it again: what has come whole is not sent again");
}

/// Some bytes, at most `size`; fails at the end, or where none come for too long.
Result<std::size_t> read_some(int fd, char* into, std::size_t size) {
    pollfd ready{fd, POLLIN, 0};
    if (::poll(&ready, 1, silent_milliseconds) == 0) {
        return broken("nothing came for 60 s");
    }
    const auto got = ::read(fd, into, size);
    return got > 0 ? Result<std::size_t>(static_cast<std::size_t>(got)) : broken("the transfer broke off");
}

/// Byte by byte: what follows the line is not for us.
Result<Offer> read_offer() {
    std::string line;
    for (char byte = 0; byte != '\n' && line.size() < longest_offer; line += byte) {
        if (auto got = read_some(STDIN_FILENO, &byte, 1); !got) {
            return failure(got.error());
        }
    }
    auto offer = offer_from(line);
    return offer ? Result<Offer>(std::move(*offer))
                 : broken("the sender speaks otherwise: is it another version?");
}

class Reception {
public:
    Reception(Staging staging, Offer offer) : staging_(std::move(staging)), offer_(std::move(offer)) {}

    /// All blobs of the offer, verified.
    Result<void> take() {
        drop_damaged();
        const auto wants = wanted();
        if (!write_all(STDOUT_FILENO, line_of(wants))) {
            return broken("the sender is gone");
        }
        return data_from(wants)
            .and_then([&](const Fd& data) -> Result<void> {
                for (const auto& want : wants.blobs) {
                    auto taken = take(want, data.get());
                    if (!taken) {
                        return taken;
                    }
                }
                return verified(wants.blobs, ".part");
            })
            .and_then([&] { return keep(wants.blobs); })
            .and_then([&] { return staging_.complete(offer_.manifest); });
    }

    Result<void> load(const std::string& podman, const ImageIdentity& image) {
        return run_watched({podman, "pull", "--quiet", "dir:" + staging_.path()}, alive())
            .and_then([&](const Answer& answer) {
                if (answer.status != 0) {
                    return Result<void>(broken(podmans_error(answer)));
                }
                return last_line(answer.out) == image.id
                           ? name_image(podman, image)
                           : broken("podman made another image of it: " + last_line(answer.out));
            });
    }

    std::function<void()> alive() {
        return [this] { steady_.say({What::alive, 0, 0, {}}); };
    }

private:
    /// What an earlier run left was verified then; its node may have lost power since.
    void drop_damaged() {
        std::vector<Want> kept;
        for (const auto& blob : offer_.blobs) {
            if (has(blob)) {
                kept.push_back({blob.digest, blob.bytes});
            }
        }
        static_cast<void>(verified(kept, ""));
    }

    [[nodiscard]] bool has(const Blob& blob) const {
        std::error_code missing;
        const auto bytes = std::filesystem::file_size(path_of({blob.digest, 0}, ""), missing);
        return !missing && bytes == blob.bytes;
    }

    [[nodiscard]] Wants wanted() const {
        Wants wants;
        for (const auto& blob : offer_.blobs) {
            if (!has(blob)) {
                wants.blobs.push_back({blob.digest, staging_.bytes_of(blob)});
            }
        }
        const auto zstd = offer_.zstd ? ask({"zstd", "--version"}, 10s) : failure(Error{});
        wants.zstd = zstd && zstd->status == 0;
        return wants;
    }

    [[nodiscard]] const Blob& blob(const Want& want) const {
        return *std::ranges::find(offer_.blobs, want.digest, &Blob::digest);
    }

    [[nodiscard]] std::string path_of(const Want& want, const char* ending) const {
        return staging_.path() + "/" + want.digest + ending;
    }

    /// stdin, or what zstd makes of it.
    Result<Fd> data_from(const Wants& wants) {
        if (!wants.zstd) {
            return Fd(::dup(STDIN_FILENO));
        }
        return make_pipe().and_then([&](Pipe pipe) {
            return spawn_mortal({{"zstd", "-dcq"}, STDIN_FILENO, pipe.write_end.get(), -1, {}, false})
                .map([&](Child child) {
                    zstd_.emplace(std::move(child));
                    return std::move(pipe.read_end);
                });
        });
    }

    Result<void> take(const Want& want, int data) {
        const Fd file(::open(
            path_of(want, ".part").c_str(),
            O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | (want.from == 0 ? O_TRUNC : O_APPEND), 0600));
        if (!file) {
            return broken("cannot write in " + staging_.path() + ": " + errno_text());
        }
        std::string bytes(piece, '\0');
        for (auto left = blob(want).bytes - want.from; left > 0;) {
            const auto got = read_some(data, bytes.data(), std::min<std::uint64_t>(left, piece));
            if (!got) {
                return failure(got.error());
            }
            if (!write_all(file.get(), std::string_view(bytes).substr(0, *got))) {
                return broken("cannot write in " + staging_.path() + ": " + errno_text());
            }
            left -= *got;
            moved_ += *got;
            steady_.say({What::at, moved_, 0, {}});
        }
        return {};
    }

    /// By sha256sum(1). One that is not what it is called goes.
    Result<void> verified(const std::vector<Want>& wants, const char* ending) {
        say({What::at, moved_, 0, {}});
        std::vector<std::string> argv{"sha256sum"};
        for (const auto& want : wants) {
            argv.push_back(path_of(want, ending));
        }
        if (wants.empty()) {
            return {};
        }
        return run_watched(argv, alive()).and_then([&](const Answer& answer) -> Result<void> {
            std::string damaged;
            for (const auto& want : wants) {
                const auto path = path_of(want, ending);
                if (answer.out.find(want.digest + "  " + path + "\n") == std::string::npos) {
                    ::unlink(path.c_str());
                    damaged = want.digest;
                }
            }
            return damaged.empty() ? Result<void>() : broken("damaged on its way: sha256:" + damaged);
        });
    }

    Result<void> keep(const std::vector<Want>& wants) {
        for (const auto& want : wants) {
            if (::rename(path_of(want, ".part").c_str(), path_of(want, "").c_str()) != 0) {
                return broken("cannot write in " + staging_.path() + ": " + errno_text());
            }
        }
        return {};
    }

    Staging staging_;
    Offer offer_;
    std::optional<Child> zstd_;
    std::uint64_t moved_ = 0;
    Steady steady_;
};

int ended(What what, const std::string& words) {
    say({what, 0, 0, words});
    return what == What::done ? 0 : 1;
}

}  // namespace

int receive_image(const std::string& podman, const ImageIdentity& image, const std::string& graphroot) {
    // Where nobody reads what is said here, nobody wants the image: the first word ends this process.
    static_cast<void>(::signal(SIGPIPE, SIG_DFL));
    Steady steady;
    auto reception = read_offer().and_then([&](Offer offer) {
        return Staging::open(graphroot, image.id, 60s,
                             [&] {
                                 steady.say({What::alive, 0, 0, {}});
                             })
            .map([&](Staging staging) { return Reception(std::move(staging), std::move(offer)); });
    });
    if (!reception) {
        return ended(What::broken, reception.error().message);
    }
    if (const auto taken = reception->take(); !taken) {
        return ended(What::broken, taken.error().message);
    }
    say({What::whole, 0, 0, {}});
    const auto loaded = reception->load(podman, image);
    return loaded ? ended(What::done, {}) : ended(What::refused, loaded.error().message);
}

}  // namespace mpi_podman
