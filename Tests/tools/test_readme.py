"""Every example of the documentation does what it says."""

import os
import subprocess

import pytest

import console
from checkout import ROOT, TIME_LIMIT

DOCUMENTS = ["README.md", "profiles/README.md"]

# What changes the host, and the test that runs it.
RUN_ELSEWHERE = {
    "scripts/quickstart": "test_quickstart.py",
    "scripts/install --prefix ~/.local": "test_install.py",
    "scripts/install --prefix ~/.local --uninstall": "test_install.py",
    "scripts/test": "the run of which this is a part",
    "mews agent install claude-code": "test_agents.py",
    "mews agent install claude-code --seed": "test_agents.py",
    "mews-shell 'cat ~/.ssh/id_ed25519'": "test_agents.py",
    "mews agent status claude-code": "test_agents.py",
    "mews agent remove claude-code": "test_agents.py",
    "claude": "agents/test_documentation.py",
    "mews run -p claude-code -- claude": "agents/test_documentation.py",
}


def document(name):
    return console.blocks((ROOT / name).read_text())


def prepare(home):
    """What the examples find: a key, some data and a few files of the project."""
    for name, text in {
        ".ssh/id_ed25519": "not a key\n", "data/numbers.txt": "1 2 3\n", ".vimrc": "set ruler\n",
        "project/drafts/plan.txt": "none\n",
    }.items():
        file = home.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def perform(home, command):
    result = subprocess.run(
        ["bash", "-c", command.text], cwd=home.project, env=home.environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=TIME_LIMIT)
    return result.returncode, result.stdout


def write_profile(home, block):
    is_of_a_repository = block.lines[:1] == ["# .mews.yaml"]
    target = block.words[1] if len(block.words) > 1 else "./.mews.yaml" if is_of_a_repository else "./example.yaml"
    file = home.path / target[2:] if target.startswith("~/") else home.project / target
    file.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(block.lines) + "\n"
    if not any(line.startswith("version:") for line in block.lines):
        text = "version: 1\nname: example\n" + text
    file.write_text(text)
    return file


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_example_does_what_it_says(home, name):
    home.see_reads()
    if not home.observes("reads") or not home.observes("writes"):
        pytest.skip("the examples show a host on which what is denied is seen; mews doctor says why it isn't here")
    prepare(home)
    broken = []
    for block in document(name):
        if block.words[:1] == ["yaml"]:
            file = write_profile(home, block)
            # A profile that is meant to be wrong is named in the console block behind it.
            if len(block.words) == 1:
                result = home.mews("profile", "check", str(file))
                faults = [line for line in result.stdout.splitlines() if "not in this version" not in line]
                if result.returncode != int(block.is_later) or block.is_later and faults:
                    broken.append(f"{name}:{block.line}: {result.stdout}{result.stderr}")
                file.unlink()
        elif block.words == ["console"]:
            for command in block.commands():
                status, printed = perform(home, command)
                if status != command.status or not console.matches(command.output, printed):
                    broken.append(f"{name}:{command.line}: $ {command.text}\n{printed}[exit {status}]")
    assert not broken, "\n\n".join(broken)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_block_is_of_a_kind_that_is_tried(name):
    for block in document(name):
        assert block.words[:1] in (["yaml"], ["console"]), f"{name}:{block.line}: {block.words}"
        assert block.words[0] != "console" or block.words[1:] in ([], ["host"]), f"{name}:{block.line}"


def test_what_changes_the_host_is_tried_by_another_test():
    blocks = [block for name in DOCUMENTS for block in document(name) if block.words == ["console", "host"]]
    commands = {command.text for block in blocks for command in block.commands()}
    assert commands == set(RUN_ELSEWHERE)
    for command, test in RUN_ELSEWHERE.items():
        program = command.split()[0]
        assert not program.startswith("scripts/") or os.access(ROOT / program, os.X_OK), command
        file = ROOT / "Tests" / (test if "/" in test else f"tools/{test}")
        assert not test.endswith(".py") or file.exists(), test


@pytest.mark.parametrize(("promised", "printed", "holds"), [
    (["a", "b"], "a\nb\n", True), (["a"], "a\nb\n", False), (["a", "…"], "a\nb\nc\n", True), (["…"], "", True),
    (["a…c"], "abc\n", True), (["a…c"], "abd\n", False), ([], "", True), ([], "a\n", False), (["a"], "", False),
])
def test_an_example_that_says_something_else_is_found(promised, printed, holds):
    assert console.matches(promised, printed) is holds


def test_a_broken_example_is_found(home):
    """The control of the first test: an example with a wrong status or text isn't taken for right."""
    block = console.blocks("```console\n$ mews run -- echo one\ntwo\n$ mews run -- false\n```\n")[0]
    for command in block.commands():
        status, printed = perform(home, command)
        assert status != command.status or not console.matches(command.output, printed)
