"""Claude Code's real program as a whole session in the sandbox: what it does, is refused, and what the log tells."""

import contextlib
import json
import os
import pathlib
import shlex
import subprocess
import time

import pytest

from home import tree
from internet_of_agents import MESSAGES, SERVICE
from playing import denials, differences, expected_records, misfits, play, records
from terminal import Terminal

# Claude Code itself looks at the files that a command names.
LOOKS = {"file.denied read claude ~/.ssh/*", "file.denied read claude ~/.aws/credentials"}
# What it may try by itself on a terminal, as soon as it has time, each with the reason why it is right to be
# denied.
ON_A_TERMINAL = {
    # It looks for the package that it was installed with.
    "file.denied read dpkg /etc/dpkg/dpkg.cfg.d",
    # It registers itself for links in browsers: a program that the desktop would run outside.
    "file.denied create claude ~/.local/share/applications",
}
# Where the project has settings of its user's own, it adds them to what git ignores everywhere.
GLOBAL_IGNORE = "file.denied create claude ~/.config"


def ended(finished):
    """What Claude Code says at its end, which has to be a normal one."""
    assert finished.stdout.strip(), finished
    result = json.loads(finished.stdout.splitlines()[-1])
    assert result["type"] == "result" and not result["is_error"], finished
    return result


def left_over(home):
    """The processes that have this home in their environment."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            variables = pathlib.Path("/proc", name, "environ").read_bytes().split(b"\0")
            state = pathlib.Path("/proc", name, "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if f"HOME={home}".encode() in variables and state not in "ZX":
            found.append(name)
    return found


def until_all_has_ended(home):
    deadline = time.monotonic() + 120
    while left_over(home.home):
        assert time.monotonic() < deadline, "something of Claude Code goes on"
        time.sleep(0.1)


def sleeping(home):
    """The commands of the home that only wait."""
    found = []
    for name in left_over(home.home):
        with contextlib.suppress(OSError):
            found += [name] if pathlib.Path("/proc", name, "comm").read_text() == "sleep\n" else []
    return found


@pytest.fixture
def session(new_home, world):
    """A home, and the profile for a whole session in it. The state that Claude Code finds is what its user brought."""

    def make():
        home = new_home()
        home.seed()
        return home, home.profile(hosts={MESSAGES: SERVICE})

    return make


def test_everything_succeeds_without_the_sandbox(new_home, world):
    """The control: each act that is refused below is really one."""
    home = new_home()
    model = play(home, world, "outside", "session", "errand")
    finished = home.run(home.claude("session"))
    assert differences(model, "outside") == [], finished


@pytest.mark.usefixtures("reads_are_seen")
def test_a_session_does_its_work_and_is_refused_the_rest(session, world):
    home, profile = session()
    model = play(home, world, "whole", "session", "errand")
    began, asked = len(world.seen), len(world.names.questions)
    finished = home.run(home.inside(home.claude("session"), profile))
    assert differences(model, "whole") == [], finished
    assert ended(finished)["result"] == "The script session has ended." and finished.returncode == 0, finished

    lines = records(home.log)
    assert misfits(denials(lines, home.home), expected_records(model, "whole"), LOOKS) == [], finished.stderr

    # All of it went through the door, to the service's name and address; nothing else was reached or asked for.
    allowed = [line for line in lines if line["metadata"]["event_code"] == "network.allowed"]
    reached = {(line["dst_endpoint"]["hostname"], line["dst_endpoint"]["ip"]) for line in allowed}
    assert reached == {(MESSAGES, SERVICE)} and sum(line["activity_id"] == 1 for line in allowed) > 0
    assert {(seen.host, seen.address) for seen in world.seen[began:]} == {(MESSAGES, SERVICE)}
    assert world.names.asked(asked) == []

    # The hooks ran inside too, before and after the commands.
    hooks = (home.workspace / "hooks.log").read_text().split()
    assert set(hooks) == {"MEWS=1"} and len(hooks) >= 2 * 15, hooks
    verified = subprocess.run([home.mews, "audit", "verify", home.log], capture_output=True, text=True, timeout=60)
    assert verified.returncode == 0 and "UNANCHORED" in verified.stdout, verified
    assert left_over(home.home) == []
    assert not (home.home / "escaped").exists()


def claude_files(home):
    """The files of the Claude Code outside."""
    found = [path for path in (home.home / ".claude").rglob("*") if path.is_file()] + [home.home / ".claude.json"]
    assert len(found) > 3, found
    return found


# What a user has written for the Claude Code outside.
OWN = {"CLAUDE.md": "Be brief.\n", "settings.json": '{"model": "opus"}\n', "commands/greet.md": "Greet.\n"}


def outside_first(home, world):
    """Has a Claude Code outside make its files, beside its user's; gives the words of a shell that name them."""
    for name, text in OWN.items():
        path = home.home / ".claude" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    play(home, world, "outside", "hello")
    ended(home.run(home.claude("hello")))
    until_all_has_ended(home)
    return " ".join(shlex.quote(str(path)) for path in claude_files(home))


