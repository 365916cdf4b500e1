/* Filters: what seccomp_bpf tries. A command may filter itself further, and lifts nothing by it. */
#define _GNU_SOURCE
#include "attempts.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

/* A filter that gives one call an answer and lets all others through. */
static long load(long number, unsigned verdict, unsigned flags)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, verdict),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    TRY(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    TRY(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program));
    return 0;
}

/* The answer of a call under a filter of one's own. */
static long under(unsigned verdict, long number)
{
    long result = load(number, verdict, 0);
    if (result)
        return result;
    TRY(syscall(number, -1, -1, -1, -1, -1, -1));
    return 0;
}

static long own_error(void) { return under(SECCOMP_RET_ERRNO | ENOTNAM, SYS_getppid); }
static long own_largest_error(void) { return under(SECCOMP_RET_ERRNO | 0xffff, SYS_getppid); }
static long own_kill(void) { return under(SECCOMP_RET_KILL_PROCESS, SYS_getppid); }
static long own_unknown(void) { return under(0x20000000, SYS_getppid); }
static long own_trace(void) { return under(SECCOMP_RET_TRACE, SYS_getppid); }
/* What is stricter counts; of two that are alike the one that was loaded last. */
static long lift_keyctl(void) { return under(SECCOMP_RET_ALLOW, SYS_keyctl); }
static long lift_unshare(void)
{
    long result = load(SYS_unshare, SECCOMP_RET_ALLOW, 0);
    if (result)
        return result;
    TRY(syscall(SYS_unshare, 0x10000000));
    return 0;
}
static long log_keyctl(void) { return under(SECCOMP_RET_LOG, SYS_keyctl); }
static long trap_keyctl(void) { return under(SECCOMP_RET_TRAP, SYS_keyctl); }

static volatile int trapped;
static void trap(int signal, siginfo_t *information, void *context)
{
    (void)signal, (void)context;
    trapped = information->si_syscall;
}
static long own_trap(void)
{
    struct sigaction action = {.sa_sigaction = trap, .sa_flags = SA_SIGINFO};
    TRY(sigaction(SIGSYS, &action, NULL));
    long result = load(SYS_getppid, SECCOMP_RET_TRAP, 0);
    if (result)
        return result;
    syscall(SYS_getppid);
    return trapped == SYS_getppid ? 0 : -EINVAL;
}

static long mode(void) { return prctl(PR_GET_SECCOMP, 0, 0, 0, 0); }
static long without_privileges(void) { return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0); }
static long take_back_privileges(void) { TRY(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0)); return 0; }
static long strict(void) { TRY(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0)); return 0; }

static long of_length(int length)
{
    struct sock_filter *code = calloc(8192, sizeof *code);
    for (int index = 0; index < 8192; index++)
        code[index] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {length, code};
    TRY(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    TRY(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
    return 0;
}
static long empty(void) { return of_length(0); }
static long longest(void) { return of_length(4096); }
static long too_long(void) { return of_length(4097); }
/* The kernel has a limit for all filters of a process together: Mews's own leave room for three of the longest. */
static long until_full(void)
{
    int count = 0;
    while (count < 64 && of_length(4096) == 0)
        count++;
    return count >= 3 && count < 64 && errno == ENOMEM ? 0 : -ERANGE;
}
static long listener(void) { return load(SYS_getppid, SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER); }

static volatile int is_loaded;
static void *call(void *_)
{
    (void)_;
    while (!is_loaded)
        sched_yield();
    return (void *)(syscall(SYS_getppid) < 0 ? (long)errno : 0L);
}
static long for_all_threads(void)
{
    pthread_t thread;
    void *result;
    if (pthread_create(&thread, NULL, call, NULL))
        return -EAGAIN;
    long loaded = load(SYS_getppid, SECCOMP_RET_ERRNO | ENOTNAM, SECCOMP_FILTER_FLAG_TSYNC);
    is_loaded = 1;
    pthread_join(thread, &result);
    return loaded ? loaded : -(long)result;
}
static long suspend(void)
{
    TRY(ptrace(PTRACE_SEIZE, process, 0, 0x200000 /* PTRACE_O_SUSPEND_SECCOMP */));
    return 0;
}
static long read_a_filter(void) { TRY(ptrace(0x420c /* PTRACE_SECCOMP_GET_FILTER */, getppid(), 0, 0)); return 0; }

/* Calls of which the supervisor is told, under a hail of signals: none may be seen to fail, or be done twice. Handlers
 * that don't restart calls are another matter (README, Limits): then one may be interrupted, and isn't done. */
static volatile long ticks;
static void tick(int signal) { (void)signal; ticks++; }
static long notified_under(int flags)
{
    struct sigaction action = {.sa_handler = tick, .sa_flags = flags};
    struct itimerval often = {{0, 200}, {0, 200}}, never = {{0, 0}, {0, 0}};
    TRY(sigaction(SIGALRM, &action, NULL));
    TRY(setitimer(ITIMER_REAL, &often, NULL));
    long result = 0;
    for (int round = 0; !result && (round < 300 || ticks < 50); round++) {
        char name[32];
        snprintf(name, sizeof name, "signals-%d", round);
        int made, removed;
        while ((made = mkdir(name, 0700)) && errno == EINTR && !(flags & SA_RESTART))
            ;
        while (!made && (removed = rmdir(name)) && errno == EINTR && !(flags & SA_RESTART))
            ;
        if (made || removed)
            result = -errno;
    }
    setitimer(ITIMER_REAL, &never, NULL);
    return result;
}
static long notified_under_signals(void) { return notified_under(SA_RESTART); }
static long notified_interrupted(void) { return notified_under(0); }

const struct attempt filter_attempts[] = {
    {"own filter: an error", own_error},
    {"own filter: the largest error", own_largest_error},
    {"own filter: the end", own_kill},
    {"own filter: an unknown verdict", own_unknown},
    {"own filter: a trap", own_trap},
    {"own filter: a tracer that isn't there", own_trace},
    {"own filter for all threads", for_all_threads},
    {"own filter that allows keyctl", lift_keyctl},
    {"own filter that logs keyctl", log_keyctl},
    {"own filter that allows unshare", lift_unshare},
    {"own filter that traps keyctl", trap_keyctl},
    {"own filter without instructions", empty},
    {"own filter of the greatest length", longest},
    {"own filter that is too long", too_long},
    {"own filters until there is no room", until_full},
    {"own listener", listener},
    {"mode of the filter", mode},
    {"no new privileges", without_privileges},
    {"new privileges again", take_back_privileges},
    {"strict mode", strict},
    {"suspend the filter of a process", suspend},
    {"read a filter", read_a_filter},
    {"notified calls under signals", notified_under_signals},
    {"notified calls that are interrupted", notified_interrupted},
    {0},
};
