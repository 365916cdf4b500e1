#include "include/CLinux.h"

#include <errno.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

// Numbers are the same on every architecture since Linux 5.1; older headers lack the later ones.
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
enum { FSCONFIG_STRING = 1, FSCONFIG_CREATE = 6 };

static long result(long value) { return value < 0 ? -errno : value; }

int mews_open_tree(int directory, const char *path, unsigned flags) {
    return (int)result(syscall(SYS_open_tree, directory, path, flags));
}
int mews_move_mount(int tree, int directory, const char *path, unsigned flags) {
    return (int)result(syscall(SYS_move_mount, tree, "", directory, path, flags));
}
int mews_mount_setattr(int directory, const char *path, unsigned flags, uint64_t set, uint64_t clear,
                       uint64_t propagation) {
    uint64_t attributes[4] = {set, clear, propagation, 0};
    return (int)result(syscall(SYS_mount_setattr, directory, path, flags, attributes, sizeof attributes));
}
int mews_fsopen(const char *type) { return (int)result(syscall(SYS_fsopen, type, 1 /* FSOPEN_CLOEXEC */)); }
int mews_fsconfig_string(int context, const char *key, const char *value) {
    return (int)result(syscall(SYS_fsconfig, context, FSCONFIG_STRING, key, value, 0));
}
int mews_fsconfig_create(int context) {
    return (int)result(syscall(SYS_fsconfig, context, FSCONFIG_CREATE, NULL, NULL, 0));
}
int mews_fsmount(int context, unsigned attributes) {
    return (int)result(syscall(SYS_fsmount, context, 1 /* FSMOUNT_CLOEXEC */, attributes));
}
int mews_pivot_root(const char *root, const char *old) {
    return (int)result(syscall(SYS_pivot_root, root, old));
}
int mews_umount(const char *path, int flags) { return (int)result(umount2(path, flags)); }
