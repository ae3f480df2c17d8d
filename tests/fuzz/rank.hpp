/// A rank that writes anything, and what its server must keep to all the same.
#pragma once

#include <random>
#include <string>
#include <string_view>

#include "fuzz/require.hpp"
#include "pmi/server.hpp"
#include "unit/pmi/fake_job.hpp"

namespace mpi_podman::fuzz {

/// Holds the server to the rules that a launcher relies on.
class StrictJob : public test::FakeJob {
public:
    Result<pmi::JobFacts> join() override {
        require(!joined_ && !ended_, "a rank joins once, and first");
        joined_ = true;
        return FakeJob::join();
    }
    Result<pmi::KeyValues> exchange(const pmi::KeyValues& mine) override {
        for (const auto& [key, value] : mine) {
            bounded(key, pmi::max_key, value);
        }
        return FakeJob::exchange(mine);
    }
    Result<void> put_on_node(const std::string& key, const std::string& value) override {
        bounded(key, pmi::max_key, value);
        return FakeJob::put_on_node(key, value);
    }
    Result<std::optional<std::string>> get_on_node(const std::string& key, bool wait) override {
        bounded(key, pmi::max_key, "");
        return FakeJob::get_on_node(key, wait);
    }
    Result<void> publish(const std::string& name, const std::string& port) override {
        bounded(name, pmi::max_name, port);
        return FakeJob::publish(name, port);
    }
    Result<void> unpublish(const std::string& name) override {
        bounded(name, pmi::max_name, "");
        return FakeJob::unpublish(name);
    }
    Result<std::string> look_up(const std::string& name) override {
        bounded(name, pmi::max_name, "");
        return FakeJob::look_up(name);
    }
    void abort(int status, const std::string& why) override {
        require(!ended_, "nothing comes after the end");
        ended_ = true;
        FakeJob::abort(status, why);
    }
    void leave() override {
        require(joined_ && !ended_, "who leaves has joined");
        ended_ = true;
        FakeJob::leave();
    }

private:
    void bounded(const std::string& key, std::size_t longest, const std::string& value) const {
        require(joined_ && !ended_, "a request comes between the beginning and the end");
        require(!key.empty() && key.size() <= longest, "a key is there, and bounded");
        require(value.size() <= pmi::max_value, "a value is bounded");
    }

    bool joined_ = false, ended_ = false;
};

/// Every answer is a whole message of the dialect that is spoken, and says how it went.
inline void require_answers(std::string_view answers) {
    pmi::Reader reader;
    reader.add(answers);
    auto dialect = pmi::Dialect::pmi1;
    while (const auto answer = reader.next()) {
        require(!answer->command.empty() && answer->find("rc").has_value(), "an answer is one");
        if (answer->command == "response_to_init" && answer->get("pmi_version") == "2") {
            dialect = pmi::Dialect::pmi2;
            reader.speak(dialect);
        }
    }
    // Behind whole messages another one is read as it is.
    const pmi::Message next{"next", {}};
    reader.add(pmi::encode(next, dialect));
    require(reader.next() == next, "answers are whole messages");
}

/// The same bytes at once and in pieces: the same answers, the same done to the job.
inline void serve(std::string_view bytes, unsigned seed) {
    StrictJob job;
    pmi::Server server(job);
    const auto answers = server.take(bytes);
    require(server.take("").empty(), "nothing is said to nothing");
    require(!server.trouble(), "what the rank does is no trouble of the launcher's");
    require_answers(answers);

    StrictJob same_job;
    pmi::Server same(same_job);
    std::minstd_rand random(seed);
    std::string pieces;
    while (!bytes.empty()) {
        const auto piece = std::min<std::size_t>(bytes.size(), 1 + random() % 16);
        pieces += same.take(bytes.substr(0, piece));
        bytes.remove_prefix(piece);
    }
    require(pieces == answers && same.is_done() == server.is_done(), "pieces are answered as the whole is");
    require(same_job.asked == job.asked, "pieces do what the whole does");
}

}  // namespace mpi_podman::fuzz
