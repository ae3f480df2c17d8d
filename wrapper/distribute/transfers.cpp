#include "distribute/transfers.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <list>

#include "distribute/page.hpp"
#include "inspect/command.hpp"
#include "nodes/mortal.hpp"

namespace mpi_podman {
namespace {

using Clock = std::chrono::steady_clock;
using Stage = Receiver::Stage;
using What = Progress::What;
using namespace std::chrono_literals;

constexpr auto silent_at_most = 60s;
constexpr int redraw_milliseconds = 500;

/// One hop under way.
class Transfer {
public:
    static Result<Transfer> begin(const Hop& hop, const std::vector<std::string>& command) {
        return spawn_heard(command, Stdin::a_pipe).map([&](Heard heard) {
            return Transfer(hop, std::move(heard));
        });
    }

    [[nodiscard]] const Hop& hop() const { return hop_; }
    [[nodiscard]] int out() const { return out_.get(); }
    [[nodiscard]] int err() const { return err_.get(); }

    /// What it said since it was asked last; the last one is its end.
    std::vector<Progress> said() {
        std::vector<Progress> all;
        complained_ += read_available(err_);
        const bool has_ended = ended_within(pidfd_of(child_.pid()), 0ms);
        words_ += read_available(out_);
        for (auto end = words_.find('\n'); end != std::string::npos; end = words_.find('\n')) {
            if (const auto progress = progress_from(words_.substr(0, end))) {
                all.push_back(*progress);
                until_ = Clock::now() + silent_at_most;
                begun_ = begun_ || progress->what == What::wants;
            }
            words_.erase(0, end + 1);
        }
        const bool is_last = !all.empty() && all.back().what >= What::done;
        if (!is_last && has_ended) {
            all.push_back(end_with(last_line(complained_)));
        } else if (!is_last && Clock::now() > until_) {
            all.push_back(end_with("it said nothing for 60 s"));
        }
        return all;
    }

private:
    Transfer(const Hop& hop, Heard heard)
        : hop_(hop),
          child_(std::move(heard.child)),
          in_(std::move(heard.in)),
          out_(std::move(heard.out)),
          err_(std::move(heard.err)) {}
    [[nodiscard]] Progress end_with(const std::string& why) const {
        return {begun_ ? What::broken : What::unreachable, 0, 0, why.empty() ? "its sender ended" : why};
    }
    Hop hop_;
    Child child_;
    Fd in_;  ///< nothing is written: ssh's end of it shows that we live
    Fd out_, err_;
    std::string words_, complained_;
    bool begun_ = false;
    Clock::time_point until_ = Clock::now() + silent_at_most;
};

class Transfers {
public:
    Transfers(std::vector<Receiver>& receivers, const Origin& origin, Display& display)
        : receivers_(receivers), origin_(origin), display_(display) {}

    void run() {
        for (begin_some(); !under_way_.empty(); begin_some()) {
            draw();
            await();
            for (auto at = under_way_.begin(); at != under_way_.end();) {
                at = listen(*at) ? under_way_.erase(at) : std::next(at);
            }
        }
    }

private:
    void begin_some() {
        std::vector<Hop> hops;
        for (const auto& transfer : under_way_) {
            hops.push_back(transfer.hop());
        }
        for (const auto& hop : next_hops(receivers_, hops)) {
            auto& receiver = receivers_[hop.to];
            receiver.stage = Stage::moving;
            receiver.of = 0;
            receiver.from = hop.from;
            auto transfer = Transfer::begin(hop, command_for(hop));
            if (transfer) {
                under_way_.push_back(std::move(*transfer));
            } else {
                take({What::unreachable, 0, 0, transfer.error().message}, hop);
            }
        }
    }

    [[nodiscard]] std::vector<std::string> command_for(const Hop& hop) const {
        const auto& receiver = receivers_[hop.to];
        Errand errand{origin_.graphroot, receiver.facts.node, receiver.facts.graphroot, receiver.needs};
        if (hop.from) {
            const auto& sender = receivers_[*hop.from].facts;
            errand.graphroot = sender.graphroot;
            return command_on(sender.node, words_to_send(origin_.common, errand), origin_.here);
        }
        auto words = words_to_send(origin_.common, errand);
        words.insert(words.begin(), origin_.here.program);
        return words;
    }

    void await() const {
        std::vector<pollfd> events;
        for (const auto& transfer : under_way_) {
            events.push_back({transfer.out(), POLLIN, 0});
        }
        ::poll(events.data(), events.size(), redraw_milliseconds);
    }

    /// True where it has ended.
    bool listen(Transfer& transfer) {
        bool ended = false;
        for (const auto& progress : transfer.said()) {
            take(progress, transfer.hop());
            ended = ended || progress.what >= What::done;
        }
        return ended;
    }

    void take(const Progress& progress, const Hop& hop) {
        std::vector<Stage> before;
        std::ranges::transform(receivers_, std::back_inserter(before), &Receiver::stage);
        apply(progress, hop, origin_.common.image.layers, receivers_);
        for (std::size_t i = 0; i < receivers_.size(); ++i) {
            const auto stage = receivers_[i].stage;
            if (stage != before[i] && (stage == Stage::done || stage == Stage::failed)) {
                display_.settle(outcome_of(receivers_[i], sender_of(receivers_[i], receivers_, origin_)));
            }
        }
    }

    void draw() {
        std::vector<std::string> lines;
        for (const auto& transfer : under_way_) {
            const auto& receiver = receivers_[transfer.hop().to];
            lines.push_back(state_of(receiver, sender_of(receiver, receivers_, origin_)));
        }
        display_.draw(lines);
    }

    std::vector<Receiver>& receivers_;
    const Origin& origin_;
    Display& display_;
    std::list<Transfer> under_way_;
};

}  // namespace

void transfer_to_all(std::vector<Receiver>& receivers, const Origin& origin, Display& display) {
    Transfers(receivers, origin, display).run();
}

std::string sender_of(const Receiver& receiver, const std::vector<Receiver>& receivers,
                      const Origin& origin) {
    const auto from = receiver.shares ? receiver.shares : receiver.from;
    return from ? receivers[*from].facts.node : origin.here.hostname;
}

}  // namespace mpi_podman
