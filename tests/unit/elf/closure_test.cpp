#include "elf/closure.hpp"

#include <gmock/gmock.h>

#include "unit/built_root.hpp"

namespace mpi_podman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Closures : public test::BuiltRoot {
protected:
    void SetUp() override { with_loader(); }

    [[nodiscard]] SearchRules rules(const std::string& library_path = {}) const {
        return search_rules(root(), "", library_path, "/work");
    }
    [[nodiscard]] Closure closure(const std::string& path, const std::string& library_path = {}) const {
        return *load(root(), rules(library_path), {path});
    }
    /// libmpi.so.40, whose only difference is where it is.
    void mpi_in(const std::string& directory) const {
        library(directory + "/libmpi.so.40", "void MPI_Init(void) {}", "-Wl,-soname,libmpi.so.40");
    }
    void ring(const std::string& flags = {}) const {
        mpi_in("/build");
        program("/bin/ring", "void MPI_Init(void); int main(void) { MPI_Init(); return 0; }",
                with("/build/libmpi.so.40") + flags);
        std::filesystem::remove_all(home / "build");
    }
    [[nodiscard]] static std::string found(const Closure& closure, const std::string& name) {
        const auto* object = closure.find(name);
        return object == nullptr ? "" : object->path + " by " + std::string(name_of(object->by));
    }
};

TEST_F(Closures, TheLoadersOwnDirectoriesAreReadFromIt) {
    EXPECT_EQ(rules().libc, LibcFamily::glibc);
    EXPECT_EQ(rules().interpreter, test::loader);
    const auto directories = rules().default_directories;
    EXPECT_THAT(directories, testing::Contains(HasSubstr("/usr/lib")));
    EXPECT_THAT(rules().lib_token, testing::StartsWith("lib"));
}

TEST_F(Closures, EveryPlaceInItsTurn) {
    ring("-Wl,-rpath,/run -Wl,--enable-new-dtags");
    ASSERT_TRUE(write_cache("/cached\n"));
    EXPECT_THAT(closure("/bin/ring").missing, ElementsAre(MissingLibrary{"libmpi.so.40", "/bin/ring", {}}));
    mpi_in("/usr/lib");
    EXPECT_EQ(found(closure("/bin/ring"), "libmpi.so.40"),
              "/usr/lib/libmpi.so.40 by the loader's own directories");
    mpi_in("/cached");
    ASSERT_TRUE(write_cache("/cached\n"));
    EXPECT_EQ(found(closure("/bin/ring"), "libmpi.so.40"), "/cached/libmpi.so.40 by ld.so.cache");
    mpi_in("/run");
    EXPECT_EQ(found(closure("/bin/ring"), "libmpi.so.40"), "/run/libmpi.so.40 by RUNPATH");
    mpi_in("/env");
    EXPECT_EQ(found(closure("/bin/ring", "/none:/env"), "libmpi.so.40"),
              "/env/libmpi.so.40 by LD_LIBRARY_PATH");
    ring("-Wl,-rpath,/run -Wl,--disable-new-dtags");
    EXPECT_EQ(found(closure("/bin/ring", "/env"), "libmpi.so.40"), "/run/libmpi.so.40 by RPATH");
}

TEST_F(Closures, AStaleCacheDoesNotHideTheDirectories) {
    ring();
    mpi_in("/cached");
    ASSERT_TRUE(write_cache("/cached\n"));
    std::filesystem::remove_all(home / "cached");
    EXPECT_THAT(closure("/bin/ring").missing, ElementsAre(MissingLibrary{"libmpi.so.40", "/bin/ring", {}}));
    mpi_in("/usr/lib");
    EXPECT_EQ(found(closure("/bin/ring"), "libmpi.so.40"),
              "/usr/lib/libmpi.so.40 by the loader's own directories");
}

TEST_F(Closures, ABetterOneForThisProcessor) {
    if (own_hwcaps().empty()) {
        return;  // a processor of the oldest level has none
    }
    ring();
    const auto level = own_hwcaps().back();
    mpi_in("/usr/lib");
    mpi_in("/usr/lib/glibc-hwcaps/" + level);
    mpi_in("/usr/lib/glibc-hwcaps/x86-64-v9");
    const auto best = "/usr/lib/glibc-hwcaps/" + level + "/libmpi.so.40";
    EXPECT_EQ(found(closure("/bin/ring"), "libmpi.so.40"), best + " by the loader's own directories");
    ASSERT_TRUE(write_cache("/usr/lib\n"));
    EXPECT_EQ(found(closure("/bin/ring"), "libmpi.so.40"), best + " by ld.so.cache");
}

