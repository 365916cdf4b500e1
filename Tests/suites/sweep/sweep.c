/* Every system call of the x86-64 table, and every number up to LAST, with arguments that do no harm: each in a
 * process of its own, whose answer is printed as a line `CASE: ANSWER`. The answer is `ok`, the name of an error,
 * the signal that ended the process, `ends` or `waits`. The same program runs outside and inside; see test_sweep.py. */
#define _GNU_SOURCE
#include "sweep.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <seccomp.h>

/* Up to NAMED every libseccomp knows the calls; later ones are named by their numbers. */
enum { NAMED = 450, LAST = 480, PATIENCE = 60 };

/* Where a process leaves its answer, since it may end in any way. */
static volatile struct { int state; long result; } *answer;

/* Never through a function of the C library: it would change what the kernel is asked, and a process that shares its
 * parent's stack must not return. The call's own children end here. */
static inline __attribute__((always_inline)) long call(long number, const long *arguments)
{
    long result, self, now;
    register long d __asm__("r10") = arguments[3];
    register long e __asm__("r8") = arguments[4];
    register long f __asm__("r9") = arguments[5];
    __asm__ volatile("syscall" : "=a"(self) : "a"(SYS_getpid) : "rcx", "r11", "memory");
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(arguments[0]), "S"(arguments[1]), "d"(arguments[2]), "r"(d), "r"(e), "r"(f)
                     : "rcx", "r11", "memory");
    __asm__ volatile("syscall" : "=a"(now) : "a"(SYS_getpid) : "rcx", "r11", "memory");
    /* Where even getpid is refused, as after SECCOMP_SET_MODE_STRICT, nobody comes this far. */
    if (now != self)
        __asm__ volatile("syscall" : : "a"(SYS_exit), "D"(0) : "rcx", "r11", "memory");
    return result;
}

/* What has to succeed before anything can be tried. */
#define require(condition) \
    do \
        if (!(condition)) { \
            fprintf(stderr, "line %d: %m\n", __LINE__); \
            _exit(2); \
        } \
    while (0)

static void ignore(int signal) { (void)signal; }

/* What waits for ever is woken up again and again, since a single signal might come before the wait. */
static void wake(void)
{
    struct sigaction action = {.sa_handler = ignore, .sa_flags = SA_RESTART};
    struct itimerval often = {{0, 20000}, {0, 20000}};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
}

static void move_from(int line, int from, int to)
{
    if (from < 0 || dup2(from, to) != to) {
        fprintf(stderr, "line %d: %m\n", line);
        _exit(2);
    }
    if (from != to)
        close(from);
}

#define move(from, to) move_from(__LINE__, from, to)

static void pair(int type, int one, int other)
{
    int ends[2];
    require(!(type ? socketpair(AF_UNIX, type, 0, ends) : pipe(ends)));
    /* Above all numbers that have a meaning. */
    int high = fcntl(ends[1], F_DUPFD, 100);
    close(ends[1]);
    move(ends[0], one);
    move(high, other);
}

/* The files and descriptors that every case finds, in a directory of its own and by fixed numbers. */
static void prepare(void)
{
    char place[] = "case.XXXXXX";
    require(mkdtemp(place) && !chdir(place));
    require(!mkdir("dir", 0755) && !mkdir("empty", 0755) && !symlink("file", "link"));
    int file = open("file", O_RDWR | O_CREAT | O_TRUNC, 0644);
    require(write(file, "content\n", 8) == 8 && lseek(file, 0, SEEK_SET) == 0);
    move(file, FILE_FD);
    move(open("dir", O_RDONLY | O_DIRECTORY), DIR_FD);
    move(open("/dev/null", O_RDWR), NULL_FD);
    pair(0, PIPE_READ, PIPE_WRITE);
    pair(SOCK_STREAM, STREAM, STREAM_PEER);
    move(epoll_create1(0), EPOLL);
    move(eventfd(1, EFD_NONBLOCK), EVENT);
    move(timerfd_create(CLOCK_MONOTONIC, 0), TIMER);
    move(memfd_create("sweep", 0), MEMORY);
    move(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), TCP);
    require(write(PIPE_WRITE, "pipe", 4) == 4 && write(STREAM_PEER, "sock", 4) == 4);
    /* With zeros descriptor 0 is meant: as root fchmod(0, 0) took /dev/null away from the whole host. */
    for (int number = 0; number < 3; number++)
        move(memfd_create("standard", 0), number);
}

/* What would outlive the process, and change what the next run finds. */
static void clean(long number, long result)
{
    syscall(SYS_mq_unlink, "sweep");
    if (result < 0)
        return;
    if (number == SYS_msgget)
        syscall(SYS_msgctl, result, IPC_RMID, NULL);
    if (number == SYS_shmget)
        syscall(SYS_shmctl, result, IPC_RMID, NULL);
    if (number == SYS_semget)
        syscall(SYS_semctl, result, 0, IPC_RMID);
}

static void attempt(const struct attempt *attempt)
{
    /* A session without a terminal, for what would act on one. */
    setsid();
    prepare();
    if (attempt->waits)
        wake();
    answer->state = 1;
    long result = call(attempt->number, attempt->arguments);
    clean(attempt->number, result);
    answer->result = result;
    answer->state = 2;
    syscall(SYS_exit, 0);
}

static void print(const struct attempt *attempt, int status, int waited)
{
    printf("%s: ", attempt->name);
    if (waited)
        puts("waits");
    else if (answer->state == 2 && answer->result < 0 && answer->result > -4096)
        puts(strerrorname_np(-answer->result) ?: "unknown error");
    else if (answer->state == 2 && attempt->shows)
        printf("%ld\n", answer->result);
    else if (answer->state == 2)
        puts("ok");
    else if (answer->state == 0)
        exit(2);
    else if (WIFSIGNALED(status))
        printf("SIG%s\n", sigabbrev_np(WTERMSIG(status)));
    else
        puts("ends");
    fflush(stdout);
}

static void run(const struct attempt *this)
{
    answer->state = 0;
    pid_t child = fork();
    require(child >= 0);
    if (child == 0)
        attempt(this);
    int status = 0, waited = 0;
    time_t end = time(NULL) + PATIENCE;
    while (waitpid(child, &status, WNOHANG) == 0) {
        struct timespec moment = {0, 200000};
        nanosleep(&moment, NULL);
        if (time(NULL) >= end && !waited) {
            waited = 1;
            kill(child, SIGKILL);
        }
    }
    print(this, status, waited);
}

/* Every number with the same argument six times. */
static void run_table(const char *kind, long value)
{
    for (long number = 0; number <= LAST; number++) {
        char name[80];
        char *known = number > NAMED ? NULL : seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, number);
        if (known)
            snprintf(name, sizeof name, "%s %s", known, kind);
        else
            snprintf(name, sizeof name, "%ld %s", number, kind);
        struct attempt attempt = {.name = name, .number = number};
        for (int index = 0; index < 6; index++)
            attempt.arguments[index] = value;
        attempt.waits = 1;
        if (is_harmless(number, value))
            run(&attempt);
        free(known);
    }
}

int main(void)
{
    answer = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    require(answer != MAP_FAILED && !prctl(PR_SET_PDEATHSIG, SIGKILL));
    /* As inside: else Landlock and seccomp would be refused outside. */
    require(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    umask(022);
    run_table("-1", -1);
    run_table("0", 0);
    for (size_t index = 0; index < attempt_count; index++)
        run(&attempts[index]);
    return 0;
}
