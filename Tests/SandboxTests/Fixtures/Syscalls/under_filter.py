"""Runs a command as an unprivileged user under a seccomp program: FILES DIRECTORY FILTER|none COMMAND [ARG...].

It runs in DIRECTORY, reads FILES/input and writes FILES/output. FILTER is a file of packed struct sock_filter.
With "none" everything but the filter is the same.
"""
import ctypes
import os
import signal
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]


libc = ctypes.CDLL(None, use_errno=True)


def control(option, *arguments):
    if libc.prctl(option, *[ctypes.c_ulong(argument) for argument in arguments]):
        raise OSError(ctypes.get_errno(), f"prctl {option}")


files, directory, filter_file, *command = sys.argv[1:]
os.dup2(os.open(os.path.join(files, "input"), os.O_RDONLY), 0)
os.dup2(os.open(os.path.join(files, "output"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), 1)
os.dup2(1, 2)
os.closerange(3, 256)
os.chdir(directory)
if os.getuid() == 0:
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
control(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
if filter_file != "none":
    with open(filter_file, "rb") as file:
        packed = file.read()
    program = Program(len(packed) // 8, ctypes.cast(ctypes.create_string_buffer(packed), ctypes.c_void_p))
    control(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(program))
# A thread of the tests has signals blocked and passes that on: Python's worker pool then never ended.
signal.pthread_sigmask(signal.SIG_SETMASK, [])
signal.alarm(60)  # a command that hangs fails its test and doesn't stop the others
os.execvp(command[0], command)
