"""Codex's real program as a whole session in the sandbox."""

import pytest

import responses
from internet_of_agents import RESPONSES, SERVICE
from playing import denials, differences, expected_records, misfits, play, records

# How Codex is told that somebody else holds it: its own sandbox stands down.
STANDING_DOWN = "--dangerously-bypass-approvals-and-sandbox"
# What Codex tries by itself, as soon as it has time, each with the reason why it is right to be denied.
BY_ITSELF = {
    # Statistics, and a look for its next version: neither is of use to the session.
    "network.denied refuse codex* ab.chatgpt.com:443",
    "network.denied refuse codex* api.github.com:443",
    "network.denied refuse codex* github.com:443",
}


@pytest.fixture
def codex(programs):
    return programs["codex"]


def test_everything_succeeds_without_the_sandbox(new_home, world, codex):
    home = new_home()
    model = play(home, world, "outside", "codex", api=responses)
    finished = home.run(home.codex(codex, "codex", STANDING_DOWN))
    assert finished.returncode == 0 and differences(model, "outside") == [], finished


def inside(home, codex, *options):
    profile = home.profile("codex", hosts={RESPONSES: SERVICE})
    return home.run(home.inside(home.codex(codex, "codex", *options), profile, "--read", str(codex)))


@pytest.mark.usefixtures("reads_are_seen")
def test_a_session_does_its_work_and_is_refused_the_rest(new_home, world, codex):
    home = new_home()
    model = play(home, world, "whole", "codex", api=responses)
    began = len(world.seen)
    finished = inside(home, codex, STANDING_DOWN)
    assert finished.returncode == 0 and differences(model, "whole") == [], finished
    lines = records(home.log)
    assert misfits(denials(lines, home.home), expected_records(model, "whole"), BY_ITSELF) == [], finished.stderr
    assert {(seen.host, seen.address) for seen in world.seen[began:]} == {(RESPONSES, SERVICE)}
    assert not (home.home / ".codex").exists(), "what a Codex outside reads isn't made"


def test_its_own_sandbox_can_not_be_put_up_inside_and_nothing_runs_without(new_home, world, codex):
    """It is bubblewrap with a user namespace, which nothing inside can make. Codex then runs no command at all, rather
    than one outside of its sandbox; so it is told to stand down."""
    home = new_home()
    model = play(home, world, "whole", "codex", api=responses)
    finished = inside(home, codex, "--sandbox=workspace-write")
    assert finished.returncode == 0, finished
    for step in model.scripts["codex"]:
        text = model.results["codex", step["name"]].text
        assert "bwrap: No permissions to create new namespace" in text and "exited with code 1" in text, text
    found = denials(records(home.log), home.home)
    assert {record for record in found if record.startswith("syscall.denied bwrap")}, found
