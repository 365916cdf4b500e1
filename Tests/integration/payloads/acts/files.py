"""Acts on files: each returns something to show for it, or raises the OSError the kernel gave."""

import ctypes
import os
import shutil
import stat
import subprocess

libc = ctypes.CDLL(None, use_errno=True)


def checked(result):
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def encoded(path):
    return os.fsencode(path)


def read(path):
    with open(encoded(path), "rb", buffering=0) as file:
        return file.read(4096).decode("utf-8", "surrogateescape")


def write(path, text="written by the payload\n"):
    descriptor = os.open(encoded(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    try:
        return os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def append(path, text="appended by the payload\n"):
    descriptor = os.open(encoded(path), os.O_WRONLY | os.O_APPEND)
    try:
        return os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def open_for_writing(path):
    """Opens an existing file for writing and changes nothing: an attempt that is safe to let succeed."""
    os.close(os.open(encoded(path), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY))


def truncate(path):
    os.truncate(encoded(path), 0)


def touch(path):
    os.close(os.open(encoded(path), os.O_WRONLY | os.O_CREAT, 0o644))


def change_times(path):
    os.utime(encoded(path), (1, 1))


def change_mode(path, mode):
    os.chmod(encoded(path), mode)
    return stat.S_IMODE(os.stat(encoded(path)).st_mode)


def create_with_mode(path, mode):
    os.umask(0)
    os.close(os.open(encoded(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
    return stat.S_IMODE(os.stat(encoded(path)).st_mode)


def set_attribute(path):
    os.setxattr(encoded(path), b"user.mews-test", b"1")


def look(path):
    return os.lstat(encoded(path)).st_mode


def listing(path):
    return sorted(name.decode("utf-8", "surrogateescape") for name in os.listdir(encoded(path)))


def enter(path):
    os.chdir(encoded(path))


def make_directories(path):
    os.makedirs(encoded(path), exist_ok=True)


def unlink(path):
    os.unlink(encoded(path))


def remove_tree(path):
    shutil.rmtree(encoded(path))


def rename(old, new):
    os.rename(encoded(old), encoded(new))


def exchange(one, other):
    rename_exchange = 2
    checked(libc.renameat2(-100, encoded(one), -100, encoded(other), rename_exchange))


def hard_link(old, new):
    os.link(encoded(old), encoded(new))


def symbolic_link(target, path):
    os.symlink(encoded(target), encoded(path))


def make_node(path, kind, major, minor):
    kinds = {"block": stat.S_IFBLK, "character": stat.S_IFCHR, "fifo": stat.S_IFIFO}
    os.mknod(encoded(path), kinds[kind] | 0o666, os.makedev(major, minor))


def read_device(path):
    descriptor = os.open(encoded(path), os.O_RDONLY)
    try:
        return len(os.read(descriptor, 16))
    finally:
        os.close(descriptor)


def climb(start, path):
    """Reads `path` (without its leading slash) from the highest directory that `..` reaches from `start`."""
    directory = os.open(encoded(start), os.O_PATH | os.O_DIRECTORY)
    for _ in range(64):
        upper = os.open("..", os.O_PATH | os.O_DIRECTORY, dir_fd=directory)
        os.close(directory)
        directory = upper
    file = os.open(encoded(path).lstrip(b"/"), os.O_RDONLY, dir_fd=directory)
    return os.read(file, 4096).decode("utf-8", "surrogateescape")


def chroot(path):
    os.chroot(encoded(path))


def fill(path, megabytes):
    """Writes zeros until the limit or the end, and says how many MiB fitted."""
    block = b"\0" * (1 << 20)
    descriptor = os.open(encoded(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        for _ in range(megabytes):
            written = 0
            while written < len(block):
                written += os.write(descriptor, block[written:])
        return megabytes
    finally:
        os.close(descriptor)
        os.unlink(encoded(path))


def many_files(directory, count):
    """Makes `count` empty files, against a limit on bytes that forgets inodes."""
    os.makedirs(encoded(directory))
    for number in range(count):
        os.close(os.open(os.path.join(encoded(directory), b"%d" % number), os.O_WRONLY | os.O_CREAT))
    return count


def unreadable(paths):
    """Of `paths`, those that could be read after all: the list must come out empty."""
    leaked = []
    for path in paths:
        try:
            descriptor = os.open(encoded(path), os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
        except OSError:
            continue
        os.close(descriptor)
        leaked.append(path)
    return leaked


def mount_lines():
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        return file.read().splitlines()


def run(*command):
    """Runs a program and gives its status and what it wrote."""
    result = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=30,
        check=False,
    )
    return {"status": result.returncode, "output": result.stdout.decode("utf-8", "replace")}
