/* The server at the other end of every tunnel. The first byte of a connection says what it is for: 'e' gives back what
 * comes (the 'e' too), 'd' sends bytes until the other end closes, 'u' swallows them until their end and then answers
 * one byte. It prints its port, and ends with its standard input. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "server.h"

enum { PIECE = 1 << 18 };

static char kinds[MOST], piece[PIECE];

static void end(int descriptor)
{
    kinds[descriptor] = 0;
    close(descriptor);
}

/* What comes in `kinds[descriptor]` == 'e' is small, so that it always fits into the socket again. */
static void serve(int descriptor)
{
    if (kinds[descriptor] == 'd') {
        for (int round = 0; round < 8; round++) {
            if (send(descriptor, piece, sizeof piece, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
                if (errno != EAGAIN) end(descriptor);
                return;
            }
        }
        return;
    }
    for (int round = 0; round < 8; round++) {
        ssize_t length = recv(descriptor, piece, sizeof piece, MSG_DONTWAIT);
        if (length < 0 && errno == EAGAIN) return;
        if (length <= 0) {
            if (length == 0 && kinds[descriptor] == 'u') send(descriptor, "u", 1, MSG_NOSIGNAL);
            end(descriptor);
            return;
        }
        if (!kinds[descriptor]) {
            kinds[descriptor] = piece[0];
            if (piece[0] == 'd') { watch(descriptor, EPOLLOUT, EPOLL_CTL_MOD); return; }
        }
        if (kinds[descriptor] != 'u' && send(descriptor, piece, length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EAGAIN) {
            end(descriptor);
            return;
        }
    }
}

int main(void)
{
    int listener = serve_at_any_port(), yes = 1;
    for (;;) {
        struct epoll_event events[256];
        int count = epoll_wait(queue, events, 256, -1);
        for (int index = 0; index < count; index++) {
            int descriptor = events[index].data.fd, connection;
            if (descriptor == 0) return 0;
            if (descriptor != listener) { serve(descriptor); continue; }
            while ((connection = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                if (connection >= MOST) { close(connection); continue; }
                setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
                watch(connection, EPOLLIN, EPOLL_CTL_ADD);
            }
        }
    }
}
