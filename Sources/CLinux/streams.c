#include "include/CLinux.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

static long result(long value) { return value < 0 ? -errno : value; }

static const uint64_t mapped_prefix = 0xffff00000000;
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
        *out = (struct mews_endpoint){0, mapped_prefix | be32toh(four->sin_addr.s_addr), be16toh(four->sin_port)};
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

int mews_receive_packets(int socket, void *buffer, unsigned room, unsigned most, uint32_t *lengths) {
    struct mmsghdr messages[16];
    struct iovec pieces[16];
    if (most > 16) most = 16;
    memset(messages, 0, sizeof messages[0] * most);
    for (unsigned index = 0; index < most; index++) {
        pieces[index] = (struct iovec){(char *)buffer + (unsigned long)index * room, room};
        messages[index].msg_hdr = (struct msghdr){.msg_iov = &pieces[index], .msg_iovlen = 1};
    }
    int count = (int)result(recvmmsg(socket, messages, most, MSG_DONTWAIT, NULL));
    for (int index = 0; index < count; index++) lengths[index] = messages[index].msg_len;
    return count;
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
        if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo information;
            memcpy(&information, CMSG_DATA(part), sizeof information);
            from_six(&information.ipi6_addr, 0, to);
        } else if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo information;
            memcpy(&information, CMSG_DATA(part), sizeof information);
            *to = (struct mews_endpoint){0, mapped_prefix | be32toh(information.ipi_addr.s_addr), 0};
        }
    }
    return length;
}

static long send_datagram(int socket, struct iovec *piece, void *address, socklen_t length, int level, int type,
                          const void *information, unsigned long size) {
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in6_pktinfo))];
    memset(control, 0, sizeof control);
    struct msghdr message = {.msg_name = address,
                             .msg_namelen = length,
                             .msg_iov = piece,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = CMSG_SPACE(size)};
    struct cmsghdr *part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = level;
    part->cmsg_type = type;
    part->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(part), information, size);
    return result(sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL));
}

long mews_send_datagram(int socket, const void *bytes, unsigned long count, const struct mews_endpoint *to,
                        const struct mews_endpoint *from) {
    struct iovec piece = {(void *)bytes, count};
    // An IPv6 socket takes IPv4 in the mapped form; one that is IPv4, where the kernel has no IPv6, says so.
    struct sockaddr_in6 six = {
        .sin6_family = AF_INET6, .sin6_port = htobe16(to->port), .sin6_addr = address_of(to)};
    struct in6_pktinfo from_six_ = {.ipi6_addr = address_of(from)};
    long sent = send_datagram(socket, &piece, &six, sizeof six, IPPROTO_IPV6, IPV6_PKTINFO, &from_six_,
                              sizeof from_six_);
    if (sent != -EAFNOSUPPORT || !is_mapped(to) || !is_mapped(from)) return sent;
    struct sockaddr_storage four;
    socklen_t length = to_kernel(to, &four);
    struct in_pktinfo from_four = {.ipi_spec_dst.s_addr = htobe32((uint32_t)from->low)};
    return send_datagram(socket, &piece, &four, length, IPPROTO_IP, IP_PKTINFO, &from_four, sizeof from_four);
}

int mews_epoll_create(void) { return (int)result(epoll_create1(EPOLL_CLOEXEC)); }
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
