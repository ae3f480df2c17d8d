/*
 * ring: rank 0 sends a token to rank 1, which adds 1 and sends it to rank 2, and so on until it is
 * back at rank 0. Every rank says where it runs; rank 0 checks the sum and says that the ring is
 * complete. A job that fell apart into several jobs of one rank shows: it prints several rings of 1.
 */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

enum { TAG = 7 };

/* MPI's default handler already aborts the job; what is left to check is our own result. */
static void pass_token(int rank, int size, int* token) {
    int from = (rank + size - 1) % size;
    int to = (rank + 1) % size;

    if (rank != 0) {
        MPI_Recv(token, 1, MPI_INT, from, TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        ++*token;
    }
    if (size > 1) MPI_Send(token, 1, MPI_INT, to, TAG, MPI_COMM_WORLD);
    if (rank == 0 && size > 1) MPI_Recv(token, 1, MPI_INT, from, TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

int main(int argc, char** argv) {
    char host[MPI_MAX_PROCESSOR_NAME];
    int rank, size, length, token = 0, failed = 0;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    MPI_Get_processor_name(host, &length);

    printf("rank %d of %d on %s\n", rank, size, host);
    failed |= fflush(stdout) != 0;
    pass_token(rank, size, &token);

    /* The last line is rank 0's: the others have written theirs before they enter the barrier. */
    MPI_Barrier(MPI_COMM_WORLD);
    if (rank == 0 && token == size - 1) {
        printf("ring complete: %d ranks\n", size);
        failed |= fflush(stdout) != 0;
    } else if (rank == 0) {
        fprintf(stderr, "ring broken: the token came back as %d instead of %d\n", token, size - 1);
        failed = 1;
    }

    if (failed) MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
    MPI_Finalize();
    return EXIT_SUCCESS;
}
