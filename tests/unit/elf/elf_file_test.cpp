#include "elf/elf_file.hpp"

#include <gmock/gmock.h>
#include <sys/mman.h>

#include "unit/built_root.hpp"

namespace mpi_podman {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;
using testing::UnorderedElementsAre;

class ElfFiles : public test::BuiltRoot {
protected:
    [[nodiscard]] Result<ElfFile> read(const std::string& path) const {
        return root().open(path).and_then([](const Fd& file) { return read_elf(file.get()); });
    }
    [[nodiscard]] ElfSymbols symbols(const std::string& path) const {
        return *root().open(path).and_then([](const Fd& file) { return read_elf_symbols(file.get()); });
    }
};

Result<ElfFile> read_bytes(const std::string& bytes) {
    const Fd file(::memfd_create("elf", MFD_CLOEXEC));
    EXPECT_TRUE(write_all(file.get(), bytes));
    return read_elf(file.get());
}

TEST_F(ElfFiles, WhatALibraryTells) {
    library("/lib/libdep.so.3", "void dep(void) {}", "-Wl,-soname,libdep.so.3");
    library("/lib/libmine.so.1.2", "void dep(void); void mine(void) { dep(); }",
            with("/lib/libdep.so.3") +
                "-Wl,-soname,libmine.so.1 -Wl,-rpath,'/opt/a:$ORIGIN/b' -Wl,--enable-new-dtags");
    const auto elf = read("/lib/libmine.so.1.2");
    ASSERT_TRUE(elf);
    EXPECT_EQ(elf->architecture, own_architecture());
    EXPECT_EQ(elf->kind, ElfKind::shared);
    EXPECT_TRUE(elf->dynamic);
    EXPECT_EQ(elf->soname, "libmine.so.1");
    EXPECT_THAT(elf->needed, ElementsAre("libdep.so.3"));
    EXPECT_EQ(elf->runpath, "/opt/a:$ORIGIN/b");
    EXPECT_EQ(elf->rpath, "");
    EXPECT_EQ(elf->interpreter, "");
    EXPECT_FALSE(elf->no_default_directories);
}

TEST_F(ElfFiles, WhatAProgramTells) {
    program("/bin/ring", "int main(void) { return 0; }",
            "-Wl,-rpath,/opt/x -Wl,--disable-new-dtags -Wl,-z,nodefaultlib");
    const auto elf = read("/bin/ring");
    ASSERT_TRUE(elf);
    EXPECT_EQ(elf->interpreter, test::loader);
    EXPECT_EQ(elf->rpath, "/opt/x");
    EXPECT_EQ(elf->runpath, "");
    EXPECT_TRUE(elf->no_default_directories);
}

TEST_F(ElfFiles, AStaticProgramHasNoDynamicSection) {
    program("/bin/alone", "int MPI_Init(void) { return 0; } int main(void) { return MPI_Init(); }",
            "-static -no-pie");
    const auto elf = read("/bin/alone");
    ASSERT_TRUE(elf);
    EXPECT_EQ(elf->kind, ElfKind::executable);
    EXPECT_FALSE(elf->dynamic);
    const auto file = root().open("/bin/alone");
    EXPECT_THAT(*defined_among(file->get(), {"MPI_Init", "MPI_Finalize"}), ElementsAre("MPI_Init"));
}

TEST_F(ElfFiles, VersionsThatAreDefinedAndNeeded) {
    library("/lib/libv.so.1",
            "/* V_1 { global: one; }; V_2 { global: two; } V_1; */ void one(void) {} void two(void) {}",
            "-Wl,-soname,libv.so.1");
    library("/lib/libuser.so", "void two(void); void other(void); void use(void) { two(); other(); }",
            with("/lib/libv.so.1"));
    EXPECT_THAT(read("/lib/libv.so.1")->version_definitions, ElementsAre("V_1", "V_2"));
    EXPECT_THAT(read("/lib/libuser.so")->version_needs, ElementsAre(VersionNeed{"libv.so.1", "V_2", false}));
    EXPECT_THAT(symbols("/lib/libv.so.1").defined,
                IsSupersetOf({Symbol{"one", "V_1", false}, {"two", "V_2", false}}));
    EXPECT_THAT(symbols("/lib/libuser.so").undefined,
                UnorderedElementsAre(Symbol{"other", "", false}, Symbol{"two", "V_2", false}));
}

TEST_F(ElfFiles, SymbolsOfEitherHashTable) {
    for (const std::string style : {"gnu", "sysv"}) {
        library("/lib/lib.so",
                "int a; void b(void) {} static void c(void) {} __attribute__((weak)) void d(void) {}"
                "__attribute__((visibility(\"hidden\"))) void e(void) {} extern int f; int *g = &f;"
                "__attribute__((weak)) extern int h; int *i = &h;",
                "-Wl,--hash-style=" + style);
        ASSERT_TRUE(run("objcopy --strip-section-headers " + (home / "lib/lib.so") + " 2>/dev/null || true"));
        const auto found = symbols("/lib/lib.so");
        EXPECT_THAT(found.defined, IsSupersetOf({Symbol{"a", "", false}, {"b", "", false}, {"d", "", true}}))
            << style;
        EXPECT_THAT(found.defined, Not(Contains(Field(&Symbol::name, "c"))));
        EXPECT_THAT(found.defined, Not(Contains(Field(&Symbol::name, "e"))));
        EXPECT_THAT(found.undefined, IsSupersetOf({Symbol{"f", "", false}, {"h", "", true}})) << style;
    }
}

TEST(ElfFilesOfTheHost, ItsOwnCLibrary) {
    const auto file = Rootfs::host().open("/proc/self/exe");
    ASSERT_TRUE(file);
    const auto elf = read_elf(file->get());
    ASSERT_TRUE(elf);
    EXPECT_EQ(elf->architecture, own_architecture());
    EXPECT_THAT(elf->needed, Contains("libc.so.6"));
    EXPECT_THAT(elf->version_needs, Contains(AllOf(Field(&VersionNeed::library, "libc.so.6"),
                                                   Field(&VersionNeed::version, HasSubstr("GLIBC_2.")))));
}

TEST_F(ElfFiles, AForeignOne) {
    library("/lib/lib.so", "void f(void) {}", "-Wl,-soname,lib.so.1");
    auto bytes = test::content_of(home / "lib/lib.so");
    bytes[18] = static_cast<char>(183);  // e_machine: EM_AARCH64
    const auto elf = read_bytes(bytes);
    ASSERT_TRUE(elf);
    EXPECT_EQ(name_of(elf->architecture), "aarch64");
    EXPECT_EQ(elf->soname, "lib.so.1");
}

TEST_F(ElfFiles, NoneOrBroken) {
    EXPECT_EQ(read_bytes("").error().message, "it is no ELF file");
    EXPECT_EQ(read_bytes("#!/bin/sh\n").error().message, "it is no ELF file");
    EXPECT_EQ(read_bytes("\x7f"
                         "ELF")
                  .error()
                  .message,
              "it is no ELF file");
    library("/lib/lib.so", "void f(void) {}", "-Wl,-soname,lib.so.1");
    const auto whole = test::content_of(home / "lib/lib.so");
    for (std::size_t size = 0; size < whole.size(); size += whole.size() / 97) {
        static_cast<void>(read_bytes(whole.substr(0, size)));  // cut anywhere: no more than an error
    }
    EXPECT_THAT(read_bytes(whole.substr(0, 4096)).error().message, HasSubstr("broken"));
}

TEST(Architectures, HaveTheirNames) {
    EXPECT_EQ(name_of({62, 64, true}), "x86_64");
    EXPECT_EQ(name_of({62, 32, true}), "x86_64 (x32)");
    EXPECT_EQ(name_of({22, 64, false}), "s390x");
    EXPECT_EQ(name_of({999, 64, true}), "machine 999 with 64 bits");
}

}  // namespace
}  // namespace mpi_podman
