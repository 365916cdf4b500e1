"""An interactive shell under a real terminal: job control, Ctrl-C and the window's size, inside as outside."""

import os
import re
import termios
import time

import pexpect
import pytest

from place import Place

PROMPT = "ready> "
BASH = ["/bin/bash", "--norc", "--noprofile", "-i"]


class Terminal:
    """A program under a pseudoterminal of 100 columns and 30 rows, and everything that it answered."""

    def __init__(self, place: Place, arguments: list[str]) -> None:
        self.child = pexpect.spawn(
            arguments[0], arguments[1:], env={**place.environment, "PS1": PROMPT}, cwd=str(place.workspace),
            dimensions=(30, 100), encoding="utf-8", codec_errors="replace", timeout=10)
        self.transcript: list[str] = []

    def ask(self, line: str) -> str:
        """Types a line and returns what comes until the next prompt, without the echo."""
        self.child.sendline(line)
        return self.until_prompt().removeprefix(line)

    def until_prompt(self) -> str:
        self.child.expect_exact(PROMPT)
        answer = clean(self.child.before)
        self.transcript.append(answer)
        return answer

    def settle(self) -> None:
        """Waits until the shell has answered: it shows its first prompt twice when the window's size comes late."""
        self.child.expect_exact(PROMPT)
        self.child.sendline("echo sett$((1 - 1))led")
        self.child.expect_exact("sett0led")
        self.until_prompt()

    def end(self) -> tuple[int | None, int | None]:
        """Waits for the program's end; its exit status and the signal that ended it."""
        self.child.expect(pexpect.EOF)
        self.child.close()
        return self.child.exitstatus, self.child.signalstatus


def clean(text: str) -> str:
    """What a terminal shows, without what is different in any two runs or is only for the terminal."""
    text = re.sub(r"\x1b\[\?2004[hl]\r?", "", text)  # bash switches bracketed paste on and off around each line
    text = re.sub(r"^(\[\d+\][ +-]*) \d+$", r"\1 PID", text, flags=re.MULTILINE)  # a job's process number
    return text.replace("\r\n", "\n").strip("\r\n")


@pytest.fixture(params=["outside", "inside", "mews shell"])
def shell(request, place):
    """An interactive bash that shows the prompt; every test below has to hold for all three of them alike."""
    if request.param == "mews shell":
        terminal = Terminal(place, [str(place.mews), "shell", *place.skeleton_options])
        # The user's own bash decides about its first prompt: wait until it listens, then set ours.
        terminal.child.expect(r"[$#] ")
        terminal.child.sendline(f"PS1='{PROMPT[:-1]} '")
        terminal.child.expect_exact(f"{PROMPT[:-1]} '")
    else:
        inside = place.inside_command(BASH, ["--env", f"PS1={PROMPT}"])
        terminal = Terminal(place, BASH if request.param == "outside" else inside)
    terminal.settle()
    yield terminal
    terminal.child.close(force=True)


def test_ctrl_z_stops_a_job_and_fg_and_bg_take_it_up(shell):
    shell.child.sendline("sleep 300")
    time.sleep(0.3)
    shell.child.sendcontrol("z")
    assert re.search(r"\[1\]\+ +Stopped +sleep 300", shell.until_prompt())
    assert re.fullmatch(r"\s*\[1\]\+ +Stopped +sleep 300", shell.ask("jobs"))
    assert re.search(r"\[1\]\+ sleep 300 &", shell.ask("bg"))
    assert re.search(r"\[1\]\+ +Running +sleep 300 &", shell.ask("jobs"))
    shell.child.sendline("fg")
    shell.child.expect_exact("sleep 300")
    time.sleep(0.3)
    shell.child.sendcontrol("c")
    shell.until_prompt()
    assert shell.ask("echo status $?").strip() == "status 130"
    assert shell.ask("jobs").strip() == ""


def test_ctrl_c_reaches_the_foreground_job_only(shell):
    shell.ask("sleep 300 &")
    shell.child.sendline("sleep 200")
    time.sleep(0.3)
    shell.child.sendcontrol("c")
    shell.until_prompt()
    assert re.search(r"Running +sleep 300", shell.ask("jobs"))
    assert shell.ask("kill %1; wait; echo killed").strip().endswith("killed")


def test_ctrl_backslash_and_ctrl_d(shell):
    shell.child.sendline("sleep 300")
    time.sleep(0.3)
    shell.child.sendcontrol("\\")
    shell.until_prompt()
    assert shell.ask("echo status $?").strip() == "status 131"
    shell.child.sendline("cat; echo cat ended with $?")
    shell.child.sendline("typed")
    shell.child.expect_exact("typed\r\ntyped")
    shell.child.sendcontrol("d")
    assert "cat ended with 0" in shell.until_prompt()


