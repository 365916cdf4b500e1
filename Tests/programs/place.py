"""A home with a workspace in which the same command runs inside Mews and outside, and how the two are compared."""

import hashlib
import json
import os
import re
import shutil
import signal
import stat
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

SEARCH_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"

# What Mews itself writes outside the workspace: its log and state, and the caches that it makes for the tools inside.
OWN_DIRECTORIES = (".cache/mews", ".local/state/mews")


@dataclass(frozen=True)
class Normalisation:
    """A part of the output that differs between two runs of any program, and why it has to."""

    pattern: str
    replacement: str
    because: str

    def apply(self, text: str) -> str:
        return re.sub(self.pattern, self.replacement, text, flags=re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """How a command ended and what it wrote."""

    status: int
    stdout: str
    stderr: str

    def normalised(self, normalisations: Iterable[Normalisation]) -> "Outcome":
        stdout, stderr = self.stdout, self.stderr
        for normalisation in normalisations:
            stdout, stderr = normalisation.apply(stdout), normalisation.apply(stderr)
        return Outcome(self.status, stdout, stderr)

    def __str__(self) -> str:
        return f"status {self.status}\n--- stdout\n{self.stdout}--- stderr\n{self.stderr}---"


@dataclass(frozen=True, order=True)
class Denied:
    """What a record of a denial is about; a path in the home as `~/NAME`. In what is expected, `*` stands for anything."""

    code: str
    program: str
    path: str

    def fits(self, expected: "Denied") -> bool:
        pairs = zip((self.code, self.program, self.path), (expected.code, expected.program, expected.path))
        return all(fnmatchcase(found, pattern) for found, pattern in pairs)


def differences(
    found: Iterable[Denied], expected: Iterable[Denied], possible: Iterable[Denied] = (),
) -> list[str]:
    """What was found and not expected, nor possible, and what was expected and not found."""
    found, expected = sorted(set(found)), sorted(set(expected))
    more = [
        f"not expected: {act}" for act in found if not any(act.fits(one) for one in (*expected, *possible))]
    return more + [f"not found: {one}" for one in expected if not any(act.fits(one) for act in found)]


@dataclass
class Place:
    """A fresh home, with the workspace `project` in it."""

    home: Path
    mews: Path
    variables: dict[str, str] = field(default_factory=dict)
    # Put before the commands that run outside; what makes root somebody else there, as Mews does by itself.
    outside_prefix: tuple[str, ...] = ()

    @property
    def workspace(self) -> Path:
        return self.home / "project"

    @property
    def skeleton_options(self) -> tuple[str, ...]:
        """/dev/fuse is root's in many containers; scripts/test makes a node that anybody can open."""
        device = os.environ.get("MEWS_TEST_FUSE")
        return ("--fuse-device", device) if device else ()

    @property
    def environment(self) -> dict[str, str]:
        """What the commands outside and Mews itself get: no variable of the session in which the tests run."""
        return {
            "PATH": SEARCH_PATH, "HOME": str(self.home), "LANG": "C.UTF-8", "TERM": "xterm",
            "SHELL": "/bin/bash", "USER": "tester", "LOGNAME": "tester", **self.variables,
        }

    def inside_command(self, arguments: list[str], options: Iterable[str] = ()) -> list[str]:
        return [str(self.mews), "run", *self.skeleton_options, *options, "--", *arguments]

    @staticmethod
    def sees_reads(log: Path) -> bool:
        """Whether the session of a log had what tells of denied reads."""
        with log.open(encoding="utf-8") as lines:
            return json.loads(next(lines))["unmapped"]["mews"]["observed"]["reads"] != "off"

    def denials(self, log: Path) -> set[Denied]:
        """What a whole log holds of denials."""
        found, codes = set(), set()
        for line in log.read_text().splitlines():
            record = json.loads(line)
            code = record["metadata"]["event_code"]
            codes.add(code)
            assert code != "audit.gap", line
            if code.endswith(".denied"):
                # On a file, or a host that was asked for.
                path = record.get("file", {}).get("path", "").replace(str(self.home), "~")
                host = record.get("query", record.get("dst_endpoint", {})).get("hostname", "")
                found.add(Denied(code, record["actor"]["process"].get("name", ""), path or host))
        assert {"session.start", "command.exec", "command.exit", "session.end"} <= codes, "the log is whole"
        return found

    def outside(self, arguments: list[str], timeout: int = 120) -> Outcome:
        return run([*self.outside_prefix, *arguments], self.environment, self.workspace, timeout)

    def inside(self, arguments: list[str], options: Iterable[str] = (), timeout: int = 120) -> Outcome:
        return run(self.inside_command(arguments, options), self.environment, self.workspace, timeout)

    def empty(self) -> None:
        """Makes the workspace anew, so that a second run begins where the first did."""
        shutil.rmtree(self.workspace, ignore_errors=True)
        self.workspace.mkdir()

    def left_in_home(self, but: Iterable[str] = ()) -> set[str]:
        """What lies in the home outside the workspace, without what belongs to Mews and without what `but` names."""
        left_out = {*OWN_DIRECTORIES, "project", *but}
        found = set()
        for directory, names, files in os.walk(self.home):
            relative = Path(directory).relative_to(self.home)
            names[:] = [name for name in names if str(relative / name) not in left_out]
            found |= {str(relative / name) for name in files}
        return found


def toolchain(program: str) -> Path | None:
    """Where the programs of a toolchain are that comes as an archive, not as a package."""
    found = shutil.which(program, path=os.environ.get("PATH", "") + ":/opt/swift/usr/bin")
    return Path(found).resolve().parent if found else None


def run(arguments: list[str], environment: dict[str, str], directory: Path, timeout: int) -> Outcome:
    """Runs a command to its end. When that doesn't come in time, kills all that it started, and fails the test."""
    process = subprocess.Popen(
        arguments, env=environment, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, errors="replace", start_new_session=True)
    try:
        stdout, stderr = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        stdout, stderr = process.communicate()
        raise AssertionError(f"not ended after {timeout} s: {arguments}\n{stdout}\n{stderr}") from None
    return Outcome(process.returncode, stdout, stderr)


def tree(directory: Path, ignore: Iterable[str] = ()) -> dict[str, tuple[str, int, str]]:
    """What lies below `directory`: for each path its type, its permissions and its content or target.

    `ignore` holds names that are left out wherever they are met.
    """
    ignored, found = set(ignore), {}
    for parent, names, files in os.walk(directory):
        names[:] = sorted(name for name in names if name not in ignored)
        for name in names + [file for file in files if file not in ignored]:
            path = Path(parent, name)
            status = path.lstat()
            if stat.S_ISLNK(status.st_mode):
                content = os.readlink(path)
            else:
                content = hashlib.sha256(path.read_bytes()).hexdigest() if stat.S_ISREG(status.st_mode) else ""
            mode = stat.S_IMODE(status.st_mode)
            found[str(path.relative_to(directory))] = (stat.filemode(status.st_mode)[0], mode, content)
    return found


def compare(
    place: Place, arguments: list[str], prepare: Callable[[Place], None] = lambda place: None, *,
    options: Iterable[str] = (), normalisations: Iterable[Normalisation] = (), ignore: Iterable[str] = (),
    writes: Iterable[str] = (), denied: Iterable[Denied] = (), denied_reads: Iterable[Denied] = (),
    timeout: int = 120,
) -> Outcome:
    """Runs a command outside and then inside, each in a workspace freshly prepared at the same path, and asserts that
    both end alike, write the same and leave the same files behind, and that the log has no denials but those expected.
    Returns how it ended.

    `ignore` names what may differ in the workspace, `writes` what the command may change in the home, and `denied` what
    it is denied and does without; `denied_reads` where denied reads are seen.
    """
    ignored = {".git", *ignore}
    place.empty()
    prepare(place)
    outside = place.outside(arguments, timeout).normalised(normalisations)
    left_outside = tree(place.workspace, ignored)

    place.empty()
    prepare(place)
    home_before = place.left_in_home(writes)
    log = place.home / "session.jsonl"
    logged = ["--audit-log", str(log), "--summary", "none", *options]
    inside = place.inside(arguments, logged, timeout).normalised(normalisations)
    assert log.exists(), inside
    denials = place.denials(log)
    expected = [*denied, *(denied_reads if place.sees_reads(log) else ())]
    log.unlink()
    left_inside = tree(place.workspace, ignored)

    assert str(inside) == str(outside), f"inside differs from outside\n\ninside: {inside}\n\noutside: {outside}"
    assert left_inside == left_outside
    assert differences(denials, expected) == [], inside
    assert place.left_in_home(writes) == home_before, "the command inside left something in the home"
    return inside


def shell(script: Path) -> list[str]:
    """A script of the `scripts` directory as one argument, so that no file of it lies in the workspace."""
    return ["/bin/sh", "-c", script.read_text(), script.stem]
