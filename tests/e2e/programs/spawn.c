/*
 * spawn: one rank starts two more of itself (MPI_Comm_spawn), and each of the three says where it is: whether
 * that is a container, /run/.containerenv tells.
 */
#include <mpi.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char** argv) {
    MPI_Comm parent, children, all;
    int rank, size;

    MPI_Init(&argc, &argv);
    MPI_Comm_get_parent(&parent);
    if (parent == MPI_COMM_NULL) {
        MPI_Comm_spawn(argv[0], MPI_ARGV_NULL, 2, MPI_INFO_NULL, 0, MPI_COMM_SELF, &children,
                       MPI_ERRCODES_IGNORE);
        MPI_Intercomm_merge(children, 0, &all);
    } else {
        MPI_Intercomm_merge(parent, 1, &all);
    }
    MPI_Comm_rank(all, &rank);
    MPI_Comm_size(all, &size);
    printf("%s %d of %d %s a container\n", parent == MPI_COMM_NULL ? "parent" : "child", rank, size,
           access("/run/.containerenv", F_OK) == 0 ? "in" : "outside");
    fflush(stdout);
    MPI_Barrier(all);
    MPI_Finalize();
    return 0;
}
