#include "abi/command_facts.hpp"

#include <algorithm>
#include <array>

#include "abi/script.hpp"

namespace mpi_podman {
namespace {

constexpr int most_scripts = 6;  // the kernel takes five interpreters that are scripts again
constexpr std::size_t script_head = 256;

/// Follows scripts to the program that runs, and notes in `facts` what is on the way.
class Follow {
public:
    Follow(const Rootfs& root, const Places& places, CommandFacts& facts)
        : root_(&root), places_(&places), facts_(&facts) {}

    /// The ELF file at the end; nothing where there is a problem, which is noted.
    std::optional<ElfFile> to_program(const std::string& command) {
        const auto path = find_command(*root_, *places_, command);
        if (!path) {
            return problem(CommandState::not_found, command + " is not there");
        }
        facts_->path = *path;
        auto at = *path;
        for (int i = 0; i < most_scripts; ++i) {
            if (!root_->is_program(at)) {
                return problem(CommandState::not_executable, at + " is no file that may be executed");
            }
            const auto head = root_->read(at, script_head);
            const auto script = head ? script_line(*head) : std::nullopt;
            if (!script) {
                return read_program(at);
            }
            if (!next(*script, at)) {
                return std::nullopt;
            }
        }
        return problem(CommandState::no_program, *path + " is a script for a script without end");
    }

private:
    std::nullopt_t problem(CommandState state, std::string words) {
        facts_->state = state;
        facts_->problem = std::move(words);
        return std::nullopt;
    }

    std::optional<ElfFile> read_program(const std::string& path) {
        const auto file = root_->open(path);
        if (!file) {
            return problem(CommandState::unreadable,
                           path + " may be executed, but not be read: nothing is known of it");
        }
        const auto elf = read_elf(file->get());
        if (!elf) {
            return problem(CommandState::no_program, path + " is no program: " + elf.error().message);
        }
        facts_->program = path;
        facts_->state = CommandState::runs;
        return *elf;
    }

    /// What runs a script: its interpreter, or what env(1) finds.
    bool next(const ScriptLine& script, std::string& at) {
        const auto path = find_command(*root_, *places_, script.interpreter);
        if (!path || script.interpreter.find('/') == std::string::npos) {
            problem(CommandState::no_interpreter,
                    at + " is a script for " + script.interpreter + ", which is not there");
            return false;
        }
        facts_->interpreters.push_back(*path);
        const auto command = script.command.empty() ? path : find_command(*root_, *places_, script.command);
        if (!command) {
            problem(CommandState::no_interpreter,
                    at + " is a script for " + script.command + ", which is not in PATH");
            return false;
        }
        if (*command != *path) {
            facts_->interpreters.push_back(*command);
        }
        at = *command;
        return true;
    }

    const Rootfs* root_;
    const Places* places_;
    CommandFacts* facts_;
};

bool contain(const std::vector<std::string>& constants, std::string_view text) {
    return std::ranges::any_of(
        constants, [&](const std::string& bytes) { return bytes.find(text) != std::string::npos; });
}

/// The family of an MPI linked into the program: by the function that each has for its own, or by texts.
MpiFamily static_mpi(const Rootfs& root, const std::string& program) {
    const auto file = root.open(program);
    const Names wanted{"MPI_Init",  "PMPI_Init",     "MPI_Init_thread",
                       "mpi_init_", "ompi_mpi_init", "MPIR_Err_create_code"};
    const auto found = file ? defined_among(file->get(), wanted).value_or(Names{}) : Names{};
    const auto constants =
        file ? constant_bytes(file->get()).value_or(std::vector<std::string>{}) : std::vector<std::string>{};
    if (found.contains("ompi_mpi_init") || contain(constants, "ompi_mpi_init")) {
        return MpiFamily::open_mpi;
    }
    if (found.contains("MPIR_Err_create_code") || contain(constants, "MPICH Version:")) {
        return MpiFamily::mpich;
    }
    return MpiFamily::none;
}

void add_closure(const Rootfs& root, const Closure& closure, CommandFacts& facts) {
    for (const auto& object : closure.objects) {
        if (object.by != FoundBy::path || !object.needed_by.empty()) {
            facts.libraries.push_back(
                {library_from(root, object.path, object.elf), object.name, object.needed_by, object.by});
        }
    }
    facts.missing = closure.missing;
    facts.unmet = closure.unmet;
}

void add_libraries(const Rootfs& root, const Places& places, const ElfFile& elf, Symbols symbols,
                   CommandFacts& facts) {
    const auto rules = search_rules(root, elf.interpreter, places.library_path, places.cwd);
    const auto closure = load(root, rules, {facts.program});
    if (!closure) {
        return;
    }
    add_closure(root, *closure, facts);
    if (symbols == Symbols::yes) {
        facts.undefined = undefined_symbols(root, *closure);
    }
}

}  // namespace

std::vector<std::string> CommandFacts::needed_mpi() const {
    std::vector<std::string> names;
    for (const auto& used : libraries) {
        if (mpi_name(used.name)) {
            names.push_back(used.name);
        }
    }
    for (const auto& library : missing) {
        if (mpi_name(library.name)) {
            names.push_back(library.name);
        }
    }
    return names;
}

const UsedLibrary* CommandFacts::find(std::string_view name) const {
    const auto at = std::ranges::find_if(
        libraries, [&](const UsedLibrary& used) { return used.name == name || used.library.soname == name; });
    return at == libraries.end() ? nullptr : &*at;
}

CommandFacts command_facts(const Rootfs& root, const Places& places, const std::string& command,
                           Symbols symbols) {
    CommandFacts facts;
    facts.asked = command;
    const auto elf = Follow(root, places, facts).to_program(command);
    if (!elf) {
        return facts;
    }
    facts.architecture = elf->architecture;
    facts.version_needs = elf->version_needs;
    facts.is_static = elf->interpreter.empty();
    if (elf->architecture != own_architecture()) {
        facts.state = CommandState::foreign;
        facts.problem = facts.program + " is for " + name_of(elf->architecture);
        return facts;
    }
    add_libraries(root, places, *elf, symbols, facts);
    if (!facts.is_static && !root.is_program(elf->interpreter)) {
        facts.state = CommandState::no_interpreter;
        facts.problem = facts.program + " asks for the loader " + elf->interpreter + ", which is not there";
    }
    if (facts.needed_mpi().empty()) {
        facts.static_mpi = static_mpi(root, facts.program);
    }
    return facts;
}

}  // namespace mpi_podman