def test_the_window_s_size_is_the_terminal_s_and_changes_with_it(shell, scripts):
    assert shell.ask("stty size").strip() == "30 100"
    shell.child.setwinsize(41, 87)
    time.sleep(0.3)
    shell.child.sendline("stty size")
    shell.child.expect_exact("41 87")
    shell.until_prompt()
    text = (scripts / "window-size.py").read_text().replace("'", "'\\''")
    shell.child.setecho(False)
    shell.child.sendline("stty -echo")
    shell.until_prompt()
    shell.child.sendline(f"python3 -c '{text}'")
    shell.child.expect_exact("watching")
    shell.child.setwinsize(25, 81)
    shell.child.expect_exact("size 81x25")
    shell.child.sendline("")
    shell.until_prompt()


def test_the_shell_is_on_a_terminal_of_which_it_is_the_foreground(shell):
    assert re.fullmatch(r"/dev/pts/\d+", shell.ask("tty").strip())
    assert shell.ask("echo typed > /dev/tty").strip() == "typed"
    assert shell.ask("[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo terminals").strip() == "terminals"


@pytest.mark.parametrize("how", ["exit 7", "false; exit"])
def test_the_shell_s_status_is_the_run_s(shell, how):
    shell.child.sendline(how)
    assert shell.end() == (7 if how == "exit 7" else 1, None)


def test_full_screen_programs_can_set_the_terminal_and_leave_it_as_it_was(shell):
    before = shell.ask("stty -g")
    raw = "python3 -c 'import tty,sys,os; tty.setraw(0); print(repr(os.read(0, 1)), end=str())'; stty sane"
    shell.child.sendline(raw)
    time.sleep(0.5)
    shell.child.send("\x03")
    assert r"b'\x03'" in shell.until_prompt()
    shell.ask(f"stty {before.strip()}")
    assert shell.ask("stty -g").strip() == before.strip()


class TestMewsUnderAnOuterShell:
    """Mews is itself a job of the user's shell."""

    @pytest.fixture
    def outer(self, place):
        terminal = Terminal(place, BASH)
        terminal.settle()
        yield terminal
        terminal.child.close(force=True)

    def test_ctrl_z_stops_the_whole_run_and_fg_takes_it_up(self, outer, place):
        command = " ".join(place.inside_command(["/bin/cat"]))
        settings = outer.ask("stty -g")
        outer.child.sendline(command)
        outer.child.sendline("before")
        outer.child.expect_exact("before\r\nbefore")
        outer.child.sendcontrol("z")
        assert "Stopped" in outer.until_prompt()
        assert outer.ask("stty -g") == settings, "the terminal is the outer shell's again"
        outer.child.sendline("fg")
        outer.child.expect_exact("cat")
        time.sleep(0.3)
        outer.child.sendline("after")
        outer.child.expect_exact("after\r\nafter")
        outer.child.sendcontrol("d")
        outer.until_prompt()
        assert outer.ask("echo status $?").strip() == "status 0"
        assert outer.ask("stty -g") == settings

    def test_ctrl_c_ends_the_run_by_sigint_and_the_shell_goes_on(self, outer, place):
        settings = outer.ask("stty -g")
        outer.child.sendline(" ".join(place.inside_command(["/bin/sleep", "300"])) + "; echo not reached")
        time.sleep(0.7)
        outer.child.sendcontrol("c")
        # bash gives the rest of a line up only when the program really died of SIGINT.
        assert "not reached" not in outer.until_prompt().split("\n", 1)[-1]
        assert outer.ask("echo status $?").strip() == "status 130"
        assert outer.ask("stty -g") == settings

    def test_a_run_in_a_pipe_leaves_the_terminal_alone(self, outer, place):
        command = " ".join(place.inside_command(["/bin/echo", "through"]))
        assert "through" in outer.ask(f"{command} | cat")
        assert outer.ask("echo ${PIPESTATUS[0]}").strip() == "0"


def test_the_callers_terminal_is_not_reachable_from_inside(place):
    """Inside, /dev/tty and descriptor 0 are the sandbox's own terminal, the only one there."""
    terminal = Terminal(place, place.inside_command(["/bin/sh", "-c", "tty; ls /dev/pts"]))
    terminal.child.expect(pexpect.EOF)
    lines = terminal.child.before.split()
    assert lines[0] == "/dev/pts/0"
    assert set(lines[1:]) == {"0", "ptmx"}


@pytest.fixture(autouse=True)
def terminal_settings_of_the_test_run_are_kept():
    """The tests' own terminal, if there is one, is none of theirs."""
    before = termios.tcgetattr(0) if os.isatty(0) else None
    yield
    assert before is None or termios.tcgetattr(0) == before
