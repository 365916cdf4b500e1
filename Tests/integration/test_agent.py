"""`mews agent` and `mews-shell`: the commands of Claude Code, each in a sandbox, as its program asks for them.

The account's home decides where the set-up lies, and not HOME, which a project can set for the agent. Each test therefore
has an /etc/passwd of its own, in namespaces of its own.
"""

import json
import os
import pathlib
import pwd
import shutil

import pytest
from support.process import execute
from support.sandbox import is_root

SESSION = "0b5a2a61-4f2e-4f3e-9d5a-1d6f0f6a7b11"
CALL = "toolu_01A"
PYTHON = "/usr/bin/python3"


class Agent:
    """A user whose Claude Code is set up, and that program's ways to call Mews."""

    def __init__(self, sandbox):
        sandbox.own_installation()
        self.sandbox = sandbox
        self.bin = pathlib.Path(sandbox.mews).parent
        self.home = pathlib.Path(sandbox.environment["HOME"])
        self.workspace = sandbox.workspace
        self.state = self.home / ".claude"
        self.settings = self.state / "settings.json"
        self.record = self.home / ".config/mews/agents/claude-code"
        self.passwd = sandbox.base / "passwd"
        own = pwd.getpwuid(os.getuid())
        self.passwd.write_text(f"{own.pw_name}:x:{own.pw_uid}:{own.pw_gid}::{self.home}:/bin/bash\n")

    def execute(self, *argv, env=None, **options):
        return execute(
            [PYTHON, "-S", str(self.sandbox.payloads / "covered.py"), str(self.passwd), "/etc/passwd", *argv],
            env=self.sandbox.environment | (env or {}),
            cwd=options.pop("cwd", self.workspace),
            **options,
        )

    def mews(self, *arguments, **options):
        return self.execute(self.sandbox.mews, *arguments, **options)

    def install(self, *options):
        device = [f"--fuse-device={path}" for path in self.sandbox.skeleton_options[1:2]]
        ended = self.mews("agent", "install", "claude-code", *device, *options)
        assert ended.status == 0, ended.stderr
        return ended

    def shell(self, string, env=None, **options):
        """What Claude Code does for each command."""
        env = {"CLAUDE_CODE_SESSION_ID": SESSION, "CLAUDE_CODE_SHELL_PREFIX": str(self.bin / "mews-shell")} | (env or {})
        return self.execute(str(self.bin / "mews-shell"), string, env=env, **options)

    def hook(self, name, event, through_prefix=True, env=None):
        """What Claude Code does for each hook: the line from its settings, by the prefix."""
        settings = json.loads(self.settings.read_text())
        (line,) = {hook["command"] for groups in settings["hooks"].values() for group in groups
                   for hook in group["hooks"] if hook["command"].endswith(" " + name)}
        text = event if isinstance(event, str) else json.dumps(event)
        env = {"CLAUDE_CODE_SHELL_PREFIX": str(self.bin / "mews-shell")} | (env or {})
        if through_prefix:
            return self.shell(line, env=env, stdin=None, text=text)
        return self.execute("sh", "-c", line, env=env, stdin=None, text=text)

    def call(self, command, **more):
        """The event of a call of the Bash tool."""
        return {
            "session_id": SESSION, "tool_use_id": CALL, "tool_name": "Bash", "cwd": str(self.workspace),
            "hook_event_name": "PreToolUse", "tool_input": {"command": command} | more,
        }

    def records(self):
        """The records of the last session."""
        logs = sorted((self.home / ".local/state/mews/audit").glob("*-*.jsonl"))
        return [json.loads(line) for line in logs[-1].read_text().splitlines()]


@pytest.fixture
def agent(sandbox):
    made = Agent(sandbox)
    if made.execute("true").status:
        pytest.skip("there are no namespaces for an /etc/passwd of the test's own")
    return made


@pytest.fixture
def installed(agent):
    agent.install()
    return agent


