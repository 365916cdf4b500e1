/* What the two halves of the sweep share. */
#pragma once

#include <stddef.h>
#include <sys/syscall.h>

/* Descriptors that every attempt finds open. */
enum {
    FILE_FD = 10, DIR_FD, NULL_FD, PIPE_READ, PIPE_WRITE, STREAM, STREAM_PEER, EPOLL, EVENT, TIMER, MEMORY, TCP
};

struct attempt {
    const char *name;
    long number;
    long arguments[6];
    /* It may wait for ever: a signal comes. */
    int waits;
    /* What it returns is the same everywhere, so it is printed. */
    int shows;
};

extern const struct attempt attempts[];
extern const size_t attempt_count;

/* Whether this call may be made outside with all of its arguments being this. */
int is_harmless(long number, long value);
