/// The messages of PMI-1 and PMI-2, as MPICH's processes and their servers write them: pure text work.
///
///     PMI-1   cmd=put kvsname=kvs_1 key=K value=V\n            words, ended by a newline
///             mcmd=spawn\n ... endcmd\n                        a word a line
///     PMI-2   "26    cmd=kvs-put;key=K;value=V;"               length in six characters, ";;" stands for ';'
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mpi_podman::pmi {

enum class Dialect : std::uint8_t { pmi1, pmi2 };

/// Hydra's maxima of a key, a value and a key-value space's name, which include the closing NUL. What comes
/// here has none, and may be as long: who keeps to Hydra's is never refused.
inline constexpr std::size_t max_key = 64, max_value = 1024, max_kvsname = 256;
/// What MPI grants a name that is published (MPI_MAX_PORT_NAME).
inline constexpr std::size_t max_name = 256;
/// No honest message is longer, all counted: a peer that sends more is not one.
inline constexpr std::size_t max_message = 64UL * 1024;

struct Message {
    std::string command;
    std::vector<std::pair<std::string, std::string>> words;  ///< in their order, without the command

    /// The value of the first word of this name; nothing where there is none.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
    /// The same, empty where there is none.
    [[nodiscard]] std::string_view get(std::string_view name) const { return find(name).value_or(""); }
    Message& with(std::string name, std::string value);
    bool operator==(const Message&) const = default;
};

/// The number that a text begins with; `otherwise` where that is none, or no `Number`.
template <typename Number>
Number number_of(std::string_view text, Number otherwise = 0) {
    std::from_chars(text.data(), text.data() + text.size(), otherwise);
    return otherwise;
}

/// One message in wire order. In PMI-1 newlines and NULs would end it: they become spaces, and
/// those of the command underscores.
std::string encode(const Message& message, Dialect dialect);

/// Takes bytes as they come and gives messages as they are complete.
class Reader {
public:
    /// PMI-2 begins with PMI-1's init and its answer: the dialect changes between two messages.
    void speak(Dialect dialect) { dialect_ = dialect; }
    void add(std::string_view bytes) { bytes_ += bytes; }
    /// The next whole message, nothing while it has not all come. One that is no message at all has an empty
    /// command.
    std::optional<Message> next();
    /// Whether what came can be no message any more: too long, or without a length where one must be.
    [[nodiscard]] bool is_lost() const { return lost_; }

private:
    std::optional<Message> next_pmi1();
    std::optional<Message> next_pmi2();

    Dialect dialect_ = Dialect::pmi1;
    std::string bytes_;
    bool lost_ = false;
};

}  // namespace mpi_podman::pmi
