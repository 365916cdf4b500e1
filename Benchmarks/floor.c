// floor [STEP...] [--filter FILE] [--chdir DIR] -- PROGRAM [ARG...]
//
// Runs PROGRAM in all seven namespaces behind an init that reaps, in a view built of STEPs:
//
//     --ro SOURCE PATH | --rw SOURCE PATH     bind of a host path, with what is mounted below it
//     --self-ro PATH | --self-rw PATH         a bind of PATH onto itself: a protected path, or a pin (see floor-view.c)
//     --tmpfs PATH | --proc PATH | --devpts PATH
//     --file PATH | --directory PATH | --symlink TEXT PATH | --mask PATH
//
// `floor --filter-length` prints how many instructions the built-in seccomp filter has.
#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

void fail(const char *what, const char *subject) {
    fprintf(stderr, "floor: %s %s: %s\n", what, subject, strerror(errno));
    _exit(125);
}

static void write_file(const char *path, const char *text) {
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0 || write(descriptor, text, strlen(text)) < 0) fail("write", path);
    close(descriptor);
}

static void map_identity(unsigned user, unsigned group) {
    char line[64];
    write_file("/proc/self/setgroups", "deny");
    snprintf(line, sizeof line, "%u %u 1", user, user);
    write_file("/proc/self/uid_map", line);
    snprintf(line, sizeof line, "%u %u 1", group, group);
    write_file("/proc/self/gid_map", line);
}

static void raise_loopback(void) {
    struct ifreq request = {.ifr_name = "lo"};
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) fail("socket", "AF_INET");
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    if (ioctl(descriptor, SIOCSIFFLAGS, &request) < 0) fail("raise", "lo");
    close(descriptor);
}

// Reaps whatever is left to it and ends with the command's own status, as PID 1 must.
static _Noreturn void reap_until_end_of(pid_t command) {
    for (;;) {
        int status;
        pid_t ended = wait(&status);
        if (ended == command) _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
        if (ended < 0 && errno != EINTR) fail("wait", "");
    }
}

static _Noreturn void become_init(const struct request *request, unsigned user, unsigned group) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) fail("prctl", "PR_SET_PDEATHSIG");
    map_identity(user, group);
    raise_loopback();
    enter_view(request);
    if (sethostname("floor", 5) < 0) fail("sethostname", "floor");
    if (setsid() < 0) fail("setsid", "");
    if (chdir(request->working_directory) < 0) fail("chdir", request->working_directory);
    raise_walls(request);
    if (syscall(SYS_close_range, 3U, ~0U, 0U) < 0) fail("close_range", "");
    // Init never executes a program, so that what it inherited stays in /proc/1 unless it isn't dumpable.
    if (prctl(PR_SET_DUMPABLE, 0) < 0) fail("prctl", "PR_SET_DUMPABLE");
    pid_t command = fork();
    if (command < 0) fail("fork", "");
    if (command == 0) {
        setpgid(0, 0);
        execv(request->command[0], request->command);
        fail("exec", request->command[0]);
    }
    reap_until_end_of(command);
}

static pid_t clone_into_namespaces(int *process_descriptor) {
    uint64_t flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
                     CLONE_NEWCGROUP | CLONE_PIDFD;
    struct clone_args arguments = {
        .flags = flags, .pidfd = (uint64_t)(uintptr_t)process_descriptor, .exit_signal = SIGCHLD};
    return (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
}

static struct step step_for(enum kind kind, bool writable, const char *source, const char *destination) {
    return (struct step){.kind = kind, .writable = writable, .source = source, .destination = destination};
}

// Reads one step from `argument` on, and returns how many arguments it took: 0 when it is no step.
static int read_step(char **argument, struct step *step) {
    static const struct {
        const char *name;
        enum kind kind;
        bool writable;
        int operands;
    } names[] = {
        {"--ro", bind_mount, false, 2},       {"--rw", bind_mount, true, 2},     {"--self-ro", self_bind, false, 1},
        {"--self-rw", self_bind, true, 1},    {"--tmpfs", private_tmpfs, true, 1}, {"--proc", proc_mount, true, 1},
        {"--devpts", devpts_mount, true, 1},  {"--file", small_file, true, 1},   {"--symlink", symbolic_link, true, 2},
        {"--mask", mask, false, 1},           {"--directory", directory, true, 1},
    };
    for (size_t index = 0; index < sizeof names / sizeof *names; index++) {
        if (strcmp(argument[0], names[index].name) != 0) continue;
        if (!argument[1] || (names[index].operands == 2 && !argument[2])) return 0;
        *step = step_for(names[index].kind, names[index].writable, argument[1], argument[names[index].operands]);
        return 1 + names[index].operands;
    }
    return 0;
}

static struct request read_request(int argc, char **argv) {
    struct request request = {.steps = calloc((size_t)argc, sizeof(struct step)), .working_directory = "/"};
    const char *filter = NULL;
    char **argument = argv + 1;
    while (*argument && strcmp(*argument, "--") != 0) {
        int taken = read_step(argument, &request.steps[request.count]);
        if (taken > 0) request.count++;
        else if (strcmp(*argument, "--filter") == 0 && argument[1]) filter = argument[1], taken = 2;
        else if (strcmp(*argument, "--chdir") == 0 && argument[1]) request.working_directory = argument[1], taken = 2;
        else errno = EINVAL, fail("argument", *argument);
        argument += taken;
    }
    if (!*argument || !argument[1]) errno = EINVAL, fail("argument", "no command");
    request.command = argument + 1;
    request.filter = make_filter(filter);
    return request;
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--filter-length") == 0) {
        printf("%u\n", make_filter(NULL).len);
        return 0;
    }
    struct request request = read_request(argc, argv);
    unsigned user = geteuid(), group = getegid();
    int process_descriptor = -1;
    pid_t init = clone_into_namespaces(&process_descriptor);
    if (init < 0) fail("clone3", "");
    if (init == 0) become_init(&request, user, group);
    struct pollfd end = {.fd = process_descriptor, .events = POLLIN};
    while (poll(&end, 1, -1) < 0)
        if (errno != EINTR) fail("poll", "");
    int status;
    if (waitpid(init, &status, 0) < 0) fail("waitpid", "");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
