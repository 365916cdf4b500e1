"""`mews` within a sandbox: it narrows what is there, by Landlock and a filter, and never widens it."""

import json

import pytest
from support.logs import Logs
from support.sandbox import PYTHON
from test_levels import Level

OUTER = ["full", "namespaces", "landlock"]


class Nested:
    """A command of `mews` in a sandbox of `mews`."""

    def __init__(self, sandbox, level):
        self.sandbox = sandbox
        self.level = level
        lacking = {"namespaces": "landlock", "landlock": "namespaces"}.get(level)
        self.outer = Level(sandbox, lacking, "--require", level) if lacking else None
        # At the level landlock a repository can't be written.
        self.cwd = sandbox.workspace if level == "full" else sandbox.home / "plain"
        self.inner = ("--require", level)

    def arguments(self, command, options):
        payloads = ("--read", str(self.sandbox.payloads))
        return (self.sandbox.mews, "run", *payloads, *self.inner, *options, "--", *command)

    def run(self, *command, inner=(), outer=(), profile=None, env=None, **more):
        wrapper = self.outer.wrapper if self.outer else ()
        options = (*(self.outer.options if self.outer else ()), *outer)
        return self.sandbox.run(
            *self.arguments(command, inner), options=options, wrapper=wrapper, cwd=self.cwd, profile=profile,
            env=env, **more)

    def shell(self, script, **more):
        return self.run("/bin/sh", "-c", script, **more)


@pytest.fixture(params=["full", "landlock"])
def nested(request, sandbox):
    return Nested(sandbox, request.param)


@pytest.fixture
def whole(sandbox):
    return Nested(sandbox, "full")


def test_a_command_runs_and_says_how_it_ends(nested):
    result = nested.shell("echo inside; exit 4")
    assert (result.status, result.stdout) == (4, "inside\n"), result
    assert nested.run("/nonexistent").status == 127
    assert nested.shell("sleep 600", inner=("--timeout", "300ms")).status == 124


def test_it_is_told_by_the_kernel_and_not_by_the_environment(sandbox, nested):
    """Whoever sets or takes away variables changes nothing of it."""
    outside = sandbox.run("/bin/sh", "-c", "exit 0", env={"MEWS": "1", "MEWS_SESSION": "x"}, options=("--dry-run",))
    assert "map user" in outside.stdout, outside
    script = f"unset MEWS MEWS_SESSION; {sandbox.mews} run --dry-run --require {nested.level} -- true"
    wrapper = nested.outer.wrapper if nested.outer else ()
    options = nested.outer.options if nested.outer else ()
    inside = sandbox.run("/bin/sh", "-c", script, wrapper=wrapper, options=options, cwd=nested.cwd)
    assert inside.status == 0 and "enforce Landlock" in inside.stdout and "map user" not in inside.stdout, inside


def test_a_lower_level_around_is_not_taken_for_a_higher(sandbox):
    nested = Nested(sandbox, "landlock")
    nested.inner = ()
    result = nested.shell("exit 0")
    assert result.status == 125 and "holds the level landlock" in result.stderr, result


def test_it_has_no_log_of_its_own(sandbox, nested):
    logs = Logs(sandbox)
    result = nested.shell("echo $MEWS_SESSION", inner=("--summary", "json"))
    assert result.status == 0, result
    (path,) = logs.paths()
    assert result.stdout.strip() == path.stem
    summary = json.loads([line for line in result.stderr.splitlines() if line.startswith("{")][-1])
    assert summary["session"] == path.stem and "log" not in summary
    assert summary["level"] == nested.level
    named = nested.shell("exit 0", inner=("--audit-log", "/tmp/log"))
    assert named.status == 125 and "no log of its own" in named.stderr, named


