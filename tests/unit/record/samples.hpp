/// Records of a job of two ranks on two nodes.
#pragma once

#include "record/rank_record.hpp"

namespace mpi_podman::test {

inline RankRecord sample_record(std::uint32_t rank, const std::string& node) {
    RankRecord record;
    record.node = node;
    record.job = "42";
    record.launcher = "Open MPI 4";
    record.image = "localhost/ring";
    record.command = "ring";
    record.rank = rank;
    record.size = 2;
    record.wrapper = 1000 + rank;
    record.container = "the node's";
    record.pmi = "both speak PMIx";
    record.moments[Moment::started] = 100 + 0.1 * rank;
    record.moments[Moment::inside] = 100.5;
    record.moments[Moment::executed] = 100.6;
    record.moments[Moment::connected] = 100.7;
    record.moments[Moment::ended] = 103;
    record.mounts = {{"/home/mpi", "the current directory"}};
    record.devices = {{"nvidia.com/gpu=all", "the node has it"}};
    record.passed = {{"OMPI_COMM_WORLD_RANK", "Open MPI"}};
    record.set = {{"PWD", "mpi-podman"}};
    record.kept_out = {{"PATH", "the image has its own programs"}};
    record.ending = Ending{0, 0};
    record.usage = Usage{2048, 0.25, 0.5};
    return record;
}

inline std::vector<RankRecord> sample_job() { return {sample_record(0, "node1"), sample_record(1, "node2")}; }

}  // namespace mpi_podman::test
