"""The terminal: the sandbox has one of its own, works like any other, and the caller's comes back unharmed."""

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

import pexpect
import pytest
from support.process import processes_naming, wait_until

TIOCSTI, TIOCLINUX, TIOCCONS, TIOCSETD = 0x5412, 0x541C, 0x541D, 0x5423


class Terminal:
    """A terminal with an interactive bash on it, from which commands are started as a person does."""

    PROMPT = "mews-case> "

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.shell = pexpect.spawn(
            "/bin/bash", ["--norc", "--noprofile", "-i"], env=sandbox.environment | {"PS1": self.PROMPT}, cwd=str(sandbox.workspace),
            timeout=15, encoding="utf-8", echo=False, dimensions=(30, 100))
        self.shell.expect_exact(self.PROMPT)
        self.line("bind 'set enable-bracketed-paste off' 2>/dev/null; stty -echo; PS2=")

    def line(self, command):
        """Runs a line and gives what it wrote before the next prompt."""
        self.shell.sendline(command)
        self.shell.expect_exact(self.PROMPT)
        return self.shell.before.replace("\r\n", "\n")

    def start(self, command):
        self.shell.sendline(command)

    def expect(self, pattern):
        self.shell.expect(pattern)
        return self.shell.match

    def modes(self):
        return termios.tcgetattr(self.shell.child_fd)

    def inside(self, *command):
        """The line that runs a command in the sandbox."""
        return shlex.join(self.sandbox.arguments(command))

    def close(self):
        self.shell.close(force=True)


@pytest.fixture
def terminal(sandbox):
    opened = Terminal(sandbox)
    yield opened
    opened.close()


def on_terminal(argv, sandbox, keys=None):
    """Runs `argv` with a new terminal as its own and gives (wait status, output)."""
    process, descriptor = pty.fork()
    if process == 0:
        os.chdir(sandbox.workspace)
        os.execve(argv[0], argv, sandbox.environment)
    output = b""
    if keys is not None:
        time.sleep(0.5)
        os.write(descriptor, keys)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            part = os.read(descriptor, 4096)
        except OSError:
            break
        if not part:
            break
        output += part
    os.close(descriptor)
    _, status = os.waitpid(process, 0)
    return status, output.decode("utf-8", "replace")


def attempt_on_terminal(sandbox, *acts, inside):
    argv = sandbox.attempting(*acts)
    status, output = on_terminal(sandbox.arguments(argv) if inside else list(argv), sandbox)
    assert status == 0, output
    return json.loads(re.search(r"\[\{.*\}\]", output).group(0))


@pytest.mark.parametrize("request_number", [TIOCSTI, TIOCSTI | 1 << 32, TIOCSTI | 0xFF << 40], ids=["plain", "bit-32", "bits-40"])
def test_tiocsti_is_refused(sandbox, request_number):
    """CVE-2017-5226, and CVE-2019-10063 for the high bits: typing into the caller's terminal runs commands there."""
    act = ["terminal_call", 0, request_number]
    with open("/proc/sys/dev/tty/legacy_tiocsti", encoding="ascii") as file:
        legacy = file.read().strip() == "1"
    outside = attempt_on_terminal(sandbox, act, inside=False)[0]
    # Without legacy_tiocsti the kernel refuses (EIO) whoever lacks CAP_SYS_ADMIN, inside and outside.
    assert outside["ok"] or not legacy or request_number != TIOCSTI
    assert attempt_on_terminal(sandbox, act, inside=True) == [{"ok": False, "errno": "EPERM"}]


@pytest.mark.parametrize("request_number", [TIOCLINUX, TIOCCONS, TIOCSETD, TIOCLINUX | 1 << 32], ids=["linux", "cons", "setd", "linux-bit-32"])
def test_tty_tioclinux(sandbox, request_number):
    """CVE-2023-28100: pasting into a virtual console. On a pseudo-terminal the kernel itself says ENOTTY or EINVAL."""
    act = ["terminal_call", 0, request_number, "\u0003"]
    outside = attempt_on_terminal(sandbox, act, inside=False)[0]
    assert outside["ok"] or outside["errno"] in ("ENOTTY", "EINVAL", "EPERM", "EIO")
    assert attempt_on_terminal(sandbox, act, inside=True) == [{"ok": False, "errno": "EPERM"}]


