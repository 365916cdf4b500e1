#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// The C library's <sys/mount.h> and <linux/mount.h> can't be included together on every release, and musl wraps none of
// these calls.
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif
enum { ms_private = 1 << 18, detach = 2 };

// Where the new root is attached until it becomes the root: it hides nothing that a bind's source may lie below.
static const char attachment[] = "/proc";

static int system_call(long number, long a, long b, long c, long d, long e) {
    return (int)syscall(number, a, b, c, d, e);
}

static void set_attributes(int tree, uint64_t attributes, const char *subject) {
    struct mount_attr change = {.attr_set = attributes};
    if (system_call(SYS_mount_setattr, tree, (long)"", AT_EMPTY_PATH | AT_RECURSIVE, (long)&change, sizeof change) < 0)
        fail("mount_setattr", subject);
}

static int new_file_system(const char *type, const char *const options[][2], unsigned attributes) {
    int context = system_call(SYS_fsopen, (long)type, FSOPEN_CLOEXEC, 0, 0, 0);
    if (context < 0) fail("fsopen", type);
    for (; options && (*options)[0]; options++)
        if (system_call(SYS_fsconfig, context, FSCONFIG_SET_STRING, (long)(*options)[0], (long)(*options)[1], 0) < 0)
            fail("fsconfig", (*options)[0]);
    if (system_call(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, 0, 0, 0) < 0) fail("create", type);
    int tree = system_call(SYS_fsmount, context, FSMOUNT_CLOEXEC, attributes, 0, 0);
    if (tree < 0) fail("fsmount", type);
    close(context);
    return tree;
}

