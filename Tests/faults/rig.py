"""Runs `mews` under the injector, and judges what came of it: whichever call fails, the command has all its walls or
doesn't run, one line says why, and nothing stays."""

import collections
import contextlib
import ctypes
import dataclasses
import errno
import os
import pathlib
import pty
import shutil
import socket
import termios
import threading

import yaml
from support.process import execute
from support.records import records
from support.sandbox import PYTHON

HERE = pathlib.Path(__file__).resolve().parent
SECONDS = 30
WALLS = (
    "read-only landlock seccomp no-new-privileges capabilities processes network init user-namespaces proc "
    "kernel-files"
)
ROLES = ("mews", "init", "command", "door")
# What is said of a level that the profile allows isn't what is said of a fault.
NOTICE = "mews: level "
WITHOUT = HERE.parent / "integration" / "payloads" / "kernel_without.py"


def table(name):
    """One of the data files."""
    return yaml.safe_load((HERE / name).read_text(encoding="utf-8"))


class Calls:
    """The names of system calls on this machine, as libseccomp has them."""

    def __init__(self):
        library = ctypes.CDLL("libseccomp.so.2")
        self._resolve = library.seccomp_syscall_resolve_num_arch
        self._resolve.restype = ctypes.c_char_p
        self._native = library.seccomp_arch_native()
        self._known = {}

    def name(self, number):
        if number not in self._known:
            name = self._resolve(self._native, number)
            self._known[number] = name.decode() if name else str(number)
        return self._known[number]


CALLS = Calls()


@dataclasses.dataclass(frozen=True)
class Call:
    """A call that a process makes while a sandbox is made: the n-th of its kind in its role."""

    role: str
    number: int
    nth: int

    @property
    def name(self):
        return CALLS.name(self.number)

    def __str__(self):
        return f"{self.role} {self.name} {self.nth}"


@dataclasses.dataclass(frozen=True)
class Fault:
    """One that fails with an error number, once or from then on."""

    call: Call
    error: str
    lasting: bool = False

    @property
    def option(self):
        number = getattr(errno, self.error)
        return f"{self.call.role}:{self.call.number}:{self.call.nth}{'+' * self.lasting}:{number}"

    def __str__(self):
        return f"{self.call}{'+' * self.lasting} {self.error}"


@dataclasses.dataclass
class Run:
    """What came of one run under the injector."""

    status: int
    stdout: str
    stderr: str
    report: list
    ran: bool
    connections: int
    left: list
    records: list
    # Whether a log says that a connection was allowed.
    recorded: bool

    def __str__(self):
        return (
            f"status {self.status}, {'ran' if self.ran else 'did not run'}, {self.messages or self.stderr!r}, "
            f"printed {self.stdout!r}, left {self.left}, {[line for line in self.report if line[0] != 'call']}")

    def lines(self, kind):
        return [line for line in self.report if line[0] == kind]

    @property
    def injected(self):
        return bool(self.lines("fault"))

    @property
    def started(self):
        """Whether the command's program was loaded."""
        return ["exec", "command"] in self.report

    @property
    def lines_said(self):
        return [line for line in self.stderr.splitlines() if not line.startswith(NOTICE)]

    @property
    def messages(self):
        return [line for line in self.lines_said if line.startswith("mews: ")]


