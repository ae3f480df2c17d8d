/// Linked into the mpi-podman of a sanitized test build: a rank's stderr may be anybody's and a guard has
/// none, so the reports go where `leftovers` finds them, if the node has such a place (prepare makes it);
/// else to stderr. UndefinedBehaviorSanitizer traps, and AddressSanitizer reports that (CMakeLists.txt).

#include <unistd.h>

namespace {

constexpr const char* place = "/var/tmp/mpi-podman-sanitizer";

/// The sanitizers ask before anything else is initialised: no memory may be allocated here.
const char* options() {
    return ::access(place, W_OK) == 0 ? "handle_sigill=1:log_path=/var/tmp/mpi-podman-sanitizer/report"
                                      : "handle_sigill=1";
}

}  // namespace

// The sanitizers' own names.
// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
extern "C" const char* __asan_default_options();
extern "C" const char* __ubsan_default_options();

const char* __asan_default_options() { return options(); }
const char* __ubsan_default_options() { return options(); }
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
