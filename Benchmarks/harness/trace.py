"""Records the system calls of a launch: with `perf trace` where the caller may use it, else with strace."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .measure import Command, MeasurementFailed
from .stage import Person


@dataclass(frozen=True)
class Call:
    """One system call: when it began and how long it took, in microseconds, and its text `name(arguments`."""

    process: int
    start: float
    duration: float
    text: str

    @property
    def name(self) -> str:
        return self.text.split("(", 1)[0]

    @property
    def end(self) -> float:
        return self.start + self.duration


# `   10.599 ( 0.066 ms): floor/18778 ioctl(fd: 4, ...) = 0`, and for a call during which others were seen, its end as
# `   11.200 ( 0.601 ms): floor/18775  ... [continued]: poll()) = 1`.
PERF_LINE = re.compile(r"^\s*([\d.]+) \(\s*([\d.]+) ms\): .{1,15}/(\d+)\s+(?:\.\.\. \[continued\]: )?(\w+\(.*)$")
PERF_ENDLESS = re.compile(r"^\s*([\d.]+) \(\s*\): .{1,15}/(\d+) (exit_group\(.*)$")

STRACE_LINE = re.compile(r"^(\d+)\s+(\d+\.\d+) (.*)$")
STRACE_DURATION = re.compile(r"<(\d+\.\d+)>$")
STRACE_RESUMED = re.compile(r"^<\.\.\. \w+ resumed>")


# perf counts from the first event that it happens to read. What another processor did before that has a negative time,
# printed as an unsigned number of nanoseconds.
PERF_WRAP = 2**64 / 1000


def perf_time(milliseconds: str) -> float:
    time = float(milliseconds) * 1000
    return time - PERF_WRAP if time > PERF_WRAP / 2 else time


def parse_perf(text: str) -> list[Call]:
    calls = []
    for line in text.splitlines():
        if match := PERF_LINE.match(line):
            duration = max(0, perf_time(match[2]))
            calls.append(Call(int(match[3]), perf_time(match[1]), duration, match[4]))
        elif match := PERF_ENDLESS.match(line):
            calls.append(Call(int(match[2]), perf_time(match[1]), 0, match[3]))
    return sorted(calls, key=lambda call: call.start)


def parse_strace(text: str) -> list[Call]:
    """A call that strace shows in two halves begins with its first and has the duration of its second."""
    calls, begun = [], {}
    for line in text.splitlines():
        match = STRACE_LINE.match(line)
        if not match or match[3].startswith(("+++", "---")):
            continue
        process, start, rest = match[1], float(match[2]) * 1e6, match[3]
        if rest.endswith("<unfinished ...>"):
            begun[process] = start, rest
            continue
        if STRACE_RESUMED.match(rest):
            start, first_half = begun.pop(process, (start, ""))
            rest = first_half + rest
        duration = STRACE_DURATION.search(rest)
        calls.append(Call(int(process), start, float(duration[1]) * 1e6 if duration else 0, rest))
    calls += [Call(int(process), start, 0, rest) for process, (start, rest) in begun.items()]
    return sorted(calls, key=lambda call: call.start)


def perf_works(directory: Path) -> bool:
    """Whether `perf trace` may be used here: it needs privilege and a kernel with the tracepoints of system calls."""
    if os.geteuid() != 0 or not shutil.which("perf"):
        return False
    output = directory / "perf-probe"
    try:
        subprocess.run(["perf", "trace", "-o", str(output), "/bin/true"], capture_output=True, timeout=20)
        return len(parse_perf(output.read_text())) > 10
    except (OSError, subprocess.TimeoutExpired):
        return False


def record(person: Person, launcher: Command, command: Command, output: Path, with_perf: bool) -> list[Call]:
    """The calls of one launch, from the first that the launcher itself makes on."""
    words = [*launcher, *command]
    if with_perf:
        # perf needs its privilege, so it stands before what makes root somebody else.
        words = ["perf", "trace", "--mmap-pages", "4096", "-o", str(output), "--", *person.identity.command(words)]
    else:
        tracer = ["/usr/bin/strace", "-f", "-ttt", "-T", "-s", "40", "-o", str(output)]
        words = person.identity.command([*tracer, *words])
    finished = subprocess.run(
        words, env=person.environment, cwd=person.workspace, timeout=60, stdin=subprocess.DEVNULL,
        capture_output=True, text=True)
    if finished.returncode != 0:
        raise MeasurementFailed(f"while traced: status {finished.returncode}, {finished.stderr.strip()}")
    text = output.read_text(errors="replace")
    output.unlink()
    calls = parse_perf(text) if with_perf else parse_strace(text)
    programs_before = sum(word in ("/usr/bin/chrt", "/usr/bin/setpriv") for word in person.identity.prefix)
    return without_prefix(calls, programs_before) if with_perf else calls


def without_prefix(calls: list[Call], programs_before: int) -> list[Call]:
    """`calls` from the exec of the launcher on, which came after that many others in its process. The first exec of
    all happened before perf looked."""
    executed = [
        index for index, call in enumerate(calls)
        if call.process == calls[0].process and call.name == "execve" and call.text.endswith("= 0")]
    if programs_before == 0:
        return calls
    if len(executed) < programs_before:
        raise MeasurementFailed("the trace doesn't show the launcher's exec")
    return calls[executed[programs_before - 1]:]
