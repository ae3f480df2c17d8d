/// The one table of options: what can be typed, written in a configuration file, or set in a variable.
#pragma once

#include <boost/program_options/options_description.hpp>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "cli/choices.hpp"
#include "cli/options.hpp"

namespace mpi_podman {

/// Where an option's value goes: of a list, each; none: it is something to do (Action).
using Into = std::variant<std::monostate, std::vector<std::string> Options::*, std::string Options::*,
                          std::optional<std::string> Options::*, bool Options::*, std::string Choices::*>;

struct OptionRow {
    const char* name;                ///< the long one, without dashes
    char letter;                     ///< the short one; '\0': none
    Into into;                       ///< what stands there in a new object is the default
    const char* placeholder;         ///< of its value; "": it has none
    const char* help;                ///< one line
    bool configurable = true;        ///< also by a file or a variable, not on the command line alone
    const char* left_out = nullptr;  ///< its value where it is given without one; nullptr: it needs one
};

std::span<const OptionRow> option_rows();

/// The row of this name, or letter; nullptr where there is none.
const OptionRow* option_row(const std::string& name);
const OptionRow* option_row(char letter);

/// Whether it may be given several times, and several places add up.
bool is_repeatable(const OptionRow& row);

/// Whether it is yes or no: on the command line without a value.
bool is_switch(const OptionRow& row);

/// Whether it may have a value on the command line; whether it must.
bool takes_value(const OptionRow& row);
bool needs_value(const OptionRow& row);

/// In words; empty where there is none.
std::string default_of(const OptionRow& row);

/// "MPI_PODMAN_PER_RANK" of "per-rank".
std::string variable_of(const OptionRow& row);

/// The rows as Boost's parser has them; values go to these two.
boost::program_options::options_description boost_options(Options& options, Choices& choices);

}  // namespace mpi_podman
