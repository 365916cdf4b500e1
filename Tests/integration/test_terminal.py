"""The terminal: the sandbox has one of its own, works like any other, and the caller's comes back
unharmed."""

import fcntl
import json
import os
import pty
import re
import shlex
import signal
import struct
import termios
import time

import pytest
from support.process import processes_naming, wait_until
from support.terminal import Bare, Shell, wait_for

TIOCSTI, TIOCLINUX, TIOCCONS, TIOCSETD = 0x5412, 0x541C, 0x541D, 0x5423


@pytest.fixture
def terminal(sandbox):
    opened = Shell(sandbox)
    yield opened
    opened.close()


@pytest.fixture
def pair():
    """Both ends of a terminal that is nobody's."""
    ends = pty.openpty()
    yield ends
    for end in ends:
        os.close(end)


def on_terminal(argv, sandbox):
    return Bare(argv, env=sandbox.environment, cwd=sandbox.workspace)


def attempt_on_terminal(sandbox, *acts, inside):
    argv = sandbox.attempting(*acts)
    status, output = on_terminal(sandbox.arguments(argv) if inside else argv, sandbox).finish()
    assert status == 0, output
    return json.loads(re.search(r"\[\{.*\}\]", output).group(0))


@pytest.mark.parametrize(
    "request_number", [TIOCSTI, TIOCSTI | 1 << 32, TIOCSTI | 0xFF << 40], ids=["plain", "bit-32", "bits-40"]
)
def test_tiocsti_is_refused(sandbox, request_number):
    """CVE-2017-5226, and CVE-2019-10063 for the high bits: typing into the caller's terminal runs commands
    there."""
    act = ["terminal_call", 0, request_number]
    with open("/proc/sys/dev/tty/legacy_tiocsti", encoding="ascii") as file:
        legacy = file.read().strip() == "1"
    outside = attempt_on_terminal(sandbox, act, inside=False)[0]
    # Without legacy_tiocsti the kernel refuses (EIO) whoever lacks CAP_SYS_ADMIN, inside and outside.
    assert outside["ok"] or (not legacy and outside["errno"] == "EIO")
    assert attempt_on_terminal(sandbox, act, inside=True) == [{"ok": False, "errno": "EPERM"}]


@pytest.mark.parametrize(
    "request_number",
    [TIOCLINUX, TIOCCONS, TIOCSETD, TIOCLINUX | 1 << 32],
    ids=["linux", "cons", "setd", "linux-bit-32"],
)
def test_tty_tioclinux(sandbox, request_number):
    """CVE-2023-28100: pasting into a virtual console. A pseudo-terminal isn't one: outside its driver
    answers."""
    act = ["terminal_call", 0, request_number, "\u0003"]
    if request_number != TIOCCONS:
        # As root TIOCCONS would take the machine's console; as a user its own answer is EPERM.
        outside = attempt_on_terminal(sandbox, act, inside=False)[0]
        assert outside["ok"] or outside["errno"] in ("ENOTTY", "EINVAL", "EIO")
    assert attempt_on_terminal(sandbox, act, inside=True) == [{"ok": False, "errno": "EPERM"}]


def test_tty_open_dev_tty(sandbox):
    """The sandbox's terminal is a new one of its own devpts: nothing of the caller's is behind any name."""
    acts = [
        ["run", "/bin/sh", "-c", "exec 3<>/dev/tty && test -t 3"],
        ["link_of", "/proc/self/fd/0"],
        ["listing", "/dev/pts"],
    ]
    outside = attempt_on_terminal(sandbox, *acts, inside=False)
    tty, stdin, names = attempt_on_terminal(sandbox, *acts, inside=True)
    assert outside[0]["value"]["status"] == tty["value"]["status"] == 0
    assert stdin["value"] == "/dev/pts/0"
    assert names["value"] == ["0", "ptmx"]


def test_the_callers_terminal_is_not_among_the_sandboxs(sandbox, pair):
    """Many terminals are open outside; inside there is one."""
    name = os.ttyname(pair[1])
    act = ["open_for_writing", name if name != "/dev/pts/0" else "/dev/pts/1"]
    assert name != "/dev/pts/0" or os.path.exists("/dev/pts/0")
    assert attempt_on_terminal(sandbox, ["open_for_writing", name], inside=False)[0]["ok"]
    if name == "/dev/pts/0":
        act = ["listing", "/dev/pts"]
        assert attempt_on_terminal(sandbox, act, inside=True)[0]["value"] == ["0", "ptmx"]
    else:
        assert attempt_on_terminal(sandbox, act, inside=True)[0]["errno"] in ("ENOENT", "EACCES")


