"""`mews agent install claude-code --managed`: an administrator sets Mews up for everybody on the machine.

All of it happens in a copy of /etc.
"""

import json
import os
import pathlib

import pytest

from home import manage, tree
from playing import denials, differences, expected_records, misfits, play, records
from test_claude_code import ended, until_all_has_ended

FRAGMENT = pathlib.Path("/etc/claude-code/managed-settings.d/50-mews.json")
NONE = {"env": {"CLAUDE_CODE_SHELL_PREFIX": ""}, "disableAllHooks": True}
PLACES = [".claude/settings.json", "project/.claude/settings.json", "project/.claude/settings.local.json"]
OTHER = {"env": {"CLAUDE_CODE_SHELL_PREFIX": "/bin/bash -c"}, "hooks": {}, "disableAllHooks": True}


@pytest.fixture
def administrator(mews):
    """Runs `mews agent VERB claude-code --managed` as root."""

    def run(verb, *options):
        command = [mews, "agent", verb, "claude-code", *options]
        return manage(command, {"HOME": "/root", "PATH": "/usr/bin:/bin"}, "/")

    return run


@pytest.fixture
def machine(administrator):
    """A machine on which it is done; afterwards it is as it was."""
    # The accounts change with each home.
    before = {path: found for path, found in tree("/etc").items() if path != "passwd"}
    administrator("install", "--managed")
    yield
    administrator("remove", "--managed")
    assert {path: found for path, found in tree("/etc").items() if path != "passwd"} == before


def settle(home, path, settings):
    """Writes settings as the user's own."""
    path.write_text(json.dumps(settings))
    os.chown(path, home.world.user.pw_uid, home.world.user.pw_gid)


def held(home, world, *options, environment=None):
    """Has a session played, and holds it to what it is on such a machine."""
    model = play(home, world, "command", "managed")
    finished = home.run(home.claude("managed", *options), environment=environment)
    assert differences(model, "command") == [], finished
    assert ended(finished)["result"] == "The script managed has ended.", finished
    logs = (home.home / ".local/state/mews/audit").glob("*-*.jsonl")
    found = set().union(*(denials(records(log), home.home) for log in logs))
    assert misfits(found, expected_records(model, "command"), {"file.denied read cat ~/.ssh/id_ed25519"}) == []
    until_all_has_ended(home)


def test_everything_succeeds_where_nobody_has_set_it_up(new_home, world):
    home = new_home()
    model = play(home, world, "outside", "managed")
    finished = home.run(home.claude("managed"))
    assert differences(model, "outside") == [], finished


def test_the_commands_of_a_user_without_settings_are_held(machine, new_home, world, administrator):
    assert "nothing to do" in administrator("install", "--managed")
    home = new_home()
    held(home, world)
    assert not (home.home / ".claude/settings.json").exists() and not (home.home / ".config/mews").exists()
    status = home.run([str(home.mews), "agent", "status", "claude-code"])
    assert status.returncode == 0, status
    for line in (
        "commands, for all users: profile claude-code-command",
        f"  prefix {home.mews.parent}/mews-shell: set in {FRAGMENT}",
        "  hooks: all",
        "commands, for you: not set up",
    ):
        assert line in status.stdout.splitlines(), status.stdout


@pytest.mark.parametrize("settings", [NONE, OTHER], ids=["none", "other"])
@pytest.mark.parametrize("where", PLACES)
def test_settings_of_the_user_and_of_the_project_do_not_take_it_off(machine, new_home, world, where, settings):
    home = new_home()
    settle(home, home.home / where, settings)
    held(home, world)


def test_nor_do_options_and_the_environment(machine, new_home, world):
    home = new_home()
    held(home, world, f"--settings={json.dumps(NONE)}", environment=NONE["env"])
    held(home, world, "--setting-sources=", environment=OTHER["env"])
    held(home, world, "--safe-mode", environment={"CLAUDE_CODE_SHELL": "/bin/dash", "SHELL": "/bin/dash"})


def test_a_user_takes_off_only_what_is_his_own(machine, new_home, world):
    home = new_home()
    for verb in ("install", "remove"):
        assert home.run([str(home.mews), "agent", verb, "claude-code"]).returncode == 0
    for verb in ("install", "remove"):
        refused = home.run([str(home.mews), "agent", verb, "claude-code", "--managed"])
        assert refused.returncode == 3 and str(FRAGMENT) in refused.stderr, refused
    held(home, world)


def test_without_most_of_the_hooks_the_prefix_holds_all_the_same(machine, new_home, world):
    """`claude --bare` runs no hooks after a call, so that the model isn't told why."""
    home = new_home()
    model = play(home, world, "command", "managed")
    finished = home.run(home.claude("managed", "--bare"))
    (unlike,) = differences(model, "command")
    assert unlike.startswith("managed/says-why: ") and "Read-only file system" in unlike, finished
