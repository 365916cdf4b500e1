/* What a record costs at least: `recorder SOCKET LOG` takes notes of tunnels at a socket in the file system, writes a line
 * for each, and answers. Whoever sends it the listener of a filter (`watched`) instead has its calls answered: who calls,
 * and whom it names, is read, and the call goes on. Nothing is explained, counted or hashed. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP 1UL
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif

enum { LINE = 1250, MOST = 16 };

static struct pollfd entries[MOST];
static char kinds[MOST];
static int used, file;
static char line[LINE];

static void take(int descriptor, char kind)
{
    if (used == MOST) { close(descriptor); return; }
    kinds[used] = kind;
    entries[used++] = (struct pollfd){.fd = descriptor, .events = POLLIN};
}

static void drop(int index)
{
    close(entries[index].fd);
    used--;
    entries[index] = entries[used];
    kinds[index] = kinds[used];
}

/* A note, or a listener. */
static int note(int from)
{
    char bytes[512], control[CMSG_SPACE(sizeof(int))];
    struct iovec piece = {bytes, sizeof bytes};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t length = recvmsg(from, &message, MSG_DONTWAIT);
    if (length <= 0) return -1;
    struct cmsghdr *part = CMSG_FIRSTHDR(&message);
    if (part && part->cmsg_type == SCM_RIGHTS) {
        int listener;
        memcpy(&listener, CMSG_DATA(part), sizeof listener);
        /* Caller and reader take turns on one processor (Linux 6.6). */
        ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
        take(listener, 'n');
        return 0;
    }
    memcpy(line, bytes, 8);
    if (write(file, line, sizeof line) != sizeof line) exit(2);
    return send(from, bytes, 8, MSG_NOSIGNAL) == 8 ? 0 : -1;
}

static int notification(int listener)
{
    static char place[64], text[256], address[128];
    struct seccomp_notif call = {0};
    struct seccomp_notif_resp answer = {.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) != 0) return 0;
    struct iovec here = {address, call.data.args[2] < sizeof address ? call.data.args[2] : sizeof address};
    struct iovec there = {(void *)call.data.args[1], here.iov_len};
    process_vm_readv(call.pid, &here, 1, &there, 1, 0);
    snprintf(place, sizeof place, "/proc/%u/exe", call.pid);
    readlink(place, text, sizeof text);
    answer.id = call.id;
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    return 0;
}

int main(int count, char **arguments)
{
    if (count != 3) return 2;
    struct sockaddr_un place = {.sun_family = AF_UNIX};
    strncpy(place.sun_path, arguments[1], sizeof place.sun_path - 1);
    memset(line, 'x', sizeof line);
    line[LINE - 1] = '\n';
    file = open(arguments[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (file < 0 || bind(listener, (struct sockaddr *)&place, sizeof place) != 0 || listen(listener, 8) != 0) {
        perror("recorder");
        return 1;
    }
    take(0, 'i');
    take(listener, 'l');
    printf("0\n");
    fflush(stdout);
    while (poll(entries, used, -1) > 0) {
        for (int index = used - 1; index >= 0; index--) {
            if (!entries[index].revents) continue;
            if (kinds[index] == 'i') return 0;
            if (kinds[index] == 'l') take(accept4(listener, NULL, NULL, SOCK_CLOEXEC), 'c');
            else if (kinds[index] == 'c' ? note(entries[index].fd) : entries[index].revents & POLLIN ? notification(entries[index].fd) : -1)
                drop(index);
        }
    }
    return 0;
}
