// The C program that Mews's launch is held against: what building the same sandbox costs without a language runtime, a
// profile, a plan or a supervisor that watches. Only a measuring stick: it checks errors, but trusts its arguments.
#ifndef MEWS_FLOOR_H
#define MEWS_FLOOR_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

enum kind {
    bind_mount, self_bind, private_tmpfs, proc_mount, devpts_mount, small_file, directory, symbolic_link, mask
};

// One step of building the view, in the order in which it is to happen. `source` is a path on the host (bind_mount) or
// a link's text (symbolic_link); `destination` is the path inside, absolute.
struct step {
    enum kind kind;
    bool writable;
    const char *source;
    const char *destination;
};

struct request {
    struct step *steps;
    size_t count;
    struct sock_fprog filter;
    const char *working_directory;
    char **command;
};

_Noreturn void fail(const char *what, const char *subject);

// Makes `request`'s view the root of the calling process, which must have a user and a mount namespace of its own.
void enter_view(const struct request *request);

// Capabilities, no_new_privs, Landlock over `request`'s view and its seccomp filter, in this order.
void raise_walls(const struct request *request);

// The filter in the file at `path`, an array of struct sock_filter, or the built-in one when `path` is NULL.
struct sock_fprog make_filter(const char *path);

#endif
