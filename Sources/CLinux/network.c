#include "include/CLinux.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

static long result(long value) { return value < 0 ? -errno : value; }

int mews_socket(int domain, int type, int protocol) {
    return (int)result(socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
}
int mews_set_socket_option(int socket, int level, int option, int value) {
    return (int)result(setsockopt(socket, level, option, &value, sizeof value));
}
int mews_bind_raw(int socket, const void *address, unsigned size) {
    return (int)result(bind(socket, address, size));
}
int mews_listen(int socket, int backlog) { return (int)result(listen(socket, backlog)); }
int mews_attach_filter(int socket, const void *instructions, unsigned short count) {
    struct sock_fprog program = {count, (struct sock_filter *)instructions};
    return (int)result(setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program));
}
int mews_packet_drops(int socket, uint32_t *drops) {
    struct tpacket_stats statistics = {0};
    socklen_t size = sizeof statistics;
    long got = result(getsockopt(socket, SOL_PACKET, PACKET_STATISTICS, &statistics, &size));
    *drops = statistics.tp_drops;
    return (int)got;
}
