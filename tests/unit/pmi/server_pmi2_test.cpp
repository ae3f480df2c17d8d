#include "pmi/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/pmi/fake_job.hpp"
#include "unit/pmi/framed.hpp"

namespace mpi_podman::pmi {
namespace {

using test::FakeJob;
using test::pmi2;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class Pmi2Rank : public testing::Test {
protected:
    Pmi2Rank() {
        EXPECT_EQ(server.take("cmd=init pmi_version=2 pmi_subversion=0\n"),
                  "cmd=response_to_init rc=0 pmi_version=2 pmi_subversion=0\n");
    }
    /// The answer to a body, without its length.
    std::string ask(const std::string& body) {
        const auto answer = server.take(pmi2(body));
        EXPECT_TRUE(answer.empty() || answer == pmi2(answer.substr(6))) << answer;
        return answer.empty() ? answer : answer.substr(6);
    }
    void init() { ASSERT_THAT(ask("cmd=fullinit;pmirank=0;"), HasSubstr(";rc=0;")); }
    void expect_refused(const std::string& body, const std::string& begin) {
        const auto answer = ask(body);
        EXPECT_THAT(answer, StartsWith("cmd=" + begin)) << body;
        EXPECT_THAT(answer, HasSubstr(";rc=1;errmsg=")) << body;
        EXPECT_FALSE(server.is_done()) << body;
    }

    FakeJob job;
    Server server{job};
};

TEST_F(Pmi2Rank, IsWhatMpichSaysAndHears) {
    job.others = {{{"P1", "card;1"}}, {{"second", "2"}}};
    EXPECT_EQ(
        ask("cmd=fullinit;pmijobid=x;pmirank=0;threaded=FALSE;"),
        "cmd=fullinit-response;rc=0;pmi-version=2;pmi-subversion=0;rank=0;size=2;appnum=3;debugged=FALSE;"
        "pmiverbose=FALSE;");
    EXPECT_EQ(ask("cmd=job-getid;"), "cmd=job-getid-response;jobid=job-1;rc=0;");
    EXPECT_EQ(ask("cmd=info-getjobattr;key=PMI_process_mapping;"),
              "cmd=info-getjobattr-response;found=TRUE;value=(vector,(0,2,1));rc=0;");
    EXPECT_EQ(ask("cmd=info-getjobattr;key=universeSize;"),
              "cmd=info-getjobattr-response;found=TRUE;value=8;rc=0;");
    EXPECT_EQ(ask("cmd=info-getjobattr;key=hasNameServ;"), "cmd=info-getjobattr-response;found=FALSE;rc=0;");
    EXPECT_EQ(ask("cmd=kvs-put;key=P0;value=card;;0;"), "cmd=kvs-put-response;rc=0;");
    EXPECT_EQ(ask("cmd=kvs-fence;"), "cmd=kvs-fence-response;rc=0;");
    EXPECT_EQ(ask("cmd=kvs-get;jobid=job-1;srcid=1;key=P1;"),
              "cmd=kvs-get-response;found=TRUE;value=card;;1;rc=0;");
    EXPECT_EQ(ask("cmd=kvs-get;jobid=job-1;srcid=-1;key=P0;"),
              "cmd=kvs-get-response;found=TRUE;value=card;;0;rc=0;");
    EXPECT_EQ(ask("cmd=kvs-get;key=second;"), "cmd=kvs-get-response;found=FALSE;rc=0;");
    EXPECT_EQ(ask("cmd=kvs-fence;"), "cmd=kvs-fence-response;rc=0;");
    EXPECT_EQ(ask("cmd=kvs-get;key=second;"), "cmd=kvs-get-response;found=TRUE;value=2;rc=0;");
    EXPECT_EQ(ask("cmd=finalize;"), "cmd=finalize-response;rc=0;");
    EXPECT_TRUE(server.is_done());
    EXPECT_THAT(job.asked, ElementsAre("join", "exchange P0=card;0", "exchange", "leave"));
}

TEST_F(Pmi2Rank, IsToldOfNoMappingThatIsLongerThanItsValues) {
    for (const bool has_room : {true, false}) {
        job.facts.mapping = std::string(has_room ? max_value - 1 : max_value, '1');
        Server server(job);
        server.take("cmd=init pmi_version=2 pmi_subversion=0\n" + pmi2("cmd=fullinit;pmirank=0;"));
        const auto* const found = has_room ? "-response;found=TRUE;" : "-response;found=FALSE;rc=0;";
        EXPECT_THAT(server.take(pmi2("cmd=info-getjobattr;key=PMI_process_mapping;")), HasSubstr(found));
        EXPECT_THAT(server.take(pmi2("cmd=kvs-get;key=PMI_process_mapping;")), HasSubstr(found));
    }
}

TEST_F(Pmi2Rank, TheThreadThatAskedIsNamedInTheAnswer) {
    init();
    EXPECT_EQ(ask("cmd=kvs-fence;thrid=0x1f;"), "cmd=kvs-fence-response;rc=0;thrid=0x1f;");
    EXPECT_THAT(ask("cmd=no-such;thrid=7;"), HasSubstr(";thrid=7;"));
}

TEST_F(Pmi2Rank, RanksOfANodeTellEachOther) {
    init();
    EXPECT_EQ(ask("cmd=info-getnodeattr;key=file;wait=FALSE;"),
              "cmd=info-getnodeattr-response;found=FALSE;rc=0;");
    EXPECT_EQ(ask("cmd=info-putnodeattr;key=file;value=/dev/shm/x;"), "cmd=info-putnodeattr-response;rc=0;");
    EXPECT_EQ(ask("cmd=info-getnodeattr;key=file;wait=TRUE;"),
              "cmd=info-getnodeattr-response;found=TRUE;value=/dev/shm/x;rc=0;");
    EXPECT_EQ(job.asked.back(), "get_on_node file and wait");
    expect_refused("cmd=info-putnodeattr;value=1;", "info-putnodeattr-response");
    expect_refused("cmd=info-getnodeattr;key=" + std::string(max_key + 1, 'k') + ";",
                   "info-getnodeattr-response");
    job.broken = Error{Status::ours, "no space left", ""};
    expect_refused("cmd=info-putnodeattr;key=file;value=1;", "info-putnodeattr-response");
    expect_refused("cmd=info-getnodeattr;key=file;", "info-getnodeattr-response");
}

TEST_F(Pmi2Rank, ANodesAttributesAreBoundedInNumber) {
    init();
    for (std::size_t number = 0; number < bounds_of_node_attributes.number; ++number) {
        ASSERT_THAT(ask("cmd=info-putnodeattr;key=k" + std::to_string(number) + ";value=1;"),
                    HasSubstr(";rc=0;"));
    }
    const auto before = job.asked.size();
    expect_refused("cmd=info-putnodeattr;key=another;value=1;", "info-putnodeattr-response");
    EXPECT_EQ(job.asked.size(), before) << "the job is not asked";
    EXPECT_THAT(ask("cmd=info-putnodeattr;key=k0;value=2;"), HasSubstr(";rc=0;")) << "in place of the first";
    EXPECT_THAT(ask("cmd=info-getnodeattr;key=k0;"), HasSubstr(";value=2;"));
    EXPECT_THAT(ask("cmd=info-getnodeattr;key=another;"), HasSubstr(";found=FALSE;"));
    EXPECT_FALSE(server.trouble());
}

TEST_F(Pmi2Rank, ANodesAttributesAreBoundedInBytes) {
    init();
    const std::string longest(max_value, 'v');
    const auto put = [&](std::size_t number) {
        return "cmd=info-putnodeattr;key=" + std::to_string(1000 + number) + ";value=" + longest + ";";
    };
    const auto most = bounds_of_node_attributes.bytes / (max_value + 4);
    for (std::size_t number = 0; number < most; ++number) {
        ASSERT_THAT(ask(put(number)), HasSubstr(";rc=0;"));
    }
    expect_refused(put(most), "info-putnodeattr-response");
    EXPECT_THAT(ask("cmd=info-putnodeattr;key=1000;value=;"), HasSubstr(";rc=0;"))
        << "a shorter one makes room";
    EXPECT_THAT(ask(put(most)), HasSubstr(";rc=0;"));
}

TEST_F(Pmi2Rank, ANodesAttributeThatTheJobDoesNotTakeIsNotCounted) {
    init();
    job.broken = Error{Status::ours, "no space left", ""};
    for (std::size_t number = 0; number <= bounds_of_node_attributes.number; ++number) {
        EXPECT_THAT(ask("cmd=info-putnodeattr;key=k" + std::to_string(number) + ";value=1;"),
                    HasSubstr("no space left"));
    }
    job.broken.reset();
    EXPECT_THAT(ask("cmd=info-putnodeattr;key=k;value=1;"), HasSubstr(";rc=0;"));
}

TEST_F(Pmi2Rank, PutsAreBounded) {
    init();
    for (std::size_t number = 0; number < bounds_of_puts.number; ++number) {
        ASSERT_THAT(ask("cmd=kvs-put;key=k" + std::to_string(number) + ";value=1;"), HasSubstr(";rc=0;"));
    }
    expect_refused("cmd=kvs-put;key=another;value=1;", "kvs-put-response");
    EXPECT_THAT(ask("cmd=kvs-put;key=k0;value=2;"), HasSubstr(";rc=0;"));
}

TEST_F(Pmi2Rank, BeforeFullinitEverythingIsRefused) {
    for (const char* name :
         {"job-getid", "kvs-put", "kvs-get", "kvs-fence", "info-putnodeattr", "info-getnodeattr",
          "info-getjobattr", "name-publish", "name-lookup", "spawn", "finalize"}) {
        expect_refused(std::string("cmd=") + name + ";key=a;value=b;", name + std::string("-response;"));
    }
    EXPECT_TRUE(job.asked.empty());
    init();
}

TEST_F(Pmi2Rank, GarbageIsRefusedAndWhatComesAfterItIsAnswered) {
    init();
    for (const char* body : {"", ";", "garbage", "cmd=", "cmd=;;;", "cmd=get;key=a;",
                             "cmd=init;pmi_version=2;", "key=a;cmd=kvs-get;", "cmd=x;;rc=0;;;"}) {
        expect_refused(body, "");
    }
    EXPECT_THAT(ask("cmd=job-getid;"), HasSubstr("rc=0"));
}

TEST_F(Pmi2Rank, WithoutALengthItIsToldSoAndHungUpOn) {
    init();
    const auto answer = server.take("cmd=kvs-get;key=a;");
    ASSERT_GT(answer.size(), 6U);
    EXPECT_EQ(answer, pmi2(answer.substr(6)));
    EXPECT_THAT(answer, HasSubstr(";rc=1;errmsg="));
    EXPECT_TRUE(server.is_done());
    EXPECT_EQ(server.take(pmi2("cmd=job-getid;")), "");
}

TEST_F(Pmi2Rank, KeysAndValuesAreBounded) {
    init();
    expect_refused("cmd=kvs-put;key=" + std::string(max_key + 1, 'k') + ";value=1;", "kvs-put-response");
    expect_refused("cmd=kvs-put;key=k;value=" + std::string(max_value + 1, 'v') + ";", "kvs-put-response");
    expect_refused("cmd=kvs-put;value=1;", "kvs-put-response");
    expect_refused("cmd=kvs-get;key=" + std::string(max_key + 1, 'k') + ";", "kvs-get-response");
    ask("cmd=kvs-fence;");
    EXPECT_EQ(job.asked.back(), "exchange");
}

TEST_F(Pmi2Rank, NamesArePublishedAndFound) {
    init();
    EXPECT_EQ(ask("cmd=name-publish;name=ocean;port=tag;;0;"), "cmd=name-publish-response;rc=0;msg=success;");
    EXPECT_EQ(ask("cmd=name-lookup;name=ocean;"),
              "cmd=name-lookup-response;port=tag;;0;value=tag;;0;rc=0;msg=success;");
    EXPECT_EQ(ask("cmd=name-unpublish;name=ocean;"), "cmd=name-unpublish-response;rc=0;msg=success;");
    expect_refused("cmd=name-lookup;name=ocean;", "name-lookup-response");
}

TEST_F(Pmi2Rank, ASpawnIsRefused) {
    init();
    expect_refused("cmd=spawn;ncmds=1;preputcount=0;subcmd=a;maxprocs=2;argc=0;", "spawn-response");
}

TEST_F(Pmi2Rank, AnAbortSaysWhy) {
    EXPECT_EQ(ask("cmd=abort;isworld=TRUE;msg=no;;pe;"), "");
    EXPECT_TRUE(server.is_done());
    EXPECT_THAT(job.asked, ElementsAre("abort 1 no;pe"));
}

TEST_F(Pmi2Rank, WithoutALauncherAllIsRefusedAndWhyIsKept) {
    job.broken = Error{Status::ours, "it went away", "hint"};
    EXPECT_EQ(ask("cmd=fullinit;pmirank=0;"), "cmd=fullinit-response;rc=1;errmsg=it went away;");
    EXPECT_EQ(server.trouble(), job.broken);
    expect_refused("cmd=fullinit;pmirank=0;", "fullinit-response");
    expect_refused("cmd=kvs-fence;", "kvs-fence-response");
    EXPECT_THAT(job.asked, ElementsAre("join"));
}

TEST_F(Pmi2Rank, ABrokenFenceIsRefusedAndKeepsWhatWasPut) {
    init();
    ask("cmd=kvs-put;key=a;value=1;");
    job.broken = Error{Status::ours, "rank 1 died", ""};
    expect_refused("cmd=kvs-fence;", "kvs-fence-response");
    EXPECT_EQ(server.trouble(), job.broken);
    EXPECT_THAT(ask("cmd=kvs-get;key=a;"), HasSubstr("value=1;"));
}

}  // namespace
}  // namespace mpi_podman::pmi
