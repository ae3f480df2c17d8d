#include "pmi/message.hpp"

#include <algorithm>
#include <charconv>

namespace mpi_podman::pmi {
namespace {

// PMI-2's header: the length in decimal, padded with blanks, by servers before it and by clients behind it.
constexpr std::size_t length_digits = 6;
constexpr std::string_view end_of_many = "\nendcmd\n";

/// "name=value"; a word without '=' goes on with the value before it, which had a blank in it.
void take_word(std::string_view word, Message& message) {
    const auto equals = word.find('=');
    if (equals != std::string_view::npos && equals > 0) {
        message.words.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    } else if (!message.words.empty()) {
        message.words.back().second.append(" ").append(word);
    }
}

/// The command stands in front of the others, as "cmd=" or, in PMI-1 for many lines, "mcmd=".
Message with_command(Message message) {
    if (!message.words.empty() &&
        (message.words.front().first == "cmd" || message.words.front().first == "mcmd")) {
        message.command = message.words.front().second;
        message.words.erase(message.words.begin());
    }
    return message;
}

Message from_words(std::string_view text, char separator) {
    Message message;
    while (!text.empty()) {
        const auto end = std::min(text.find(separator), text.size());
        if (end > 0) {
            take_word(text.substr(0, end), message);
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return with_command(std::move(message));
}

/// Words end with ';', and ";;" is one in a value.
Message from_pmi2(std::string_view text) {
    Message message;
    std::string word;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != ';') {
            word += text[at];
        } else if (at + 1 < text.size() && text[at + 1] == ';') {
            word += text[at++];
        } else {
            take_word(word, message);
            word.clear();
        }
    }
    if (!word.empty()) {
        take_word(word, message);
    }
    return with_command(std::move(message));
}

std::string one_line(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\n' || c == '\0'; }, ' ');
    return text;
}

std::string one_word(std::string text) {
    std::replace(text.begin(), text.end(), ' ', '_');
    return text;
}

std::optional<std::size_t> length_of(std::string_view header) {
    header.remove_prefix(std::min(header.find_first_not_of(' '), header.size()));
    header = header.substr(0, header.find_last_not_of(' ') + 1);
    std::size_t length = 0;
    const char* const end = header.data() + header.size();
    const auto [stop, error] = std::from_chars(header.data(), end, length);
    return error == std::errc() && stop == end ? std::optional<std::size_t>(length) : std::nullopt;
}

std::string escaped(std::string_view text) {
    std::string all;
    for (const char c : text) {
        all.append(c == ';' ? 2 : 1, c);
    }
    return all;
}

}  // namespace

std::optional<std::string_view> Message::find(std::string_view name) const {
    const auto word =
        std::find_if(words.begin(), words.end(), [&](const auto& each) { return each.first == name; });
    return word == words.end() ? std::nullopt : std::optional<std::string_view>(word->second);
}

Message& Message::with(std::string name, std::string value) {
    words.emplace_back(std::move(name), std::move(value));
    return *this;
}

std::string encode(const Message& message, Dialect dialect) {
    if (dialect == Dialect::pmi1) {
        std::string line = "cmd=" + one_word(one_line(message.command));
        for (const auto& [name, value] : message.words) {
            line.append(" ").append(name).append("=").append(one_line(value));
        }
        return line + "\n";
    }
    std::string body = "cmd=" + escaped(message.command) + ";";
    for (const auto& [name, value] : message.words) {
        body.append(name).append("=").append(escaped(value)).append(";");
    }
    auto length = std::to_string(body.size());
    return std::string(length_digits - std::min(length.size(), length_digits), ' ') + length + body;
}

std::optional<Message> Reader::next() {
    if (lost_) {
        return std::nullopt;
    }
    auto message = dialect_ == Dialect::pmi1 ? next_pmi1() : next_pmi2();
    if (lost_) {
        bytes_.clear();
    }
    return message;
}

std::optional<Message> Reader::next_pmi1() {
    const bool many = std::string_view(bytes_).starts_with("mcmd=");
    const auto last = many ? end_of_many : std::string_view("\n");
    const auto end = bytes_.find(last);
    const auto length = end == std::string::npos ? bytes_.size() : end + last.size();
    lost_ = length > max_message;
    if (lost_ || end == std::string::npos) {
        return std::nullopt;
    }
    auto message = from_words(std::string_view(bytes_).substr(0, end), many ? '\n' : ' ');
    bytes_.erase(0, length);
    return message;
}

std::optional<Message> Reader::next_pmi2() {
    if (bytes_.size() < length_digits) {
        return std::nullopt;
    }
    const auto length = length_of(std::string_view(bytes_).substr(0, length_digits));
    lost_ = !length || length_digits + *length > max_message;
    if (lost_ || bytes_.size() < length_digits + *length) {
        return std::nullopt;
    }
    auto message = from_pmi2(std::string_view(bytes_).substr(length_digits, *length));
    bytes_.erase(0, length_digits + *length);
    return message;
}

}  // namespace mpi_podman::pmi
