"""The environment: secrets and switches of the caller stay outside, arguments are data."""

import os

import pytest

HOSTILE = {
    "SSH_AUTH_SOCK": "/tmp/agent",
    "SSH_AGENT_PID": "1",
    "GPG_AGENT_INFO": "/x",
    "AWS_SECRET_ACCESS_KEY": "k",
    "AWS_SESSION_TOKEN": "k",
    "GITHUB_TOKEN": "t",
    "NPM_TOKEN": "t",
    "ANTHROPIC_API_KEY": "k",
    "DATABASE_URL": "u",
    "DBUS_SESSION_BUS_ADDRESS": "unix:path=/x",
    "DISPLAY": ":0",
    "WAYLAND_DISPLAY": "wayland-0",
    "XAUTHORITY": "/x",
    "DOCKER_HOST": "unix:///x",
    "KUBECONFIG": "/x",
    "LD_PRELOAD": "/nonexistent.so",
    "LD_LIBRARY_PATH": "/nonexistent",
    "LD_AUDIT": "/nonexistent.so",
    "BASH_ENV": "/nonexistent",
    "ENV": "/nonexistent",
    "PROMPT_COMMAND": "id",
    "NODE_OPTIONS": "--require /x",
    "PYTHONSTARTUP": "/x",
    "PYTHONPATH": "/nonexistent",
    "PERL5LIB": "/nonexistent",
    "RUBYOPT": "-W0",
    "GIT_SSH_COMMAND": "id",
    "GIT_ASKPASS": "/x",
    "GIT_DIR": "/nonexistent",
    "GIT_PAGER": "id",
    "GIT_CONFIG_COUNT": "0",
    "SOME_UNKNOWN": "value",
    "SUDO_ASKPASS": "/x",
    "IFS": "x",
    "CDPATH": "/",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_env_scrub(sandbox, control, name):
    # LD_PRELOAD and its like would act on the control itself; they are asked of a shell that was started
    # before.
    script = f'export {name}="$1"; exec /usr/bin/env'
    assert f"{name}=" in control.run("/bin/sh", "-c", script, "sh", "harmless").stdout
    inside = sandbox.run("/usr/bin/env", env={name: HOSTILE[name]})
    assert inside.status == 0
    # A profile may set the variable itself, as the one for git does with GIT_CONFIG_COUNT.
    assert f"{name}={HOSTILE[name]}" not in inside.stdout.splitlines()


def test_env_scrub_leaves_nothing_in_process_1(sandbox, control):
    script = "cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'"
    secret = {"GITHUB_TOKEN": "hunter2-hunter2"}
    assert "hunter2-hunter2" in control.run("/bin/sh", "-c", script, env=secret).stdout
    assert "hunter2-hunter2" not in sandbox.shell(script, env=secret).stdout


def test_what_the_profile_passes_is_there(sandbox):
    profile = sandbox.profile('process:\n  env: {pass: [WANTED, "MY_*"], set: {CI: "yes"}}\n')
    environment = sandbox.attempt(
        ["environment"], profile=profile, env={"WANTED": "a b", "MY_ONE": "1", "OTHER": "no"}
    ).value
    assert (environment["WANTED"], environment["MY_ONE"], environment["CI"]) == ("a b", "1", "yes")
    assert "OTHER" not in environment


def test_the_option_passes_or_sets_a_variable(sandbox):
    environment = sandbox.attempt(
        ["environment"], options=("--env", "WANTED", "--env", "SET=x=y z"), env={"WANTED": "w", "OTHER": "no"}
    ).value
    assert (environment["WANTED"], environment["SET"]) == ("w", "x=y z")
    assert "OTHER" not in environment


def test_a_command_can_tell_that_it_is_inside(sandbox, control):
    assert "MEWS" not in control.succeeds(["environment"])
    environment = sandbox.attempt(["environment"], env={"MEWS": "forged", "MEWS_SESSION": "forged"}).value
    assert environment["MEWS"] == "1"
    assert environment["MEWS_SESSION"] not in ("", "forged")


def test_home_path_and_user_are_the_callers(sandbox, control):
    outside, inside = control.succeeds(["environment"]), sandbox.attempt(["environment"]).value
    assert inside["HOME"] == outside["HOME"]
    assert "/usr/bin" in inside["PATH"].split(":")


# Options of other sandboxes and of Mews itself as the name of a command: data behind `--`, errors before it.
@pytest.mark.parametrize("name", ["--dev-bind", "-p", "--read", "--deny", "-", "--help", "--version"])
def test_env_arg_injection(sandbox, control, name):
    program = sandbox.workspace / name
    program.write_text('#!/bin/sh\necho ran "$@"\n')
    program.chmod(0o755)
    path = {"PATH": f"{sandbox.workspace}:/usr/bin:/bin"}
    assert control.run("/usr/bin/env", f"./{name}", "--write", "/").stdout == "ran --write /\n"
    inside = sandbox.run(f"./{name}", "--write", "/", env=path)
    assert (inside.status, inside.stdout) == (0, "ran --write /\n")


def test_arguments_pass_unchanged(sandbox, control):
    arguments = ["", " ", "a b", "--", "-c", "$HOME", "`id`", "'", '"', "\\", "a\nb", "\udcff", "*"]
    printing = ["/usr/bin/printf", "[%s]\\n", *arguments]
    assert sandbox.run(*printing).stdout == control.run(*printing).stdout


def test_a_shell_string_is_one_argument_never_rejoined(sandbox, control):
    script = 'printf "[%s]\\n" "$0" "$@"'
    expected = control.run("/bin/sh", "-c", script, "name", "a b", "$(id)").stdout
    result = sandbox.mews_itself("run", "-c", script, "name", "a b", "$(id)")
    assert (result.status, result.stdout) == (0, expected)


def test_a_command_is_looked_up_in_the_path_of_the_view(sandbox):
    """A program that lies outside the view can't be run, though the caller's PATH leads there: the skeleton tells
    that it is there, and the record says why it isn't run; without one it doesn't exist."""
    tools = sandbox.base / "tools"
    tools.mkdir()
    (tools / "tool").write_text("#!/bin/sh\necho ran\n")
    (tools / "tool").chmod(0o755)
    path = {"PATH": f"{tools}:/usr/bin:/bin"}
    assert sandbox.run("tool", env=path).status == (126 if sandbox.has_skeleton else 127)
    granted = sandbox.run("tool", env=path, options=("--read", str(tools)))
    assert (granted.status, granted.stdout) == (0, "ran\n"), granted


def test_the_cwd_is_the_callers(sandbox):
    below = sandbox.workspace / "below"
    below.mkdir()
    assert sandbox.run("/bin/pwd", cwd=below).stdout == f"{below}\n"
    assert sandbox.run("/bin/pwd", options=("--cwd", str(below))).stdout == f"{below}\n"
    assert os.path.isdir(below)


@pytest.mark.parametrize(
    ("own", "inside"),
    [
        ("/bin/bash", "/bin/bash"),
        ("/usr/bin/zsh", "/usr/bin/zsh"),
        ("/home/me/bash", "/bin/sh"),
        ("/bin/ba:sh\n", "/bin/sh"),
    ],
)
def test_the_account_has_the_user_s_shell_where_it_is_a_usual_one(sandbox, own, inside):
    """It was always sh, by which Codex then ran what it runs by bash outside."""
    shown = sandbox.shell(f"grep '^[^:]*:[^:]*:{os.getuid()}:' /etc/passwd", env=sandbox.environment | {"SHELL": own})
    assert shown.stdout.rstrip("\n").split(":")[6:] == [inside], shown


def test_every_sandbox_is_the_same_machine(sandbox):
    """Claude Code asks at each start: it was a denial in each session."""
    shown = sandbox.shell("cat /etc/machine-id")
    assert len(shown.stdout) == 33 and int(shown.stdout, 16), shown
    host = open("/etc/machine-id", encoding="ascii").read() if os.path.exists("/etc/machine-id") else ""
    assert shown.stdout != host and shown.stdout == sandbox.shell("cat /etc/machine-id").stdout