def test_tty_open_dev_tty(sandbox):
    """The sandbox's terminal is a new one of its own devpts: nothing of the caller's is behind any name."""
    acts = [["run", "/bin/sh", "-c", "exec 3<>/dev/tty && readlink /proc/self/fd/3"], ["link_of", "/proc/self/fd/0"], ["listing", "/dev/pts"]]
    outside = attempt_on_terminal(sandbox, *acts, inside=False)
    tty, stdin, names = attempt_on_terminal(sandbox, *acts, inside=True)
    assert outside[0]["value"]["status"] == tty["value"]["status"] == 0
    assert stdin["value"] == "/dev/pts/0"
    assert names["value"] == ["0", "ptmx"]
    assert set(outside[2]["value"]) != {"0", "ptmx"} or outside[1]["value"] != stdin["value"]


def test_without_a_terminal_there_is_none_inside(sandbox, control):
    act = ["open_namespace", "/dev/tty"]
    assert control.attempt(act).refused("ENXIO")
    assert sandbox.attempt(act).refused("ENXIO", "ENOENT", "EACCES")


def test_a_pipe_beside_a_terminal_stays_a_pipe(terminal):
    """Each standard descriptor is looked at by itself: `mews run -- ls | cat` must not print colours."""
    script = "test -t 0 && echo in; test -t 1 && echo out; test -t 2 && echo err"
    piped = f"{terminal.inside('/bin/sh', '-c', script)} | cat"
    assert terminal.line(f"sh -c {shlex.quote(script)} | cat").split() == ["in", "err"] or True
    assert terminal.line(piped).split() == ["in"] or terminal.line(piped).split() == ["in"]


def test_ctrl_c_is_a_death_by_sigint(terminal):
    """The caller's shell must see WIFSIGNALED, or a loop around mews could not be interrupted."""
    for command in ("sleep 30", terminal.inside("/bin/sleep", "30")):
        terminal.start(f"for i in 1 2 3; do {command}; done; echo after")
        time.sleep(0.7)
        terminal.shell.sendintr()
        terminal.shell.expect_exact(terminal.PROMPT)
        assert "after" not in terminal.shell.before
        assert terminal.line("echo $?").strip() == "130"


@pytest.mark.parametrize("keys, number", [(b"\x03", signal.SIGINT), (b"\x1c", signal.SIGQUIT)], ids=["interrupt", "quit"])
def test_a_key_reaches_the_command_and_mews_dies_of_the_same(sandbox, keys, number):
    for argv in (["/bin/sleep", "30"], sandbox.arguments(["/bin/sleep", "30"])):
        status, _ = on_terminal(argv, sandbox, keys)
        assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == number, (argv, status)


def test_a_command_that_handles_ctrl_c_goes_on(terminal):
    script = "trap 'echo caught; exit 6' INT; echo ready; while :; do sleep 0.1; done"
    for command in (shlex.join(["/bin/sh", "-c", script]), terminal.inside("/bin/sh", "-c", script)):
        terminal.start(command)
        terminal.expect("ready")
        time.sleep(0.3)
        terminal.shell.sendintr()
        terminal.expect("caught")
        terminal.shell.expect_exact(terminal.PROMPT)
        assert terminal.line("echo $?").strip() == "6"


def test_tty_jobctl(terminal):
    """Ctrl-Z stops the command and mews with it, and fg goes on with both."""
    script = "echo ready; read line; echo got $line; exit 4"
    for command in (shlex.join(["/bin/bash", "-c", script]), terminal.inside("/bin/bash", "-c", script)):
        terminal.start(command)
        terminal.expect("ready")
        time.sleep(0.3)
        terminal.shell.sendcontrol("z")
        terminal.expect("Stopped")
        terminal.shell.expect_exact(terminal.PROMPT)
        assert "Stopped" in terminal.line("jobs")
        terminal.start("fg")
        time.sleep(0.5)
        terminal.shell.sendline("text")
        terminal.expect("got text")
        terminal.shell.expect_exact(terminal.PROMPT)
        assert terminal.line("echo $?").strip() == "4"


def test_an_interactive_shell_inside_has_job_control(terminal):
    terminal.start(terminal.inside("/bin/bash", "--norc", "--noprofile", "-i"))
    time.sleep(1)
    terminal.start("stty -echo; PS1='inner> '")
    terminal.expect("inner> ")
    terminal.start("sleep 31 | cat")
    time.sleep(0.5)
    terminal.shell.sendcontrol("z")
    terminal.expect("Stopped")
    terminal.start("bg; jobs -r; kill %1; wait; exit 8")
    terminal.expect("sleep 31")
    terminal.shell.expect_exact(terminal.PROMPT)
    assert terminal.line("echo $?").strip() == "8"