SETTINGS = {
    "none": None,
    "empty": "",
    "empty object": "{}",
    "compact": '{"model":"x","env":{"A":"b"},"hooks":{"PreToolUse":[{"matcher":"Bash","hooks":[]}]}}',
    "pretty": '{\n    "model": "\\u00e4",\n\n    "hooks": {"SessionStart": []},\n    "env": {}\n}\n',
    "other hooks": '{"hooks": {"ConfigChange": [{"hooks": [{"type": "command", "command": "true"}]}]}, "x": [1.50]}\r\n',
}


@pytest.mark.parametrize("name", SETTINGS)
def test_installing_twice_is_installing_once_and_removing_leaves_no_byte_changed(agent, name):
    before = SETTINGS[name]
    if before is not None:
        agent.state.mkdir()
        agent.settings.write_text(before, newline="")
        agent.settings.chmod(0o640)
    there = sorted(agent.home.rglob("*"))
    agent.install()
    first = agent.settings.read_bytes()
    made = json.loads(first)
    assert made["env"]["CLAUDE_CODE_SHELL_PREFIX"] == str(agent.bin / "mews-shell")
    assert {"SessionStart", "PreToolUse", "PostToolUse", "PostToolUseFailure", "ConfigChange"} <= set(made["hooks"])
    assert agent.record.with_name("claude-code.settings-before").read_bytes() == (before or "").encode()
    assert "nothing to do" in agent.install().stdout
    assert agent.settings.read_bytes() == first
    assert agent.mews("agent", "status", "claude-code").status == 0
    assert agent.mews("agent", "remove", "claude-code").status == 0
    # Also the directories that were made for it are gone.
    assert sorted(agent.home.rglob("*")) == there
    if before is not None:
        assert agent.settings.read_bytes() == before.encode()
        assert agent.settings.stat().st_mode & 0o777 == 0o640
    assert agent.mews("agent", "status", "claude-code").status == 1
    assert agent.shell("true").status == 125


def test_what_somebody_changed_since_stays(agent):
    agent.state.mkdir()
    agent.settings.write_text('{\n  "model": "x",\n  "hooks": {"Stop": [{"hooks": []}]}\n}\n')
    agent.install()
    changed = agent.settings.read_text().replace('"model": "x"', '"model": "y"')
    agent.settings.write_text(changed)
    assert agent.mews("agent", "remove", "claude-code").status == 0
    assert agent.settings.read_text() == '{\n  "model": "y",\n  "hooks": {"Stop": [{"hooks": []}]}\n}\n'


@pytest.mark.parametrize("kind", ["link", "dangling link", "directory", "fifo", "not JSON", "other prefix", "two names"])
def test_settings_that_are_not_the_users_plain_file_are_left_alone(agent, kind):
    agent.state.mkdir()
    other = agent.home / "other.json"
    if kind != "dangling link":
        other.write_text("{}")
    if kind.endswith("link"):
        agent.settings.symlink_to(other)
    elif kind == "directory":
        agent.settings.mkdir()
    elif kind == "fifo":
        os.mkfifo(agent.settings)
    elif kind == "two names":
        os.link(other, agent.settings)
    else:
        agent.settings.write_text("{a}" if kind == "not JSON" else '{"env": {"CLAUDE_CODE_SHELL_PREFIX": "/x"}}')
    before = agent.settings.read_text() if agent.settings.is_file() else None
    ended = agent.mews("agent", "install", "claude-code")
    assert ended.status == 3 and ended.messages
    assert (agent.settings.read_text() if agent.settings.is_file() else None) == before
    assert not other.exists() or other.read_text() == "{}"
    assert not agent.record.exists()


def test_a_profile_that_is_none_is_not_settled(agent):
    assert agent.mews("agent", "install", "claude-code", "-p", "no-such").status == 3
    assert not agent.settings.exists()


