#include "include/CLinux.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
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
