#include "include/CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef SYS_openat2
#define SYS_openat2 437
#endif

static long result(long value) { return value < 0 ? -errno : value; }

int mews_openat(int directory, const char *path, int flags, unsigned mode) {
    return (int)result(openat(directory, path, flags, mode));
}
int mews_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
    uint64_t how[3] = {flags, mode, resolve};
    return (int)result(syscall(SYS_openat2, directory, path, how, sizeof how));
}
int mews_memfd_create(const char *name, unsigned flags) { return (int)result(memfd_create(name, flags)); }
int mews_fcntl(int descriptor, int command, long argument) {
    return (int)result(fcntl(descriptor, command, argument));
}
uint64_t *mews_map_shared(int descriptor, unsigned long size, int *error) {
    void *start = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    *error = start == MAP_FAILED ? errno : 0;
    return start == MAP_FAILED ? NULL : start;
}
int mews_unmap(uint64_t *start, unsigned long size) { return (int)result(munmap(start, size)); }
uint64_t mews_load(const uint64_t *word) { return __atomic_load_n(word, __ATOMIC_SEQ_CST); }
void mews_store(uint64_t *word, uint64_t value) { __atomic_store_n(word, value, __ATOMIC_SEQ_CST); }
int mews_dup3(int from, int to, int flags) { return (int)result(dup3(from, to, flags)); }
int mews_pipe2(int ends[2], int flags) { return (int)result(pipe2(ends, flags)); }
int mews_socketpair(int type, int ends[2]) {
    return (int)result(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends));
}

// The most descriptors of one message (SCM_MAX_FD, unix(7)).
enum { MOST_DESCRIPTORS = 253 };
union descriptor_space {
    char space[CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int))];
    struct cmsghdr align;
};

long mews_send(int socket, const void *bytes, unsigned long count, const int *descriptors, unsigned number) {
    struct iovec piece = {(void *)bytes, count};
    union descriptor_space control;
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    if (number > MOST_DESCRIPTORS) return -EINVAL;
    if (number > 0) {
        memset(&control, 0, CMSG_SPACE(number * sizeof(int)));
        message.msg_control = control.space;
        message.msg_controllen = CMSG_SPACE(number * sizeof(int));
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(number * sizeof(int));
        memcpy(CMSG_DATA(header), descriptors, number * sizeof(int));
    }
    return result(sendmsg(socket, &message, MSG_NOSIGNAL));
}

long mews_receive(int socket, void *bytes, unsigned long count, int flags, int *descriptors, unsigned capacity,
                  unsigned *number) {
    struct iovec piece = {bytes, count};
    union descriptor_space control;
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    *number = 0;
    if (capacity > MOST_DESCRIPTORS) return -EINVAL;
    message.msg_control = control.space;
    // Without the padding, in which one more would find room.
    message.msg_controllen = CMSG_LEN(capacity * sizeof(int));
    long got = result(recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC));
    if (got < 0) return got;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
        header->cmsg_len > CMSG_LEN(0)) {
        *number = (unsigned)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        memcpy(descriptors, CMSG_DATA(header), *number * sizeof(int));
    }
    if (message.msg_flags & MSG_CTRUNC) {
        for (unsigned index = 0; index < *number; index++) close(descriptors[index]);
        *number = 0;
        return -EMSGSIZE;
    }
    return got;
}

int mews_stat(int directory, const char *path, int flags, struct mews_stat *out) {
    struct stat found;
    long got = result(fstatat(directory, path, &found, flags));
    if (got < 0) return (int)got;
    out->device = found.st_dev;
    out->inode = found.st_ino;
    out->special = found.st_rdev;
    out->size = (uint64_t)found.st_size;
    out->mode = found.st_mode;
    out->uid = found.st_uid;
    out->gid = found.st_gid;
    out->links = (uint32_t)found.st_nlink;
    out->modified_seconds = found.st_mtim.tv_sec;
    out->modified_nanoseconds = (uint32_t)found.st_mtim.tv_nsec;
    out->changed_seconds = found.st_ctim.tv_sec;
    out->changed_nanoseconds = (uint32_t)found.st_ctim.tv_nsec;
    return 0;
}
int mews_fstatfs(int descriptor, struct mews_storage *out) {
    struct statfs found;
    if (fstatfs(descriptor, &found)) return -errno;
    out->size = (uint64_t)found.f_bsize;
    out->blocks = found.f_blocks;
    out->free_blocks = found.f_bfree;
    out->files = found.f_files;
    out->free_files = found.f_ffree;
    return 0;
}

