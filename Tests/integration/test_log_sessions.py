"""Many sessions at once, each with a log of its own and one ledger; and the command, which reaches none of it."""

import concurrent.futures
import json
import os

import pytest
from support.logs import Logs, acts, codes, end
from support.records import records
from support.sandbox import PYTHON

AT_ONCE = 12


@pytest.fixture
def logs(sandbox):
    return Logs(sandbox)


def at_once(number, function):
    with concurrent.futures.ThreadPoolExecutor(number) as pool:
        return list(pool.map(function, range(number)))


def test_sessions_at_once_have_logs_that_do_not_mix(sandbox, logs):
    script = f"for i in $(seq 40); do echo x 2>/dev/null >/usr/new-$0-$i; done; {PYTHON} -c 'exit()'"
    for result in at_once(AT_ONCE, lambda number: sandbox.shell(f"set -- {number}\n" + script.replace("$0", "$1"))):
        assert result.status == 0, result
    assert logs.counted() == {"UNANCHORED": AT_ONCE}
    words = set()
    for path in logs.paths():
        lines = records(path)
        assert {line["metadata"]["correlation_uid"] for line in lines} == {path.stem}
        assert [line["metadata"]["sequence"] for line in lines] == list(range(len(lines)))
        touched = {line["file"]["path"].split("-")[1] for line in lines if "file" in line}
        assert len(touched) == 1 and acts(lines, "file.denied") == 40
        words |= touched
    assert len(words) == AT_ONCE
    entries = logs.entries()
    assert [entry["sequence"] for entry in entries] == list(range(2 * AT_ONCE))
    opened = [entry for entry in entries if entry["entry"] == "open"]
    assert [entry["number"] for entry in opened] == list(range(1, AT_ONCE + 1))
    assert {entry["session"] for entry in opened} == {path.stem for path in logs.paths()}


def test_a_log_that_was_deleted_is_missed(sandbox, logs):
    for _ in range(3):
        assert sandbox.shell("exit 0").status == 0
    gone = logs.paths()[1]
    gone.unlink()
    states = logs.states()
    assert states.pop(gone.stem) == "MISSING" and set(states.values()) == {"UNANCHORED"}
    assert sandbox.mews_itself("audit", "verify", "--all").status == 5


def test_one_file_is_the_log_of_one_session(sandbox, logs):
    """However many begin in the same moment, one has it, and the others don't start."""
    log = logs.state / "one.jsonl"
    ended = at_once(
        AT_ONCE, lambda number: sandbox.shell(f"echo {number}; sleep 0.1", options=("--audit-log", str(log)))
    )
    started = [result for result in ended if result.status == 0]
    assert len(started) == 1
    for result in ended:
        assert result.status == 0 or result.refused_by_mews("exists"), result
    content = log.read_bytes()
    again = sandbox.shell("echo again", options=("--audit-log", str(log)))
    assert again.refused_by_mews(str(log), "exists")
    assert log.read_bytes() == content and codes(records(log))[-1] == "session.end"
    verified = sandbox.mews_itself("audit", "verify", str(log))
    assert verified.status == 0, verified
    assert len([entry for entry in logs.entries() if entry["entry"] == "open"]) == 1


# What could reach a log: by its own path, by links, by /proc, by handles, by filling what it lies on.
REACH = """
import json, os, sys
state, log = sys.argv[1:3]
wanted = json.loads(sys.argv[3])
os.symlink(state, "to-state")
try:
    os.symlink(log, "to-log")
    os.link(log, "hard")
except OSError:
    pass
places = [log, "to-log", "to-state/mews/audit/ledger.jsonl", state + "/mews/audit/ledger.jsonl", "hard",
          "/proc/self/root" + log, "/proc/1/root" + log, os.path.relpath(log), "/proc/1/cwd" + log]
for process in os.listdir("/proc"):
    if process.isdigit():
        places += [f"/proc/{process}/root{log}", f"/proc/{process}/cwd/{os.path.basename(log)}"]
        try:
            places += [f"/proc/{process}/fd/{name}" for name in os.listdir(f"/proc/{process}/fd")]
        except OSError:
            pass
reached = []
for place in places:
    try:
        # Outside, where this is the control, nothing of anybody else's may be opened or made.
        if os.stat(place).st_ino not in wanted:
            continue
    except OSError:
        pass
    for how in (os.O_RDONLY, os.O_RDWR, os.O_WRONLY | os.O_APPEND):
        try:
            file = os.open(place, how | os.O_NONBLOCK | os.O_NOCTTY)
        except (OSError, ValueError):
            continue
        if os.fstat(file).st_ino in wanted:
            reached.append([place, str(how)])
        os.close(file)
for act in (os.unlink, os.rmdir, os.listdir, lambda p: os.truncate(p, 0), lambda p: os.rename(p, p + "x"),
            lambda p: os.chmod(p, 0o777), lambda p: os.mkdir(p + "/new"), lambda p: os.rename(".", p),
            lambda p: os.symlink("x", p + "/link")):
    for place in (log, os.path.dirname(log), state + "/mews", state):
        try:
            act(place)
            reached.append([place, "changed"])
        except OSError:
            pass
print(json.dumps(reached))
"""


