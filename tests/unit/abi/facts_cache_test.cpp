#include "abi/facts_cache.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "abi/facts_json.hpp"
#include "unit/abi/sample_mpis.hpp"
#include "unit/built_root.hpp"

namespace mpi_podman {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class CachedFacts : public test::BuiltRoot {
protected:
    void SetUp() override {
        with_loader();
        mpi("40.30.4");
    }
    void mpi(const std::string& version) const {
        library("/usr/lib/libmpi.so." + version, "void MPI_Init(void) {}", "-Wl,-soname,libmpi.so.40");
        std::filesystem::remove(home / "usr/lib/libmpi.so.40");
        link("/usr/lib/libmpi.so.40", "libmpi.so." + version);
    }
    [[nodiscard]] std::string image_version(const std::string& id, const Places& places = {}) const {
        return version_in(cache.of_image(id, root(), places));
    }
    [[nodiscard]] std::string host_version() const { return version_in(cache.of_host(root(), {})); }
    static std::string version_in(const RootFacts& facts) {
        return facts.mpis.empty() ? "none" : to_string(facts.mpis.front().libmpi.version);
    }
    [[nodiscard]] std::string only_file() const {
        const auto names = test::names_in(directory);
        return names.size() == 1 ? directory + "/" + names.front() : "";
    }

