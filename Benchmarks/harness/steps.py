"""`scripts/bench launch --steps`: where a launch's time goes, by system call."""

import re
import subprocess
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from .launch import TRUE, view_of
from .measure import Command, MeasurementFailed
from .probe import running
from .stage import Person, Stage

# Each call belongs to the first phase whose expression matches its `name(arguments`.
PHASES = {
    "waiting for the other side": r"wait4|waitid|p?poll|pselect6|select|epoll_p?wait|futex|recvmsg|recvfrom|pause",
    "namespaces (clone, unshare)": r"clone3?\(.*CLONE_NEW|clone3?\(.*0x[67]e|unshare|setns",
    "start of a process (clone, fork)": r"clone3?\(|v?fork",
    "id maps": r"openat\(.*(uid_map|gid_map|setgroups)|write\(\d+, \"\d+ \d+ \d+|write\(\d+, \"deny",
    "loopback": r"socket\(AF_(INET|NETLINK)|ioctl\(.*SIOC|sendto\(.*(RTM|nlmsg)|bind\(.*AF_NETLINK",
    "mounts": r"open_tree|move_mount|mount_setattr|fsopen|fsconfig|fsmount|mount\(|umount2|pivot_root|statfs|chroot",
    "files and directories of the view": r"mkdir|symlink|mknod|creat\(|open(at)?\(.*O_CREAT|fchmod|chmod|rmdir|unlink",
    "capabilities, no_new_privs, limits": r"prctl|capset|capget|prlimit64|setrlimit|keyctl|setsid|sethostname|setpgid",
    "Landlock": r"landlock_|open(at)?\(.*O_PATH",
    "seccomp": r"seccomp\(",
    "exec": r"execve",
    "signals, descriptors, terminal": r"rt_sig|sigaltstack|dup|fcntl|close|ioctl|pipe|signalfd|pidfd|eventfd|timerfd",
    "look-ups (stat, readlink, open, read)": r"open|stat|statx|fstat|newfstatat|readlink|access|read|getdents|lseek|pread",
    "memory": r"mmap|munmap|mprotect|brk|mremap|madvise",
    "writing": r"write|sendmsg|sendto|fsync",
}
COMPILED = {phase: re.compile(rf"(?:{expression})") for phase, expression in PHASES.items()}
WAITING = "waiting for the other side"

LINE = re.compile(r"^(?P<process>\d+)\s+(?P<time>\d+\.\d+) (?P<rest>.*)$")
DURATION = re.compile(r"<(\d+\.\d+)>$")
RESUMED = re.compile(r"^<\.\.\. \w+ resumed>")


@dataclass
class Trace:
    """One traced launch: time inside system calls (us) and their number, by phase, and their number by name."""

    times: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    counts: Counter = field(default_factory=Counter)
    names: Counter = field(default_factory=Counter)


def phase_of(call: str) -> str:
    return next((phase for phase, expression in COMPILED.items() if expression.match(call)), "anything else")


def read_trace(text: str) -> Trace:
    """Sums up the output of `strace -f -ttt -T`. A call that strace shows in two halves is counted once, with the
    duration that stands at its second half."""
    trace = Trace()
    unfinished: dict[str, str] = {}
    for line in text.splitlines():
        match = LINE.match(line)
        if not match or match["rest"].startswith(("+++", "---")):
            continue
        call, process = match["rest"], match["process"]
        if call.endswith("<unfinished ...>"):
            unfinished[process] = call
            continue
        if RESUMED.match(call):
            call = unfinished.pop(process, call) + call
        duration = DURATION.search(call)
        phase = phase_of(call)
        trace.counts[phase] += 1
        trace.names[call.split("(", 1)[0]] += 1
        trace.times[phase] += float(duration[1]) * 1e6 if duration else 0.0
    return trace


def record(person: Person, command: Command, output: Path) -> Trace:
    strace = ["/usr/bin/strace", "-f", "-ttt", "-T", "-s", "40", "-o", str(output), *command]
    finished = subprocess.run(
        person.identity.command(strace), env=person.environment, cwd=person.workspace, timeout=60,
        stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if finished.returncode != 0:
        raise MeasurementFailed(f"under strace: status {finished.returncode}, {finished.stderr.strip()}")
    return read_trace(output.read_text(errors="replace"))


def steps(stage: Stage, person: Person, rounds: int) -> None:
    """Traces Mews, the floor and bwrap in turn, and prints the least that each phase took in any of the rounds."""
    print(f"\n== steps of a launch, as {person.identity.name} ==")
    mews = [str(stage.mews), "run", "--"]
    with running(person.identity, mews, person.environment, person.workspace) as sandbox:
        launchers = view_of(stage, person, sandbox).launchers
    floor_name = next(reversed(stage.floors))
    commands = {"mews": mews, floor_name: launchers[floor_name], "bwrap": launchers["bwrap"]}
    traces: dict[str, list[Trace]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, launcher in commands.items():
            traces[name].append(record(person, [*launcher, TRUE], person.home / "trace"))
    print(f"Least of {rounds} traced runs each, microseconds spent inside system calls, and how many. strace stops the"
          " program twice at every call,\nwhich adds about as much again to each: compare phases and counts, not"
          " totals with the untraced times. Code between calls isn't seen.")
    print_phases(traces)
    print_names({name: runs[-1].names for name, runs in traces.items()})


def print_phases(traces: dict[str, list[Trace]]) -> None:
    print(f"\n  {'':<40}" + "".join(f"{name:>20}" for name in traces))
    totals: dict[str, list[float]] = {name: [0, 0] for name in traces}
    for phase in [*(phase for phase in PHASES if phase != WAITING), "anything else", WAITING]:
        cells = ""
        for name, runs in traces.items():
            time, count = min(run.times[phase] for run in runs), min(run.counts[phase] for run in runs)
            cells += f"{time:>13.0f} ({count:>3})" + " "
            if phase != WAITING:
                totals[name][0] += time
                totals[name][1] += count
        print(f"  {phase:<40}{cells}")
    cells = "".join(f"{time:>13.0f} ({count:>3.0f}) " for time, count in totals.values())
    print(f"  {'sum without waiting':<40}{cells}")


def print_names(names: dict[str, Counter]) -> None:
    print("\n  system calls by name (last round):")
    every = Counter()
    for counter in names.values():
        every |= counter
    for name, _ in every.most_common(40):
        print(f"  {name:<40}" + "".join(f"{counter[name]:>19} " for counter in names.values()))
