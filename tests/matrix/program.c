/*
 * matrix DIRECTORY [apart]: does what MPI programs do, and checks each result: a ring, allreduce of little
 * and of 2 MB, the split by shared memory, alltoall, a put into another rank's window, a file written and
 * read by all, below DIRECTORY, which all nodes must share. Rank 0 says at the end, in one line,
 *
 *     matrix: 4 ranks on 2 nodes, ok, latency 0.31 us, Open MPI v4.1.4
 *
 * where the latency is that of 8 bytes between two ranks of its node. `apart` means that the ranks were told
 * to share no memory, for that latency to be compared with: the split is not checked. A job that fell apart
 * shows by the numbers. What is wrong is said on stderr, and ends the job with status 1.
 *
 * It compiles against Open MPI 4 and 5, MPICH 3.4 and 4.
 */
#include <mpi.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TAG = 7, MANY = 262144 /* doubles: 2 MB */, BLOCK = 5000, ROUND_TRIPS = 1000, SECONDS = 1 };

static char host[MPI_MAX_PROCESSOR_NAME];
static int rank, size;

static void fail(const char* format, ...) __attribute__((format(printf, 1, 2), noreturn));

static void fail(const char* format, ...) {
    va_list values;
    char text[500];

    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    fprintf(stderr, "matrix: rank %d of %d on %s: %s\n", rank, size, host, text);
    fflush(stderr);
    MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
    abort();
}

static void* allocated(size_t bytes) {
    void* memory = malloc(bytes);

    if (memory == NULL) fail("no memory");
    return memory;
}

