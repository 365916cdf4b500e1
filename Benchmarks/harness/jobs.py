"""`scripts/bench ci`: what it costs to build and test other people's projects as a job of a build server."""

import shutil
import statistics
import subprocess
import sys
import time

from .measure import MeasurementFailed
from .stage import CHECKOUT, Person, Stage

sys.path.insert(0, str(CHECKOUT / "Tests" / "agents"))


def jobs(stage: Stage, person: Person, rounds: int) -> None:
    """Does each job outside and as `mews ci` in turn, each in a workspace made anew, and prints."""
    import bundled
    import sources

    try:
        archives = sources.archives()
    except bundled.Unavailable as reason:
        raise MeasurementFailed(f"the projects' sources can't be downloaded: {reason}") from None
    print(f"\n== ci, as {person.identity.name}: {rounds} rounds ==")
    for project in sources.PROJECTS:
        job = ["/bin/sh", "-c", project.job]
        inside = [stage.mews, "ci", *stage.run()[2:], "--quiet", "--", *job]
        plain, mews = [], []
        for _ in range(rounds):
            plain.append(once(person, archives[project.name], job))
            mews.append(once(person, archives[project.name], list(map(str, inside))))
        ratio = statistics.median(one / other for one, other in zip(mews, plain, strict=True))
        print(f"  {project.name:12} plain {min(plain):6.2f} s   mews ci {min(mews):6.2f} s   "
              f"paired ratio {ratio:.3f}   of minima {min(mews) / min(plain):.3f}")


def once(person: Person, archive, command: list[str]) -> float:
    """Seconds of one job in a fresh workspace."""
    import sources

    for entry in person.workspace.iterdir():
        if entry.name != ".git":
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    sources.unpack(archive, person.workspace)
    if person.identity.uid is not None:
        owner = f"{person.identity.uid}:{person.identity.gid}"
        subprocess.run(["chown", "-R", owner, str(person.workspace)], check=True)
    began = time.monotonic()
    finished = subprocess.run(
        person.identity.command(command), cwd=person.workspace, env=person.environment, capture_output=True, text=True,
        timeout=600, stdin=subprocess.DEVNULL)
    took = time.monotonic() - began
    if finished.returncode != 0:
        raise MeasurementFailed(f"{command}: {finished.stdout[-800:]} {finished.stderr[-800:]}")
    return took
