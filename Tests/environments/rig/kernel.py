"""System calls that Python 3.11 doesn't have."""

import ctypes
import errno
import os
import platform
import struct

LIBC = ctypes.CDLL(None, use_errno=True)
NAMESPACES = {
    "mount": 0x00020000, "cgroup": 0x02000000, "uts": 0x04000000, "ipc": 0x08000000, "user": 0x10000000,
    "pid": 0x20000000, "net": 0x40000000,
}
RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT, BIND, REC, PRIVATE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 18
DETACH = 2
SET_PDEATHSIG, SET_NO_NEW_PRIVS = 1, 38
SECCOMP = {"x86_64": 317, "aarch64": 277}[platform.machine()]
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}[platform.machine()]


def checked(result, what):
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def unshare(names):
    flags = sum(NAMESPACES[name] for name in names)
    checked(LIBC.unshare(flags), f"unshare {' '.join(sorted(names))}")


def mount(source, target, kind=None, flags=0, data=None):
    encode = (lambda text: None if text is None else os.fsencode(text))
    checked(
        LIBC.mount(encode(source), encode(target), encode(kind), ctypes.c_ulong(flags), encode(data)),
        f"mount {target}")


def unmount(target):
    checked(LIBC.umount2(os.fsencode(target), DETACH), f"umount {target}")


def enter_root(directory):
    """pivot_root(".", "."): the old root lies below the new one and is let go."""
    os.chdir(directory)
    checked(LIBC.syscall(PIVOT_ROOT, b".", b"."), "pivot_root")
    unmount(".")
    os.chdir("/")


def end_with_parent():
    checked(LIBC.prctl(SET_PDEATHSIG, 9, 0, 0, 0), "PR_SET_PDEATHSIG")


def refuse_new_privileges():
    checked(LIBC.prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0), "PR_SET_NO_NEW_PRIVS")


def load_filter(program):
    """Whether the filter was loaded; not without a privilege or no_new_privs."""
    buffer = ctypes.create_string_buffer(program, len(program))
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer)))
    if LIBC.syscall(SECCOMP, 1, 0, header) == 0:
        return True
    if ctypes.get_errno() == errno.EACCES:
        return False
    raise OSError(ctypes.get_errno(), "seccomp")
