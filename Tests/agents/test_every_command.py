"""Claude Code's real program outside, and each of its commands in the sandbox by mews-shell."""

import json
import subprocess
import time

import pytest

from person import ask
from playing import denials, differences, expected_records, misfits, play, records
from terminal import Terminal
from test_claude_code import ended, left_over, until_all_has_ended


TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def denied_in_call(home, identifier):
    """What `mews audit show` tells of one tool call."""
    shown = subprocess.run(
        [home.mews, "audit", "show", "--json", "--tool-use", identifier],
        env=home.environment,
        cwd=home.workspace,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert shown.returncode == 0, shown
    return denials(map(json.loads, shown.stdout.splitlines()), home.home)


@pytest.mark.usefixtures("reads_are_seen")
def test_each_command_is_held_and_the_agent_itself_is_not(new_home, world):
    home = new_home()
    logs = home.wire()
    model = play(home, world, "command", "session", "errand")
    finished = home.run(home.claude("session"), environment={"TRACEPARENT": TRACE})
    unlike = differences(model, "command")
    assert not unlike, "\n".join(unlike)
    assert ended(finished)["result"] == "The script session has ended." and finished.returncode == 0, finished
    # Each command has a session of its own.
    found = set().union(*(denials(records(log), home.home) for log in logs.glob("*-*.jsonl")))
    assert misfits(found, expected_records(model, "command")) == []
    # The model is told what holds before it is asked for anything.
    told = json.dumps(model.requests[0]["messages"])
    assert "Commands of the Bash tool run in a sandbox (Mews" in told and "mews why" in told
    # Whose command it was, and which trace it belongs to.
    starts = [records(log)[0]["unmapped"]["mews"] for log in logs.glob("*-*.jsonl")]
    calls = {start["agent"].get("tool_use"): start["agent"] for start in starts}
    assert "sub_agent" in calls["toolu_errand_1"] and "sub_agent" not in calls["toolu_session_2"]
    assert len({agent["session"] for agent in calls.values()}) == 1
    assert {start["trace_parent"] for start in starts} == {TRACE}
    # The hooks of the user's own come through the same prefix.
    assert set((home.workspace / "hooks.log").read_text().split()) == {"MEWS=1"}
    assert left_over(home.home) == []
    # What was denied is found by the call, of the agent and of a sub-agent. A hook of the user's that ran beside Mews's
    # own was once taken for the call.
    for script, step in (("session", "read-key"), ("session", "reach-by-name"), ("errand", "errand-reads-key")):
        number = [one["name"] for one in model.scripts[script]].index(step)
        expected = set(model.scripts[script][number]["records"])
        assert denied_in_call(home, f"toolu_{script}_{number}") == expected, step


@pytest.mark.parametrize("hooks", [True, False], ids=["hooks", "no hooks"])
def test_a_project_that_drops_the_prefix_is_noticed_by_the_hooks_alone(new_home, world, hooks):
    """The settings of a project win over the user's. What README.md says isn't held is shown to be so."""
    home = new_home()
    home.wire()
    settings = {"env": {"CLAUDE_CODE_SHELL_PREFIX": ""}, "disableAllHooks": not hooks}
    (home.workspace / ".claude/settings.json").write_text(json.dumps(settings))
    model = play(home, world, "command", "dropped")
    finished = home.run(home.claude("dropped"))
    said = model.results["dropped", "writes"].text
    assert ("CLAUDE_CODE_SHELL_PREFIX isn't" in said) is hooks, finished
    assert (home.home / "escaped").exists() is not hooks


def test_a_hook_that_is_killed_lets_a_call_through_into_the_sandbox(new_home, world):
    """The prefix is the wall. The control is the same call with the hooks, which refuse it."""
    for killed, said in ((False, "commands can't leave the sandbox"), (True, "id_rsa: ")):
        home = new_home()
        home.wire()
        own = home.home / ".claude/settings.json"
        settings = json.loads(own.read_text())
        for groups in settings["hooks"].values() if killed else ():
            for hook in groups[0]["hooks"]:
                hook["command"] = "kill -KILL $$"
        own.write_text(json.dumps(settings))
        model = play(home, world, "command", "managed")
        finished = home.run(home.claude("managed"))
        found = {name: result.text for (_, name), result in model.results.items()}
        assert said in found["without-sandbox"] and "KEY OF THE TESTS" not in "".join(found.values()), finished
        assert "done" in found["writes"] and (home.workspace / "managed.txt").exists()


def changes(home, logs):
    """What the logs tell of changes of the configuration."""
    notes = [
        note
        for log in logs.glob("*-*.jsonl")
        for line in records(log)
        for note in line["unmapped"]["mews"].get("notes", ())
    ]
    return [note.replace(str(home.home), "~") for note in notes if "configuration has changed" in note]


def test_on_a_terminal_the_status_line_is_held_and_a_change_of_the_settings_is_a_record(new_home, world):
    home = new_home()
    line = {"statusLine": {"type": "command", "command": 'echo "held: ${MEWS:-no}"', "refreshInterval": 1}}
    (home.home / ".claude/settings.json").write_text(json.dumps(line))
    logs = home.wire()
    (home.home / ".claude.json").write_text(json.dumps(home.known))
    play(home, world, "command", "hello")
    terminal = Terminal(["claude"], env=home.environment, cwd=home.workspace)
    try:
        terminal.wait(lambda _: terminal.has("shift+tab to cycle") or terminal.has("held:"), "ready")
        ask(terminal, "Please play [script hello]")
        terminal.shows("The script hello has ended")
        terminal.shows("held: 1")
        assert changes(home, logs) == []
        own = home.home / ".claude/settings.json"
        own.write_text(own.read_text().replace("{", '{"language": "english",', 1))
        deadline = time.monotonic() + 120
        while not changes(home, logs):
            assert time.monotonic() < deadline, terminal.text
            terminal.read_for(0.2)
        ask(terminal, "/exit")
        assert terminal.end() == 0, terminal.text
    finally:
        terminal.abandon()
    assert all("user_settings, ~/.claude/settings.json (sha256 " in note for note in changes(home, logs))
    until_all_has_ended(home)