    test::TemporaryDirectory elsewhere;
    std::string directory = elsewhere / "facts";
    FactsCache cache{directory};
};

TEST_F(CachedFacts, OfAnImageByItsId) {
    EXPECT_EQ(image_version("a"), "40.30.4");
    mpi("40.40.7");
    EXPECT_EQ(image_version("a"), "40.30.4");
    EXPECT_EQ(image_version("b"), "40.40.7");
    EXPECT_EQ(image_version("a", places_of({"LD_LIBRARY_PATH=/opt"}, "/")), "40.40.7");
    EXPECT_THAT(test::names_in(directory), SizeIs(3));
}

TEST_F(CachedFacts, OfTheHostWhileNothingChanges) {
    EXPECT_EQ(host_version(), "40.30.4");
    EXPECT_EQ(host_version(), "40.30.4");
    mpi("40.40.7");
    EXPECT_EQ(host_version(), "40.40.7");
    EXPECT_EQ(cache.of_host(root(), {}), root_facts(root(), {}));
}

TEST_F(CachedFacts, OfTheHostUntilThereIsANewPlace) {
    std::filesystem::create_directories(home / "opt");
    EXPECT_THAT(cache.of_host(root(), {}).mpis, SizeIs(1));
    library("/opt/mpi/lib/libmpi.so.40", "void MPI_Init(void) {}", "-Wl,-soname,libmpi.so.40");
    EXPECT_THAT(cache.of_host(root(), {}).mpis, SizeIs(2));
    library("/opt/mpi/5.0/lib/libmpi.so.40", "void MPI_Init(void) {}", "-Wl,-soname,libmpi.so.40");
    EXPECT_THAT(cache.of_host(root(), {}).mpis, SizeIs(3));
    Places places;
    places.library_path = "/srv/lib";
    EXPECT_THAT(cache.of_host(root(), places).mpis, SizeIs(3));
    library("/srv/lib/libmpi.so.40", "void MPI_Init(void) {}", "-Wl,-soname,libmpi.so.40");
    EXPECT_THAT(cache.of_host(root(), places).mpis, SizeIs(4));
}

TEST_F(CachedFacts, OfAHostsMpiUntilOneOfItsLibrariesIsReplaced) {
    library("/usr/lib/libopen-pal.so.40", "void opal(void) {}", "-Wl,-soname,libopen-pal.so.40");
    library("/usr/lib/libmpi.so.40.30.4", "void opal(void); void MPI_Init(void) { opal(); }",
            "-Wl,-soname,libmpi.so.40 " + with("/usr/lib/libopen-pal.so.40"));
    const auto facts = cache.of_host(root(), {});
    const auto host = cache.of_host_mpi(root(), {}, facts, facts.mpis.front());
    EXPECT_THAT(host.libraries, SizeIs(2));
    EXPECT_EQ(cache.of_host_mpi(root(), {}, facts, facts.mpis.front()), host);
    EXPECT_THAT(cache.of_counterparts("a", root(), {}, host), SizeIs(2));
    EXPECT_EQ(cache.of_counterparts("a", root(), {}, host), counterparts(root(), {}, host));
    library("/usr/lib/libopen-pal.so.40", "/* V_1 { global: opal; }; */ void opal(void) {}",
            "-Wl,-soname,libopen-pal.so.40");
    EXPECT_NE(cache.of_host_mpi(root(), {}, facts, facts.mpis.front()), host);
}

TEST_F(CachedFacts, InFilesOfItsOwn) {
    EXPECT_EQ(image_version("a"), "40.30.4");
    struct stat info {};
    ASSERT_EQ(::stat(only_file().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0600U);
    ASSERT_EQ(::stat(directory.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0700U);
}

TEST_F(CachedFacts, NotWhatIsDamagedOldOrOthers) {
    EXPECT_EQ(image_version("a"), "40.30.4");
    const auto path = only_file();
    const auto whole = test::content_of(path);
    mpi("40.40.7");
    const auto with_content = [&](const std::string& content, mode_t mode = 0600) {
        std::filesystem::remove(path);
        elsewhere.file("facts/" + std::filesystem::path(path).filename().string(), content, mode);
        return image_version("a");
    };
    EXPECT_EQ(with_content(whole), "40.30.4");
    EXPECT_EQ(with_content(""), "40.40.7");
    EXPECT_EQ(with_content(whole.substr(0, whole.size() / 2)), "40.40.7");
    EXPECT_EQ(with_content("null\nnull"), "40.40.7");
    EXPECT_EQ(with_content("{}\n{}"), "40.40.7");
    EXPECT_EQ(with_content(whole.substr(0, whole.find('\n')) + "\n[]"), "40.40.7");
    EXPECT_EQ(with_content(whole, 0666), "40.40.7");
    auto older = whole;
    older.replace(older.find("\"format\":"), 10, "\"format\":0");
    EXPECT_EQ(with_content(older), "40.40.7");
}

TEST_F(CachedFacts, AreLookedForAgainWhereNothingCanBeKept) {
    EXPECT_EQ(version_in(FactsCache("").of_host(root(), {})), "40.30.4");
    EXPECT_EQ(version_in(FactsCache("/proc/none/facts").of_host(root(), {})), "40.30.4");
}

TEST_F(CachedFacts, DoNotFillTheDisk) {
    std::filesystem::create_directories(directory);
    for (int i = 0; i < 400; ++i) {
        elsewhere.file("facts/" + std::to_string(i) + ".json");
    }
    EXPECT_EQ(image_version("a"), "40.30.4");
    EXPECT_LT(test::names_in(directory).size(), 256U);
}

TEST(FactsAsJson, ComeBackAsTheyWere) {
    const auto mpi = test::open_mpi("4.1.4", {40, 30, 4});
    auto root = test::root_with({mpi});
    root.library_path = {"/a"};
    root.default_directories = {"/lib"};
    root.has_cache = true;
    root.cache_problem = "p";
    root.directories = {"/lib"};
    root.interpreter = "/ld";
    root.pmi = {{test::sample_library("libpmix.so.2", {2, 6, 2}), "4.2.2", true}};
    root.transports = {{test::sample_library("libucp.so.0", {0, 0, 0}), "1.13.1", false}};
    EXPECT_EQ(root_facts_from(json_of(root)), root);
    auto host = test::host_with(mpi);
    host.missing = {{"a", "b", {"c"}}};
    host.unmet = {{"a", "b", "c", "d"}};
    host.plugin_directories = {{"/p", "libmpi", {"/p/mca_a.so"}}};
    host.plugin_libraries = host.libraries;
    EXPECT_EQ(host_mpi_from(json_of(host)), host);
    auto command = test::linked_with({mpi.libmpi});
    command.problem = "p";
    command.interpreters = {"/usr/bin/env"};
    command.version_needs = {{"libc.so.6", "GLIBC_2.34", true}};
    command.is_static = true;
    command.static_mpi = MpiFamily::mpich;
    command.missing = host.missing;
    command.unmet = host.unmet;
    EXPECT_EQ(command_facts_from(json_of(command)), command);
    command.undefined = {{{"f", "V", "/bin/ring"}}};
    EXPECT_EQ(command_facts_from(json_of(command)), command);
    EXPECT_FALSE(command_facts_from("[]"));
    EXPECT_FALSE(root_facts_from("{\"libc\""));
    EXPECT_THAT(json_of(judge(Strategy::host, {&root})), HasSubstr("\"outcome\":\"cannot\""));
    root.interpreter = "\xff";
    EXPECT_THAT(json_of(root), HasSubstr("\xef\xbf\xbd"));
}

}  // namespace
}  // namespace mpi_podman
