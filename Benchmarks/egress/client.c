/* What is measured at every relay, by the same program: `client HOST PORT NAME TARGET-PORT connect|plain`, HOST:PORT
 * being the relay. Each line of standard input is a command; each is answered by one line.
 *
 *   latency COUNT            new tunnels, one after the other, with one byte there and back: nanoseconds of each
 *   rate COUNT AT-ONCE       the same, several at once: nanoseconds of all together
 *   down MIB, up MIB         as much through one tunnel: nanoseconds
 *   idle COUNT               opens and keeps tunnels that have carried one byte; `close` closes them
 *   names COUNT              questions to a name server at 127.0.0.53, one after the other: nanoseconds of each
 *   soak COUNT AT-ONCE SEED  tunnels that end in every odd way; how many did in which
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 1 << 18, MOST = 1 << 14 };

static struct sockaddr_in relay;
static char head[600], piece[PIECE];
static const char *name;
static int is_connect, held[MOST], holds;

static long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000L + time.tv_nsec;
}

static void fail(const char *what)
{
    printf("failed: %s: %s\n", what, strerror(errno));
    fflush(stdout);
    exit(1);
}

static int answered(const char *bytes, ssize_t length)
{
    return length > 12 && memcmp(bytes, "HTTP/1.", 7) == 0 && memcmp(bytes + 9, "200", 3) == 0;
}

/* A new tunnel, waiting for everything. */
static int tunnel(void)
{
    int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct timeval patience = {.tv_sec = 30};
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(connection, (struct sockaddr *)&relay, sizeof relay) != 0) fail("connect");
    if (!is_connect) return connection;
    if (send(connection, head, strlen(head), MSG_NOSIGNAL) < 0) fail("send");
    char answer[2048];
    ssize_t length = 0;
    do {
        ssize_t more = recv(connection, answer + length, sizeof answer - 1 - length, 0);
        if (more <= 0) fail("no answer to CONNECT");
        answer[length += more] = 0;
    } while (!strstr(answer, "\r\n\r\n"));
    if (!answered(answer, length)) { errno = 0; fail(answer); }
    return connection;
}

static void exchange(int connection)
{
    char byte = 'e';
    if (send(connection, &byte, 1, MSG_NOSIGNAL) != 1 || recv(connection, &byte, 1, 0) != 1 || byte != 'e') fail("echo");
}

static void latency(int count)
{
    for (int index = 0; index < count; index++) {
        long start = now();
        int connection = tunnel();
        exchange(connection);
        printf("%ld ", now() - start);
        close(connection);
    }
    printf("\n");
}

/* One tunnel of many: what it waits for. */
struct state { int connection; char step; char odd; int length; long until; char answer[1024]; };

