"""`scripts/bench work`: what it costs to work inside, by a parallel build."""

from .launch import BWRAP
from .measure import Command, Ratio, measure, table
from .stage import Person, Stage
from .view import short_bwrap_arguments

BAR_BUILD = 1.08


def work(stage: Stage, person: Person, rounds: int, write_c_project) -> list[str]:
    """Builds the same 60 C files with and without Mews in turn, prints, and returns the bars that were missed."""
    print(f"\n== work, as {person.identity.name}: make -j2 of 60 C files, {rounds} rounds, launch included ==")
    write_c_project(person.workspace)
    build = ["/bin/sh", "-c", "make -s clean && make -s -j2"]
    commands: dict[str, Command] = {
        "plain": build,
        "bwrap-short": [BWRAP, *short_bwrap_arguments(str(person.workspace)), *build],
        "mews": stage.run("--", *build),
    }
    series = measure(
        stage.spawn, person.identity, commands, person.environment, person.workspace, rounds, warm_up=1,
        pause_microseconds=50_000)
    print(table(series, "plain"))
    ratio = Ratio.of(series["mews"], series["plain"])
    verdict = ratio.verdict(BAR_BUILD)
    print(f"\nbar: mews / plain <= {BAR_BUILD}   {ratio.median:.3f}  {ratio.minima:.3f}   {verdict}")
    return ["make -j2"] if verdict == "MISSED" else []
