#include "pmi/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/pmi/fake_job.hpp"

namespace mpi_podman::pmi {
namespace {

using test::FakeJob;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class Pmi1Rank : public testing::Test {
protected:
    /// The answer to a line, without its newline.
    std::string ask(const std::string& line) {
        auto answer = server.take(line + "\n");
        EXPECT_TRUE(answer.empty() || answer.find('\n') == answer.size() - 1) << answer;
        return answer.substr(0, answer.size() - 1);
    }
    void init() { ASSERT_THAT(ask("cmd=init pmi_version=1 pmi_subversion=1"), HasSubstr(" rc=0")); }
    void expect_refused(const std::string& line, const std::string& begin) {
        const auto answer = ask(line);
        EXPECT_THAT(answer, StartsWith("cmd=" + begin)) << line;
        EXPECT_THAT(answer, HasSubstr("rc=-1")) << line;
        EXPECT_FALSE(server.is_done()) << line;
    }

    FakeJob job;
    Server server{job};
};

TEST_F(Pmi1Rank, IsWhatMpichSaysAndHears) {
    job.others = {{{"P1-businesscard", "card;1"}}, {{"second", "2"}}};
    EXPECT_EQ(ask("cmd=init pmi_version=1 pmi_subversion=1"),
              "cmd=response_to_init pmi_version=1 pmi_subversion=1 rc=0");
    EXPECT_EQ(ask("cmd=get_maxes"), "cmd=maxes kvsname_max=256 keylen_max=64 vallen_max=1024 rc=0");
    EXPECT_EQ(ask("cmd=get_appnum"), "cmd=appnum appnum=3 rc=0");
    EXPECT_EQ(ask("cmd=get_my_kvsname"), "cmd=my_kvsname kvsname=job-1 rc=0");
    EXPECT_EQ(ask("cmd=get_universe_size"), "cmd=universe_size size=8 rc=0");
    EXPECT_EQ(ask("cmd=get kvsname=job-1 key=PMI_process_mapping"),
              "cmd=get_result rc=0 msg=success value=(vector,(0,2,1))");
    EXPECT_EQ(ask("cmd=put kvsname=job-1 key=P0-businesscard value=card=0"),
              "cmd=put_result rc=0 msg=success");
    EXPECT_EQ(ask("cmd=barrier_in"), "cmd=barrier_out rc=0");
    EXPECT_EQ(ask("cmd=get kvsname=job-1 key=P1-businesscard"),
              "cmd=get_result rc=0 msg=success value=card;1");
    EXPECT_EQ(ask("cmd=get kvsname=job-1 key=P0-businesscard"),
              "cmd=get_result rc=0 msg=success value=card=0");
    EXPECT_EQ(ask("cmd=barrier_in"), "cmd=barrier_out rc=0");
    EXPECT_EQ(ask("cmd=get kvsname=job-1 key=second"), "cmd=get_result rc=0 msg=success value=2");
    EXPECT_FALSE(server.is_done());
    EXPECT_TRUE(server.has_joined());
    EXPECT_EQ(ask("cmd=finalize"), "cmd=finalize_ack rc=0");
    EXPECT_TRUE(server.is_done());
    EXPECT_EQ(server.trouble(), std::nullopt);
    EXPECT_THAT(job.asked, ElementsAre("join", "exchange P0-businesscard=card=0", "exchange", "leave"));
}

TEST_F(Pmi1Rank, IsToldOfNoMappingThatIsLongerThanItsLine) {
    constexpr std::size_t longest_line = 1023;  // of PMIU_readline(), with the newline
    job.facts.mapping = std::string(984, '1');
    init();
    EXPECT_EQ(server.take("cmd=get kvsname=job-1 key=PMI_process_mapping\n").size(), longest_line);
    job.facts.mapping += '1';
    Server another(job);
    another.take("cmd=init pmi_version=1 pmi_subversion=1\n");
    EXPECT_EQ(another.take("cmd=get kvsname=job-1 key=PMI_process_mapping\n"),
              "cmd=get_result rc=-1 msg=no_such_key value=unknown\n");
}

TEST_F(Pmi1Rank, IsAnsweredThoughItComesByteByByteOrAllAtOnce) {
    const std::string all =
        "cmd=init pmi_version=1 pmi_subversion=1\ncmd=put key=a value=1\ncmd=get key=a\ncmd=finalize\n";
    std::string answers;
    for (const char byte : all) {
        answers += server.take({&byte, 1});
    }
    FakeJob another;
    EXPECT_EQ(Server(another).take(all), answers);
    EXPECT_THAT(answers, HasSubstr("value=1\ncmd=finalize_ack rc=0\n"));
}

TEST_F(Pmi1Rank, ReadsItsOwnBeforeTheBarrierAndTheLatestOfAll) {
    job.others = {{{"key", "theirs"}}, {{"key", "theirs again"}}};
    init();
    ask("cmd=put key=mine value=1");
    EXPECT_THAT(ask("cmd=get key=mine"), HasSubstr("value=1"));
    ask("cmd=barrier_in");
    EXPECT_THAT(ask("cmd=get key=key"), HasSubstr("value=theirs"));
    ask("cmd=put key=key value=own");
    EXPECT_THAT(ask("cmd=get key=key"), HasSubstr("value=own"));
    EXPECT_THAT(ask("cmd=get key=mine"), HasSubstr("value=1")) << "it stays";
}

TEST_F(Pmi1Rank, BeforeInitEverythingIsRefused) {
    const std::pair<const char*, const char*> requests[] = {
        {"get key=a", "get_result"},      {"put key=a value=1", "put_result"},
        {"barrier_in", "barrier_out"},    {"get_maxes", "maxes"},
        {"get_my_kvsname", "my_kvsname"}, {"get_universe_size", "universe_size"},
        {"finalize", "finalize_ack"},     {"publish_name service=s port=p", "publish_result"},
        {"get_appnum", "appnum"},         {"lookup_name service=s", "lookup_result"},
    };
    for (const auto& [request, answer] : requests) {
        expect_refused(std::string("cmd=") + request, answer);
    }
    EXPECT_TRUE(job.asked.empty());
    EXPECT_FALSE(server.has_joined());
    init();
}

TEST_F(Pmi1Rank, GarbageIsRefusedAndWhatComesAfterItIsAnswered) {
    for (const char* line :
         {"", " ", "garbage", "=", "cmd=", "cmd", "cmd=\x80\xff", "key=a cmd=get", "GET / HTTP/1.1",
          "    13cmd=finalize;", "cmd=get_ranks2hosts", "cmd=kvs-put key=a value=b"}) {
        expect_refused(line, "");
    }
    init();
    for (const char* line : {"garbage", "cmd=no_such_thing", "cmd=fullinit"}) {
        expect_refused(line, "");
    }
    EXPECT_THAT(ask("cmd=get_appnum"), HasSubstr("rc=0"));
    EXPECT_EQ(server.trouble(), std::nullopt) << "the rank's fault, not the launcher's";
}

TEST_F(Pmi1Rank, KeysAndValuesAreBounded) {
    init();
    const auto put = [](std::size_t key, std::size_t value) {
        return "cmd=put key=" + std::string(key, 'k') + " value=" + std::string(value, 'v');
    };
    EXPECT_EQ(ask(put(max_key, max_value)), "cmd=put_result rc=0 msg=success");
    expect_refused(put(max_key + 1, 1), "put_result");
    expect_refused(put(1, max_value + 1), "put_result");
    expect_refused("cmd=put value=1", "put_result");
    expect_refused("cmd=get key=" + std::string(max_key + 1, 'k'), "get_result");
    expect_refused("cmd=get", "get_result");
    ask("cmd=barrier_in");
    EXPECT_THAT(job.asked.back(), StartsWith("exchange kkkk"));
    EXPECT_THAT(ask("cmd=get key=" + std::string(max_key, 'k')), HasSubstr(std::string(max_value, 'v')));
}

TEST_F(Pmi1Rank, PutsAreBoundedInNumberThroughoutTheJob) {
    init();
    const auto put = [](std::size_t number) { return "cmd=put key=k" + std::to_string(number) + " value=1"; };
    for (std::size_t number = 0; number < bounds_of_puts.number; ++number) {
        if (number == bounds_of_puts.number / 2) {
            ask("cmd=barrier_in");
        }
        ASSERT_EQ(ask(put(number)), "cmd=put_result rc=0 msg=success");
    }
    expect_refused(put(bounds_of_puts.number), "put_result");
    EXPECT_EQ(ask("cmd=put key=k0 value=2"), "cmd=put_result rc=0 msg=success") << "in place of the first";
    EXPECT_THAT(ask("cmd=get key=k0"), HasSubstr("value=2"));
    EXPECT_THAT(ask("cmd=get key=k" + std::to_string(bounds_of_puts.number)), HasSubstr("no_such_key"));
    EXPECT_FALSE(server.trouble());
    EXPECT_THAT(ask("cmd=barrier_in"), HasSubstr("rc=0")) << "the rank may go on";
}

TEST_F(Pmi1Rank, PutsAreBoundedInBytes) {
    init();
    const auto put = [](std::size_t number) {
        return "cmd=put key=" + std::to_string(1000 + number) + " value=" + std::string(max_value, 'v');
    };
    const auto most = bounds_of_puts.bytes / (max_value + 4);
    for (std::size_t number = 0; number < most; ++number) {
        ASSERT_EQ(ask(put(number)), "cmd=put_result rc=0 msg=success");
    }
    expect_refused(put(most), "put_result");
    EXPECT_THAT(ask("cmd=put key=1000 value="), HasSubstr("rc=0")) << "a shorter one makes room";
    EXPECT_THAT(ask(put(most)), HasSubstr("rc=0"));
}

TEST_F(Pmi1Rank, AMessageWithoutEndIsToldSoAndHungUpOn) {
    init();
    const auto answer = server.take("cmd=put key=" + std::string(2 * max_message, 'k'));
    EXPECT_THAT(answer, HasSubstr("rc=-1"));
    EXPECT_TRUE(server.is_done());
    EXPECT_EQ(server.take("cmd=get_appnum\n"), "");
    EXPECT_THAT(job.asked, ElementsAre("join")) << "it neither left nor asked to abort: it died";
}

TEST_F(Pmi1Rank, AKeyThatNobodyPutIsNone) {
    init();
    EXPECT_EQ(ask("cmd=get kvsname=job-1 key=a"), "cmd=get_result rc=-1 msg=no_such_key value=unknown");
}

TEST_F(Pmi1Rank, NamesArePublishedAndFound) {
    init();
    EXPECT_EQ(ask("cmd=publish_name service=ocean port=tag#0$x"),
              "cmd=publish_result info=ok rc=0 msg=success");
    EXPECT_EQ(ask("cmd=lookup_name service=ocean"),
              "cmd=lookup_result port=tag#0$x info=ok rc=0 msg=success");
    EXPECT_EQ(ask("cmd=unpublish_name service=ocean"), "cmd=unpublish_result info=ok rc=0 msg=success");
    EXPECT_EQ(ask("cmd=lookup_name service=ocean"), "cmd=lookup_result info=fail rc=-1 msg=nobody_is_ocean");
}

TEST_F(Pmi1Rank, ARefusalIsOneWordWhateverItNames) {
    init();
    EXPECT_EQ(ask(std::string("cmd=lookup_name service=a\0\tb c", 30)),
              "cmd=lookup_result info=fail rc=-1 msg=nobody_is_a__b_c");
}

TEST_F(Pmi1Rank, NamesAndPortsAreBounded) {
    init();
    expect_refused("cmd=publish_name port=p", "publish_result");
    expect_refused("cmd=publish_name service=" + std::string(10'000, 's') + " port=p", "publish_result");
    expect_refused("cmd=publish_name service=s port=" + std::string(10'000, 'p'), "publish_result");
    expect_refused("cmd=lookup_name", "lookup_result");
    expect_refused("cmd=unpublish_name service=" + std::string(10'000, 's'), "unpublish_result");
    EXPECT_THAT(job.asked, ElementsAre("join"));
}

TEST_F(Pmi1Rank, ASpawnIsRefused) {
    init();
    expect_refused("mcmd=spawn\nnprocs=2\nexecname=a\ntotspawns=1\nspawnssofar=1\narg1=x\nendcmd",
                   "spawn_result");
    EXPECT_THAT(ask("cmd=get_appnum"), HasSubstr("rc=0"));
}

TEST_F(Pmi1Rank, ASpawnOfSeveralProgramsIsAnsweredOnce) {
    init();
    EXPECT_EQ(server.take("mcmd=spawn\nnprocs=2\nexecname=a\ntotspawns=2\nspawnssofar=1\nendcmd\n"), "");
    expect_refused("mcmd=spawn\nnprocs=2\nexecname=b\ntotspawns=2\nspawnssofar=2\nendcmd", "spawn_result");
}

TEST_F(Pmi1Rank, AnAbortNamesItsStatusAndEndsAll) {
    init();
    EXPECT_EQ(server.take("cmd=abort exitcode=7\ncmd=get_appnum\n"), "");
    EXPECT_TRUE(server.is_done());
    EXPECT_THAT(job.asked, ElementsAre("join", "abort 7 "));
}

TEST_F(Pmi1Rank, AnAbortWithoutAStatusIsOne) {
    for (const char* line : {"cmd=abort\n", "cmd=abort exitcode=\n", "cmd=abort exitcode=x\n",
                             "cmd=abort exitcode=99999999999\n"}) {
        FakeJob another;
        EXPECT_EQ(Server(another).take(line), "") << line;
        EXPECT_THAT(another.asked, ElementsAre("abort 1 ")) << line;
    }
    EXPECT_EQ(server.take("cmd=abort exitcode=-1 message=I am lost\n"), "");
    EXPECT_THAT(job.asked, ElementsAre("abort -1 I am lost"));
}

TEST_F(Pmi1Rank, AnotherVersionIsRefused) {
    expect_refused("cmd=init pmi_version=3 pmi_subversion=0", "response_to_init");
    expect_refused("cmd=init", "response_to_init");
    EXPECT_TRUE(job.asked.empty());
    init();
}

TEST_F(Pmi1Rank, ATwiceInitedRankJoinsOnce) {
    init();
    init();
    EXPECT_THAT(job.asked, ElementsAre("join"));
}

TEST_F(Pmi1Rank, WithoutALauncherAllIsRefusedAndWhyIsKept) {
    job.broken = Error{Status::ours, "it went away", "hint"};
    expect_refused("cmd=init pmi_version=1 pmi_subversion=1", "response_to_init");
    EXPECT_EQ(server.trouble(), job.broken);
    expect_refused("cmd=get_appnum", "appnum");
    expect_refused("cmd=init pmi_version=1 pmi_subversion=1", "response_to_init");
    EXPECT_THAT(job.asked, ElementsAre("join")) << "asked once";
}

TEST_F(Pmi1Rank, ABrokenBarrierIsRefusedAndTheFirstTroubleIsKept) {
    init();
    const auto first = Error{Status::ours, "rank 1 died", "hint"};
    job.broken = first;
    EXPECT_EQ(ask("cmd=barrier_in"), "cmd=barrier_out rc=-1 msg=rank_1_died");
    job.broken = Error{Status::ours, "all is lost", ""};
    expect_refused("cmd=barrier_in", "barrier_out");
    EXPECT_EQ(server.trouble(), first);
}

TEST_F(Pmi1Rank, ANameTheLauncherDoesNotTakeIsNoTrouble) {
    init();
    job.broken = Error{Status::ours, "no names here", ""};
    EXPECT_EQ(ask("cmd=publish_name service=s port=p"),
              "cmd=publish_result info=fail rc=-1 msg=no_names_here");
    EXPECT_EQ(server.trouble(), std::nullopt);
}

}  // namespace
}  // namespace mpi_podman::pmi
