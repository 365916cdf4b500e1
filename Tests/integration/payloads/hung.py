"""Runs a program where two mounts never answer: a FUSE file system without a server and an automounter without one.

    hung.py DIRECTORY PROGRAM [ARGUMENT...]

In a mount namespace of its own; needs root. The program gets neither of the descriptors that could answer.
"""

import ctypes
import os
import subprocess
import sys

NEW_NAMESPACE, PRIVATE_EVERYWHERE = 0x20000, 0x44000
libc = ctypes.CDLL(None, use_errno=True)


def check(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def main(directory, *argv):
    check(libc.unshare(NEW_NAMESPACE))
    check(libc.mount(None, b"/", None, PRIVATE_EVERYWHERE, None))
    server = os.open("/dev/fuse", os.O_RDWR)
    options = b"fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other" % server
    check(libc.mount(b"mews", os.fsencode(f"{directory}/fuse"), b"fuse", 0, options))
    # Its daemon is in a process group of its own: everybody else waits for it.
    daemon = subprocess.Popen(["sleep", "60"], start_new_session=True)
    _, writer = os.pipe()
    options = b"fd=%d,pgrp=%d,minproto=5,maxproto=5,indirect" % (writer, daemon.pid)
    check(libc.mount(b"mews", os.fsencode(f"{directory}/auto"), b"autofs", 0, options))
    try:
        sys.exit(subprocess.run(argv, check=False).returncode)
    finally:
        daemon.kill()
        daemon.wait()
        # Whoever still waits is let go.
        os.close(server)


main(*sys.argv[1:])