class Scenario:
    """A way to start a sandbox, in a place of its own."""

    def __init__(self, name, sandbox, tools):
        self.name = name
        self.sandbox = sandbox
        self.injector = str(tools / "injector")
        description = table("scenarios.yaml")[name]
        self.has_door = description.get("door", False)
        self.has_terminal = description.get("terminal", False)
        self.is_fresh = description.get("fresh", False)
        lacking = description.get("lacking")
        self.wrapper = (PYTHON, "-B", "-S", str(WITHOUT), lacking) if lacking else ()
        if not description.get("repository", True):
            shutil.rmtree(sandbox.workspace / ".git")
        self.state = sandbox.base / "state"
        self.state.mkdir(mode=0o700)
        sandbox.environment["XDG_STATE_HOME"] = str(self.state)
        self.marker = sandbox.workspace / "marker"
        self.make_places()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self.answer, daemon=True).start()
        body = description["profile"].format(base=sandbox.base, port=self.port)
        self.profile = sandbox.profile(body)
        self.audit = self.state / "mews" / "audit"
        places = {"base": sandbox.base, "workspace": sandbox.workspace, "port": self.port, "process": os.getpid()}
        checks = [check.format(**places) for check in description["checks"]]
        self.command = (str(tools / "walls"), str(self.marker), *checks)
        self.absent = description.get("absent", [])
        self.expected = [*(wall for wall in WALLS.split() if wall not in self.absent), *checks]
        # What is said of denials at the end isn't what is said of a fault.
        self.options = ("--read", str(tools), "--summary", "none")

    def found(self, run):
        """The walls and lines that the command found, of those that are promised."""
        return [word for word in run.stdout.split() if word.removeprefix("NOT-") not in self.absent]

    def make_places(self):
        """What the profiles of scenarios.yaml name."""
        workspace = self.sandbox.workspace
        for directory in ("kept", "hidden", "deep/er/hidden"):
            (workspace / directory).mkdir(parents=True)
        (workspace / "hidden" / "file").write_text("hidden\n")
        (workspace / "hidden-file").write_text("hidden\n")
        (self.sandbox.base / "readable").mkdir()
        (self.sandbox.base / "writable").mkdir()

    def answer(self):
        """The host's server to which the door leads."""
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            with connection, contextlib.suppress(OSError):
                connection.sendall(b"!")

    def close(self):
        self.listener.close()

    def arguments(self, *options):
        return self.sandbox.arguments(self.command, profile=self.profile, options=(*self.options, *options))

    def plan(self):
        """The operations of the plan, as `mews run --dry-run` prints them."""
        with self.input() as descriptor:
            answered = execute(
                [*self.wrapper, *self.arguments("--dry-run")], env=self.sandbox.environment, cwd=self.sandbox.workspace, stdin=descriptor)
        assert answered.status == 0, answered
        lines = [line.partition("  # ")[0] for line in answered.stdout.splitlines()]
        assert lines[-1].startswith("execute "), answered
        return lines[:-1]

    @contextlib.contextmanager
    def input(self):
        """The standard input: nothing, or a terminal, which must be as it was afterwards."""
        if not self.has_terminal:
            with open(os.devnull, "rb") as nothing:
                yield nothing.fileno()
            return
        ours, theirs = pty.openpty()
        before = termios.tcgetattr(theirs)
        try:
            yield theirs
            assert termios.tcgetattr(theirs) == before, "the terminal isn't as it was"
        finally:
            os.close(ours)
            os.close(theirs)

    def present(self):
        """What there is that a run could leave: files, but for logs, and mounts and cgroups."""
        # Where logs and caches are is made by the first run and stays.
        kept = {self.marker, self.state / "mews", self.audit, self.state / "mews" / "addresses.key"}
        cache = self.sandbox.home / ".cache"
        found = {
            str(path)
            for path in self.sandbox.base.rglob("*")
            if path not in kept and cache not in (path, *path.parents)
            and not (path.parent == self.audit and path.suffix == ".jsonl")
        }
        found |= set(pathlib.Path("/proc/self/mountinfo").read_text().splitlines())
        found |= {path for path, _, _ in os.walk("/sys/fs/cgroup")}
        return found

    def run(self, *options):
        """Runs the command under the injector."""
        self.marker.unlink(missing_ok=True)
        if self.is_fresh:
            shutil.rmtree(self.state / "mews", ignore_errors=True)
            shutil.rmtree(self.sandbox.home / ".cache", ignore_errors=True)
        before = self.present()
        logs = set(self.audit.glob("*.jsonl"))
        connections = self.connections
        report = os.memfd_create("report")
        try:
            with self.input() as descriptor:
                argv = [*self.wrapper, self.injector, "--seconds", str(SECONDS), *options, str(report), *self.arguments()]
                completed = execute(
                    argv, env=self.sandbox.environment, cwd=self.sandbox.workspace, stdin=descriptor,
                    pass_fds=(report,), timeout=SECONDS + 30)
            with open(os.dup(report), encoding="ascii") as file:
                file.seek(0)
                lines = [line.split() for line in file]
        finally:
            os.close(report)
        ends = [int(line[2]) for line in lines if line[:2] == ["end", "mews"]]
        status = os.waitstatus_to_exitcode(ends[0]) if ends else None
        new = sorted(set(self.audit.glob("*.jsonl")) - logs - {self.audit / "ledger.jsonl"})
        return Run(
            status, completed.stdout, completed.stderr, lines, self.marker.exists(),
            self.connections - connections, sorted(self.present() - before),
            [whole(path) for path in new], any(b'"network.allowed"' in path.read_bytes() for path in new))

    def trace(self):
        """The calls that are made until the command's program is loaded, or until the door works: the number of each
        role's calls, by their numbers."""
        run = self.run("--trace")
        assert (run.status, run.started, run.left) == (0, True, []), str(run)
        assert self.found(run) == self.expected, run.stdout
        return run


def whole(path):
    """The records of a log that may have been cut off."""
    text = path.read_bytes()
    return records(path) if text.endswith(b"\n") or not text else [{"cut": len(text)}]


