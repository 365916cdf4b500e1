// The system calls that Swift can't import: those without a C library wrapper, variadic ones, and those
// hidden behind _GNU_SOURCE. One line each; every function returns the result or the negative errno, so
// that nothing depends on the thread-local errno.
//
// The header includes only integer types and declares its own structures: a system header here would
// leak into every Swift module and make constants such as MS_BIND ambiguous.
#ifndef MEWS_CLINUX_H
#define MEWS_CLINUX_H

#include <stdint.h>
#include <sys/types.h>

// The arguments that this process was started with, its own name first; NULL after the last one.
const char *mews_argument(unsigned long index);
// The environment that this process was started with; NULL after the last entry.
const char *mews_environment(unsigned long index);

// Text of an error number, in the C locale (strerrordesc_np(3)); NULL for an unknown one.
const char *mews_strerror(int code);
// The constant's name of an error number (strerrorname_np(3)); NULL for an unknown one.
const char *mews_strerrorname(int code);

// --- processes ---
// clone3(2), or clone(2) where there is no such call, with CLONE_PIDFD added; exit signal SIGCHLD. The child returns 0
// on a copy of this stack.
int mews_clone(uint64_t flags, int *pidfd);
// clone(2) without flags but SIGCHLD, past the C library's fork handlers (our own filter refuses clone3).
int mews_fork(void);
int mews_prctl(int option, unsigned long two, unsigned long three, unsigned long four, unsigned long five);
int mews_pidfd_send_signal(int pidfd, int signal);
int mews_pidfd_open(int process);
// PIDFD_GET_INFO with PIDFD_INFO_EXIT: 1 with the status as wait4(2) gives it, 0 when it isn't known yet.
int mews_pidfd_exit_status(int pidfd, int *status);
int mews_execve(const char *path, char *const argv[], char *const envp[]);
int mews_close(int descriptor);
int mews_close_range(unsigned first, unsigned last, unsigned flags);
int mews_waitpid(int pid, int *status, int options);
// wait4(2); the peak of resident memory of the child and of its own children, in KiB.
int mews_wait4(int pid, int *status, int options, int64_t *peak_memory);
unsigned mews_geteuid(void);
unsigned mews_getegid(void);
int mews_setsid(void);
int mews_setpgid(int process, int group);
int mews_getpgrp(void);
int mews_getpid(void);
int mews_getppid(void);
int mews_kill(int process, int signal);
// _exit(2).
_Noreturn void mews_exit(int status);
int mews_setresuid(unsigned uid);
int mews_setresgid(unsigned gid);
int mews_setgroups(unsigned count, const unsigned *groups);
int mews_keyctl_join_session(void);
int mews_sethostname(const char *name, unsigned long length);
// uname(2): the kernel's release and the host's name, each with its NUL in at most 65 bytes.
int mews_uname(char release[65], char host_name[65]);
// prlimit64(2) on the caller, both limits; resource numbers are the kernel's.
int mews_setrlimit(int resource, uint64_t soft, uint64_t hard);
int mews_getrlimit(int resource, uint64_t *soft, uint64_t *hard);

// --- descriptors ---
int mews_openat(int directory, const char *path, int flags, unsigned mode);
// openat2(2).
int mews_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);
int mews_memfd_create(const char *name, unsigned flags);
int mews_fcntl(int descriptor, int command, long argument);
// mmap(2) of a file's first bytes, to be read, written and shared; NULL with a positive errno in `error`.
uint64_t *mews_map_shared(int descriptor, unsigned long size, int *error);
int mews_unmap(uint64_t *start, unsigned long size);
// Whole, and in one order for all threads and processes that share the word.
uint64_t mews_load(const uint64_t *word);
void mews_store(uint64_t *word, uint64_t value);
int mews_dup3(int from, int to, int flags);
int mews_pipe2(int ends[2], int flags);
int mews_socketpair(int type, int ends[2]);
// sendmsg(2) of a payload and at most 253 descriptors, without SIGPIPE.
long mews_send(int socket, const void *bytes, unsigned long count, const int *descriptors, unsigned number);
// recvmsg(2); `number` becomes how many descriptors came, each close-on-exec. When there were more than `capacity`
// all are closed and the answer is -EMSGSIZE.
long mews_receive(int socket, void *bytes, unsigned long count, int flags, int *descriptors, unsigned capacity,
                  unsigned *number);
int mews_signalfd(const uint64_t *mask);
int mews_sigprocmask(const uint64_t *mask, uint64_t *old);
// Sets a signal to be ignored, or to its default action; whether it was ignored before.
int mews_set_ignored(int signal, int ignored);
void mews_raise(int signal);
// A timer of the monotonic clock that sends a signal to this process; set to a time and an interval in nanoseconds.
int mews_timer(int signal);
int mews_timer_set(int timer, int64_t first, int64_t interval);
void mews_timer_delete(int timer);
// Restores the default action of one signal and raises it for the caller.
void mews_die_of(int signal);

