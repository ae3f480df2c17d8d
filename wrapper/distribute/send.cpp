#include "distribute/send.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>

#include "distribute/staging.hpp"
#include "distribute/watched.hpp"
#include "nodes/mortal.hpp"

namespace mpi_podman {
namespace {

using What = Progress::What;
using namespace std::chrono_literals;

constexpr int beat_milliseconds = 1000;
constexpr std::size_t chunk = std::size_t{1} << 18U;

/// The bytes that a receiver wants, one blob after the other.
class Source {
public:
    Source(std::string directory, std::vector<Want> wants)
        : directory_(std::move(directory)), wants_(std::move(wants)) {}

    /// The next ones; empty at the end, or where a file cannot be read.
    std::string_view next() {
        while (at_ < wants_.size()) {
            if (!file_) {
                file_ = Fd(::open((directory_ + "/" + wants_[at_].digest).c_str(), O_RDONLY | O_CLOEXEC));
                ::lseek(file_.get(), static_cast<off_t>(wants_[at_].from), SEEK_SET);
            }
            if (const auto got = ::read(file_.get(), bytes_.data(), bytes_.size()); got > 0) {
                return std::string_view(bytes_).substr(0, static_cast<std::size_t>(got));
            }
            file_.reset();
            ++at_;
        }
        return {};
    }

private:
    std::string directory_;
    std::vector<Want> wants_;
    std::size_t at_ = 0;
    Fd file_;
    std::string bytes_ = std::string(chunk, '\0');
};

class Shipment {
public:
    Shipment(Heard receiver, Offer offer, std::string directory)
        : receiver_(std::move(receiver.child)),
          data_(std::move(receiver.in)),
          out_(std::move(receiver.out)),
          err_(std::move(receiver.err)),
          offer_(std::move(offer)),
          directory_(std::move(directory)) {}

    int run() {
        left_ = line_of(offer_);
        ::fcntl(data_.get(), F_SETFL, O_NONBLOCK);
        while (!last_ && out_) {
            std::array<pollfd, 3> events{pollfd{out_.get(), POLLIN, 0},
                                         {err_.get(), POLLIN, 0},
                                         {has_bytes() ? data_.get() : -1, POLLOUT, 0}};
            const bool idle = ::poll(events.data(), events.size(), beat_milliseconds) == 0;
            if (idle && !write_all(STDOUT_FILENO, "\n")) {
                return 1;  // whoever asked for this is gone
            }
            listen(err_, events[1].revents, complained_);
            listen(out_, events[0].revents, said_);
            if (!take_lines()) {
                return 1;
            }
            if (events[2].revents != 0) {
                write_some();
            }
        }
        return last_ ? (last_->what == What::done ? 0 : 1) : ended_without_a_word();
    }

private:
    [[nodiscard]] bool has_bytes() const { return data_ && position_ < left_.size(); }

    static void listen(Fd& from, short events, std::string& into) {
        std::array<char, 65536> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init)
        if (events == 0) {
            return;
        }
        const auto got = ::read(from.get(), bytes.data(), bytes.size());
        if (got > 0) {
            into.append(bytes.data(), static_cast<std::size_t>(got));
        } else {
            from.reset();
        }
    }

    /// Passes on what the receiver said. False where nobody listens.
    bool take_lines() {
        for (auto end = said_.find('\n'); end != std::string::npos; end = said_.find('\n')) {
            const auto line = said_.substr(0, end);
            said_.erase(0, end + 1);
            if (!take(line)) {
                return false;
            }
        }
        return true;
    }

    bool take(const std::string& line) {
        if (auto wants = source_ ? std::nullopt : wants_from(line)) {
            begin(std::move(*wants));
            const auto promised = promise();
            return write_all(STDOUT_FILENO, line_of(promised));
        }
        const auto progress = progress_from(line);
        if (!progress) {
            return true;  // what a login shell says
        }
        if (progress->what >= What::done) {
            last_ = progress;
        }
        return write_all(STDOUT_FILENO, line_of(*progress));
    }

