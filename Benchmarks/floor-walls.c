#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// Landlock's structures, as the kernel's ABI has them: the headers of a distribution may be older than its kernel.
struct ruleset_attributes {
    uint64_t handled_file_system, handled_network, scoped;
};
struct __attribute__((packed)) path_rule {
    uint64_t allowed;
    int32_t directory;
};
enum { version_flag = 1, rule_path_beneath = 1 };
static const uint64_t execute = 1 << 0, write_file = 1 << 1, read_file = 1 << 2, read_directory = 1 << 3,
                      truncate_file = 1 << 14, device_control = 1 << 15;

static void drop_capabilities(void) {
    for (int capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; capability++)
        if (prctl(PR_CAPBSET_DROP, capability) < 0) fail("prctl", "PR_CAPBSET_DROP");
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0) fail("prctl", "PR_CAP_AMBIENT");
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0}};
    if (syscall(SYS_capset, &header, none) < 0) fail("capset", "");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) fail("prctl", "PR_SET_NO_NEW_PRIVS");
}

static uint64_t every_file_system_right(int version) {
    static const int rights[] = {13, 13, 14, 15, 15, 16};   // version 1 has 13, 2 adds REFER, 3 TRUNCATE, 5 IOCTL_DEV
    int known = (int)(sizeof rights / sizeof *rights) - 1;
    return (1ULL << rights[version < known ? version : known]) - 1;
}

static void allow(int ruleset, const char *path, bool writable, uint64_t handled) {
    struct path_rule rule = {.directory = open(path, O_PATH | O_CLOEXEC)};
    struct stat status;
    if (rule.directory < 0 || fstat(rule.directory, &status) < 0) fail("open", path);
    rule.allowed = writable ? handled : handled & (execute | read_file | read_directory);
    if (!S_ISDIR(status.st_mode)) rule.allowed &= execute | read_file | write_file | truncate_file | device_control;
    if (syscall(SYS_landlock_add_rule, ruleset, rule_path_beneath, &rule, 0) < 0) fail("landlock_add_rule", path);
    close(rule.directory);
}

static void restrict_paths(const struct request *request) {
    int version = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, version_flag);
    if (version < 1) fail("landlock", "version");
    uint64_t handled = every_file_system_right(version);
    struct ruleset_attributes attributes = {.handled_file_system = handled, .scoped = version >= 6 ? 3 : 0};
    size_t size = version >= 6 ? sizeof attributes : 8;
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
    if (ruleset < 0) fail("landlock_create_ruleset", "");
    allow(ruleset, "/", false, read_directory);
    for (size_t index = 0; index < request->count; index++) {
        const struct step *step = &request->steps[index];
        if (step->kind == small_file || step->kind == directory) allow(ruleset, step->destination, false, handled);
        else if (step->kind != self_bind && step->kind != mask && step->kind != symbolic_link)
            allow(ruleset, step->destination, step->writable, handled);
    }
    if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0) fail("landlock_restrict_self", "");
    close(ruleset);
}

// The built-in filter: an allowlist of single numbers as a balanced tree, which is what libseccomp makes of one. It is
// a stand-in of the same kind and size, not Mews's policy: only its length matters here.
enum { known_calls = 463, leaf_size = 4, maximum_length = 1200 };
static const int refused[] = {
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_setns, SYS_unshare, SYS_kexec_load, SYS_reboot, SYS_swapon,
    SYS_swapoff, SYS_init_module, SYS_delete_module, SYS_iopl, SYS_ioperm, SYS_bpf, SYS_perf_event_open,
    SYS_userfaultfd, SYS_keyctl, SYS_add_key, SYS_request_key, SYS_acct, SYS_quotactl, SYS_syslog, SYS_settimeofday,
    SYS_name_to_handle_at, SYS_open_by_handle_at, SYS_fanotify_init, SYS_kcmp, SYS_ptrace, SYS_vhangup, SYS_modify_ldt,
};

struct program {
    struct sock_filter code[maximum_length];
    unsigned length;
};

static bool is_refused(int number) {
    // The numbers between the two tables aren't assigned.
    if (number > 334 && number < 424) return true;
    for (size_t index = 0; index < sizeof refused / sizeof *refused; index++)
        if (refused[index] == number) return true;
    return false;
}

static void append(struct program *program, struct sock_filter instruction) {
    if (program->length == maximum_length) errno = E2BIG, fail("filter", "");
    program->code[program->length++] = instruction;
}

static void append_tree(struct program *program, const int *numbers, int count) {
    if (count <= leaf_size) {
        for (int index = 0; index < count; index++) {
            unsigned char to_allow = (unsigned char)(count - index);
            append(program, (struct sock_filter)BPF_JUMP(
                                BPF_JMP | BPF_JEQ | BPF_K, (unsigned)numbers[index], to_allow, 0));
        }
        append(program, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
        append(program, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
        return;
    }
    int half = count / 2;
    append(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (unsigned)numbers[half], 0, 1));
    // A conditional jump reaches 255 instructions, an unconditional one any.
    unsigned jump = program->length;
    append(program, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 0));
    append_tree(program, numbers, half);
    program->code[jump].k = program->length - jump - 1;
    append_tree(program, numbers + half, count - half);
}

static void build_filter(struct program *program) {
    int numbers[known_calls], count = 0;
    for (int number = 0; number < known_calls; number++)
        if (!is_refused(number)) numbers[count++] = number;
    append(program, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)));
    append(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0));
    append(program, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
    append(program, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)));
    append_tree(program, numbers, count);
}

static void read_filter(struct program *program, const char *path) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = file < 0 ? -1 : read(file, program->code, sizeof program->code);
    if (size <= 0 || (size_t)size % sizeof *program->code != 0) fail("read", path);
    program->length = (unsigned)((size_t)size / sizeof *program->code);
    close(file);
}

struct sock_fprog make_filter(const char *path) {
    static struct program program;
    program.length = 0;
    if (path) read_filter(&program, path);
    else build_filter(&program);
    return (struct sock_fprog){.len = (unsigned short)program.length, .filter = program.code};
}

void raise_walls(const struct request *request) {
    drop_capabilities();
    restrict_paths(request);
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &request->filter) < 0) fail("seccomp", "filter");
}
