"""Reads what a Mews sandbox mounts, and says the same to bwrap and to the floor.

The other two get their mounts from Mews's own mount table rather than from a list kept here, so that the three can't
drift apart unnoticed: what is compared is always the view that the measured profile really gives.
"""

import os
import re
from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True)
class Mount:
    """One line of /proc/PID/mountinfo (proc_pid_mountinfo(5))."""

    device: str
    root: str
    point: str
    writable: bool
    type: str


def parse_mounts(text: str) -> list[Mount]:
    """The mounts of a mountinfo, those further up in the tree first."""
    mounts = []
    for line in text.splitlines():
        before, after = line.split(" - ", 1)
        _, _, device, root, point, options = before.split(" ")[:6]
        mounts.append(Mount(
            device=device, root=unescape(root), point=unescape(point),
            writable="ro" not in options.split(","), type=after.split(" ")[0]))
    return sorted(mounts, key=lambda mount: len(PurePosixPath(mount.point).parts))


def unescape(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)


def below(path: str, ancestor: str) -> str | None:
    """`path` relative to `ancestor`: empty when they are equal, None when it doesn't lie below."""
    if path == ancestor:
        return ""
    prefix = ancestor if ancestor.endswith("/") else ancestor + "/"
    return path[len(prefix):] if path.startswith(prefix) else None


def join(directory: str, name: str) -> str:
    return str(PurePosixPath(directory, name))


def host_path(mount: Mount, host: list[Mount]) -> str | None:
    """Where what `mount` shows can be found on the host, or None when it exists only inside."""
    for candidate in host:
        rest = below(mount.root, candidate.root)
        if candidate.device == mount.device and rest is not None:
            path = join(candidate.point, rest)
            if os.path.lexists(path):
                return path
    return None


@dataclass(frozen=True)
class Step:
    """One mount or file of the view. `kind` is bind, self, tmpfs, proc, devpts, mask, directory, file or symlink."""

    kind: str
    path: str
    source: str = ""
    writable: bool = False


def steps_of_view(inside: list[Mount], host: list[Mount], own_files: list[tuple[str, str, str]]) -> list[Step]:
    """The steps that build the view whose mount table is `inside`.

    `own_files` are the files, directories and links that lie on the view's root file system itself, each as the letter
    of find(1)'s %y, its path and a link's text.
    """
    kinds = {"l": "symlink", "f": "file", "d": "directory"}
    steps = [Step(kinds[letter], path, source=text) for letter, path, text in own_files if letter in kinds]
    seen: list[Mount] = []
    for mount in inside:
        if mount.point != "/":
            steps.append(step_for(mount, seen, host))
        seen.append(mount)
    return steps


def step_for(mount: Mount, seen: list[Mount], host: list[Mount]) -> Step:
    if mount.type in ("proc", "devpts") and mount.root == "/":
        return Step(mount.type, mount.point, writable=mount.writable)
    source, parent = host_path(mount, host), parent_of(mount, seen)
    if source is not None and not shows_itself(mount, parent):
        return Step("bind", mount.point, source=source, writable=mount.writable)
    if source is not None or parent.device == mount.device:
        # A pin, a path made read-only, or another part of the file system that holds the view's own files.
        return Step("self", mount.point, source=source or "", writable=mount.writable)
    if all(mount.device != earlier.device for earlier in seen):
        return Step("tmpfs", mount.point, writable=mount.writable)
    return Step("mask", mount.point)


def parent_of(mount: Mount, seen: list[Mount]) -> Mount:
    parents = [earlier for earlier in seen if below(mount.point, earlier.point) is not None]
    return max(reversed(parents), key=lambda earlier: len(earlier.point))


def shows_itself(mount: Mount, parent: Mount) -> bool:
    """Whether the same file would be at this path without this mount."""
    rest = below(mount.point, parent.point)
    return parent.device == mount.device and rest is not None and join(parent.root, rest) == mount.root


def floor_arguments(steps: list[Step], directory: str) -> list[str]:
    """The same view for the floor."""
    arguments: list[str] = []
    # It makes the mount points of these by itself.
    mounted = {step.path for step in steps if step.kind in ("bind", "tmpfs", "proc", "devpts")}
    for step in steps:
        access = "rw" if step.writable else "ro"
        if step.kind == "bind":
            arguments += [f"--{access}", step.source, step.path]
        elif step.kind == "self":
            arguments += [f"--self-{access}", step.path]
        elif step.kind == "symlink":
            arguments += ["--symlink", step.source, step.path]
        elif step.path not in mounted or step.kind in ("tmpfs", "proc", "devpts"):
            arguments += [f"--{step.kind}", step.path]
    return [*arguments, "--chdir", directory]


def bwrap_arguments(steps: list[Step], directory: str) -> list[str]:
    """The same view for bwrap, in its own words.

    Its --dev makes the devices and the devpts, and its --proc makes the read-only parts of /proc, each in its own way.
    It can't bind a symbolic link, so it makes one, and for the small files that Mews writes it binds the host's. What
    it can't say at all is left out, in its favour.
    """
    arguments = ["--unshare-all", "--die-with-parent", "--new-session"]
    has_devices = any(below(step.path, "/dev") is not None for step in steps)
    for step in steps:
        if below(step.path, "/dev") is not None or step.kind in ("file", "directory"):
            continue
        if step.kind == "symlink":
            arguments += ["--symlink", step.source, step.path]
        elif step.kind == "proc":
            arguments += ["--proc", step.path]
        elif step.kind == "tmpfs":
            arguments += ["--tmpfs", step.path]
        elif step.kind == "mask":
            arguments += ["--tmpfs", step.path] if os.path.isdir(step.path) else ["--ro-bind", "/dev/null", step.path]
        elif below(step.path, "/proc") is None:
            arguments += bwrap_bind(step)
    return arguments + ["--dev", "/dev"] * has_devices + ["--chdir", directory]


def bwrap_bind(step: Step) -> list[str]:
    access = "--bind" if step.writable else "--ro-bind"
    if os.path.islink(step.source):
        return ["--symlink", os.readlink(step.source), step.path]
    if step.source:
        return [access, step.source, step.path]
    if step.writable:
        return ["--tmpfs", step.path]
    return [access, step.path, step.path] if os.path.isfile(step.path) else []


def short_bwrap_arguments(directory: str) -> list[str]:
    """The line with which people use bwrap for such work: a handful of mounts, all of /etc, nothing protected."""
    links = ("bin", "lib", "lib64", "sbin")
    arguments = ["--unshare-all", "--die-with-parent", "--new-session", "--ro-bind", "/usr", "/usr"]
    for link in links:
        arguments += ["--symlink", f"usr/{link}", f"/{link}"]
    return [
        *arguments, "--ro-bind", "/etc", "/etc", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp",
        "--bind", directory, directory, "--chdir", directory]
