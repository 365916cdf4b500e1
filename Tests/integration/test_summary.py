"""What is said when a session is over: a few lines for people, one of JSON for programs."""

import json
import os
import signal

import pytest


def summary(completed):
    """The line of JSON, which is the last on stderr."""
    return json.loads(completed.stderr.splitlines()[-1])


def test_a_run_without_denials_says_nothing(sandbox):
    assert sandbox.run("/bin/true").stderr == ""


def test_what_was_denied_is_said_with_what_would_allow_it(sandbox):
    ended = sandbox.run("/bin/sh", "-c", "for n in 1 2 3 4; do echo x >/usr/new; done; true")
    assert ended.status == 0
    said = ended.messages
    assert said[0].startswith("mews: denied: 4 writes"), said
    assert said[1] == "mews:   sh may not create /usr/new: it is granted for reading only. (4 times)", said
    assert said[2].startswith("mews:     rule: read: /usr (") and "/base.yaml:" in said[2], said
    assert said[3] == 'mews:     to allow it: filesystem: {write: ["/usr"]}', said
    assert said[4].startswith("mews:   all of it: mews audit show "), said


def test_at_most_three_things_are_named_and_all_are_counted(sandbox):
    ended = sandbox.run("/bin/sh", "-c", "for n in 1 2 3 4 5; do mkdir /usr/$n; done 2>/dev/null; true")
    said = ended.messages
    assert said[0].startswith("mews: denied: 5 writes"), said
    assert [line for line in said if "may not" in line] == [
        f"mews:   mkdir may not make the directory /usr/{n}: it is granted for reading only." for n in (5, 4, 3)
    ]


@pytest.mark.parametrize("options", [("--quiet",), ("--summary", "none")])
def test_nothing_is_said_to_who_asks_for_that(sandbox, options):
    assert sandbox.run("/bin/sh", "-c", "echo x >/usr/new; true", options=options).messages == []


def test_the_line_of_json_stands_last_and_is_complete(sandbox):
    ended = sandbox.run("/bin/sh", "-c", "echo x >/usr/new; echo mine >&2; exit 7", options=("--summary", "json"))
    assert ended.status == 7
    said = summary(ended)
    assert (said["ended"], said["status"], said["level"], said["version"]) == ("exit", 7, "full", 1)
    assert said["denied"]["writes"] == said["denied"]["total"] == 1
    assert said["observed"]["writes"] is True
    (useful,) = said["useful"]
    assert useful.pop("rule").startswith("read: /usr (")
    assert [useful] == [
        {
            "count": 1,
            "fix": 'filesystem: {write: ["/usr"]}',
            "message": "sh may not create /usr/new: it is granted for reading only.",
        }
    ]
    log = open(said["log"]["path"], "rb").read().splitlines()
    last = json.loads(log[-1])
    assert said["log"]["records"] == len(log)
    assert said["log"]["hash"] == last["unmapped"]["mews"]["hash"]
    assert said["policy"]["digest"] == json.loads(log[0])["policy"]["uid"]
    assert said["session"] == last["metadata"]["correlation_uid"]


ENDINGS = {
    "status 0": (("/bin/true",), (), {"ended": "exit", "status": 0}),
    "a signal": (("/bin/sh", "-c", "kill -USR1 $$"), (), {"ended": "signal", "status": 128 + signal.SIGUSR1}),
    "the time limit": (("/bin/sleep", "60"), ("--timeout", "300ms"), {"ended": "timeout", "status": 124}),
    "no such program": (("/usr/bin/no-such-program",), (), {"ended": "exit", "status": 127}),
    "no program": (("/etc/passwd",), (), {"ended": "exit", "status": 126}),
    "a refusal": (("/bin/true",), ("--timeout", "never"), {"ended": "refused", "status": 125}),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_end_has_its_word(sandbox, ending):
    command, options, expected = ENDINGS[ending]
    ended = sandbox.run(*command, options=("--summary", "json", *options))
    said = summary(ended)
    assert ended.status == expected["status"]
    assert {name: said[name] for name in expected} == expected
    assert ("log" in said) == (ending != "a refusal")


def test_the_line_goes_to_a_descriptor_or_a_file(sandbox):
    read, write = os.pipe()
    ended = sandbox.run("/bin/true", options=("--summary", f"json:{write}"), pass_fds=(write,))
    os.close(write)
    with os.fdopen(read) as pipe:
        assert json.loads(pipe.read())["ended"] == "exit"
    assert ended.stderr == ""
    place = sandbox.base / "summary.json"
    place.write_text("something longer than a summary" * 100)
    assert sandbox.run("/bin/true", options=("--summary", f"json:{place}")).stderr == ""
    assert json.loads(place.read_text())["ended"] == "exit"


@pytest.mark.parametrize("value", ["json:0", "json:1", "json:99", "json:", "xml", "text:2", "json:/no/such/place"])
def test_a_place_that_cannot_be_written_starts_nothing(sandbox, value):
    ended = sandbox.run("/bin/touch", "ran", options=("--summary", value))
    assert ended.refused_by_mews("summary"), ended
    assert not (sandbox.workspace / "ran").exists()


def test_the_descriptor_is_not_the_commands(sandbox):
    read, write = os.pipe()
    ended = sandbox.run(
        "/bin/sh", "-c", f"echo x >&{write}", options=("--summary", f"json:{write}"), pass_fds=(write,))
    os.close(write)
    os.close(read)
    assert ended.status != 0


def test_a_log_elsewhere_is_named_by_its_path(sandbox):
    log = sandbox.base / "elsewhere.jsonl"
    ended = sandbox.run("/bin/sh", "-c", "echo x >/usr/new; true", options=("--audit-log", str(log)))
    assert ended.messages[-1] == f"mews:   all of it: mews audit show {log}"
    assert log.stat().st_mode & 0o777 == 0o600