def test_a_grant_is_narrowed(sandbox, nested):
    """What the sandbox around grants and this one doesn't can't be used any more."""
    data = sandbox.home / "data"
    data.mkdir()
    (data / "numbers").write_text("1 2 3\n")
    outer = ("--write", str(data))
    script = f"cat {data}/numbers; echo more >> {data}/numbers; cat {data}/numbers"
    wrapper = nested.outer.wrapper if nested.outer else ()
    options = nested.outer.options if nested.outer else ()
    control = sandbox.run(
        "/bin/sh", "-c", script, options=(*options, *outer), wrapper=wrapper, cwd=nested.cwd)
    assert control.stdout == "1 2 3\n1 2 3\nmore\n", control
    without = nested.shell(script, outer=outer)
    assert without.stdout == "" and "Permission denied" in without.stderr, without
    reading = nested.shell(script, outer=outer, inner=("--read", str(data)))
    assert reading.stdout == "1 2 3\nmore\n" * 2, reading
    assert "Permission denied" in reading.stderr


def test_nothing_is_widened(sandbox, nested):
    """A grant of what isn't in the view around grants nothing."""
    secret = sandbox.outside / "secret"
    result = nested.shell(f"cat {secret}; cat {sandbox.home}/.ssh/id_rsa", inner=("--read", str(sandbox.outside)))
    assert result.stdout == "" and result.status != 0, result
    asked = nested.shell("exit 0", inner=("--read", str(sandbox.home / ".ssh")))
    assert "secret" not in asked.stdout


def test_what_the_sandbox_around_protects_stays_protected(sandbox, whole):
    result = whole.shell("echo x > .git/hooks/pre-commit; mv .git .git2; echo new > file; cat file")
    assert result.stdout == "new\n" and not (sandbox.workspace / ".git/hooks/pre-commit").exists(), result
    assert (sandbox.workspace / ".git").exists() and (sandbox.workspace / "file").read_text() == "new\n"


@pytest.mark.parametrize(
    "inner, line",
    [
        (("--deny", "notes.txt"), "--deny: "),
        (("--allow", "example.org"), "--allow: "),
    ],
)
def test_what_cannot_be_added_is_refused_with_its_line(sandbox, whole, inner, line):
    outer = ("--allow", "example.org", "--allow", "example.net") if inner[0] == "--allow" else ()
    result = whole.shell("echo started", inner=inner, outer=outer)
    assert result.status == 125 and result.stdout == "", result
    assert any(message.startswith(f"mews: {line}") for message in result.messages), result
    assert whole.shell("echo started", outer=outer).stdout == "started\n"


def test_what_the_sandbox_around_holds_needs_not_be_added(whole):
    outer = ("--deny", "notes.txt", "--allow", "example.org")
    result = whole.shell("cat notes.txt; echo started", outer=outer, inner=outer)
    assert result.stdout == "started\n", result


def test_the_network_is_taken_away(whole):
    """Whose profile names no host has no network, whatever the sandbox around reaches."""
    script = "import socket; socket.create_connection(('127.0.0.1', 3128)).close(); print('connected')"
    outer = ("--allow", "example.org")
    control = whole.sandbox.run(PYTHON, "-c", script, options=outer)
    assert control.stdout == "connected\n", control
    result = whole.run(PYTHON, "-c", script, outer=outer)
    assert result.status == 1 and "PermissionError" in result.stderr, result
    same = whole.run(PYTHON, "-c", script, outer=outer, inner=outer)
    assert same.stdout == "connected\n", same


def test_the_end_of_a_nested_session_ends_its_processes(nested):
    inner = " ".join(nested.arguments(("/bin/sh", "-c", "'sleep 600 & echo $!'"), ()))
    script = f"child=$({inner}); kill -0 $child 2>/dev/null && echo alive || echo gone"
    sandbox = nested.sandbox
    wrapper = nested.outer.wrapper if nested.outer else ()
    options = nested.outer.options if nested.outer else ()
    result = sandbox.run("/bin/sh", "-c", script, wrapper=wrapper, options=options, cwd=nested.cwd)
    assert result.stdout == "gone\n", result


def test_sandboxes_can_be_nested_more_than_once(whole):
    inner = whole.arguments(("/bin/sh", "-c", "echo deep; echo x > /usr/x"), ())
    result = whole.run(*inner)
    assert result.stdout == "deep\n" and result.status != 0, result
