#include "pmi/server.hpp"

#include <algorithm>

#include "pmi/answers.hpp"

namespace mpi_podman::pmi {
namespace {

constexpr std::string_view mapping_key = "PMI_process_mapping";

/// For MPI_Comm_spawn_multiple MPICH writes a spawn for each program, and reads one answer after the last.
bool more_follow(const Message& request) {
    return request.command == "spawn" &&
           number_of<int>(request.get("spawnssofar")) < number_of<int>(request.get("totspawns"));
}

}  // namespace

/// One request: what it is called in which dialect, what answers it, and what the answer is called.
struct Server::Row {
    Dialect dialect;
    std::string_view command, answer_name;
    Answer answer;
    bool before_init = false;
    bool answered = true;
};

const std::vector<Server::Row>& Server::rows() {
    using enum Dialect;
    static const std::vector<Row> all{
        {pmi1, "init", "response_to_init", &Server::init, true},
        {pmi1, "get_maxes", "maxes", &Server::facts},
        {pmi1, "get_appnum", "appnum", &Server::facts},
        {pmi1, "get_universe_size", "universe_size", &Server::facts},
        {pmi1, "get_my_kvsname", "my_kvsname", &Server::facts},
        {pmi1, "put", "put_result", &Server::put},
        {pmi1, "get", "get_result", &Server::get},
        {pmi1, "barrier_in", "barrier_out", &Server::fence},
        {pmi1, "publish_name", "publish_result", &Server::name},
        {pmi1, "unpublish_name", "unpublish_result", &Server::name},
        {pmi1, "lookup_name", "lookup_result", &Server::name},
        {pmi1, "spawn", "spawn_result", &Server::spawn},
        {pmi1, "finalize", "finalize_ack", &Server::finalize},
        {pmi1, "abort", "", &Server::abort, true, false},
        {pmi2, "fullinit", "fullinit-response", &Server::full_init, true},
        {pmi2, "job-getid", "job-getid-response", &Server::job_id},
        {pmi2, "kvs-put", "kvs-put-response", &Server::put},
        {pmi2, "kvs-get", "kvs-get-response", &Server::get},
        {pmi2, "kvs-fence", "kvs-fence-response", &Server::fence},
        {pmi2, "info-putnodeattr", "info-putnodeattr-response", &Server::put_on_node},
        {pmi2, "info-getnodeattr", "info-getnodeattr-response", &Server::get_on_node},
        {pmi2, "info-getjobattr", "info-getjobattr-response", &Server::job_attribute},
        {pmi2, "name-publish", "name-publish-response", &Server::name},
        {pmi2, "name-unpublish", "name-unpublish-response", &Server::name},
        {pmi2, "name-lookup", "name-lookup-response", &Server::name},
        {pmi2, "spawn", "spawn-response", &Server::spawn},
        {pmi2, "finalize", "finalize-response", &Server::finalize},
        {pmi2, "abort", "", &Server::abort, true, false},
    };
    return all;
}

std::string Server::take(std::string_view bytes) {
    std::string all;
    reader_.add(bytes);
    while (!is_done()) {
        const auto request = reader_.next();
        if (!request) {
            break;
        }
        all += answer(*request);
    }
    if (reader_.is_lost() && !done_) {
        done_ = true;
        all += encode(refusal("error", dialect_, "what came is no PMI"), dialect_);
    }
    return all;
}

std::string Server::answer(const Message& request) {
    const auto dialect = dialect_;  // init may change it, and is answered in the one it came in
    const auto& all = rows();
    const auto row = std::find_if(all.begin(), all.end(), [&](const Row& each) {
        return each.dialect == dialect && each.command == request.command;
    });
    if (more_follow(request)) {
        return {};
    }
    Message message;
    if (row == all.end()) {
        const auto* const end = dialect == Dialect::pmi2 ? "-response" : "_result";
        message = refusal(request.command + end, dialect, "unknown request");
    } else if (!facts_ && !row->before_init) {
        message = refusal(std::string(row->answer_name), dialect, "asked before init");
    } else {
        message = (this->*row->answer)(request);
        message.command = row->answer_name;
        if (!row->answered) {
            return {};
        }
    }
    if (const auto thread = request.find("thrid"); thread && dialect == Dialect::pmi2) {
        message.with("thrid", std::string(*thread));
    }
    return encode(message, dialect);
}

Message Server::refuse(const Error& error) {
    trouble_ = trouble_.value_or(error);
    return refusal("", dialect_, error.message);
}

Message Server::init(const Message& request) {
    const auto version = request.get("pmi_version");
    if (version != "1" && version != "2") {
        return refusal("", dialect_, "PMI version is neither 1 nor 2");
    }
    if (version == "2") {
        dialect_ = Dialect::pmi2;
        reader_.speak(dialect_);
        return reply("").with("rc", "0").with("pmi_version", "2").with("pmi_subversion", "0");
    }
    if (full_init(request); !facts_) {
        return refuse(*trouble_);
    }
    return reply("").with("pmi_version", "1").with("pmi_subversion", "1").with("rc", "0");
}

Message Server::full_init(const Message& /*request*/) {
    if (!facts_ && trouble_) {
        return refuse(*trouble_);
    }
    if (!facts_) {
        auto joined = job_.join();
        if (!joined) {
            return refuse(joined.error());
        }
        facts_ = std::move(*joined);
    }
    return done("")
        .with("pmi-version", "2")
        .with("pmi-subversion", "0")
        .with("rank", std::to_string(facts_->rank))
        .with("size", std::to_string(facts_->size))
        .with("appnum", std::to_string(facts_->appnum))
        .with("debugged", "FALSE")
        .with("pmiverbose", "FALSE");
}

Message Server::facts(const Message& request) {
    if (request.command == "get_maxes") {
        return reply("")
            .with("kvsname_max", std::to_string(max_kvsname))
            .with("keylen_max", std::to_string(max_key))
            .with("vallen_max", std::to_string(max_value))
            .with("rc", "0");
    }
    if (request.command == "get_appnum") {
        return reply("").with("appnum", std::to_string(facts_->appnum)).with("rc", "0");
    }
    if (request.command == "get_universe_size") {
        return reply("").with("size", std::to_string(facts_->universe)).with("rc", "0");
    }
    return reply("").with("kvsname", facts_->id).with("rc", "0");
}

Message Server::job_id(const Message& /*request*/) {
    return reply("").with("jobid", facts_->id).with("rc", "0");
}

Message Server::put(const Message& request) {
    const auto key = request.get("key");
    const auto value = request.get("value");
    if (auto why = puts_.take(key, value); !why.empty()) {
        return refusal("", dialect_, std::move(why));
    }
    mine_.insert_or_assign(std::string(key), std::string(value));
    return dialect_ == Dialect::pmi2 ? done("") : done("").with("msg", "success");
}

std::optional<std::string> Server::value_of(std::string_view key) const {
    if (key == mapping_key) {
        return mapping_for(dialect_, facts_->mapping);
    }
    // One's own are seen before the next fence (MPICH reads its own back).
    for (const auto* values : {&mine_, &all_}) {
        if (const auto found = values->find(key); found != values->end()) {
            return found->second;
        }
    }
    return std::nullopt;
}

Message Server::get(const Message& request) {
    if (auto why = why_not(request.get("key"), ""); !why.empty()) {
        return refusal("", dialect_, std::move(why)).with("value", "unknown");
    }
    const auto value = value_of(request.get("key"));
    if (dialect_ == Dialect::pmi2) {
        return found(value);
    }
    return value ? done("").with("msg", "success").with("value", *value)
                 : refusal("", dialect_, "no such key").with("value", "unknown");
}

Message Server::fence(const Message& /*request*/) {
    auto others = job_.exchange(mine_);
    if (!others) {
        return refuse(others.error());
    }
    mine_.clear();
    for (auto& [key, value] : *others) {
        all_.insert_or_assign(key, std::move(value));
    }
    return done("");
}

Message Server::put_on_node(const Message& request) {
    const std::string key(request.get("key"));
    const std::string value(request.get("value"));
    if (auto why = on_node_.why_not(key, value); !why.empty()) {
        return refusal("", dialect_, std::move(why));
    }
    if (const auto put = job_.put_on_node(key, value); !put) {
        return refusal("", dialect_, put.error().message);
    }
    on_node_.note(key, value);
    return done("");
}

Message Server::get_on_node(const Message& request) {
    if (auto why = why_not(request.get("key"), ""); !why.empty()) {
        return refusal("", dialect_, std::move(why));
    }
    const auto value = job_.get_on_node(std::string(request.get("key")), request.get("wait") == "TRUE");
    return value ? found(*value) : refusal("", dialect_, value.error().message);
}

Message Server::job_attribute(const Message& request) {
    const auto key = request.get("key");
    if (key == "universeSize") {
        return found(std::to_string(facts_->universe));
    }
    return found(key == mapping_key ? mapping_for(dialect_, facts_->mapping) : std::nullopt);
}

/// Publish, unpublish and look up; PMI-1 calls the name a service and wants info=ok as well.
Message Server::name(const Message& request) {
    const auto what = request.find("service") ? request.get("service") : request.get("name");
    const bool publishes = request.command == "publish_name" || request.command == "name-publish";
    const bool looks_up = request.command == "lookup_name" || request.command == "name-lookup";
    const std::string subject(what);
    Message message;
    Result<void> result;
    if (auto why = why_not_published(what, request.get("port")); !why.empty()) {
        result = failure(Status::ours, std::move(why));
    } else if (looks_up) {
        result = job_.look_up(subject).map([&](const std::string& port) {
            message.with("port", port);
            if (dialect_ == Dialect::pmi2) {  // Slurm's clients and MPICH's up to 4.0 read this one
                message.with("value", port);
            }
        });
    } else {
        result =
            publishes ? job_.publish(subject, std::string(request.get("port"))) : job_.unpublish(subject);
    }
    if (dialect_ == Dialect::pmi1) {
        message.with("info", result ? "ok" : "fail");
    }
    if (!result) {
        auto refused = refusal("", dialect_, result.error().message);
        message.words.insert(message.words.end(), refused.words.begin(), refused.words.end());
        return message;
    }
    return message.with("rc", "0").with("msg", "success");
}

Message Server::spawn(const Message& /*request*/) {
    return refusal("", dialect_, "mpi-podman: this image's MPI cannot start more ranks under this launcher")
        .with("errcodes", "1");
}

Message Server::finalize(const Message& /*request*/) {
    job_.leave();
    done_ = true;
    return done("");
}

/// PMI-2 names no status; mpiexec of MPICH ends with 1 then.
Message Server::abort(const Message& request) {
    done_ = true;
    const auto why = request.find("msg") ? request.get("msg") : request.get("message");
    job_.abort(number_of(request.get("exitcode"), 1), std::string(why));
    return {};
}

}  // namespace mpi_podman::pmi
