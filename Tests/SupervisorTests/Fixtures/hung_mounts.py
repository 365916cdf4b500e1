"""Looks at mounts behind which nobody answers: a FUSE file system without a server, and an automounter without one.

    hung_mounts.py TRIAL DIRECTORY

In a mount namespace of its own; needs root. Exit status 1 when an answer is wrong or doesn't come.
"""

import ctypes
import os
import select
import subprocess
import sys

NEW_NAMESPACE, PRIVATE_EVERYWHERE = 0x20000, 0x44000
libc = ctypes.CDLL(None, use_errno=True)


def check(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def mount(kind, place, options):
    check(libc.mount(b"mews", os.fsencode(place), kind, 0, options))


def look(process, path):
    process.stdin.write(os.fsencode(path) + b"\n")
    process.stdin.flush()
    assert select.select([process.stdout], [], [], 10)[0], f"no answer for {path}"
    return process.stdout.readline().decode().strip()


def main(trial, directory):
    check(libc.unshare(NEW_NAMESPACE))
    check(libc.mount(None, b"/", None, PRIVATE_EVERYWHERE, None))
    names = ("fuse", "auto", "plain", "later")
    for name in names:
        os.mkdir(f"{directory}/{name}")
    mount(b"tmpfs", f"{directory}/plain", None)
    os.mkdir(f"{directory}/plain/below")
    server = os.open("/dev/fuse", os.O_RDWR)
    mount(b"fuse", f"{directory}/fuse", b"fd=%d,rootmode=40000,user_id=0,group_id=0" % server)
    # Its daemon is in a process group of its own: everybody else waits for it.
    daemon = subprocess.Popen(["sleep", "60"], start_new_session=True)
    reader, writer = os.pipe()
    mount(
        b"autofs", f"{directory}/auto",
        b"fd=%d,pgrp=%d,minproto=5,maxproto=5,indirect" % (writer, daemon.pid),
    )  # fmt: skip
    process = subprocess.Popen([trial, "look"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        for name, expected in {
            "plain": "directory", "plain/below": "directory", "plain/missing": "missing", "fuse": "notProbed",
            "fuse/x": "notProbed", "auto": "notProbed", "auto/x/y": "notProbed", "later": "directory",
        }.items():  # fmt: skip
            found = look(process, f"{directory}/{name}")
            assert found == expected, f"{name}: {found}, not {expected}"
        # One that comes while the mounts are known already.
        other = os.open("/dev/fuse", os.O_RDWR)
        mount(b"fuse", f"{directory}/later", b"fd=%d,rootmode=40000,user_id=0,group_id=0" % other)
        assert look(process, f"{directory}/later/x") == "notProbed"
        libc.umount2(os.fsencode(f"{directory}/later"), 2)
        os.close(other)
        assert look(process, f"{directory}/later/x") == "missing"
    finally:
        daemon.kill()
        daemon.wait()
        process.kill()
        process.wait()
    print("answered")


main(*sys.argv[1:])
