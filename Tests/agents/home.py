"""A home with a project in which an agent works, and the ways in which it is run there."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import uuid

import yaml

from internet_of_agents import become

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE = 480
PROGRAMS = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"

SECRETS = {
    ".ssh/id_ed25519": "PRIVATE KEY OF THE TESTS\n",
    ".ssh/id_rsa": "SECOND KEY OF THE TESTS\n",
    ".ssh/id_ecdsa": "THIRD KEY OF THE TESTS\n",
    ".aws/credentials": "[default]\naws_secret_access_key = of-the-tests\n",
    "notes.txt": "notes of the user\n",
}
# What is in the environment of whoever starts an agent, and nobody's business but the user's.
TOKENS = {"DEPLOY_TOKEN": "nobodys-business", "AWS_SESSION_TOKEN": "nobodys-business"}


def manage(command, environment, directory):
    """Runs a command that has to succeed; gives what it printed."""
    done = subprocess.run(
        command,
        env=environment,
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done
    return done.stdout


class Home:
    """A fresh home, with the workspace `project` in it."""

    def __init__(self, base, world, claude, mews=None, key="sk-ant-api03-of-the-tests"):
        self.home, self.world, self.mews, self.key = base, world, mews, key
        self.workspace = base / "project"
        self.token = f"mews-{uuid.uuid4().hex[:12]}"
        self.log = base.parent / f"{base.name}-{self.token}.jsonl"
        self._furnish(claude)
        world.move_home(base)

    def _furnish(self, claude):
        """Puts into the home what a developer's has, and makes the project a repository."""
        self.workspace.mkdir(parents=True)
        for name, text in SECRETS.items():
            path = self.home / name
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.write_text(text)
        (self.home / ".gitconfig").write_text("[user]\n\tname = Tester\n\temail = tester@example.com\n")
        if claude:
            self._install(claude)
        git = ["git", "init", "--quiet", "--initial-branch=main", str(self.workspace)]
        subprocess.run(git, check=True, timeout=60, env=self.environment)

    def _install(self, claude):
        """Puts Claude Code where its installer does, and into the project what it reads there."""
        version = self.home / ".local/share/claude/versions" / claude.name.removeprefix("claude-")
        version.parent.mkdir(parents=True)
        # It is large: a further name, where that can be.
        try:
            os.link(claude, version)
        except OSError:
            shutil.copy2(claude, version)
        (self.home / ".local/bin").mkdir(parents=True)
        (self.home / ".local/bin/claude").symlink_to(version)
        for name in (".claude", "tools"):
            (self.workspace / name).mkdir()
        (self.home / ".claude").mkdir()
        (self.workspace / ".claude/settings.json").write_text("{}\n")
        shutil.copy(HERE / "payloads/notes_server.py", self.workspace / "tools")

    @property
    def environment(self):
        """What whoever starts the agent has in the environment."""
        return {
            "HOME": str(self.home),
            "PATH": f"{self.home}/.local/bin:{PROGRAMS}",
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "SHELL": "/bin/bash",
            "USER": "tester",
            "LOGNAME": "tester",
            **({"ANTHROPIC_API_KEY": self.key} if self.key else {}),
            "OPENAI_API_KEY": "sk-of-the-tests",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            **self.authorities,
            **TOKENS,
        }

    @property
    def authorities(self):
        """How the programs are told who signs here."""
        return dict.fromkeys(("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"), str(self.world.authority))

    @property
    def state(self):
        """Where the agent keeps its state in a whole session."""
        return self.home / ".local/share/mews/agents/claude-code"

    @property
    def known(self):
        """What Claude Code knows of a user who has answered its questions."""
        return {
            "hasCompletedOnboarding": True,
            "theme": "dark",
            "customApiKeyResponses": {"approved": [self.key[-20:]], "rejected": []},
            "projects": {str(self.workspace): {"hasTrustDialogAccepted": True, "hasCompletedProjectOnboarding": True}},
        }

    def seed(self):
        """Brings what the user's own Claude Code knows into the state of whole sessions."""
        self.state.mkdir(parents=True, mode=0o700)
        (self.state / ".claude.json").write_text(json.dumps(self.known))
        (self.state / "settings.json").write_text('{"skipDangerousModePermissionPrompt": true}\n')

    def wire(self):
        """Has Mews wire itself into the Claude Code of this home, as its user does; gives the directory of its logs."""
        profile = self.profile("claude-code-command")
        manage([self.mews, "agent", "install", "claude-code", "-p", profile], self.environment, self.workspace)
        return self.home / ".local/state/mews/audit"

    def profile(self, extends="claude-code", **network):
        """A profile that adds to a built-in one what the world of the tests is: where the service lives, and who signs
        its certificate."""
        document = {
            "version": 1,
            "name": "tests",
            "extends": [extends],
            "filesystem": {"read": [str(self.world.authority)], "tmp": "64MiB"},
            "network": network,
            "process": {"env": {"set": self.authorities}},
        }
        path = self.home.parent / f"{self.home.name}-{self.token}.yaml"
        path.write_text(yaml.safe_dump(document, sort_keys=False))
        return path

    def claude(self, script, *options, settings=None):
        """Claude Code's command for a session without a terminal that plays a script, with further settings."""
        servers = {"mcpServers": {"notes": {"command": "/usr/bin/python3", "args": ["tools/notes_server.py"]}}}
        told = 'printf "%s\\n" "MEWS=$MEWS" >> "$CLAUDE_PROJECT_DIR/hooks.log"'
        hook = [{"matcher": "Bash", "hooks": [{"type": "command", "command": told}]}]
        return [
            "claude",
            "--print",
            f"Please play [script {script}]",
            "--dangerously-skip-permissions",
            "--output-format=json",
            "--strict-mcp-config",
            f"--mcp-config={json.dumps(servers)}",
            f"--settings={json.dumps({'hooks': {'PreToolUse': hook, 'PostToolUse': hook}, **(settings or {})})}",
            *options,
        ]

    def codex(self, program, script, *options):
        """Codex's command for a session without a terminal that plays a script."""
        return [
            str(program),
            "exec",
            # A model of which it knows nothing but that it calls functions.
            "--model=stand-in",
            *options,
            f"Please play [script {script}]",
        ]

    def inside(self, command, profile, *options, verb="run"):
        """The command that runs another in the sandbox."""
        return [str(self.mews), verb, "--audit-log", str(self.log), "-p", str(profile), *options, "--", *command]

    def inside_anew(self, command, profile):
        """The same once more, with a log of its own."""
        self.log.unlink(missing_ok=True)
        return self.inside(command, profile)

    def run(self, command, *, environment=None, timeout=PATIENCE):
        """Runs a command to its end, in a session of its own and below a shell that an act may try to kill."""
        parent = ["/bin/sh", "-c", '"$@"; exit $?', f"parent-of-agent-{self.token}"]
        process = subprocess.Popen(
            [*become(), *parent, *command],
            env=self.environment | (environment or {}),
            cwd=self.workspace,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        try:
            # To the end of the output: the shell may be gone before.
            output, errors = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, errors = process.communicate()
            raise AssertionError(f"not ended after {timeout} s: {command}\n{output}\n{errors}") from None
        return subprocess.CompletedProcess(command, process.returncode, output, errors)


def tree(directory, but=()):
    """What lies below a directory: for each path its mode and its content or target."""
    found = {}
    for parent, names, files in os.walk(directory):
        names[:] = [name for name in names if os.path.join(parent, name) not in map(str, but)]
        for name in (*names, *files):
            path = pathlib.Path(parent, name)
            status = path.lstat()
            regular = path.is_file() and not path.is_symlink()
            content = os.readlink(path) if path.is_symlink() else path.read_bytes() if regular else b""
            found[str(path.relative_to(directory))] = (status.st_mode, content)
    return found
