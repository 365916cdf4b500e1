"""Very many tunnels that end in every odd way: what a door holds afterwards, read from /proc."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from .measure import MeasurementFailed
from .tunnels import NAME, compile_programs, descendants, doors, peak_kib, popen, program_name

AT_ONCE = 48
WAYS = (
    "whole",
    "reset after the request",
    "reset in the tunnel",
    "half-closed",
    "request stalled",
    "silent",
    "malformed",
    "denied",
    "unread and reset",
)
# Tunnels that are over may still wait for the other end to close; then all of their descriptors are back.
SETTLE_SECONDS = 15.0
# Sixteen pipes are kept, each with two ends.
KEPT_PIPE_ENDS = 32


@dataclass
class Door:
    """What one sandbox's door was seen to hold."""

    descriptors_before: int
    descriptors_after: int
    peak_before: int
    peak_after: int
    failed: int
    ended: list[int]


def descriptors(door: int, mews: int) -> int:
    """The door's. It isn't dumpable, so only root sees them; anybody else counts the sockets that are somebody's in the
    two networks that the door joins."""
    try:
        held = [os.readlink(path) for path in Path(f"/proc/{door}/fd").iterdir()]
        # It keeps some pipes for the next tunnels; only what is more than those counts.
        pipes = sum(target.startswith("pipe:") for target in held)
        return len(held) - min(pipes, KEPT_PIPE_ENDS)
    except PermissionError:
        inside = next(pid for pid in descendants(mews) if program_name(pid) == "soak-client")
        return sum(open_sockets(Path(f"/proc/{pid}/net/{name}")) for pid in (inside, door) for name in ("tcp", "tcp6"))


def open_sockets(table: Path) -> int:
    """TCP sockets that some process holds (proc_net_tcp): those that merely wait to be forgotten have no inode."""
    lines = [line.split() for line in table.read_text().splitlines()[1:]]
    return sum(fields[9] != "0" for fields in lines)


class Session:
    """One sandbox with a client in it."""

    def __init__(self, command: list[str], environment: dict[str, str], directory: Path):
        self.process = popen(command, env=environment, cwd=directory, stderr=subprocess.PIPE)

    def ask(self, command: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def answer(self) -> list[int]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line.startswith("failed ") or ":" in line:
            raise MeasurementFailed(f"the client in the sandbox: {line.strip() or 'no answer'}")
        return [int(word) for word in line.split()[1:]]

    @property
    def door(self) -> int:
        (found,) = doors(self.process.pid)
        return found

    @property
    def descriptors(self) -> int:
        return descriptors(self.door, self.process.pid)

    def end(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def soak(
    run: list[str],
    scratch: Path,
    home: Path,
    directory: Path,
    environment: dict[str, str],
    connections: int,
    sandboxes: int,
) -> list[Door]:
    """`run` is the beginning of a command line of `mews run`, up to its options. A warm-up of each door comes first, so
    that what it holds from then on is what it needs and not what it makes at its first connection."""
    programs = compile_programs(scratch)
    client = home / "soak-client"
    client.write_bytes(programs["client"].read_bytes())
    client.chmod(0o755)
    origin = popen([programs["origin"]])
    sessions: list[Session] = []
    try:
        assert origin.stdout
        port = int(origin.stdout.readline())
        profile = home / "soak.yaml"
        profile.write_text(
            f"version: 1\nname: soak\nextends: [workspace]\nfilesystem: {{read: [{client}]}}\nnetwork:\n  hosts: {{{NAME}: 127.0.0.1}}\n"
            f"  allow:\n    - {{host: {NAME}, ports: [{port}], protocol: tcp}}\n"
        )
        command = [
            *run,
            "-p",
            str(profile),
            "--summary",
            "none",
            "--",
            str(client),
            "127.0.0.1",
            "3128",
            NAME,
            str(port),
            "connect",
        ]
        sessions = [Session(command, environment, directory) for _ in range(sandboxes)]
        return soak_sessions(sessions, connections // sandboxes)
    finally:
        for session in sessions:
            session.end()
        origin.kill()
        origin.wait()


def soak_sessions(sessions: list[Session], each: int) -> list[Door]:
    for number, session in enumerate(sessions):
        session.ask(f"soak 200 {AT_ONCE} {number + 1}")
    for session in sessions:
        session.answer()
    time.sleep(4)
    before = [(session.descriptors, peak_kib(session.door)) for session in sessions]
    for number, session in enumerate(sessions):
        session.ask(f"soak {each} {AT_ONCE} {number + 1000}")
    results = [session.answer() for session in sessions]
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline and any(
        session.descriptors > held for session, (held, _) in zip(sessions, before, strict=True)
    ):
        time.sleep(0.2)
    return [
        Door(held, session.descriptors, peak, peak_kib(session.door), failed, ended)
        for session, (held, peak), (failed, *ended) in zip(sessions, before, results, strict=True)
    ]


def print_soak(found: list[Door]) -> list[str]:
    """The table, and what is wrong."""
    print(f"  {'door':>4}{'descriptors':>13}{'after':>7}{'peak KiB':>10}{'after':>7}{'failed':>8}")
    wrong = []
    for number, door in enumerate(found):
        print(
            f"  {number:>4}{door.descriptors_before:>13}{door.descriptors_after:>7}{door.peak_before:>10}{door.peak_after:>7}{door.failed:>8}"
        )
        if door.descriptors_after > door.descriptors_before:
            wrong.append(f"door {number} holds {door.descriptors_after - door.descriptors_before} descriptors more")
        if door.peak_after > door.peak_before + 1024:
            wrong.append(f"door {number} has grown by {door.peak_after - door.peak_before} KiB")
        if door.failed:
            wrong.append(f"door {number}: {door.failed} tunnels failed that shouldn't")
    totals = [sum(door.ended[index] for door in found) for index in range(len(WAYS))]
    print("  ended: " + ", ".join(f"{name} {count}" for name, count in zip(WAYS, totals, strict=True)))
    return wrong
