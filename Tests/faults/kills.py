"""SIGKILL of `mews`, of init and of the network's door, at moments spread over a session's phases, which are measured
first. Nothing may stay, and the logs have to be true.

    MEWS_PREFIX=... /usr/bin/python3 kills.py [--number N]
"""

import argparse
import collections
import concurrent.futures
import contextlib
import os
import pathlib
import random
import select
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))

from support.logs import Logs  # noqa: E402
from support.process import processes_naming, wait_until  # noqa: E402
from support.sandbox import Sandbox  # noqa: E402
from test_kill import children, complete, left  # noqa: E402

WORKERS = 2
# So many sessions share a directory of logs, which is checked and taken away then.
BATCH = 250
PATIENCE = 60
# What a session does: says that it runs, is busy with what Mews is asked about, and ends when it is told to.
BUSY = "echo ready; while ! read -t 0 line; do cat /etc/shadow /nowhere; : > /usr/x; done 2>/dev/null; exit 0"
CONNECTS = """echo ready; exec 3<>/dev/tcp/127.0.0.1/{port}; read -t 20 -n 1 -u 3 byte; echo "got $byte"; read line; exit 0"""
# Who is killed when: from a session's start, from the command's first word, from when it is told to end.
PHASES = (
    ("mews", "launch"), ("mews", "run"), ("mews", "end"),
    ("init", "launch"), ("init", "run"), ("init", "end"),
    ("door", "launch"), ("door", "run"),
)


