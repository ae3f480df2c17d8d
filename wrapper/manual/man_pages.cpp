#include "manual/man_pages.hpp"

#include <string_view>

#include "cli/option_table.hpp"

namespace mpi_podman {
namespace {

/// Text as man(7) prints it: a '-' stays one that can be copied, and nothing is taken for a request.
std::string plain(std::string_view text) {
    std::string safe;
    for (const char c : text) {
        const bool begins_line = safe.empty() || safe.back() == '\n';
        if (begins_line && (c == '.' || c == '\'')) {
            safe += "\\&";
        }
        safe += c == '\\' ? "\\e" : c == '-' ? "\\-" : std::string(1, c);
    }
    return safe;
}

std::string bold(std::string_view text) { return "\\fB" + plain(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + plain(text) + "\\fR"; }

std::string heading(const std::string& title, const std::string& section) {
    return ".TH " + title + " " + section + R"( "" "mpi-podman )" + version_number() + "\"\n";
}

std::string section(const std::string& title, const std::string& text) {
    return ".SH " + title + "\n" + text + "\n";
}

/// A term and what it means.
std::string item(const std::string& term, const std::string& text) {
    return ".TP\n" + term + "\n" + text + "\n";
}

std::string example(std::string_view text) { return ".PP\n.nf\n.RS\n" + plain(text) + "\n.RE\n.fi\n"; }

std::string with_default(const OptionRow& row) {
    const auto value = default_of(row);
    return plain(row.help) + (value.empty() || !row.configurable ? "" : " (default: " + plain(value) + ")");
}

std::string names_of(const OptionRow& row) {
    const std::string_view placeholder = row.placeholder;
    auto names = row.letter == '\0' ? std::string{} : bold(std::string{'-', row.letter}) + ", ";
    names += bold(std::string("--") + row.name);
    if (row.left_out != nullptr) {
        return names + "[=" + italic(placeholder) + "]";
    }
    return placeholder.empty() ? names : names + "=" + italic(placeholder);
}

std::string options() {
    std::string text;
    for (const auto& row : option_rows()) {
        text += item(names_of(row), with_default(row));
    }
    return text;
}

std::string keys() {
    std::string text;
    for (const auto& row : option_rows()) {
        if (row.configurable) {
            const auto* value = is_switch(row) ? "yes|no" : row.placeholder;
            text += item(bold(row.name) + " = " + italic(value), with_default(row) + "\n.br\n" +
                                                                     bold(variable_of(row)) +
                                                                     (is_repeatable(row) ? ", once" : ""));
        }
    }
    return text;
}

constexpr auto statuses =
    R"(that of the rank, or the signal it ended by; 125 where mpi-podman or podman failed; 126 where
the command cannot be run; 127 where it was not found; 2 for a wrong command line. Of --check: 0 where the image can
run, else 1. Of --distribute: 0 where all nodes have the image in the end, else 1.)";

constexpr auto configuration = R"(# each node's scratch directory, for every job
volume = /scratch:/scratch

[profile debug]
per-rank = yes
log-level = debug

[mpi openmpi-4.1]
prefix = /opt/openmpi-4.1
default = yes)";

}  // namespace

std::string man_page() {
    return heading("MPI-PODMAN", "1") +
           section("NAME", plain("mpi-podman - run the ranks of an MPI job in rootless Podman containers")) +
           section("SYNOPSIS", bold("mpi-podman") + " [" + italic("options") + "] " + italic("IMAGE") + " [" +
                                   italic("COMMAND") + " [" + italic("ARG") + "...]]") +
           section(
               "DESCRIPTION",
               plain("mpirun, mpiexec or srun starts it once per slot, in front of IMAGE and the program:") +
                   "\n" + example("mpirun --hostfile hf mpi-podman IMAGE ./ring") + ".PP\n" +
                   plain("The ranks are one job, with the launcher's environment, as without containers. "
                         "Options stand before IMAGE; what is behind it belongs to the rank.")) +
           section("OPTIONS", options()) +
           section("CONFIGURATION",
                   plain("Every option but those of what is to be done can be set in files and variables: ") +
                       bold("mpi-podman.conf") + "(5).") +
           section("EXIT STATUS", plain(statuses)) +
           section("EXAMPLES", example("mpi-podman --check IMAGE ./ring\n"
                                       "mpi-podman --distribute --hostfile hf IMAGE\n"
                                       "mpirun -np 4 mpi-podman --mpi=host IMAGE ./ring\n"
                                       "srun -n 4 --mpi=pmi2 mpi-podman --pmi=pmix IMAGE ./ring")) +
           section("SEE ALSO", bold("mpi-podman.conf") + "(5), " + bold("podman-run") + "(1), " +
                                   bold("mpirun") + "(1), " + bold("srun") + "(1)");
}

std::string config_man_page() {
    return heading("MPI-PODMAN.CONF", "5") +
           section("NAME", plain("mpi-podman.conf - what mpi-podman need not be told on its command line")) +
           section("DESCRIPTION",
                   plain("Each goes before those above it; of options that can be repeated all count.") +
                       "\n" + item("1. " + bold(site_config_file), plain("the site's, on each node")) +
                       item("2. " + bold("~/.config/mpi-podman/config"),
                            plain("the user's; below XDG_CONFIG_HOME where that is set")) +
                       item("3. [profile " + italic("NAME") + "]",
                            plain("a section of either file, where --profile=NAME asks for it")) +
                       item("4. " + plain("variables"), plain("MPI_PODMAN_ and the option's name")) +
                       item("5. " + plain("the command line"), plain("--per-rank=no undoes a switch")) +
                       ".PP\n" +
                       plain("'#' begins a comment. A line that is wrong is named by file and "
                             "number, and no job starts until it is right.")) +
           section("KEYS", keys()) +
           section(
               "SECTIONS",
               item(bold("[profile ") + italic("NAME") + bold("]"), plain("keys as above")) +
                   item(bold("[mpi ") + italic("NAME") + bold("]"),
                        plain("an MPI of the host, for --mpi=host:NAME: its prefix, and default = yes for "
                              "the one that --mpi=host means"))) +
           section("EXAMPLE", example(configuration)) +
           section("SEE ALSO", bold("mpi-podman") + "(1); " + bold("mpi-podman --config") +
                                   plain(" prints every value and where it comes from"));
}

}  // namespace mpi_podman
