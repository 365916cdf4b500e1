"""`mews agent install claude-code --seed`: what a session inside gets of what its user's Claude Code outside knows."""

import json

import pytest

import accounts
from home import tree
from internet_of_agents import ACCOUNTS, MESSAGES, SERVICE
from person import on_a_terminal
from playing import denials, misfits, play, records
from test_claude_code import ON_A_TERMINAL, ended, left_over, until_all_has_ended

# What a user has in the settings: two preferences, and what runs something or lets it run.
TOLD = 'echo "ran, MEWS=$MEWS" >> "$CLAUDE_PROJECT_DIR/hooks-of-outside.log"'
SETTINGS = {
    "model": "haiku",
    "language": "english",
    "env": {"FROM_OUTSIDE": "1"},
    "hooks": {"UserPromptSubmit": [{"hooks": [{"type": "command", "command": TOLD}]}]},
    "statusLine": {"type": "command", "command": TOLD},
    "permissions": {"allow": ["Bash(git push:*)"]},
}
# What of all that lies in the state of whole sessions afterwards.
COPIED = {
    ".claude.json": {"hasCompletedOnboarding", "lastOnboardingVersion", "numStartups", "oauthAccount", "userID"},
    "settings.json": {"model", "language", "theme", "disableDeepLinkRegistration"},
}


@pytest.fixture
def user(new_home, world):
    """A home whose user has a login, servers of tools, hooks and preferences, and has had sessions."""
    home = new_home(key=None)
    accounts.log_in(home, world)
    (home.home / ".claude" / "settings.json").write_text(json.dumps(SETTINGS, indent=2) + "\n")
    added = ["claude", "mcp", "add", "--scope", "user", "notes", "--", "/usr/bin/python3", "tools/notes_server.py"]
    assert home.run(added).returncode == 0
    play(home, world, "outside", "hello")
    on_a_terminal(lambda: ["claude"], home, "hello", is_new=True)
    until_all_has_ended(home)
    return home


def seed(home):
    return home.run([str(home.mews), "agent", "install", "claude-code", "--seed"])


def outside(home):
    """What the user has beside the state of whole sessions, and what the program and Mews keep for themselves."""
    but = (home.state.parents[1], home.workspace, home.home / ".cache/mews", home.home / ".local/state")
    return tree(home.home, but)


def test_the_login_and_preferences_come_along_and_nothing_else(user, world):
    place = user.home / ".claude"
    assert (user.workspace / "hooks-of-outside.log").read_text().startswith("ran, MEWS=\n"), "the control: hooks run"
    (user.workspace / "hooks-of-outside.log").unlink()
    known = json.loads((user.home / ".claude.json").read_text())
    assert known["mcpServers"] and known["projects"], "the control: there is more to be copied"
    assert (place / "history.jsonl").exists() and list(place.glob("projects/*/*.jsonl"))

    before = outside(user)
    first = seed(user)
    assert first.returncode == 0 and "the login, the account, preferences" in first.stdout, first
    planted = tree(user.state)
    assert set(planted) == {".credentials.json", *COPIED}
    assert (user.state / ".credentials.json").read_bytes() == (place / ".credentials.json").read_bytes()
    for name, members in COPIED.items():
        assert set(json.loads((user.state / name).read_text())) == members
        assert (user.state / name).stat().st_mode & 0o777 == 0o600
    again = seed(user)
    assert again.returncode == 0 and "nothing to do" in again.stdout and tree(user.state) == planted

    profile = user.profile(hosts={name: SERVICE for name in (MESSAGES, ACCOUNTS)})
    status = user.run(user.inside(["claude", "auth", "status"], profile))
    said = json.loads(status.stdout)
    assert said["loggedIn"] and said["email"] == accounts.EMAIL and said["configDirectory"] == str(user.state), status
    servers = user.run(user.inside_anew(["claude", "mcp", "list"], profile))
    assert servers.returncode == 0 and "No MCP servers configured" in servers.stdout, servers

    model = play(user, world, "whole", "hello")
    on_a_terminal(lambda: user.inside_anew(["claude"], profile), user, "hello")
    assert model.keys == {f"Bearer {accounts.TOKEN}"}
    assert {one["model"].split("-")[1] for one in model.requests if one.get("tools")} == {"haiku"}
    assert model.results["hello", "hello"].text.startswith("hello")
    assert misfits(denials(records(user.log), user.home), (), ON_A_TERMINAL) == []
    assert not (user.workspace / "hooks-of-outside.log").exists()
    # What the session has learnt since isn't taken back by a further time.
    learnt = tree(user.state)
    assert "nothing to do" in seed(user).stdout and tree(user.state) == learnt != planted
    assert outside(user) == before
    assert left_over(user.home) == []


def let_it_run_out(credentials):
    """As if the hours had gone by after which a token is renewed."""
    said = json.loads(credentials.read_text())
    said["claudeAiOauth"]["expiresAt"] = 1
    credentials.write_text(json.dumps(said))


def test_a_login_is_renewed_inside_and_its_copy_outside_needs_another(new_home, world):
    home = new_home(key=None)
    accounts.log_in(home, world)
    assert seed(home).returncode == 0
    own, copy = (place / ".credentials.json" for place in (home.home / ".claude", home.state))
    for credentials in (own, copy):
        let_it_run_out(credentials)
    before = own.read_bytes()
    profile = home.profile(hosts={name: SERVICE for name in (MESSAGES, ACCOUNTS)})

    model = play(home, world, "whole", "hello")
    finished = home.run(home.inside(home.claude("hello"), profile))
    assert ended(finished)["result"] == "The script hello has ended." and model.keys == {f"Bearer {accounts.RENEWED}"}
    assert json.loads(copy.read_text())["claudeAiOauth"]["accessToken"] == accounts.RENEWED
    assert own.read_bytes() == before

    model = play(home, world, "outside", "hello")
    finished = home.run(home.claude("hello"))
    said = json.loads(finished.stdout.splitlines()[-1])
    assert finished.returncode == 1 and said["is_error"] and "could not be refreshed" in said["result"], said
    accounts.log_in(home, world)
    for way, command in (("outside", home.claude("hello")), ("whole", home.inside_anew(home.claude("hello"), profile))):
        play(home, world, way, "hello")
        assert ended(home.run(command))["result"] == "The script hello has ended."
