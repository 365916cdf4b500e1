"""The exit status, the signals and the output that a script can rely on."""

import os
import signal
import subprocess
import time

import pytest
from support.process import PATIENCE, processes_naming, wait_until

FORWARDED = ["TERM", "INT", "HUP", "USR1", "USR2", "QUIT", "WINCH"]
OWN_DEATH = {"INT": -signal.SIGINT, "QUIT": -signal.SIGQUIT, "TERM": -signal.SIGTERM}


@pytest.mark.parametrize("status", [0, 1, 2, 42, 123, 124, 125, 126, 127, 130, 255])
def test_proc_exit_codes(sandbox, control, status):
    assert control.run("/bin/sh", "-c", f"exit {status}").status == status
    assert sandbox.shell(f"exit {status}").status == status


@pytest.mark.parametrize(
    "name", ["TERM", "INT", "QUIT", "KILL", "HUP", "USR1", "SEGV", "ABRT", "PIPE", "ALRM"]
)
def test_a_death_by_signal(sandbox, control, name):
    """INT, QUIT and TERM: Mews dies of the same; others: 128+N, since the shell asks for a status."""
    number = getattr(signal, f"SIG{name}")
    assert control.run("/bin/sh", "-c", f"kill -{name} $$").status == -number
    assert sandbox.shell(f"kill -{name} $$").status == OWN_DEATH.get(name, 128 + number)


def test_a_shell_sees_143_when_the_command_killed_itself_with_term(sandbox):
    result = sandbox.shell("kill -TERM $$", wrapper=("/bin/sh", "-c", '"$@"; echo $?', "sh"))
    assert result.stdout == "143\n"


def test_a_missing_command_is_127(sandbox, control):
    assert control.run("/bin/sh", "-c", "no-such-command").status == 127
    for name in ("no-such-command", "/no/such/command", "./no-such-command"):
        result = sandbox.run(name)
        assert (result.status, result.stdout) == (127, "")
        assert any(name in message for message in result.messages), result


def test_a_command_that_cannot_be_executed_is_126(sandbox, control):
    (sandbox.workspace / "plain").write_text("not a program\n")
    for name in ("./plain", "/etc/passwd", "/usr", "./"):
        assert control.run("/bin/sh", "-c", '"$0"', name).status in (126, 127)
        result = sandbox.run(name)
        assert (result.status, result.stdout) == (126, ""), result
        assert any(name in message for message in result.messages)


def test_a_script_without_interpreter_is_127(sandbox, control):
    script = sandbox.workspace / "script"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    assert control.run("/bin/sh", "-c", "./script").status in (126, 127)
    assert sandbox.run("./script").status == 127


def test_a_bad_profile_is_125_and_starts_nothing(sandbox):
    profile = sandbox.profile("filesystem:\n  read: [../x]\n  nonsense: 1\n")
    result = sandbox.shell("touch started", profile=profile)
    assert result.refused_by_mews(f"{profile.name}:5:", f"{profile.name}:6:")
    assert not (sandbox.workspace / "started").exists()


@pytest.mark.parametrize("source", ["option", "profile"])
def test_the_time_limit_is_124(sandbox, source):
    token = sandbox.token()
    given = (
        {"options": ("--timeout", "1s")}
        if source == "option"
        else {"profile": sandbox.profile("process:\n  limits: {time: 1s}\n")}
    )
    began = time.monotonic()
    result = sandbox.shell(f"trap '' TERM; echo before; sleep 60; sleep 60; : {token}", **given)
    assert (result.status, result.stdout) == (124, "before\n")
    assert result.messages
    assert 0.9 < time.monotonic() - began < PATIENCE
    assert not processes_naming(token)


def test_within_the_time_limit_nothing_is_said(sandbox):
    result = sandbox.shell("exit 3", options=("--timeout", "1m"))
    assert (result.status, result.stdout, result.stderr) == (3, "", "")


def test_mews_writes_nothing_of_its_own(sandbox, control):
    script = "printf out; printf err >&2"
    outside, inside = control.run("/bin/sh", "-c", script), sandbox.shell(script)
    assert (inside.stdout, inside.stderr) == (outside.stdout, outside.stderr) == ("out", "err")


LISTENER = """
trap 'echo got {0}; kill $!; exit 7' {0}
sleep 30 &
echo ready; : {1}
while :; do wait; done
"""


@pytest.mark.parametrize("name", FORWARDED)
def test_proc_signal_forward(sandbox, control, name):
    """What is sent to `mews` reaches the command, once, and its answer is the run's."""
    number = getattr(signal, f"SIG{name}")
    script = LISTENER.format(name, sandbox.token())
    outside = subprocess.Popen(
        ["/bin/bash", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=sandbox.environment
    )
    for process in (outside, sandbox.start("/bin/bash", "-c", script)):
        assert process.stdout.readline() == b"ready\n"
        time.sleep(0.1)
        process.send_signal(number)
        output, errors = process.communicate(timeout=10)
        assert (process.returncode, output) == (7, f"got {name}\n".encode()), errors


@pytest.mark.parametrize("name", ["TERM", "INT", "QUIT", "HUP", "USR1"])
def test_a_command_without_handler_dies_of_the_forwarded_signal(sandbox, name):
    number = getattr(signal, f"SIG{name}")
    token = sandbox.token()
    process = sandbox.start("/bin/sh", "-c", f"echo ready; sleep 30; : {token}")
    assert process.stdout.readline() == b"ready\n"
    time.sleep(0.1)
    process.send_signal(number)
    process.communicate(timeout=10)
    assert process.returncode == OWN_DEATH.get(name, 128 + number)
    wait_until(lambda: not processes_naming(token), "processes outlived the signal")


def test_the_whole_foreground_group_gets_the_signal(sandbox):
    """As from a terminal: a child in the command's own group isn't left out."""
    child = "sh -c 'trap \"echo child; exit\" TERM; echo ready; while :; do sleep 0.1; done'"
    script = f"{child} & trap 'wait; exit 5' TERM; wait"
    process = sandbox.start("/bin/bash", "-c", script)
    assert process.stdout.readline() == b"ready\n"
    time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=10)
    assert output == b"child\n"
    assert process.returncode == 5


def test_mews_stops_and_goes_on_when_asked(sandbox):
    """SIGTSTP stops the sandbox with mews, SIGCONT lets both go on."""
    process = sandbox.start(
        "/bin/sh", "-c", "i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo $i > count; sleep 0.01; done"
    )
    count = sandbox.workspace / "count"
    wait_until(count.exists, "the command runs")
    process.send_signal(signal.SIGTSTP)
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    time.sleep(0.1)
    before = count.read_text()
    time.sleep(0.3)
    assert count.read_text() == before
    process.send_signal(signal.SIGCONT)
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, output, errors) == (0, b"", b"")


@pytest.mark.parametrize("limit", ["9999999999h", "106751991d", "9223372036854775807ms"])
def test_a_time_limit_of_any_size_is_one(sandbox, limit):
    """In nanoseconds a few centuries are more than a 64-bit number holds, and Mews trapped."""
    result = sandbox.shell("exit 3", options=("--timeout", limit))
    assert result.status == 3 or result.refused_by_mews("too large")
