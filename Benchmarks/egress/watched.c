/* `watched SOCKET PROGRAM [ARGUMENT...]` runs a program under a filter that tells of each connect(2), and hands the other
 * end to the `recorder` at that socket. */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

int main(int count, char **arguments)
{
    if (count < 3) return 2;
    struct sockaddr_un place = {.sun_family = AF_UNIX};
    strncpy(place.sun_path, arguments[1], sizeof place.sun_path - 1);
    int recorder = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (connect(recorder, (struct sockaddr *)&place, sizeof place) != 0) { perror("connect"); return 1; }
    struct sock_filter instructions[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_connect, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof instructions / sizeof *instructions, instructions};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    int listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter);
    if (listener < 0) { perror("seccomp"); return 1; }
    char byte = 0, control[CMSG_SPACE(sizeof listener)] = {0};
    struct iovec piece = {&byte, 1};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof listener);
    memcpy(CMSG_DATA(part), &listener, sizeof listener);
    if (sendmsg(recorder, &message, 0) != 1) { perror("sendmsg"); return 1; }
    close(listener);
    execv(arguments[2], arguments + 2);
    perror(arguments[2]);
    return 127;
}
