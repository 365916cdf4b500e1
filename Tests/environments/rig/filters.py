"""Filters that refuse system calls, as those of container engines and kernels do."""

import errno
import platform
import struct

# By the numbers of <asm/unistd.h>; those from 424 on are the same everywhere.
COMMON = {
    "pidfd_send_signal": 424, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
    "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433,
    "pidfd_open": 434, "clone3": 435, "close_range": 436, "openat2": 437, "pidfd_getfd": 438, "faccessat2": 439,
    "mount_setattr": 442, "landlock_create_ruleset": 444, "landlock_add_rule": 445, "landlock_restrict_self": 446,
}
NATIVE = {
    "x86_64": {
        "clone": 56, "ptrace": 101, "syslog": 103, "personality": 135, "pivot_root": 155, "chroot": 161, "acct": 163,
        "settimeofday": 164, "mount": 165, "umount2": 166, "swapon": 167, "swapoff": 168, "reboot": 169,
        "sethostname": 170, "setdomainname": 171, "iopl": 172, "ioperm": 173, "init_module": 175,
        "delete_module": 176, "quotactl": 179, "lookup_dcookie": 212, "clock_settime": 227, "mbind": 237,
        "kexec_load": 246, "add_key": 248, "request_key": 249, "keyctl": 250, "migrate_pages": 256, "unshare": 272,
        "move_pages": 279, "perf_event_open": 298, "fanotify_init": 300, "open_by_handle_at": 304, "setns": 308,
        "kcmp": 312, "finit_module": 313, "seccomp": 317, "bpf": 321, "userfaultfd": 323, "prctl": 157,
    },
    "aarch64": {
        "clone": 220, "ptrace": 117, "syslog": 116, "personality": 92, "pivot_root": 41, "chroot": 51, "acct": 89,
        "settimeofday": 170, "mount": 40, "umount2": 39, "swapon": 224, "swapoff": 225, "reboot": 142,
        "sethostname": 161, "setdomainname": 162, "init_module": 105, "delete_module": 106, "quotactl": 60,
        "lookup_dcookie": 18, "clock_settime": 112, "mbind": 235, "kexec_load": 104, "add_key": 217,
        "request_key": 218, "keyctl": 219, "migrate_pages": 238, "unshare": 97, "move_pages": 239,
        "perf_event_open": 241, "fanotify_init": 262, "open_by_handle_at": 265, "setns": 268, "kcmp": 272,
        "finit_module": 273, "seccomp": 277, "bpf": 280, "userfaultfd": 282, "prctl": 167,
    },
}
NUMBERS = COMMON | NATIVE[platform.machine()]
ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}[platform.machine()]

ALLOW, RETURN_ERRNO = 0x7FFF0000, 0x00050000
LOAD, EQUAL, ANY_BIT, RETURN = 0x20, 0x15, 0x45, 0x06
CLONE_NAMESPACES = 0x7E020000
NEW_LISTENER = 1 << 3

# Calls that are refused only with certain bits in a 32-bit argument: (call, index of the argument, bits).
WITH_BITS = {
    "clone+namespaces": ("clone", 0, CLONE_NAMESPACES),
    "seccomp+listener": ("seccomp", 1, NEW_LISTENER),
}
MOUNTING = [
    "mount", "umount2", "pivot_root", "open_tree", "move_mount", "fsopen", "fsconfig", "fsmount", "fspick",
    "mount_setattr"]
NEVER_IN_DOCKER = [
    "add_key", "request_key", "keyctl", "kexec_load", "swapon", "swapoff", "userfaultfd", "migrate_pages",
    "move_pages", "pivot_root", "io_uring_setup", "io_uring_enter", "io_uring_register"]
FOR_ADMINISTRATORS = [
    "bpf", "fanotify_init", "lookup_dcookie", "perf_event_open", "quotactl", "setdomainname", "sethostname", "setns",
    "unshare", "clone+namespaces"]
FOR_OTHERS = [
    "acct", "init_module", "finit_module", "delete_module", "reboot", "settimeofday", "clock_settime", "kcmp",
    "pidfd_getfd", "open_by_handle_at", "mbind"]
SETS = {
    # What of Docker's own profile matters here, for a container without added capabilities; the profile is a list of
    # what is allowed, with EPERM for all else, and clone3 apart. containerd's (Kubernetes: RuntimeDefault) is alike.
    "docker": {
        "EPERM": NEVER_IN_DOCKER + FOR_ADMINISTRATORS + FOR_OTHERS + MOUNTING, "ENOSYS": ["clone3"]},
    # The same with --cap-add SYS_ADMIN: pivot_root stays refused.
    "docker-sys-admin": {"EPERM": NEVER_IN_DOCKER + FOR_OTHERS},
    # Podman's: namespaces and mounts pass, the host name doesn't.
    "podman": {
        "EPERM": ["sethostname", "setdomainname", "bpf", "fanotify_init", "lookup_dcookie", "perf_event_open",
                  "quotactl", "open_by_handle_at", "userfaultfd", "move_pages", "migrate_pages"],
        "ENOSYS": ["io_uring_setup", "io_uring_enter", "io_uring_register"]},
    "no-landlock": {"ENOSYS": ["landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"]},
    # AppArmor's profile unprivileged_userns: the namespaces are made, and nothing may be done in them.
    "late": {"EACCES": MOUNTING, "EPERM": ["sethostname", "setdomainname"]},
    "gvisor": {
        "ENOSYS": ["landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"],
        "EINVAL": ["seccomp+listener"]},
}


def instruction(code, yes, no, value):
    return struct.pack("HBBI", code, yes, no, value)


def refusals(wanted):
    """(call, answer) in the order in which they are looked up; `wanted` is {errno or "sets": [...]}"""
    found = {}
    for reply, calls in wanted.items():
        if reply == "sets":
            for name in calls:
                for answer, members in SETS[name].items():
                    found |= {call: answer for call in members}
        else:
            found |= {call: reply for call in calls}
    return found


def program(wanted):
    """The instructions; empty when nothing is refused. Another architecture's calls pass: no test makes any."""
    found = refusals(wanted)
    if not found:
        return b""
    lines = [instruction(LOAD, 0, 0, 4), instruction(EQUAL, 1, 0, ARCHITECTURE), instruction(RETURN, 0, 0, ALLOW)]
    for call, answer in found.items():
        code = instruction(RETURN, 0, 0, RETURN_ERRNO | getattr(errno, answer))
        lines.append(instruction(LOAD, 0, 0, 0))
        if call in WITH_BITS:
            name, index, bits = WITH_BITS[call]
            lines += [
                instruction(EQUAL, 0, 3, NUMBERS[name]), instruction(LOAD, 0, 0, 16 + 8 * index),
                instruction(ANY_BIT, 0, 1, bits), code]
        else:
            lines += [instruction(EQUAL, 0, 1, NUMBERS[call]), code]
    return b"".join([*lines, instruction(RETURN, 0, 0, ALLOW)])