    void begin(Wants wants) {
        wants_ = std::move(wants);
        // Never a blob that was not offered.
        std::erase_if(wants_.blobs, [&](const auto& want) {
            return std::ranges::find(offer_.blobs, want.digest, &Blob::digest) == offer_.blobs.end();
        });
        source_.emplace(directory_, wants_.blobs);
        if (wants_.zstd) {
            compress();
        }
        next();
    }

    [[nodiscard]] Progress promise() const {
        Progress all{What::wants, 0, 0, {}};
        for (const auto& want : wants_.blobs) {
            const auto blob = std::ranges::find(offer_.blobs, want.digest, &Blob::digest);
            all.bytes += blob->bytes - std::min(blob->bytes, want.from);
            all.layers += blob->is_layer && want.from < blob->bytes ? 1 : 0;
        }
        return all;
    }

    /// What comes from now on goes to ssh through zstd.
    void compress() {
        auto pipe = make_pipe();
        if (!pipe) {
            return data_.reset();
        }
        ::fcntl(data_.get(), F_SETFL, 0);
        auto zstd = spawn_mortal({{"zstd", "-1cq"}, pipe->read_end.get(), data_.get(), -1, {}, false});
        data_.reset();
        if (zstd) {
            zstd_.emplace(std::move(*zstd));
            data_ = std::move(pipe->write_end);
            ::fcntl(data_.get(), F_SETFL, O_NONBLOCK);
        }
    }

    void write_some() {
        const auto put = ::write(data_.get(), left_.data() + position_, left_.size() - position_);
        if (put < 0 && errno != EAGAIN && errno != EINTR) {
            return data_.reset();  // the receiver's, or ssh's, last words are still to come
        }
        position_ += put > 0 ? static_cast<std::size_t>(put) : 0;
        if (position_ == left_.size() && source_) {
            next();
        }
    }

    void next() {
        left_ = source_->next();
        position_ = 0;
        if (left_.empty()) {
            data_.reset();
        }
    }

    int ended_without_a_word() {
        const auto why = last_line(complained_);
        const auto ending = receiver_.wait();
        const Progress progress{source_ ? What::broken : What::unreachable, 0, 0,
                                why.empty() ? "it ended with status " + std::to_string(ending.status) : why};
        write_all(STDOUT_FILENO, line_of(progress));
        return 1;
    }

    Child receiver_;
    Fd data_, out_, err_;
    Offer offer_;
    std::string directory_;
    Wants wants_;
    std::optional<Source> source_;  ///< once the receiver has said what it wants
    std::optional<Child> zstd_;
    std::string left_;  ///< what is to be written next
    std::size_t position_ = 0;
    std::string said_, complained_;
    std::optional<Progress> last_;
};

Result<Shipment> begin(const Sending& what, Offer offer, const std::string& directory) {
    return spawn_heard(what.receiving, Stdin::a_pipe).map([&](Heard receiver) {
        return Shipment(std::move(receiver), std::move(offer), directory);
    });
}

Result<Offer> offer_of(const Sending& what, const std::string& directory) {
    return read_file(directory + "/manifest.json").map([&](const std::string& manifest) {
        const auto zstd = ask({"zstd", "--version"}, 10s);
        return Offer{manifest, blobs_for(blobs_in(manifest), what.layers), zstd && zstd->status == 0};
    });
}

}  // namespace

int send_image(const Sending& what) {
    static_cast<void>(::signal(SIGPIPE, SIG_IGN));
    const auto directory = staging_path(what.graphroot, what.image.id);
    auto shipment =
        offer_of(what, directory).and_then([&](const Offer& offer) { return begin(what, offer, directory); });
    if (!shipment) {
        write_all(STDOUT_FILENO, line_of({What::unreachable, 0, 0, shipment.error().message}));
        return 1;
    }
    return shipment->run();
}

std::vector<Blob> blobs_for(const std::vector<Blob>& all, const std::vector<std::string>& layers) {
    std::vector<Blob> blobs;
    std::ranges::copy_if(all, std::back_inserter(blobs), [&](const Blob& blob) {
        return !blob.is_layer || std::ranges::find(layers, blob.digest) != layers.end();
    });
    return blobs;
}

}  // namespace mpi_podman
