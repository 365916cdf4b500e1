"""A limit of the profile that is reached is held, and told: which one, how much, and by which line."""

import json
import os
import signal
import statistics
import subprocess
import time

import pytest
from support.logs import Logs, codes
from support.process import PATIENCE, execute, wait_until
from support.sandbox import PYTHON

HERE = os.path.dirname(os.path.abspath(__file__))
REACH = (PYTHON, "-S", "-B", os.path.join(HERE, "payloads", "reach.py"))
# A limit, what reaches it in how many steps, how the kernel refuses, and the line of the profile.
REACHED = {
    "processes": ("processes", 200, "Resource temporarily unavailable", "count", 64, "process:\n  limits: {processes: 64}\n"),
    "open-files": ("open-files", 200, "Too many open files", "count", 64, "process:\n  limits: {open-files: 64}\n"),
    "tmp": ("tmp", 4 << 20, "No space left on device", "bytes", 1 << 20, "filesystem:\n  tmp: 1MiB\n"),
    "tmp-files": ("tmp", 20_000, "No space left on device", "count", 16_384, "filesystem:\n  tmp: 1MiB\n"),
}


@pytest.fixture
def logs(sandbox):
    return Logs(sandbox)


def origin(profile, value):
    """The place of a limit's value in a profile, as messages have it."""
    for number, line in enumerate(profile.read_text().splitlines(), 1):
        if value in line:
            return f"{profile}:{number}:{line.index(value) + 1}"
    raise AssertionError(value)


def excesses(path):
    lines = [json.loads(line) for line in path.read_bytes().rpartition(b"\n")[0].splitlines()]
    return [line for line in lines if line["metadata"]["event_code"] == "limit.exceeded"]


@pytest.mark.parametrize("case", REACHED)
def test_a_limit_that_is_reached_is_told(sandbox, logs, case):
    name, most, answer, unit, threshold, body = REACHED[case]
    # The control: as much is had without the limit. A /tmp without one is the host's, so that is Mews's default.
    options = ("--read", HERE, "--quiet")
    if not case.startswith("tmp"):
        assert execute([*REACH, case, str(most)], env=sandbox.environment, cwd=sandbox.workspace).stdout == "nothing\n"
    unlimited = sandbox.run(*REACH, case, str(most), options=options)
    assert unlimited.stdout == "nothing\n", unlimited
    assert not [record for path in logs.paths() for record in excesses(path)]

    profile = sandbox.profile(body)
    known = set(logs.paths())
    process = sandbox.start(
        *REACH, case, str(most), profile=profile, options=("--read", HERE), stdin=subprocess.PIPE)
    assert process.stdout.readline().decode() == answer + "\n"
    (path,) = set(logs.paths()) - known
    # It stays at the limit until it has been seen.
    wait_until(lambda: excesses(path), f"a record of the limit {name}", PATIENCE)
    process.stdin.close()
    process.stdin = None
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, errors
    (record,) = excesses(path)
    limit, rule = record["unmapped"]["mews"]["limit"], record["unmapped"]["mews"]["rule"]
    place = origin(profile, body.split(": ")[-1].strip("}\n"))
    assert (limit["name"], limit["threshold"], limit["unit"]) == (name, threshold, unit)
    assert threshold <= limit["value"] <= threshold + (1 << 20 if unit == "bytes" else 8)
    assert rule["origin"] == place and place in record["message"]
    lines = [line for line in errors.decode().splitlines() if "limit reached" in line]
    assert len(lines) == 1 and name in lines[0] and place in lines[0], errors
    shown = sandbox.mews_itself("audit", "show", "--kind", "limit.exceeded", path.stem)
    assert name in shown.stdout and str(threshold) in shown.stdout, shown
    assert set(logs.counted()) == {"UNANCHORED"}


