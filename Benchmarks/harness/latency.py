"""`scripts/bench audit`: what it costs a program that a call of its is seen."""

import errno
import subprocess
from dataclasses import dataclass

from .measure import Command, MeasurementFailed, Series
from .stage import Person, Stage, compile_program

COUNT = 400
MEWS, WITHOUT_READS, OUTSIDE = "inside", "inside, reads off", "outside"


@dataclass(frozen=True)
class Case:
    """One call, where it is made, and the answer that it has to get."""

    name: str
    place: str
    kind: str
    directory: str
    answer: int


def cases(person: Person) -> list[list[Case]]:
    """In groups, of which each compares with its first. Root can open what nobody may, so it lacks that row."""
    secrets, missing = str(person.home / "secrets"), str(person.home / "missing")
    workspace = str(person.workspace)
    denied = [
        Case("open, no such file", OUTSIDE, "open", missing, errno.ENOENT),
        Case("open, no right", OUTSIDE, "open", secrets, errno.EACCES),
        Case("open, not in the view", WITHOUT_READS, "open", secrets, errno.ENOENT),
        Case("open, denied and recorded", MEWS, "open", secrets, errno.EACCES),
    ]
    if person.identity.name == "root":
        del denied[1]
    return [
        denied,
        [
            Case("create a file", OUTSIDE, "create", workspace, 0),
            Case("create a file", WITHOUT_READS, "create", workspace, 0),
            Case("create a file", MEWS, "create", workspace, 0),
        ],
        [
            Case("call that a filter refuses", OUTSIDE, "filtered", "-", errno.EPERM),
            Case("call refused and recorded", MEWS, "refused", "-", errno.EPERM),
        ],
    ]


def latency(stage: Stage, person: Person, rounds: int) -> None:
    """Measures and prints."""
    program = compile_program(person.workspace / "calls", ["gcc"], ["calls.c"])
    secrets = person.home / "secrets"
    secrets.mkdir()
    for number in range(COUNT):
        (secrets / str(number)).touch(mode=0)
    before = {
        OUTSIDE: [], MEWS: stage.run("--"), WITHOUT_READS: stage.run_without_reads(person, "--"),
    }
    groups = cases(person)
    series = {case: Series(case.name) for group in groups for case in group}
    # One round more than is counted, which meets cold caches.
    for number in range(rounds + 1):
        for case, row in series.items():
            command = [*before[case.place], str(program), case.kind, str(COUNT), case.directory, str(case.answer)]
            times = run(person, command)
            if number > 0:
                row.times += times
    print(f"\n== what a call costs, as {person.identity.name}: {rounds} rounds of {COUNT} each, microseconds ==")
    print(f"  {'':<48}{'min':>8}{'median':>9}{'p95':>9}   {'median to first':>16}{'of minima':>11}")
    for group in groups:
        first = series[group[0]]
        for case in group:
            row = series[case]
            print(f"  {case.name + ', ' + case.place:<48}{row.minimum:>8.1f}{row.median:>9.1f}"
                  f"{row.percentile(95):>9.1f}   {row.median / first.median:>16.1f}{row.minimum / first.minimum:>11.1f}")


def run(person: Person, command: Command) -> list[float]:
    finished = subprocess.run(
        person.identity.command(command), env=person.environment, cwd=person.workspace, timeout=60,
        stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if finished.returncode != 0:
        raise MeasurementFailed(f"{' '.join(command)}: status {finished.returncode}, {finished.stderr.strip()}")
    return [int(line) / 1000 for line in finished.stdout.split()]
