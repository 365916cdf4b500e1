/* Runs a program and all that comes of it under ptrace(2), and tells which system calls it made, process by process;
 * lets one of them fail instead of being made, or kills at it.
 *
 *     injector [--seconds N] [--trace] [--fault ROLE:CALL:NTH[+]:ERRNO|kill=ROLE] REPORT PROGRAM [ARGUMENT...]
 *
 * REPORT is a descriptor for lines:
 *
 *     call ROLE NUMBER RESULT FIRST SECOND    with --trace
 *     fault ROLE NUMBER                       one was made to fail
 *     exec ROLE                               a new program runs in that role
 *     end ROLE STATUS                         as waitpid(2) has it
 *     left ROLE                               was still there some seconds after the program itself
 *     hung                                    the program didn't end in time
 *
 * A role is what a process is to Mews: `mews` itself, its first child `init`, that one's first child `command`, later
 * children of mews `door`, and everything else `other`. strace(1) counts calls for all processes at once, and its
 * injection can't be told apart by them. */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum role { MEWS, INIT, COMMAND, DOOR, OTHER, UNKNOWN };
static const char *names[] = {"mews", "init", "command", "door", "other"};

struct process {
    pid_t number;
    enum role role;
    int held, injecting, ended;
    long instead;
    uint64_t first_argument;
    uint64_t call, arguments[2];
};

static struct process processes[4096];
static int count;
static FILE *report;
static int tracing, pending_fault, repeated, is_kill;
static enum role faulty, victim;
static long faulty_call, error_number;
static unsigned nth, seen;

static void fail(const char *what) {
    perror(what);
    exit(70);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static struct process *find(pid_t number) {
    for (int index = count - 1; index >= 0; index--)
        if (processes[index].number == number && !processes[index].ended) return &processes[index];
    if (count == sizeof processes / sizeof *processes) {
        fprintf(stderr, "injector: too many processes\n");
        exit(70);
    }
    processes[count] = (struct process){.number = number, .role = UNKNOWN};
    return &processes[count++];
}

static int has(enum role role) {
    for (int index = 0; index < count; index++)
        if (processes[index].role == role) return 1;
    return 0;
}

static enum role child_of(enum role parent) {
    if (parent == MEWS) return has(INIT) ? DOOR : INIT;
    if (parent == INIT && !has(COMMAND)) return COMMAND;
    return OTHER;
}

static enum role role_named(const char *name) {
    for (int role = 0; role < UNKNOWN; role++)
        if (!strcmp(names[role], name)) return role;
    fprintf(stderr, "injector: no role %s\n", name);
    exit(70);
}

/* Sets the number of the call that is about to be made and its first argument. */
static void set_call(pid_t process, long number, uint64_t first) {
#if defined(__x86_64__)
    ptrace(PTRACE_POKEUSER, process, offsetof(struct user_regs_struct, orig_rax), number);
    ptrace(PTRACE_POKEUSER, process, offsetof(struct user_regs_struct, rdi), first);
#elif defined(__aarch64__)
    int call = (int)number;
    struct iovec part = {&call, sizeof call};
    ptrace(PTRACE_SETREGSET, process, NT_ARM_SYSTEM_CALL, &part);
    struct user_regs_struct registers;
    part = (struct iovec){&registers, sizeof registers};
    ptrace(PTRACE_GETREGSET, process, NT_PRSTATUS, &part);
    registers.regs[0] = first;
    ptrace(PTRACE_SETREGSET, process, NT_PRSTATUS, &part);
#else
#error "the registers of this processor are unknown here"
#endif
}

static void set_result(struct process *process, long result) {
#if defined(__x86_64__)
    ptrace(PTRACE_POKEUSER, process->number, offsetof(struct user_regs_struct, rdi), process->first_argument);
    ptrace(PTRACE_POKEUSER, process->number, offsetof(struct user_regs_struct, rax), result);
#elif defined(__aarch64__)
    struct user_regs_struct registers;
    struct iovec part = {&registers, sizeof registers};
    ptrace(PTRACE_GETREGSET, process->number, NT_PRSTATUS, &part);
    registers.regs[0] = (uint64_t)result;
    ptrace(PTRACE_SETREGSET, process->number, NT_PRSTATUS, &part);
#endif
}

static void kill_role(enum role role) {
    for (int index = 0; index < count; index++)
        if (processes[index].role == role && !processes[index].ended) kill(processes[index].number, SIGKILL);
}

static void at_call(struct process *process) {
    struct __ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, process->number, sizeof info, &info) <= 0) return;
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        process->call = info.entry.nr;
        process->arguments[0] = info.entry.args[0];
        process->arguments[1] = info.entry.args[1];
        if (!pending_fault || process->role != faulty || (long)info.entry.nr != faulty_call) return;
        seen++;
        if (repeated ? seen < nth : seen != nth) return;
        if (!repeated) pending_fault = 0;
        fprintf(report, "fault %s %ld\n", names[faulty], faulty_call);
        if (is_kill) {
            kill_role(victim);
            return;
        }
        process->injecting = 1;
        process->first_argument = info.entry.args[0];
        /* The descriptor is closed whatever close(2) says. */
        if (info.entry.nr == SYS_close) return;
        /* Something that every filter lets pass and that changes nothing is done instead: a number that is no call
         * would be the end of a process whose filter kills. */
        set_call(process->number, SYS_close, (uint64_t)-1);
    } else if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
        if (process->injecting) {
            process->injecting = 0;
            set_result(process, -error_number);
        }
        if (tracing)
            fprintf(report, "call %s %lu %ld %#lx %#lx\n", names[process->role], process->call,
                (long)info.exit.rval, process->arguments[0], process->arguments[1]);
    }
}

