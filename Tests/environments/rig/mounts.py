"""The mounts of an environment, made in its own mount namespace."""

import os
import pathlib

from kernel import BIND, NODEV, NOEXEC, NOSUID, PRIVATE, RDONLY, REC, REMOUNT, enter_root, mount

# Covered and read-only in a container of Docker, Podman and Kubernetes.
MASKED = [
    "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
    "/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap",
    "/sys/firmware"]
READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
DEVICES = ["null", "zero", "full", "random", "urandom", "tty"]
LINKS = {"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2",
         "ptmx": "pts/ptmx"}


def cover(path):
    """With nothing: an empty directory, or /dev/null."""
    if os.path.isdir(path):
        mount("tmpfs", path, "tmpfs", RDONLY, "size=0k")
    elif os.path.exists(path):
        mount("/dev/null", path, None, BIND)


def flags_of(path):
    """Those of its mount, which a user namespace may not take away."""
    found = os.statvfs(path).f_flag
    return found & (RDONLY | NOSUID | NODEV | NOEXEC)


def restrict(path, flags):
    """The mount that it is, or becomes by a bind to itself."""
    if not os.path.exists(path):
        return
    kept = flags_of(path)
    # Over the root there would be a mount that nobody's root is, and the kernel would take that for a chroot.
    if path != "/":
        mount(path, path, None, BIND | REC)
    mount(None, path, None, BIND | REMOUNT | flags | kept)


def small_devices(root):
    """Those of every container, without /dev/fuse."""
    place = f"{root}/dev"
    mount("tmpfs", place, "tmpfs", NOSUID, "mode=755,size=64k")
    for name in DEVICES:
        pathlib.Path(place, name).touch()
        mount(f"/dev/{name}", f"{place}/{name}", None, BIND)
    for name, target in LINKS.items():
        os.symlink(target, f"{place}/{name}")
    for name, kind, data in (("pts", "devpts", "newinstance,ptmxmode=0666,mode=0620"), ("shm", "tmpfs", "mode=1777")):
        os.mkdir(f"{place}/{name}")
        mount(kind, f"{place}/{name}", kind, NOSUID | NOEXEC, data)


def container_root(files):
    """A root of its own with the host's directories, the devices of a container, its own /proc and an empty /run."""
    place = next(path for path in ("/mnt", "/media", "/srv", "/opt") if os.path.isdir(path))
    mount("tmpfs", place, "tmpfs", 0, "mode=755,size=1m")
    for entry in os.scandir("/"):
        target = f"{place}/{entry.name}"
        if entry.is_symlink():
            os.symlink(os.readlink(entry.path), target)
        elif entry.is_dir():
            os.mkdir(target)
            if entry.path != place and entry.name not in ("dev", "proc", "run"):
                mount(entry.path, target, None, BIND | REC)
    small_devices(place)
    mount("proc", f"{place}/proc", "proc", NOSUID | NODEV | NOEXEC)
    for name, text in files.items():
        pathlib.Path(place + name).write_text(text)
    enter_root(place)
    restrict("/sys", RDONLY)


def chroot():
    """A directory with the host's files in it as the root, which isn't where anything is mounted."""
    place = next(path for path in ("/mnt", "/media", "/srv", "/opt") if os.path.isdir(path))
    mount("tmpfs", place, "tmpfs", 0, "mode=755,size=1m")
    os.mkdir(f"{place}/root")
    for entry in os.scandir("/"):
        target = f"{place}/root/{entry.name}"
        if entry.is_symlink():
            os.symlink(os.readlink(entry.path), target)
        elif entry.is_dir():
            os.mkdir(target)
            if entry.path != place:
                mount(entry.path, target, None, BIND | REC)
    os.chroot(f"{place}/root")
    os.chdir("/")


def make(description):
    if "mount" not in description.get("namespaces", ()):
        return
    mount(None, "/", None, REC | PRIVATE)
    files = description.get("files", {})
    if description.get("root") == "container":
        container_root(files)
    elif description.get("root") == "chroot":
        chroot()
    elif "pid" in description["namespaces"]:
        mount("proc", "/proc", "proc", NOSUID | NODEV | NOEXEC)
    if description.get("root") != "container":
        for name, text in files.items():
            place_file(name, text)
    for path in description.get("hide", ()):
        cover(path)
    for path in description.get("noexec", ()):
        restrict(path, NOEXEC)
    keep_writable(description)
    if description.get("proc") == "masked":
        for path in MASKED:
            cover(path)
        for path in READ_ONLY:
            restrict(path, RDONLY)
    elif description.get("proc") == "none":
        mount("tmpfs", "/proc", "tmpfs", RDONLY, "size=0k")


def keep_writable(description):
    """A read-only mount holds for what is mounted on it only where that is made so too."""
    writable = description.get("writable", ())
    for path in writable:
        mount(path, path, None, BIND | REC)
    for path in description.get("read-only", ()):
        restrict(path, RDONLY)


def place_file(name, text):
    """A file with this text in a copy of the directory, in which only small readable files are kept."""
    directory = os.path.dirname(name)
    kept = {}
    for sibling in os.listdir(directory):
        try:
            kept[sibling] = pathlib.Path(directory, sibling).read_bytes()
        except OSError:
            continue
    mount("tmpfs", directory, "tmpfs", 0, "mode=755,size=1m")
    for sibling, content in (kept | {os.path.basename(name): text.encode()}).items():
        pathlib.Path(directory, sibling).write_bytes(content)
