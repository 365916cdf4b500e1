"""System calls made by number, mostly with arguments that would do no harm if they were let through."""

import ctypes
import os
import platform
import signal
import struct
import threading

from acts.files import checked, encoded, libc

NUMBERS = {
    "_sysctl": 156,
    "acct": 163,
    "add_key": 248,
    "bpf": 321,
    "clock_adjtime": 305,
    "clock_settime": 227,
    "clone3": 435,
    "create_module": 174,
    "delete_module": 176,
    "fanotify_init": 300,
    "finit_module": 313,
    "fsconfig": 431,
    "fsmount": 432,
    "fsopen": 430,
    "fspick": 433,
    "init_module": 175,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "io_uring_setup": 425,
    "ioperm": 173,
    "iopl": 172,
    "kcmp": 312,
    "kexec_file_load": 320,
    "kexec_load": 246,
    "keyctl": 250,
    "listmount": 458,
    "lookup_dcookie": 212,
    "memfd_secret": 447,
    "migrate_pages": 256,
    "modify_ldt": 154,
    "mount": 165,
    "mount_setattr": 442,
    "move_mount": 429,
    "move_pages": 279,
    "name_to_handle_at": 303,
    "nfsservctl": 180,
    "open_by_handle_at": 304,
    "open_tree": 428,
    "openat2": 437,
    "perf_event_open": 298,
    "personality": 135,
    "pidfd_getfd": 438,
    "pivot_root": 155,
    "process_vm_readv": 310,
    "process_vm_writev": 311,
    "ptrace": 101,
    "quotactl": 179,
    "quotactl_fd": 443,
    "reboot": 169,
    "request_key": 249,
    "setdomainname": 171,
    "sethostname": 170,
    "setns": 308,
    "settimeofday": 164,
    "statmount": 457,
    "swapoff": 168,
    "swapon": 167,
    "sysfs": 139,
    "syslog": 103,
    "umount2": 166,
    "unshare": 272,
    "uselib": 134,
    "userfaultfd": 323,
    "ustat": 136,
    "vhangup": 153,
}
if platform.machine() != "x86_64":
    raise SystemExit("these payloads hold the numbers of x86-64")

libc.syscall.restype = ctypes.c_long


def by_number(number, *arguments):
    """syscall(2); an argument is an integer, a text (its bytes) or null."""
    values = [
        ctypes.c_char_p(encoded(value))
        if isinstance(value, str)
        else ctypes.c_void_p(None)
        if value is None
        else ctypes.c_ulong(value & (1 << 64) - 1)
        for value in arguments
    ]
    return checked(libc.syscall(ctypes.c_long(number), *values))


def call(name, *arguments):
    return by_number(NUMBERS[name], *arguments)


def mount(source, target, kind, flags, data=None):
    return call("mount", source, target, kind, flags, data)


def unmount(path):
    return call("umount2", path, 2)


def clone_tree(path):
    """open_tree(2) with OPEN_TREE_CLONE: the first half of a bind mount."""
    os.close(call("open_tree", -100 & (1 << 64) - 1, path, 1))


def ring():
    parameters = ctypes.create_string_buffer(256)
    os.close(by_number(NUMBERS["io_uring_setup"], 4, ctypes.addressof(parameters)))


def spawn3():
    """clone3(2) as glibc makes it, without namespaces."""
    arguments = struct.pack("<8Q", 0, 0, 0, 0, signal.SIGCHLD, 0, 0, 0)
    buffer = ctypes.create_string_buffer(arguments)
    child = by_number(NUMBERS["clone3"], ctypes.addressof(buffer), len(arguments))
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def thread():
    """A thread still starts where clone3 is refused, because glibc falls back to clone."""
    done = []
    worker = threading.Thread(target=lambda: done.append(threading.get_ident()))
    worker.start()
    worker.join(5)
    return len(done)


def user_fault():
    """userfaultfd(2) for user-mode faults only, which needs no privilege."""
    os.close(by_number(NUMBERS["userfaultfd"], 1))


