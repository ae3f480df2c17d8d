#include "check/page.hpp"

#include <algorithm>

#include "check/table.hpp"
#include "podman/render.hpp"
#include "sys/printable.hpp"
#include "sys/text.hpp"

namespace mpi_podman {
namespace {

using Cells = std::vector<std::string>;

std::string architecture_of(const RootFacts& facts) {
    return facts.architecture.machine == 0 ? "no program's loader" : name_of(facts.architecture);
}

std::string full_version(const Library& library) {
    const auto version = to_string(library.version);
    return library.soname + (version.empty() ? "" : " (" + version + ")");
}

Cells mpis_of(const RootFacts& facts) {
    Cells lines;
    for (const auto& mpi : facts.mpis) {
        lines.push_back(describe(mpi) + ", " + full_version(mpi.libmpi) +
                        (mpi.found_by_loader ? "" : ", not found by the loader: " + mpi.libmpi.path));
        for (const auto& other : mpi.others) {
            lines.push_back("  " + full_version(other));
        }
    }
    return lines.empty() ? Cells{"none"} : lines;
}

Cells libraries_of(const std::vector<ReleasedLibrary>& libraries) {
    Cells lines;
    for (const auto& released : libraries) {
        lines.push_back(released.library.soname + (released.release.empty() ? "" : " " + released.release));
    }
    return lines.empty() ? Cells{"none"} : lines;
}

/// One fact of both sides, in as many lines as the longer list has.
void add_fact(Table& table, const std::string& name, const Cells& image, const Cells& host) {
    const auto at = [](const Cells& cells, std::size_t i) { return i < cells.size() ? cells[i] : ""; };
    for (std::size_t i = 0; i < std::max(image.size(), host.size()); ++i) {
        table.push_back({i == 0 ? name : "", at(image, i), at(host, i)});
    }
}

Cells describe(const NodeDevices& devices) {
    auto lines = devices.fabric;
    for (const auto& gpus : devices.gpus) {
        lines.push_back(gpus.kind + ": " + joined(gpus.names) + " (" + gpus.file + ")");
    }
    for (const auto& problem : devices.unread) {
        lines.push_back("unreadable: " + problem);
    }
    return lines.empty() ? Cells{"none"} : lines;
}

std::string facts_of(const CheckReport& report) {
    Table table{{"", "the image", "this host, " + report.node}};
    const auto& image = report.in_image;
    const auto& host = report.on_host;
    add_fact(table, "architecture", {architecture_of(image)}, {architecture_of(host)});
    add_fact(table, "C library", {describe_libc(image.libc, image.libc_release)},
             {describe_libc(host.libc, host.libc_release)});
    add_fact(table, "MPI", mpis_of(image), mpis_of(host));
    add_fact(table, "PMI", libraries_of(image.pmi), libraries_of(host.pmi));
    add_fact(table, "fabrics", libraries_of(image.transports), libraries_of(host.transports));
    add_fact(table, "devices", {}, describe(report.devices));
    Cells launchers{describe(report.launcher)};
    std::ranges::transform(report.other_launchers, std::back_inserter(launchers),
                           [](const HostLauncher& launcher) { return "also " + describe(launcher); });
    add_fact(table, "launcher", {}, launchers);
    return text_of(table);
}

std::string command_of(const CommandFacts& command) {
    auto text = "command       " + printable_line(command.asked);
    if (command.state != CommandState::runs) {
        return text + ": " + printable_line(command.problem) + "\n";
    }
    if (command.program != command.asked) {
        text += ", " + printable_line(command.program);
    }
    Cells of_mpi;
    for (const auto& soname : command.needed_mpi()) {
        of_mpi.push_back(soname);
    }
    if (command.static_mpi != MpiFamily::none) {
        of_mpi.push_back(std::string(name_of(command.static_mpi)) + ", linked into it");
    }
    text += of_mpi.empty() ? ": not linked with MPI" : ": MPI by " + printable_line(joined(of_mpi));
    text += "; libraries: " + std::to_string(command.libraries.size()) + " found, " +
            std::to_string(command.missing.size()) + " missing";
    return text + "\n";
}

std::string text_of(const Reason& reason) {
    auto text = std::string("   ") + (reason.outcome == Outcome::works ? "note: " : "- ") +
                printable_line(reason.what);
    text += reason.why.empty() ? "\n" : ": " + printable_line(reason.why) + "\n";
    return text + (reason.remedy.empty() ? "" : "     to do: " + printable_line(reason.remedy) + "\n");
}

std::string shell_line(const std::vector<std::string>& words) {
    std::string line;
    for (const auto& word : words) {
        line += (line.empty() ? "" : " ") + shell_quote(word);
    }
    return line;
}

std::string text_of(const StrategyReport& strategy, bool recommended) {
    const auto& verdict = strategy.verdict;
    auto text = std::string(name_of(verdict.strategy)) + ": " + std::string(name_of(verdict.outcome)) +
                (recommended ? " (recommended)" : "") + "\n";
    for (const auto& reason : verdict.reasons) {
        text += text_of(reason);
    }
    if (!strategy.command_line.empty()) {
        text += "   " + printable_line(strategy.pmi) + "\n   $ " + shell_line(strategy.command_line) + "\n";
    }
    return text;
}

}  // namespace

std::string describe(const HostLauncher& launcher) {
    if (launcher.launcher == Launcher::none) {
        return "none";
    }
    return std::string(name_of(launcher.launcher)) +
           (launcher.release.empty() ? "" : " " + launcher.release) + ", offers " +
           std::string(name_of(launcher.pmi)) +
           (launcher.path.empty() ? ", around this check" : ": " + launcher.path);
}

std::string page_of(const CheckReport& report) {
    auto text = report.image + ", " + report.image_id.substr(0, 12) + "\n\n" + facts_of(report);
    text += report.command ? command_of(*report.command) : "";
    for (std::size_t i = 0; i < report.strategies.size(); ++i) {
        text += "\n" + text_of(report.strategies[i], report.recommended == i);
    }
    if (!report.recommended) {
        text += "\nNothing of this can run here.\n";
    }
    return text;
}

}  // namespace mpi_podman
