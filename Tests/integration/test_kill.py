"""SIGKILL of `mews` at any moment of a session leaves nothing but a log that tells the truth.

Nobody is asked before SIGKILL, so nothing can be tidied up afterwards: what must not stay has to end by itself.
"""

import collections
import concurrent.futures
import contextlib
import fcntl
import itertools
import json
import os
import pathlib
import random
import signal
import statistics
import subprocess
import threading
import time

import pytest
from support.logs import Logs, codes
from support.process import processes_naming, wait_until
from support.sandbox import is_root
from support.skips import SKELETON

HITS = 30
# In one of the two ways as many as that, the others at any moment of a session.
KILLS = {"fuse": 500, "off": 0}
WORKERS = 6
# What a command does while Mews is killed. Where a phase begins with it, it says so.
SHORT = "exit 0"
IDLE = "echo ready; exec sleep 60"
STORM = "echo ready; exec {storm} {kind} 0 2 {directory} 50"
ENDED = "echo ready; read line"
# Init waits two seconds for what doesn't want to end.
ENDING = "trap '' TERM; sleep 60 & echo ready; read line"
LAUNCH = ("before-the-clone", "construction", "before-exec")
# With the longest time in seconds from what the phase begins with to the kill.
PHASES = {
    "launch": (SHORT, None),
    "idle": (IDLE, 0.05),
    "storm-of-reads": (STORM, 0.2),
    "storm-of-writes": (STORM, 0.2),
    "storm-of-calls": (STORM, 0.2),
    "waiting-for-the-end": (ENDING, 0.2),
    "ending": (ENDED, 0.005),
}