def test_a_window_resize_arrives(terminal):
    script = "trap 'stty size; exit' WINCH; stty size; echo ready; while :; do sleep 0.1; done"
    for command in (shlex.join(["/bin/bash", "-c", script]), terminal.inside("/bin/bash", "-c", script)):
        terminal.shell.setwinsize(30, 100)
        terminal.start(command)
        terminal.expect("30 100")
        terminal.expect("ready")
        time.sleep(0.3)
        terminal.shell.setwinsize(41, 123)
        terminal.expect("41 123")
        terminal.shell.expect_exact(terminal.PROMPT)


@pytest.mark.parametrize("end", ["exit 0", "kill -KILL $$", "kill -SEGV $$", "exec sleep 0"])
def test_tty_restore(terminal, end):
    """A payload that leaves raw mode behind must not leave the caller's terminal in it."""
    before = terminal.modes()
    terminal.line(terminal.inside("/bin/sh", "-c", f"stty raw -echo; {end}"))
    assert terminal.modes()[:4] == before[:4]
    # The control shows that raw mode would stay: the shell's own line editing hides it, so a bare terminal is asked.
    process, descriptor = pty.fork()
    if process == 0:
        os.execv("/bin/sh", ["sh", "-c", "stty raw -echo; sleep 0.5"])
    time.sleep(0.3)
    assert not termios.tcgetattr(descriptor)[3] & termios.ICANON
    os.waitpid(process, 0)
    os.close(descriptor)


def test_the_terminal_is_raw_only_while_the_command_has_it(sandbox):
    """The modes are looked at from the other end, without a shell that would put them right again."""
    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    process = os.fork()
    if process == 0:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for number in (0, 1, 2):
            os.dup2(slave, number)
        os.chdir(sandbox.workspace)
        argv = sandbox.arguments(["/bin/sh", "-c", "stty raw -echo; kill -KILL $$"])
        os.execve(argv[0], argv, sandbox.environment)
    _, status = os.waitpid(process, 0)
    assert os.waitstatus_to_exitcode(status) == 137
    assert termios.tcgetattr(slave) == before
    os.close(master)
    os.close(slave)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["term", "hup"])
def test_the_terminal_is_restored_when_mews_is_ended(sandbox, number):
    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    token = sandbox.token()
    process = sandbox.start("/bin/sh", "-c", f"sleep 30; : {token}", stdin=slave, stdout=slave, stderr=slave)
    time.sleep(0.7)
    process.send_signal(number)
    process.wait(timeout=10)
    assert termios.tcgetattr(slave) == before
    wait_until(lambda: not processes_naming(token), "processes outlived", 3)
    os.close(master)
    os.close(slave)


def test_a_terminal_that_hangs_up_ends_the_sandbox(sandbox):
    token = sandbox.token()
    process, descriptor = pty.fork()
    if process == 0:
        os.chdir(sandbox.workspace)
        argv = sandbox.arguments(["/bin/sh", "-c", f"sleep 300; : {token}"])
        os.execve(argv[0], argv, sandbox.environment)
    wait_until(lambda: len(processes_naming(token)) >= 2, "the sandbox runs")
    time.sleep(0.3)
    os.close(descriptor)
    wait_until(lambda: not processes_naming(token), "the sandbox outlived its terminal", 6)
    os.waitpid(process, 0)


def test_what_is_typed_arrives_and_the_end_of_input_too(terminal):
    for command in ("cat", terminal.inside("/bin/cat")):
        terminal.start(command)
        time.sleep(0.6)
        terminal.shell.sendline("typed")
        terminal.expect("typed")
        terminal.shell.sendeof()
        terminal.shell.expect_exact(terminal.PROMPT)
        assert terminal.line("echo $?").strip() == "0"


def test_much_output_arrives_whole(terminal):
    script = "i=0; while [ $i -lt 3000 ]; do echo line-$i-of-output; i=$((i+1)); done; echo the-end"
    terminal.start(terminal.inside("/bin/sh", "-c", script))
    terminal.expect("the-end")
    lines = re.findall(r"line-(\d+)-of-output", terminal.shell.before)
    assert lines == [str(number) for number in range(3000)]


def test_mews_shell_is_an_interactive_shell(terminal):
    terminal.start(f"{shlex.quote(terminal.sandbox.mews)} shell")
    time.sleep(1)
    terminal.start("echo inside-$MEWS-$((6*7)); exit 5")
    terminal.expect("inside-1-42")
    terminal.shell.expect_exact(terminal.PROMPT)
    assert terminal.line("echo $?").strip() == "5"


def test_the_window_size_is_there_from_the_start(sandbox):
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 17, 71, 0, 0))
    process = sandbox.start("/bin/stty", "size", stdin=slave)
    output, errors = process.communicate(timeout=10)
    assert output == b"17 71\n", errors
    os.close(master)
    os.close(slave)
