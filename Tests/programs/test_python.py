"""Python inside: multiprocessing, a virtual environment, and its own tests of os and subprocess."""

import os
import re
import shutil
from pathlib import Path

import pytest

from place import Place, compare

HERE = Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"


def copy_in(*scripts: str):
    def prepare(place: Place) -> None:
        for script in scripts:
            shutil.copy(HERE / "scripts" / script, place.workspace)
    return prepare


def test_multiprocessing_by_every_start_method(place):
    outcome = compare(
        place, [PYTHON, "-B", "multiprocessing-all.py"], copy_in("multiprocessing-all.py"), timeout=120)
    assert outcome.status == 0
    assert "spawn queue 42" in outcome.stdout and "forkserver shared memory 7" in outcome.stdout


def test_bytecode_is_written_beside_no_source(place):
    """Inside, compiled modules go to Mews's cache directory, or nowhere, but not outside the workspace."""
    (place.workspace / "module.py").write_text("print('imported')\n")
    outcome = place.inside([PYTHON, "-c", "import module; import json; print(module.__name__)"])
    assert (outcome.status, outcome.stdout) == (0, "imported\nmodule\n"), outcome


def test_loopback_and_sockets(place):
    program = (
        "import socket, threading\n"
        "def serve(listener):\n"
        "    connection, _ = listener.accept()\n"
        "    connection.sendall(connection.recv(100).upper()); connection.close()\n"
        "for family, address in ((socket.AF_INET, ('127.0.0.1', 0)), (socket.AF_INET6, ('::1', 0)),\n"
        "                        (socket.AF_UNIX, '\\0abstract'), (socket.AF_UNIX, 'socket')):\n"
        "    listener = socket.socket(family); listener.bind(address); listener.listen()\n"
        "    thread = threading.Thread(target=serve, args=(listener,)); thread.start()\n"
        "    client = socket.socket(family); client.connect(listener.getsockname())\n"
        "    client.sendall(b'hello'); print(family.name, client.recv(100)); thread.join()\n")
    assert compare(place, [PYTHON, "-c", program]).stdout.count("b'HELLO'") == 4


def test_no_host_but_loopback_is_reached(place):
    program = (
        "import socket\n"
        "for address in ('192.0.2.1', '10.0.0.1', '169.254.169.254'):\n"
        "    try: socket.create_connection((address, 80), timeout=5)\n"
        "    except OSError as error: print(address, type(error).__name__, error.errno)\n"
        "    else: print('reached', address)\n"
        "print(sorted(name for _, name in socket.if_nameindex()))\n")
    outcome = place.inside([PYTHON, "-c", program])
    assert outcome.status == 0, outcome
    assert "reached" not in outcome.stdout and "timed out" not in outcome.stdout
    assert outcome.stdout.endswith("['lo']\n")


def results_of(text: str) -> dict[str, str]:
    """How each test of a verbose unittest run ended, from its lines `NAME (MODULE.CLASS.NAME) ... RESULT`, between
    which tests may write. A skip counts with its reason."""
    found = {}
    for block in re.split(r"^(?=test\w+ \()", text, flags=re.MULTILINE):
        head = re.match(r"(test\w+) \(([\w.]+)\)", block)
        if not head:
            continue
        end = re.search(r"\b(ok|FAIL|ERROR|expected failure)$|\b(skipped ['\"].*)$", block, re.MULTILINE)
        test = f"{head[2]}.{head[1]}" if not head[2].endswith(head[1]) else head[2]
        found[test] = (end[1] or end[2]) if end else "no result"
    return found


def known_differences(module: str) -> dict[str, tuple[str, str]]:
    """The differences that are listed for this module and user: for each test its result outside and inside.

    A line is `WHO MODULE.TEST | OUTSIDE | INSIDE | WHY`, where WHO is user, root or both.
    """
    who = "root" if os.geteuid() == 0 else "user"
    found = {}
    for line in (HERE / "python-differences.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            subject, outside, inside, why = (part.strip() for part in line.split(" | "))
            applies_to, test = subject.split(" ", 1)
            assert why, f"no explanation: {line}"
            if applies_to in (who, "both") and f".{module}." in f".{test}":
                found[test] = (outside, inside)
    return found


@pytest.mark.parametrize("module", ["test_os", "test_subprocess", "test_posix", "test_pty", "test_fcntl"])
def test_pythons_own_tests_end_inside_as_outside_but_for_what_is_listed(place, module):
    command = [PYTHON, "-B", "-m", "test", "-v", module]
    if not Path("/usr/lib/python3.11/test/test_os.py").exists():
        pytest.skip("libpython3.11-testsuite isn't installed")
    outside = place.outside(command, timeout=240)
    place.empty()
    inside = place.inside(command, timeout=240)
    results = results_of(outside.stdout + outside.stderr), results_of(inside.stdout + inside.stderr)
    assert results[0], f"the tests ran: {outside}"
    assert results[0].keys() == results[1].keys(), inside
    differences = {
        test: (results[0][test], results[1][test]) for test in results[0] if results[0][test] != results[1][test]}
    assert differences == known_differences(module), f"{differences}\n{inside}"