@pytest.mark.parametrize("level", ["denied", "commands"])
def test_a_file_that_grows_too_large_is_told(sandbox, logs, level):
    """What ends a program is seen of the session's own command, and of every program where programs are watched."""
    profile = sandbox.profile(f"process:\n  limits: {{file-size: 1MiB}}\naudit: {{level: {level}}}\n")
    command = ("/bin/dd", "if=/dev/zero", "of=large", "bs=65536", "count=17")
    assert execute(command, env=sandbox.environment, cwd=sandbox.workspace).status == 0
    if level == "commands":
        command = ("/bin/sh", "-c", " ".join(command) + "; exit 3")
    ended = sandbox.run(*command, profile=profile, options=("--summary", "json"))
    assert ended.status == (3 if level == "commands" else 128 + signal.SIGXFSZ), ended
    (record,) = excesses(logs.paths()[-1])
    assert record["unmapped"]["mews"]["limit"] == {"name": "file-size", "threshold": 1 << 20, "unit": "bytes"}
    assert record["unmapped"]["mews"]["rule"]["origin"] == origin(profile, "1MiB")
    assert "/dd" in record["message"]
    (limit,) = json.loads(ended.stderr.splitlines()[-1])["limits"]
    assert (limit["name"], limit["rule"]) == ("file-size", origin(profile, "1MiB"))
    assert (sandbox.workspace / "large").stat().st_size == 1 << 20


def test_the_time_that_is_over_is_told(sandbox, logs):
    profile = sandbox.profile("process:\n  limits: {time: 1s}\n")
    assert sandbox.run("sleep", "60", profile=profile).status == 124
    (record,) = excesses(logs.paths()[0])
    limit = record["unmapped"]["mews"]["limit"]
    assert (limit["name"], limit["threshold"], limit["unit"]) == ("time", 1000, "ms") and limit["value"] >= 1000
    assert record["unmapped"]["mews"]["rule"]["origin"] == origin(profile, "1s")
    ended = sandbox.run("sleep", "60", options=("--timeout", "1s"))
    assert ended.status == 124
    (record,) = excesses(logs.paths()[-1])
    assert record["unmapped"]["mews"]["rule"]["origin"] == "--timeout"


def ping(seconds):
    """How long a cheap operation takes, as often as there is time for it."""
    times = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.monotonic()
        subprocess.run(["/bin/true"], check=True, timeout=PATIENCE)
        times.append(time.monotonic() - began)
    return 1000 * statistics.median(times)


def test_a_fork_bomb_is_held_and_told(sandbox, logs):
    """The host goes on meanwhile: how fast is printed, since a test can't know what else it does."""
    profile = sandbox.profile("process:\n  limits: {processes: 100, time: 60s}\n")
    before = ping(1)
    # Ten doublings: a thousand without the limit, each with a thread.
    process = sandbox.start(
        *REACH, "bomb", "10", profile=profile, options=("--read", HERE), stdin=subprocess.PIPE)
    path = wait_until(logs.paths, "a log", PATIENCE)[0]
    wait_until(lambda: excesses(path), "a record of the limit", PATIENCE)
    during = ping(1)
    print(f"/bin/true takes {before:.1f} ms, and {during:.1f} ms beside a fork bomb")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE)
    (record,) = excesses(path)
    assert record["unmapped"]["mews"]["limit"]["name"] == "processes"
    assert 100 <= record["unmapped"]["mews"]["limit"]["value"] <= 110
    assert "session.end" in codes([json.loads(line) for line in path.read_bytes().splitlines()])


def test_a_limit_of_processes_holds_for_those_that_are_there(sandbox):
    """The kernel gives the first 300 process numbers only once; with a bound of just the limit, no more processes could
    be made once 300 had been, however few were left."""
    profile = sandbox.profile("process:\n  limits: {processes: 20}\n")
    script = 'i=0; while [ $i -lt 700 ]; do /bin/true || exit 1; i=$((i+1)); done; sh -c "sh -c \\"/bin/true; echo nested\\"; true"'
    ended = sandbox.run("/bin/sh", "-c", script, profile=profile)
    assert (ended.status, ended.stdout) == (0, "nested\n"), ended
