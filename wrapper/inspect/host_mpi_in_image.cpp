#include "inspect/host_mpi_in_image.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include "abi/facts_cache.hpp"
#include "abi/host_libc.hpp"
#include "elf/closure.hpp"

namespace mpi_podman {
namespace {

/// Of what cannot be started podman, or the rank's own start, tells better.
std::optional<CommandFacts> command_in(const Rootfs& image, const HostMpiQuestion& question) {
    if (question.program.empty()) {
        return std::nullopt;
    }
    auto facts = command_facts(image, question.of_rank, question.program,
                               question.closely ? Symbols::yes : Symbols::no);
    const bool tells = question.closely || facts.state == CommandState::runs;
    return tells ? std::optional(std::move(facts)) : std::nullopt;
}

/// What programs of the image may ask for MPI's libraries by.
std::vector<std::string> names_in(const RootFacts& image, const CommandFacts* command) {
    auto names = command != nullptr ? command->needed_mpi() : std::vector<std::string>{};
    for (const auto& mpi : image.mpis) {
        names.push_back(mpi.libmpi.soname);
        names.insert(names.end(), mpi.names.begin(), mpi.names.end());
        std::ranges::transform(mpi.others, std::back_inserter(names), &Library::soname);
    }
    return names;
}

/// All that the loader would find: for the command, and for the MPI itself, which others load later.
std::vector<UsedLibrary> loaded_in(const Rootfs& image, const HostMpiQuestion& question,
                                   const CommandFacts* command, const HostMpi& host) {
    auto used = command != nullptr ? command->libraries : std::vector<UsedLibrary>{};
    const auto rules = search_rules(image, "", question.of_rank.library_path, question.of_rank.cwd);
    const auto libmpi = std::string(host_mpi_directory) + "/" + host.mpi.libmpi.soname;
    for (const auto& object : load(image, rules, {libmpi}).value_or(Closure{}).objects) {
        used.push_back(
            {library_from(image, object.path, object.elf), object.name, object.needed_by, object.by});
    }
    return used;
}

/// Looks at one image with the host's MPI in it.
class Look {
public:
    explicit Look(const HostMpiQuestion& question)
        : question_(question),
          cache_(question.facts_cache),
          image_(question.layers),
          facts_(cache_.of_image(question.image_id, image_, question.in_image)),
          command_(command_in(seen_by_rank(question, {}), question)) {
        situation_.image = &facts_;
        situation_.command = command_ ? &*command_ : nullptr;
        situation_.check = question.check;
    }

    HostMpiInImage answer() && {
        const auto host = Rootfs::host();
        auto facts = cache_.of_host(host, question_.on_host);
        const MpiPrefix prefix{question_.prefix, host.resolve(question_.prefix).value_or("")};
        const bool lost = !prefix.typed.empty() && prefix.real.empty();
        const auto* mpi = lost ? nullptr
                               : choose_mpi(facts, prefix.typed.empty() ? "" : prefix.real,
                                            situation_.command, facts_, question_.pmi);
        HostMpiInImage found;
        if (mpi != nullptr) {
            auto all = cache_.of_host_mpi(host, question_.on_host, facts, *mpi);
            found = with(all, host, prefix);
            found.host_mpi = std::move(all);
            found.mpi = mpi_of_mounts(found.mounts);
        } else {
            found.verdict = judge(Strategy::host, situation_);
        }
        found.image = std::move(facts_);
        found.host = std::move(facts);
        found.command = std::move(command_);
        return found;
    }

private:
    /// With the image's C library, if that will do.
    HostMpiInImage with(const HostMpi& mpi, const Rootfs& host, const MpiPrefix& prefix) {
        const auto files = files_of(host, mpi);
        situation_.host = &mpi;
        situation_.counterparts = cache_.of_counterparts(question_.image_id, image_, question_.in_image, mpi);
        auto found = bring(files, prefix, {});
        if (found.verdict.outcome != Outcome::cannot || !can_bring_libc(facts_, mpi)) {
            return found;
        }
        situation_.libc = LibcFrom::host;
        auto other = bring(files, prefix, libc_mounts(host, seen_by_rank(question_, {}), question_.in_image));
        return other.verdict.outcome == Outcome::cannot ? found : other;
    }

    HostMpiInImage bring(const std::vector<std::string>& files, const MpiPrefix& prefix,
                         const std::vector<HostMount>& libc) {
        const auto placements = place_libraries(*situation_.host, situation_.counterparts, situation_.libc);
        HostMpiInImage found;
        found.mounts = libc;
        add(host_mounts(*situation_.host, placements, names_in(facts_, situation_.command), files, prefix),
            found.mounts);
        const auto image = seen_by_rank(question_, found.mounts);
        const auto first = command_in(image, question_);
        const auto over = mounts_over_image(
            loaded_in(image, question_, first ? &*first : nullptr, *situation_.host), placements);
        add(over, found.mounts);
        const auto last = over.empty() ? first : command_in(seen_by_rank(question_, found.mounts), question_);
        situation_.command_with_host = last ? &*last : nullptr;
        found.verdict = judge(Strategy::host, situation_);
        situation_.command_with_host = nullptr;
        return found;
    }

    static void add(const std::vector<HostMount>& more, std::vector<HostMount>& mounts) {
        for (const auto& mount : more) {
            add_mount(mounts, mount);
        }
    }

    const HostMpiQuestion& question_;
    const FactsCache cache_;
    const Rootfs image_;
    RootFacts facts_;
    std::optional<CommandFacts> command_;
    Situation situation_;
};

MpiFamily family_wanted(const CommandFacts* command, const RootFacts& image, Pmi pmi) {
    for (const auto& soname : command != nullptr ? command->needed_mpi() : std::vector<std::string>{}) {
        return mpi_name(soname)->family;
    }
    if (!image.mpis.empty()) {
        return image.mpis.front().family;
    }
    return pmi == Pmi::pmi1 || pmi == Pmi::pmi2 ? MpiFamily::mpich : MpiFamily::open_mpi;
}

}  // namespace

Rootfs seen_by_rank(const HostMpiQuestion& question, const std::vector<HostMount>& mounts) {
    Rootfs image(question.layers);
    for (const auto& [source, target] : question.shown) {
        image.mount(target, source);
    }
    for (const auto& [source, target] : mounts) {
        image.mount(target, source);
    }
    return image;
}

HostMpiInImage look_for_host_mpi(const HostMpiQuestion& question) { return Look(question).answer(); }

const MpiInstallation* choose_mpi(const RootFacts& host, const std::string& real_prefix,
                                  const CommandFacts* command, const RootFacts& image, Pmi pmi) {
    const auto wanted = family_wanted(command, image, pmi);
    const MpiInstallation* chosen = nullptr;
    for (const auto& mpi : host.mpis) {
        const bool candidate =
            real_prefix.empty() ? mpi.found_by_loader : mpi.libmpi.file.starts_with(real_prefix + "/");
        if (candidate && (chosen == nullptr || (chosen->family != wanted && mpi.family == wanted))) {
            chosen = &mpi;
        }
    }
    return chosen;
}

ImageMpi mpi_of_mounts(const std::vector<HostMount>& mounts) {
    ImageMpi mpi;
    const auto directory = std::string(host_mpi_directory) + "/";
    for (const auto& mount : mounts) {
        if (mount.target == directory + "libmpi.so.40") {
            mpi.open_mpi = mount.source;
            mpi.open_mpi_file = std::filesystem::path(mount.source).filename().string();
        } else if (mount.target == directory + "libmpi.so.12") {
            mpi.mpich = mount.source;
        }
    }
    return mpi;
}

}  // namespace mpi_podman
