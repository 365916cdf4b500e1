// Starts several commands in turn and prints how long each took, from before vfork to after wait4.
//
//     spawn [-n ROUNDS] [-w WARM_UP_ROUNDS] [-p PAUSE_MICROSECONDS] [-j AT_ONCE]
//           -- NAME PROGRAM [ARG...] [--- NAME PROGRAM ...]
//
// One line a run on stdout: `ROUND NAME NANOSECONDS STATUS MAXIMUM_RSS_KIB`, STATUS as wait(2) gives it. Statistics are
// somebody else's work; this program only measures, because an interpreter's own start would be most of the result.
// With AT_ONCE a run is so many processes of one command together: the time is until the last has ended, the status
// that of one which failed, if any did.
//
// Commands alternate inside one round, so that a change of the machine's load or clock meets all of them alike, and
// each round begins with the next command, so that none always pays for what its neighbour leaves behind (a namespace's
// teardown goes on in a kernel thread after wait4 has returned). vfork, because a copy of this process's page tables is
// not part of what is measured.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { maximum_commands = 32 };

struct command {
    const char *name;
    char **arguments;
};

struct measurement {
    long long nanoseconds;
    long maximum_rss;
    int status;
};

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void die(const char *what) {
    fprintf(stderr, "spawn: %s: %s\n", what, strerror(errno));
    exit(125);
}

static void start(const struct command *command) {
    pid_t child = vfork();
    if (child == 0) {
        execv(command->arguments[0], command->arguments);
        _exit(127);
    }
    if (child < 0) die("vfork");
}

static struct measurement run(const struct command *command, long at_once) {
    struct measurement result = {0};
    long long begin = now();
    for (long number = 0; number < at_once; number++) start(command);
    for (long ended = 0; ended < at_once; ended++) {
        struct rusage usage;
        int status;
        while (wait4(-1, &status, 0, &usage) < 0)
            if (errno != EINTR) die("wait4");
        if (status) result.status = status;
        if (usage.ru_maxrss > result.maximum_rss) result.maximum_rss = usage.ru_maxrss;
    }
    result.nanoseconds = now() - begin;
    return result;
}

static long number(const char *text) {
    char *end;
    long value = strtol(text, &end, 10);
    if (*text == 0 || *end != 0 || value < 0) {
        fprintf(stderr, "spawn: not a number: %s\n", text);
        exit(125);
    }
    return value;
}

static int read_commands(char **argument, struct command *commands) {
    int count = 0;
    while (*argument) {
        if (count == maximum_commands || !argument[1]) {
            fprintf(stderr, "spawn: too many commands, or a name without a program\n");
            exit(125);
        }
        commands[count++] = (struct command){.name = argument[0], .arguments = argument + 1};
        while (*argument && strcmp(*argument, "---") != 0) argument++;
        if (*argument) *argument++ = NULL;
    }
    return count;
}

// The measured programs get /dev/null as descriptors 0 and 2, and 1 as well: ours goes to a descriptor that they don't
// inherit.
static FILE *take_standard_descriptors(void) {
    int output = fcntl(1, F_DUPFD_CLOEXEC, 10);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (output < 0 || null < 0) die("/dev/null");
    for (int descriptor = 0; descriptor < 3; descriptor++)
        if (dup2(null, descriptor) < 0) die("dup2");
    return fdopen(output, "w");
}

int main(int argc, char **argv) {
    long rounds = 50, warm_up = 5, pause = 0, at_once = 1;
    int option;
    while ((option = getopt(argc, argv, "+n:w:p:j:")) != -1) {
        if (option == 'n') rounds = number(optarg);
        else if (option == 'w') warm_up = number(optarg);
        else if (option == 'p') pause = number(optarg);
        else if (option == 'j') at_once = number(optarg);
        else return 125;
    }
    struct command commands[maximum_commands];
    int count = read_commands(argv + optind, commands);
    if (count == 0 || at_once == 0) {
        fprintf(stderr, "spawn: no command\n");
        return 125;
    }
    FILE *output = take_standard_descriptors();
    for (long round = -warm_up; round < rounds; round++)
        for (int turn = 0; turn < count; turn++) {
            const struct command *command = &commands[(round + warm_up + turn) % count];
            struct measurement result = run(command, at_once);
            if (round >= 0)
                fprintf(output, "%ld %s %lld %d %ld\n", round, command->name, result.nanoseconds, result.status,
                        result.maximum_rss);
            if (pause) usleep((useconds_t)pause);
        }
    return fclose(output) == 0 ? 0 : 125;
}
