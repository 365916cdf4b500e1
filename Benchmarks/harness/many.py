"""`scripts/bench many`: how many sandboxes can be started when many are started at once."""

from .launch import BWRAP, TRUE, WITHOUT_READS, view_of
from .measure import Command, Ratio, Series, measure
from .probe import running
from .stage import Person, Stage
from .view import short_bwrap_arguments

AT_ONCE = (1, 16, 64)


def many(stage: Stage, person: Person, rounds: int) -> None:
    """Measures and prints. A launch that fails ends the bench, so every line stands for launches that all worked."""
    print(f"\n== many launches at once, as {person.identity.name} ==")
    without_reads = stage.run_without_reads(person, "--")
    with running(person.identity, without_reads, person.environment, person.workspace) as sandbox:
        view = view_of(stage, person, sandbox)
    commands: dict[str, Command] = {
        "mews": [*stage.run("--"), TRUE],
        WITHOUT_READS: [*without_reads, TRUE],
        "bwrap": [*view.launchers["bwrap"], TRUE],
        "bwrap-short": [BWRAP, *short_bwrap_arguments(str(person.workspace)), TRUE],
    }
    for count in AT_ONCE:
        series = measure(
            stage.spawn, person.identity, commands, person.environment, person.workspace,
            max(3, rounds if count == 1 else rounds // 2), warm_up=1, pause_microseconds=50_000, at_once=count)
        print(f"\n{count} at once, {len(series['mews'].times)} rounds, all launchers alternating:")
        print(throughput(series, count))


def throughput(series: dict[str, Series], count: int) -> str:
    """The launches that were done in a second, and each row's share of bwrap's in the same round."""
    lines = [f"  {'':<16}{'per second':>12}{'best':>9}{'ms for all':>12}   {'to bwrap':>9}{'of bests':>10}"]
    for row in series.values():
        # Of the times bwrap's comes first: more launches in a second are a shorter time.
        ratio = Ratio.of(series["bwrap"], row)
        lines.append(
            f"  {row.name:<16}{count * 1e6 / row.median:>12.0f}{count * 1e6 / row.minimum:>9.0f}"
            f"{row.median / 1000:>12.1f}   {ratio.median:>9.2f}{ratio.minima:>10.2f}")
    return "\n".join(lines)
