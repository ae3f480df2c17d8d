#include "abi/command_facts.hpp"

#include <gmock/gmock.h>

#include "abi/script.hpp"
#include "unit/built_root.hpp"

namespace mpi_podman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Commands : public test::BuiltRoot {
protected:
    void SetUp() override {
        with_loader();
        library("/usr/lib/libmpi.so.40", "void MPI_Init(void) {}", "-Wl,-soname,libmpi.so.40");
        program("/usr/bin/ring", "void MPI_Init(void); int main(void) { MPI_Init(); return 0; }",
                with("/usr/lib/libmpi.so.40"));
        program("/usr/bin/python3", "int main(void) { return 0; }");
    }
    [[nodiscard]] CommandFacts facts(const std::string& command, Symbols symbols = Symbols::no) const {
        return command_facts(root(), places_of({"PATH=/none:/usr/bin"}, "/work"), command, symbols);
    }
};

TEST_F(Commands, FoundInPath) {
    const auto ring = facts("ring", Symbols::yes);
    EXPECT_EQ(ring.state, CommandState::runs) << ring.problem;
    EXPECT_EQ(ring.path, "/usr/bin/ring");
    EXPECT_EQ(ring.program, "/usr/bin/ring");
    EXPECT_THAT(ring.needed_mpi(), ElementsAre("libmpi.so.40"));
    EXPECT_FALSE(ring.is_static);
    EXPECT_EQ(ring.find("libmpi.so.40")->by, FoundBy::default_directory);
    ASSERT_TRUE(ring.undefined);
    EXPECT_THAT(*ring.undefined, IsEmpty());
    EXPECT_FALSE(facts("ring").undefined);
}

TEST_F(Commands, FoundByAPath) {
    std::filesystem::create_directories(home / "work/sub");
    std::filesystem::copy_file(home / "usr/bin/ring", home / "work/sub/ring");
    EXPECT_EQ(facts("sub/ring").path, "/work/sub/ring");
    EXPECT_EQ(facts("./sub/ring").path, "/work/sub/ring");
    EXPECT_EQ(facts("/work/sub/ring").state, CommandState::runs);
}

TEST_F(Commands, ThatDoNotRun) {
    home.file("usr/bin/plain", "x", 0644);
    home.file("usr/bin/rubbish", "no program", 0755);
    home.file("usr/bin/lost", "#!/opt/python\n", 0755);
    home.file("usr/bin/loop", "#!/usr/bin/loop\n", 0755);
    home.file("usr/bin/lost2", "#! /usr/bin/ring\n", 0755);
    program("/usr/bin/musl", "int main(void) { return 0; }", "-Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1");
    auto bytes = test::content_of(home / "usr/bin/ring");
    bytes[18] = static_cast<char>(183);
    home.file("usr/bin/foreign", bytes, 0755);
    EXPECT_EQ(facts("none").state, CommandState::not_found);
    EXPECT_EQ(facts("").state, CommandState::not_found);
    EXPECT_EQ(facts("plain").state, CommandState::not_executable);
    EXPECT_EQ(facts("/usr/bin").state, CommandState::not_executable);
    EXPECT_EQ(facts("rubbish").state, CommandState::no_program);
    EXPECT_THAT(facts("lost").problem, HasSubstr("/opt/python, which is not there"));
    EXPECT_EQ(facts("lost").state, CommandState::no_interpreter);
    EXPECT_EQ(facts("loop").state, CommandState::no_program);
    EXPECT_EQ(facts("musl").state, CommandState::no_interpreter);
    EXPECT_EQ(facts("foreign").state, CommandState::foreign);
    EXPECT_THAT(facts("foreign").problem, HasSubstr("for aarch64"));
}

TEST_F(Commands, ScriptsToTheProgramThatRunsThem) {
    home.file("usr/bin/job", "#!/usr/bin/env -S python3 -u\nimport mpi4py\n", 0755);
    std::filesystem::copy_file(home / "usr/bin/python3", home / "usr/bin/env");
    const auto job = facts("job");
    EXPECT_EQ(job.state, CommandState::runs) << job.problem;
    EXPECT_THAT(job.interpreters, ElementsAre("/usr/bin/env", "/usr/bin/python3"));
    EXPECT_EQ(job.program, "/usr/bin/python3");
    EXPECT_THAT(job.needed_mpi(), IsEmpty());
}

TEST_F(Commands, WithMpiLinkedIntoThem) {
    program("/usr/bin/static",
            "void MPIR_Err_create_code(void) {} void MPI_Init(void) {} int main(void) { return 0; }",
            "-static -no-pie");
    program("/usr/bin/stripped", "const char text[] = \"MPICH Version:\\t%s\"; int main(void) { return 0; }",
            "-static -no-pie -s");
    program("/usr/bin/inside", "void ompi_mpi_init(void) {} int main(void) { return 0; }");
    EXPECT_EQ(facts("static").static_mpi, MpiFamily::mpich);
    EXPECT_TRUE(facts("static").is_static);
    EXPECT_EQ(facts("stripped").static_mpi, MpiFamily::mpich);
    EXPECT_EQ(facts("inside").static_mpi, MpiFamily::open_mpi);
    EXPECT_FALSE(facts("inside").is_static);
    EXPECT_EQ(facts("python3").static_mpi, MpiFamily::none);
}

TEST_F(Commands, WithWhatIsMissing) {
    std::filesystem::remove(home / "usr/lib/libmpi.so.40");
    const auto ring = facts("ring");
    EXPECT_EQ(ring.state, CommandState::runs);
    EXPECT_THAT(ring.missing, SizeIs(1));
    EXPECT_THAT(ring.needed_mpi(), ElementsAre("libmpi.so.40"));
}

TEST(ScriptLines, AsTheKernelReadsThem) {
    EXPECT_EQ(script_line("#!/bin/sh\nx"), (ScriptLine{"/bin/sh", ""}));
    EXPECT_EQ(script_line("#!  /bin/sh -e"), (ScriptLine{"/bin/sh", ""}));
    EXPECT_EQ(script_line("#!/usr/bin/env A=1 -i python3 -u\n"), (ScriptLine{"/usr/bin/env", "python3"}));
    EXPECT_FALSE(script_line("#!\n"));
    EXPECT_FALSE(
        script_line("\x7f"
                    "ELF"));
    EXPECT_FALSE(script_line(""));
}

}  // namespace
}  // namespace mpi_podman
