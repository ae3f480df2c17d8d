/*
 * join COUNT WRAPPER...: a rank, or what mpirun takes for one, that starts WRAPPER COUNT + 1 times, as mpirun
 * would: the first one's rank stays and keeps the node's container open, each other one's is /bin/true, and
 * each time /bin/true alone is started as well. Prints a line for each: its kind, microseconds of CPU time,
 * kilobytes of memory at most.
 *
 * wait4(2) tells of a process and of all that it has waited for: of a wrapper with its rank-keeper and its
 * rank. It is a small C program because a process's highest memory use counts that of its parent, of which it
 * was a copy.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void need(int condition, const char* what) {
    if (!condition) {
        perror(what);
        exit(1);
    }
}

static pid_t start(char** argv, int in, int out) {
    pid_t child = fork();
    need(child >= 0, "fork");
    if (child == 0) {
        if (in >= 0) dup2(in, STDIN_FILENO);
        if (out >= 0) dup2(out, STDOUT_FILENO);
        execvp(argv[0], argv);
        perror(argv[0]);
        _exit(127);
    }
    return child;
}

static void measure(const char* kind, char** argv) {
    struct rusage used;
    int status;
    pid_t child = start(argv, -1, -1);
    need(wait4(child, &status, 0, &used) == child, "wait4");
    if (status != 0) {
        fprintf(stderr, "join: %s ended with wait status %d\n", argv[0], status);
        exit(1);
    }
    printf("%s %lld %ld\n", kind,
           (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000LL + used.ru_utime.tv_usec +
               used.ru_stime.tv_usec,
           used.ru_maxrss);
}

/* The words of `wrapper`, then of `rank`; both end with a null pointer. */
static char** command(char** wrapper, char** rank) {
    size_t first = 0, more = 0;
    while (wrapper[first]) ++first;
    while (rank[more]) ++more;
    char** all = calloc(first + more + 1, sizeof *all);
    need(all != NULL, "calloc");
    memcpy(all, wrapper, first * sizeof *all);
    memcpy(all + first, rank, more * sizeof *all);
    return all;
}

/* The container's pid 1, the agent, takes part in every join: the rank that stays tells its time in
 * nanoseconds. */
static long long agent_time(FILE* asks, FILE* tells) {
    long long nanoseconds = 0;
    fputs("\n", asks);
    fflush(asks);
    need(fscanf(tells, "%lld %*[^\n]", &nanoseconds) == 1, "the rank that stays");
    return nanoseconds;
}

int main(int argc, char** argv) {
    char* stays[] = {"sh", "-c", "while read -r line; do cat /proc/1/schedstat; done", NULL};
    char* nothing[] = {"/bin/true", NULL};
    int asks[2], tells[2];
    need(argc > 2, "arguments");
    need(pipe2(asks, O_CLOEXEC) == 0 && pipe2(tells, O_CLOEXEC) == 0, "pipe2");

    int count = atoi(argv[1]);
    char** joins = command(argv + 2, nothing);
    pid_t first = start(command(argv + 2, stays), asks[0], tells[1]);
    close(asks[0]);
    close(tells[1]);
    FILE* in = fdopen(asks[1], "w");
    FILE* out = fdopen(tells[0], "r");
    need(in && out, "fdopen");

    long long before = agent_time(in, out);
    for (int i = 0; i < count; ++i) {
        measure("native", nothing);
        measure("join", joins);
    }
    printf("agent %lld 0\n", (agent_time(in, out) - before) / 1000 / count);
    fclose(in);
    need(waitpid(first, NULL, 0) == first, "waitpid");
    return 0;
}