def test_without_a_terminal_there_is_none_inside(sandbox, control):
    act = ["open_namespace", "/dev/tty"]
    assert control.attempt(act).refused("ENXIO")
    assert sandbox.attempt(act).refused("ENXIO", "ENOENT", "EACCES")


def test_a_pipe_beside_a_terminal_stays_a_pipe(terminal):
    """Each standard descriptor is looked at by itself: `mews run -- ls | cat` must not print colours."""
    script = "test -t 0 && echo in; test -t 1 && echo out; test -t 2 && echo err >&2; :"
    for command in (shlex.join(["/bin/sh", "-c", script]), terminal.inside("/bin/sh", "-c", script)):
        assert sorted(terminal.line(f"{command} | cat").split()) == ["err", "in"]
        assert sorted(terminal.line(f"true | {command}").split()) == ["err", "out"]


@pytest.mark.parametrize(
    "keys, number", [(b"\x03", signal.SIGINT), (b"\x1c", signal.SIGQUIT)], ids=["interrupt", "quit"]
)
def test_a_key_reaches_the_command_and_mews_dies_of_the_same(sandbox, keys, number):
    command = ["/bin/sh", "-c", "echo ready; exec sleep 30"]
    for argv in (command, sandbox.arguments(command)):
        running = on_terminal(argv, sandbox)
        running.read_until(b"ready")
        time.sleep(0.2)
        running.type(keys)
        status, _ = running.finish()
        assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == number, (argv, status)


def test_ctrl_c_ends_the_callers_loop(terminal):
    """The caller's shell must see WIFSIGNALED, or a loop around mews could not be interrupted."""
    command = ["/bin/sh", "-c", "echo ready; exec sleep 30"]
    for line in (shlex.join(command), terminal.inside(*command)):
        terminal.start(f"for i in 1 2 3; do {line}; done; echo after")
        terminal.expect("ready")
        time.sleep(0.2)
        terminal.spawned.sendintr()
        assert "after" not in terminal.prompted()
        assert terminal.status() == 130


def test_a_command_that_handles_ctrl_c_goes_on(terminal):
    script = "trap 'echo caught; exit 6' INT; echo ready; while :; do sleep 0.1; done"
    for command in (shlex.join(["/bin/sh", "-c", script]), terminal.inside("/bin/sh", "-c", script)):
        terminal.start(command)
        terminal.expect("ready")
        time.sleep(0.2)
        terminal.spawned.sendintr()
        terminal.expect("caught")
        terminal.prompted()
        assert terminal.status() == 6


def test_tty_jobctl(terminal):
    """Ctrl-Z stops the command and mews with it, and fg goes on with both."""
    script = "echo ready; read line; echo got $line; exit 4"
    for command in (shlex.join(["/bin/bash", "-c", script]), terminal.inside("/bin/bash", "-c", script)):
        terminal.start(command)
        terminal.expect("ready")
        time.sleep(0.2)
        terminal.spawned.sendcontrol("z")
        terminal.expect("Stopped")
        terminal.prompted()
        assert "Stopped" in terminal.line("jobs")
        terminal.start("fg")
        time.sleep(0.5)
        terminal.start("text")
        terminal.expect("got text")
        terminal.prompted()
        assert terminal.status() == 4


def test_an_interactive_shell_inside_has_job_control(terminal):
    terminal.start(terminal.inside("/bin/bash", "--norc", "--noprofile", "-i"))
    terminal.expect("bash-")
    terminal.start("stty -echo; PS1='inner> '")
    terminal.expect("inner> ")
    terminal.start("sleep 31 | cat")
    time.sleep(0.5)
    terminal.spawned.sendcontrol("z")
    terminal.expect("Stopped")
    terminal.expect("inner> ")
    terminal.start("bg; jobs -r; kill %1; wait; exit 8")
    terminal.expect("Running")
    terminal.prompted()
    assert terminal.status() == 8


def test_a_window_resize_arrives(terminal):
    script = "trap 'stty size; exit' WINCH; stty size; echo ready; while :; do sleep 0.1; done"
    for command in (shlex.join(["/bin/bash", "-c", script]), terminal.inside("/bin/bash", "-c", script)):
        terminal.spawned.setwinsize(30, 100)
        # The shell takes this change before the command starts, which must see only the next one.
        terminal.line(":")
        terminal.start(command)
        terminal.expect("30 100")
        terminal.expect("ready")
        time.sleep(0.2)
        terminal.spawned.setwinsize(41, 123)
        terminal.expect("41 123")
        terminal.prompted()