def inodes(logs):
    return [path.stat().st_ino for path in (*logs.paths(), logs.ledger)]


@pytest.mark.parametrize("reads", ["auto", "off"])
def test_the_command_does_not_reach_a_log_below_what_it_may_write(sandbox, control, reads):
    """The directory of state lies in a tree that is granted whole, as by `write: [~]`."""
    logs = Logs(sandbox, sandbox.home / "state")
    assert sandbox.shell("exit 0").status == 0
    old = logs.paths()[0]
    profile = sandbox.profile(f'audit: {{reads: {reads}}}\nfilesystem: {{write: ["~"]}}\n')
    content = old.read_bytes()
    script = sandbox.workspace / "reach.py"
    script.write_text(REACH)
    arguments = (PYTHON, "-B", str(script), str(logs.state), str(old))
    result = sandbox.run(*arguments, json.dumps(inodes(logs)), profile=profile, options=("--quiet",))
    assert result.status == 0, result
    found = [[place, how] for place, how in json.loads(result.stdout)]
    # The directory of state is the user's; only what Mews has in it is kept.
    assert all(place == str(logs.state) for place, _ in found), found
    assert old.read_bytes() == content
    assert logs.counted() == {"UNANCHORED": 2}
    # The control: outside, the same reaches it.
    for name in ("to-state", "to-log", "hard"):
        (sandbox.workspace / name).unlink(missing_ok=True)
    outside = control.run(*arguments, json.dumps(inodes(logs)))
    assert len(json.loads(outside.stdout)) > 10


def test_a_log_is_never_put_where_the_command_reaches_it(sandbox, logs):
    shared = sandbox.base / "shared"
    shared.mkdir()
    (sandbox.base / "way").symlink_to(shared)
    profile = sandbox.profile(f'filesystem: {{write: ["{shared}"], read: ["{sandbox.outside}"]}}\n')
    for place in (shared, sandbox.workspace, sandbox.outside, sandbox.base / "way", "."):
        result = sandbox.shell("echo started", profile=profile, options=("--audit-log", f"{place}/log"))
        assert result.refused_by_mews("the log would lie in"), result
    for directory in (shared, sandbox.workspace, sandbox.outside):
        assert not (directory / "log").exists()
    # The control: beside them it can be.
    result = sandbox.shell("echo started", profile=profile, options=("--audit-log", str(sandbox.base / "log")))
    assert (result.status, result.stdout) == (0, "started\n"), result


def test_filling_what_is_granted_does_not_fill_the_disk_of_the_log(sandbox, logs):
    """The private /tmp has a size of its own (and 256 KiB for what is told inside), whatever is put into it."""
    profile = sandbox.profile("filesystem: {tmp: 1MiB}\n")
    script = (
        "for place in /tmp /var/tmp /dev/shm /run /run/mews; do cat /dev/zero >$place/full; done 2>/dev/null; "
        "echo x >/usr/new; du -sk /tmp | cut -f1"
    )
    result = sandbox.run("/bin/bash", "-c", script, profile=profile, options=("--quiet",))
    assert result.status == 0 and int(result.stdout) < 1536, result
    lines = logs.only()
    assert acts(lines, "file.denied") >= 1 and end(lines)["totals"]["file.denied"]["lost"] == 0
    assert logs.counted() == {"UNANCHORED": 1}


def test_a_log_in_tmp_is_not_in_the_commands(sandbox, logs, tmp_path):
    """/tmp inside is another one: what lies in the host's isn't reached by its name."""
    os.chmod(tmp_path, 0o700)
    log = tmp_path / "log"
    script = f"cat {log}; echo x >>{log}; mkdir -p {tmp_path} && echo mine >{log}; ls {tmp_path}"
    result = sandbox.shell(script, options=("--audit-log", str(log), "--quiet"))
    assert result.stdout == "log\n", result
    assert codes(records(log))[-1] == "session.end" and not log.read_text().endswith("mine\n")
