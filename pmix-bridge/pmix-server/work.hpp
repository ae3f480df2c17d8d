/// What libpmix's thread is asked to do, and whether it still does anything.
#pragma once

#include <pmix_server.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>

#include "sys/fd.hpp"

namespace mpi_podman {

/// One thing after the other. Outlives all that it may still have to say.
class Work {
public:
    /// `begin` is one of libpmix's functions with the callback and its context, which end it.
    template <typename Begin>
    pmix_status_t done(Begin begin, std::chrono::milliseconds patience) {
        if (stuck_) {
            return PMIX_ERR_TIMEOUT;
        }
        const pmix_status_t begun = begin(on_done, this);
        if (begun != PMIX_SUCCESS) {
            return begun == PMIX_OPERATION_SUCCEEDED ? PMIX_SUCCESS : begun;
        }
        if (!ends_within(patience)) {
            stuck_ = true;
            return PMIX_ERR_TIMEOUT;
        }
        std::uint64_t count = 0;
        [[maybe_unused]] const auto emptied = ::read(event_.get(), &count, sizeof count);
        return status_;
    }

    [[nodiscard]] bool can_be_asked() const { return static_cast<bool>(event_); }
    [[nodiscard]] bool is_stuck() const { return stuck_; }

private:
    /// In pieces, so that a time in which this process is stopped costs one of them.
    [[nodiscard]] bool ends_within(std::chrono::milliseconds patience) const {
        constexpr int pieces = 20;
        pollfd ended{event_.get(), POLLIN, 0};
        for (int piece = 0; piece < pieces; ++piece) {
            if (::poll(&ended, 1, static_cast<int>(patience.count() / pieces)) == 1) {
                return true;
            }
        }
        return false;
    }

    static void on_done(pmix_status_t status, void* context) {
        auto& work = *static_cast<Work*>(context);
        work.status_ = status;
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(work.event_.get(), &one, sizeof one);
    }

    bool stuck_ = false;
    std::atomic<pmix_status_t> status_ = PMIX_SUCCESS;
    Fd event_{::eventfd(0, EFD_CLOEXEC)};
};

inline Work& work() {
    static Work all;
    return all;
}

}  // namespace mpi_podman
