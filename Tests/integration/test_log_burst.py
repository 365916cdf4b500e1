"""However much is denied: what Mews holds and writes has bounds, and the counts are exact.

`MEWS_TEST_BURST` is the number of denials of each kind; in a million the bounds are the same ones.
"""

import os
import subprocess
import time

import pytest
from support.logs import Logs, acts, codes, end, lost
from support.process import PATIENCE
from support.sandbox import PYTHON
from support.skips import SKELETON

BURST = int(os.environ.get("MEWS_TEST_BURST", "8000"))
PROCESSES = 4
MEMORY = 32 * 1024
# 10,000 at once and 500 a second, each with at most a few thousand bytes, beside those that are counted together.
BOUND = 256 * 1_048_576


def memory(process):
    """The most memory that a process has held, in KiB; 0 when it is gone."""
    found = 0
    try:
        with open(f"/proc/{process}/status", encoding="ascii") as file:
            for line in file:
                if line.startswith(("VmHWM", "VmRSS")):
                    found = max(found, int(line.split()[1]))
    except OSError:
        pass
    return found


def run(sandbox, *command, **options):
    """Runs a command to its end: what it wrote, and the most memory that Mews held, in KiB."""
    process = sandbox.start(*command, options=("--quiet",), stderr=subprocess.DEVNULL, **options)
    peak = 0
    deadline = time.monotonic() + max(PATIENCE, BURST / 500)
    while process.poll() is None:
        assert time.monotonic() < deadline
        peak = max(peak, memory(process.pid))
        time.sleep(0.005)
    assert process.returncode == 0
    assert peak > 1000, "no memory was measured"
    return process.stdout.read(), peak


def needs_fuse():
    if not os.access(os.environ.get("MEWS_TEST_FUSE") or "/dev/fuse", os.R_OK | os.W_OK):
        pytest.skip(SKELETON)


@pytest.mark.parametrize("kind", ["read", "write", "call"])
def test_a_burst_of_denials(sandbox, kind):
    """Half of them identical, half different from each other, of several processes at once."""
    logs = Logs(sandbox)
    hidden = sandbox.base / "hidden"
    if kind == "read":
        needs_fuse()
        hidden.mkdir()
        for number in range(2000):
            (hidden / str(number)).touch()
    place = {"read": hidden, "write": "/usr", "call": "/"}[kind]
    output, peak = run(
        sandbox, sandbox.payload("storm"), kind, str(BURST // PROCESSES), str(PROCESSES), str(place), "2000"
    )
    assert int(output) == BURST
    lines = logs.only()
    code = "socket.denied" if kind == "call" else "file.denied"
    totals = end(lines)["totals"][code]
    assert totals["acts"] == BURST
    assert totals["lost"] == lost(lines)[code]
    assert acts(lines, code) + totals["lost"] == BURST
    assert totals["records"] == codes(lines).count(code)
    assert logs.counted() in ({"GAPS": 1}, {"UNANCHORED": 1})
    assert (totals["lost"] > 0) == (logs.counted() == {"GAPS": 1})
    size = logs.paths()[0].stat().st_size
    assert size < BOUND and totals["records"] < BURST * 0.9
    print(f"{kind}: {BURST} denials, {peak} KiB, {size} bytes, {totals}")
    assert peak < MEMORY


LONG = """
import os, sys
refused = 0
for number in range(int(sys.argv[1])):
    name = "%06d" % number + "x" * 240
    for path in ("/usr/" + "/".join([name] * 16), "/usr/" + name):
        try:
            os.close(os.open(path[:4095], os.O_WRONLY | os.O_CREAT))
        except OSError as error:
            refused += error.errno in (13, 30)
print(refused)
"""


def test_long_names_in_many_denials(sandbox):
    """What is remembered of denials is as long as whoever is denied likes."""
    logs = Logs(sandbox)
    output, peak = run(sandbox, PYTHON, "-B", "-S", "-c", LONG, "3000")
    totals = end(logs.only())["totals"]["file.denied"]
    assert totals["acts"] >= int(output) >= 3000
    print(f"long names: {totals}, {peak} KiB")
    assert peak < MEMORY


WALK = """
import os, sys
handles, seen = [], 0
for top, number in ((sys.argv[1], int(sys.argv[2])),):
    for name in range(number):
        try:
            os.stat(f"{top}/{name}/below")
        except OSError:
            pass
        seen += os.path.islink(f"{top}/{name}") or os.path.isdir(f"{top}/{name}")
print(seen)
"""


def test_a_walk_through_everything_outside(sandbox):
    """Every directory and link outside that is looked at has a node in the skeleton for as long as the kernel wants."""
    needs_fuse()
    logs = Logs(sandbox)
    number = 4000
    hidden = sandbox.base / "hidden"
    hidden.mkdir()
    for name in range(number):
        if name % 2:
            (hidden / str(name)).mkdir()
        else:
            os.symlink("/nowhere/" + "x" * 200, hidden / str(name))
    output, peak = run(sandbox, PYTHON, "-B", "-S", "-c", WALK, str(hidden), str(number))
    assert int(output) == number
    print(f"walk: {number} nodes, {peak} KiB, {end(logs.only())['totals']}")
    assert peak < MEMORY
