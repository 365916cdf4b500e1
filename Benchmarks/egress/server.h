/* What origin and relay have in common: a listener on the loopback, as many descriptors as there may be, and the queue. */
#pragma once
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum { MOST = 1 << 16 };

static int queue;

static void watch(int descriptor, unsigned events, int operation)
{
    struct epoll_event event = {.events = events, .data.fd = descriptor};
    if (epoll_ctl(queue, operation, descriptor, &event) != 0) { perror("epoll_ctl"); exit(2); }
}

/* Prints the port of a new listener, and waits for it and for the end of the standard input. */
static int serve_at_any_port(void)
{
    signal(SIGPIPE, SIG_IGN);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max < MOST ? limit.rlim_max : MOST;
    setrlimit(RLIMIT_NOFILE, &limit);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof place;
    if (bind(listener, (struct sockaddr *)&place, sizeof place) != 0 || listen(listener, 4096) != 0 ||
        getsockname(listener, (struct sockaddr *)&place, &size) != 0) { perror("listen"); exit(1); }
    printf("%d\n", ntohs(place.sin_port));
    fflush(stdout);
    queue = epoll_create1(0);
    watch(listener, EPOLLIN, EPOLL_CTL_ADD);
    watch(0, EPOLLIN, EPOLL_CTL_ADD);
    return listener;
}
