/// A job of a launcher that speaks PMIx, joined as one of its ranks through libpmix.
#pragma once

#include <pmix.h>

#include <optional>
#include <string>

#include "pmi/job.hpp"

namespace mpi_podman {

/// The launcher, the namespace and the rank come from PMIX_* in the environment, as for any PMIx client.
class PmixJob : public pmi::Job {
public:
    /// `node_directory` is shared by the ranks of the job on this node, and by nobody else.
    explicit PmixJob(std::string node_directory) : node_directory_(std::move(node_directory)) {}

    /// Asked again, it answers the same.
    Result<pmi::JobFacts> join() override;
    Result<pmi::KeyValues> exchange(const pmi::KeyValues& mine) override;
    Result<void> put_on_node(const std::string& key, const std::string& value) override;
    Result<std::optional<std::string>> get_on_node(const std::string& key, bool wait) override;
    Result<void> publish(const std::string& name, const std::string& port) override;
    Result<void> unpublish(const std::string& name) override;
    Result<std::string> look_up(const std::string& name) override;
    void abort(int status, const std::string& why) override;
    void leave() override;

private:
    Result<pmi::JobFacts> join_once();
    [[nodiscard]] Result<std::string> mapping() const;
    [[nodiscard]] std::string node_file(const std::string& key) const;

    std::string node_directory_;
    std::optional<pmi::JobFacts> facts_;
    pmix_proc_t self_{};
    std::uint32_t size_ = 0;
    std::uint32_t exchanges_ = 0;
    bool joined_ = false;
};

}  // namespace mpi_podman
