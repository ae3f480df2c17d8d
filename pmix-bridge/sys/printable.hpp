/// Text of any origin, for a terminal, a log or a comment: images, their files and those who answer name
/// things as they like.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mpi_podman {

/// The length of the well-formed UTF-8 sequence that `bytes` begin with, 0 where there is none.
std::size_t utf8_sequence(std::string_view bytes);

/// Whether these bytes are well-formed UTF-8.
bool is_utf8(std::string_view bytes);

/// How many bytes at the beginning are something that a terminal would obey (C0, DEL, C1) or cannot show; 0:
/// it can.
std::size_t unprintable(std::string_view bytes);

/// What is unprintable becomes '?', all but newlines.
std::string printable(std::string_view text);

/// The newlines too: nothing in it can look like a line of its own.
std::string printable_line(std::string_view text);

}  // namespace mpi_podman
