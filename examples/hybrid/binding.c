/*
 * binding: every OpenMP thread of every rank asks the kernel on which cores it may run
 * (sched_getaffinity(2)), and rank 0 prints that in order. So it shows what the launcher and the OpenMP
 * library together have made of the node's cores.
 */
#define _GNU_SOURCE
#include <mpi.h>
#include <omp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

enum { TEXT = 256, LINE = TEXT + 128 };

/* "0", or "0 1": the cores on which the calling thread may run. */
static void name_cores(char* text) {
    cpu_set_t cores;
    size_t used = 0;

    text[0] = '\0';
    if (sched_getaffinity(0, sizeof cores, &cores) != 0) return;
    for (int core = 0; core < CPU_SETSIZE && used + 8 < TEXT; core++)
        if (CPU_ISSET(core, &cores)) used += (size_t)sprintf(text + used, "%s%d", used == 0 ? "" : " ", core);
}

/* Rank 0 prints each line of each rank, in the order of ranks and threads. */
static void print_in_order(char (*lines)[LINE], int count, int rank, int size) {
    for (int from = 0; from < size; from++) {
        if (rank == from && from != 0) MPI_Send(lines, count * LINE, MPI_CHAR, 0, 0, MPI_COMM_WORLD);
        if (rank != 0) continue;
        if (from != 0) MPI_Recv(lines, count * LINE, MPI_CHAR, from, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        for (int thread = 0; thread < count; thread++) puts(lines[thread]);
    }
}

int main(int argc, char** argv) {
    char host[MPI_MAX_PROCESSOR_NAME];
    int rank, size, length, support, count = omp_get_max_threads(), most;

    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &support);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    MPI_Get_processor_name(host, &length);

    MPI_Allreduce(&count, &most, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    if (most != count || support < MPI_THREAD_FUNNELED) {
        fprintf(stderr, "binding: all ranks must have the same number of threads\n");
        MPI_Abort(MPI_COMM_WORLD, 1);
    }

    char lines[count][LINE];
    memset(lines, 0, sizeof lines);
#pragma omp parallel num_threads(count)
    {
        char cores[TEXT];
        int thread = omp_get_thread_num();
        name_cores(cores);
        snprintf(lines[thread], LINE, "rank %d of %d on %.64s, thread %d of %d: cores %s", rank, size, host,
                 thread, count, cores);
    }
    print_in_order(lines, count, rank, size);

    MPI_Finalize();
    return 0;
}
