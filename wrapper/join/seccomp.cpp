#include "join/seccomp.hpp"

#include <linux/audit.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <vector>

#include "join/call_table.hpp"
#include "join/refusals.hpp"
#include "sys/fd.hpp"
#include "sys/whole_json.hpp"

namespace mpi_podman {
namespace {

using nlohmann::json;
using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;

std::optional<std::uint32_t> action_of(const std::string& name, std::uint32_t number) {
    struct Row {
        std::string_view name;
        std::uint32_t action;
    };
    const std::array rows{Row{"SCMP_ACT_ALLOW", SCMP_ACT_ALLOW},
                          Row{"SCMP_ACT_ERRNO", SCMP_ACT_ERRNO(number)},
                          Row{"SCMP_ACT_KILL", SCMP_ACT_KILL},
                          Row{"SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD},
                          Row{"SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS},
                          Row{"SCMP_ACT_TRAP", SCMP_ACT_TRAP},
                          Row{"SCMP_ACT_TRACE", SCMP_ACT_TRACE(number)},
                          Row{"SCMP_ACT_LOG", SCMP_ACT_LOG}};
    const auto* row = std::find_if(rows.begin(), rows.end(), [&](const Row& r) { return r.name == name; });
    return row == rows.end() ? std::nullopt : std::optional(row->action);
}

std::optional<scmp_compare> comparison_of(const std::string& name) {
    struct Row {
        std::string_view name;
        scmp_compare comparison;
    };
    constexpr std::array rows{Row{"SCMP_CMP_NE", SCMP_CMP_NE},
                              Row{"SCMP_CMP_LT", SCMP_CMP_LT},
                              Row{"SCMP_CMP_LE", SCMP_CMP_LE},
                              Row{"SCMP_CMP_EQ", SCMP_CMP_EQ},
                              Row{"SCMP_CMP_GE", SCMP_CMP_GE},
                              Row{"SCMP_CMP_GT", SCMP_CMP_GT},
                              Row{"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ}};
    const auto* row = std::find_if(rows.begin(), rows.end(), [&](const Row& r) { return r.name == name; });
    return row == rows.end() ? std::nullopt : std::optional(row->comparison);
}

tl::unexpected<Error> not_carried(const std::string& what) {
    return failure(Status::ours, "the container's seccomp profile cannot be carried over to a rank: " + what,
                   "run with --per-rank, or without that --security-opt seccomp");
}

/// The profile's, and this machine's: as libseccomp names them. Those it does not know are no loss.
std::set<std::uint32_t> architectures_of(const json& profile) {
    std::set<std::uint32_t> architectures{seccomp_arch_native()};
    for (const std::string name : profile.value("architectures", json::array())) {
        // "SCMP_ARCH_X86_64" is "x86_64" to libseccomp.
        std::string plain = name.substr(std::min(name.size(), std::string_view("SCMP_ARCH_").size()));
        std::transform(plain.begin(), plain.end(), plain.begin(),
                       [](unsigned char c) { return std::tolower(c); });
        if (const auto token = seccomp_arch_resolve_name(plain.c_str()); token != 0) {
            architectures.insert(token);
        }
    }
    return architectures;
}

/// A profile while it is compiled. Most of its rules are of a name alone: those are `found`. The rest
/// libseccomp knows how to put together: rules with conditions, and the calls that some architectures have
/// behind one number (socketcall(2), ipc(2)).
struct Compilation {
    Filter filter;
    std::uint32_t default_action;
    std::set<std::uint32_t> architectures;
    std::set<std::string> left;  // calls that are libseccomp's to tell of, by the program's end
    ByArchitecture found = {};
    bool refuses_x32 = false;
};

/// Those with conditions; one that is looked at by refuse_to_type(), too; and two with calls behind them.
std::set<std::string> calls_to_leave(const json& rules) {
    std::set<std::string> calls{"ioctl", "socketcall", "ipc"};
    for (const auto& rule : rules) {
        if (!rule.value("args", json::array()).empty()) {
            calls.merge(rule.value("names", std::set<std::string>()));
        }
    }
    return calls;
}

/// x32 has numbers of its own, but not to the kernel (seccomp(2)).
std::uint32_t audit_architecture(std::uint32_t architecture) {
    return architecture == SCMP_ARCH_X32 ? std::uint32_t{AUDIT_ARCH_X86_64} : architecture;
}

/// Whether that is all that is to be said of the call: no architecture has it behind another's number.
bool find(const std::string& call, std::uint32_t action, Compilation& all) {
    constexpr int not_there = -10000;  // and below; those between -1 and it are libseccomp's own
    bool is_all = true;
    for (const auto architecture : all.architectures) {
        const int number = seccomp_syscall_resolve_name_arch(architecture, call.c_str());
        if (number >= 0) {
            all.found[audit_architecture(architecture)].emplace(number, action);
        }
        is_all = is_all && (number >= __NR_SCMP_ERROR || number < not_there);
    }
    return is_all;
}

Result<std::vector<scmp_arg_cmp>> conditions_of(const json& rule) {
    std::vector<scmp_arg_cmp> conditions;
    for (const auto& argument : rule.value("args", json::array())) {
        const auto name = argument.value("op", "");
        const auto comparison = comparison_of(name);
        if (!comparison) {
            return not_carried("comparison " + name);
        }
        conditions.push_back({argument.value("index", 0U), *comparison,
                              argument.value("value", scmp_datum_t{0}),
                              argument.value("valueTwo", scmp_datum_t{0})});
    }
    return conditions;
}

Result<void> add_rule(const json& rule, Compilation& all) {
    const auto name = rule.value("action", "");
    const auto action = action_of(name, rule.value("errnoRet", static_cast<std::uint32_t>(EPERM)));
    auto conditions = conditions_of(rule);
    if (!action || !conditions) {
        return action ? Result<void>(failure(conditions.error()))
                      : Result<void>(not_carried("action " + name));
    }
    for (const std::string call : rule.value("names", json::array())) {
        const int number = seccomp_syscall_resolve_name(call.c_str());
        if (number == __NR_SCMP_ERROR || *action == all.default_action ||
            (!all.left.contains(call) && find(call, *action, all))) {
            continue;
        }
        all.left.insert(call);
        const int why = seccomp_rule_add_array(all.filter.get(), *action, number,
                                               static_cast<unsigned>(conditions->size()), conditions->data());
        if (why != 0 && why != -EEXIST) {
            return not_carried("the rule for " + call);
        }
    }
    return {};
}

/// The numbers of which there is no rule, up to where the kernel's lists end. Not x32's, which the kernel may
/// not have, and which is behind the same architecture.
void find_others(Compilation& all) {
    constexpr int end_of_lists = 512;
    for (const auto architecture : all.architectures) {
        for (int number = 0; architecture != SCMP_ARCH_X32 && number < end_of_lists; ++number) {
            const std::unique_ptr<char, decltype(&std::free)> call(
                seccomp_syscall_resolve_num_arch(architecture, number), &std::free);
            if (!call || !all.left.contains(call.get())) {
                all.found[audit_architecture(architecture)].try_emplace(static_cast<std::uint32_t>(number),
                                                                        all.default_action);
            }
        }
    }
}

/// libseccomp loads the call's number where its first rule of an architecture is, and where that is of a call
/// which is not there, not at all: no rule holds then (2.5, 2.6). So the first is of one that is everywhere;
/// by the table it is never reached.
void begin_with_a_call(Compilation& all) {
    constexpr std::array calls{"getpid", "getuid", "close"};
    const auto* const call =
        std::ranges::find_if(calls, [&](const char* name) { return !all.left.contains(name); });
    if (call == calls.end()) {
        return;
    }
    for (const auto architecture : all.architectures) {
        const int number = seccomp_syscall_resolve_name_arch(architecture, *call);
        if (number >= 0) {
            all.found[audit_architecture(architecture)].try_emplace(static_cast<std::uint32_t>(number),
                                                                    all.default_action);
        }
    }
    const int number = seccomp_syscall_resolve_name(*call);
    const auto other = all.default_action == SCMP_ACT_ALLOW ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_ALLOW;
    seccomp_rule_add_array(all.filter.get(), other, number, 0, nullptr);
    seccomp_syscall_priority(all.filter.get(), number, UINT8_MAX);
}

Result<std::string> export_program(const Compilation& all) {
    const Fd memory(::memfd_create("seccomp", MFD_CLOEXEC));
    if (!memory || seccomp_export_bpf(all.filter.get(), memory.get()) != 0) {
        return not_carried("it does not compile");
    }
    return read_file("/proc/self/fd/" + std::to_string(memory.get())).map([&](const std::string& program) {
        return program_of(all.found) + refuse_to_type() + (all.refuses_x32 ? refuse_x32() : "") + program;
    });
}

}  // namespace

Result<std::string> compile_seccomp(std::string_view seccomp_json) {
    try {
        const auto profile = whole_json(seccomp_json);
        const auto name = profile.at("defaultAction").get<std::string>();
        const auto action =
            action_of(name, profile.value("defaultErrnoRet", static_cast<std::uint32_t>(EPERM)));
        if (!action) {
            return not_carried("action " + name);
        }
        const auto rules = profile.value("syscalls", json::array());
        Compilation all{{seccomp_init(*action), &seccomp_release},
                        *action,
                        architectures_of(profile),
                        calls_to_leave(rules)};
        if (!all.filter) {
            return not_carried("libseccomp does not start");
        }
        all.refuses_x32 = all.architectures.contains(SCMP_ARCH_X32) && !runs_x32();
        if (all.refuses_x32) {
            all.architectures.erase(SCMP_ARCH_X32);
        }
        // A rank that gains privileges by exec(3) keeps the filter without no_new_privs: podman's choice, not
        // ours.
        seccomp_attr_set(all.filter.get(), SCMP_FLTATR_CTL_NNP, 0);
        for (const auto architecture : all.architectures) {
            seccomp_arch_add(all.filter.get(), architecture);  // not where it is there
        }
        for (const auto& rule : rules) {
            if (const auto added = add_rule(rule, all); !added) {
                return failure(added.error());
            }
        }
        find_others(all);
        begin_with_a_call(all);
        return export_program(all);
    } catch (const json::exception& error) {
        return not_carried(error.what());
    }
}

}  // namespace mpi_podman
