#include "abi/root_facts.hpp"

#include <gmock/gmock.h>

#include "abi/host_mpi.hpp"
#include "unit/built_root.hpp"

namespace mpi_podman {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class RootsWithMpi : public test::BuiltRoot {
protected:
    void SetUp() override { with_loader(); }

    [[nodiscard]] RootFacts facts(const std::vector<std::string>& environment = {}) const {
        return root_facts(root(), places_of(environment, "/"));
    }
    void mpi(const std::string& directory, const std::string& soname, const std::string& version,
             const std::string& release) const {
        const auto stem = std::string(stem_of(soname));
        library(directory + "/" + stem + ".so." + version,
                "char v[] = \"x\"; const char release[] = \"" + release + "\"; void MPI_Init(void) {}",
                "-Wl,-soname," + soname);
        link(directory + "/" + soname, stem + ".so." + version);
    }
};

TEST_F(RootsWithMpi, OpenMpiWithItsParts) {
    mpi("/usr/lib", "libmpi.so.40", "40.30.4", "4.1.4");
    mpi("/usr/lib", "libmpi_cxx.so.40", "40.30.1", "");
    mpi("/usr/lib", "libpmix.so.2", "2.6.2", "OpenPMIx 4.2.2rc2 (PMIx Standard: 4.2)");
    mpi("/usr/lib", "libibverbs.so.1", "1.14.44.0", "");
    const auto found = facts();
    EXPECT_EQ(found.architecture, own_architecture());
    EXPECT_EQ(found.interpreter, test::loader);
    ASSERT_THAT(found.mpis, SizeIs(1));
    const auto& mpi = found.mpis.front();
    EXPECT_EQ(mpi.family, MpiFamily::open_mpi);
    EXPECT_EQ(mpi.release, "4.1.4");
    EXPECT_EQ(mpi.libmpi.path, "/usr/lib/libmpi.so.40");
    EXPECT_EQ(mpi.libmpi.file, "/usr/lib/libmpi.so.40.30.4");
    EXPECT_THAT(mpi.libmpi.version, ElementsAre(40, 30, 4));
    EXPECT_TRUE(mpi.found_by_loader);
    ASSERT_THAT(mpi.others, SizeIs(1));
    EXPECT_EQ(mpi.others.front().soname, "libmpi_cxx.so.40");
    ASSERT_THAT(found.pmi, SizeIs(1));
    EXPECT_EQ(found.pmi.front().release, "4.2.2rc2");
    ASSERT_THAT(found.transports, SizeIs(1));
    EXPECT_EQ(found.transports.front().release, "44.0");
}

TEST_F(RootsWithMpi, MpichUnderBothNamesIsOne) {
    mpi("/usr/lib", "libmpich.so.12", "12.4.1", "4.2.1");
    link("/usr/lib/libmpi.so.12", "libmpich.so.12.4.1");
    const auto found = facts();
    ASSERT_THAT(found.mpis, SizeIs(1));
    EXPECT_EQ(found.mpis.front().family, MpiFamily::mpich);
    EXPECT_EQ(found.mpis.front().release, "4.2.1");
    EXPECT_THAT(found.mpis.front().names, ElementsAre("libmpi.so.12", "libmpich.so.12"));
    EXPECT_EQ(found.mpis.front().libmpi.soname, "libmpich.so.12");
}

TEST_F(RootsWithMpi, OldOpenMpiHadMpichsName) {
    library("/usr/lib/libmpi.so.12", "int ompi_mpi_comm_world;", "-Wl,-soname,libmpi.so.12");
    ASSERT_THAT(facts().mpis, SizeIs(1));
    EXPECT_EQ(facts().mpis.front().family, MpiFamily::open_mpi);
}

TEST_F(RootsWithMpi, InPlacesTheLoaderDoesNotKnow) {
    mpi("/opt/ompi/5.0.7/lib", "libmpi.so.40", "40.40.7", "5.0.7");
    mpi("/srv/mpich/lib", "libmpi.so.12", "12.2.2", "4.0.2");
    ASSERT_THAT(facts().mpis, SizeIs(1));
    EXPECT_EQ(facts().mpis.front().libmpi.path, "/opt/ompi/5.0.7/lib/libmpi.so.40");
    EXPECT_FALSE(facts().mpis.front().found_by_loader);
    // What an environment names is found first.
    ASSERT_THAT(facts({"LD_LIBRARY_PATH=/srv/mpich/lib"}).mpis, SizeIs(2));
    EXPECT_EQ(facts({"LD_LIBRARY_PATH=/srv/mpich/lib"}).mpis.front().family, MpiFamily::mpich);
    std::filesystem::create_directories(home / "srv/mpich/bin");
    EXPECT_THAT(facts({"PATH=/bin:/srv/mpich/bin"}).mpis, SizeIs(2));
    Places places;
    places.prefixes = {"/srv/mpich"};
    EXPECT_THAT(root_facts(root(), places).mpis, SizeIs(2));
}

TEST_F(RootsWithMpi, NotWhatIsForAnotherMachine) {
    mpi("/usr/lib", "libmpi.so.40", "40.30.4", "4.1.4");
    auto bytes = test::content_of(home / "usr/lib/libmpi.so.40.30.4");
    bytes[18] = static_cast<char>(183);
    home.file("usr/lib/libmpi.so.40.30.4", bytes);
    EXPECT_THAT(facts().mpis, IsEmpty());
}

TEST_F(RootsWithMpi, NothingAtAll) {
    std::filesystem::remove_all(home / "lib64");
    const auto found = facts();
    EXPECT_EQ(found.libc, LibcFamily::none);
    EXPECT_THAT(found.mpis, IsEmpty());
}

TEST_F(RootsWithMpi, TheSonameWinsOverTheFilesName) {
    library("/usr/lib/libmpi.so.7.1.2", "void MPI_Init(void) {}", "-Wl,-soname,libmpi.so.40");
    link("/usr/lib/libmpi.so.40", "libmpi.so.7.1.2");
    ASSERT_THAT(facts().mpis, SizeIs(1));
    EXPECT_THAT(facts().mpis.front().libmpi.version, ElementsAre(40));
    // A file whose own name is short, in a directory where a longer one is the same.
    library("/opt/a/lib/libmpi.so.40", "void MPI_Init(void) {}", "-Wl,-soname,libmpi.so.40");
    link("/opt/a/lib/libmpi.so.40.20.1", "libmpi.so.40");
    EXPECT_THAT(facts().mpis.back().libmpi.version, ElementsAre(40, 20, 1));
}

TEST_F(RootsWithMpi, AHostsMpiWithItsPlugins) {
    library("/usr/lib/libopen-pal.so.40", "void opal(void) {}", "-Wl,-soname,libopen-pal.so.40");
    library("/usr/lib/libmpi.so.40", "void opal(void); void MPI_Init(void) { opal(); }",
            "-Wl,-soname,libmpi.so.40 " + with("/usr/lib/libopen-pal.so.40"));
    library("/usr/lib/libucp.so.0", "void ucp(void) {}", "-Wl,-soname,libucp.so.0");
    library("/usr/lib/openmpi/mca_pml_ucx.so", "void ucp(void); void pml(void) { ucp(); }",
            with("/usr/lib/libucp.so.0"));
    home.file("usr/lib/openmpi/mca_broken.so", "no ELF");
    home.file("usr/lib/openmpi/help.txt", "");
    const auto found = facts();
    ASSERT_THAT(found.mpis, SizeIs(1));
    const auto host = host_mpi(root(), {}, found, found.mpis.front());
    const auto sonames = [](const std::vector<UsedLibrary>& libraries) {
        std::vector<std::string> names;
        for (const auto& used : libraries) {
            names.push_back(used.library.soname);
        }
        return names;
    };
    EXPECT_THAT(sonames(host.libraries), ElementsAre("libmpi.so.40", "libopen-pal.so.40"));
    EXPECT_THAT(sonames(host.plugin_libraries), ElementsAre("mca_pml_ucx.so", "libucp.so.0"));
    ASSERT_THAT(host.plugin_directories, SizeIs(1));
    EXPECT_EQ(host.plugin_directories.front().path, "/usr/lib/openmpi");
    EXPECT_THAT(host.missing, IsEmpty());
    EXPECT_THAT(counterparts(root(), {}, host), SizeIs(3));  // the plugin itself is not found by its name
}

/// /lib64 is none of Debian's directories for libraries, and here is no cache.
TEST_F(RootsWithMpi, TheLoaderIsInAnImageWhereverItIs) {
    HostMpi host;
    UsedLibrary loader;
    loader.library.soname = std::filesystem::path(test::loader).filename();
    host.libraries = {loader};
    EXPECT_THAT(counterparts(root(), {}, host), SizeIs(1));
}

}  // namespace
}  // namespace mpi_podman
