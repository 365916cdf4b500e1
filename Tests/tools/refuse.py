"""Runs a command under a seccomp filter that answers chosen system calls, as a container's does.

    refuse.py ANSWER CALL[,CALL...] COMMAND [ARG...]

ANSWER is the name of an errno; or `hang`: the call never returns; or `listen`: the same for whoever makes such a call,
and a filter that is loaded later can't have a listener of its own. Only the calls that the tests need are known; one is
`seccomp+listener`, seccomp(2) when it asks for a listener.
"""

import ctypes
import errno
import fcntl
import os
import platform
import struct
import sys

COMMON = {
    "open_tree": 428, "move_mount": 429, "fsopen": 430, "clone3": 435, "openat2": 437, "mount_setattr": 442,
    "landlock_create_ruleset": 444, "landlock_restrict_self": 446, "io_uring_setup": 425,
}
NATIVE = {
    "x86_64": {"seccomp": 317, "pivot_root": 155, "sethostname": 170},
    "aarch64": {"seccomp": 277, "pivot_root": 41, "sethostname": 161},
}

LOAD_NUMBER = (0x20, 0, 0, 0)
ALLOW = 0x7FFF0000
RETURN_ERRNO = 0x00050000
NOTIFY = 0x7FC00000
SET_NO_NEW_PRIVS = 38
SET_MODE_FILTER = 1
NEW_LISTENER = 1 << 3


def listener_instructions(answer):
    """Of the calls of seccomp(2) those with SECCOMP_FILTER_FLAG_NEW_LISTENER in the second argument."""
    program = [
        LOAD_NUMBER, (0x15, 0, 3, NATIVE[platform.machine()]["seccomp"]),
        (0x20, 0, 0, 24), (0x45, 0, 1, NEW_LISTENER), (0x06, 0, 0, answer), (0x06, 0, 0, ALLOW)]
    return b"".join(struct.pack("HBBI", *instruction) for instruction in program)


def instructions(numbers, answer):
    program = [LOAD_NUMBER]
    for index, number in enumerate(numbers):
        program.append((0x15, len(numbers) - index, 0, number))
    program += [(0x06, 0, 0, ALLOW), (0x06, 0, 0, answer)]
    return b"".join(struct.pack("HBBI", *instruction) for instruction in program)


def load(program, flags):
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(program)
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    # For the caller that is root this alone would do no harm, and the user needs it.
    if libc.prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    call = NATIVE[platform.machine()]["seccomp"]
    result = libc.syscall(call, SET_MODE_FILTER, flags, ctypes.create_string_buffer(header))
    if result < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return result


def main():
    answer, calls, *command = sys.argv[1:]
    if calls == "seccomp+listener":
        load(listener_instructions(RETURN_ERRNO | getattr(errno, answer)), 0)
        os.execvp(command[0], command)
    known = COMMON | NATIVE[platform.machine()]
    numbers = [known[call] for call in calls.split(",")]
    if answer in ("hang", "listen"):
        # Whoever holds this descriptor could answer; the command gets it and doesn't.
        fcntl.fcntl(load(instructions(numbers, NOTIFY), NEW_LISTENER), fcntl.F_SETFD, 0)
    else:
        load(instructions(numbers, RETURN_ERRNO | getattr(errno, answer)), 0)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
