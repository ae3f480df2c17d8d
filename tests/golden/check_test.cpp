// The page and the JSON of --check for fixed facts, word for word: tests/golden/check-NAME.txt and .json.txt.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "check/json.hpp"
#include "check/page.hpp"
#include "golden/accepted.hpp"
#include "unit/check/samples.hpp"

namespace mpi_podman {
namespace {

using test::ring_with;

struct PageCase {
    std::string name;
    CheckReport report;
};
void PrintTo(const PageCase& golden, std::ostream* out) { *out << golden.name; }

/// A real Situation's words: libraries of all kinds, devices, and a host too new.
CheckReport bullseye() {
    auto question = ring_with(test::open_mpi("4.1.0", {40, 30, 0}));
    auto& found = question.found;
    found.image.libc_release = "2.31";
    found.image.pmi = {{test::sample_library("libpmix.so.2", {2, 2, 35}), "4.0.0", true}};
    found.image.transports = {{test::sample_library("libfabric.so.1", {1, 14, 1}), "1.11.0", true},
                              {test::sample_library("libibverbs.so.1", {1, 11}), "", true}};
    found.host.pmi = {{test::sample_library("libpmix.so.2", {2, 8, 1}), "4.2.2", true}};
    question.devices = {{"/dev/infiniband", "/dev/xpmem"},
                        {{"nvidia.com/gpu", {"0", "1", "all"}, "/etc/cdi/nvidia.yaml"}},
                        {}};
    found.verdict = judge(Strategy::host,
                          {&found.image, &*found.command, &*found.host_mpi, {test::glibc({"GLIBC_2.31"})}});
    return test::report_of(question);
}

CheckReport nothing_runs() {
    auto question = ring_with(test::mpich_402);
    question.launcher = {};
    question.found.host = test::root_with({});
    question.found.host_mpi.reset();
    question.found.command->state = CommandState::not_executable;
    question.found.command->problem = "/home/mpi/ring is no file that may be executed";
    question.found.verdict = judge(Strategy::host, {&question.found.image, &*question.found.command});
    auto report = test::report_of(question);
    report.other_launchers.clear();
    return report;
}

CheckReport missing_libraries() {
    auto question = ring_with(test::open_mpi_41);
    auto& command = *question.found.command;
    command.missing = {{"libhdf5.so.103", "/bin/ring", {}}, {"libmpi_cxx.so.40", "/bin/ring", {}}};
    command.undefined = {{"ompi_x", "", "/bin/ring"}};
    question.found.verdict = judge(Strategy::host, {&question.found.image,
                                                    &command,
                                                    &*question.found.host_mpi,
                                                    {test::glibc({"GLIBC_2.34", "GLIBC_2.36"})}});
    return test::report_of(question);
}

std::vector<PageCase> cases() {
    auto own_place = ring_with(test::open_mpi_41);
    own_place.found.image.mpis.front().found_by_loader = false;
    own_place.found.image.mpis.front().vendor = "Some MPI";
    own_place.options.command = {"./my ring", "a'b"};
    return {{"open-mpi", test::report_of(ring_with(test::open_mpi_41))},
            {"mpich-over-a-bridge", test::report_of(ring_with(test::mpich_402))},
            {"bullseye", bullseye()},
            {"nothing-runs", nothing_runs()},
            {"missing-libraries", missing_libraries()},
            {"place-of-its-own", test::report_of(own_place)}};
}

class Page : public testing::TestWithParam<PageCase> {};

TEST_P(Page, IsTheAcceptedOne) {
    test::expect_accepted("check-" + GetParam().name, page_of(GetParam().report));
}

TEST_P(Page, HasTheSameInJson) {
    const auto text = json_of(GetParam().report);
    test::expect_accepted("check-" + GetParam().name + ".json", text);
    const auto read = nlohmann::json::parse(text);
    EXPECT_EQ(read.at("strategies").size(), 3U);
}

std::string name_of_page(const testing::TestParamInfo<PageCase>& info) {
    auto name = info.param.name;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Check, Page, testing::ValuesIn(cases()), name_of_page);

TEST(CheckFiles, AreEachOfACase) {
    std::set<std::string> known;
    for (const auto& golden : cases()) {
        known.insert({"check-" + golden.name + ".txt", "check-" + golden.name + ".json.txt"});
    }
    for (const auto& file : test::names_in(MPI_PODMAN_GOLDEN)) {
        EXPECT_TRUE(!file.starts_with("check-") || known.contains(file)) << file << " belongs to no case";
    }
}

}  // namespace
}  // namespace mpi_podman