def test_another_agent_is_not_in_this_version(agent):
    ended = agent.mews("agent", "install", "other")
    assert ended.status == 2 and "in this version" in ended.stderr


def test_a_command_of_claude_code_runs_in_the_sandbox_with_the_users_shell(installed):
    snapshots = installed.state / "shell-snapshots"
    snapshots.mkdir()
    snapshot = snapshots / "snapshot-bash-1-ab.sh"
    snapshot.write_text("own() { echo from the snapshot; }\n")
    (installed.workspace / "sub").mkdir()
    written = pathlib.Path(f"/tmp/claude-{os.getpid()}-cwd")
    written.unlink(missing_ok=True)
    try:
        ended = installed.shell(
            f"source {snapshot} 2>/dev/null || true && eval 'own; cd sub; cat ~/.claude/settings.json; printenv KEY; "
            f"echo $BASH_VERSION >v; ls ~/.claude/shell-snapshots' < /dev/null && pwd -P >| {written}",
            env={"KEY": "secret", "SHELL": "/bin/bash"})
        assert ended.stdout == "from the snapshot\nsnapshot-bash-1-ab.sh\n"
        assert (installed.workspace / "sub/v").read_text() != "\n"
        assert written.read_text() == f"{installed.workspace}/sub\n"
        assert written.stat().st_mode & 0o777 == 0o600
    finally:
        written.unlink(missing_ok=True)


@pytest.mark.parametrize(
    "write", ["echo /etc", "echo relative", "printf '/a\\n/b\\n'", "head -c 9000 /dev/zero", "ln -sf /etc/passwd"])
def test_nothing_else_than_a_directory_of_the_workspace_is_handed_back(installed, write):
    written = pathlib.Path(f"/tmp/claude-{os.getpid()}-cwd")
    written.unlink(missing_ok=True)
    tail = f"pwd -P >| {written}"
    act = f"{write} {written}" if write.startswith("ln") else f"{write} >{written}"
    # A background program has the last word after the shell's own.
    ended = installed.shell(f"pwd() {{ command pwd; }}; eval '{{ pwd() {{ :; }}; {act.replace(chr(39), chr(34))}; }}' && : && {tail}")
    assert ended.status in (0, 1), ended.stderr
    assert not written.exists()


def test_a_file_that_is_there_is_not_written_through(installed):
    written = pathlib.Path(f"/tmp/claude-{os.getpid()}-cwd")
    target = installed.home / "target"
    target.write_text("kept")
    written.unlink(missing_ok=True)
    written.symlink_to(target)
    try:
        assert installed.shell(f"true && pwd -P >| {written}").status == 0
        assert target.read_text() == "kept"
    finally:
        written.unlink()


@pytest.mark.parametrize("script,status", [("exit 7", 7), ("true", 0), ("kill -KILL $$", 137), ("nonsense", 127)])
def test_the_status_is_the_commands_own(installed, script, status):
    assert installed.shell(script).status == status


@pytest.mark.parametrize("arguments", [(), ("a", "b"), ("-c", "true")])
def test_it_takes_one_word(installed, arguments):
    assert installed.execute(str(installed.bin / "mews-shell"), *arguments).status == 125


def test_the_profile_comes_from_neither_the_environment_nor_the_workspace(installed, sandbox):
    wide = sandbox.base / "wide"
    (wide / ".config/mews/agents").mkdir(parents=True)
    (wide / ".config/mews/profiles").mkdir(parents=True)
    (wide / "secret").write_text("secret\n")
    (wide / ".config/mews/profiles/wide.yaml").write_text(
        f"version: 1\nname: wide\nextends: [workspace]\nfilesystem:\n  read: [{wide}]\n")
    (wide / ".config/mews/agents/claude-code").write_text("mews.agent.v1 claude-code\nprofile wide\n")
    ended = installed.shell(f"cat {wide}/secret", env={"HOME": str(wide), "XDG_CONFIG_HOME": f"{wide}/.config"})
    assert ended.stdout == ""
    start = installed.records()[0]
    assert start["policy"]["name"] == "claude-code-command"
    # The control: who settles that profile gets it.
    installed.passwd.write_text(installed.passwd.read_text().replace(str(installed.home), str(wide)))
    assert installed.shell(f"cat {wide}/secret").stdout == "secret\n"