class Assault:
    """Sessions that are killed, and what they have come to by then."""

    def __init__(self, sandbox, logs, reads):
        self.sandbox = sandbox
        self.logs = logs
        self.token = sandbox.token()
        self.hits = collections.Counter()
        self.kills = 0
        self.reads = reads
        self.chance = random.Random(reads)
        self.numbers = itertools.count()
        self.read = set()
        self.profile = sandbox.profile(f"audit: {{reads: {reads}}}\n")
        self.hidden = sandbox.base / "hidden"
        self.hidden.mkdir()
        for number in range(50):
            (self.hidden / str(number)).touch()

    def start(self, phase):
        """Starts a session that is known by the last of its arguments."""
        places = {"reads": self.hidden, "writes": "/usr", "calls": "/"}
        kind = phase.rpartition("-")[2]
        script = PHASES[phase][0].format(
            storm=self.sandbox.payload("storm"), kind=kind, directory=places.get(kind)
        )
        name = f"{self.token}-{next(self.numbers)}"
        argv = self.sandbox.arguments(("/bin/sh", "-c", script, name), profile=self.profile)
        process = subprocess.Popen(
            argv,
            env=self.sandbox.environment,
            cwd=self.sandbox.workspace,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        return process, name

    def kill(self, phase, delay):
        """Kills a session some time after its start, or after what its phase begins with: its name, its status, and
        whether it had begun to build."""
        process, name = self.start(phase)
        with process.stdin, process.stdout:
            if PHASES[phase][0] != SHORT:
                assert process.stdout.readline() == b"ready\n"
            if PHASES[phase][0] in (ENDED, ENDING):
                process.stdin.close()
            time.sleep(delay)
            has_child = bool(children(process.pid))
            process.kill()
            return name, process.wait(timeout=20), has_child

    def found(self):
        """The event codes of the sessions that have not been read yet, by their names."""
        found = {}
        for path in set(self.logs.paths()) - self.read:
            self.read.add(path)
            lines = complete(path)
            if lines:
                found[lines[0]["unmapped"]["mews"]["argv"][-1]] = set(codes(lines))
        return found

    def count(self, phase, killed):
        """Counts in which phases sessions were killed."""
        found = self.found()
        for name, status, has_child in killed:
            self.kills += status == -signal.SIGKILL
            self.hits[self.phase(phase, found.get(name, set()), status, has_child)] += 1

    @staticmethod
    def phase(phase, found, status, has_child):
        if status != -signal.SIGKILL:
            return "over"
        if not found:
            return "construction" if has_child else "before-the-clone"
        if "command.exec" not in found:
            return "before-exec"
        if PHASES[phase][0] == ENDED:
            return "ending" if "command.exit" in found else "running"
        return "running" if PHASES[phase][0] == SHORT else phase


def children(process):
    try:
        return pathlib.Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    except OSError:
        return ""


def complete(log):
    """The whole records of a log that nobody closed. The kernel can give up a write at the end of a page when its
    process is killed."""
    return [json.loads(line) for line in log.read_bytes().rpartition(b"\n")[0].splitlines()]


def launch_time(assault):
    """How long a launch takes with as many others as there will be: from the start to the command's first word."""
    def once(_):
        began = time.monotonic()
        process, _ = assault.start("idle")
        with process.stdin, process.stdout:
            assert process.stdout.readline() == b"ready\n"
            took = time.monotonic() - began
            process.kill()
            process.wait()
        return took

    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        return statistics.median(pool.map(once, range(2 * WORKERS)))


def wave(assault, phase, number, longest):
    """Kills sessions in parallel, each after a time of its own."""
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        delays = [assault.chance.uniform(0, longest) for _ in range(number)]
        assault.count(phase, list(pool.map(assault.kill, [phase] * number, delays)))


@contextlib.contextmanager
def contended(logs, chance):
    """Has somebody hold the ledger now and then, as other sessions do, so that a launch is longer between its log
    and its command."""
    over = threading.Event()

    def hold():
        with open(logs.ledger, "rb") as ledger:
            while not over.is_set():
                fcntl.flock(ledger, fcntl.LOCK_EX)
                time.sleep(chance.uniform(0, 0.01))
                fcntl.flock(ledger, fcntl.LOCK_UN)
                time.sleep(chance.uniform(0, 0.01))

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        yield
    finally:
        over.set()
        holder.join()


def hit(assault, phase, wanted, longest):
    """Kills sessions until each phase has been hit often enough."""
    deadline = time.monotonic() + 20
    while missing := sum(max(0, HITS - assault.hits[one]) for one in wanted):
        assert time.monotonic() < deadline, f"{wanted} were hit too rarely: {assault.hits}"
        # How long a launch takes depends on the others at that moment.
        wave(assault, phase, max(missing, WORKERS), longest * assault.chance.choice((0.3, 0.6, 1, 2)))


def left(base):
    """What a program could have left: files in the place of the case and where everybody may have some, and mounts.
    Those of other tests are left out, and so is whatever else root runs on this host."""
    found = {f"mount {line}" for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines()}
    found |= {str(path) for path in base.rglob("*") if path.relative_to(base).parts[0] != "state"}
    shared = ("/",) if is_root() else ("/", "/tmp", "/var/tmp", "/dev/shm", "/run")
    for directory in shared:
        for entry in os.scandir(directory):
            # Others take theirs away meanwhile.
            with contextlib.suppress(FileNotFoundError):
                if entry.stat(follow_symlinks=False).st_uid == os.getuid() and "mews-" not in entry.name:
                    found.add(entry.path)
    return found


@pytest.fixture(params=["fuse", "off"])
def assault(request, sandbox):
    device = os.environ.get("MEWS_TEST_FUSE") or "/dev/fuse"
    if request.param == "fuse" and not os.access(device, os.R_OK | os.W_OK):
        pytest.skip(SKELETON)
    return Assault(sandbox, Logs(sandbox), request.param)


def test_a_killed_mews_leaves_nothing_but_a_true_log(assault, sandbox):
    # The cache of the workspace is there to stay.
    assert sandbox.shell("exit 0").status == 0
    before = left(sandbox.base)
    launch = launch_time(assault)
    with contended(assault.logs, random.Random(0)):
        hit(assault, "launch", LAUNCH, launch)
    for phase, (_, longest) in PHASES.items():
        if longest:
            hit(assault, phase, [phase], longest)
    while assault.kills < KILLS[assault.reads]:
        wave(assault, "idle", KILLS[assault.reads] - assault.kills, 0.02)
    wait_until(lambda: not processes_naming(assault.token), "nothing runs any more")
    assert left(sandbox.base) - before == set()
    states = assault.logs.counted()
    print(assault.kills, dict(assault.hits), dict(states))
    assert set(states) <= {"UNCLOSED", "UNANCHORED"} and states["UNCLOSED"] > assault.kills / 2
    again = sandbox.shell("echo again", options=("--quiet",))
    assert (again.status, again.stdout) == (0, "again\n"), again
    assert assault.logs.counted() == states + collections.Counter(UNANCHORED=1)
