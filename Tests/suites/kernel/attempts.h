/* What the attempts share. One returns 0 when it got what it wanted, a positive number that is printed, or -errno. */
#pragma once

#include <errno.h>

/* Ends an attempt with the error of a call that fails. */
#define TRY(call) \
    do \
        if ((call) < 0) \
            return -errno; \
    while (0)

struct attempt {
    const char *name;
    long (*run)(void);
};

/* A directory that can be read and not written inside; one that isn't in the view; both hold files that are only for
 * one attempt each. The working directory can be written. */
extern const char *readable, *outside;
/* Of the host: a port of its loopback for TCP and UDP, abstract sockets, and a process of the same user. Sockets with a
 * path lie in both directories. */
extern int port, process;
extern const char *abstract_name;

/* A path of a static buffer: the directory and a name. Two at a time. */
const char *in(const char *directory, const char *name);

extern const struct attempt file_attempts[], socket_attempts[], process_attempts[], filter_attempts[];
