/// How far a distribution is: on a terminal a line for each node that is at work, drawn again and again below
/// those that are done; elsewhere the latter alone.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace mpi_podman {

class Display {
public:
    Display();
    ~Display();
    Display(const Display&) = delete;
    Display& operator=(const Display&) = delete;

    /// A line that stays, with its newline; of any origin.
    void settle(const std::string& line);
    /// The lines of those at work.
    void draw(const std::vector<std::string>& lines);

private:
    void erase();
    bool is_terminal_;
    std::size_t drawn_ = 0;
    std::chrono::steady_clock::time_point last_;
};

}  // namespace mpi_podman
