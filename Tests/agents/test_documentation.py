"""What README.md shows of Claude Code and of build servers, as a new user does it, with the real program."""

import html
import json
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
import yaml

import accounts
from person import on_a_terminal
from playing import denials, misfits, play, records
from test_claude_code import ON_A_TERMINAL, until_all_has_ended

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.append(str(TESTS / "tools"))

import console  # noqa: E402

# The theme that is chosen in a session inside isn't kept: it is one of the settings.
THEME = {
    "file.denied rename claude ~/.local/share/mews/agents/claude-code/settings.json.tmp.*",
    "file.denied write claude ~/.local/share/mews/agents/claude-code/settings.json",
}
TOKEN = "AUTHORIZATION: basic dG9rZW4tb2YtdGhlLXRlc3Rz"
MAKEFILE = """test:
\t@git log --format=%s -1
\t@cat .git/config
"""


def blocks(title, words):
    """The blocks of one kind in a section."""
    (section,) = re.findall(rf"^## {title}\n(.*?)^## ", (TESTS.parent / "README.md").read_text(), re.M | re.S)
    return [block for block in console.blocks(section) if block.words[: len(words)] == words]


class Reader:
    """A new user who types what stands there."""

    def __init__(self, home, world, installation):
        self.home, self.world, self.installation = home, world, installation
        # It is a home without anything of Claude Code's, but for the program.
        (home.home / ".claude").rmdir()
        shutil.rmtree(home.workspace / ".claude")
        self.models = []

    @property
    def logs(self):
        return list((self.home.home / ".local/state/mews/audit").glob("*-*.jsonl"))

    def perform(self, command):
        """Does what a command says, and holds what it prints to what is shown."""
        if command.text == "scripts/install --prefix ~/.local":
            # What it builds is here already.
            copy = ["cp", "-a", "--remove-destination", f"{self.installation}/.", self.home.home / ".local"]
            subprocess.run(copy, check=True, timeout=60)
        elif command.text.endswith("claude"):
            self.have_a_session(command.text)
        else:
            status, printed = self.run(["bash", "-c", command.text])
            assert (status, console.matches(command.output, printed)) == (command.status, True), f"{command}\n{printed}"

    def have_a_session(self, text):
        """Logs in, since nobody has before."""
        self.models.append(play(self.home, self.world, "outside", "hello"))
        on_a_terminal(lambda: ["bash", "-c", text], self.home, "hello", is_new=True, logs_in=True)
        assert self.models[-1].results["hello", "hello"].text.startswith("hello")
        assert self.models[-1].keys == {f"Bearer {accounts.TOKEN}"}

    def run(self, command, environment=None):
        done = subprocess.run(
            command,
            env=self.home.environment | (environment or {}),
            cwd=self.home.workspace,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        return done.returncode, done.stdout


@pytest.fixture
def reader(new_home, world, mews):
    accounts.serve(world)
    return Reader(new_home(key=None), world, mews.parents[1])


@pytest.mark.usefixtures("reads_are_seen")
def test_a_reader_comes_from_nothing_to_a_protected_session_in_both_ways(reader):
    whole, every, *rest = blocks("Wrap Claude Code", ["console", "host"])
    place = reader.home.home
    for command in whole.commands():
        reader.perform(command)
    logs = [records(log) for log in reader.logs]
    assert {lines[0]["policy"]["name"] for lines in logs} == {"claude-code"}
    found = set().union(*(denials(lines, place) for lines in logs))
    assert misfits(found, THEME, ON_A_TERMINAL) == []
    assert not (place / ".claude").exists() and not (place / ".claude.json").exists()
    assert (place / ".local/share/mews/agents/claude-code/.credentials.json").exists()

    before = set(reader.logs)
    for command in every.commands():
        reader.perform(command)
    starts = [records(log)[0]["unmapped"]["mews"].get("agent", {}) for log in set(reader.logs) - before]
    assert "toolu_hello_0" in {start.get("tool_use") for start in starts}, starts
    for block in rest:
        for command in block.commands():
            reader.perform(command)
    # What Claude Code wrote itself stays.
    assert json.loads((place / ".claude/settings.json").read_text()) == {"theme": "dark"}
    until_all_has_ended(reader.home)


def cells(line):
    return [cell.strip().replace("*", "") for cell in line.strip("| ").split("|")]


def test_the_table_says_what_the_status_says(reader):
    reader.perform(console.Command(0, "scripts/install --prefix ~/.local", []))
    _, printed = reader.run(["mews", "agent", "status", "claude-code"])
    said = [re.split(r"  +", line) for line in printed.split("\nwhat ")[1].splitlines()[1:]]
    said = [row for row in said if len(row) == 3 and row[0]]
    text = (TESTS.parent / "README.md").read_text()
    table = text.split("| what | whole session | every command |\n|---|---|---|\n")[1].split("\n\n")[0]
    shown = [cells(line) for line in table.splitlines()]
    assert len(shown) == len(said) == 8
    for of_table, of_status in zip(shown, said, strict=True):
        for one, other in zip(of_table[1:], of_status[1:], strict=True):
            assert re.findall(r"\w+", one)[:2] == re.findall(r"\w+", other)[:2], (of_table, of_status)


def test_a_step_of_a_build_server_is_what_is_shown(reader):
    (workflow,) = blocks("In CI", ["yaml"])
    steps = yaml.safe_load("\n".join(workflow.lines))["steps"]
    (step,) = [one["run"] for one in steps if "run" in one]
    reader.perform(console.Command(0, "scripts/install --prefix ~/.local", []))
    # What the step before has left.
    work = reader.home.workspace
    (work / "Makefile").write_text(MAKEFILE)
    for words in (
        ("add", "."),
        ("commit", "--quiet", "--message=Begin"),
        ("config", "http.https://github.com/.extraheader", TOKEN),
    ):
        assert reader.run(["git", *words])[0] == 0
    page = reader.home.home / "page.md"
    page.write_text("")
    script = reader.home.home / "step.sh"
    script.write_text(step)
    runner = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
    status, printed = reader.run(["make", "test"])
    assert status == 0 and TOKEN in printed, "the control: it is to be read"
    status, printed = reader.run(runner, {"CI": "true", "GITHUB_STEP_SUMMARY": str(page)})
    assert status == 0 and "Begin" in printed and TOKEN not in printed, printed
    assert "mews: denied: nothing" in printed and "extraheader" in printed, printed
    assert page.read_text().startswith("\n### Mews: ") and TOKEN not in page.read_text()
    assert TOKEN in (work / ".git/config").read_text()
    # With something denied, the step fails.
    (work / "Makefile").write_text(MAKEFILE + "\t-@echo x > .git/hooks/pre-commit\n")
    status, printed = reader.run(runner)
    assert status == 1 and "--fail-on denied" in printed, printed


@pytest.mark.usefixtures("reads_are_seen")
def test_a_reviewer_reads_who_was_contacted_what_was_denied_and_written(reader):
    reader.perform(console.Command(0, "scripts/install --prefix ~/.local", []))
    page, summary = (reader.home.home / name for name in ("page.md", "summary.json"))
    page.write_text("")
    job = "curl -ks https://pypi.org/simple/; curl -s http://example.com/; cat ~/.ssh/id_rsa; echo new > new.txt"
    told = ["mews", "ci", "--", "sh", "-c", job]
    status, printed = reader.run(told, {"GITHUB_STEP_SUMMARY": str(page)})
    assert status == 0 and "you reached pypi.org" in printed, printed
    for line in (
        "mews: denied: 1 read, 1 network request",
        "mews: contacted: 1 host",
        "mews:   pypi.org:443 (1 connection",
        "mews: written in the workspace: 1 created",
        "mews:   created new.txt",
    ):
        assert any(said.startswith(line) for said in printed.splitlines()), printed
    text = html.unescape(page.read_text())
    for part in ("### Mews: 2 denied", "Contacted: 1<", "pypi.org:443", "example.com:80", "id_rsa: it is kept out"):
        assert part in text, text

    told[2:2] = ["--summary", f"json:{summary}"]
    assert reader.run(told)[0] == 0
    said = json.loads(summary.read_text())
    assert [one["host"] for one in said["network"]["contacted"]] == ["pypi.org:443"]
    assert said["network"]["denied"] == [{"count": 1, "host": "example.com:80"}]
    assert said["denied"]["total"] == 2 and said["written"]["changes"] == [{"kind": "changed", "path": "new.txt"}]
    assert said["policy"]["name"] == "ci" and said["policy"]["digest"] in text and said["level"] == "full"