def set_up(run, has_door):
    """The calls of a trace that belong to the set-up, in their order, and to whom."""
    counted = collections.Counter()
    calls = []
    is_running = False
    for line in run.report:
        if line == ["exec", "command"]:
            if not has_door:
                break
            is_running = True
        if line[0] != "call":
            continue
        role, number = line[1], int(line[2])
        # The first is the injector's own, by which mews becomes what it is.
        if role not in ROLES or (role, CALLS.name(number)) == ("mews", "execve"):
            continue
        # What the door waits with is the end of its beginning.
        if role == "door" and CALLS.name(number) in ("epoll_wait", "epoll_pwait"):
            break
        if is_running and role in ("init", "command"):
            continue
        counted[role, number] += 1
        calls.append(Call(role, number, counted[role, number]))
    return calls


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What came of a fault, and what is wrong about that."""

    kind: str
    complaints: tuple


class Judge:
    """Holds runs with a fault to what is promised."""

    def __init__(self, scenario):
        self.scenario = scenario
        self.survivors = table("survivors.yaml")

    def judge(self, fault, run):
        kind, complaints = self.outcome(fault, run)
        complaints += [f"left {line}" for line in run.left]
        complaints += [" ".join(line) for line in run.report if line[0] in ("left", "hung")]
        if run.connections and kind in ("refused", "ended", "not executable", "other"):
            complaints.append("somebody outside was reached")
        # A connection may be made, and is closed again, before it is written down; no byte moves.
        if not run.recorded and any(word.startswith("fetch=") for word in run.stdout.split()):
            complaints.append("a byte came in without a record")
        complaints += self.log(fault, run)
        return Verdict(kind, tuple(complaints))

    def outcome(self, fault, run):
        """What kind of outcome it is, and what about it isn't as it should be."""
        if run.status == 0:
            found, expected = self.scenario.found(run), self.scenario.expected
            if self.scenario.has_door and found == [f"NOT-{wall}" if wall.startswith("fetch=") else wall for wall in expected]:
                return "cut", [] if self.reason("cut", fault) else ["nothing says why the connection may be cut"]
            complaints = [] if run.ran and found == expected else ["not all walls stand"]
            if run.injected and not self.reason("survives", fault):
                complaints.append("nothing says why that may be survived")
            return "survived" if run.injected else "not reached", complaints
        if run.status in (126, 127) and fault.call.role == "command" and fault.call.name == "execve":
            return "not executable", [] if not run.ran and self.says(run) else ["nothing was said"]
        if run.status == 123:
            return "stopped", self.message(run, fault)
        if run.status == 125:
            return "refused", self.message(run, fault) + ["the command ran"] * (run.ran or run.started)
        if self.reason("ends", fault):
            return "ended", ["the command ran"] * (run.ran or run.started)
        return "other", [f"status {run.status}"]

    def says(self, run):
        return len(run.messages) == 1 and len(run.lines_said) == 1

    def message(self, run, fault):
        """One line that says what could not be done and what to do about it. What keeps the door from its start it says
        itself, or its C library does."""
        # To whom nothing can be written nothing can be said.
        if fault.lasting and (fault.call.role, fault.call.name) == ("mews", "write"):
            return []
        says = self.says(run)
        if fault.call.role == "door":
            says = 1 <= len(run.messages) <= 2
        elif len(run.messages) > 1 and len(run.messages) == len(run.lines_said):
            # Where more than one layer is missing each has a line.
            says = all("the layer `" in message for message in run.messages)
        complaints = [] if says else ["not one line was said"]
        if run.messages and "; " not in run.messages[0]:
            complaints.append("no remedy was said")
        return complaints

    def log(self, fault, run):
        """A log that was begun has its end, but where that could not be written."""
        if len(run.records) > 1:
            return ["more than one log"]
        ends = [record["metadata"]["event_code"] for log in run.records for record in log[-1:] if "metadata" in record]
        if ends != ["session.end"] and run.records and not self.reason("unclosed", fault):
            return ["the log has no end"]
        return []

    def reason(self, kind, fault):
        """Why a fault may have this outcome, by the table."""
        for entry in self.survivors[kind]:
            roles, calls = entry.get("roles", ROLES), entry.get("calls")
            if fault.call.role not in roles or calls is not None and fault.call.name not in calls:
                continue
            if self.scenario.name not in entry.get("scenarios", [self.scenario.name]):
                continue
            if fault.error in entry.get("errors", [fault.error]):
                return entry["why"]
        return None


def faults(calls, errnos, lasting=True):
    """Every fault of these calls; besides each kind of call failing from its first time on, as under a filter."""
    found = [Fault(call, error) for call in calls for error in errnos[call.name]]
    if lasting:
        # No signal interrupts every call from now on.
        found += [
            Fault(call, error, True) for call in calls if call.nth == 1 for error in errnos[call.name] if error != "EINTR"
        ]
    return found


def sample(calls, errnos, with_operations):
    """A part of them in which every kind of call is; with the first and the last of each, and with those that attach
    the parts of the view, where operations are to fail as well."""
    counts = collections.Counter((call.role, call.number) for call in calls)
    found = []
    for call in calls:
        choices, last = errnos[call.name], counts[call.role, call.number]
        is_operation = call.role == "init" and (
            call.name in ("prlimit64", "sendmsg") or call.name == "move_mount" and call.nth % 4 == 0
            or call.name == "prctl" and call.nth == last - 1)
        if choices and with_operations and is_operation:
            found.append(Fault(call, choices[0]))
        elif choices and (call.nth == 1 or with_operations and call.nth == last):
            found.append(Fault(call, choices[(call.nth - 1) % len(choices)]))
    return found
