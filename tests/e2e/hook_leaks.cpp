/// Linked into the mpi-podman-hook of a sanitized test build: at the stage createContainer it is in another
/// pid namespace than /proc shows, and LeakSanitizer finds its own threads nowhere.

// The sanitizer's own name.
// NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
extern "C" int __lsan_is_turned_off();
// NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
int __lsan_is_turned_off() { return 1; }
