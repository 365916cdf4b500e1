"""What a command chooses to be called can't write lines of a log, or to a terminal."""

import json
import os
import re

import pytest
from support.logs import Logs
from support.process import execute
from support.records import records
from support.sandbox import PYTHON

# A line of its own, a terminal's commands, text that runs backwards or isn't seen, and bytes that aren't text.
NASTY = {
    "line-feed": b'x\n{"forged":1}\r\ny',
    "escape": b"x\x1b[2J\x1b]0;title\x07\x9b31m",
    "bidirectional": "x\u202egpj.exe\u2066y\u2069\u200f".encode(),
    "hidden": "x\u200b\u2060\ufeff\u2028\u2029\u0085y".encode(),
    "bad-utf-8": b"x\xff\xfe\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80y\xe2\x80",
    "quotes": b"x\"'\\`$(id)%s%n\x7f\x01",
}
# Whatever acts on a terminal, or reorders or hides text.
ACTS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
ALL = """
import ctypes, os, socket, sys
word = os.fsencode(sys.argv[1])
ctypes.CDLL(None).prctl(15, word[:15] + b"\\0")
for path in (b"/usr/" + word, sys.argv[2].encode() + b"/" + word):
    for act in (lambda p: os.open(p, os.O_WRONLY | os.O_CREAT), lambda p: os.open(p, os.O_RDONLY), os.mkdir,
                lambda p: os.rename(p, p + word), lambda p: os.symlink(word, p)):
        try:
            act(path)
        except OSError:
            pass
try:
    socket.socket(17, 3)
except OSError:
    pass
"""


@pytest.fixture(params=NASTY)
def word(request):
    return NASTY[request.param]


def plain(output):
    """Whether bytes are lines of text that act on nobody's terminal."""
    text = output.decode("utf-8") if isinstance(output, bytes) else output
    return not ACTS.search(text)


def test_names_stay_in_their_records(sandbox, word):
    logs = Logs(sandbox)
    hidden = sandbox.base / "hidden"
    hidden.mkdir()
    (hidden / os.fsdecode(word)).touch()
    program = sandbox.workspace / os.fsdecode(word)
    program.symlink_to(PYTHON)
    environment = {"MEWS_TEST": os.fsdecode(word), "LANG": "C.UTF-8"}
    result = sandbox.run(
        "./" + os.fsdecode(word), "-c", ALL, os.fsdecode(word), str(hidden), os.fsdecode(word),
        profile=sandbox.profile("process: {env: {pass: [MEWS_TEST]}}\n"), env=environment,
    )  # fmt: skip
    assert result.status == 0, result
    assert "denied: " in result.stderr
    errors = os.fsencode(result.stderr)
    assert plain(errors) and b'\n{"forged' not in errors, errors
    (log,) = logs.paths()
    content = log.read_bytes()
    assert plain(content) and b'\n{"forged' not in content
    lines = records(log)
    denied = [line for line in lines if line["metadata"]["event_code"] == "file.denied"]
    assert len(denied) >= 4
    shown = word.decode("utf-8", "replace")
    assert {line["file"]["path"].split("/", 2)[2] for line in denied if line["file"]["path"].startswith("/usr")} == {shown}
    if shown.encode() != word:
        assert all("path_b64" in line["file"] for line in denied)
    assert shown in lines[0]["unmapped"]["mews"]["argv"]
    name = word[:15].decode("utf-8", "replace")
    assert any(line.get("actor", {}).get("process", {}).get("name") == name for line in denied)
    assert logs.counted() == {"UNANCHORED": 1}
    for arguments in (("show",), ("show", log.stem), ("verify",), ("show", "--json")):
        said = execute(
            [sandbox.mews, "audit", *arguments], env=sandbox.environment, cwd=sandbox.workspace
        )
        output = os.fsencode(said.stdout + said.stderr)
        assert plain(output) and b'\n{"forged' not in output, (arguments, output)


def test_the_summary_for_programs_is_one_line(sandbox, word):
    Logs(sandbox)
    result = sandbox.run(
        PYTHON, "-c", ALL, os.fsdecode(word), str(sandbox.base), options=("--summary", "json")
    )
    *before, last = os.fsencode(result.stderr).split(b"\n")[:-1]
    assert before == [] and plain(last), result.stderr
    summary = json.loads(last)
    assert summary["denied"]["writes"] >= 3
    assert all(plain(entry["message"].encode()) for entry in summary["useful"])


@pytest.mark.parametrize("where", ["command", "directory", "audit-log", "profile", "deny"])
def test_what_the_caller_named_is_escaped_in_messages(sandbox, word, where):
    name = os.fsdecode(word)
    Logs(sandbox)
    command, options = ("/bin/true",), ()
    if where == "command":
        command = (f"/usr/bin/{name}",)
    elif where == "directory":
        options = ("--cwd", f"{sandbox.workspace}/{name}")
    elif where == "audit-log":
        options = ("--audit-log", f"{sandbox.workspace}/{name}")
    elif where == "profile":
        options = ("-p", f"{sandbox.base}/{name}.yaml")
    else:
        options = ("--deny", f"{sandbox.workspace}/{name}")
    result = sandbox.run(*command, options=options)
    errors = os.fsencode(result.stderr)
    assert result.messages and plain(errors), errors
    assert all(line.startswith(b"mews: ") for line in errors.splitlines()), errors


def test_the_check_finds_what_it_looks_for():
    """The control: each of the words would be noticed if it were written as it is."""
    for name, word in NASTY.items():
        try:
            assert not plain(word), name
        except UnicodeDecodeError:
            assert name in ("bad-utf-8", "escape")
