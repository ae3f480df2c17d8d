/// Any file that a user calls a program, and any library of an image.
#include "elf/elf_file.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/require.hpp"
#include "sys/fd.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace mpi_podman;
    static const Fd file(::memfd_create("elf", MFD_CLOEXEC));
    fuzz::require(
        ::ftruncate(file.get(), 0) == 0 && ::pwrite(file.get(), bytes, size, 0) == static_cast<ssize_t>(size),
        "the file is written");
    const auto elf = read_elf(file.get());
    const auto symbols = read_elf_symbols(file.get());
    const auto constants = constant_bytes(file.get());
    const auto mpi = defined_among(file.get(), {"MPI_Init", "f"});
    fuzz::require(!elf || constants, "what can be read can be searched");
    fuzz::require(!symbols || mpi, "symbols are of an ELF file");
    fuzz::require(!elf || elf->dynamic || elf->needed.empty(), "only a dynamic section names libraries");
    return 0;
}
