/* Sockets: what net_test and the scoped_abstract_unix_test try. */
#define _GNU_SOURCE
#include "attempts.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct sockaddr_in at(int number)
{
    return (struct sockaddr_in){AF_INET, htons(number), {htonl(INADDR_LOOPBACK)}, {0}};
}
static struct sockaddr_in6 at6(int number)
{
    return (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(number), .sin6_addr = in6addr_loopback};
}

static long connect_by(int family, int protocol)
{
    int one = socket(family, SOCK_STREAM, protocol);
    struct sockaddr_in four = at(port);
    struct sockaddr_in6 mapped = at6(port);
    /* ::ffff:127.0.0.1 */
    memcpy(&mapped.sin6_addr, (char[]){0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 127, 0, 0, 1}, 16);
    TRY(one);
    if (family == AF_INET)
        TRY(connect(one, (void *)&four, sizeof four));
    else
        TRY(connect(one, (void *)&mapped, sizeof mapped));
    return 0;
}
static long connect_tcp(void) { return connect_by(AF_INET, 0); }
static long connect_mapped(void) { return connect_by(AF_INET6, 0); }
static long connect_multipath(void) { return connect_by(AF_INET, IPPROTO_MPTCP); }
static long connect_by_sending(void)
{
    struct sockaddr_in host = at(port);
    TRY(sendto(socket(AF_INET, SOCK_STREAM, 0), "x", 1, MSG_FASTOPEN, (void *)&host, sizeof host));
    return 0;
}

/* Whether a datagram arrives: the host answers one. */
static long datagram(void)
{
    struct sockaddr_in host = at(port);
    int one = socket(AF_INET, SOCK_DGRAM, 0);
    struct timeval limit = {50, 0};
    char byte;
    TRY(setsockopt(one, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
    TRY(connect(one, (void *)&host, sizeof host));
    TRY(send(one, "x", 1, 0));
    TRY(recv(one, &byte, 1, 0));
    return 0;
}

/* A connection within, and back to none. */
static long own_connection(void)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = at(0);
    socklen_t length = sizeof address;
    TRY(bind(listener, (void *)&address, sizeof address));
    TRY(listen(listener, 1));
    TRY(getsockname(listener, (void *)&address, &length));
    TRY(connect(client, (void *)&address, sizeof address));
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    TRY(connect(client, &none, sizeof none));
    return 0;
}

static long connect_unix(int type, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int one = socket(AF_UNIX, type, 0);
    TRY(one);
    TRY(connect(one, (void *)&address, sizeof address));
    return 0;
}
static struct sockaddr_un abstract(const char *kind, socklen_t *length)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int count = snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "%s-%s", abstract_name, kind);
    *length = offsetof(struct sockaddr_un, sun_path) + 1 + count;
    return address;
}
static long abstract_stream(void)
{
    socklen_t length;
    struct sockaddr_un address = abstract("stream", &length);
    TRY(connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&address, length));
    return 0;
}
static long abstract_datagram(void)
{
    socklen_t length;
    struct sockaddr_un address = abstract("datagram", &length);
    TRY(sendto(socket(AF_UNIX, SOCK_DGRAM, 0), "x", 1, 0, (void *)&address, length));
    return 0;
}
static long own_abstract(void)
{
    socklen_t length;
    struct sockaddr_un address = abstract("own", &length);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    TRY(bind(listener, (void *)&address, length));
    TRY(listen(listener, 1));
    TRY(connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&address, length));
    return 0;
}
static long path_outside(void) { return connect_unix(SOCK_STREAM, in(outside, "stream")); }
static long path_readable(void) { return connect_unix(SOCK_STREAM, in(readable, "stream")); }
/* A pair of datagram sockets is connected; one end of it can turn to somebody else. */
static long redirected_pair(void)
{
    int ends[2];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", in(outside, "datagram"));
    TRY(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends));
    TRY(connect(ends[0], (void *)&address, sizeof address));
    return 0;
}
static long own_path(void)
{
    struct sockaddr_un address = {AF_UNIX, "own.sock"};
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    unlink("own.sock");
    TRY(bind(listener, (void *)&address, sizeof address));
    TRY(listen(listener, 1));
    return connect_unix(SOCK_STREAM, "own.sock");
}
static long bind_readable(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", in(readable, "new.sock"));
    TRY(bind(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&address, sizeof address));
    return 0;
}

const struct attempt socket_attempts[] = {
    {"connect to the host by TCP", connect_tcp},
    {"connect to the host by a mapped address", connect_mapped},
    {"connect to the host by multipath TCP", connect_multipath},
    {"connect to the host by sending", connect_by_sending},
    {"reach the host by a datagram", datagram},
    {"connect within, and back to none", own_connection},
    {"connect to an abstract socket of the host", abstract_stream},
    {"send to an abstract socket of the host", abstract_datagram},
    {"connect to one's own abstract socket", own_abstract},
    {"connect to a socket outside", path_outside},
    {"connect to a socket in a readable directory", path_readable},
    {"turn a pair to a socket outside", redirected_pair},
    {"connect to one's own socket", own_path},
    {"bind in a readable directory", bind_readable},
    {0},
};
