"""`mews run` in the tests' own networks, and what its log says of the network."""

import dataclasses
import itertools
import json
import os
import pathlib
import signal
import subprocess

import yaml

PYTHON = "/usr/bin/python3"
PAYLOADS = pathlib.Path(__file__).resolve().parents[1] / "payloads"
PROXY = ("127.0.0.1", 3128)
PATIENCE = 60
CODES = ("network.allowed", "network.denied", "dns.denied")
ACTIVITIES = {1: "open", 2: "close", 4: "fail", 5: "refuse"}


@dataclasses.dataclass(frozen=True)
class Record:
    """What a record of the network says, in the words of the tests."""

    code: str
    door: str | None
    host: str | None
    port: int | None
    reason: str | None
    address: str | None
    activity: str
    program: str | None
    count: int
    raw: dict

    @staticmethod
    def of(line):
        ours = line["unmapped"]["mews"]
        endpoint = line.get("dst_endpoint", {})
        query = line.get("query", {})
        return Record(
            line["metadata"]["event_code"],
            ours.get("door"),
            endpoint.get("hostname") or query.get("hostname"),
            endpoint.get("port"),
            ours.get("reason"),
            endpoint.get("ip"),
            ACTIVITIES[line["activity_id"]],
            line.get("actor", {}).get("process", {}).get("name"),
            line.get("count", 1),
            line,
        )

    def __str__(self):
        return (
            f"{self.code} {self.activity} {self.door} {self.host}:{self.port} {self.address} {self.reason}"
            f" {self.program} x{self.count}"
        )

    @property
    def protocol(self):
        """What the first bytes were held to."""
        return self.raw["unmapped"]["mews"].get("protocol")

    @property
    def traffic(self):
        """Bytes from the program and to it."""
        traffic = self.raw.get("traffic", {})
        return traffic.get("bytes_out"), traffic.get("bytes_in")


class Session(str):
    """One run of `mews run`, ended. As a text it is all that a failed test should show."""

    def __new__(cls, status, stdout, stderr, lines):
        records = "\n".join(map(str, cls.of(lines)))
        made = super().__new__(cls, f"status {status}\n{stdout}\n{records}\nstderr: {stderr}")
        made.status, made.stdout, made.stderr, made.lines = status, stdout, stderr, lines
        return made

    @staticmethod
    def of(lines, codes=CODES):
        return [Record.of(line) for line in lines if line["metadata"]["event_code"] in codes]

    @property
    def results(self):
        """What the acts came to."""
        assert self.status == 0 and self.stdout.strip(), self
        return json.loads(self.stdout.splitlines()[-1])

    def records(self, *codes, **wanted):
        """The records with these codes (all of the network without any) whose members are these."""
        found = self.of(self.lines, codes or CODES)
        return [record for record in found if all(getattr(record, name) == value for name, value in wanted.items())]

    def denials(self, **wanted):
        """What was refused."""
        return self.records("network.denied", "dns.denied", **wanted)

    def opened(self, **wanted):
        """What was let through."""
        return self.records("network.allowed", activity="open", **wanted)

    def count(self, *codes, **wanted):
        """How many acts those records stand for."""
        return sum(record.count for record in self.records(*codes, **wanted))


class Sandbox:
    """A home with a workspace of one test, and `mews` to run commands there."""

    def __init__(self, prefix, base, world):
        self.mews = str(prefix / "bin" / "mews")
        self.base, self.world = base, world
        self.home, self.workspace = base / "home", base / "home" / "project"
        self._number = itertools.count()
        self._started = []
        self.workspace.mkdir(parents=True)
        (self.workspace / ".git").mkdir()
        device = os.environ.get("MEWS_TEST_FUSE")
        self.options = ("--fuse-device", device) if device else ()
        self.environment = {
            "HOME": str(self.home),
            "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            "XDG_STATE_HOME": str(base / "state"),
            "USER": "tester",
            "LOGNAME": "tester",
        }

    def profile(self, allow=(), extra=None, read=(), env=None, **network):
        """Writes a profile whose network part is this, and gives its path."""
        document = {
            "version": 1,
            "name": f"case{next(self._number)}",
            "extends": ["workspace"],
            "filesystem": {"read": [str(PAYLOADS), str(self.world.authority), *map(str, read)]},
            "network": {"allow": list(allow), **network},
        }
        if env:
            document["process"] = {"env": {"set": env}}
        for key, value in (extra or {}).items():
            document.setdefault(key, {})
            document[key] = {**document[key], **value} if isinstance(value, dict) else value
        path = self.base / f"{document['name']}.yaml"
        # By way of JSON nothing is the same object twice, which YAML would write as an alias.
        document = json.loads(json.dumps(document))
        path.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True))
        return path

    def arguments(self, command, profile, log, options=()):
        given = () if profile is None else ("-p", str(profile))
        return [self.mews, "run", *self.options, "--audit-log", str(log), *given, *options, "--", *map(str, command)]

    def new_log(self):
        return self.base / f"log{next(self._number)}.jsonl"

    def start(self, *command, profile, options=(), **popen):
        """Starts a command in the sandbox, in a session of its own; gives the process and the log's path."""
        log = self.new_log()
        popen = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | popen
        process = subprocess.Popen(
            self.arguments(command, profile, log, options),
            env=self.environment,
            cwd=self.workspace,
            start_new_session=True,
            text=True,
            errors="surrogateescape",
            **popen,
        )
        self._started.append(process)
        return process, log

    def finish(self, process, log, timeout=PATIENCE):
        """Waits for what was started and reads its log."""
        try:
            output, errors = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, errors = process.communicate()
            raise AssertionError(f"still running after {timeout} s: {process.args}\n{output}\n{errors}") from None
        lines = read_log(log) if log.exists() else ()
        return Session(process.returncode, output, errors, lines)

    def run(self, *command, profile, options=(), timeout=PATIENCE, **popen):
        """Runs a command in the sandbox to its end."""
        process, log = self.start(*command, profile=profile, options=options, **popen)
        return self.finish(process, log, timeout)

    def acting(self, *acts):
        """The command that does these acts. They are in a file: an argument has at most 128 KiB."""
        path = self.workspace / f"acts{next(self._number)}.json"
        path.write_text(json.dumps(acts))
        return (PYTHON, "-B", "-S", str(PAYLOADS / "acts.py"), str(path))

    def act(self, *acts, profile, **options):
        """Does these acts in the sandbox."""
        return self.run(*self.acting(*acts), profile=profile, **options)

    def outside(self, *command, timeout=PATIENCE, env=None):
        """Runs the same without the sandbox, in the same network."""
        return subprocess.run(
            list(map(str, command)),
            env=self.environment | (env or {}),
            cwd=self.workspace,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            check=False,
            start_new_session=True,
        )

    def control(self, *acts):
        """Does the acts without the sandbox, where each must succeed: else their refusal inside proves nothing."""
        finished = self.outside(*self.acting(*acts))
        assert finished.returncode == 0, finished
        results = json.loads(finished.stdout.splitlines()[-1])
        failed = [(act, result) for act, result in zip(acts, results, strict=True) if result.get("error")]
        assert not failed, f"the control doesn't succeed: {failed}"
        return results

    def end(self):
        for process in self._started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            for stream in filter(None, (process.stdout, process.stderr, process.stdin)):
                stream.close()


def read_log(path):
    """The whole lines of a log."""
    text = path.read_text(encoding="utf-8")
    return tuple(json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n"))
