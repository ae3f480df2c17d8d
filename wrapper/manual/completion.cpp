#include "manual/completion.hpp"

#include <algorithm>
#include <string_view>

#include "cli/choices.hpp"
#include "cli/option_table.hpp"
#include "sys/text.hpp"

namespace mpi_podman {
namespace {

constexpr auto images = "podman images --format '{{.Repository}}:{{.Tag}}' 2>/dev/null | grep -v '<none>'";

std::string quoted(std::string text) {
    for (auto at = text.find('\''); at != std::string::npos; at = text.find('\'', at + 4)) {
        text.replace(at, 1, "'\\''");
    }
    return "'" + text + "'";
}

bool is_path(const OptionRow& row) {
    const std::string placeholder = row.placeholder;
    return placeholder == "DIR" || placeholder == "FILE" || placeholder == "PATH" || placeholder == "DEVICE";
}

std::string short_name(const OptionRow& row) {
    return row.letter == '\0' ? std::string{} : std::string{'-', row.letter};
}

/// "-v --volume ..." of those that it holds for.
template <typename Holds>
std::vector<std::string> words_where(const Holds& holds) {
    std::vector<std::string> words;
    for (const auto& row : option_rows()) {
        if (!holds(row)) {
            continue;
        }
        if (row.letter != '\0') {
            words.push_back(short_name(row));
        }
        words.push_back(std::string("--") + row.name);
    }
    return words;
}

// '=' is a word of its own to bash.
constexpr auto bash_template = R"bash(# bash completion of mpi-podman
_mpi_podman() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} at=1
    if [[ $current == '=' ]]; then
        current=
    elif [[ $previous == '=' ]]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    COMPREPLY=()
    while ((at < COMP_CWORD)); do
        case ${COMP_WORDS[at]} in
            @NEED_VALUES@)
                [[ ${COMP_WORDS[at + 1]} != '=' ]] || ((at++))
                ((at += 2)) ;;
            '=') ((at += 2)) ;;
            -*) ((at++)) ;;
            *) compopt -o default; return ;;
        esac
    done
    case $previous in
@BRANCHES@    esac
    if [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W '@OPTIONS@' -- "$current"))
    elif ((at == COMP_CWORD)); then
        COMPREPLY=($(compgen -W "$(@IMAGES@)" -- "$current"))
    fi
}
complete -F _mpi_podman mpi-podman
)bash";

void fill(std::string& text, std::string_view place, const std::string& words) {
    text.replace(text.find(place), place.size(), words);
}

/// A branch of `case` for what an option is followed by.
std::string bash_branch(const OptionRow& row) {
    const auto words = choices_of(row.name);
    if (words.empty() && !is_path(row)) {
        return "";
    }
    const auto pattern = (row.letter == '\0' ? "" : short_name(row) + "|") + "--" + row.name;
    return "        " + pattern + ") " +
           (words.empty() ? "compopt -o filenames; COMPREPLY=($(compgen -f -- \"$current\"))"
                          : "COMPREPLY=($(compgen -W " + quoted(joined(words, " ")) + " -- \"$current\"))") +
           "; return ;;\n";
}

/// "[HELP]:value:ACTION" of an option, for _arguments.
std::string zsh_meaning(const OptionRow& row) {
    std::string help = row.help;
    std::replace(help.begin(), help.end(), '[', '(');
    std::replace(help.begin(), help.end(), ']', ')');
    auto means = std::string("[") + help + "]";
    if (row.placeholder[0] == '\0') {
        return means;
    }
    const auto words = choices_of(row.name);
    means.append(row.left_out != nullptr ? "::" : ":").append("value:");
    return words.empty() ? means + (is_path(row) ? "_files" : " ")
                         : means.append("(").append(joined(words, " ")).append(")");
}

}  // namespace

std::string bash_completion() {
    std::string branches;
    for (const auto& row : option_rows()) {
        branches += bash_branch(row);
    }
    std::string text = bash_template;
    fill(text, "@NEED_VALUES@", joined(words_where(needs_value), "|"));
    fill(text, "@BRANCHES@", branches);
    fill(text, "@OPTIONS@", joined(words_where([](const OptionRow&) { return true; }), " "));
    fill(text, "@IMAGES@", images);
    return text;
}

std::string zsh_completion() {
    std::string text = "#compdef mpi-podman\n\n_mpi_podman_images() {\n    local -a images=(${(f)\"$(" +
                       std::string(images) + ")\"})\n    compadd -- $images\n}\n\n_arguments -S \\\n";
    const auto add = [&text](const OptionRow& row, const std::string& name, const std::string& means) {
        text.append(4, ' ').append(quoted((is_repeatable(row) ? "*" : "") + name + means)).append(" \\\n");
    };
    for (const auto& row : option_rows()) {
        const auto means = zsh_meaning(row);
        const auto* joint = row.left_out != nullptr ? "=-" : needs_value(row) ? "=" : "";
        add(row, std::string("--") + row.name + joint, means);
        if (row.letter != '\0') {
            add(row, short_name(row), means);
        }
    }
    return text + "    '1:image:_mpi_podman_images' \\\n    '*::command:_normal'\n";
}

std::string fish_completion() {
    std::string text =
        "# fish completion of mpi-podman\ncomplete -c mpi-podman -n __fish_is_first_token -f -a \"(" +
        std::string(images) + ")\"\n";
    for (const auto& row : option_rows()) {
        const auto words = choices_of(row.name);
        text += std::string("complete -c mpi-podman -l ") + row.name +
                (row.letter == '\0' ? std::string{} : std::string(" -s ") + row.letter) +
                (needs_value(row) ? " -r" : "") +
                (words.empty() ? is_path(row) ? " -F" : "" : " -f -a " + quoted(joined(words, " "))) +
                " -d " + quoted(row.help) + "\n";
    }
    return text;
}

}  // namespace mpi_podman