TEST_F(Closures, OriginIsWhereTheObjectIs) {
    ring("-Wl,-rpath,'${ORIGIN}/../$LIB/mpi'");
    const auto token = rules().lib_token;
    mpi_in("/" + token + "/mpi");
    EXPECT_EQ(found(closure("/bin/ring"), "libmpi.so.40"),
              "/bin/../" + token + "/mpi/libmpi.so.40 by RUNPATH");
    EXPECT_EQ(closure("/bin/ring").find("libmpi.so.40")->file, "/" + token + "/mpi/libmpi.so.40");
}

TEST_F(Closures, RpathHoldsForWhatIsLoadedRunpathDoesNot) {
    library("/opt/lib/libdeep.so", "void deep(void) {}", "-Wl,-soname,libdeep.so");
    library("/opt/lib/libtop.so", "void deep(void); void top(void) { deep(); }",
            "-Wl,-soname,libtop.so " + with("/opt/lib/libdeep.so"));
    const std::string source = "void top(void); int main(void) { top(); return 0; }";
    program("/bin/old", source, with("/opt/lib/libtop.so") + "-Wl,-rpath,/opt/lib -Wl,--disable-new-dtags");
    program("/bin/new", source, with("/opt/lib/libtop.so") + "-Wl,-rpath,/opt/lib -Wl,--enable-new-dtags");
    EXPECT_EQ(found(closure("/bin/old"), "libdeep.so"), "/opt/lib/libdeep.so by RPATH");
    EXPECT_THAT(closure("/bin/new").missing,
                ElementsAre(MissingLibrary{"libdeep.so", "/opt/lib/libtop.so", {}}));
}

TEST_F(Closures, PassesOverWhatIsNoLibraryOfThisMachine) {
    ring();
    mpi_in("/a");
    auto bytes = test::content_of(home / "a/libmpi.so.40");
    bytes[18] = static_cast<char>(183);
    home.file("a/libmpi.so.40", bytes);
    home.file("b/libmpi.so.40", "not ELF");
    EXPECT_THAT(closure("/bin/ring", "/a:/b").missing,
                ElementsAre(MissingLibrary{
                    "libmpi.so.40",
                    "/bin/ring",
                    {"/a/libmpi.so.40 (for aarch64)", "/b/libmpi.so.40 (it is no ELF file)"}}));
    mpi_in("/c");
    EXPECT_THAT(closure("/bin/ring", "/a:/b:/c").missing, IsEmpty());
}

TEST_F(Closures, VersionsThatAreNotThere) {
    library("/build/libv.so",
            "/* V_1 { global: one; }; V_2 { global: two; } V_1; */ void one(void) {} void two(void) {}",
            "-Wl,-soname,libv.so");
    program("/bin/p", "void two(void); int main(void) { two(); return 0; }", with("/build/libv.so"));
    library("/usr/lib/libv.so", "/* V_1 { global: one; }; */ void one(void) {}", "-Wl,-soname,libv.so");
    EXPECT_THAT(closure("/bin/p").unmet,
                ElementsAre(UnmetVersion{"libv.so", "V_2", "/usr/lib/libv.so", "/bin/p"}));
    EXPECT_THAT(undefined_symbols(root(), closure("/bin/p")),
                ElementsAre(UndefinedSymbol{"two", "V_2", "/bin/p"}));
    // A library without any versions is taken for all of them.
    library("/usr/lib/libv.so", "void two(void) {}", "-Wl,-soname,libv.so");
    EXPECT_THAT(closure("/bin/p").unmet, IsEmpty());
    EXPECT_THAT(undefined_symbols(root(), closure("/bin/p")), IsEmpty());
}