@pytest.mark.parametrize("damage", ["world", "header", "cut"])
def test_a_record_that_others_could_have_written_refuses_every_command(installed, damage):
    text = installed.record.read_text()
    if damage == "world":
        installed.record.chmod(0o666)
    else:
        installed.record.write_text(text[:-1] if damage == "cut" else text.replace("v1", "v9", 1))
    assert installed.shell("true").status == 125
    event = installed.call("true")
    assert installed.hook("pre-tool-use", event, through_prefix=False).status == 2


def test_the_settings_of_a_project_are_not_made_by_a_command(installed):
    ended = installed.shell("mkdir .claude && echo {} >.claude/settings.json; echo {} >.mcp.json")
    for name in (".claude", ".mcp.json"):
        assert not (installed.workspace / name).exists()
        assert f"{name} appeared during the run and was moved aside" in ended.stderr
    (installed.workspace / ".claude").mkdir()
    assert installed.shell("echo {} >.claude/settings.json").status != 0
    assert list((installed.workspace / ".claude").iterdir()) == []


def test_inside_a_sandbox_a_command_runs_in_that_one(installed):
    nested = installed.shell(f"{installed.bin}/mews-shell 'echo inside; cat ~/.claude/settings.json'")
    assert nested.stdout == "inside\n"


def test_a_session_is_told_what_holds(installed):
    ended = installed.hook("session-start", {"session_id": SESSION, "hook_event_name": "SessionStart"})
    assert ended.status == 0, ended.stderr
    context = json.loads(ended.stdout)["hookSpecificOutput"]["additionalContext"]
    for part in (str(installed.workspace), "mews why", "registry.npmjs.org", "claude-code-command"):
        assert part in context


def test_a_call_that_would_leave_the_sandbox_is_refused(installed):
    assert installed.hook("pre-tool-use", installed.call("true")).status == 0
    ended = installed.hook("pre-tool-use", installed.call("true", dangerouslyDisableSandbox=True))
    assert ended.status == 2 and "dangerouslyDisableSandbox" in ended.stderr
    for prefix in ("", "/bin/sh -c", str(installed.bin / "mews")):
        ended = installed.hook(
            "pre-tool-use", installed.call("true"), through_prefix=False, env={"CLAUDE_CODE_SHELL_PREFIX": prefix})
        assert ended.status == 2 and "CLAUDE_CODE_SHELL_PREFIX" in ended.stderr


@pytest.mark.parametrize("name", ["session-start", "pre-tool-use", "post-tool-use", "config-change"])
@pytest.mark.parametrize("event", ["", "{", "[" * 100_000, '{"tool_name": "Bash", "tool_name": "x"}'], ids=len)
def test_a_hook_that_does_not_understand_refuses(installed, name, event):
    assert installed.hook(name, event).status == 2


def event(agent, name):
    """What the agent tells a hook."""
    if name == "session-start":
        return {"session_id": SESSION, "hook_event_name": "SessionStart"}
    if name == "config-change":
        return {"session_id": SESSION, "hook_event_name": "ConfigChange", "source": "user_settings"}
    return agent.call("echo x >/usr/new; true")


def lose_the_profile(agent):
    (agent.home / "own.yaml").unlink()


def lose_the_state(agent):
    """A file lies where the directories of the state have to be."""
    shutil.rmtree(agent.home / ".local/state")
    (agent.home / ".local/state").write_text("")


def lose_the_log(agent):
    (log,) = (agent.home / ".local/state/mews/audit").glob("*-*.jsonl")
    log.unlink()


