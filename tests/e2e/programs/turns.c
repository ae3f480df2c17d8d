/*
 * turns FILE: all ranks exchange messages, again and again, until rank 0 sees FILE; then it says how many
 * ranks took part to the end. It creates FILE.begun after the first exchange.
 */
#include <mpi.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char** argv) {
    char begun[4096];
    int rank, ranks = 0, over = 0, one = 1;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (argc != 2) MPI_Abort(MPI_COMM_WORLD, 2);
    snprintf(begun, sizeof begun, "%s.begun", argv[1]);
    while (!over) {
        MPI_Allreduce(&one, &ranks, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
        if (rank == 0 && access(begun, F_OK) != 0) fclose(fopen(begun, "w"));
        over = rank == 0 && access(argv[1], F_OK) == 0;
        MPI_Bcast(&over, 1, MPI_INT, 0, MPI_COMM_WORLD);
    }
    if (rank == 0) printf("%d ranks to the end\n", ranks);
    MPI_Finalize();
    return 0;
}