struct mews_timespec {
    int64_t seconds;
    int64_t nanoseconds;
};
struct mews_poll {
    int descriptor;
    int16_t events;
    int16_t returned;
};
// ppoll(2); a NULL timeout waits for ever.
int mews_poll(void *entries, unsigned count, const struct mews_timespec *timeout);
// clock_gettime(2) of CLOCK_MONOTONIC and CLOCK_REALTIME in nanoseconds.
int64_t mews_monotonic(void);
int64_t mews_realtime(void);

struct mews_stat {
    uint64_t device;
    uint64_t inode;
    uint64_t special; // device number of a device node
    uint64_t size;
    uint32_t mode;
    uint32_t uid;
    uint32_t gid;
    uint32_t links;
    int64_t modified_seconds;
    uint32_t modified_nanoseconds;
    uint32_t changed_nanoseconds;
    int64_t changed_seconds; // of the inode, which no call sets
};
// fstatat(2); an empty path with AT_EMPTY_PATH is the descriptor itself.
int mews_stat(int directory, const char *path, int flags, struct mews_stat *out);
// fstatfs(2), also of a path-only descriptor: blocks of `size` bytes and files, how many there are and are free.
struct mews_storage {
    uint64_t size, blocks, free_blocks, files, free_files;
};
int mews_fstatfs(int descriptor, struct mews_storage *out);
// statx(2) of a descriptor from what the kernel has in memory (AT_STATX_DONT_SYNC): no file system is asked.
// `mount` becomes 0 where the kernel doesn't tell it (before Linux 5.8).
int mews_stat_cached(int descriptor, struct mews_stat *out, uint64_t *mount);
long mews_readlinkat(int directory, const char *path, void *buffer, unsigned long capacity);
int mews_mkdirat(int directory, const char *path, unsigned mode);
int mews_symlinkat(const char *target, int directory, const char *path);
// renameat2(2) within one directory, never over something.
int mews_rename(int directory, const char *from, const char *to);
int mews_unlinkat(int directory, const char *path);
int mews_fchmod(int descriptor, unsigned mode);
unsigned mews_umask(unsigned mask);
int mews_fchdir(int descriptor);
int mews_chdir(const char *path);
// getdents64(2).
long mews_getdents(int directory, void *buffer, unsigned long capacity);
// lseek(2) from the start.
long mews_lseek(int descriptor, int64_t offset);
long mews_read(int descriptor, void *buffer, unsigned long count);
long mews_pread(int descriptor, void *buffer, unsigned long count, int64_t offset);
long mews_write(int descriptor, const void *buffer, unsigned long count);
int mews_getcwd(char *buffer, unsigned long capacity);
// pread(2).
long mews_read_at(int descriptor, void *buffer, unsigned long count, int64_t offset);
int mews_ftruncate(int descriptor, int64_t size);
int mews_fdatasync(int descriptor);
int mews_fsync(int descriptor);
int mews_flock(int descriptor, int operation);

// --- mounts ---
int mews_open_tree(int directory, const char *path, unsigned flags);
// move_mount(2) from a detached tree to a path below a directory.
int mews_move_mount(int tree, int directory, const char *path, unsigned flags);
// mount_setattr(2).
int mews_mount_setattr(int directory, const char *path, unsigned flags, uint64_t set, uint64_t clear,
                       uint64_t propagation);
int mews_fsopen(const char *type);
int mews_fsconfig_string(int context, const char *key, const char *value);
int mews_fsconfig_create(int context);
int mews_fsmount(int context, unsigned attributes);
int mews_pivot_root(const char *root, const char *old);
int mews_umount(const char *path, int flags);

// --- walls ---
// landlock_create_ruleset(2) with every field the header of this build knows; NULL-free.
int mews_landlock_abi(void);
int mews_landlock_create(uint64_t files, uint64_t network, uint64_t scopes);
int mews_landlock_allow(int ruleset, int descriptor, uint64_t rights);
int mews_landlock_restrict(int ruleset, unsigned flags);
// seccomp(2) SECCOMP_SET_MODE_FILTER over packed struct sock_filter; returns the listener when asked for.
int mews_seccomp_load(const void *instructions, unsigned short count, unsigned flags);
// SECCOMP_GET_NOTIF_SIZES: of struct seccomp_notif, seccomp_notif_resp and seccomp_data.
int mews_seccomp_sizes(uint16_t sizes[3]);
// The ioctls of a listener, on buffers of these sizes (seccomp_unotify(2)).
int mews_seccomp_receive(int listener, void *notification);
int mews_seccomp_send(int listener, void *response);
int mews_seccomp_valid(int listener, uint64_t identifier);
int mews_seccomp_flags(int listener, uint64_t flags);
// process_vm_readv(2) of one range, split at pages so that what lies before an absent one is read.
long mews_read_memory(int process, uint64_t address, void *buffer, unsigned long count);

