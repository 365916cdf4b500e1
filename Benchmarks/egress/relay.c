/* The floor: a relay for CONNECT that decides nothing, by epoll and splice. Every tunnel leads to 127.0.0.1 at the port
 * that the request names. It prints its port, and ends with its standard input.
 *
 * `relay SOCKET` tells the `recorder` at that socket of each tunnel, and relays nothing before it has answered: that the
 * tunnel is made the client is told meanwhile. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "server.h"

enum { PIPE_SIZE = 1 << 18, HEAD = 2048, POOL = 64 };

struct way { int pipe[2]; int filled; char ended; };
struct tunnel { int ends[2]; struct way ways[2]; char *head; int length; unsigned awaited; };
struct note { int client; unsigned number; char rest[180]; };

static struct tunnel *tunnels[MOST];
static int pool[POOL][2], pooled, recorder = -1;
static unsigned notes;

static int take_pipe(struct way *way)
{
    if (pooled) { memcpy(way->pipe, pool[--pooled], sizeof way->pipe); return 0; }
    if (pipe2(way->pipe, O_NONBLOCK | O_CLOEXEC) != 0) return -1;
    fcntl(way->pipe[1], F_SETPIPE_SZ, PIPE_SIZE);
    return 0;
}

static void give_pipe(struct way *way)
{
    if (way->pipe[0] < 0) return;
    if (pooled < POOL && !way->filled) memcpy(pool[pooled++], way->pipe, sizeof way->pipe);
    else { close(way->pipe[0]); close(way->pipe[1]); }
    way->pipe[0] = -1;
}

static void end(struct tunnel *tunnel)
{
    for (int index = 0; index < 2; index++) {
        give_pipe(&tunnel->ways[index]);
        if (tunnel->ends[index] >= 0) { tunnels[tunnel->ends[index]] = NULL; close(tunnel->ends[index]); }
    }
    free(tunnel->head);
    free(tunnel);
}

/* Moves what is there from one end to the other; -1 when the tunnel is over. */
static int move(struct tunnel *tunnel, int from)
{
    struct way *way = &tunnel->ways[from];
    for (;;) {
        if (!way->filled && !way->ended) {
            if (way->pipe[0] < 0 && take_pipe(way) != 0) return -1;
            ssize_t length = splice(tunnel->ends[from], NULL, way->pipe[1], NULL, PIPE_SIZE, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
            if (length < 0 && errno == EAGAIN) { give_pipe(way); return 0; }
            if (length < 0) return -1;
            if (length == 0) { way->ended = 1; give_pipe(way); shutdown(tunnel->ends[!from], SHUT_WR); }
            way->filled = length;
        }
        if (!way->filled) return tunnel->ways[0].ended && tunnel->ways[1].ended ? -1 : 0;
        ssize_t length = splice(way->pipe[0], NULL, tunnel->ends[!from], NULL, way->filled, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
        if (length < 0 && errno == EAGAIN) return 0;
        if (length <= 0) return -1;
        way->filled -= length;
    }
}

static int begin(struct tunnel *tunnel)
{
    if (!tunnel->head) tunnel->head = malloc(HEAD);
    ssize_t length = recv(tunnel->ends[0], tunnel->head + tunnel->length, HEAD - 1 - tunnel->length, 0);
    if (length < 0 && errno == EAGAIN) return 0;
    if (length <= 0) return -1;
    tunnel->length += length;
    tunnel->head[tunnel->length] = 0;
    if (!strstr(tunnel->head, "\r\n\r\n")) return tunnel->length < HEAD - 1 ? 0 : -1;
    char *colon = strchr(tunnel->head, ':');
    if (strncmp(tunnel->head, "CONNECT ", 8) != 0 || !colon) return -1;
    struct sockaddr_in place = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(atoi(colon + 1))};
    int connection = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;
    if (connection < 0 || connection >= MOST) return -1;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    tunnel->ends[1] = connection;
    tunnels[connection] = tunnel;
    if (connect(connection, (struct sockaddr *)&place, sizeof place) != 0 && errno != EINPROGRESS) return -1;
    watch(connection, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, EPOLL_CTL_ADD);
    if (recorder < 0) return 0;
    struct note note = {.client = tunnel->ends[0], .number = tunnel->awaited = ++notes};
    return send(recorder, &note, sizeof note, MSG_NOSIGNAL) == sizeof note ? 0 : -1;
}

/* The tunnel whose record is written; NULL when there is none or it is gone. */
static struct tunnel *recorded(void)
{
    struct note note;
    if (recv(recorder, &note, sizeof note, 0) < 8) exit(2);
    struct tunnel *tunnel = tunnels[note.client];
    if (!tunnel || tunnel->awaited != note.number) return NULL;
    tunnel->awaited = 0;
    return tunnel;
}

static int established(struct tunnel *tunnel)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\n\r\n";
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(tunnel->ends[1], SOL_SOCKET, SO_ERROR, &error, &size);
    if (error || send(tunnel->ends[0], answer, sizeof answer - 1, MSG_NOSIGNAL) < 0) return -1;
    free(tunnel->head);
    tunnel->head = NULL;
    tunnel->length = -1;
    return 0;
}

static int connect_recorder(const char *path)
{
    struct sockaddr_un place = {.sun_family = AF_UNIX};
    strncpy(place.sun_path, path, sizeof place.sun_path - 1);
    recorder = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (connect(recorder, (struct sockaddr *)&place, sizeof place) != 0) return -1;
    watch(recorder, EPOLLIN, EPOLL_CTL_ADD);
    return 0;
}

int main(int given, char **arguments)
{
    int listener = serve_at_any_port(), yes = 1;
    if (given > 1 && connect_recorder(arguments[1]) != 0) { perror("recorder"); return 1; }
    for (;;) {
        struct epoll_event events[256];
        int count = epoll_wait(queue, events, 256, -1);
        for (int index = 0; index < count; index++) {
            int descriptor = events[index].data.fd, connection;
            if (descriptor == 0) return 0;
            if (descriptor == listener) {
                while ((connection = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
                    if (connection >= MOST) { close(connection); continue; }
                    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
                    struct tunnel *tunnel = calloc(1, sizeof *tunnel);
                    tunnel->ends[0] = connection;
                    tunnel->ends[1] = tunnel->ways[0].pipe[0] = tunnel->ways[1].pipe[0] = -1;
                    tunnels[connection] = tunnel;
                    watch(connection, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, EPOLL_CTL_ADD);
                }
                continue;
            }
            struct tunnel *tunnel = descriptor == recorder ? recorded() : tunnels[descriptor];
            if (!tunnel) continue;
            int result = 0;
            if (tunnel->length >= 0) {
                if (tunnel->ends[1] < 0) result = begin(tunnel);
                else if (descriptor == tunnel->ends[1] && events[index].events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) result = established(tunnel);
            }
            if (result == 0 && tunnel->length < 0 && !tunnel->awaited) result = move(tunnel, 0) ?: move(tunnel, 1);
            if (result != 0) end(tunnel);
        }
    }
}
