"""Performs a script of acts, each by one system call in a process of its own, and prints how the kernel answered.

The script is a JSON file: a list of `{call, with, path, second, opens}`; what the words in `with` stand for says
records/acts.yaml. The answer to each is `[errno or null, process]`; `[["prepared", errno], process]` says that the
call could not be made because what it needs could not be opened.
"""

import ctypes
import errno
import json
import os
import socket
import stat
import struct
import sys
import traceback

from acts import kernel
from acts.files import libc

NUMBERS = kernel.NUMBERS | {
    "access": 21,
    "bind": 49,
    "chdir": 80,
    "chmod": 90,
    "chown": 92,
    "chroot": 161,
    "clone": 56,
    "connect": 42,
    "creat": 85,
    "execve": 59,
    "execveat": 322,
    "faccessat": 269,
    "fchmod": 91,
    "fchmodat": 268,
    "fchmodat2": 452,
    "fchown": 93,
    "fchownat": 260,
    "fremovexattr": 199,
    "fsetxattr": 190,
    "futimesat": 261,
    "getxattr": 191,
    "ioctl": 16,
    "lchown": 94,
    "link": 86,
    "linkat": 265,
    "lremovexattr": 198,
    "lsetxattr": 189,
    "lstat": 6,
    "mkdir": 83,
    "mkdirat": 258,
    "mknod": 133,
    "mknodat": 259,
    "newfstatat": 262,
    "open": 2,
    "openat": 257,
    "prctl": 157,
    "readlink": 89,
    "removexattr": 197,
    "rename": 82,
    "renameat": 264,
    "renameat2": 316,
    "rmdir": 84,
    "sendmsg": 46,
    "sendto": 44,
    "setxattr": 188,
    "socket": 41,
    "socketpair": 53,
    "statfs": 137,
    "statx": 332,
    "symlink": 88,
    "symlinkat": 266,
    "truncate": 76,
    "unlink": 87,
    "unlinkat": 263,
    "utime": 132,
    "utimensat": 280,
    "utimes": 235,
}
CONSTANTS = {
    "AT_REMOVEDIR": 0x200,
    "RENAME_NOREPLACE": 1,
    "RENAME_EXCHANGE": 2,
    "O_TMPFILE": 0o20_200_000,
    "O_DIRECTORY": os.O_DIRECTORY,
}


def constant(text):
    """Names of constants and numbers, joined by `|`."""
    value = 0
    for word in text.split("|"):
        if word in CONSTANTS:
            value |= CONSTANTS[word]
        elif word[0].isdigit():
            value |= int(word, 0)
        else:
            value |= getattr(os, word) if hasattr(os, word) else getattr(stat, word)
    return value


class Arguments:
    """What the words in an act stand for; keeps what the call points to alive."""

    def __init__(self, act):
        self.act = act
        self.kept = []

    def path(self, name="path"):
        return os.fsencode(self.act[name])

    def pointer(self, content, size=None):
        buffer = ctypes.create_string_buffer(content, size or len(content) + 1)
        self.kept.append(buffer)
        return ctypes.addressof(buffer)

    def socket(self, kind):
        made = socket.socket(socket.AF_UNIX, kind)
        self.kept.append(made)
        return made.fileno()

    def address(self):
        # struct sockaddr_un: 108 bytes for the path, so that a longer one is reached by its directory.
        path = self.path()
        if len(path) > 107:
            raise SystemExit(f"script.py: {path} is too long for a socket's address")
        return struct.pack("<H", socket.AF_UNIX) + path + b"\0"

    def value(self, word):
        if isinstance(word, int):
            return word
        if word.startswith("text:"):
            return self.pointer(word[5:].encode())
        simple = {
            "here": lambda: -100,
            "nothing": lambda: 0,
            "path": lambda: self.pointer(self.path()),
            "second": lambda: self.pointer(self.path("second")),
            "name": lambda: self.pointer(os.path.basename(self.path())),
            "directory": lambda: os.open(os.path.dirname(self.path()), os.O_PATH | os.O_DIRECTORY),
            "opened": lambda: os.open(self.path(), constant(self.act["opens"]) | os.O_NONBLOCK),
            "stream": lambda: self.socket(socket.SOCK_STREAM),
            "datagram": lambda: self.socket(socket.SOCK_DGRAM),
            "address": lambda: self.pointer(self.address()),
            "length": lambda: len(self.address()),
            "message": self.message,
            "zeros": lambda: self.pointer(b"", 4096),
        }
        return simple[word]() if word in simple else constant(word)

    def message(self):
        """struct msghdr with an address and one byte."""
        piece = self.pointer(struct.pack("<QQ", self.pointer(b"x"), 1))
        address = self.address()
        return self.pointer(
            struct.pack("<QIIQQQQI", self.pointer(address), len(address), 0, piece, 1, 0, 0, 0), 64
        )


def perform(act):
    """Makes the call in this process; gives the name of the error, or None."""
    arguments = Arguments(act)
    try:
        values = [ctypes.c_ulong(arguments.value(word) & (1 << 64) - 1) for word in act["with"]]
    except OSError as error:
        return ["prepared", errno.errorcode[error.errno]]
    call = act["call"]
    number = call if isinstance(call, int) else NUMBERS[call]
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *values)
    if result == 0 and call in ("clone", "clone3"):
        os._exit(0)
    return errno.errorcode.get(ctypes.get_errno()) if result == -1 else None


def in_a_process(act):
    """One act in a process of its own, so that nothing of one is left to the next."""
    ours, theirs = os.pipe2(os.O_CLOEXEC)
    process = os.fork()
    if process == 0:
        try:
            os.write(theirs, json.dumps(perform(act)).encode())
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(70)
    os.close(theirs)
    with open(ours, "rb") as file:
        answer = file.read()
    _, status = os.waitpid(process, 0)
    # Nothing comes from a process that became another program, and from no other.
    if not answer and (status != 0 or not str(act["call"]).startswith("execve")):
        raise SystemExit(f"script.py: {act} was not attempted (status {status})")
    return [json.loads(answer) if answer else None, process]


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        script = json.load(file)
    sys.stdout.write(json.dumps([in_a_process(act) for act in script]) + "\n")
