"""Many sandboxes at once: each is whole, each has a log of its own, and none leaves anything."""

import os
import pathlib
import signal

import pytest
from support.logs import Logs, acts, codes, end
from support.process import processes_naming, wait_until
from support.records import records

# A loaded build server may take long for 64 that all wait for the last.
PATIENCE = 300

# Goes on when as many files as this lie in the directory, so that all are inside at one time, and tries something that
# only this one tries.
SCRIPT = """
set -e
: > meeting/$1.here
until [ $(ls meeting | wc -l) -ge $2 ]; do sleep 0.05; done
if cat $3/secret-$1 2>/dev/null; then exit 3; fi
echo $1 was here
"""


class Crowd:
    """Sandboxes that wait for each other."""

    def __init__(self, sandbox, count, files):
        self.sandbox = sandbox
        self.logs = Logs(sandbox)
        self.token = sandbox.token()
        self.meeting = sandbox.workspace / "meeting"
        self.meeting.mkdir()
        # What all launches would make in the cache of the workspace is there to stay.
        assert sandbox.run("true", options=("--quiet",)).status == 0
        for path in self.logs.paths():
            path.unlink()
        self.logs.ledger.unlink()
        self.before = self.left()
        self.secrets = [sandbox.outside / f"secret-{number}" for number in range(count)]
        for secret in self.secrets:
            secret.write_text("secret\n")
        self.processes = [
            sandbox.start(
                *("/bin/sh", "-c", SCRIPT, self.token, str(number), str(files), str(sandbox.outside)),
                options=("--quiet",),
            )
            for number in range(count)
        ]

    def ends(self):
        """How each ended: its status, and what it wrote."""
        found = []
        for process in self.processes:
            output, errors = process.communicate(timeout=PATIENCE)
            found.append((process.returncode, output.decode(), errors.decode()))
        return found

    def inside(self):
        """The numbers of those that run."""
        token = self.token.encode()
        words = [arguments.split(b"\0") for _, arguments in processes_naming(self.token).values()]
        return {int(word[word.index(token) + 1]) for word in words if token in word}

    def left(self):
        """Files and mounts of the case, beside what was written on purpose."""
        base = self.sandbox.base
        mounts = pathlib.Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
        found = {line for line in mounts if str(base) in line}
        mine = (self.meeting, self.logs.state, self.sandbox.outside)
        return found | {
            str(path) for path in base.rglob("*") if not any(path.is_relative_to(own) for own in mine)
        }

    def require_nothing_left(self):
        wait_until(lambda: not processes_naming(self.token), "nothing runs any more", seconds=PATIENCE)
        assert self.left() - self.before == set()
        # Beside the logs the ledger, and no lock, socket or part of a file.
        assert {path.suffix for path in self.logs.directory.iterdir()} == {".jsonl"}


@pytest.mark.parametrize("count", [16, 64])
def test_as_many_at_once_all_succeed(sandbox, count):
    crowd = Crowd(sandbox, count, files=count)
    assert crowd.ends() == [(0, f"{number} was here\n", "") for number in range(count)]
    assert crowd.logs.counted() == {"UNANCHORED": count}
    tried = []
    for path in crowd.logs.paths():
        lines = records(path)
        assert [line["metadata"]["sequence"] for line in lines] == list(range(len(lines)))
        assert {line["metadata"]["correlation_uid"] for line in lines} == {path.stem}
        assert end(lines)["ended"] == "exit"
        # Where denied reads aren't seen there is nothing to record.
        assert acts(lines, "file.denied") == (1 if sandbox.has_skeleton else 0), codes(lines)
        tried += [line["file"]["path"] for line in lines if "file" in line]
    assert sorted(tried) == sorted(map(str, crowd.secrets if sandbox.has_skeleton else ()))
    crowd.require_nothing_left()


def test_those_that_are_killed_are_not_noticed_by_the_others(sandbox):
    """Every second one, while all are inside; each leaves a log that is true and has no end."""
    count = 16
    # The last file is made when all are there and half of them are gone.
    crowd = Crowd(sandbox, count, files=count + 1)
    wait_until(lambda: len(os.listdir(crowd.meeting)) == count, "all are inside", seconds=PATIENCE)
    for process in crowd.processes[::2]:
        os.kill(process.pid, signal.SIGKILL)
    # The kernel ends what is inside when mews has ended, which takes a moment where many wait for a processor.
    odd = set(range(1, count, 2))
    wait_until(lambda: crowd.inside() == odd, "the killed ones are gone", seconds=PATIENCE)
    (crowd.meeting / "last").touch()
    for number, (status, output, _) in enumerate(crowd.ends()):
        expected = (-signal.SIGKILL, "") if number % 2 == 0 else (0, f"{number} was here\n")
        assert (status, output) == expected
    assert crowd.logs.counted() == {"UNANCHORED": count // 2, "UNCLOSED": count // 2}
    crowd.require_nothing_left()
