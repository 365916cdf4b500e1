"""Runs a command as on a kernel, or in a container, that lacks something.

    kernel_without.py WHAT[,WHAT...] COMMAND [ARG...]

WHAT is `namespaces`: clone(2) and unshare(2) make none, and there is no clone3(2), as in many containers; `unshared`: the
same, and clone3 is there and refuses as well; `clone3`: there is none; `landlock`: there is none; `landlock-off`: it is off;
`listener`: a filter can have none.
"""

import ctypes
import errno
import os
import platform
import struct
import sys

MACHINES = {
    "x86_64": {"clone": 56, "unshare": 272, "seccomp": 317},
    "aarch64": {"clone": 220, "unshare": 97, "seccomp": 277},
}
NUMBERS = MACHINES[platform.machine()] | {"clone3": 435, "landlock_create_ruleset": 444}
NAMESPACES = 0x7E020000
ALLOW = 0x7FFF0000
ERRNO = 0x00050000
KILL = 0x80000000
AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}[platform.machine()]
SET_NO_NEW_PRIVS = 38


def load(word):
    return (0x20, 0, 0, word)


def equal(value, then, otherwise):
    return (0x15, then, otherwise, value)


def any_of(bits, then, otherwise):
    return (0x45, then, otherwise, bits)


def answer(value):
    return (0x06, 0, 0, value)


def refusing(call, number, flags=None):
    """A program that refuses a call, perhaps only with one of these flags in its first argument."""
    if flags is None:
        return [load(0), equal(NUMBERS[call], 0, 1), answer(ERRNO | number), answer(ALLOW)]
    return [
        load(0), equal(NUMBERS[call], 0, 3),
        load(16), any_of(flags, 0, 1), answer(ERRNO | number), answer(ALLOW)]


def without_listener():
    return [
        load(0), equal(NUMBERS["seccomp"], 0, 3),
        load(24), any_of(1 << 3, 0, 1), answer(ERRNO | errno.EINVAL), answer(ALLOW)]


PROGRAMS = {
    "namespaces": [
        refusing("clone", errno.EPERM, NAMESPACES), refusing("unshare", errno.EPERM, NAMESPACES),
        refusing("clone3", errno.ENOSYS)],
    "unshared": [
        refusing("clone", errno.EPERM, NAMESPACES), refusing("unshare", errno.EPERM, NAMESPACES),
        refusing("clone3", errno.EPERM)],
    "clone3": [refusing("clone3", errno.ENOSYS)],
    "landlock": [refusing("landlock_create_ruleset", errno.ENOSYS)],
    "landlock-off": [refusing("landlock_create_ruleset", errno.EOPNOTSUPP)],
    "listener": [without_listener()],
}


def put_on(program):
    libc = ctypes.CDLL(None, use_errno=True)
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in program)
    buffer = ctypes.create_string_buffer(code)
    header = struct.pack("HxxxxxxP", len(program), ctypes.addressof(buffer))
    if libc.prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if libc.syscall(NUMBERS["seccomp"], 1, 0, ctypes.create_string_buffer(header)) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")


def main():
    names, *command = sys.argv[1:]
    for name in names.split(","):
        for program in PROGRAMS[name]:
            put_on(program)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
