/* What the calls of attempts.c point to, and the numbers that the C library's headers lack. */
#pragma once

#include "sweep.h"

#include <arpa/inet.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#define SYS_cachestat 451
#define SYS_fchmodat2 452
#define SYS_futex_wake 454
#define SYS_listmount 458
#define SYS_lsm_get_self_attr 459
#define SYS_lsm_list_modules 461
#define SYS_map_shadow_stack 453
#define SYS_mseal 462
#define SYS_statmount 457
#define SYS_uprobe 336

#define A(object) ((long)&object)
#define P(text) ((long)text)
#define PLAIN(text, call, ...) {.name = text, .number = call, .arguments = {__VA_ARGS__}}
#define SHOWS(text, call, ...) {.name = text, .number = call, .arguments = {__VA_ARGS__}, .shows = 1}

/* For results, and for what is written; zeros at first in every process. */
static char buffer[8192] __attribute__((aligned(64)));
static char page[4096] __attribute__((aligned(4096)));
static char zeroes[256] __attribute__((aligned(64)));
static char zeroes_too[256] __attribute__((aligned(64)));
static unsigned char all[64] = {[0 ... 63] = 0xff};
static int one = 1;
static int length = 128;
static struct iovec vector = {page, 4};
static struct pollfd polled = {EVENT, POLLIN, 0};
static struct timespec now = {0, 0};
static struct epoll_event events = {EPOLLIN, {.fd = EVENT}};
static unsigned long mask = 1UL << (SIGUSR1 - 1);
static struct itimerspec times = {{0, 0}, {1000, 0}};
static struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
static struct { unsigned long flags, mode, resolve; } how = {O_RDONLY, 0, 0};
/* linux/fs.h: struct file_handle with room behind it. */
static struct { unsigned bytes; int type; char handle[128]; } handle = {128, 0, {0}};
static struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
#define PORT(number) ((in_port_t)((number) >> 8 | ((number) & 255) << 8))
static struct sockaddr_in loopback = {AF_INET, 0, {0x0100007f}, {0}};
static struct sockaddr_in low_port = {AF_INET, PORT(81), {0x0100007f}, {0}};
static struct sockaddr_in foreign = {AF_INET, 0, {0x010200c0}, {0}};
static struct sockaddr_in nobody = {AF_INET, PORT(9), {0x0100007f}, {0}};
static struct clone_args clone_arguments = {.exit_signal = SIGCHLD};
static struct clone_args clone_user = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
static char *arguments[] = {"true", 0};
static struct __user_cap_header_struct capability_header = {_LINUX_CAPABILITY_VERSION_3, 0};
static struct rlimit small_limit = {64, 64};
static struct rlimit large_limit = {1 << 30, 1 << 30};
static unsigned long context;
/* VFS_CAP_REVISION_2 with CAP_CHOWN. */
static unsigned file_capabilities[5] = {0x02000000, 1, 0, 0, 0};
static union bpf_attr bpf_map = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
static struct perf_event_attr performance = {
    .type = PERF_TYPE_SOFTWARE, .size = sizeof(struct perf_event_attr), .config = PERF_COUNT_SW_TASK_CLOCK};
static struct landlock_ruleset_attr ruleset = {LANDLOCK_ACCESS_FS_EXECUTE};
static unsigned action = SECCOMP_RET_ERRNO;
static struct sock_filter instructions[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
static struct sock_fprog program = {1, instructions};
