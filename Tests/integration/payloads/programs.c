// Starts and ends programs in the ways that shells don't: programs HOW [ARG...].
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char **rest;

static void *exec_rest(void *unused) {
    execv(rest[0], rest);
    _exit(99);
}

static void *end_last(void *unused) {
    usleep(50000);
    syscall(SYS_exit, 7);
    return unused;
}

static int status_of(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int count, char **words) {
    if (count < 2) return 2;
    const char *how = words[1];
    rest = words + 2;
    pthread_t thread;
    if (!strcmp(how, "last-thread")) {
        // The first thread goes; what the last one says is lost, as the kernel keeps the first one's.
        pthread_create(&thread, NULL, end_last, NULL);
        syscall(SYS_exit, 5);
    } else if (!strcmp(how, "exit-in-thread")) {
        pthread_create(&thread, NULL, (void *(*)(void *))(void *)_exit, (void *)6);
        pause();
    } else if (!strcmp(how, "exec-in-thread")) {
        pthread_create(&thread, NULL, exec_rest, NULL);
        pause();
    } else if (!strcmp(how, "plain-exit")) {
        syscall(SYS_exit, 4);
    } else if (!strcmp(how, "spawn")) {
        pid_t child;
        if (posix_spawn(&child, rest[0], NULL, NULL, rest, environ)) return 9;
        return status_of(child);
    } else if (!strcmp(how, "vfork")) {
        pid_t child = vfork();
        if (!child) {
            execv("/nonexistent", rest);
            execv(rest[0], rest);
            _exit(99);
        }
        return status_of(child);
    } else if (!strcmp(how, "fork")) {
        pid_t child = fork();
        if (!child) _exit(3);
        return status_of(child);
    } else if (!strcmp(how, "double-fork")) {
        int ends[2];
        char byte;
        if (pipe(ends)) return 9;
        pid_t child = fork();
        if (!child) {
            if (fork()) _exit(0);
            close(ends[0]);
            execv(rest[0], rest);
            _exit(99);
        }
        close(ends[1]);
        status_of(child);
        return read(ends[0], &byte, 1) == 0 ? 0 : 9;
    } else if (!strcmp(how, "try")) {
        // Each in turn, as long as it fails.
        for (; *rest; rest++) execl(*rest, *rest, (char *)NULL);
        return 8;
    } else if (!strcmp(how, "memory")) {
        size_t size = (size_t)atoi(rest[0]) << 20;
        char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        memset(memory, 1, size);
        munmap(memory, size);
        return 0;
    } else if (!strcmp(how, "nameless")) {
        // From a file in memory, which no path leads to.
        FILE *from = fopen(rest[0], "r");
        int to = memfd_create("nameless", MFD_CLOEXEC);
        for (int byte; (byte = fgetc(from)) != EOF;) {
            char one = (char)byte;
            if (write(to, &one, 1) != 1) return 9;
        }
        syscall(SYS_execveat, to, "", rest, environ, AT_EMPTY_PATH);
        return 9;
    } else if (!strcmp(how, "crash")) {
        raise(SIGSEGV);
    }
    return 1;
}
