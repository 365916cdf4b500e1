#include "include/CLinux.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

static long result(long value) { return value < 0 ? -errno : value; }

static int is_mapped(const struct mews_endpoint *end) { return end->high == 0 && end->low >> 32 == 0xffff; }

static struct in6_addr address_of(const struct mews_endpoint *end) {
    uint64_t halves[2] = {htobe64(end->high), htobe64(end->low)};
    struct in6_addr address;
    memcpy(&address, halves, sizeof address);
    return address;
}

static socklen_t to_kernel(const struct mews_endpoint *end, struct sockaddr_storage *out) {
    memset(out, 0, sizeof *out);
    if (is_mapped(end)) {
        struct sockaddr_in *four = (struct sockaddr_in *)out;
        four->sin_family = AF_INET;
        four->sin_port = htobe16(end->port);
        four->sin_addr.s_addr = htobe32((uint32_t)end->low);
        return sizeof *four;
    }
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)out;
    six->sin6_family = AF_INET6;
    six->sin6_port = htobe16(end->port);
    six->sin6_addr = address_of(end);
    return sizeof *six;
}

static void from_six(const struct in6_addr *address, uint16_t port, struct mews_endpoint *out) {
    uint64_t halves[2];
    memcpy(halves, address, sizeof halves);
    *out = (struct mews_endpoint){be64toh(halves[0]), be64toh(halves[1]), port};
}

static int from_kernel(const struct sockaddr_storage *from, struct mews_endpoint *out) {
    if (from->ss_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)from;
        *out = (struct mews_endpoint){0, 0xffff00000000 | be32toh(four->sin_addr.s_addr), be16toh(four->sin_port)};
        return 0;
    }
    if (from->ss_family != AF_INET6) return -EAFNOSUPPORT;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)from;
    from_six(&six->sin6_addr, be16toh(six->sin6_port), out);
    return 0;
}

int mews_accept(int listener, struct mews_endpoint *peer) {
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    memset(&address, 0, sizeof address);
    int accepted =
        (int)result(accept4(listener, (struct sockaddr *)&address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (accepted < 0) return accepted;
    // A connection that was reset before it was accepted has no address on some kernels.
    if (from_kernel(&address, peer) < 0) *peer = (struct mews_endpoint){0, 0, 0};
    return accepted;
}
int mews_internet_socket(const struct mews_endpoint *towards, int type) {
    return (int)result(
        socket(is_mapped(towards) ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}
int mews_connect(int socket, const struct mews_endpoint *to) {
    struct sockaddr_storage address;
    socklen_t length = to_kernel(to, &address);
    return (int)result(connect(socket, (const struct sockaddr *)&address, length));
}
int mews_bind(int socket, const struct mews_endpoint *at) {
    struct sockaddr_storage address;
    socklen_t length = to_kernel(at, &address);
    int yes = 1;
    (void)setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    return (int)result(bind(socket, (const struct sockaddr *)&address, length));
}
int mews_socket_name(int socket, struct mews_endpoint *out) {
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    long got = result(getsockname(socket, (struct sockaddr *)&address, &length));
    return got < 0 ? (int)got : from_kernel(&address, out);
}
int mews_peer_name(int socket, struct mews_endpoint *out) {
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    long got = result(getpeername(socket, (struct sockaddr *)&address, &length));
    return got < 0 ? (int)got : from_kernel(&address, out);
}
int mews_socket_error(int socket) {
    int error = 0;
    socklen_t length = sizeof error;
    long got = result(getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length));
    return got < 0 ? (int)got : error;
}
int mews_reset_on_close(int socket) {
    struct linger none = {.l_onoff = 1, .l_linger = 0};
    return (int)result(setsockopt(socket, SOL_SOCKET, SO_LINGER, &none, sizeof none));
}
int mews_shutdown(int socket, int how) { return (int)result(shutdown(socket, how)); }
long mews_splice(int from, int to, unsigned long count) {
    return result(splice(from, NULL, to, NULL, count, SPLICE_F_MOVE | SPLICE_F_NONBLOCK));
}
long mews_recv(int socket, void *buffer, unsigned long capacity, int flags) {
    return result(recv(socket, buffer, capacity, flags));
}
long mews_send_bytes(int socket, const void *bytes, unsigned long count, int flags) {
    return result(send(socket, bytes, count, flags | MSG_NOSIGNAL));
}

long mews_receive_datagram(int socket, void *buffer, unsigned long capacity, struct mews_endpoint *from,
                           struct mews_endpoint *to) {
    struct sockaddr_storage address;
    struct iovec piece = {buffer, capacity};
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in6_pktinfo))];
    struct msghdr message = {.msg_name = &address,
                             .msg_namelen = sizeof address,
                             .msg_iov = &piece,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    memset(&address, 0, sizeof address);
    long length = result(recvmsg(socket, &message, MSG_DONTWAIT));
    if (length < 0) return length;
    *to = (struct mews_endpoint){0, 0, 0};
    if (from_kernel(&address, from) < 0) return -EAFNOSUPPORT;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != IPPROTO_IPV6 || part->cmsg_type != IPV6_PKTINFO) continue;
        struct in6_pktinfo information;
        memcpy(&information, CMSG_DATA(part), sizeof information);
        from_six(&information.ipi6_addr, 0, to);
    }
    return length;
}

long mews_send_datagram(int socket, const void *bytes, unsigned long count, const struct mews_endpoint *to,
                        const struct mews_endpoint *from) {
    // The listener is an IPv6 socket: IPv4 goes in the mapped form here, never as AF_INET.
    struct sockaddr_in6 address = {
        .sin6_family = AF_INET6, .sin6_port = htobe16(to->port), .sin6_addr = address_of(to)};
    struct iovec piece = {(void *)bytes, count};
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in6_pktinfo))];
    memset(control, 0, sizeof control);
    struct msghdr message = {.msg_name = &address,
                             .msg_namelen = sizeof address,
                             .msg_iov = &piece,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    struct cmsghdr *part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = IPPROTO_IPV6;
    part->cmsg_type = IPV6_PKTINFO;
    part->cmsg_len = CMSG_LEN(sizeof(struct in6_pktinfo));
    struct in6_pktinfo information = {.ipi6_addr = address_of(from), .ipi6_ifindex = 0};
    memcpy(CMSG_DATA(part), &information, sizeof information);
    return result(sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL));
}

int mews_epoll_control(int queue, int operation, int descriptor, uint32_t events, uint64_t number) {
    struct epoll_event event = {.events = events, .data.u64 = number};
    return (int)result(epoll_ctl(queue, operation, descriptor, &event));
}
int mews_epoll_wait(int queue, struct mews_event *events, unsigned count, int timeout) {
    struct epoll_event found[128];
    int number = (int)result(epoll_wait(queue, found, count < 128 ? (int)count : 128, timeout));
    for (int index = 0; index < number; index++)
        events[index] = (struct mews_event){found[index].data.u64, found[index].events};
    return number;
}
