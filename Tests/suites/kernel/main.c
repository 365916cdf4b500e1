/* Runs attempts at what Landlock and seccomp have to hold, each in a process of its own, and prints `NAME: ANSWER`:
 * attempts READABLE OUTSIDE PORT ABSTRACT PROCESS. The ideas are those of the kernel's selftests; see cases.yaml. */
#define _GNU_SOURCE
#include "attempts.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

const char *readable, *outside, *abstract_name;
int port, process;

const char *in(const char *directory, const char *name)
{
    static char paths[2][4096];
    static int turn;
    char *path = paths[turn ^= 1];
    snprintf(path, sizeof paths[0], "%s/%s", directory, name);
    return path;
}

static volatile struct { int done; long result; } *answer;

static void run(const struct attempt *attempt)
{
    answer->done = 0;
    pid_t child = fork();
    if (child == 0) {
        /* What waits for ever ends by itself. */
        alarm(60);
        answer->result = attempt->run();
        answer->done = 1;
        _exit(0);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child)
        exit(2);
    printf("%s: ", attempt->name);
    if (answer->done && answer->result > 0)
        printf("%ld\n", answer->result);
    else if (answer->done)
        puts(answer->result ? strerrorname_np(-answer->result) ?: "another error" : "ok");
    else if (WIFSIGNALED(status))
        printf("SIG%s\n", sigabbrev_np(WTERMSIG(status)));
    else
        puts("ends");
    fflush(stdout);
}

int main(int count, char **arguments)
{
    if (count != 6)
        return 2;
    readable = arguments[1], outside = arguments[2], port = atoi(arguments[3]);
    abstract_name = arguments[4], process = atoi(arguments[5]);
    answer = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (answer == MAP_FAILED || prctl(PR_SET_PDEATHSIG, SIGKILL))
        return 2;
    const struct attempt *all[] = {file_attempts, socket_attempts, process_attempts, filter_attempts};
    for (int group = 0; group < 4; group++)
        for (const struct attempt *attempt = all[group]; attempt->name; attempt++)
            run(attempt);
    return 0;
}
