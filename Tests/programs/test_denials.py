"""Ordinary work logs no denial, so that one that is logged is worth to be looked at. What is denied on purpose has
a record and breaks nothing."""

import pytest

from homes import IDENTITY, furnish
from jobs import HERE, JOBS, Job
from place import SEARCH_PATH, Denied, Outcome, Place, differences, toolchain


pytestmark = pytest.mark.usefixtures("observed")


def work(place: Place, job: Job) -> tuple[Outcome, set[Denied]]:
    """Does a job inside; how it ended, and what its log holds of denials."""
    log = place.home / "audit.jsonl"
    options = ["--audit-log", str(log)]
    if job.profile:
        profile = place.home / "job.yaml"
        profile.write_text("version: 1\nname: job\nextends: [workspace]\n" + job.profile)
        options += ["-p", str(profile)]
    if job.toolchain and (programs := toolchain(job.toolchain)):
        options += ["--read", str(programs.parents[1])]
    job.prepare(place)
    script = (HERE / "scripts/jobs" / f"{job.name}.sh").read_text()
    outcome = place.inside(["/bin/sh", "-c", script, job.name], options, timeout=job.timeout)
    return outcome, place.denials(log)


@pytest.fixture
def prepared(place: Place, needs, request) -> tuple[Place, Job]:
    job: Job = request.param
    needs(*job.needs)
    if job.toolchain:
        programs = toolchain(job.toolchain)
        if programs is None:
            pytest.skip(f"{job.toolchain} isn't installed")
        place.variables["PATH"] = f"{programs}:{SEARCH_PATH}"
    (place.home / ".gitconfig").write_text(IDENTITY)
    return place, job


every_job = pytest.mark.parametrize("prepared", JOBS, indirect=True, ids=lambda job: job.name)


def listed(job: Job, *homes: str) -> set[Denied]:
    """The denials that `denials.txt` has for a job in such a home."""
    found = set()
    for line in (HERE / "denials.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            home, name, code, program, path, why = (part.strip() for part in line.split(" | "))
            assert why, f"no reason: {line}"
            if name == job.name and home in homes:
                found.add(Denied(code, program, path))
    return found


@every_job
def test_ordinary_work_is_denied_nothing(prepared):
    place, job = prepared
    outcome, found = work(place, job)
    assert outcome.status == 0, outcome
    assert differences(found, listed(job, "any"), listed(job, "host")) == [], outcome
    if not found:
        assert "denied" not in outcome.stderr.lower(), "nobody says so either"


@every_job
def test_what_a_home_holds_breaks_nothing_and_is_recorded_as_listed(prepared):
    """Settings and credentials are there and can't be read; in an empty home they wouldn't be there."""
    place, job = prepared
    furnish(place.home)
    outcome, found = work(place, job)
    assert outcome.status == 0, outcome
    assert differences(found, listed(job, "any", "home"), listed(job, "host")) == [], outcome


def inside(place: Place, script: str, *options: str) -> set[Denied]:
    log = place.home / "audit.jsonl"
    outcome = place.inside(["/bin/sh", "-c", script], ["--audit-log", str(log), *options])
    assert outcome.status == 0, outcome
    return place.denials(log)


def test_what_is_denied_is_found_in_the_same_way(place):
    """The control of all above."""
    (place.home / "secret").write_text("")
    assert inside(place, "cat ~/secret; echo > ~/secret; true") == {
        Denied("file.denied", "cat", "~/secret"), Denied("file.denied", "sh", "~/secret")}


def test_moving_out_of_the_private_tmp_is_no_denial(place):
    """It was recorded as one: `go build` and `mv` rename, are told that these are two file systems, and copy, as on
    any host whose /tmp is one."""
    other = place.home / "other"
    other.mkdir()
    moves = "echo > /tmp/a && mv /tmp/a . && mv a /tmp/b && mv /tmp/b /dev/shm/c"
    assert inside(place, moves, "--write", str(other)) == set()
    # Without Mews these two are one file system.
    (place.home / "audit.jsonl").unlink()
    assert inside(place, "echo > a && mv a ~/other/", "--write", str(other)) == {
        Denied("file.denied", "mv", "~/project/a")}


def test_git_takes_what_the_user_s_settings_name(place, needs):
    """With a file that it can't read, git gives up (include) or warns at every command (core.excludesFile)."""
    needs("git")
    furnish(place.home)
    outcome = place.inside(["/bin/sh", "-c", "git init --quiet && touch a.swp b && git st --short"])
    assert str(outcome) == str(Outcome(0, "?? b\n", "")), outcome


def test_a_thread_s_act_is_its_program_s(place):
    """Records named the thread, as "oot.default-qos" for what swift-build did."""
    (place.home / "secret").write_text("")
    program = (
        "import ctypes, os, threading\n"
        "def work():\n"
        "    ctypes.CDLL(None).prctl(15, b'worker', 0, 0, 0)\n"
        "    for flags in os.O_RDONLY, os.O_WRONLY:\n"
        "        try: os.open(os.path.expanduser('~/secret'), flags)\n"
        "        except PermissionError: pass\n"
        "        else: raise SystemExit('opened')\n"
        "thread = threading.Thread(target=work); thread.start(); thread.join()\n")
    (place.workspace / "program.py").write_text(program)
    assert inside(place, "exec python3 program.py") == {Denied("file.denied", "python3", "~/secret")}
