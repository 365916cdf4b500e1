// Times one call again and again and prints how long each took, in nanoseconds, one a line.
//
//     calls open COUNT DIRECTORY ERRNO     open(2) of DIRECTORY/0, DIRECTORY/1, ... for reading, which fails with ERRNO
//     calls create COUNT DIRECTORY 0       open(2) with O_CREAT of the same names, which makes them
//     calls refused COUNT - ERRNO          swapoff(2) with another argument each time, which fails with ERRNO
//     calls filtered COUNT - ERRNO         the same under a filter of its own that answers EPERM and asks nobody
//
// Each name and argument is another one, so that no record is counted as one more of the same. A call that ends in any
// other way than is said ends the program: what was measured would be something else.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void refuse_by_filter(void) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_swapoff, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
        perror("calls: seccomp");
        exit(125);
    }
}

// Returns how long the call took; what it opened is closed and removed outside the time.
static long long measure(const char *kind, const char *directory, long number, int wanted) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%ld", directory, number);
    long long start = now();
    long result;
    if (strcmp(kind, "open") == 0) result = open(path, O_RDONLY | O_CLOEXEC);
    else if (strcmp(kind, "create") == 0) result = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    else result = syscall(SYS_swapoff, number);
    int answer = result < 0 ? errno : 0;
    long long time = now() - start;
    if (answer != wanted) {
        fprintf(stderr, "calls: %s %s: %s\n", kind, path, strerror(answer));
        exit(125);
    }
    if (result >= 0) {
        close((int)result);
        unlink(path);
    }
    return time;
}

int main(int argc, char **argv) {
    if (argc != 5) return 125;
    long count = atol(argv[2]);
    long long *times = malloc(sizeof *times * (size_t)count);
    if (strcmp(argv[1], "filtered") == 0) refuse_by_filter();
    for (long number = 0; number < count; number++)
        times[number] = measure(argv[1], argv[3], number, atoi(argv[4]));
    for (long number = 0; number < count; number++) printf("%lld\n", times[number]);
    return 0;
}