@pytest.mark.parametrize(
    ("name", "failure"),
    [
        ("session-start", lose_the_profile),
        ("config-change", lose_the_profile),
        ("config-change", lose_the_state),
        ("pre-tool-use", lose_the_state),
        ("post-tool-use", lose_the_log),
    ],
)
def test_a_hook_that_can_not_do_its_work_refuses(agent, name, failure):
    profile = agent.home / "own.yaml"
    profile.write_text("version: 1\nname: own\nextends: [claude-code-command]\n")
    agent.install("-p", str(profile))

    def call():
        assert agent.hook("pre-tool-use", agent.call("echo x >/usr/new; true")).status == 0
        assert agent.shell("eval 'echo x >/usr/new; true' < /dev/null").status == 0

    if name == "post-tool-use":
        call()
        assert "/usr/new" in agent.hook(name, event(agent, name)).stdout, "the control"
        shutil.rmtree(agent.home / ".local/state/mews")
        call()
    else:
        assert agent.hook(name, event(agent, name)).status == 0, "the control"
    failure(agent)
    ended = agent.hook(name, event(agent, name))
    assert ended.status == 2 and ended.messages, ended.stderr


@pytest.mark.parametrize("lacks", ["session_id", "tool_use_id", "tool_input"])
def test_a_call_without_what_it_is_known_by_is_refused(installed, lacks):
    told = installed.call("true")
    del told[lacks]
    assert installed.hook("pre-tool-use", told).status == 2


def test_a_hook_that_is_none_or_has_no_input_refuses(installed):
    hook = [str(installed.bin / "mews"), "agent", "hook", "claude-code"]
    assert installed.execute(*hook, "no-such", stdin=None, text="{}").status == 2
    assert installed.execute("sh", "-c", '"$@" <&-', "sh", *hook, "pre-tool-use").status == 2
    assert installed.execute("sh", "-c", '"$@" </', "sh", *hook, "pre-tool-use").status == 2


def test_a_call_is_found_in_the_log_and_its_denials_are_told_once(installed):
    command = "cat /etc/shadow; true"
    assert installed.hook("pre-tool-use", installed.call(command) | {"agent_id": "sub-1"}).status == 0
    trace = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    ended = installed.shell(f"eval '{command}' < /dev/null", env={"TRACEPARENT": trace})
    # The hook tells the model; told here as well it would stand there twice.
    assert ended.status == 0 and "mews:" not in ended.stderr
    mews = installed.records()[0]["unmapped"]["mews"]
    assert mews["agent"] == {"name": "claude-code", "session": SESSION, "sub_agent": "sub-1", "tool_use": CALL}
    assert mews["trace_parent"] == trace
    shown = installed.mews("audit", "show", "--tool-use", CALL)
    told = installed.hook("post-tool-use", installed.call(command) | {"hook_event_name": "PostToolUse"})
    assert told.status == 0, told.stderr
    if installed.sandbox.skeleton_options:
        assert shown.stdout.count("file.denied") == 1 and "/etc/shadow" in shown.stdout
        context = json.loads(told.stdout)["hookSpecificOutput"]["additionalContext"]
        assert "cat may not read /etc/shadow" in context
    assert installed.hook("post-tool-use", installed.call(command)).stdout == ""
    assert installed.mews("audit", "show", "--tool-use", "toolu_other").status == 3


def test_without_the_hooks_the_command_itself_tells(installed):
    ended = installed.shell("echo x >/usr/new; true")
    assert "mews: denied: 1 write" in ended.stderr


def test_a_command_that_ran_outside_is_noticed_afterwards(installed):
    assert installed.hook("pre-tool-use", installed.call("true")).status == 0
    ended = installed.hook("post-tool-use", installed.call("true"), through_prefix=False)
    assert ended.status == 2 and "did not run in the sandbox" in ended.stderr


