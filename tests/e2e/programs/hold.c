/*
 * hold FILE: a job that has come up and then does nothing until it is ended. Once all ranks are there and
 * have exchanged a message, rank 0 creates FILE.
 */
#include <mpi.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char** argv) {
    int rank, sum;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Allreduce(&rank, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    if (rank == 0 && argc > 1) fclose(fopen(argv[1], "w"));
    for (;;) pause();
}
