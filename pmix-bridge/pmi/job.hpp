/// A job as its launcher knows it: what a PMI server must ask of one, whatever the launcher speaks.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "sys/result.hpp"

namespace mpi_podman::pmi {

using KeyValues = std::map<std::string, std::string, std::less<>>;

/// What a rank asks about its job.
struct JobFacts {
    std::string id;  ///< names its key-value space
    std::uint32_t rank = 0, size = 1, appnum = 0, universe = 1;
    std::string mapping;  ///< pmi/mapping.hpp
    bool operator==(const JobFacts&) const = default;
};

/// One rank's part in its job.
class Job {
public:
    Job() = default;
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;
    Job(Job&&) = delete;
    Job& operator=(Job&&) = delete;
    virtual ~Job() = default;

    /// Tells the launcher that the rank has come. Asked once, before everything else.
    virtual Result<JobFacts> join() = 0;
    /// Waits for all ranks. Returns what every rank has put since the last time; `mine` is this rank's.
    virtual Result<KeyValues> exchange(const KeyValues& mine) = 0;
    /// What the ranks of one node tell each other without waiting for the others. A get that waits does so
    /// until there is one.
    virtual Result<void> put_on_node(const std::string& key, const std::string& value) = 0;
    virtual Result<std::optional<std::string>> get_on_node(const std::string& key, bool wait) = 0;
    /// Names that other jobs can look up (MPI_Publish_name).
    virtual Result<void> publish(const std::string& name, const std::string& port) = 0;
    virtual Result<void> unpublish(const std::string& name) = 0;
    virtual Result<std::string> look_up(const std::string& name) = 0;
    /// Asks the launcher to end the job with this status.
    virtual void abort(int status, const std::string& why) = 0;
    /// Tells the launcher that the rank is done with it.
    virtual void leave() = 0;
};

}  // namespace mpi_podman::pmi