static int new_tmpfs(const char *size) {
    const char *const options[][2] = {{"size", size}, {"mode", "0755"}, {NULL, NULL}};
    return new_file_system("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
}

static int clone_tree(int directory, const char *path) {
    unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW;
    int tree = system_call(SYS_open_tree, directory, (long)path, flags, 0, 0);
    if (tree < 0) fail("open_tree", path);
    return tree;
}

// Makes the directory at `path` below `root` with those above it that are missing: the last one first, because nearly
// always its parent is there.
static void make_directory(int root, const char *path) {
    if (mkdirat(root, path, 0755) == 0 || errno == EEXIST) return;
    const char *slash = strrchr(path, '/');
    if (errno != ENOENT || !slash) fail("mkdir", path);
    char parent[PATH_MAX];
    size_t length = (size_t)(slash - path);
    if (length >= sizeof parent) errno = ENAMETOOLONG, fail("mkdir", path);
    memcpy(parent, path, length);
    parent[length] = 0;
    make_directory(root, parent);
    if (mkdirat(root, path, 0755) < 0 && errno != EEXIST) fail("mkdir", path);
}

static void make_file(int root, const char *path, mode_t mode) {
    int file = openat(root, path, O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, mode);
    if (file < 0 && errno == ENOENT && strrchr(path, '/')) {
        char parent[PATH_MAX] = "";
        strncat(parent, path, (size_t)(strrchr(path, '/') - path));
        make_directory(root, parent);
        file = openat(root, path, O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, mode);
    }
    if (file < 0) fail("create", path);
    close(file);
}

// Mount points are all made before the first mount, because some lie in what becomes read-only. A path below another
// bind exists there already, and what is made for it here is hidden.
static void make_mount_point(const struct step *step, int root) {
    const char *path = step->destination + 1;
    struct stat status = {.st_mode = S_IFDIR};
    if (step->kind == bind_mount && fstatat(AT_FDCWD, step->source, &status, AT_SYMLINK_NOFOLLOW) < 0)
        fail("stat", step->source);
    if (S_ISDIR(status.st_mode)) make_directory(root, path);
    else make_file(root, path, 0644);
}

static void attach(int tree, int root, const char *path) {
    if (system_call(SYS_move_mount, tree, (long)"", root, (long)path, MOVE_MOUNT_F_EMPTY_PATH) < 0)
        fail("move_mount", path);
    close(tree);
}

static int mask_tree(int root, const char *path) {
    struct stat status;
    if (fstatat(root, path, &status, AT_SYMLINK_NOFOLLOW) < 0) fail("stat", path);
    int tree = clone_tree(root, S_ISDIR(status.st_mode) ? ".mask-directory" : ".mask-file");
    set_attributes(tree, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, path);
    return tree;
}

static int tree_for(const struct step *step, int root, const char *path) {
    static const char *const devpts[][2] = {{"ptmxmode", "0666"}, {"mode", "0620"}, {NULL, NULL}};
    switch (step->kind) {
    case private_tmpfs: return new_tmpfs("1g");
    case proc_mount: return new_file_system("proc", NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
    case devpts_mount: return new_file_system("devpts", devpts, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
    case mask: return mask_tree(root, path);
    default: break;
    }
    int tree = step->kind == bind_mount ? clone_tree(AT_FDCWD, step->source) : clone_tree(root, path);
    // A device node works through its bind only without NODEV; everything else gets it.
    bool device = step->kind == bind_mount && strncmp(step->source, "/dev/", 5) == 0;
    uint64_t attributes = MOUNT_ATTR_NOSUID | (device ? 0 : MOUNT_ATTR_NODEV);
    set_attributes(tree, attributes | (step->writable ? 0 : MOUNT_ATTR_RDONLY), step->destination);
    return tree;
}

// The ban on further user namespaces is written through the fresh proc while that is still writable.
static void forbid_user_namespaces(int proc) {
    int limit = openat(proc, "sys/user/max_user_namespaces", O_WRONLY | O_CLOEXEC);
    if (limit < 0 || write(limit, "0", 1) != 1) fail("write", "max_user_namespaces");
    close(limit);
}

static void perform(const struct step *step, int root) {
    const char *path = step->destination + 1;
    int tree = tree_for(step, root, path);
    if (step->kind == proc_mount) forbid_user_namespaces(tree);
    attach(tree, root, path);
}

static bool is_mount(const struct step *step) {
    return step->kind != small_file && step->kind != directory && step->kind != symbolic_link;
}

static void prepare(const struct step *step, int root) {
    const char *path = step->destination + 1;
    if (step->kind == small_file) make_file(root, path, 0444);
    else if (step->kind == directory) make_directory(root, path);
    else if (step->kind == symbolic_link && symlinkat(step->source, root, path) < 0) fail("symlink", path);
    else if (is_mount(step) && step->kind != self_bind && step->kind != mask) make_mount_point(step, root);
}

void enter_view(const struct request *request) {
    struct mount_attr private = {.propagation = ms_private};
    if (system_call(SYS_mount_setattr, AT_FDCWD, (long)"/", AT_RECURSIVE, (long)&private, sizeof private) < 0)
        fail("mount_setattr", "/");
    int root = new_tmpfs("16m");
    if (system_call(SYS_move_mount, root, (long)"", AT_FDCWD, (long)attachment, MOVE_MOUNT_F_EMPTY_PATH) < 0)
        fail("move_mount", attachment);
    if (mkdirat(root, ".mask-directory", 0) < 0) fail("mkdir", ".mask-directory");
    make_file(root, ".mask-file", 0);
    for (size_t index = 0; index < request->count; index++) prepare(&request->steps[index], root);
    for (size_t index = 0; index < request->count; index++)
        if (is_mount(&request->steps[index])) perform(&request->steps[index], root);
    // Only the root itself becomes read-only: what is mounted in it has its own flags.
    struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};
    if (system_call(SYS_mount_setattr, root, (long)"", AT_EMPTY_PATH, (long)&read_only, sizeof read_only) < 0)
        fail("mount_setattr", "root");
    if (fchdir(root) < 0) fail("fchdir", "root");
    if (system_call(SYS_pivot_root, (long)".", (long)".", 0, 0, 0) < 0) fail("pivot_root", ".");
    if (system_call(SYS_umount2, (long)".", detach, 0, 0, 0) < 0) fail("umount2", ".");
    close(root);
}