// --- terminals ---
struct mews_window {
    uint16_t rows;
    uint16_t columns;
    uint16_t width;
    uint16_t height;
};
int mews_window_get(int terminal, struct mews_window *out);
int mews_window_set(int terminal, const struct mews_window *size);
// The slave of a pty master, opened without a path (TIOCGPTPEER, ioctl_tty(2)).
int mews_pty_peer(int master, int flags);
int mews_pty_unlock(int master);
int mews_set_controlling_terminal(int terminal);
int mews_foreground_get(int terminal);
int mews_foreground_set(int terminal, int group);
int mews_is_terminal(int descriptor);
// struct termios as opaque bytes; `mews_termios_*` change them.
struct mews_termios {
    uint8_t bytes[64];
};
int mews_termios_get(int terminal, struct mews_termios *out);
int mews_termios_set(int terminal, const struct mews_termios *value);
void mews_termios_raw(struct mews_termios *value);
void mews_termios_no_output_processing(struct mews_termios *value);

// --- network ---
// socket(2), non-blocking and close-on-exec.
int mews_socket(int domain, int type, int protocol);
// setsockopt(2) of an option that is a number.
int mews_set_socket_option(int socket, int level, int option, int value);
int mews_listen(int socket, int backlog);
// SO_ATTACH_FILTER over packed struct sock_filter (socket(7)).
int mews_attach_filter(int socket, const void *instructions, unsigned short count);
// SO_MEMINFO: how much found no room in the socket's buffer.
int mews_socket_drops(int socket, uint32_t *drops);

// --- streams ---
// One end of a connection or datagram: an IPv6 address as two numbers, IPv4 in the mapped form, and a port.
struct mews_endpoint {
    uint64_t high;
    uint64_t low;
    uint16_t port;
};
// accept4(2), not waiting and closed by execve(2).
int mews_accept(int listener, struct mews_endpoint *peer);
// A socket that doesn't wait: IPv4 when the endpoint is a mapped address, else IPv6. `type` is SOCK_STREAM (1) or
// SOCK_DGRAM (2).
int mews_internet_socket(const struct mews_endpoint *towards, int type);
// connect(2), bind(2): without SO_REUSEADDR, so that nobody shares the port.
int mews_connect(int socket, const struct mews_endpoint *to);
int mews_bind(int socket, const struct mews_endpoint *at);
int mews_socket_name(int socket, struct mews_endpoint *out);
int mews_peer_name(int socket, struct mews_endpoint *out);
// SO_ERROR: the error that is pending, positive; cleared by asking.
int mews_socket_error(int socket);
// SO_LINGER with no time: close(2) then sends a reset.
int mews_reset_on_close(int socket);
int mews_shutdown(int socket, int how);
// splice(2) without offsets, moving pages and not waiting for the pipe.
long mews_splice(int from, int to, unsigned long count);
// recv(2), and send(2) without SIGPIPE.
long mews_recv(int socket, void *buffer, unsigned long capacity, int flags);
long mews_send_bytes(int socket, const void *bytes, unsigned long count, int flags);
// recvmmsg(2), without waiting, of at most 16 packets: each has `room` bytes of the buffer, and its length among `lengths`.
// Returns how many came.
int mews_receive_packets(int socket, void *buffer, unsigned room, unsigned most, uint32_t *lengths);
// recvmsg(2) of one datagram with IPV6_PKTINFO or IP_PKTINFO; `to` has port 0.
long mews_receive_datagram(int socket, void *buffer, unsigned long capacity, struct mews_endpoint *from,
                           struct mews_endpoint *to);
// sendmsg(2) of one datagram from a given address (IPV6_PKTINFO, or IP_PKTINFO for a socket of IPv4).
long mews_send_datagram(int socket, const void *bytes, unsigned long count, const struct mews_endpoint *to,
                        const struct mews_endpoint *from);

struct mews_event {
    uint64_t number;
    uint32_t events;
};
// epoll_create1(2), closed by execve(2).
int mews_epoll_create(void);
// epoll_ctl(2) with EPOLL_CTL_ADD (1), DEL (2) or MOD (3).
int mews_epoll_control(int queue, int operation, int descriptor, uint32_t events, uint64_t number);
// epoll_wait(2); at most 128 events, the timeout in milliseconds, -1 for ever.
int mews_epoll_wait(int queue, struct mews_event *events, unsigned count, int timeout);

#endif