int mews_stat_cached(int descriptor, struct mews_stat *out, uint64_t *mount) {
    struct statx found;
    const unsigned mountId = 0x1000 /* STATX_MNT_ID */;
    const int flags = AT_EMPTY_PATH | AT_NO_AUTOMOUNT | 0x4000 /* AT_STATX_DONT_SYNC */;
    long got = result(statx(descriptor, "", flags, STATX_BASIC_STATS | mountId, &found));
    if (got < 0) return (int)got;
    out->device = makedev(found.stx_dev_major, found.stx_dev_minor);
    out->inode = found.stx_ino;
    out->special = makedev(found.stx_rdev_major, found.stx_rdev_minor);
    out->size = found.stx_size;
    out->mode = found.stx_mode;
    out->uid = found.stx_uid;
    out->gid = found.stx_gid;
    out->links = found.stx_nlink;
    // A union of padding before glibc knew the field: eight bytes at offset 0x90.
    *mount = 0;
    if (found.stx_mask & mountId) memcpy(mount, (const char *)&found + 0x90, sizeof *mount);
    return 0;
}
long mews_readlinkat(int directory, const char *path, void *buffer, unsigned long capacity) {
    return result(readlinkat(directory, path, buffer, capacity));
}
int mews_mkdirat(int directory, const char *path, unsigned mode) {
    return (int)result(mkdirat(directory, path, mode));
}
int mews_symlinkat(const char *target, int directory, const char *path) {
    return (int)result(symlinkat(target, directory, path));
}
int mews_rename(int directory, const char *from, const char *to) {
    return (int)result(syscall(SYS_renameat2, directory, from, directory, to, 1 /* RENAME_NOREPLACE */));
}
int mews_unlinkat(int directory, const char *path) { return (int)result(unlinkat(directory, path, 0)); }
int mews_fchmod(int descriptor, unsigned mode) { return (int)result(fchmod(descriptor, mode)); }
unsigned mews_umask(unsigned mask) { return umask(mask); }
int mews_fchdir(int descriptor) { return (int)result(fchdir(descriptor)); }
int mews_chdir(const char *path) { return (int)result(chdir(path)); }
long mews_getdents(int directory, void *buffer, unsigned long capacity) {
    return result(syscall(SYS_getdents64, directory, buffer, capacity));
}
long mews_lseek(int descriptor, int64_t offset) { return result(lseek(descriptor, offset, SEEK_SET)); }
long mews_read(int descriptor, void *buffer, unsigned long count) {
    return result(read(descriptor, buffer, count));
}
long mews_pread(int descriptor, void *buffer, unsigned long count, int64_t offset) {
    return result(pread(descriptor, buffer, count, offset));
}
long mews_write(int descriptor, const void *buffer, unsigned long count) {
    return result(write(descriptor, buffer, count));
}
long mews_read_at(int descriptor, void *buffer, unsigned long count, int64_t offset) {
    return result(pread(descriptor, buffer, count, offset));
}
int mews_ftruncate(int descriptor, int64_t size) { return (int)result(ftruncate(descriptor, size)); }
int mews_fdatasync(int descriptor) { return (int)result(fdatasync(descriptor)); }
int mews_fsync(int descriptor) { return (int)result(fsync(descriptor)); }
int mews_flock(int descriptor, int operation) { return (int)result(flock(descriptor, operation)); }
int mews_getcwd(char *buffer, unsigned long capacity) {
    return (int)result(syscall(SYS_getcwd, buffer, capacity));
}
