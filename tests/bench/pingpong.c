/*
 * pingpong: two ranks send a message to and fro. Rank 0 prints a line for each size: bytes, microseconds one
 * way. Then how Open MPI 4's shared memory copies large messages from rank to rank ("copy cma"), if it is in
 * use.
 */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TAG = 7, SMALLEST = 8, LARGEST = 8 << 20, VOLUME = 8 << 20, MOST = 1000, FEWEST = 4, TIMES = 9 };

/* At a time: about as long for each size. */
static int round_trips(int size) {
    int count = VOLUME / size;
    return count > MOST ? MOST : count < FEWEST ? FEWEST : count;
}

static void exchange(char* message, int size, int rank, int count) {
    MPI_Status* none = MPI_STATUS_IGNORE;

    for (int i = 0; i < count; ++i) {
        if (rank == 0) {
            MPI_Send(message, size, MPI_CHAR, 1, TAG, MPI_COMM_WORLD);
            MPI_Recv(message, size, MPI_CHAR, 1, TAG, MPI_COMM_WORLD, none);
        } else {
            MPI_Recv(message, size, MPI_CHAR, 0, TAG, MPI_COMM_WORLD, none);
            MPI_Send(message, size, MPI_CHAR, 0, TAG, MPI_COMM_WORLD);
        }
    }
}

static int by_value(const void* one, const void* other) {
    double a = *(const double*)one, b = *(const double*)other;
    return (a > b) - (a < b);
}

/* The median of several times: whatever else gets a core for a moment spoils only one of them. */
static void measure(char* message, int size, int rank) {
    int count = round_trips(size);
    double times[TIMES];

    exchange(message, size, rank, count);
    for (int i = 0; i < TIMES; ++i) {
        double begin = MPI_Wtime();
        exchange(message, size, rank, count);
        times[i] = (MPI_Wtime() - begin) / count / 2 * 1e6;
    }
    qsort(times, TIMES, sizeof *times, by_value);
    if (rank == 0) printf("%d %.4f\n", size, times[TIMES / 2]);
}

static void print_name(MPI_T_enum values, int value) {
    int count, length, number;
    char name[64];

    length = sizeof name;
    MPI_T_enum_get_info(values, &count, name, &length);
    for (int i = 0; i < count; ++i) {
        length = sizeof name;
        MPI_T_enum_get_item(values, i, &number, name, &length);
        if (number == value) printf("copy %s\n", name);
    }
}

/* A control variable that is an enumeration. Its component writes there what it chose in place of what was
 * asked for. */
static void print_variable(const char* variable) {
    int index, verbosity, binding, scope, count, value;
    MPI_Datatype type;
    MPI_T_enum values;
    MPI_T_cvar_handle handle;

    if (MPI_T_cvar_get_index(variable, &index) != MPI_SUCCESS) return;
    MPI_T_cvar_get_info(index, NULL, NULL, &verbosity, &type, &values, NULL, NULL, &binding, &scope);
    MPI_T_cvar_handle_alloc(index, NULL, &handle, &count);
    MPI_T_cvar_read(handle, &value);
    MPI_T_cvar_handle_free(&handle);
    if (values != MPI_T_ENUM_NULL) print_name(values, value);
}

static void print_copy_mechanism(void) {
    int provided;

    if (MPI_T_init_thread(MPI_THREAD_SINGLE, &provided) != MPI_SUCCESS) return;
    print_variable("btl_vader_single_copy_mechanism");
    MPI_T_finalize();
}

int main(int argc, char** argv) {
    int rank, size;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    char* message = malloc(LARGEST);
    if (size != 2 || !message) MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
    memset(message, rank, LARGEST);
    for (int bytes = SMALLEST; bytes <= LARGEST; bytes *= 4) measure(message, bytes, rank);
    if (rank == 0) print_copy_mechanism();
    free(message);
    MPI_Finalize();
    return EXIT_SUCCESS;
}
