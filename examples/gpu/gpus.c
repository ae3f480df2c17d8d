/* Says for each rank which GPUs it sees, or that it sees none. The driver's library is loaded when the
 * program runs, so that it builds without CUDA or ROCm, and so that a missing GPU is an answer and no failed
 * start. */
#include <dlfcn.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

enum { TEXT = 1024, NAME = 128 };

struct library {
    const char *file, *initialise, *count, *name;
};

/* Both take the same arguments: (flags), (int *), (char *, int, int device). Success is 0. */
static const struct library libraries[] = {
    {"libcuda.so.1", "cuInit", "cuDeviceGetCount", "cuDeviceGetName"},
    {"libamdhip64.so.6", "hipInit", "hipGetDeviceCount", "hipDeviceGetName"},
    {"libamdhip64.so.5", "hipInit", "hipGetDeviceCount", "hipDeviceGetName"},
};

/* Adds the names of a library's GPUs to `text`; returns how many, or -1 with the reason in `text`. */
static int list(const struct library* library, char* text, size_t room) {
    void* handle = dlopen(library->file, RTLD_NOW);
    int (*initialise)(unsigned), (*get_count)(int*), (*get_name)(char*, int, int);
    int count = 0;
    size_t used = 0;

    if (handle == NULL) {
        snprintf(text, room, "%s", dlerror());
        return -1;
    }
    *(void**)&initialise = dlsym(handle, library->initialise);
    *(void**)&get_count = dlsym(handle, library->count);
    *(void**)&get_name = dlsym(handle, library->name);
    if (!initialise || !get_count || !get_name || initialise(0) != 0 || get_count(&count) != 0) {
        snprintf(text, room, "%s is there, and finds no GPU", library->file);
        return -1;
    }
    for (int i = 0; i < count && used < room; ++i) {
        char name[NAME] = "";
        get_name(name, sizeof name, i);
        used += (size_t)snprintf(text + used, room - used, "%s%s", i ? ", " : "", name);
    }
    return count;
}

int main(int argc, char** argv) {
    char node[MPI_MAX_PROCESSOR_NAME], text[TEXT] = "", why[TEXT] = "";
    int rank, size, length, count = -1;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    MPI_Get_processor_name(node, &length);
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries && count < 0; ++i) {
        count = list(&libraries[i], text, sizeof text);
        if (count < 0 && i == 0) snprintf(why, sizeof why, "%s", text);
    }
    if (count > 0)
        printf("rank %d of %d on %s: %d GPU%s: %s\n", rank, size, node, count, count > 1 ? "s" : "", text);
    else
        printf("rank %d of %d on %s: no GPU (%s)\n", rank, size, node,
               count < 0 ? why : "the driver shows none");
    MPI_Finalize();
    return EXIT_SUCCESS;
}