static int start(struct state *state, int queue, int index)
{
    int yes = 1;
    *state = (struct state){.connection = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    setsockopt(state->connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (connect(state->connection, (struct sockaddr *)&relay, sizeof relay) != 0 && errno != EINPROGRESS) return -1;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.u32 = index};
    return epoll_ctl(queue, EPOLL_CTL_ADD, state->connection, &event);
}

/* Takes the next step of a tunnel; 1 when it is done, -1 when it failed. */
static int go_on(struct state *state)
{
    if (state->step == 0) {
        int error = 0;
        socklen_t size = sizeof error;
        struct pollfd poll_one = {.fd = state->connection, .events = POLLOUT};
        if (poll(&poll_one, 1, 0) != 1) return 0;
        getsockopt(state->connection, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error) { errno = error; return -1; }
        const char *text = is_connect ? head : "e";
        if (send(state->connection, text, strlen(text), MSG_NOSIGNAL) < 0) return -1;
        state->step = is_connect ? 1 : 2;
    }
    ssize_t length = recv(state->connection, state->answer + state->length, sizeof state->answer - 1 - state->length, 0);
    if (length < 0) return errno == EAGAIN ? 0 : -1;
    if (length == 0) return -1;
    if (state->step == 2) return 1;
    state->answer[state->length += length] = 0;
    if (!strstr(state->answer, "\r\n\r\n")) return 0;
    if (!answered(state->answer, state->length)) return -1;
    if (send(state->connection, "e", 1, MSG_NOSIGNAL) != 1) return -1;
    state->step = 2;
    return 0;
}

static void rate(int count, int at_once)
{
    static struct state states[1024];
    int queue = epoll_create1(EPOLL_CLOEXEC), begun = 0, done = 0;
    if (at_once > 1024) at_once = 1024;
    long began = now();
    for (; begun < at_once && begun < count; begun++)
        if (start(&states[begun], queue, begun) != 0) fail("connect");
    while (done < count) {
        struct epoll_event events[256];
        int ready = epoll_wait(queue, events, 256, 30000);
        if (ready <= 0) fail("nothing happens");
        for (int index = 0; index < ready; index++) {
            struct state *state = &states[events[index].data.u32];
            int result = go_on(state);
            if (result == 0) continue;
            if (result < 0) fail("tunnel");
            close(state->connection);
            done++;
            if (begun < count) {
                if (start(state, queue, events[index].data.u32) != 0) fail("connect");
                begun++;
            }
        }
    }
    printf("%ld\n", now() - began);
    close(queue);
}

static void bulk(long bytes, char kind)
{
    int connection = tunnel();
    long began = now();
    if (send(connection, &kind, 1, MSG_NOSIGNAL) != 1) fail("send");
    while (bytes > 0) {
        size_t size = bytes < PIECE ? bytes : PIECE;
        ssize_t length = kind == 'd' ? recv(connection, piece, size, 0) : send(connection, piece, size, MSG_NOSIGNAL);
        if (length <= 0) fail("bulk");
        bytes -= length;
    }
    if (kind == 'u') {
        shutdown(connection, SHUT_WR);
        if (recv(connection, piece, 1, 0) != 1) fail("end of upload");
    }
    printf("%ld\n", now() - began);
    struct linger reset = {1, 0};
    setsockopt(connection, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(connection);
}

static void names(int count)
{
    unsigned char question[300] = {0x12, 0x34, 1, 0, 0, 1}, answer[512];
    size_t length = 12;
    for (const char *label = name; *label;) {
        size_t size = strcspn(label, ".");
        question[length++] = size;
        memcpy(question + length, label, size);
        length += size;
        label += size + (label[size] == '.');
    }
    question[length++] = 0;
    memcpy(question + length, "\0\1\0\1", 4);
    length += 4;
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(53)};
    inet_pton(AF_INET, "127.0.0.53", &server.sin_addr);
    int sender = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct timeval patience = {.tv_sec = 5};
    setsockopt(sender, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(sender, (struct sockaddr *)&server, sizeof server) != 0) fail("connect");
    for (int index = 0; index < count; index++) {
        long began = now();
        question[1] = index;
        if (send(sender, question, length, 0) < 0 || recv(sender, answer, sizeof answer, 0) < 12) fail("question");
        if (answer[7] != 1) { errno = 0; fail("no answer in the answer"); }
        printf("%ld ", now() - began);
    }
    printf("\n");
    close(sender);
}

/* The odd ways in which a tunnel of the soak ends. */
enum { WHOLE, RESET_AFTER_HEAD, RESET_IN_TUNNEL, HALF_CLOSED, STALLED_HEAD, SILENT, MALFORMED, DENIED, UNREAD, WAYS };

static int act(struct state *state, int writable)
{
    static const struct linger reset = {1, 0};
    if (state->step == 0) {
        int error = 0;
        socklen_t size = sizeof error;
        if (!writable) return 0;
        getsockopt(state->connection, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error) { errno = error; return -1; }
        state->step = 1;
        if (state->odd == SILENT || state->odd == STALLED_HEAD) {
            if (state->odd == STALLED_HEAD) send(state->connection, head, 9, MSG_NOSIGNAL);
            state->until = now() + (rand() % 200) * 1000000L;
            return 0;
        }
        const char *text = state->odd == MALFORMED ? "CONNECT a b c\r\n\r\n" : state->odd == DENIED
            ? "CONNECT denied.invalid:443 HTTP/1.1\r\nHost: denied.invalid:443\r\n\r\n" : head;
        if (send(state->connection, text, strlen(text), MSG_NOSIGNAL) < 0) return -1;
        if (state->odd == RESET_AFTER_HEAD) {
            setsockopt(state->connection, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
            return 1;
        }
    }
    if (state->until) return now() > state->until;
    if (state->step == 3) return 0;
    ssize_t length = recv(state->connection, state->answer + state->length, sizeof state->answer - 1 - state->length, 0);
    if (length < 0) return errno == EAGAIN ? 0 : -1;
    if (state->step == 2) {
        if (state->odd != HALF_CLOSED) return length > 0 ? 1 : -1;
        /* The end may have come together with the last bytes, and then has no event of its own. */
        while (length > 0) length = recv(state->connection, state->answer, sizeof state->answer, 0);
        return length == 0 ? 1 : errno == EAGAIN ? 0 : -1;
    }
    if (length == 0) return state->odd == MALFORMED || state->odd == DENIED ? 1 : -1;
    state->answer[state->length += length] = 0;
    if (!strstr(state->answer, "\r\n\r\n")) return 0;
    if (state->odd == MALFORMED || state->odd == DENIED) return answered(state->answer, state->length) ? -1 : 1;
    if (!answered(state->answer, state->length)) return -1;
    state->length = 0;
    state->step = 2;
    if (send(state->connection, state->odd == UNREAD ? "d" : "e", 1, MSG_NOSIGNAL) != 1) return -1;
    if (state->odd == HALF_CLOSED) shutdown(state->connection, SHUT_WR);
    if (state->odd == RESET_IN_TUNNEL || state->odd == UNREAD) {
        state->step = 3;
        setsockopt(state->connection, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        state->until = now() + (rand() % (state->odd == UNREAD ? 100 : 3)) * 1000000L;
    }
    return 0;
}

static void soak(long count, int at_once, unsigned seed)
{
    static struct state states[1024];
    long done = 0, begun = 0, failed = 0, ways[WAYS] = {0};
    int queue = epoll_create1(EPOLL_CLOEXEC);
    srand(seed);
    if (at_once > 1024) at_once = 1024;
    for (int index = 0; index < at_once; index++) states[index].connection = -1;
    while (done < count) {
        for (int index = 0; index < at_once; index++) {
            struct state *state = &states[index];
            if (state->connection < 0 && begun < count) {
                if (start(state, queue, index) != 0) fail("connect");
                state->odd = rand() % WAYS;
                begun++;
            }
            /* What ends by time only has no event of its own. */
            if (state->connection >= 0 && state->until && now() > state->until) {
                ways[(int)state->odd]++;
                close(state->connection);
                state->connection = -1;
                done++;
            }
        }
        struct epoll_event events[256];
        int ready = epoll_wait(queue, events, 256, 20);
        for (int index = 0; index < ready; index++) {
            struct state *state = &states[events[index].data.u32];
            if (state->connection < 0) continue;
            int result = act(state, events[index].events & (EPOLLOUT | EPOLLERR | EPOLLHUP));
            if (result == 0) continue;
            if (result < 0) failed++; else ways[(int)state->odd]++;
            close(state->connection);
            state->connection = -1;
            done++;
        }
    }
    printf("failed %ld", failed);
    for (int index = 0; index < WAYS; index++) printf(" %ld", ways[index]);
    printf("\n");
    close(queue);
}

int main(int count, char **arguments)
{
    if (count != 6) return 2;
    signal(SIGPIPE, SIG_IGN);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    name = arguments[3];
    is_connect = strcmp(arguments[5], "connect") == 0;
    relay = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(atoi(arguments[2]))};
    snprintf(head, sizeof head, "CONNECT %s:%s HTTP/1.1\r\nHost: %s:%s\r\n\r\n", name, arguments[4], name, arguments[4]);
    char line[200];
    int resolved = 0;
    while (fgets(line, sizeof line, stdin)) {
        long first = 0, second = 0, third = 0;
        char word[20];
        if (!resolved) {
            struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;
            if (getaddrinfo(arguments[1], NULL, &hints, &found) != 0) fail("name");
            relay.sin_addr = ((struct sockaddr_in *)found->ai_addr)->sin_addr;
            resolved = 1;
        }
        sscanf(line, "%19s %ld %ld %ld", word, &first, &second, &third);
        if (!strcmp(word, "latency")) latency(first);
        else if (!strcmp(word, "rate")) rate(first, second);
        else if (!strcmp(word, "down")) bulk(first << 20, 'd');
        else if (!strcmp(word, "up")) bulk(first << 20, 'u');
        else if (!strcmp(word, "names")) names(first);
        else if (!strcmp(word, "soak")) soak(first, second, third);
        else if (!strcmp(word, "idle")) {
            for (long index = 0; index < first && holds < MOST; index++) exchange(held[holds++] = tunnel());
            printf("held %d\n", holds);
        } else if (!strcmp(word, "close")) {
            while (holds) close(held[--holds]);
            printf("closed\n");
        } else return 2;
        fflush(stdout);
    }
    return 0;
}