/* As examples/ring. */
static void check_ring(void) {
    int token = 0, from = (rank + size - 1) % size, to = (rank + 1) % size;

    if (size == 1) return;
    if (rank == 0) MPI_Send(&token, 1, MPI_INT, to, TAG, MPI_COMM_WORLD);
    MPI_Recv(&token, 1, MPI_INT, from, TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    if (token != from) fail("ring: the token is %d instead of %d", token, from);
    ++token;
    if (rank != 0) MPI_Send(&token, 1, MPI_INT, to, TAG, MPI_COMM_WORLD);
}

static void check_small_allreduce(void) {
    int sum = -1, mine = rank + 1;

    MPI_Allreduce(&mine, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    if (sum != size * (size + 1) / 2)
        fail("allreduce: the sum is %d instead of %d", sum, size * (size + 1) / 2);
}

/* Whole numbers, so that the sum is exact in whatever order it is made. */
static double large_value(int of, int index) { return (double)(of + 1) * (index % 1009); }

static void check_large_allreduce(void) {
    double* mine = allocated(MANY * sizeof *mine);
    double* sum = allocated(MANY * sizeof *sum);

    for (int i = 0; i < MANY; ++i) {
        mine[i] = large_value(rank, i);
        sum[i] = -1;
    }
    MPI_Allreduce(mine, sum, MANY, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    for (int i = 0; i < MANY; ++i) {
        double expected = size * (size + 1) / 2 * large_value(0, i);
        if (sum[i] != expected)
            fail("allreduce of 2 MB: element %d is %g instead of %g", i, sum[i], expected);
    }
    free(mine);
    free(sum);
}

/* The names of the ranks of a communicator, one after another. */
static char* names_in(MPI_Comm comm, int count) {
    char* names = allocated((size_t)count * sizeof host);

    MPI_Allgather(host, sizeof host, MPI_CHAR, names, sizeof host, MPI_CHAR, comm);
    return names;
}

static int is_mine(const char* names, int index) {
    return strcmp(names + (size_t)index * sizeof host, host) == 0;
}

/* The ranks of this node, by its name. */
static MPI_Comm split_by_name(void) {
    char* names = names_in(MPI_COMM_WORLD, size);
    int first = 0;
    MPI_Comm node;

    while (!is_mine(names, first)) ++first;
    free(names);
    MPI_Comm_split(MPI_COMM_WORLD, first, rank, &node);
    return node;
}

/* The ranks that share memory with this one must be those of its node, all of them and no other. */
static void check_split(MPI_Comm node) {
    MPI_Comm shared;
    int shared_size, node_size, mine = 0;
    char* names;

    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, rank, MPI_INFO_NULL, &shared);
    MPI_Comm_size(shared, &shared_size);
    MPI_Comm_size(node, &node_size);
    names = names_in(shared, shared_size);
    for (int i = 0; i < shared_size; ++i) mine += is_mine(names, i);
    if (shared_size != node_size || mine != node_size)
        fail("split by shared memory: %d ranks, %d of them of this node, instead of its %d", shared_size,
             mine, node_size);
    free(names);
    MPI_Comm_free(&shared);
}

static int count_nodes(MPI_Comm node) {
    int node_rank, is_first, nodes = 0;

    MPI_Comm_rank(node, &node_rank);
    is_first = node_rank == 0;
    MPI_Allreduce(&is_first, &nodes, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    return nodes;
}

static void check_alltoall(void) {
    int* out = allocated((size_t)size * BLOCK * sizeof *out);
    int* in = allocated((size_t)size * BLOCK * sizeof *in);

    for (int i = 0; i < size * BLOCK; ++i) {
        out[i] = rank * 1000000 + i;
        in[i] = -1;
    }
    MPI_Alltoall(out, BLOCK, MPI_INT, in, BLOCK, MPI_INT, MPI_COMM_WORLD);
    for (int i = 0; i < size * BLOCK; ++i) {
        int expected = i / BLOCK * 1000000 + rank * BLOCK + i % BLOCK;
        if (in[i] != expected) fail("alltoall: element %d is %d instead of %d", i, in[i], expected);
    }
    free(out);
    free(in);
}

/* Each puts its block into the windows of the next two ranks: however four ranks are placed on two nodes, one
 * of the two is on the other node. */
static void check_put(void) {
    MPI_Win window;
    int *mine, from;
    int out[BLOCK];

    MPI_Win_allocate(2 * BLOCK * sizeof *mine, sizeof *mine, MPI_INFO_NULL, MPI_COMM_WORLD, &mine, &window);
    for (int i = 0; i < BLOCK; ++i) {
        out[i] = rank * 1000000 + i;
        mine[i] = mine[BLOCK + i] = -1;
    }
    MPI_Win_fence(0, window);
    for (int step = 1; step <= 2; ++step)
        MPI_Put(out, BLOCK, MPI_INT, (rank + step) % size, (step - 1) * BLOCK, BLOCK, MPI_INT, window);
    MPI_Win_fence(0, window);
    for (int i = 0; i < 2 * BLOCK; ++i) {
        from = (rank + 2 * size - 1 - i / BLOCK) % size;
        if (mine[i] != from * 1000000 + i % BLOCK)
            fail("put: element %d is %d instead of %d", i, mine[i], from * 1000000 + i % BLOCK);
    }
    MPI_Win_free(&window);
}

static void check_io(int code, const char* what, const char* path) {
    char text[MPI_MAX_ERROR_STRING];
    int length;

    if (code == MPI_SUCCESS) return;
    MPI_Error_string(code, text, &length);
    fail("file %s: %s: %s", path, what, text);
}

/* Each writes its block and reads that of the next rank. Errors of files do not end a job by themselves. */
static void check_file(const char* directory) {
    char path[4096];
    int next = (rank + 1) % size, out[BLOCK], in[BLOCK];
    MPI_Offset bytes = -1;
    MPI_File file;

    snprintf(path, sizeof path, "%s/matrix.data", directory);
    for (int i = 0; i < BLOCK; ++i) {
        out[i] = rank * 1000000 + i;
        in[i] = -1;
    }
    check_io(MPI_File_open(MPI_COMM_WORLD, path, MPI_MODE_CREATE | MPI_MODE_RDWR, MPI_INFO_NULL, &file),
             "open", path);
    check_io(MPI_File_set_size(file, 0), "truncate", path);
    check_io(
        MPI_File_write_at_all(file, rank * (MPI_Offset)sizeof out, out, BLOCK, MPI_INT, MPI_STATUS_IGNORE),
        "write", path);
    /* What MPI asks for between writing and reading what another rank wrote. */
    MPI_File_sync(file);
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_File_sync(file);
    check_io(MPI_File_get_size(file, &bytes), "size", path);
    if (bytes != size * (MPI_Offset)sizeof out) fail("file %s: %lld bytes", path, (long long)bytes);
    check_io(MPI_File_read_at_all(file, next * (MPI_Offset)sizeof in, in, BLOCK, MPI_INT, MPI_STATUS_IGNORE),
             "read", path);
    for (int i = 0; i < BLOCK; ++i)
        if (in[i] != next * 1000000 + i) fail("file %s: element %d of rank %d is %d", path, i, next, in[i]);
    check_io(MPI_File_close(&file), "close", path);
    if (rank == 0) check_io(MPI_File_delete(path, MPI_INFO_NULL), "delete", path);
}

static void exchange(int node_rank, MPI_Comm node) {
    char message[8] = {0};

    for (int i = 0; i < ROUND_TRIPS; ++i) {
        if (node_rank == 0) MPI_Send(message, sizeof message, MPI_CHAR, 1, TAG, node);
        MPI_Recv(message, sizeof message, MPI_CHAR, 1 - node_rank, TAG, node, MPI_STATUS_IGNORE);
        if (node_rank == 1) MPI_Send(message, sizeof message, MPI_CHAR, 0, TAG, node);
    }
}

/* Microseconds one way, between the first two ranks of a node: the least of what is measured again and again
 * for a while. Whatever else runs on the machine can only add to it, and native runs too have several levels,
 * for a time each, by which cores the two are on. */
static double latency_between(int node_rank, MPI_Comm node) {
    const double until = MPI_Wtime() + SECONDS;
    double least = 1e9;
    int more = 1;

    while (more) {
        double begin = MPI_Wtime(), latency;
        exchange(node_rank, node);
        latency = (MPI_Wtime() - begin) / ROUND_TRIPS / 2 * 1e6;
        if (latency < least) least = latency;
        more = MPI_Wtime() < until;
        if (node_rank == 0) MPI_Send(&more, 1, MPI_INT, 1, TAG, node);
        if (node_rank == 1) MPI_Recv(&more, 1, MPI_INT, 0, TAG, node, MPI_STATUS_IGNORE);
    }
    return least;
}

/* Ranks that wait in a barrier keep a core busy, and there may be more ranks than cores. */
static void wait_asleep(void) {
    const struct timespec pause = {0, 2000000};
    MPI_Request request;
    int done = 0;

    MPI_Ibarrier(MPI_COMM_WORLD, &request);
    while (MPI_Test(&request, &done, MPI_STATUS_IGNORE), !done) nanosleep(&pause, NULL);
}

/* On rank 0's node alone, which may share its cores with the others; 0 where rank 0 is alone there. */
static double measure_latency(MPI_Comm node) {
    double latency = 0;
    int node_rank, node_size, with_first = rank == 0;

    MPI_Comm_rank(node, &node_rank);
    MPI_Comm_size(node, &node_size);
    MPI_Bcast(&with_first, 1, MPI_INT, 0, node);
    wait_asleep();
    if (with_first && node_rank < 2 && node_size > 1) latency = latency_between(node_rank, node);
    wait_asleep();
    return latency;
}

/* The MPI that runs, "Open MPI v4.1.4" or "MPICH Version: 4.0.2": what it says before its first comma or line
 * end. */
static const char* library(void) {
    static char text[MPI_MAX_LIBRARY_VERSION_STRING];
    int length;

    MPI_Get_library_version(text, &length);
    text[strcspn(text, ",\n")] = '\0';
    for (char* at = text; *at != '\0'; ++at)
        if (*at == '\t') *at = ' ';
    return text;
}

int main(int argc, char** argv) {
    int length, nodes;
    double latency;
    MPI_Comm node;

    /* Debian's configuration of Open MPI leaves out the only component of version 4 that puts over TCP. */
    setenv("OMPI_MCA_osc", "^ucx", 0);
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    MPI_Get_processor_name(host, &length);
    if (argc < 2) fail("which directory? One that all nodes share, for a file");

    check_ring();
    check_small_allreduce();
    check_large_allreduce();
    node = split_by_name();
    nodes = count_nodes(node);
    if (argc == 2) check_split(node);
    check_alltoall();
    check_put();
    check_file(argv[1]);
    latency = measure_latency(node);
    MPI_Comm_free(&node);

    if (rank == 0) {
        printf("matrix: %d ranks on %d nodes, ok, latency %.3f us, %s\n", size, nodes, latency, library());
        if (fflush(stdout) != 0) fail("its line could not be written");
    }
    MPI_Finalize();
    return EXIT_SUCCESS;
}
