/// What a rank's PMI client is answered: PMI-1 and PMI-2, one request at a time, for any Job.
#pragma once

#include <string>
#include <string_view>

#include "pmi/allowance.hpp"
#include "pmi/job.hpp"
#include "pmi/message.hpp"

namespace mpi_podman::pmi {

/// Serves one rank. A request that is wrong (before init, too long, unknown) gets an answer that says so, and
/// changes nothing.
class Server {
public:
    explicit Server(Job& job) : job_(job) {}

    /// Takes what the rank wrote and returns what it is to read.
    std::string take(std::string_view bytes);

    /// The first thing that the job could not do; what the rank was told of it may be all that its user sees.
    [[nodiscard]] const std::optional<Error>& trouble() const { return trouble_; }

    /// Whether the rank said that it has come, and the job took it in.
    [[nodiscard]] bool has_joined() const { return facts_.has_value(); }

    /// Nothing more is to come: the rank said finalize or abort, or wrote what is no PMI and was told so.
    [[nodiscard]] bool is_done() const { return done_; }

private:
    using Answer = Message (Server::*)(const Message& request);
    struct Row;

    std::string answer(const Message& request);
    Message init(const Message& request);
    Message full_init(const Message& request);
    Message facts(const Message& request);
    Message job_id(const Message& request);
    Message put(const Message& request);
    Message get(const Message& request);
    Message fence(const Message& request);
    Message put_on_node(const Message& request);
    Message get_on_node(const Message& request);
    Message job_attribute(const Message& request);
    Message name(const Message& request);
    Message spawn(const Message& request);
    Message finalize(const Message& request);
    Message abort(const Message& request);

    Message refuse(const Error& error);
    [[nodiscard]] std::optional<std::string> value_of(std::string_view key) const;

    static const std::vector<Row>& rows();

    Job& job_;
    Reader reader_;
    Dialect dialect_ = Dialect::pmi1;
    std::optional<JobFacts> facts_;
    KeyValues all_, mine_;
    Allowance puts_{bounds_of_puts}, on_node_{bounds_of_node_attributes};
    std::optional<Error> trouble_;
    bool done_ = false;
};

}  // namespace mpi_podman::pmi
