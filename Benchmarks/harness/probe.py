"""Looks at a running sandbox: its mounts, namespaces and seccomp filters, and the memory of its supervisor."""

import ctypes
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .measure import Command, Identity, MeasurementFailed
from .view import Mount, parse_mounts

NAMESPACES = ("user", "mnt", "pid", "net", "ipc", "uts", "cgroup")

# From <sys/ptrace.h> and <linux/ptrace.h>.
PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_SECCOMP_GET_FILTER = 17, 0x4206, 0x4207, 0x420C
WAIT_ALL = 0x40000000
INSTRUCTION_SIZE = 8


@dataclass(frozen=True)
class RunningSandbox:
    """A sandbox that is running `sleep`: the launcher's process, and the command's own."""

    launcher: int
    command: int

    def mounts(self) -> list[Mount]:
        return parse_mounts(Path(f"/proc/{self.command}/mountinfo").read_text())

    def own_namespaces(self) -> list[str]:
        """The namespaces that the command doesn't share with this process."""
        def link(process: int | str, name: str) -> str:
            return os.readlink(f"/proc/{process}/ns/{name}")
        return [name for name in NAMESPACES if link(self.command, name) != link("self", name)]

    def own_files(self) -> list[tuple[str, str, str]]:
        """What lies on the root file system of the view itself: type as find(1)'s %y, path, and a link's text."""
        root = f"/proc/{self.command}/root"
        device = os.stat(root + "/").st_dev
        found = []
        for directory, names, files in os.walk(root):
            names[:] = [name for name in names if os.lstat(f"{directory}/{name}").st_dev == device]
            for name in names + files:
                path = f"{directory}/{name}"
                if os.lstat(path).st_dev != device:
                    continue
                letter = "l" if os.path.islink(path) else "d" if os.path.isdir(path) else "f"
                found.append((letter, path.removeprefix(root), os.readlink(path) if letter == "l" else ""))
        return found

    def peak_memory_kib(self) -> int:
        return status_field(self.launcher, "VmHWM")

    def resident_memory_kib(self) -> dict[str, int]:
        """What the launcher has in memory now, by kind: pages of its own, and pages of its executable's file."""
        return {kind: status_field(self.launcher, kind) for kind in ("VmRSS", "RssAnon", "RssFile")}

    def filters(self) -> list[bytes]:
        """The command's seccomp filters as the kernel returns them (root only, ptrace(2) PTRACE_SECCOMP_GET_FILTER)."""
        libc = ctypes.CDLL(None, use_errno=True)
        libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        libc.ptrace.restype = ctypes.c_long
        if libc.ptrace(PTRACE_SEIZE, self.command, None, None) != 0:
            return []
        try:
            libc.ptrace(PTRACE_INTERRUPT, self.command, None, None)
            os.waitpid(self.command, WAIT_ALL)
            found: list[bytes] = []
            while (length := libc.ptrace(PTRACE_SECCOMP_GET_FILTER, self.command, len(found), None)) > 0:
                code = ctypes.create_string_buffer(length * INSTRUCTION_SIZE)
                libc.ptrace(PTRACE_SECCOMP_GET_FILTER, self.command, len(found), code)
                found.append(code.raw)
            return found
        finally:
            libc.ptrace(PTRACE_DETACH, self.command, None, None)


def status_field(process: int, name: str) -> int:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    raise MeasurementFailed(f"/proc/{process}/status has no {name}")


def children(process: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def find_sleep(process: int) -> int | None:
    """The first process below `process` that has become `sleep`."""
    for child in children(process):
        if Path(f"/proc/{child}/comm").read_text().strip() == "sleep":
            return child
        if (found := find_sleep(child)) is not None:
            return found
    return None


@contextmanager
def running(
    identity: Identity, launcher: Command, environment: dict[str, str], directory: Path,
) -> Iterator[RunningSandbox]:
    """Runs `sleep` under `launcher` and yields once it has started."""
    process = subprocess.Popen(
        identity.command([*launcher, "/usr/bin/sleep", "60"]), env=environment, cwd=directory,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        limit = time.monotonic() + 10
        while (command := find_sleep(process.pid)) is None:
            if process.poll() is not None or time.monotonic() > limit:
                process.kill()
                raise MeasurementFailed(f"no sandbox came up: {process.communicate()[1].strip()}")
            time.sleep(0.01)
        yield RunningSandbox(process.pid, command)
    finally:
        process.terminate()
        try:
            process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
