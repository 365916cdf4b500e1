#include "include/CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long result(long value) { return value < 0 ? -errno : value; }

static char **arguments;

// The C library hands what main() gets to what runs before it.
__attribute__((constructor)) static void keep_arguments(int count, char **values) {
    (void)count;
    arguments = values;
}

const char *mews_argument(unsigned long index) { return arguments[index]; }
const char *mews_environment(unsigned long index) { return environ[index]; }

const char *mews_strerror(int code) { return strerrordesc_np(code); }
const char *mews_strerrorname(int code) { return strerrorname_np(code); }

int mews_clone(uint64_t flags, int *pidfd) {
    struct clone_args args;
    memset(&args, 0, sizeof args);
    args.flags = flags | CLONE_PIDFD;
    args.pidfd = (uint64_t)(uintptr_t)pidfd;
    args.exit_signal = SIGCHLD;
    // Filters that look at the flags of clone(2) can't see those of clone3, and refuse it or say that there is none.
    int process = flags ? (int)result(syscall(SYS_clone3, &args, sizeof args)) : -ENOSYS;
#if !defined(__s390__)
    if (process == -ENOSYS) process = (int)result(syscall(SYS_clone, args.flags | SIGCHLD, 0, pidfd, 0, 0));
#endif
    return process;
}

int mews_fork(void) {
#if defined(__s390__)
    return (int)result(syscall(SYS_clone, 0, SIGCHLD, 0, 0, 0));
#else
    return (int)result(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
#endif
}

int mews_prctl(int option, unsigned long two, unsigned long three, unsigned long four, unsigned long five) {
    return (int)result(prctl(option, two, three, four, five));
}
int mews_pidfd_send_signal(int pidfd, int signal) {
    return (int)result(syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0));
}
int mews_pidfd_open(int process) { return (int)result(syscall(SYS_pidfd_open, process, 0)); }

// As Linux 6.15 has it (linux/pidfd.h); older headers lack it.
struct pidfd_information {
    uint64_t mask, cgroup;
    uint32_t numbers[11];
    int32_t exit_status;
};
_Static_assert(sizeof(struct pidfd_information) == 64, "PIDFD_INFO_SIZE_VER0");

int mews_pidfd_exit_status(int pidfd, int *status) {
    const uint64_t exit = 1 << 3;
    struct pidfd_information information = {.mask = exit};
    long answer = result(ioctl(pidfd, _IOWR(0xff, 11, struct pidfd_information), &information));
    if (answer < 0) return (int)answer;
    *status = information.exit_status;
    return (information.mask & exit) != 0;
}

int mews_execve(const char *path, char *const argv[], char *const envp[]) {
    return (int)result(execve(path, argv, envp));
}
int mews_close(int descriptor) { return (int)result(close(descriptor)); }
int mews_close_range(unsigned first, unsigned last, unsigned flags) {
    return (int)result(syscall(SYS_close_range, first, last, flags));
}
int mews_waitpid(int pid, int *status, int options) { return (int)result(waitpid(pid, status, options)); }

int mews_wait4(int pid, int *status, int options, int64_t *peak_memory) {
    struct rusage usage = {0};
    long found = wait4(pid, status, options, &usage);
    *peak_memory = usage.ru_maxrss;
    return (int)result(found);
}

unsigned mews_geteuid(void) { return geteuid(); }
unsigned mews_getegid(void) { return getegid(); }
int mews_setsid(void) { return (int)result(setsid()); }
int mews_setpgid(int process, int group) { return (int)result(setpgid(process, group)); }
int mews_getpid(void) { return getpid(); }
int mews_getppid(void) { return getppid(); }
int mews_getpgrp(void) { return getpgrp(); }
int mews_kill(int process, int number) { return (int)result(kill(process, number)); }
void mews_exit(int status) { _exit(status); }

// The raw calls: the C library's own walk through all threads, and this program has one.
int mews_setresuid(unsigned uid) { return (int)result(syscall(SYS_setresuid, uid, uid, uid)); }
int mews_setresgid(unsigned gid) { return (int)result(syscall(SYS_setresgid, gid, gid, gid)); }
int mews_setgroups(unsigned count, const unsigned *groups) {
    return (int)result(syscall(SYS_setgroups, count, groups));
}
int mews_keyctl_join_session(void) {
    return (int)result(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL, 0, 0, 0));
}
int mews_sethostname(const char *name, unsigned long length) {
    return (int)result(syscall(SYS_sethostname, name, length));
}
int mews_uname(char release[65], char host_name[65]) {
    struct utsname names;
    long got = result(uname(&names));
    if (got < 0) return (int)got;
    memcpy(release, names.release, sizeof names.release);
    memcpy(host_name, names.nodename, sizeof names.nodename);
    return 0;
}
int mews_setrlimit(int resource, uint64_t soft, uint64_t hard) {
    uint64_t both[2] = {soft, hard};
    return (int)result(syscall(SYS_prlimit64, 0, resource, both, NULL));
}
int mews_getrlimit(int resource, uint64_t *soft, uint64_t *hard) {
    uint64_t both[2] = {0, 0};
    long got = result(syscall(SYS_prlimit64, 0, resource, NULL, both));
    *soft = both[0];
    *hard = both[1];
    return (int)got;
}

// Signal sets are one 64-bit word for the kernel; the C library's sigset_t is larger and its calls hide
// the two signals that it keeps for itself, so the system calls are made directly.
int mews_signalfd(const uint64_t *mask) {
    return (int)result(syscall(SYS_signalfd4, -1, mask, sizeof *mask, SFD_CLOEXEC | SFD_NONBLOCK));
}
int mews_sigprocmask(const uint64_t *mask, uint64_t *old) {
    return (int)result(syscall(SYS_rt_sigprocmask, SIG_SETMASK, mask, old, sizeof *mask));
}
int mews_set_ignored(int number, int ignored) {
    void (*before)(int) = signal(number, ignored ? SIG_IGN : SIG_DFL);
    return before == SIG_ERR ? -errno : before == SIG_IGN;
}
void mews_raise(int number) { raise(number); }
int mews_timer(int number) {
    struct sigevent event;
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = number;
    int timer = 0;
    long made = syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer);
    return (int)(made < 0 ? result(made) : timer);
}
int mews_timer_set(int timer, int64_t first, int64_t interval) {
    struct itimerspec times = {
        .it_interval = {interval / 1000000000, interval % 1000000000},
        .it_value = {first / 1000000000, first % 1000000000},
    };
    return (int)result(syscall(SYS_timer_settime, timer, TIMER_ABSTIME, &times, NULL));
}
void mews_timer_delete(int timer) { syscall(SYS_timer_delete, timer); }
void mews_die_of(int number) {
    signal(number, SIG_DFL);
    uint64_t none = 0;
    raise(number);
    mews_sigprocmask(&none, NULL);
}

int mews_poll(void *entries, unsigned count, const struct mews_timespec *timeout) {
    struct timespec limit;
    if (timeout) {
        limit.tv_sec = timeout->seconds;
        limit.tv_nsec = timeout->nanoseconds;
    }
    _Static_assert(sizeof(struct mews_poll) == sizeof(struct pollfd), "struct pollfd");
    return (int)result(ppoll(entries, count, timeout ? &limit : NULL, NULL));
}
static int64_t clock_of(clockid_t id) {
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
int64_t mews_monotonic(void) { return clock_of(CLOCK_MONOTONIC); }
int64_t mews_realtime(void) { return clock_of(CLOCK_REALTIME); }