def test_a_change_of_the_configuration_is_written_down(installed):
    changed = {"session_id": SESSION, "hook_event_name": "ConfigChange", "source": "user_settings"}
    assert installed.hook("config-change", changed | {"file_path": str(installed.settings)}).status == 0
    start, loaded, *_, end = installed.records()
    assert start["unmapped"]["mews"]["agent"]["session"] == SESSION
    (note,) = loaded["unmapped"]["mews"]["notes"]
    assert "user_settings" in note and str(installed.settings) in note and "sha256" in note
    assert end["metadata"]["event_code"] == "session.end"
    assert installed.mews("audit", "verify").status == 0


def test_only_the_very_line_of_a_hook_runs_outside(installed):
    line = f"{installed.bin}/mews agent hook claude-code session-start"
    for other in (line + " ", " " + line, line + ";true", line + "\n"):
        # What it answers inside is no harm: it is a command like any other there.
        assert "Commands of the Bash tool" not in installed.shell(other, stdin=None, text="{}").stdout
    assert "Commands of the Bash tool" in installed.shell(line, stdin=None, text="{}").stdout


@pytest.mark.skipif(not is_root(), reason="only an administrator sets up all users")
def test_the_set_up_of_a_machine_holds_for_users_that_have_none(agent, sandbox):
    """The directories were made for root alone, and every user's commands were refused."""
    etc = sandbox.base / "etc"
    shutil.copytree("/etc", etc, symlinks=True)
    etc.chmod(0o755)

    def run(*argv, user=None):
        become = ("setpriv", "--reuid", str(user), "--regid", str(user), "--clear-groups") if user else ()
        return execute(
            [PYTHON, "-S", str(sandbox.payloads / "covered.py"), str(etc), "/etc", *become, *argv],
            env=sandbox.environment, cwd=agent.workspace)

    assert run(sandbox.mews, "agent", "install", "claude-code", "--managed").status == 0
    fragment = etc / "claude-code/managed-settings.d/50-mews.json"
    assert json.loads(fragment.read_text())["env"]["CLAUDE_CODE_SHELL_PREFIX"] == str(agent.bin / "mews-shell")
    readable = run("cat", "/etc/mews/agents/claude-code", "/etc/claude-code/managed-settings.d/50-mews.json", user=1234)
    assert readable.status == 0, readable.stderr
    assert run(str(agent.bin / "mews-shell"), "echo ran").stdout == "ran\n"
    assert run(sandbox.mews, "agent", "remove", "claude-code", "--managed").status == 0
    assert not fragment.exists()
    assert run(str(agent.bin / "mews-shell"), "echo ran").status == 125


def test_login_and_preferences_are_copied_once(agent):
    agent.state.mkdir()
    (agent.state / ".credentials.json").write_text('{"token": "t"}')
    (agent.state / "settings.json").write_text('{"model": "x", "env": {"KEY": "secret"}, "hooks": {}, "apiKeyHelper": "y"}')
    (agent.home / ".claude.json").write_text(
        '{"theme": "dark", "hasCompletedOnboarding": true, "mcpServers": {"a": {"command": "b"}}, "projects": {"/x": 1}}')
    before = {path: path.read_bytes() for path in agent.state.iterdir()}
    assert agent.mews("agent", "install", "claude-code", "--seed").status == 0
    place = agent.home / ".local/share/mews/agents/claude-code"
    assert place.stat().st_mode & 0o777 == 0o700
    assert json.loads((place / ".credentials.json").read_text()) == {"token": "t"}
    assert json.loads((place / ".claude.json").read_text()) == {"theme": "dark", "hasCompletedOnboarding": True}
    assert json.loads((place / "settings.json").read_text()) == {"model": "x", "disableDeepLinkRegistration": "disable"}
    (place / "settings.json").write_text("{}")
    assert "nothing to do" in agent.mews("agent", "install", "claude-code", "--seed").stdout
    assert (place / "settings.json").read_text() == "{}"
    assert {path: path.read_bytes() for path in agent.state.iterdir()} == before
    assert not agent.record.exists()
