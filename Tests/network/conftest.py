"""Moves the tests into networks of their own before anything else, and holds the fixtures.

MEWS_PREFIX names the installation that is tested. The tests run as whoever runs pytest.
"""

import os
import pathlib
import pwd
import shutil
import sys
import tempfile
import threading

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from support.sandbox import Sandbox  # noqa: E402
from support.world import World  # noqa: E402

WORLD = pytest.StashKey()
SKIPPED = pytest.StashKey()


def scratch_parent():
    """Where homes are: /tmp and /var/tmp are others inside. Root's lie in /srv, which other users reach as well: the
    database is run by one."""
    home = pathlib.Path("/srv") if os.getuid() == 0 else pathlib.Path(pwd.getpwuid(os.getuid()).pw_dir)
    return home if os.access(home, os.W_OK) else pathlib.Path("/var/tmp")


def pytest_configure(config):
    config.addinivalue_line("markers", "case(*numbers): which of the numbered cases a test is of")
    config.stash[SKIPPED] = []


def pytest_sessionstart(session):
    if not session.config.option.collectonly:
        assert threading.active_count() == 1, "namespaces can be entered only by a process with one thread"
        session.config.stash[WORLD] = World(scratch_parent())


def pytest_runtest_logreport(report):
    assert not report.skipped, f"{report.nodeid} is skipped: here nothing may be"


def pytest_unconfigure(config):
    if WORLD in config.stash:
        config.stash[WORLD].remove()


@pytest.fixture(scope="session")
def prefix(internet_of_the_tests):
    """The installation under test. In a user namespace root's files are nobody's, and Mews takes no profile from nobody:
    there it is a copy that belongs to the caller."""
    named = os.environ.get("MEWS_PREFIX")
    assert named, "MEWS_PREFIX names no installation (scripts/test sets it)"
    installation = pathlib.Path(named).resolve()
    if os.getuid() == 0:
        return installation
    copy = internet_of_the_tests.directory / "installation"
    shutil.copytree(installation, copy, symlinks=True)
    return copy


@pytest.fixture(scope="session")
def internet_of_the_tests(request):
    return request.config.stash[WORLD]


@pytest.fixture
def world(internet_of_the_tests):
    """The internet, as it is for every test at its beginning."""
    yield internet_of_the_tests
    internet_of_the_tests.reset()


@pytest.fixture
def base():
    directory = pathlib.Path(tempfile.mkdtemp(prefix="mews-network-", dir=scratch_parent()))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def sandbox(prefix, base, world):
    made = Sandbox(prefix, base, world)
    yield made
    made.end()
