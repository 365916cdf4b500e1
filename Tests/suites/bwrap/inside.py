"""What bubblewrap does between the sandbox and the command, done by the first program inside: `lock PATH`,
`filter HEX`, then `--` and the command."""

import ctypes
import fcntl
import os
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, MODE_FILTER = 38, 22, 2


class Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def lock(path):
    """Holds a lock as long as the command runs: it is the process's, and outlives execve."""
    descriptor = os.open(path, os.O_RDWR)
    os.set_inheritable(descriptor, True)
    fcntl.lockf(descriptor, fcntl.LOCK_EX)


def load(code):
    """Loads a filter of its own."""
    code = bytes.fromhex(code)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(PR_SET_SECCOMP, MODE_FILTER, ctypes.byref(program), 0, 0):
        sys.exit(f"prctl(PR_SET_SECCOMP): {os.strerror(ctypes.get_errno())}")


arguments = sys.argv[1:]
while (word := arguments.pop(0)) != "--":
    {"lock": lock, "filter": load}[word](arguments.pop(0))
os.execvp(arguments[0], arguments)
