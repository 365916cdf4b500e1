/* Processes: what scoped_signal_test and ptrace_test try. The process is of the host, and of the same user. */
#define _GNU_SOURCE
#include "attempts.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static long signal_it(void) { TRY(kill(process, 0)); return 0; }
static long signal_its_thread(void) { TRY(syscall(SYS_tgkill, process, process, 0)); return 0; }
static long queue_to_it(void) { TRY(sigqueue(process, 0, (union sigval){0})); return 0; }
static long open_it(void) { TRY(syscall(SYS_pidfd_open, process, 0)); return 0; }
static long own_its_input(void)
{
    int ends[2];
    TRY(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    /* Who is told by a signal when something comes: the kernel sends it, and not a call of this process. */
    TRY(fcntl(ends[0], F_SETOWN, process));
    return 0;
}
static long its_limits(void)
{
    struct rlimit limit;
    TRY(prlimit(process, RLIMIT_NOFILE, NULL, &limit));
    return 0;
}
static long its_processors(void)
{
    cpu_set_t processors;
    TRY(sched_getaffinity(process, sizeof processors, &processors));
    return 0;
}
static long its_group(void) { TRY(getpgid(process)); return 0; }
static long its_directory(void)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/status", process);
    TRY(open(path, O_RDONLY));
    return 0;
}

static long signal_a_child(void)
{
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    TRY(kill(child, SIGTERM));
    int status;
    TRY(waitpid(child, &status, 0));
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM ? 0 : -EINVAL;
}
static void *wait_for_ever(void *_)
{
    for (;;)
        pause();
    return _;
}
static long signal_a_thread(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, wait_for_ever, NULL))
        return -EAGAIN;
    return -pthread_kill(thread, 0);
}

static long be_traced(void) { TRY(ptrace(PTRACE_TRACEME, 0, NULL, NULL)); return 0; }
static long trace_a_child(void)
{
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    long result = ptrace(PTRACE_ATTACH, child, NULL, NULL), error = errno;
    kill(child, SIGKILL);
    return result < 0 ? -error : 0;
}
static long memory_of_a_child(void)
{
    char path[64];
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    snprintf(path, sizeof path, "/proc/%d/mem", child);
    int memory = open(path, O_RDWR), error = errno;
    kill(child, SIGKILL);
    return memory < 0 ? -error : 0;
}
static long own_memory(void) { TRY(open("/proc/self/mem", O_RDWR)); return 0; }

const struct attempt process_attempts[] = {
    {"signal a process of the host", signal_it},
    {"signal a thread of the host", signal_its_thread},
    {"queue a signal to a process of the host", queue_to_it},
    {"open a process of the host", open_it},
    {"have the kernel signal a process of the host", own_its_input},
    {"ask for the limits of a process of the host", its_limits},
    {"ask for the processors of a process of the host", its_processors},
    {"ask for the group of a process of the host", its_group},
    {"look at a process of the host", its_directory},
    {"signal a child", signal_a_child},
    {"signal a thread of one's own", signal_a_thread},
    {"be traced by the parent", be_traced},
    {"trace a child", trace_a_child},
    {"open the memory of a child", memory_of_a_child},
    {"open one's own memory", own_memory},
    {0},
};
