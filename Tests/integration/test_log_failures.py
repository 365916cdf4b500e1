"""A log that can't be written, or isn't what was written any more: the command ends, or it is told what is missing."""

import fcntl
import json
import os
import select
import shutil
import subprocess
import time

import pytest
from support.logs import Logs, acts, codes, end, lost
from support.process import PATIENCE
from support.records import records
from support.sandbox import PYTHON, is_root

AS_OTHER = "only root can give a directory to another user"
# A file system of its own for the logs, as small as a page more than a few records, in a mount namespace of the test's
# own. It is filled and emptied when the test says so; what is in it at the end is kept.
SMALL_DISK = """
mount -t tmpfs -o size=128k,mode=755 none "$STATE" || exit 99
tell() { mkdir "$CONTROL/$1.done"; }
(
    until [ -e "$CONTROL/fill" ]; do sleep 0.02; done
    dd if=/dev/zero of="$STATE/filler" bs=4k 2>"$CONTROL/dd"
    tell fill
    until [ -e "$CONTROL/free" ]; do sleep 0.02; done
    rm "$STATE/filler"
    tell free
) </dev/null >/dev/null 2>&1 &
helper=$!
"$@"
status=$?
kill $helper 2>/dev/null
rm -f "$STATE/filler"
cp -R "$STATE/mews" "$CONTROL/"
exit $status
"""


@pytest.fixture
def logs(sandbox):
    return Logs(sandbox)


