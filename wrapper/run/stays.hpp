/// What goes by itself, mostly.
#pragma once

#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

namespace mpi_podman {

/// Whether something is still there after that time.
template <typename IsThere>
bool stays(const IsThere& is_there, std::chrono::milliseconds patience) {
    constexpr std::chrono::milliseconds pause{50};
    for (auto time = patience; is_there(); time -= pause) {
        if (time.count() <= 0) {
            return true;
        }
        std::this_thread::sleep_for(pause);
    }
    return false;
}

inline bool file_stays(const std::string& path, std::chrono::milliseconds patience) {
    return stays([&] { return ::access(path.c_str(), F_OK) == 0; }, patience);
}

}  // namespace mpi_podman
