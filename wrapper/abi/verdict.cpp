#include "abi/verdict.hpp"

#include <algorithm>

#include "abi/reasons.hpp"

namespace mpi_podman {

std::string_view name_of(Strategy strategy) {
    switch (strategy) {
        case Strategy::image: return "the image's MPI";
        case Strategy::bridge: return "the image's MPI over a bridge";
        case Strategy::host: return "the host's MPI";
    }
    return "";
}

std::string_view name_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::works: return "works";
        case Outcome::caveat: return "works with a caveat";
        case Outcome::cannot: return "cannot";
    }
    return "";
}

std::string describe(const MpiInstallation& mpi) {
    const auto name = mpi.vendor.empty() ? std::string(name_of(mpi.family)) : mpi.vendor;
    return mpi.release.empty() ? name : name + " " + mpi.release;
}

std::string describe_libc(LibcFamily libc, const std::string& release) {
    switch (libc) {
        case LibcFamily::glibc: return release.empty() ? "glibc" : "glibc " + release;
        case LibcFamily::musl: return release.empty() ? "musl" : "musl " + release;
        case LibcFamily::none: break;
    }
    return "no C library";
}

namespace {

void settle(Verdict& verdict) {
    std::ranges::stable_sort(verdict.reasons,
                             [](const Reason& a, const Reason& b) { return a.outcome > b.outcome; });
    verdict.outcome = verdict.reasons.empty() ? Outcome::works : verdict.reasons.front().outcome;
}

}  // namespace

void add_reason(Verdict& verdict, Reason reason) {
    verdict.reasons.push_back(std::move(reason));
    settle(verdict);
}

Verdict judge(Strategy strategy, const Situation& situation) {
    Verdict verdict;
    verdict.strategy = strategy;
    judge_start(situation, verdict.reasons);
    strategy == Strategy::host ? judge_host(situation, verdict.reasons)
                               : judge_image(situation, verdict.reasons);
    settle(verdict);
    return verdict;
}

}  // namespace mpi_podman
