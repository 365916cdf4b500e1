"""The system calls that Python 3.11 has no name for: namespaces, mounts, capabilities."""

import contextlib
import ctypes
import os
import struct

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
MS_BIND = 0x1000
MS_REC = 0x4000
MS_SLAVE = 1 << 19

CAP_NET_ADMIN = 12
CAP_NET_RAW = 13
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAPABILITY_VERSION_3 = 0x20080522

LIBC = ctypes.CDLL(None, use_errno=True)


def checked(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags):
    checked(LIBC.unshare(flags), "unshare")


def enter_network(descriptor):
    """The calling thread's network becomes this one."""
    checked(LIBC.setns(descriptor, CLONE_NEWNET), "setns")


def mount(source, target, flags):
    checked(LIBC.mount(os.fsencode(source), os.fsencode(target), None, flags, None), f"mount {target}")


def keep_over_exec(*capabilities):
    """Makes these capabilities ambient, so that a program that is executed has them."""
    mask = sum(1 << capability for capability in capabilities)
    header = ctypes.create_string_buffer(struct.pack("=Ii", CAPABILITY_VERSION_3, 0))
    data = ctypes.create_string_buffer(24)
    checked(LIBC.capget(header, data), "capget")
    values = list(struct.unpack("=6I", data.raw))
    values[2] |= mask
    checked(LIBC.capset(header, ctypes.create_string_buffer(struct.pack("=6I", *values))), "capset")
    for capability in capabilities:
        checked(LIBC.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0), "prctl")


@contextlib.contextmanager
def within(network):
    """What is opened here belongs to that network."""
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        enter_network(network)
        yield
    finally:
        enter_network(before)
        os.close(before)
