"""The installed `mews` as a user runs it, and the same payloads without it."""

import itertools
import json
import os
import pathlib
import shutil
import signal
import subprocess
import uuid

from support.outcome import outcomes
from support.process import PATIENCE, execute

PYTHON = "/usr/bin/python3"
# For controls of acts that need a privilege: a user namespace gives it over namespaces of its own.
AS_NAMESPACE_ROOT = (
    "unshare",
    "--map-root-user",
    "--mount-proc",
    "--pid",
    "--fork",
    "--net",
    "--ipc",
    "--uts",
    "--cgroup",
    "--",
)
# A mount namespace in which the caller may mount, for tests that need a host whose mounts they can change.
OWN_MOUNTS = ("unshare", "--map-root-user", "--mount", "--propagation", "shared", "--")


class Sandbox:
    """A fresh home with a workspace that is a git repository, and `mews` to run commands there."""

    def __init__(self, prefix, base, payloads):
        self.mews = str(prefix / "bin" / "mews")
        self.base = base
        self.home = base / "home"
        self.workspace = self.home / "project"
        self.outside = base / "outside"
        self.payloads = payloads
        self._profiles = itertools.count()
        self._started = []
        # /dev/fuse is root's in many containers; scripts/test makes a node that anybody can open.
        device = os.environ.get("MEWS_TEST_FUSE")
        self.skeleton_options = ("--fuse-device", device) if device else ()
        self.has_skeleton = os.access(device or "/dev/fuse", os.R_OK | os.W_OK)
        for directory in (self.home, self.workspace, self.outside, base / "profiles"):
            directory.mkdir(mode=0o755)
        (self.home / ".ssh").mkdir(mode=0o700)
        (self.home / ".ssh" / "id_rsa").write_text("secret key\n")
        (self.outside / "secret").write_text("secret\n")
        (self.workspace / "notes.txt").write_text("first line\n")
        self.environment = {
            "HOME": str(self.home),
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "TERM": "xterm",
        }
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit("start")

    def git(self, *arguments, cwd=None):
        """Runs git outside the sandbox and gives what it wrote."""
        identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
        return subprocess.run(
            ("git", *identity, *arguments),
            cwd=cwd or self.workspace,
            env=self.environment,
            check=True,
            timeout=PATIENCE,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ).stdout.decode()

    def commit(self, message, cwd=None):
        self.git("add", "--all", cwd=cwd)
        self.git("commit", "--quiet", "--allow-empty", "--message", message, cwd=cwd)

    def profile(self, body, extends="workspace", name=None):
        """Writes a profile file of the user's with this body and gives its path."""
        number = next(self._profiles)
        path = self.base / "profiles" / (name or f"case{number}.yaml")
        lines = ["version: 1", f"name: case{number}"]
        if extends:
            lines.append(f"extends: [{extends}]")
        path.write_text("\n".join(lines) + "\n" + body)
        return path

    def arguments(self, command, *, profile=None, options=(), wrapper=()):
        """The argv that runs `command` in the sandbox; `wrapper` goes before mews, `options` before `--`."""
        if profile is not None:
            options = ("-p", str(profile), *options)
        own = ("--read", str(self.payloads), *self.skeleton_options)
        return [*wrapper, self.mews, "run", *own, *options, "--", *command]

    def run(self, *command, profile=None, options=(), wrapper=(), env=None, cwd=None, **execution):
        """Runs a command in the sandbox to its end."""
        argv = self.arguments(command, profile=profile, options=options, wrapper=wrapper)
        environment = self.environment | (env or {})
        environment = {name: value for name, value in environment.items() if value is not None}
        return execute(argv, env=environment, cwd=cwd or self.workspace, **execution)

    def mews_itself(self, *arguments, cwd=None, env=None, **execution):
        """Runs `mews` with these arguments and nothing added."""
        return execute(
            [self.mews, *arguments],
            env=self.environment | (env or {}),
            cwd=cwd or self.workspace,
            **execution,
        )

    def shell(self, script, **options):
        """Runs a shell script in the sandbox to its end."""
        return self.run("/bin/sh", "-c", script, **options)

    def start(self, *command, profile=None, options=(), wrapper=(), **popen):
        """Starts a command in the sandbox, its stdout and stderr being pipes, in a session of its own."""
        popen = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | popen
        process = subprocess.Popen(
            self.arguments(command, profile=profile, options=options, wrapper=wrapper),
            env=self.environment,
            cwd=self.workspace,
            start_new_session=True,
            **popen,
        )
        self._started.append(process)
        return process

    def end(self):
        """Kills what a failed test left running."""
        for process in self._started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            for stream in filter(None, (process.stdin, process.stdout, process.stderr)):
                stream.close()

    def payload(self, name):
        """Where a compiled payload lies."""
        return str(self.payloads / "bin" / name)

    def attempting(self, *acts):
        """The command that attempts these acts."""
        return (PYTHON, "-B", "-S", str(self.payloads / "attempt.py"), json.dumps(acts))

    def attempt(self, *acts, **options):
        """Attempts the acts in the sandbox; the outcome of the only one, or the list of all."""
        found = outcomes(acts, self.run(*self.attempting(*acts), **options))
        return found[0] if len(found) == 1 else found

    def own_installation(self):
        """Uses a copy of the installation that the caller owns: in a user namespace, root's files are
        nobody's, and Mews takes no profile from nobody."""
        self.mews = str(self.payloads.parent / "installation" / "bin" / "mews")

    def attempt_as_namespace_root(self, *acts, **options):
        """Attempts the acts in the sandbox where its control has every privilege, so that they can't be
        refused for want of one: Mews itself is started by the root of other namespaces."""
        self.own_installation()
        return self.attempt(*acts, wrapper=AS_NAMESPACE_ROOT, **options)

    def token(self):
        """A word that no other process on this machine has among its arguments."""
        return f"mews-test-{uuid.uuid4().hex}"


class Control:
    """Runs the same payloads without the sandbox. What does not succeed here proves nothing in there."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self._copies = itertools.count()

    def copy(self, directory=None):
        """A scratch copy, beside the original, for acts that would do harm."""
        directory = pathlib.Path(directory or self.sandbox.workspace)
        copy = self.sandbox.base / f"copy{next(self._copies)}" / directory.name
        shutil.copytree(directory, copy, symlinks=True)
        return copy

    def run(self, *command, wrapper=(), cwd=None, env=None, **execution):
        """Runs a command outside the sandbox."""
        return execute(
            [*wrapper, *command],
            env=self.sandbox.environment | (env or {}),
            cwd=cwd or self.sandbox.workspace,
            **execution,
        )

    def attempt(self, *acts, **options):
        """Attempts the acts outside, whatever comes of them."""
        found = outcomes(acts, self.run(*self.sandbox.attempting(*acts), **options))
        return found[0] if len(found) == 1 else found

    def succeeds(self, *acts, **options):
        """Attempts the acts outside; each must succeed, or the case would prove nothing."""
        found = outcomes(acts, self.run(*self.sandbox.attempting(*acts), **options))
        failed = [outcome for outcome in found if not outcome.ok]
        assert not failed, f"the control does not succeed outside the sandbox: {failed}"
        values = [outcome.value for outcome in found]
        return values[0] if len(values) == 1 else values


def is_root():
    return os.getuid() == 0


def owns_the_kernel():
    """Whether this is the host's root; a container's (scripts/test --container) has no control for what is the host's."""
    return is_root() and not os.environ.get("MEWS_TEST_CONTAINER")
