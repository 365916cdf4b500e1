"""`scripts/bench launch --steps`: where a launch's time goes, by stage and by system call."""

import re
import statistics
from collections import Counter

from .launch import TRUE, WITHOUT_READS, view_of
from .measure import Command, MeasurementFailed
from .probe import running
from .stage import Person, Stage
from .trace import Call, perf_works, record

# Each call belongs to the first phase whose expression matches its `name(arguments`.
PHASES = {
    "waiting for the other side": r"wait4|waitid|p?poll|pselect6|select|epoll_p?wait|futex|recvmsg|recvfrom|pause",
    "creating processes and namespaces": r"clone3?\(|v?fork|unshare|setns",
    "id maps": r"openat\(.*(uid_map|gid_map|setgroups)|write\(\d+, \"\d+ \d+ \d+|write\(\d+, \"deny",
    "loopback": r"socket\(.*(INET|NETLINK)|ioctl\(.*(SIOC|0x89)|sendto\(.*(RTM|nlmsg)|bind\(.*NETLINK",
    "mounts": r"open_tree|move_mount|mount_setattr|fsopen|fsconfig|fsmount|mount\(|umount|pivot_root|statfs|chroot",
    "files and directories of the view": r"mkdir|symlink|mknod|creat\(|open(at)?\(.*CREAT|fchmod|chmod|rmdir|unlink",
    "capabilities, no_new_privs, limits": r"prctl|cap[sg]et|prlimit64|setrlimit|keyctl|setsid|sethostname|setpgid",
    "Landlock": r"landlock_|open(at)?\(.*PATH\b",
    "seccomp": r"seccomp\(",
    "exec": r"execve",
    "signals, descriptors, terminal": r"rt_sig|sigaltstack|dup|fcntl|close|ioctl|pipe|socket|signalfd|pidfd|eventfd",
    "look-ups (stat, readlink, open, read)": r"open|stat|fstat|newfstatat|readlink|access|read|getdents|lseek|pread",
    "memory": r"mmap|munmap|mprotect|brk|mremap|madvise",
    "writing": r"write|sendmsg|sendto|fsync",
}
COMPILED = {phase: re.compile(rf"(?:{expression})") for phase, expression in PHASES.items()}
WAITING = "waiting for the other side"

STAGES = ("before the first clone", "clone", "until the command's exec", "exec of the command",
          "the command itself", "until the launcher's end")


def phase_of(call: Call) -> str:
    return next((phase for phase, expression in COMPILED.items() if expression.match(call.text)), "anything else")


def stages_of(calls: list[Call]) -> dict[str, float]:
    """How long each stage of a launch took, in microseconds. They follow each other, and their sum is the whole."""
    launcher = calls[0].process
    own = [call for call in calls if call.process == launcher]
    clones = [call for call in own if re.match(r"clone3?\(|v?fork\(|unshare\(", call.text)]
    executed = [call for call in calls if call.name == "execve"][-1]
    ended = [call for call in calls if call.process == executed.process and call.name == "exit_group"]
    if not clones or not ended:
        raise MeasurementFailed("the trace shows no clone, or no end of the command")
    moments = [
        calls[0].end, clones[0].start, clones[0].end, executed.start, executed.end, ended[-1].start, own[-1].end]
    stages = {stage: after - before for stage, before, after in zip(STAGES, moments[:-1], moments[1:], strict=True)}
    if min(stages.values()) <= 0:
        raise MeasurementFailed(f"the trace lacks the beginning or the end of a stage: {stages}")
    return stages


def steps(stage: Stage, person: Person, rounds: int) -> None:
    """Traces Mews, the floor and bwrap in turn, and prints where their time went."""
    print(f"\n== steps of a launch, as {person.identity.name} ==")
    without_reads = stage.run_without_reads(person, "--")
    with running(person.identity, without_reads, person.environment, person.workspace) as sandbox:
        launchers = view_of(stage, person, sandbox).launchers
    floor = next(iter(stage.floors))
    commands = {"mews": stage.run("--"), WITHOUT_READS: without_reads, floor: launchers[floor], "bwrap": launchers["bwrap"]}
    with_perf = perf_works(stage.scratch)
    traces: dict[str, list[list[Call]]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, launcher in commands.items():
            traces[name].append(complete_trace(person, launcher, with_perf))
    print(f"{rounds} launches each, traced with {'perf trace' if with_perf else 'strace'}; microseconds.")
    if not with_perf:
        print("strace stops a program twice at every call, which multiplies the time of the many short ones: compare\n"
              "phases and counts with each other, not with untraced times. As root, perf trace shows truer ones.")
    print_stages(traces)
    print_phases(traces)
    print_names({name: Counter(call.name for call in runs[-1]) for name, runs in traces.items()})


def complete_trace(person: Person, launcher: Command, with_perf: bool) -> list[Call]:
    """One traced launch. perf loses the beginning of a call now and then; such a trace is taken again."""
    attempts_left = 5
    while True:
        calls = record(person, launcher, [TRUE], person.home / "trace", with_perf)
        attempts_left -= 1
        try:
            stages_of(calls)
        except MeasurementFailed:
            if attempts_left == 0:
                raise
        else:
            return calls


def print_stages(traces: dict[str, list[list[Call]]]) -> None:
    print(f"\n  {'stage: least (median)':<40}" + "".join(f"{name:>20}" for name in traces))
    measured = {name: [stages_of(calls) for calls in runs] for name, runs in traces.items()}

    def cells(stages: tuple[str, ...]) -> str:
        columns = [[sum(run[stage] for stage in stages) for run in runs] for runs in measured.values()]
        return "".join(f"{min(column):>12.0f} ({statistics.median(column):>5.0f})" for column in columns)

    for stage in STAGES:
        print(f"  {stage:<40}{cells((stage,))}")
    print(f"  {'whole':<40}{cells(STAGES)}")


def print_phases(traces: dict[str, list[list[Call]]]) -> None:
    """Time inside calls and their number. What is left of a stage is the program's own code, and page faults."""
    print(f"\n  {'inside system calls: least (count)':<40}" + "".join(f"{name:>20}" for name in traces))
    sums: dict[str, list[tuple[Counter, Counter]]] = {}
    for name, runs in traces.items():
        sums[name] = []
        for calls in runs:
            times, counts = Counter(), Counter()
            for call in calls:
                phase = phase_of(call)
                times[phase] += call.duration
                counts[phase] += 1
            sums[name].append((times, counts))
    for phase in [*(phase for phase in PHASES if phase != WAITING), "anything else", WAITING]:
        cells = ""
        for runs in sums.values():
            time, count = min(times[phase] for times, _ in runs), min(counts[phase] for _, counts in runs)
            cells += f"{time:>12.0f} ({count:>5})"
        print(f"  {phase:<40}{cells}")


def print_names(names: dict[str, Counter]) -> None:
    print(f"\n  {'calls by name, last launch':<40}" + "".join(f"{name:>20}" for name in names))
    every = Counter()
    for counter in names.values():
        every |= counter
    for name, _ in every.most_common(40):
        print(f"  {name:<40}" + "".join(f"{counter[name]:>20}" for counter in names.values()))
    print(f"  {'all':<40}" + "".join(f"{counter.total():>20}" for counter in names.values()))
