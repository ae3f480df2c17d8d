/*
 * place: says which rank of how many it is, by the launcher's variables alone. It needs no MPI and, linked
 * statically, nothing else either.
 */
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    const char* rank = getenv("OMPI_COMM_WORLD_RANK");
    const char* size = getenv("OMPI_COMM_WORLD_SIZE");

    if (rank == NULL || size == NULL) return 1;
    return printf("rank %s of %s\n", rank, size) < 0;
}
