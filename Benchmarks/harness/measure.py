"""Runs commands side by side through `spawn` and compares their times."""

import statistics
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

Command = list[str]


class MeasurementFailed(Exception):
    """A measured command did not do its work, so its time says nothing."""


@dataclass(frozen=True)
class Identity:
    """Who the measured commands run as, and what has to stand before a command line for that."""

    name: str
    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    def command(self, arguments: Command) -> Command:
        return [*self.prefix, *arguments]


@dataclass
class Series:
    """The times of one command, in microseconds, one for each round."""

    name: str
    times: list[float] = field(default_factory=list)

    @property
    def minimum(self) -> float:
        return min(self.times)

    @property
    def median(self) -> float:
        return statistics.median(self.times)

    def percentile(self, percent: int) -> float:
        return sorted(self.times)[min(len(self.times) - 1, len(self.times) * percent // 100)]


@dataclass(frozen=True)
class Ratio:
    """How two series compare: the median of the ratios within each round, and the ratio of the two minima.

    The first says what a user sees, and pairing takes the machine's drift out of it; the second says what the work
    itself costs, since a minimum has met the least interference.
    """

    median: float
    minima: float

    @staticmethod
    def of(numerator: Series, denominator: Series) -> "Ratio":
        pairs = zip(numerator.times, denominator.times, strict=True)
        return Ratio(statistics.median(left / right for left, right in pairs), numerator.minimum / denominator.minimum)

    def verdict(self, bar: float) -> str:
        """`met` or `missed` when both figures agree about `bar`, else which of them meets it."""
        meets = (self.median <= bar, self.minima <= bar)
        if all(meets):
            return "met"
        if not any(meets):
            return "MISSED"
        return "met by the median only" if meets[0] else "met by the minima only"


def measure(
    spawn: Path, identity: Identity, commands: dict[str, Command], environment: dict[str, str], directory: Path,
    rounds: int, warm_up: int = 5, pause_microseconds: int = 2000, limit_seconds: int = 300, at_once: int = 1,
) -> dict[str, Series]:
    """Times `commands`, alternating, `rounds` times each, or as many processes of each at once.

    The pause lets the kernel finish tearing down the previous namespaces, which it does after wait(2) has returned and
    which would else be paid by whichever command comes next.
    """
    arguments = [str(spawn), "-n", str(rounds), "-w", str(warm_up), "-p", str(pause_microseconds)]
    arguments += ["-j", str(at_once), "--"]
    for index, (name, command) in enumerate(commands.items()):
        arguments += ["---"] * (index > 0) + [name, *command]
    finished = subprocess.run(
        identity.command(arguments), env=environment, cwd=directory, capture_output=True, text=True,
        timeout=limit_seconds)
    if finished.returncode != 0:
        raise MeasurementFailed(f"spawn ended with {finished.returncode}: {finished.stderr}")
    series = {name: Series(name) for name in commands}
    for line in finished.stdout.splitlines():
        _, name, nanoseconds, status, _ = line.split()
        if status != "0":
            raise MeasurementFailed(explain(identity, name, commands[name], environment, directory))
        series[name].times.append(int(nanoseconds) / 1000)
    return series


def explain(identity: Identity, name: str, command: Command, environment: dict[str, str], directory: Path) -> str:
    """Runs a command that failed under `spawn`, where its messages are discarded, once more to see them."""
    again = subprocess.run(
        identity.command(command), env=environment, cwd=directory, capture_output=True, text=True, timeout=60,
        stdin=subprocess.DEVNULL)
    shown = " ".join(command) if len(command) < 60 else " ".join(command[:60]) + " ..."
    return f"{name} failed; again by itself: status {again.returncode}, {again.stderr.strip()}\n  {shown}"


def table(series: dict[str, Series], reference: str) -> str:
    """The rows of one run, each compared with `reference`."""
    lines = [f"  {'':<22}{'min us':>9}{'median':>9}{'p95':>9}   {'to ' + reference:>16}{'of minima':>11}"]
    for row in series.values():
        ratio = Ratio.of(row, series[reference])
        lines.append(
            f"  {row.name:<22}{row.minimum:>9.0f}{row.median:>9.0f}{row.percentile(95):>9.0f}"
            f"   {ratio.median:>16.3f}{ratio.minima:>11.3f}")
    return "\n".join(lines)
