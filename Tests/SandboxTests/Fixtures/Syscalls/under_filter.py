"""Runs a command as an unprivileged user under a seccomp program: FILTER|none COMMAND [ARG...].

FILTER is a file of packed struct sock_filter. With "none" everything but the filter is the same.
"""
import ctypes
import os
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]


libc = ctypes.CDLL(None, use_errno=True)


def control(option, *arguments):
    if libc.prctl(option, *[ctypes.c_ulong(argument) for argument in arguments]):
        raise OSError(ctypes.get_errno(), f"prctl {option}")


if os.getuid() == 0:
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
control(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
if sys.argv[1] != "none":
    with open(sys.argv[1], "rb") as file:
        packed = file.read()
    program = Program(len(packed) // 8, ctypes.cast(ctypes.create_string_buffer(packed), ctypes.c_void_p))
    control(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(program))
os.execvp(sys.argv[2], sys.argv[2:])
