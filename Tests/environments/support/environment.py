"""The environments of environments.yaml, and what mews does in them."""

import dataclasses
import json
import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import tempfile

import yaml

HERE = pathlib.Path(__file__).resolve().parent.parent
PYTHON = "/usr/bin/python3" if os.access("/usr/bin/python3", os.X_OK) else sys.executable
PATIENCE = 600
# In a user namespace that maps one user alone, root's files are nobody's, and Mews takes no profile from nobody.
OWN_NAMESPACE = {"namespaces": ["user", "mount"], "map": "same"}


def all_environments():
    """The list, as it is written."""
    return yaml.safe_load((HERE / "environments.yaml").read_text(encoding="utf-8"))


def may_mount():
    """Whether this is a root that makes namespaces without a user namespace; a container's mostly isn't."""
    attempt = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False, timeout=PATIENCE)
    return os.getuid() == 0 and attempt.returncode == 0


MAKER = "root" if may_mount() else "anybody"


def maker():
    """Who makes environments in this run."""
    return MAKER


def made_here():
    """Those that this run's user makes. In a container (scripts/test --container) nobody makes a file system read-only
    that the container has mounted in parts."""
    possible = [entry for entry in all_environments() if maker() in entry["by"]]
    if os.environ.get("MEWS_TEST_CONTAINER"):
        possible = [entry for entry in possible if "read-only" not in entry.get("make", {})]
    return possible


def wrapper(description):
    """The beginning of a command line that runs the rest of it in an environment."""
    return (PYTHON, "-B", str(HERE / "rig" / "make.py"), json.dumps(description))


def ordinary_user():
    """The user of the tests, or somebody like it."""
    for name in ("mews-test", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise AssertionError("this host has no ordinary user")


@dataclasses.dataclass(frozen=True)
class Run:
    """One `mews run`, or what else came of mews."""

    status: int
    stdout: str
    stderr: str

    @property
    def summary(self):
        """The last line, which a run tells whatever happened."""
        last = self.stderr.rstrip("\n").rpartition("\n")[2]
        assert last.startswith("{"), self
        return json.loads(last)

    @property
    def message(self):
        """Why nothing was started."""
        return "\n".join(line for line in self.stderr.splitlines() if line.startswith("mews: "))

    @property
    def outcome(self):
        """The level; or the layer for want of which nothing was started, in parentheses; or the status."""
        if "/proc isn't mounted" in self.stderr:
            # Nothing of Mews runs then, and there is no summary.
            assert self.status == 125 and self.stdout == "", self
            return "125 (namespaces)"
        summary = self.summary
        if summary["ended"] != "refused":
            return summary["level"]
        assert self.status == 125 and self.stdout == "", self
        layers = [line.split("`")[1] for line in self.message.splitlines() if line.startswith("mews: the layer `")]
        if layers:
            return f"125 ({layers[0]})"
        # The second where denied reads aren't seen: what isn't in the view around it doesn't exist there.
        if "lines of the profile" in self.message or "`create: dir`" in self.message:
            return "125 (lines)"
        return "125 (log)" if "audit" in self.message or "log" in self.message else "125"


class Place:
    """A home with a project in it, of the user who runs mews, and an installation that the user takes profiles from."""

    def __init__(self, entry, prefix):
        self.entry = entry
        self.prefix = prefix
        is_ordinary = maker() == "root" and entry["user"] == "ordinary"
        self.user = ordinary_user() if is_ordinary else pwd.getpwuid(os.getuid())
        parent = pathlib.Path("/var/tmp")
        if os.getuid() != 0 and os.access(self.user.pw_dir, os.W_OK):
            parent = pathlib.Path(self.user.pw_dir)
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="mews-environment-", dir=parent))
        (self.home / "project").mkdir()
        (self.home / "project" / "notes.txt").write_text("first line\n")
        (self.home / ".local" / "state").mkdir(parents=True)
        self.copy = self.home / "installation"
        shutil.copytree(prefix, self.copy)
        for path in (self.home, *self.home.rglob("*")):
            if not path.is_symlink():
                os.chown(path, self.user.pw_uid, self.user.pw_gid)
        self.home.chmod(0o755)

    def remove(self):
        shutil.rmtree(self.home, ignore_errors=True)

    @property
    def mews(self):
        return str(self.copy / "bin" / "mews")

    def description(self):
        """For the rig: with this place's directories, and in a user namespace where there is no root."""
        description = dict(self.entry["make"])
        description["writable"] = [self._named(path) for path in description.get("writable", ())]
        if maker() == "root":
            if self.entry["user"] == "ordinary":
                description["user"] = self.user.pw_uid
            return description
        needed = {"files", "proc", "hide", "noexec", "read-only", "switches", "namespaces"} & set(description)
        if needed:
            namespaces = set(description.get("namespaces", ())) | {"user"}
            description["namespaces"] = sorted(namespaces)
            description["map"] = "root" if self.entry["user"] == "root-inside" else "same"
        return description

    def _named(self, path):
        return str(self.home) if path == "HOME" else path

    def command(self, *argv):
        """The command line that runs this in the environment."""
        names = {"HOME": str(self.home), "mews": self.mews}
        within = [names.get(word, word) for word in self.entry.get("within", ())]
        return [*wrapper(self.description()), *within, *argv]

    def execute(self, *argv):
        """Runs a command in the environment to its end."""
        environment = {"HOME": str(self.home), "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8"}
        return subprocess.run(
            self.command(*argv), cwd=self.home / "project", env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=PATIENCE, check=False)

    def ask(self, runs, command=("/bin/echo", "ran"), doctor=True):
        """What mews does here: with each of the lists of options, and its doctor."""
        script = self.home / "project" / "inside.py"
        shutil.copy(HERE / "support" / "inside.py", script)
        request = {
            "mews": self.mews, "home": str(self.home), "environment": self.entry.get("environment", {}),
            "runs": runs, "command": command, "doctor": doctor}
        done = self.execute(PYTHON, "-B", "-S", str(script), json.dumps(request))
        assert done.returncode == 0, done
        answer = json.loads(done.stdout)
        answer["runs"] = [Run(**run) for run in answer["runs"]]
        for name in ("doctor", "table"):
            if answer.get(name):
                answer[name] = Run(**answer[name])
        return answer