def test_a_claude_code_outside_finds_its_files_as_they_were(session, new_home, world):
    control = new_home()
    files = outside_first(control, world)
    play(control, world, "outside", "vandal", files=files)
    control.run(control.claude("vandal"))
    assert not any((control.home / ".claude" / name).exists() for name in OWN), "the control: they can be changed"

    home, profile = session()
    files = outside_first(home, world)
    # The program's locks in the directory of states come and go with each program.
    but = (home.state, home.workspace, home.home / ".cache/mews", home.home / ".local/state")
    before = tree(home.home, but)
    paths = claude_files(home)
    play(home, world, "whole", "vandal", files=files)
    finished = home.run(home.inside(home.claude("vandal"), profile))
    assert ended(finished)["result"] == "The script vandal has ended."
    assert tree(home.home, but) == before
    told = {record.split(maxsplit=3)[3] for record in denials(records(home.log), home.home)}
    missing = [path for path in paths if str(path).replace(str(home.home), "~") not in told]
    assert missing == [], "each of the files has a record"


def with_something_to_obey(home):
    """What a project can tell a Claude Code that starts in it."""
    for name in (".mcp.json", ".claude/settings.local.json"):
        (home.workspace / name).write_text("{}\n")
    for name in ("agents", "commands", "hooks", "skills", "workflows"):
        path = home.workspace / ".claude" / name / "own.md"
        path.parent.mkdir()
        path.write_text("Be brief.\n")
    return home


def test_what_a_claude_code_obeys_when_it_starts_is_not_changed_by_one(session, new_home, world):
    control = with_something_to_obey(new_home())
    model = play(control, world, "outside", "obeyed")
    finished = control.run(control.claude("obeyed"))
    assert differences(model, "outside") == [], finished

    home, profile = session()
    with_something_to_obey(home)
    model = play(home, world, "whole", "obeyed")
    before = tree(home.workspace / ".claude")
    finished = home.run(home.inside(home.claude("obeyed"), profile))
    assert differences(model, "whole") == [], finished
    assert misfits(denials(records(home.log), home.home), expected_records(model, "whole"), {GLOBAL_IGNORE}) == []
    assert tree(home.workspace / ".claude") == before and (home.workspace / ".mcp.json").read_text() == "{}\n"


def test_an_agent_that_is_killed_from_inside_leaves_nothing(session, world):
    """Inside it is one process among others; the sandbox isn't one of them."""
    home, profile = session()
    play(home, world, "whole", "parricide")
    finished = home.run(home.inside(home.claude("parricide"), profile))
    assert finished.returncode == 128 + 9, finished
    lines = records(home.log)
    assert lines[-1]["metadata"]["event_code"] == "session.end" and denials(lines, home.home) == set()
    assert left_over(home.home) == []


def test_a_session_on_a_terminal(session, world):
    """It draws, takes up another size, and is interrupted by Ctrl-C in the middle of a command."""
    home, profile = session()
    model = play(home, world, "whole", "terminal")
    command = home.inside(["claude", "--dangerously-skip-permissions"], profile)
    terminal = Terminal(command, env=home.environment, cwd=home.workspace)
    try:
        terminal.shows("bypass permissions on")
        terminal.wait(lambda lines: "─" * 100 in lines, "as wide as the terminal")
        terminal.type("Please play [script terminal]")
        terminal.shows("Please play [script terminal]")
        terminal.type("\r")
        terminal.shows("Step wait")
        terminal.resize(40, 140)
        terminal.wait(lambda lines: "─" * 140 in lines, "as wide as the terminal is now")
        terminal.wait(lambda _: (home.workspace / "started").exists(), "the command runs")
        terminal.type("\x03")
        terminal.shows("What should Claude do instead?")
        terminal.wait(lambda _: not sleeping(home), "the command has ended")
        terminal.type("/exit")
        terminal.shows("/exit")
        terminal.type("\r")
        assert terminal.end() == 0, terminal.output[-2000:]
    finally:
        terminal.abandon()
    assert len(model.requests) > 0
    assert misfits(denials(records(home.log), home.home), (), ON_A_TERMINAL) == [], terminal.output[-3000:]
    assert left_over(home.home) == []
