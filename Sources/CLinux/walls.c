#include "include/CLinux.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static long result(long value) { return value < 0 ? -errno : value; }

int mews_landlock_abi(void) {
    return (int)result(syscall(444 /* landlock_create_ruleset */, NULL, 0, 1 /* VERSION */));
}
// A ruleset's size tells the kernel which fields the caller knows: trailing zero fields are always fine,
// non-zero ones that it doesn't know are E2BIG (landlock_create_ruleset(2)), so callers mask by ABI.
int mews_landlock_create(uint64_t files, uint64_t network, uint64_t scopes) {
    uint64_t attributes[3] = {files, network, scopes};
    unsigned long size = scopes ? 24 : network ? 16 : 8;
    return (int)result(syscall(444, attributes, size, 0));
}
int mews_landlock_allow(int ruleset, int descriptor, uint64_t rights) {
    struct __attribute__((packed)) {
        uint64_t rights;
        int32_t descriptor;
    } rule = {rights, descriptor};
    return (int)result(syscall(445 /* landlock_add_rule */, ruleset, 1 /* PATH_BENEATH */, &rule, 0));
}
int mews_landlock_restrict(int ruleset, unsigned flags) {
    return (int)result(syscall(446 /* landlock_restrict_self */, ruleset, flags));
}
int mews_seccomp_load(const void *instructions, unsigned short count, unsigned flags) {
    struct sock_fprog program = {count, (struct sock_filter *)instructions};
    return (int)result(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program));
}

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif

int mews_seccomp_sizes(uint16_t sizes[3]) {
    return (int)result(syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, sizes));
}
int mews_seccomp_receive(int listener, void *notification) {
    return (int)result(ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, notification));
}
int mews_seccomp_send(int listener, void *response) {
    return (int)result(ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, response));
}
int mews_seccomp_valid(int listener, uint64_t identifier) {
    return (int)result(ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &identifier));
}
int mews_seccomp_flags(int listener, uint64_t flags) {
    return (int)result(ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, flags));
}

long mews_read_memory(int process, uint64_t address, void *buffer, unsigned long count) {
    const uint64_t page = 4096; // the smallest; on larger ones a range is only split more often
    struct iovec local = {buffer, count}, remote[3];
    unsigned long ranges = 0;
    while (count > 0 && ranges < 3) {
        uint64_t piece = page - address % page;
        if (piece > count) piece = count;
        remote[ranges++] = (struct iovec){(void *)(uintptr_t)address, piece};
        address += piece;
        count -= piece;
    }
    return result(process_vm_readv(process, &local, 1, remote, ranges, 0));
}