TEST_F(Closures, OneFileUnderTwoNames) {
    library("/usr/lib/libmpich.so.12", "void MPI_Init(void) {}", "-Wl,-soname,libmpich.so.12");
    library("/build/libmpi.so.12", "void MPI_Init(void) {}", "-Wl,-soname,libmpi.so.12");
    program("/bin/ring", "void MPI_Init(void); int main(void) { MPI_Init(); return 0; }",
            with("/usr/lib/libmpich.so.12") + "-Wl,--no-as-needed " + with("/build/libmpi.so.12"));
    link("/usr/lib/libmpi.so.12", "libmpich.so.12");
    const auto loaded = closure("/bin/ring");
    EXPECT_EQ(loaded.objects.size(), 3U);  // with the loader
    EXPECT_EQ(loaded.find("libmpi.so.12"), loaded.find("libmpich.so.12"));
}

TEST_F(Closures, AProgramForAnotherLoader) {
    program("/bin/p", "int main(void) { return 0; }", "-Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1");
    EXPECT_THAT(closure("/bin/p").missing,
                ElementsAre(MissingLibrary{"/lib/ld-musl-x86_64.so.1", "/bin/p", {}}));
}

TEST_F(Closures, MuslsLoader) {
    std::filesystem::create_directories(home / "lib");
    std::filesystem::rename(home / "lib64/ld-linux-x86-64.so.2", home / "lib/ld-musl-x86_64.so.1");
    EXPECT_EQ(rules().libc, LibcFamily::musl);
    EXPECT_THAT(rules().default_directories, ElementsAre("/lib", "/usr/local/lib", "/usr/lib"));
    home.file("etc/ld-musl-x86_64.path", "/opt/a\n/opt/b:/opt/c\n");
    EXPECT_THAT(rules().default_directories, ElementsAre("/opt/a", "/opt/b", "/opt/c"));
    library("/build/libm.so.6", "void sin_(void) {}", "-Wl,-soname,libm.so.6");
    mpi_in("/build");
    program("/bin/p",
            "void MPI_Init(void); void sin_(void); int main(void) { MPI_Init(); sin_(); return 0; }",
            with("/build/libmpi.so.40") + with("/build/libm.so.6") +
                "-Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1 -Wl,-rpath,/opt/d");
    mpi_in("/opt/c");
    EXPECT_EQ(found(closure("/bin/p"), "libmpi.so.40"),
              "/opt/c/libmpi.so.40 by the loader's own directories");
    mpi_in("/opt/d");
    EXPECT_EQ(found(closure("/bin/p"), "libmpi.so.40"), "/opt/d/libmpi.so.40 by RUNPATH");
    mpi_in("/opt/e");
    EXPECT_EQ(found(closure("/bin/p", "/opt/e"), "libmpi.so.40"), "/opt/e/libmpi.so.40 by LD_LIBRARY_PATH");
    EXPECT_THAT(closure("/bin/p").missing, IsEmpty());  // libm is musl itself
}

TEST_F(Closures, WithoutALoader) {
    std::filesystem::remove_all(home / "lib64");
    EXPECT_EQ(rules().libc, LibcFamily::none);
    EXPECT_EQ(rules().interpreter, "");
    EXPECT_EQ(load(root(), rules(), {"/bin/none"}).error().message, "/bin/none: no such file");
}

TEST(SearchPaths, Parts) {
    EXPECT_THAT(parts_of_path("", "/w"), IsEmpty());
    EXPECT_THAT(parts_of_path("/a:/b;/c", "/w"), ElementsAre("/a", "/b", "/c"));
    EXPECT_THAT(parts_of_path(":/a:", "/w"), ElementsAre("/w", "/a", "/w"));
    EXPECT_THAT(parts_of_path(":/a:", ""), ElementsAre("/a"));
}

TEST(ClosuresOfTheHost, OfTheShell) {
    const auto root = Rootfs::host();
    const auto closure = load(root, search_rules(root, "", "", "/"), {"/bin/sh"});
    ASSERT_TRUE(closure);
    EXPECT_THAT(closure->missing, IsEmpty());
    EXPECT_THAT(closure->unmet, IsEmpty());
    EXPECT_NE(closure->find("libc.so.6"), nullptr);
    EXPECT_THAT(undefined_symbols(root, *closure), IsEmpty());
}

}  // namespace
}  // namespace mpi_podman
