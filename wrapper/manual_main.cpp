/// mpi-podman-manual: prints what packages hold beside the program. The build runs it; it is not installed.

#include <array>
#include <iostream>
#include <string_view>

#include "manual/completion.hpp"
#include "manual/man_pages.hpp"

int main(int argc, char** argv) {
    struct Page {
        std::string_view name;
        std::string (*text)();
    };
    constexpr std::array pages{
        Page{"mpi-podman.1", mpi_podman::man_page}, Page{"mpi-podman.conf.5", mpi_podman::config_man_page},
        Page{"mpi-podman.bash", mpi_podman::bash_completion}, Page{"_mpi-podman", mpi_podman::zsh_completion},
        Page{"mpi-podman.fish", mpi_podman::fish_completion}};
    for (const auto& [name, text] : pages) {
        if (argc == 2 && argv[1] == name) {
            std::cout << text();
            return std::cout.flush() ? 0 : 1;
        }
    }
    std::cerr << "usage: mpi-podman-manual PAGE, one of:";
    for (const auto& page : pages) {
        std::cerr << ' ' << page.name;
    }
    std::cerr << '\n';
    return 2;
}