class Host:
    """A server on the host's loopback to which the door leads."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.answer, daemon=True).start()

    def answer(self):
        while True:
            connection, _ = self.listener.accept()
            with connection, contextlib.suppress(OSError):
                connection.sendall(b"!")


class Kills:
    """Sessions that are killed, and what came of them."""

    def __init__(self, prefix, base, seed=0):
        base.chmod(0o755)
        self.sandbox = Sandbox(prefix, base, base)
        self.host = Host()
        self.chance = random.Random(seed)
        self.token = self.sandbox.token()
        self.counts = collections.Counter()
        self.states = collections.Counter()
        self.kills = 0
        self.sessions = 0
        self.profiles = {
            "busy": self.sandbox.profile(""),
            "door": self.sandbox.profile(f"network:\n  loopback: {{connect: [{self.host.port}]}}\n"),
        }
        self.longest = {}

    def start(self, target, name):
        script = CONNECTS.format(port=self.host.port) if target == "door" else BUSY
        profile = self.profiles["door" if target == "door" else "busy"]
        argv = self.sandbox.arguments(
            ("/bin/bash", "-c", script, name), profile=profile, options=("--summary", "none"))
        return subprocess.Popen(
            argv, env=self.sandbox.environment, cwd=self.sandbox.workspace, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def measure(self):
        """How long the phases take here and now."""
        found = collections.defaultdict(list)
        for _ in range(8):
            for target in ("mews", "door"):
                began = time.monotonic()
                process = self.start(target, f"{self.token}-measured")
                assert process.stdout.readline() == b"ready\n", process.stderr.read()
                ready = time.monotonic()
                if target == "door":
                    assert process.stdout.readline() == b"got !\n"
                    found["door", "launch"].append(time.monotonic() - ready)
                else:
                    found["mews", "launch"].append(ready - began)
                told = time.monotonic()
                _, errors = process.communicate(timeout=PATIENCE)
                assert process.returncode == 0, errors
                found["mews", "end"].append(time.monotonic() - told)
        for phase, times in found.items():
            self.longest[phase] = 1.3 * statistics.median(times)
        self.longest["mews", "run"] = self.longest["door", "run"] = 0.02
        for phase in ("launch", "run", "end"):
            self.longest["init", phase] = self.longest["mews", phase]

    def victim(self, process, target):
        """A descriptor of the process to kill, as soon as it is there; None when the session is over before."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if target == "mews":
                return os.pidfd_open(process.pid)
            numbers = children(process.pid).split()
            if target == "init" and numbers:
                with contextlib.suppress(ProcessLookupError):
                    return os.pidfd_open(int(numbers[0]))
            for number in numbers[1:]:
                with contextlib.suppress(OSError):
                    return os.pidfd_open(int(number))
            if process.poll() is not None or (target == "door" and select.select([process.stdout], [], [], 0)[0]):
                return None
            time.sleep(0.0005)
        raise AssertionError(f"no {target} in {PATIENCE} s")

    def kill(self, number):
        """Kills one session, or its init or door: what it was, its status, and what was wrong."""
        target, phase = PHASES[number % len(PHASES)]
        name = f"{self.token}-{number}"
        delay = self.chance.uniform(0, self.longest[target, phase])
        process = self.start(target, name)
        try:
            if phase != "launch" or target == "door":
                assert process.stdout.readline() == b"ready\n", process.stderr.read()
            if phase == "end":
                process.stdin.close()
                process.stdin = None
            if phase == "run" and target == "door":
                assert process.stdout.readline() == b"got !\n"
            before = time.monotonic()
            descriptor = self.victim(process, target)
            # Init's time begins with the session's.
            time.sleep(max(0, delay - (time.monotonic() - before)))
            hit = False
            if descriptor is not None:
                hit = not select.select([descriptor], [], [], 0)[0]
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(descriptor, signal.SIGKILL)
                os.close(descriptor)
            output, errors = process.communicate(timeout=PATIENCE)
            if target == "mews":
                hit = process.returncode == -signal.SIGKILL
        except BaseException:
            process.kill()
            process.wait()
            raise
        return name, target, phase, hit, process.returncode, output.decode(), errors.decode()

    def complaint(self, target, phase, hit, status, output, errors):
        """What isn't as promised of how it ended; None if all is."""
        lines = [line for line in errors.splitlines() if line.startswith("mews: ")]
        if target == "mews":
            return None if hit or status == 0 else f"status {status}, {errors!r}"
        if target == "door":
            # The connection is cut; the session goes on.
            return None if status == 0 else f"status {status}, {output!r}, {errors!r}"
        if status == 0:
            return None
        if status in (123, 125) and len(lines) == 1 and "; " in lines[0]:
            ran = "ready" in output
            return "125 although the command ran" if status == 125 and ran else None
        return f"status {status}, {errors!r}"

    def batch(self, first, count):
        """Kills sessions that share a directory of logs, and looks at what is left of them."""
        state = pathlib.Path(tempfile.mkdtemp(prefix="state-", dir=self.sandbox.base))
        logs = Logs(self.sandbox, state)
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            ended = list(pool.map(self.kill, range(first, first + count)))
        wait_until(lambda: not processes_naming(self.token), "nothing runs any more", PATIENCE)
        targets = {}
        for name, target, phase, hit, status, output, errors in ended:
            self.kills += hit
            self.sessions += 1
            self.counts[f"{target} {phase}{'' if hit else ', over'}: {status}"] += 1
            targets[name] = target
            wrong = self.complaint(target, phase, hit, status, output, errors)
            assert wrong is None, f"{target} killed in {phase}: {wrong}"
        found = logs.states() if logs.paths() else {}
        for path in logs.paths():
            lines = complete(path)
            target = targets[lines[0]["unmapped"]["mews"]["argv"][-1]] if lines else "mews"
            session = found[path.stem]
            assert session == "UNANCHORED" or session == "UNCLOSED" and target == "mews", (target, session, lines)
            self.states[f"{target}: {session}"] += 1
        shutil.rmtree(state)

    def run(self, number):
        """Kills that many, and compares what is there before and after."""
        state = pathlib.Path(tempfile.mkdtemp(prefix="state-", dir=self.sandbox.base))
        Logs(self.sandbox, state)
        self.measure()
        shutil.rmtree(state)
        before = left(self.sandbox.base)
        done = 0
        while self.kills < number:
            self.batch(done, min(BATCH, max(len(PHASES), number - self.kills)))
            done = self.sessions
        remains = left(self.sandbox.base) - before
        assert not remains, sorted(remains)
        again = self.sandbox.shell("echo again", options=("--quiet",))
        assert (again.status, again.stdout) == (0, "again\n"), again

    def report(self):
        phases = ", ".join(f"{target} {phase} {1000 * time:.0f} ms" for (target, phase), time in self.longest.items())
        lines = [f"{self.kills} kills in {self.sessions} sessions; longest times: {phases}"]
        lines += [f"  {what}: {count}" for what, count in sorted(self.counts.items())]
        lines += [f"  log of a killed {what}: {count}" for what, count in sorted(self.states.items())]
        return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description="Kills mews, its init and its door, and looks at what is left.")
    parser.add_argument("--number", type=int, default=1000, help="how many kills have to hit a living process")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    parent = pathlib.Path.home() if os.access(pathlib.Path.home(), os.W_OK) else pathlib.Path("/var/tmp")
    base = pathlib.Path(tempfile.mkdtemp(prefix="mews-kills-", dir=parent))
    try:
        kills = Kills(pathlib.Path(os.environ["MEWS_PREFIX"]), base, options.seed)
        kills.run(options.number)
        print(kills.report())
    finally:
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    main()