def performance_event():
    """A software event of the caller itself, without kernel and hypervisor: allowed up to paranoia 2."""
    attributes = struct.pack("<IIQQQQQ", 1, 64, 0, 0, 0, 0, 1 << 5 | 1 << 6) + b"\0" * 16
    buffer = ctypes.create_string_buffer(attributes, 64)
    os.close(by_number(NUMBERS["perf_event_open"], ctypes.addressof(buffer), 0, -1, -1, 0))


def secret_memory():
    os.close(by_number(NUMBERS["memfd_secret"], 0))


def local_descriptors():
    """modify_ldt(2), reading."""
    buffer = ctypes.create_string_buffer(64)
    return by_number(NUMBERS["modify_ldt"], 0, ctypes.addressof(buffer), 64)


def handle(path):
    """name_to_handle_at(2), with room for the handle."""
    buffer = ctypes.create_string_buffer(struct.pack("<Ii", 128, 0), 136)
    mount_number = ctypes.c_int()
    by_number(
        NUMBERS["name_to_handle_at"], -100, path, ctypes.addressof(buffer), ctypes.addressof(mount_number), 0
    )


def open_how(path):
    """openat2(2) for reading."""
    how = ctypes.create_string_buffer(struct.pack("<QQQ", 0, 0, 0))
    os.close(by_number(NUMBERS["openat2"], -100, path, ctypes.addressof(how), 24))


def create_how(path, mode):
    """openat2(2) creating a file: its mode stands in memory, where no filter sees it."""
    os.umask(0)
    how = ctypes.create_string_buffer(struct.pack("<QQQ", os.O_WRONLY | os.O_CREAT, mode, 0))
    os.close(by_number(NUMBERS["openat2"], -100, path, ctypes.addressof(how), 24))
    return os.stat(path).st_mode & 0o7777


def add_key():
    return by_number(NUMBERS["add_key"], "user", "mews-test", "payload", 7, -2)


def session_keyring():
    """KEYCTL_GET_KEYRING_ID of the session keyring."""
    return by_number(NUMBERS["keyctl"], 0, -3, 0)


def search_key(description):
    """KEYCTL_SEARCH in the session keyring for a key that a process outside put there."""
    return by_number(NUMBERS["keyctl"], 10, -3, "user", description, 0)


def terminal_call(number, request, byte="x"):
    """ioctl(2) on a terminal with one byte as its argument, the request given with high bits as it stands."""
    buffer = ctypes.create_string_buffer(byte.encode())
    return by_number(16, number, request, ctypes.addressof(buffer))


def process_control(option, *arguments):
    return checked(libc.prctl(option, *[ctypes.c_ulong(value) for value in arguments]))


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def own_filter():
    """Installs a seccomp filter of the payload's own: getpriority gives ENOANO (55) from then on."""
    instructions = struct.pack(
        "<HBBIHBBIHBBIHBBI",
        0x20,
        0,
        0,
        0,
        0x15,
        0,
        1,
        140,
        0x06,
        0,
        0,
        0x00050000 | 55,
        0x06,
        0,
        0,
        0x7FFF0000,
    )
    buffer = ctypes.create_string_buffer(instructions)
    program = Program(4, ctypes.addressof(buffer))
    checked(libc.prctl(38, 1, 0, 0, 0))
    checked(libc.prctl(22, 2, ctypes.byref(program), 0, 0))
    try:
        by_number(140, 0, 0)
    except OSError as error:
        return error.errno
    return 0


def landlock_abi():
    return by_number(444, None, 0, 1)


def landlock_layers():
    """How many Landlock domains still fit on top: the kernel stacks 16, so 16 less those in force."""
    checked(libc.prctl(38, 1, 0, 0, 0))
    attributes = ctypes.create_string_buffer(struct.pack("<Q", 1 << 12))
    for added in range(20):
        ruleset = by_number(444, ctypes.addressof(attributes), 8, 0)
        try:
            by_number(446, ruleset, 0)
        except OSError:
            return added
        finally:
            os.close(ruleset)
    return 20
