"""bubblewrap's own tests, and Debian's of it, run against Mews through bwrap/shim.py: what comes of each of their cases
is written down in bwrap/outcomes.yaml, with the reason where it isn't that it passes.

Their source is Debian's, fetched when the test runs; nothing of it is kept here.
"""

import os
import pathlib
import shutil
import signal
import subprocess

import pytest
import yaml
from support.sandbox import is_root

HERE = pathlib.Path(__file__).resolve().parent / "bwrap"
WHO = "root" if is_root() else "user"
UNREACHABLE = "bubblewrap's source package can't be had"
LIMIT = 400


def release():
    """Where the candidate version of bubblewrap comes from: the archive's address and the suite."""
    policy = subprocess.run(
        ["apt-cache", "policy", "bubblewrap"], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    for line in policy.splitlines():
        words = line.split()
        if len(words) >= 3 and words[1].startswith("http"):
            suite, _, component = words[2].partition("/")
            return words[1], suite, component
    pytest.skip(UNREACHABLE)


def fetch(directory):
    """Fetches and unpacks the source by apt, with a list of sources of its own."""
    archive, suite, component = release()
    for name in ("lists/partial", "cache/archives/partial"):
        (directory / name).mkdir(parents=True)
    keys = "/usr/share/keyrings/debian-archive-keyring.gpg"
    (directory / "sources.list").write_text(
        f"deb-src [signed-by={keys}] {archive} {suite} {component}\n", encoding="utf-8"
    )
    options = {
        "Dir::Etc::SourceList": directory / "sources.list",
        "Dir::Etc::SourceParts": "-",
        "Dir::State::Lists": directory / "lists",
        "Dir::Cache": directory / "cache",
        "APT::Sandbox::User": "",
        "Acquire::Retries": "3",
    }
    options = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    for command in (["update"], ["source", "bubblewrap"]):
        done = subprocess.run(
            ["apt-get", "-q", *options, *command], cwd=directory, capture_output=True, text=True, timeout=300
        )
        if done.returncode:
            print(done.stdout, done.stderr)
            pytest.skip(UNREACHABLE)
    (source,) = (path.parent for path in directory.glob("bubblewrap-*/tests"))
    return source


class Shim:
    """The shim under the name bwrap, and how scripts are run with it."""

    def __init__(self, sandbox, source):
        self.source = source
        self.workspace = sandbox.workspace
        self.directory = sandbox.base / "shim"
        (self.directory / "profiles").mkdir(parents=True)
        (self.directory / "bwrap").symlink_to(HERE / "shim.py")
        self.notes = self.directory / "notes"
        self.notes.mkdir()
        self.unmet = self.notes / "unmet"
        self.environment = sandbox.environment | {
            "PATH": f"{self.directory}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "BWRAP": str(self.directory / "bwrap"),
            "BWRAP_MUST_WORK": "1",
            "MEWS_SHIM_MEWS": sandbox.mews,
            "MEWS_SHIM_FUSE": dict([sandbox.skeleton_options or ("", "")]).get("--fuse-device", ""),
            "MEWS_SHIM_NOTES": str(self.notes),
            "MEWS_SHIM_PROFILES": str(self.directory / "profiles"),
        }

    def run(self, *command):
        """The lines `NAME TAB RESULT TAB WHY` that a script writes to descriptor 9: {name: (result, why)}."""
        self.unmet.write_text("", encoding="utf-8")
        output = self.directory / "results"
        output.write_bytes(b"")
        process = subprocess.Popen(
            ["bash", "-c", 'exec 9>>"$0" && exec "$@"', output, *command], env=self.environment, cwd=self.workspace,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )
        try:
            said, _ = process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            said, _ = process.communicate()
            raise AssertionError(f"{command} still runs; it said {said[-2000:]!r}") from None
        found = {}
        for line in output.read_text(encoding="utf-8").splitlines():
            name, result, why = line.split("\t")
            number = sum(other.partition(" (")[0] == name for other in found)
            found[f"{name} ({number + 1})" if number else name] = (result, why)
        assert found, said.decode(errors="replace")
        return found

    def script(self, path):
        """A script of theirs that ends at the first failure, so that it goes on."""
        text = path.read_text(encoding="utf-8")
        for line in ('. ${srcd}/libtest.sh\n', '. "${srcd}/libtest.sh"\n'):
            text = text.replace(line, line + f". {HERE / 'tap.bash'}\n")
        assert "tap.bash" in text, f"{path.name} reads no libtest.sh"
        # How many seconds it waits for a lock: a loaded machine takes more than ten.
        text = text.replace("$(seq 10)", "$(seq 120)")
        changed = path.with_name(f"going-on-{path.name}")
        changed.write_text(text, encoding="utf-8")
        return self.run("bash", str(changed))

    def unit_tests(self, path):
        subprocess.run(
            ["gcc", "-o", path.with_name("try-syscall"), path.with_name("try-syscall.c")], check=True, timeout=60
        )
        return self.run("/usr/bin/python3", str(HERE / "unittests.py"), str(path))

    def perl(self, path):
        """A script of Debian's, which prints the lines of TAP itself."""
        done = subprocess.run(
            ["perl", path], env=self.environment, cwd=self.workspace,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT,
        )
        found = {}
        for line in done.stdout.splitlines():
            if line.startswith(("ok ", "not ok ")):
                result, _, name = line.rpartition(" - ") if " - " in line else (line, "", line.rpartition("ok ")[2])
                found[name] = ("passes" if line.startswith("ok") else "fails", done.stderr[-400:])
        assert found, done
        return found

    def outcomes(self, name):
        path = self.source / name
        if name.startswith("debian/"):
            return self.perl(path)
        return self.unit_tests(path) if path.suffix == ".py" else self.script(path)


def files_of(source):
    """All files of theirs that are tests."""
    mine = {f"tests/{path.name}" for path in (source / "tests").glob("test-*")}
    # Those of Debian that only run the former aren't looked at again.
    debian = {
        f"debian/tests/{path.name}"
        for path in (source / "debian" / "tests").iterdir()
        if path.name != "control" and "exec tests/" not in path.read_text(encoding="utf-8")
    }
    return mine | debian


class Outcome:
    """What outcomes.yaml says of one case, for whoever runs this."""

    def __init__(self, case):
        if isinstance(case, dict) and {"user", "root"} & set(case):
            case = case.get(WHO)
        self.is_elsewhere = case is None
        case = {case: ""} if isinstance(case, str) else dict(case or {})
        self.depends_on_host = case.pop("host", False)
        ((self.result, self.reason),) = case.items() or [("", "")]

    def is_met(self, found):
        """Whether it came like that; `found` is the result and why, or None."""
        if found is None or self.is_elsewhere:
            return found is None and (self.is_elsewhere or self.depends_on_host)
        result, why = found
        if result == "needs" and set(why.strip(";").split(";")) != set(self.reason):
            return False
        return result == self.result and (result != "fails" or bool(self.reason))


def test_bubblewraps_own_tests(sandbox, base):
    directory = base / "source"
    directory.mkdir()
    source = fetch(directory)
    shim = Shim(sandbox, source)
    expected = yaml.safe_load((HERE / "outcomes.yaml").read_text(encoding="utf-8"))
    assert files_of(source) == set(expected)
    differences = []
    for name, cases in expected.items():
        if "not run" in cases:
            continue
        found = shim.outcomes(name)
        print(name, *(f"  {case}: {result} {why}" for case, (result, why) in found.items()), sep="\n")
        differences += [
            f"{name}: {case}: {cases.get(case, 'not written down')}, found {found.get(case)}"
            for case in {**cases, **found}
            if case not in cases or not Outcome(cases[case]).is_met(found.get(case))
        ]
    assert not differences, "\n".join(differences)


def test_an_outcome_that_changes_is_noticed():
    assert Outcome("passes").is_met(("passes", ""))
    assert not Outcome("passes").is_met(("fails", "true"))
    assert not Outcome("passes").is_met(None)
    assert Outcome({"needs": ["--uid"]}).is_met(("needs", "--uid;"))
    assert not Outcome({"needs": ["--uid"]}).is_met(("needs", "--uid;--gid;"))
    assert not Outcome({"fails": "meant"}).is_met(("passes", ""))
    assert Outcome({"skips": "", "host": True}).is_met(None)
    assert not Outcome({"skips": "", "host": True}).is_met(("passes", ""))


def test_the_shim_refuses_what_it_does_not_know(sandbox, base):
    """An option that is ignored would let a test pass that tried nothing."""
    shim = Shim(sandbox, base)
    for words, reason in (
        (["--no-such-option", "true"], "--no-such-option"),
        (["--bind", "/usr", "/elsewhere", "true"], "--bind SOURCE at another place"),
        (["--cap-add", "ALL", "true"], "--cap-add"),
    ):
        shim.unmet.write_text("", encoding="utf-8")
        done = subprocess.run(
            [shim.directory / "bwrap", *words], env=shim.environment, cwd=base, capture_output=True, timeout=60
        )
        assert done.returncode == 1 and done.stdout == b""
        assert reason in shim.unmet.read_text(encoding="utf-8")
    assert shutil.which("bwrap", path=shim.environment["PATH"]) == shim.environment["BWRAP"]
