"""Claude Code's real program outside, and each of its commands in the sandbox by mews-shell."""

import json
import subprocess

from playing import denials, differences, expected_records, misfits, play, records
from test_claude_code import ended, left_over


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


def test_each_command_is_held_and_the_agent_itself_is_not(new_home, world):
    home = new_home()
    logs = home.wire()
    model = play(home, world, "command", "session", "errand")
    finished = home.run(home.claude("session"))
    unlike = differences(model, "command")
    assert not unlike, "\n".join(unlike)
    assert ended(finished)["result"] == "The script session has ended." and finished.returncode == 0, finished
    # Each command has a session of its own.
    found = set().union(*(denials(records(log), home.home) for log in logs.glob("*-*.jsonl")))
    assert misfits(found, expected_records(model, "command")) == []
    # The hooks of the user's own come through the same prefix.
    assert set((home.workspace / "hooks.log").read_text().split()) == {"MEWS=1"}
    assert left_over(home.home) == []
    # What was denied is found by the call, of the agent and of a sub-agent. A hook of the user's that ran beside Mews's
    # own was once taken for the call.
    for script, step in (("session", "read-key"), ("session", "reach-by-name"), ("errand", "errand-reads-key")):
        number = [one["name"] for one in model.scripts[script]].index(step)
        expected = set(model.scripts[script][number]["records"])
        assert denied_in_call(home, f"toolu_{script}_{number}") == expected, step
