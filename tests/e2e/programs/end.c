/*
 * end HOW [NUMBER]: a job of any size in which one rank, the last, ends in a given way and the others as
 * they should. What mpirun makes of it must be the same with and without a container.
 *
 *   exit N        after MPI_Finalize, in every rank but with N in the last only
 *   early N       without MPI_Finalize
 *   abort N       MPI_Abort
 *   kill N        raises signal N
 *   segv          writes through a null pointer
 *   wait          says "waiting", when all are in MPI, and does not end
 */
#include <mpi.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void end(const char* how, int number) {
    if (strcmp(how, "abort") == 0) MPI_Abort(MPI_COMM_WORLD, number);
    if (strcmp(how, "early") == 0) _Exit(number);
    if (strcmp(how, "kill") == 0) raise(number);
    if (strcmp(how, "segv") == 0) *(volatile int*)NULL = number;
    if (strcmp(how, "wait") == 0) {
        puts("waiting");
        fflush(stdout);
        pause();
    }
}

int main(int argc, char** argv) {
    const char* how = argc > 1 ? argv[1] : "exit";
    int number = argc > 2 ? atoi(argv[2]) : 0;
    int rank, size;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    MPI_Barrier(MPI_COMM_WORLD);
    if (rank == size - 1) end(how, number);
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Finalize();
    return rank == size - 1 ? number : 0;
}
