"""`scripts/bench work`: what it costs to work inside, with everything that is seen of it."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .launch import BWRAP
from .measure import Command, MeasurementFailed, Ratio, measure, table
from .stage import Person, Stage
from .view import short_bwrap_arguments

BAR_BUILD = 1.08
FILES = 2000


@dataclass(frozen=True)
class Job:
    """Something that is done all day, by a shell in the workspace."""

    title: str
    script: str
    bar: float | None = None

    @property
    def command(self) -> Command:
        return ["/bin/sh", "-c", self.script]


JOBS = [
    Job("make -j2 of 60 C files", "cd build && make -s clean && make -s -j2", BAR_BUILD),
    Job(f"git status with {FILES:,} files", "git -C many status --short"),
    # Not all of it may be readable to a user.
    Job("find /usr -xdev", "find /usr -xdev > /dev/null 2>&1 || true"),
    Job("20 starts of Python", "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do python3 -c 'import json'; done"),
]


def work(stage: Stage, person: Person, rounds: int, write_c_project) -> list[str]:
    """Does each job with and without Mews in turn, prints, and returns the bars that were missed."""
    print(f"\n== work, as {person.identity.name}: {rounds} rounds, launch included ==")
    prepare(person, write_c_project)
    return [job.title for job in JOBS if not compare(stage, person, rounds, job)]


def prepare(person: Person, write_c_project) -> None:
    """What is built, and a repository of many files, made by the one who measures."""
    build, many = person.workspace / "build", person.workspace / "many"
    build.mkdir(mode=0o777)
    build.chmod(0o777)
    write_c_project(build)
    script = (
        f"mkdir many && cd many && git init --quiet && for i in $(seq {FILES}); do"
        ' mkdir -p d$((i % 40)); echo "$i" > "d$((i % 40))/file$i"; done && git add . && git'
        " -c user.name=Bench -c user.email=bench@example.org commit --quiet -m many")
    subprocess.run(
        person.identity.command(["/bin/sh", "-c", script]), cwd=person.workspace, env=person.environment, check=True,
        timeout=120)
    assert many.is_dir()


def compare(stage: Stage, person: Person, rounds: int, job: Job) -> bool:
    """Measures one job; whether it keeps its bar."""
    commands: dict[str, Command] = {
        "plain": job.command,
        "bwrap-short": [BWRAP, *short_bwrap_arguments(str(person.workspace)), *job.command],
        "mews": stage.run("--", *job.command),
        "mews-reads-off": stage.run_without_reads(person, "--", *job.command),
    }
    series = measure(
        stage.spawn, person.identity, commands, person.environment, person.workspace, rounds, warm_up=1,
        pause_microseconds=50_000)
    print(f"\n{job.title}:")
    print(table(series, "plain"))
    print(f"  {seen(stage, person, job)}")
    if job.bar is None:
        return True
    ratio = Ratio.of(series["mews"], series["plain"])
    verdict = ratio.verdict(job.bar)
    print(f"  bar: mews / plain <= {job.bar}   {ratio.median:.3f}  {ratio.minima:.3f}   {verdict}")
    return verdict != "MISSED"


def seen(stage: Stage, person: Person, job: Job) -> str:
    """What Mews is asked and told while the job is done once more."""
    place = Path(person.state) / "summary.json"
    finished = subprocess.run(
        person.identity.command(stage.run("--summary", f"json:{place}", "--", *job.command)), cwd=person.workspace,
        env=person.environment, capture_output=True, text=True, timeout=120)
    if finished.returncode != 0:
        raise MeasurementFailed(f"{job.title} failed inside: {finished.stderr}")
    summary = json.loads(place.read_text())
    observed = summary["observed"]
    if not (observed["reads"] and observed["writes"]):
        raise MeasurementFailed(f"not everything is seen: {observed}")
    return (f"seen: {observed['notifications']} notifications, {observed['requests']} requests of the skeleton, "
            f"{summary['denied']['total']} denials")
