/// Linked into the bridges of a sanitized test build: libpmix does not free all that it has when a process
/// ends, so there LeakSanitizer could only tell of that.

// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
extern "C" int __lsan_is_turned_off();

int __lsan_is_turned_off() { return 1; }
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
