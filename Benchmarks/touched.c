// Runs a static program one instruction at a time and prints the address of each instruction that is executed, once,
// in the order of the first time: `touched OUTPUT PROGRAM [ARG...]`. scripts/order-functions makes a list of functions
// of it.
//
// Processes that the program starts are followed until they run something else, which is linked to other addresses.
#define _GNU_SOURCE
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

// Where linkers put a static program that doesn't move, lld the lowest, and more than it is long. The list of functions
// needs no address exactly, so four bytes share one mark.
enum { first_address = 0x200000, last_address = first_address + (64 << 20), shared_bytes = 4 };

static unsigned char seen[(last_address - first_address) / shared_bytes];

static void note(FILE *output, unsigned long address) {
    unsigned char *mark = &seen[(address - first_address) / shared_bytes];
    if (*mark) return;
    *mark = 1;
    fprintf(output, "%lx\n", address);
}

int main(int argc, char **argv) {
    FILE *output = argc > 2 ? fopen(argv[1], "we") : NULL;
    if (!output) {
        fprintf(stderr, "touched OUTPUT PROGRAM [ARG...]\n");
        return 125;
    }
    pid_t program = fork();
    if (program == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        execv(argv[2], argv + 2);
        _exit(127);
    }
    int status, has_begun = 0;
    waitpid(program, &status, 0);
    ptrace(PTRACE_SETOPTIONS, program, 0,
           PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_EXITKILL);
    ptrace(PTRACE_SINGLESTEP, program, 0, 0);
    for (;;) {
        pid_t process = waitpid(-1, &status, __WALL);
        if (process < 0) break;
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            if (process == program) break;
            continue;
        }
        unsigned long address =
            (unsigned long)ptrace(PTRACE_PEEKUSER, process, offsetof(struct user_regs_struct, rip), 0);
        int is_inside = address >= first_address && address < last_address;
        int signal = WSTOPSIG(status) == SIGTRAP || WSTOPSIG(status) == SIGSTOP ? 0 : WSTOPSIG(status);
        has_begun |= is_inside;
        if (is_inside) note(output, address);
        // The kernel's own code for the clock is everywhere; anything else below it is another program.
        if (has_begun && !is_inside && address < 0x7f0000000000)
            ptrace(PTRACE_DETACH, process, 0, signal);
        else
            ptrace(PTRACE_SINGLESTEP, process, 0, signal);
    }
    return fclose(output) == 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}
