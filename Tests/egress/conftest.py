"""Tests of the door alone, with a supervisor that this process is. MEWS_PREFIX names the installation.

The network is one in which every address is this machine, as it is in a sandbox; servers listen there as well, at the
addresses that the door may dial.
"""

import os
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from door import Door, enter_namespace  # noqa: E402


def pytest_sessionstart(session):
    if not session.config.option.collectonly:
        enter_namespace()


@pytest.fixture(scope="session")
def program():
    prefix = os.environ.get("MEWS_PREFIX")
    assert prefix, "MEWS_PREFIX names no installation (scripts/test sets it)"
    return str(pathlib.Path(prefix).resolve() / "libexec" / "mews" / "mews-egress")


@pytest.fixture
def make(program):
    """Starts a door that is confined and ready."""
    doors = []

    def make(*listeners, **rules):
        door = Door(program, listeners, **rules)
        doors.append(door)
        assert door.ready.wait(10), "the door isn't ready"
        return door

    yield make
    for door in doors:
        door.__exit__()
