// Stands in for libexec/mews/mews-egress where a test needs a door that does as the test wants. The file `way` beside
// it says how:
//
//   answers   reports each connection as denied and, once that is recorded, says so and closes it
//   allows    reports each connection as allowed, and its end
//   stays     reports a connection as allowed and ends by a signal when it gets a byte
//   dies      ends by a signal at each connection
//   floods    reports without end that it denies, whoever connects
//   mutters   says what makes no sense
//   skips     leaves out a number
//   refuses   can't be confined: ends before it is ready
//   sleeps    never becomes ready
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONTROL = 3, PROGRESS = 5, FIRST = 6, MOST = 200, ALLOWED = 1, DENIED = 2, CLOSED = 4, TRANSPARENT = 4, LITERAL = 4 };

static uint8_t packet[1024];
static size_t size;

static void put(uint64_t value, int bytes) {
    for (int index = 0; index < bytes; index++) packet[size++] = (uint8_t)(value >> (index * 8));
}

static struct sockaddr_in6 in_six(struct sockaddr_in6 end) {
    struct sockaddr_in four;
    memcpy(&four, &end, sizeof four);
    if (four.sin_family != AF_INET) return end;
    struct sockaddr_in6 mapped = {.sin6_family = AF_INET6, .sin6_port = four.sin_port};
    memset(&mapped.sin6_addr.s6_addr[10], 0xff, 2);
    memcpy(&mapped.sin6_addr.s6_addr[12], &four.sin_addr, 4);
    return mapped;
}

static void put_end(struct sockaddr_in6 given) {
    struct sockaddr_in6 mapped = in_six(given), *end = &mapped;
    for (int half = 0; half < 2; half++) {
        uint64_t value = 0;
        for (int index = 0; index < 8; index++) value = value << 8 | end->sin6_addr.s6_addr[half * 8 + index];
        put(value, 8);
    }
    put(ntohs(end->sin6_port), 2);
}

static void send_packet(void) {
    if (send(CONTROL, packet, size, MSG_NOSIGNAL) < 0) _exit(0);
    size = 0;
}

static void report(uint64_t number, int kind, int connection, uint64_t sent, uint64_t received) {
    struct sockaddr_in6 client, destination;
    socklen_t length = sizeof client;
    getpeername(connection, (struct sockaddr *)&client, &length);
    length = sizeof destination;
    getsockname(connection, (struct sockaddr *)&destination, &length);
    put(2, 1);
    put(number, 8);
    put(kind, 1);
    put(TRANSPARENT, 1);
    put(0, 1);
    put_end(client);
    put_end(destination);
    put(0, 4);  // host
    put(ntohs(destination.sin6_port), 2);
    put(0, 4);  // address
    put(0, 4);  // server name
    put(0, 1);  // rule
    put(0, 4);
    put(kind == DENIED ? LITERAL : 0, 1);
    put(0, 1);  // protocol
    put(0, 4);  // type of question
    put(sent, 8);
    put(received, 8);
    put(7, 8);
    put(0, 4);
    send_packet();
}

// How far the supervisor has come, and what is waited for: it only tells of the latter.
static uint64_t *progress;

static void wait_for_record(uint64_t number) {
    static uint8_t answer[140000];
    __atomic_store_n(&progress[1], number, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&progress[0], __ATOMIC_SEQ_CST) < number) {
        ssize_t count = recv(CONTROL, answer, sizeof answer, 0);
        if (count <= 0) _exit(0);
        uint64_t recorded = 0;
        for (int index = 7; index >= 0; index--) recorded = recorded << 8 | answer[1 + index];
        if (answer[0] == 3 && count == 9 && recorded >= number) return;
    }
}

static int next_connection(void) {
    struct pollfd entries[MOST];
    int count = 0;
    for (int number = FIRST; number < FIRST + MOST; number++) {
        int listens = 0;
        socklen_t length = sizeof listens;
        if (getsockopt(number, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) == 0 && listens)
            entries[count++] = (struct pollfd){number, POLLIN, 0};
    }
    for (;;) {
        poll(entries, (nfds_t)count, -1);
        for (int index = 0; index < count; index++) {
            if (!entries[index].revents) continue;
            int connection = accept4(entries[index].fd, NULL, NULL, SOCK_CLOEXEC);
            if (connection >= 0) return connection;
        }
    }
}

static const char *way(void) {
    static char text[64];
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 8);
    if (length < 0) _exit(9);
    path[length] = 0;
    strcpy(strrchr(path, '/') + 1, "way");
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || read(file, text, sizeof text - 1) < 0) _exit(9);
    return text;
}

int main(void) {
    const char *wanted = way();
    uint64_t number = 0;
    if (!strcmp(wanted, "refuses")) return 3;
    progress = mmap(NULL, 16, PROT_READ | PROT_WRITE, MAP_SHARED, PROGRESS, 0);
    if (progress == MAP_FAILED) return 4;
    if (!strcmp(wanted, "sleeps")) for (;;) pause();
    put(1, 1);
    send_packet();
    for (;;) {
        int connection = next_connection();
        if (!strcmp(wanted, "dies")) raise(SIGKILL);
        if (!strcmp(wanted, "mutters")) put(99, 4), send_packet();
        if (!strcmp(wanted, "skips")) number++;
        if (!strcmp(wanted, "floods")) for (;;) report(++number, DENIED, connection, 0, 0);
        int allows = !strcmp(wanted, "allows") || !strcmp(wanted, "stays");
        report(++number, allows ? ALLOWED : DENIED, connection, 0, 0);
        wait_for_record(number);
        const char *text = allows ? "allowed\n" : "refused\n";
        if (write(connection, text, 8) != 8) {}
        uint64_t sent = 0;
        char buffer[4096];
        for (ssize_t count; allows && (count = read(connection, buffer, sizeof buffer)) > 0; sent += (uint64_t)count)
            if (!strcmp(wanted, "stays")) raise(SIGKILL);
        if (allows) report(++number, CLOSED, connection, sent, 8);
        close(connection);
    }
}
