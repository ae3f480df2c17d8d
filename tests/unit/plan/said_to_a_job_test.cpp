#include "plan/said_to_a_job.hpp"

#include <gtest/gtest.h>

namespace mpi_podman {
namespace {

TEST(WhatAnImageSays, ToAJobIsLeftOutUnlessThisLauncherOrTheUserSaysIt) {
    RankEnvironment rank;
    rank.inherited = {"PMIX_RANK"};
    rank.set = {{"SLURM_PROCID", "1"}};
    rank.unset = {"PMI_SIZE"};
    leave_out_what_the_image_says({"PATH=/bin", "PMIX_RANK=9", "SLURM_PROCID=9", "PMI_SIZE=9", "PMI_RANK=9",
                                   "PMI_FD=3", "PMIX_SERVER_URI41=there", "OMPI_COMM_WORLD_SIZE=1",
                                   "OMPI_MCA_orte_hnp_uri=there", "HYDI_CONTROL_FD=3", "SLURM_JOB_ID"},
                                  rank);
    EXPECT_EQ(rank.unset, (std::vector<std::string>{"PMI_SIZE", "PMI_RANK", "PMI_FD", "PMIX_SERVER_URI41",
                                                    "OMPI_COMM_WORLD_SIZE", "OMPI_MCA_orte_hnp_uri",
                                                    "HYDI_CONTROL_FD", "SLURM_JOB_ID"}));
    EXPECT_EQ(rank.inherited, (std::vector<std::string>{"PMIX_RANK"}));
}

TEST(WhatAnImageSays, AsASettingIsItsOwn) {
    RankEnvironment rank;
    leave_out_what_the_image_says(
        {"OMPI_MCA_btl=self,vader", "OMPI_ALLOW_RUN_AS_ROOT=1", "PMIX_MCA_gds=hash", "PMIX_PREFIX=/opt",
         "OPAL_PREFIX=/opt", "PMI_NO_FORK=1", "MPICH_MAX_THREAD_SAFETY=multiple", "UCX_TLS=all"},
        rank);
    EXPECT_EQ(rank.unset, (std::vector<std::string>{}));
}

}  // namespace
}  // namespace mpi_podman
