#include "pmi-server/pmix_job.hpp"

#include <unistd.h>

#include <chrono>
#include <thread>
#include <vector>

#include "pmi/mapping.hpp"
#include "pmi/values.hpp"
#include "pmix/value.hpp"
#include "sys/fd.hpp"

namespace mpi_podman {
namespace {

/// A launcher that does not answer is dead or stopped: SIGALRM, at its default, then ends this process, and
/// the wrapper says so. Waiting for other ranks has no bound, here as anywhere.
class Bounded {
public:
    Bounded() { ::alarm(seconds); }
    Bounded(const Bounded&) = delete;
    Bounded& operator=(const Bounded&) = delete;
    Bounded(Bounded&&) = delete;
    Bounded& operator=(Bounded&&) = delete;
    ~Bounded() { ::alarm(0); }

private:
    static constexpr unsigned seconds = 60;
};

std::optional<pmix_value_t*> get(const pmix_proc_t& of, const char* key, Attributes how) {
    pmix_value_t* value = nullptr;
    const auto status = PMIx_Get(&of, key, how.get(), how.size(), &value);
    return status == PMIX_SUCCESS && value != nullptr ? std::optional<pmix_value_t*>(value) : std::nullopt;
}

/// What the launcher told at the start of the job: looked up here, never asked for. (A get that may ask can
/// wait for what never comes.)
std::optional<pmix_value_t*> get_known(const pmix_proc_t& of, const char* key) {
    Attributes here;
    here.flag(PMIX_OPTIONAL);
    return get(of, key, std::move(here));
}

/// What a fence has collected: PMIx 4 has all of it in this process then, PMIx 5 in the node's server.
std::optional<pmix_value_t*> get_collected(const pmix_proc_t& of, const char* key) {
    constexpr int patience = 10;  // seconds; who gave nothing to the fence never will
    Attributes bounded;
    bounded.seconds(PMIX_TIMEOUT, patience);
    const auto here = get_known(of, key);
    return here ? here : get(of, key, std::move(bounded));
}

std::optional<std::uint32_t> known_number(const pmix_proc_t& of, const char* key) {
    const auto value = get_known(of, key);
    return value ? take_number(*value) : std::nullopt;
}

std::string key_of_exchange(std::uint32_t number) { return "mpi-podman." + std::to_string(number); }

}  // namespace

Result<pmi::JobFacts> PmixJob::join() {
    if (facts_) {
        return *facts_;
    }
    auto joined = join_once();
    if (joined) {
        facts_ = *joined;
    }
    return joined;
}

Result<pmi::JobFacts> PmixJob::join_once() {
    const Bounded bounded;
    if (const auto status = PMIx_Init(&self_, nullptr, 0); status != PMIX_SUCCESS) {
        return pmix_failure("the launcher's PMIx server does not take this rank in", status);
    }
    joined_ = true;
    const auto job = process_of(self_.nspace, PMIX_RANK_WILDCARD);
    size_ = known_number(job, PMIX_JOB_SIZE).value_or(0);
    if (self_.rank >= size_) {
        return failure(Status::ours, "the launcher's PMIx server does not tell how many ranks there are",
                       "report it, with the launcher's version");
    }
    auto placed = mapping();
    if (!placed) {
        return failure(placed.error());
    }
    return pmi::JobFacts{self_.nspace,
                         self_.rank,
                         size_,
                         known_number(self_, PMIX_APPNUM).value_or(0),
                         known_number(job, PMIX_UNIV_SIZE).value_or(size_),
                         std::move(*placed)};
}

/// By the host's name of each rank: the one thing that every launcher tells of all of them (ORTE gives node
/// numbers to local ranks only, and no map).
Result<std::string> PmixJob::mapping() const {
    std::vector<std::string> hosts;
    for (std::uint32_t rank = 0; rank < size_; ++rank) {
        const auto value = get_known(process_of(self_.nspace, rank), PMIX_HOSTNAME);
        auto host = value ? take_text(*value) : std::nullopt;
        if (!host) {
            return failure(
                Status::ours,
                "the launcher's PMIx server does not tell the node of rank " + std::to_string(rank),
                "report it, with the launcher's version");
        }
        hosts.push_back(std::move(*host));
    }
    return pmi::encode_mapping(pmi::mapping_of(hosts));
}

Result<pmi::KeyValues> PmixJob::exchange(const pmi::KeyValues& mine) {
    const auto key = key_of_exchange(exchanges_++);
    auto bytes = pmi::encode_values(mine);
    pmix_value_t value = value_of(bytes);
    auto status = PMIx_Put(PMIX_GLOBAL, key.c_str(), &value);
    status = status == PMIX_SUCCESS ? PMIx_Commit() : status;
    if (status == PMIX_SUCCESS) {
        Attributes all;
        all.flag(PMIX_COLLECT_DATA);
        const auto job = process_of(self_.nspace, PMIX_RANK_WILDCARD);
        status = PMIx_Fence(&job, 1, all.get(), all.size());
    }
    if (status != PMIX_SUCCESS) {
        return pmix_failure("the launcher's PMIx server broke a fence off", status);
    }
    pmi::KeyValues theirs;
    for (std::uint32_t rank = 0; rank < size_; ++rank) {
        const auto got = get_collected(process_of(self_.nspace, rank), key.c_str());
        const auto piece = got ? take_bytes(*got) : std::nullopt;
        auto values =
            piece ? pmi::decode_values(*piece)
                  : failure(Status::ours, "rank " + std::to_string(rank) + " gave nothing to a fence of PMI",
                            "do all ranks of the job use images with MPICH, on every node?");
        if (!values) {
            return failure(values.error());
        }
        theirs.merge(*values);
    }
    return theirs;
}

/// Keys are the rank's words: as digits they are a file's name, whatever they hold.
std::string PmixJob::node_file(const std::string& key) const {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string name;
    for (const char c : key) {
        const auto byte = static_cast<unsigned char>(c);
        name += {digits[byte >> 4U], digits[byte & 15U]};
    }
    return node_directory_ + "/pmi-" + name;
}

Result<void> PmixJob::put_on_node(const std::string& key, const std::string& value) {
    return write_file(node_file(key), value);
}

Result<std::optional<std::string>> PmixJob::get_on_node(const std::string& key, bool wait) {
    using namespace std::chrono_literals;
    const auto path = node_file(key);
    while (true) {
        if (auto text = read_file(path)) {
            return std::optional<std::string>(std::move(*text));
        }
        if (!wait) {
            return std::nullopt;
        }
        std::this_thread::sleep_for(2ms);  // a rank of this node is about to put it
    }
}

Result<void> PmixJob::publish(const std::string& name, const std::string& port) {
    const Bounded bounded;
    Attributes entry;
    entry.text(name.c_str(), port).range(PMIX_RANGE_SESSION);
    const auto status = PMIx_Publish(entry.get(), entry.size());
    return status == PMIX_SUCCESS ? Result<void>()
                                  : pmix_failure("the launcher did not publish a name", status);
}

Result<void> PmixJob::unpublish(const std::string& name) {
    const Bounded bounded;
    std::string key = name;
    std::vector<char*> keys{key.data(), nullptr};
    const auto status = PMIx_Unpublish(keys.data(), nullptr, 0);
    return status == PMIX_SUCCESS ? Result<void>() : pmix_failure("the launcher kept a name", status);
}

Result<std::string> PmixJob::look_up(const std::string& name) {
    const Bounded bounded;
    pmix_pdata_t found{};
    name.copy(found.key, PMIX_MAX_KEYLEN);
    const auto status = PMIx_Lookup(&found, 1, nullptr, 0);
    const auto port = status == PMIX_SUCCESS ? text_of(found.value) : std::nullopt;
    PMIX_PDATA_DESTRUCT(&found);
    return port ? Result<std::string>(*port) : pmix_failure("the launcher does not know the name", status);
}

void PmixJob::abort(int status, const std::string& why) {
    const Bounded bounded;
    if (joined_ || PMIx_Init(&self_, nullptr, 0) == PMIX_SUCCESS) {
        PMIx_Abort(status, why.c_str(), nullptr, 0);
    }
}

void PmixJob::leave() {
    const Bounded bounded;
    PMIx_Finalize(nullptr, 0);
}

}  // namespace mpi_podman