static void resume(struct process *process, int with) {
    int every = tracing || pending_fault || process->injecting;
    /* Only who is to fail, or is told of, is stopped at every call. */
    if (!tracing && !process->injecting && process->role != faulty) every = 0;
    if (ptrace(every ? PTRACE_SYSCALL : PTRACE_CONT, process->number, 0, with) && errno != ESRCH) fail("resume");
}

static void adopt(struct process *parent) {
    unsigned long number;
    if (ptrace(PTRACE_GETEVENTMSG, parent->number, 0, &number)) return;
    enum role role = parent->role;
    struct process *child = find((pid_t)number);
    child->role = child_of(role);
    if (child->held) {
        child->held = 0;
        resume(child, 0);
    }
}

static void take(pid_t number, int status) {
    struct process *process = find(number);
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
        process->ended = 1;
        if (process->role < OTHER) fprintf(report, "end %s %d\n", names[process->role], status);
        return;
    }
    int event = status >> 16, signal = WSTOPSIG(status);
    if (signal == (SIGTRAP | 0x80)) {
        at_call(process);
        resume(process, 0);
    } else if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE) {
        adopt(process);
        resume(find(number), 0);
    } else if (event == PTRACE_EVENT_EXEC) {
        if (process->role < OTHER) fprintf(report, "exec %s\n", names[process->role]);
        resume(process, 0);
    } else if (event == PTRACE_EVENT_STOP && signal != SIGTRAP) {
        ptrace(PTRACE_LISTEN, number, 0, 0);
    } else if (event == PTRACE_EVENT_STOP) {
        if (process->role == UNKNOWN)
            process->held = 1;
        else
            resume(process, 0);
    } else {
        resume(process, signal);
    }
}

static int running(void) {
    int found = 0;
    for (int index = 0; index < count; index++) found += !processes[index].ended;
    return found;
}

static void read_fault(char *text) {
    char *role = strsep(&text, ":"), *call = strsep(&text, ":"), *number = strsep(&text, ":");
    if (!text) {
        fprintf(stderr, "injector: a fault is ROLE:CALL:NTH:ERRNO\n");
        exit(70);
    }
    faulty = role_named(role);
    faulty_call = atol(call);
    nth = (unsigned)atol(number);
    repeated = strchr(number, '+') != NULL;
    is_kill = !strncmp(text, "kill=", 5);
    if (is_kill)
        victim = role_named(text + 5);
    else
        error_number = atol(text);
    pending_fault = 1;
}

static void start(char **arguments) {
    pid_t child = fork();
    if (child < 0) fail("fork");
    if (child == 0) {
        raise(SIGSTOP);
        execv(arguments[0], arguments);
        fail(arguments[0]);
    }
    int status;
    waitpid(child, &status, WUNTRACED);
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
        PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    if (ptrace(PTRACE_SEIZE, child, 0, options)) fail("seize");
    kill(child, SIGCONT);
    find(child)->role = MEWS;
}

/* Takes changes until nobody is left, or until the time is over. */
static void follow(double deadline, int only_first) {
    while (running() && !(only_first && processes[0].ended)) {
        int status;
        pid_t number = waitpid(-1, &status, __WALL | WNOHANG);
        if (number > 0) {
            take(number, status);
        } else if (now() > deadline) {
            return;
        } else {
            /* Every change of a tracee is a SIGCHLD. */
            sigset_t mask;
            sigemptyset(&mask);
            sigaddset(&mask, SIGCHLD);
            struct timespec a_while = {0, 100000000};
            sigtimedwait(&mask, NULL, &a_while);
        }
    }
}

int main(int argc, char **argv) {
    double seconds = 20;
    int index = 1;
    for (; index < argc && !strncmp(argv[index], "--", 2); index++) {
        if (!strcmp(argv[index], "--trace"))
            tracing = 1;
        else if (!strcmp(argv[index], "--seconds") && index + 1 < argc)
            seconds = atof(argv[++index]);
        else if (!strcmp(argv[index], "--fault") && index + 1 < argc)
            read_fault(argv[++index]);
    }
    if (argc - index < 2) {
        fprintf(stderr, "injector: a descriptor and a program are needed\n");
        return 70;
    }
    int descriptor = atoi(argv[index]);
    report = fdopen(dup(descriptor), "w");
    if (!report) fail("report");
    close(descriptor);
    fcntl(fileno(report), F_SETFD, FD_CLOEXEC);
    sigset_t mask, before;
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    sigprocmask(SIG_BLOCK, NULL, &before);
    start(argv + index + 1);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    follow(now() + seconds, 1);
    if (!processes[0].ended) fprintf(report, "hung\n");
    follow(now() + (processes[0].ended ? 10 : 0), 0);
    for (int left = 0; left < count; left++)
        if (!processes[left].ended && processes[left].role < UNKNOWN) {
            fprintf(report, "left %s\n", names[processes[left].role]);
            kill(processes[left].number, SIGKILL);
        }
    fclose(report);
    return 0;
}
