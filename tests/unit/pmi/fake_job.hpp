/// A job without a launcher: it remembers what it was asked, and answers what a test says.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pmi/job.hpp"

namespace mpi_podman::test {

class FakeJob : public pmi::Job {
public:
    pmi::JobFacts facts{"job-1", 0, 2, 3, 8, "(vector,(0,2,1))"};
    std::vector<pmi::KeyValues> others;  ///< what the other ranks bring to each exchange
    std::optional<Error> broken;         ///< what every request fails with
    std::vector<std::string> asked;      ///< in order, each with its arguments

    Result<pmi::JobFacts> join() override { return answer("join", facts); }
    Result<pmi::KeyValues> exchange(const pmi::KeyValues& mine) override {
        std::string question = "exchange";
        for (const auto& [key, value] : mine) {
            question.append(" ").append(key).append("=").append(value);
        }
        auto all = exchanges_ < others.size() ? others[exchanges_] : pmi::KeyValues{};
        all.insert(mine.begin(), mine.end());
        ++exchanges_;
        return answer(question, std::move(all));
    }
    Result<void> put_on_node(const std::string& key, const std::string& value) override {
        on_node_.insert_or_assign(key, value);
        return answer("put_on_node " + key + "=" + value);
    }
    Result<std::optional<std::string>> get_on_node(const std::string& key, bool wait) override {
        const auto found = on_node_.find(key);
        return answer("get_on_node " + key + (wait ? " and wait" : ""),
                      found == on_node_.end() ? std::nullopt : std::optional<std::string>(found->second));
    }
    Result<void> publish(const std::string& name, const std::string& port) override {
        published_.insert_or_assign(name, port);
        return answer("publish " + name + " at " + port);
    }
    Result<void> unpublish(const std::string& name) override {
        published_.erase(name);
        return answer("unpublish " + name);
    }
    Result<std::string> look_up(const std::string& name) override {
        const auto found = published_.find(name);
        return found == published_.end() ? Result<std::string>(failure(Status::ours, "nobody is " + name))
                                         : answer("look_up " + name, found->second);
    }
    void abort(int status, const std::string& why) override {
        asked.push_back("abort " + std::to_string(status) + " " + why);
    }
    void leave() override { asked.emplace_back("leave"); }

private:
    template <typename Value>
    Result<Value> answer(const std::string& question, Value value) {
        asked.push_back(question);
        return broken ? Result<Value>(failure(*broken)) : Result<Value>(std::move(value));
    }
    Result<void> answer(const std::string& question) {
        asked.push_back(question);
        return broken ? Result<void>(failure(*broken)) : Result<void>();
    }

    pmi::KeyValues on_node_, published_;
    std::size_t exchanges_ = 0;
};

}  // namespace mpi_podman::test
