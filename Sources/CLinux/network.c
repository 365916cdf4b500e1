#include "include/CLinux.h"

#include <errno.h>
#include <linux/filter.h>
#include <sys/socket.h>

static long result(long value) { return value < 0 ? -errno : value; }

int mews_socket(int domain, int type, int protocol) {
    return (int)result(socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
}
int mews_set_socket_option(int socket, int level, int option, int value) {
    return (int)result(setsockopt(socket, level, option, &value, sizeof value));
}
int mews_listen(int socket, int backlog) { return (int)result(listen(socket, backlog)); }
int mews_attach_filter(int socket, const void *instructions, unsigned short count) {
    struct sock_fprog program = {count, (struct sock_filter *)instructions};
    return (int)result(setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program));
}
int mews_socket_drops(int socket, uint32_t *drops) {
    // SK_MEMINFO_DROPS is the last of SK_MEMINFO_VARS.
    uint32_t counters[9] = {0};
    socklen_t size = sizeof counters;
    long got = result(getsockopt(socket, SOL_SOCKET, 55 /* SO_MEMINFO */, counters, &size));
    *drops = counters[8];
    return (int)got;
}
