"""covered.py FILE TARGET PROGRAM [ARG...]: runs a program in namespaces of its own in which TARGET is FILE.

The caller stays the user that it is; in a user namespace that has this one user, unless the caller is root.
"""

import ctypes
import os
import sys

NEW_MOUNTS, NEW_USERS = 0x00020000, 0x10000000
BIND, PRIVATE, RECURSIVE = 4096, 1 << 18, 16384

file, target, *command = sys.argv[1:]
libc = ctypes.CDLL(None, use_errno=True)


def check(result):
    if result:
        sys.exit(f"covered.py: {os.strerror(ctypes.get_errno())}")


user, group = os.getuid(), os.getgid()
check(libc.unshare(NEW_MOUNTS | (NEW_USERS if user else 0)))
if user:
    for name, line in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as map_file:
            map_file.write(line)
check(libc.mount(None, b"/", None, PRIVATE | RECURSIVE, None))
check(libc.mount(file.encode(), target.encode(), None, BIND, None))
# The capabilities of the namespace end with execve(2), being those of no root.
os.execvp(command[0], command)