class Conversation:
    """A command that is told what to attempt, one line after the other."""

    def __init__(self, sandbox, body="", options=(), wrapper=()):
        self.sandbox = sandbox
        self.process = sandbox.start(
            PYTHON, "-B", "-S", str(sandbox.payloads / "refusals.py"),
            profile=sandbox.profile(body), options=("--summary", "json", *options), wrapper=wrapper,
            stdin=subprocess.PIPE,
        )  # fmt: skip

    def attempt(self, kind, number):
        """How many attempts were refused; None when the command has been killed."""
        try:
            self.process.stdin.write(f"{kind} {number}\n".encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            return None
        assert select.select([self.process.stdout], [], [], PATIENCE)[0], "no answer"
        answer = self.process.stdout.readline()
        return int(answer) if answer else None

    def finish(self):
        """The exit status, the messages of Mews, and its summary."""
        output, errors = self.process.communicate(timeout=PATIENCE)
        assert output == b""
        *lines, last = errors.decode().splitlines()
        return self.process.returncode, lines, json.loads(last)


class Disk:
    """The small disk of a conversation."""

    def __init__(self, sandbox, logs):
        self.control = sandbox.base / "control"
        self.control.mkdir()
        sandbox.own_installation()
        sandbox.environment |= {"STATE": str(logs.state), "CONTROL": str(self.control)}
        self.wrapper = ("unshare", "--map-root-user", "--mount", "--", "/bin/sh", "-c", SMALL_DISK, "sh")

    def change(self, what):
        (self.control / what).touch()
        deadline = time.monotonic() + PATIENCE
        while not (self.control / f"{what}.done").exists():
            assert time.monotonic() < deadline, what
            time.sleep(0.01)

    def records(self):
        (log,) = set((self.control / "mews" / "audit").glob("*.jsonl")) - {
            self.control / "mews" / "audit" / "ledger.jsonl"
        }
        return records(log)


@pytest.fixture
def disk(sandbox, logs):
    return Disk(sandbox, logs)


def test_on_a_disk_that_has_room_nothing_is_missing(sandbox, disk):
    """The control: the small disk is one that a log can be on."""
    talk = Conversation(sandbox, wrapper=disk.wrapper)
    assert talk.attempt("write", 30) == 30
    status, messages, summary = talk.finish()
    assert (status, messages, summary["ended"]) == (0, [], "exit")
    assert acts(disk.records(), "file.denied") == 30


def test_a_full_disk_ends_the_command(sandbox, disk):
    talk = Conversation(sandbox, wrapper=disk.wrapper)
    assert talk.attempt("write", 5) == 5
    disk.change("fill")
    assert talk.attempt("write", 1000) is None
    status, messages, summary = talk.finish()
    assert status == 123 and summary["ended"] == "stopped"
    assert any("cannot write" in line and "No space left" in line for line in messages), messages
    lines = disk.records()
    assert "session.end" not in codes(lines) and acts(lines, "file.denied") >= 5


def test_a_full_disk_leaves_a_gap_with_exact_counts(sandbox, disk):
    talk = Conversation(sandbox, "audit: {on-failure: gap}\n", wrapper=disk.wrapper)
    assert talk.attempt("write", 5) == 5
    disk.change("fill")
    assert talk.attempt("write", 40) == 40
    assert talk.attempt("call", 40) == 40
    disk.change("free")
    time.sleep(1.2)
    assert talk.attempt("write", 5) == 5
    status, messages, summary = talk.finish()
    assert (status, summary["ended"], summary["status"]) == (0, "exit", 0)
    lines = disk.records()
    gaps = lost(lines)
    totals = end(lines)["totals"]
    for code, number in {"file.denied": 50, "socket.denied": 40}.items():
        assert acts(lines, code) + gaps[code] == number
        assert totals[code]["acts"] == number and totals[code]["lost"] == gaps[code]
    assert gaps.total() > 50
    # What came before the disk was full, and after it had room again, has its records.
    assert acts(lines, "file.denied") >= 10
    reasons = {line["unmapped"]["mews"]["reason"] for line in lines if "audit.gap" in codes([line])}
    assert reasons == {"write"}
    assert any(line["status_code"] == "ENOSPC" for line in lines if "audit.gap" in codes([line]))
    assert summary["log"]["lost"] == gaps.total()
    assert any("cannot write" in line and "went on" in line for line in messages), messages


def test_a_disk_that_stays_full_is_told_of_at_the_end(sandbox, disk):
    """Nothing can be written any more, but the command goes on, and the counts are in the summary."""
    talk = Conversation(sandbox, "audit: {on-failure: gap}\n", wrapper=disk.wrapper)
    assert talk.attempt("write", 5) == 5
    disk.change("fill")
    assert talk.attempt("write", 60) == 60
    status, messages, summary = talk.finish()
    assert (status, summary["ended"]) == (0, "exit")
    assert summary["denied"]["writes"] == 65
    assert any("cannot write" in line for line in messages), messages
    lines = disk.records()
    assert acts(lines, "file.denied") + summary["log"]["lost"] >= 65


def test_a_file_size_limit_of_the_caller_is_a_full_disk(sandbox, logs):
    """SIGXFSZ comes with it, which would end Mews without a word."""
    limited = ("/bin/bash", "-c", 'ulimit -f 16; exec "$@"', "bash")
    talk = Conversation(sandbox, wrapper=limited)
    assert talk.attempt("write", 1000) is None
    status, messages, summary = talk.finish()
    assert status == 123 and summary["ended"] == "stopped", messages
    assert any("cannot write" in line and "File too large" in line for line in messages), messages
    assert logs.counted() == {"UNCLOSED": 1}


def test_the_command_gets_the_signal_of_its_file_size_limit(sandbox, control):
    """Mews takes none of its signals away."""
    profile = sandbox.profile("process:\n  limits: {file-size: 1MiB}\n")
    script = "dd if=/dev/zero of=big bs=2M count=1 2>/dev/null; echo $?"
    outside = control.run("/bin/bash", "-c", f"ulimit -f 1024; {script}").stdout
    assert sandbox.run("/bin/bash", "-c", script, profile=profile).stdout == outside == "153\n"


def vanished(log):
    shutil.rmtree(log.parent)


def moved(log):
    log.parent.rename(log.parent.with_name("elsewhere"))


def removed(log):
    log.unlink()


def replaced(log):
    content = log.read_bytes()
    log.unlink()
    log.write_bytes(content)


def cut(log):
    os.truncate(log, log.stat().st_size - 1)


def extended(log):
    with open(log, "ab") as file:
        file.write(b"{}\n")


HARM = [vanished, moved, removed, replaced, cut, extended]


@pytest.mark.parametrize("harm", HARM)
def test_a_log_that_is_not_what_was_written_ends_the_command(sandbox, logs, harm):
    talk = Conversation(sandbox)
    assert talk.attempt("write", 2) == 2
    harm(logs.paths()[0])
    time.sleep(1.1)
    assert talk.attempt("write", 1000) is None
    status, messages, summary = talk.finish()
    assert (status, summary["ended"]) == (123, "stopped")
    assert any(line.startswith("mews: audit log: ") for line in messages), messages


@pytest.mark.parametrize("harm", HARM)
def test_a_log_that_is_not_what_was_written_is_told_of(sandbox, logs, harm):
    """The command goes on where the profile says so; what has no record is counted."""
    talk = Conversation(sandbox, "audit: {on-failure: gap}\n")
    assert talk.attempt("write", 2) == 2
    harm(logs.paths()[0])
    time.sleep(1.1)
    assert talk.attempt("write", 300) == 300
    status, messages, summary = talk.finish()
    assert (status, summary["ended"], summary["denied"]["writes"]) == (0, "exit", 302)
    assert summary["log"]["lost"] >= 300
    assert any(line.startswith("mews: audit log: ") for line in messages), messages


def test_even_a_command_that_does_nothing_denied_is_told_of_a_lost_log(sandbox, logs):
    process = sandbox.start("/bin/sh", "-c", "echo ready; sleep 0.5")
    assert process.stdout.readline() == b"ready\n"
    removed(logs.paths()[0])
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 123 and b"mews: audit log: " in errors


# What stands in the way of a log, each with what Mews says of it.


def not_writable(logs):
    logs.directory.mkdir(parents=True, mode=0o700)
    logs.directory.chmod(0o500)
    return "Permission denied"


def of_another(logs):
    logs.directory.mkdir(parents=True, mode=0o700)
    os.chown(logs.directory, 1, 1)
    return "belongs to user 1"


def parent_of_another(logs):
    logs.directory.mkdir(parents=True, mode=0o700)
    os.chown(logs.directory.parent, 1, 1)
    return "belongs to user 1"


def writable_by_the_group(logs):
    logs.directory.mkdir(parents=True, mode=0o700)
    logs.directory.chmod(0o770)
    return "writable by others"


def parent_writable_by_others(logs):
    logs.directory.mkdir(parents=True, mode=0o700)
    logs.directory.parent.chmod(0o707)
    return "writable by others"


def state_is_a_file(logs):
    logs.state.rmdir()
    logs.state.touch()
    return "Not a directory"


def ledger_damaged(logs):
    logs.directory.mkdir(parents=True, mode=0o700)
    logs.ledger.write_text('{"entry":"open"}\n')
    logs.ledger.chmod(0o600)
    return "doesn't hold together"


def ledger_is_a_directory(logs):
    logs.ledger.mkdir(parents=True, mode=0o700)
    return "ledger.jsonl"


def ledger_writable_by_others(logs):
    logs.directory.mkdir(parents=True, mode=0o700)
    logs.ledger.touch()
    logs.ledger.chmod(0o622)
    return "writable by others"


ROOT_CAN = [not_writable]
ONLY_ROOT = [of_another, parent_of_another]
OBSTACLES = [
    not_writable, of_another, parent_of_another, writable_by_the_group, parent_writable_by_others, state_is_a_file,
    ledger_damaged, ledger_is_a_directory, ledger_writable_by_others,
]  # fmt: skip


def refuses(sandbox, mentioned, **options):
    result = sandbox.shell("touch started; echo started", **options)
    assert result.refused_by_mews(mentioned), result
    assert not (sandbox.workspace / "started").exists()


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_without_a_log_nothing_starts(sandbox, logs, obstacle):
    if obstacle in ONLY_ROOT and not is_root():
        pytest.skip(AS_OTHER)
    if obstacle in ROOT_CAN and is_root():
        pytest.skip("root writes to any directory")
    assert sandbox.shell("exit 0", env={"XDG_STATE_HOME": str(sandbox.base / "control")}).status == 0
    mentioned = obstacle(logs)
    for body in ("", "audit: {on-failure: gap}\n"):
        refuses(sandbox, mentioned, profile=sandbox.profile(body))
    if logs.directory.is_dir():
        logs.directory.chmod(0o700)
        for log in logs.paths():
            assert codes(records(log)) == ["session.start", "policy.loaded", "session.end"]


def test_a_file_system_for_reading_only_has_no_log(sandbox, logs):
    sandbox.own_installation()
    script = 'mount -t tmpfs -o ro,mode=755 none "$0" && exec "$@"'
    wrapper = ("unshare", "--map-root-user", "--mount", "--", "/bin/sh", "-c", script, str(logs.state))
    refuses(sandbox, "Read-only file system", wrapper=wrapper)


def test_a_ledger_that_somebody_holds_is_waited_for_and_then_given_up(sandbox, logs):
    assert sandbox.shell("exit 0").status == 0
    with open(logs.ledger, "rb") as ledger:
        fcntl.flock(ledger, fcntl.LOCK_EX)
        began = time.monotonic()
        refuses(sandbox, "is locked by another session")
        assert 1.9 < time.monotonic() - began < PATIENCE
    assert sandbox.shell("exit 0").status == 0
    assert logs.counted() == {"UNANCHORED": 3}


@pytest.mark.parametrize("link", ["mews", "mews/audit"])
def test_a_directory_of_logs_behind_a_link_is_the_one_that_is_used(sandbox, logs, link):
    """Its real path was found, and a directory beside it was made instead."""
    (logs.state / "real" / "audit").mkdir(parents=True, mode=0o700)
    place = logs.state / link
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(logs.state / "real" / ("audit" if "/" in link else ""))
    assert sandbox.shell("exit 0").status == 0
    assert len(list((logs.state / "real" / "audit").iterdir())) == 2
    assert logs.counted() == {"UNANCHORED": 1}
    (logs.state / "real").chmod(0o777)
    refuses(sandbox, "writable by others")


def test_a_ledger_that_is_held_for_a_moment_is_waited_for(sandbox, logs):
    assert sandbox.shell("exit 0").status == 0
    with open(logs.ledger, "rb") as ledger:
        fcntl.flock(ledger, fcntl.LOCK_EX)
        process = sandbox.start("/bin/true")
        time.sleep(0.5)
        assert process.poll() is None
    assert process.wait(PATIENCE) == 0
    assert logs.counted() == {"UNANCHORED": 2}