def test_the_window_size_is_there_from_the_start(sandbox, pair):
    fcntl.ioctl(pair[1], termios.TIOCSWINSZ, struct.pack("HHHH", 17, 71, 0, 0))
    process = sandbox.start("/bin/stty", "size", stdin=pair[1])
    output, errors = process.communicate(timeout=10)
    assert output == b"17 71\n", errors


def spoiled(argv, sandbox, slave):
    """Runs `argv` on a terminal until its end and gives the wait status."""
    process = os.fork()
    if process == 0:
        try:
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
            for number in (0, 1, 2):
                os.dup2(slave, number)
            os.chdir(sandbox.workspace)
            os.execve(argv[0], argv, sandbox.environment)
        finally:
            os._exit(70)
    return wait_for(process)


@pytest.mark.parametrize(
    "end, status",
    [("exit 0", 0), ("kill -KILL $$", 137), ("kill -SEGV $$", 139), ("kill -TERM $$", -15)],
    ids=["exit", "kill", "segv", "term"],
)
def test_tty_restore(sandbox, pair, end, status):
    """A payload that leaves raw mode behind must not leave the caller's terminal in it."""
    command = ["/bin/sh", "-c", f"stty raw -echo; {end}"]
    before = termios.tcgetattr(pair[1])
    spoiled(command, sandbox, pair[1])
    assert termios.tcgetattr(pair[1]) != before
    termios.tcsetattr(pair[1], termios.TCSANOW, before)
    assert os.waitstatus_to_exitcode(spoiled(sandbox.arguments(command), sandbox, pair[1])) == status
    assert termios.tcgetattr(pair[1]) == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT], ids=["term", "hup", "int"])
def test_the_terminal_is_restored_when_mews_is_ended(sandbox, pair, number):
    before = termios.tcgetattr(pair[1])
    token = sandbox.token()
    process = sandbox.start(
        "/bin/sh", "-c", f"sleep 30; : {token}", stdin=pair[1], stdout=pair[1], stderr=pair[1]
    )
    wait_until(lambda: len(processes_naming(token)) >= 3, "mews, process 1 and the command are there")
    time.sleep(0.2)
    process.send_signal(number)
    process.wait(timeout=10)
    assert termios.tcgetattr(pair[1]) == before
    wait_until(lambda: not processes_naming(token), "processes outlived")


def test_a_terminal_that_hangs_up_ends_the_sandbox(sandbox):
    token = sandbox.token()
    running = on_terminal(sandbox.arguments(["/bin/sh", "-c", f"echo ready; sleep 300; : {token}"]), sandbox)
    running.read_until(b"ready")
    running.hang_up()
    wait_until(lambda: not processes_naming(token), "the sandbox outlived its terminal")
    running.finish()


def test_a_stopped_command_ends_when_its_terminal_hangs_up(sandbox):
    """A stopped command takes no SIGHUP: without SIGCONT or SIGKILL after it, it stays for ever."""
    token = sandbox.token()
    running = on_terminal(
        sandbox.arguments(["/bin/sh", "-c", f"echo ready; kill -STOP $$; : {token}"]), sandbox
    )
    running.read_until(b"ready")
    time.sleep(0.3)
    running.hang_up()
    try:
        wait_until(lambda: not processes_naming(token), "a stopped command outlived its terminal")
    finally:
        for process in processes_naming(token):
            os.kill(process, signal.SIGKILL)
        wait_for(running.process)


def test_what_is_typed_arrives_and_the_end_of_input_too(terminal):
    for command in ("cat", terminal.inside("/bin/cat")):
        terminal.start(command)
        time.sleep(0.5)
        terminal.start("typed")
        terminal.expect("typed")
        terminal.spawned.sendeof()
        terminal.prompted()
        assert terminal.status() == 0


def test_much_output_arrives_whole(terminal):
    script = "i=0; while [ $i -lt 3000 ]; do echo line-$i-of-output; i=$((i+1)); done; echo the-end"
    for command in (shlex.join(["/bin/sh", "-c", script]), terminal.inside("/bin/sh", "-c", script)):
        terminal.start(command)
        terminal.expect("the-end")
        lines = re.findall(r"line-(\d+)-of-output", terminal.spawned.before)
        assert lines == [str(number) for number in range(3000)]
        terminal.prompted()


def test_mews_shell_is_an_interactive_shell(terminal):
    terminal.start(f"{shlex.quote(terminal.sandbox.mews)} shell")
    time.sleep(1)
    terminal.start("echo inside-$MEWS-$((6*7)); exit 5")
    terminal.expect("inside-1-42")
    terminal.prompted()
    assert terminal.status() == 5
