"""`scripts/bench launch`: what it costs to start one command."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from .measure import Command, MeasurementFailed, Ratio, Series, measure, table
from .probe import RunningSandbox, running
from .stage import Person, Stage
from .view import Step, bwrap_arguments, floor_arguments, parse_mounts, short_bwrap_arguments, steps_of_view

TRUE = "/bin/true"
BWRAP = "/usr/bin/bwrap"
RULE_COUNTS = (10, 100, 1000)

# The bars that a launch is held against, and what each is about.
BAR_BWRAP, BAR_BWRAP_WITHOUT_READS, BAR_FLOOR, BAR_RULES = 0.8, 0.7, 1.3, 1.2
BAR_SHELL_MICROSECONDS, BAR_MEMORY_KIB = 6000, 6 * 1024

SHELL, SHELL_INSIDE = "sh", "sh-inside"
WITHOUT_READS = "mews-reads-off"
LEDGER_SESSIONS = 10_000


@dataclass(frozen=True)
class View:
    """The view of the measured profile, and the launchers that build it."""

    steps: list[Step]
    launchers: dict[str, Command]
    filter_path: Path | None


def launch(stage: Stage, person: Person, rounds: int) -> list[str]:
    """Measures, prints, and returns the bars that were missed."""
    print(f"\n== launch, as {person.identity.name} ==")
    mews, without_reads = stage.run("--"), stage.run_without_reads(person, "--")
    # The other launchers get the view of the second, because nobody outside can look into a FUSE root. What is
    # mounted in both is the same.
    with running(person.identity, without_reads, person.environment, person.workspace) as sandbox:
        view = view_of(stage, person, sandbox)
        mount_count = len(sandbox.mounts())
    with running(person.identity, mews, person.environment, person.workspace) as sandbox:
        memory = describe_sandbox(sandbox)
        if len(sandbox.mounts()) != mount_count:
            raise MeasurementFailed(f"{len(sandbox.mounts())} mounts with a skeleton root, {mount_count} without")
    print_sides(stage, person, view)
    commands = {"true": [TRUE]} | {name: [*launcher, TRUE] for name, launcher in view.launchers.items()}
    commands |= {"mews": [*mews, TRUE], WITHOUT_READS: [*without_reads, TRUE]}
    commands |= shell_commands(stage)
    series = measure(stage.spawn, person.identity, commands, person.environment, person.workspace, rounds)
    print(f"\n/bin/true, {rounds} rounds, all launchers alternating:")
    print(table(series, "bwrap"))
    measure_ledger(stage, person, max(10, rounds // 3))
    rules = measure_rules(stage, person, view, max(5, rounds // 8))
    return print_bars(series, rules, memory)


def shell_commands(stage: Stage) -> dict[str, Command]:
    """One shell command by itself and inside; `scripts/bench agent` measures an agent's shell prefix."""
    return {SHELL: ["/bin/bash", "-c", "true"], SHELL_INSIDE: [*stage.run("-c"), "true"]}


def view_of(stage: Stage, person: Person, sandbox: RunningSandbox) -> View:
    host = parse_mounts(Path("/proc/self/mountinfo").read_text())
    steps = steps_of_view(sandbox.mounts(), host, sandbox.own_files())
    filters = sandbox.filters() if os.geteuid() == 0 else []
    filter_path = None
    if len(filters) == 1:
        filter_path = stage.scratch / f"filter-{person.identity.name}"
        filter_path.write_bytes(filters[0])
    workspace = str(person.workspace)
    floor = floor_arguments(steps, workspace) + (["--filter", str(filter_path)] if filter_path else [])
    launchers: dict[str, Command] = {
        "bwrap": [BWRAP, *bwrap_arguments(steps, workspace)],
        "bwrap-short": [BWRAP, *short_bwrap_arguments(workspace)],
    }
    for name, program in stage.floors.items():
        launchers[name] = [str(program), *floor, "--"]
    return View(steps, launchers, filter_path)


