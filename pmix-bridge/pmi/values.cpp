#include "pmi/values.hpp"

#include <algorithm>

namespace mpi_podman::pmi {
namespace {

/// What stands before a NUL, and the closing one.
void put_text(std::string& bytes, std::string_view text) {
    bytes.append(text.substr(0, text.find('\0'))).push_back('\0');
}

/// Up to the next NUL, which is taken too. False where there is none.
bool take_text(std::string_view& bytes, std::string& text) {
    const auto end = bytes.find('\0');
    if (end == std::string_view::npos) {
        return false;
    }
    text = bytes.substr(0, end);
    bytes.remove_prefix(end + 1);
    return true;
}

}  // namespace

std::string encode_values(const KeyValues& values) {
    std::string bytes;
    for (const auto& [key, value] : values) {
        put_text(bytes, key);
        put_text(bytes, value);
    }
    return bytes;
}

Result<KeyValues> decode_values(std::string_view bytes) {
    KeyValues values;
    while (!bytes.empty()) {
        std::string key;
        std::string value;
        if (!take_text(bytes, key) || !take_text(bytes, value)) {
            return failure(Status::ours, "what another rank's PMI server sent is cut off",
                           "is mpi-podman the same on all nodes?");
        }
        values.insert_or_assign(std::move(key), std::move(value));
    }
    return values;
}

}  // namespace mpi_podman::pmi