def describe_sandbox(sandbox: RunningSandbox) -> int:
    """Prints what the sandbox is made of, and returns the peak memory of `mews` in KiB."""
    mounts = sandbox.mounts()
    print(f"Mews's sandbox: {len(mounts)} mounts, namespaces of its own: {' '.join(sandbox.own_namespaces())}")
    for mount in mounts:
        print(f"    {'rw' if mount.writable else 'ro'} {mount.type:<9} {mount.point}  <- {mount.device} {mount.root}")
    if os.geteuid() == 0:
        lengths = ", ".join(str(len(code) // 8) for code in sandbox.filters())
        print(f"seccomp filters of the command, instructions: {lengths or 'none could be read'}")
    else:
        print("seccomp filter: its length can be read by root only; the floor loads one of its own")
    peak = sandbox.peak_memory_kib()
    now = ", ".join(f"{kind} {size}" for kind, size in sandbox.resident_memory_kib().items())
    print(f"memory of mews while the command runs, KiB: {now}, peak (VmHWM) {peak}")
    return peak


def print_sides(stage: Stage, person: Person, view: View) -> None:
    print("\nthe command lines, before /bin/true:")
    print(f"  mews: {' '.join(stage.run('--'))}")
    print(f"  {WITHOUT_READS}: {' '.join(stage.run_without_reads(person, '--'))}")
    for name, launcher in view.launchers.items():
        print(f"  {name}: {' '.join(launcher)}")
    print("\nnamespaces and mounts that each makes:")
    for name, launcher in view.launchers.items():
        with running(person.identity, launcher, person.environment, person.workspace) as sandbox:
            print(f"  {name}: {' '.join(sandbox.own_namespaces())}; {len(sandbox.mounts())} mounts")
    loaded = "the same bytes as Mews's" if view.filter_path else "its own"
    print(f"  seccomp: floor {loaded}; bwrap none. Log, notifications and skeleton root: Mews alone.")


def measure_ledger(stage: Stage, person: Person, rounds: int) -> None:
    """Launches of a user who has had many sessions, beside those of one who has had a few.

    A session reads no more of the ledger than its end, so the sessions that came before must not be felt.
    """
    full = person.state.with_name(f"{person.state.name}-full")
    shutil.copytree(person.state, full)
    ledger = full / "mews" / "audit" / "ledger.jsonl"
    entries = ledger.read_bytes()
    count = entries.count(b"\n")
    # One entry more is all that is read, so those before need not follow from each other.
    last = entries.splitlines(keepends=True)[-1]
    ledger.write_bytes(entries * (2 * LEDGER_SESSIONS // count) + last)
    for directory, names, files in os.walk(full):
        for name in [".", *names, *files]:
            owner = person.state.stat()
            os.chown(Path(directory, name), owner.st_uid, owner.st_gid, follow_symlinks=False)
    run = stage.run("--")
    commands = {
        f"{LEDGER_SESSIONS}-sessions": ["/usr/bin/env", f"XDG_STATE_HOME={full}", *run, TRUE],
        "a-few-sessions": ["/usr/bin/env", f"XDG_STATE_HOME={person.state}", *run, TRUE],
    }
    series = measure(stage.spawn, person.identity, commands, person.environment, person.workspace, rounds)
    print(f"\na ledger of {ledger.stat().st_size >> 20} MiB, {rounds} rounds:")
    print(table(series, "a-few-sessions"))


def measure_rules(stage: Stage, person: Person, view: View, rounds: int) -> dict[str, Series]:
    """Launches with many more path rules, of which each is a directory of its own, beside launches with none."""
    directories = []
    for number in range(max(RULE_COUNTS)):
        directory = person.home / "rules" / f"{number:04}"
        directory.mkdir(parents=True)
        directories.append(str(directory))
    floor_name = next(reversed(stage.floors))
    floor = view.launchers[floor_name][:-1]
    commands: dict[str, Command] = {}
    for count in (0, *RULE_COUNTS):
        reads = [word for directory in directories[:count] for word in ("--read", directory)]
        binds = [word for directory in directories[:count] for word in ("--ro", directory, directory)]
        commands[f"mews+{count}"] = stage.run(*reads, "--", TRUE)
        commands[f"floor+{count}"] = [*floor, *binds, "--", TRUE]
    series = measure(
        stage.spawn, person.identity, commands, person.environment, person.workspace, rounds, warm_up=2)
    print(f"\nmore --read rules, {rounds} rounds, against {floor_name} with as many binds:")
    print(table(series, "floor+0"))
    for count in RULE_COUNTS:
        mews, floor_added = (added(series, name, count, "median") for name in ("mews", "floor"))
        print(f"  {count:>5} rules add: mews {mews:>7.0f} us ({mews / count:.1f} a rule), floor {floor_added:>7.0f} us "
              f"({floor_added / count:.1f} a rule), medians")
    return series


def added(series: dict[str, Series], name: str, count: int, figure: str) -> float:
    """What `count` rules add to `name`'s time, in microseconds: in the median of the pairs, or between minima."""
    with_rules, without = series[f"{name}+{count}"], series[f"{name}+0"]
    if figure == "minima":
        return with_rules.minimum - without.minimum
    differences = [left - right for left, right in zip(with_rules.times, without.times, strict=True)]
    return Series("", differences).median


def print_bars(series: dict[str, Series], rules: dict[str, Series], memory: int) -> list[str]:
    floors = [name for name in series if name.startswith("floor")]
    most = max(RULE_COUNTS)
    ratios = {
        f"mews / bwrap, same mounts           <= {BAR_BWRAP}": (Ratio.of(series["mews"], series["bwrap"]), BAR_BWRAP),
        f"  the same without a log of reads   <= {BAR_BWRAP_WITHOUT_READS}":
            (Ratio.of(series[WITHOUT_READS], series["bwrap"]), BAR_BWRAP_WITHOUT_READS),
        f"mews / bwrap, its usual short line  <= {BAR_BWRAP}":
            (Ratio.of(series["mews"], series["bwrap-short"]), BAR_BWRAP),
    } | {
        f"mews / {name:<29}<= {BAR_FLOOR}": (Ratio.of(series["mews"], series[name]), BAR_FLOOR) for name in floors
    } | {
        f"{most} rules, added: mews / floor    <= {BAR_RULES}": (Ratio(
            added(rules, "mews", most, "median") / added(rules, "floor", most, "median"),
            added(rules, "mews", most, "minima") / added(rules, "floor", most, "minima")), BAR_RULES),
    }
    missed = []
    print("\nbars (median of paired ratios, ratio of minima):")
    for text, (ratio, bar) in ratios.items():
        verdict = ratio.verdict(bar)
        print(f"  {text}   {ratio.median:.3f}  {ratio.minima:.3f}   {verdict}")
        if verdict == "MISSED":
            missed.append(text.strip())
    return missed + print_absolute_bars(series, memory)


def print_absolute_bars(series: dict[str, Series], memory: int) -> list[str]:
    """The two bars that aren't ratios. The time depends on the machine, the memory hardly."""
    pairs = zip(series[SHELL_INSIDE].times, series[SHELL].times, strict=True)
    shell = Series("", [inside - plain for inside, plain in pairs]).median
    bars = {
        f"added to one shell command <= {BAR_SHELL_MICROSECONDS} us, median": (shell, BAR_SHELL_MICROSECONDS),
        f"peak memory of mews <= {BAR_MEMORY_KIB} KiB": (memory, BAR_MEMORY_KIB),
    }
    for text, (value, bar) in bars.items():
        print(f"  {text}   {value:.0f}   {'met' if value <= bar else 'MISSED'}")
    return [text for text, (value, bar) in bars.items() if value > bar]
