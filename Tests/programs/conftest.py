"""Fixtures of the tests that run real programs, and the account of what was skipped.

MEWS_PREFIX names the installation that is tested. The tests run as whoever runs pytest.
"""

import json
import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from place import Place

HERE = Path(__file__).resolve().parent
UNSEEN = "denied reads aren't seen here"
# What may be missing anywhere: /dev/fuse in a container; and Debian's npm and the nodejs of others exclude each other.
TOLERATED = (UNSEEN, "npm isn't installed")


def installed_mews() -> Path:
    prefix = os.environ.get("MEWS_PREFIX")
    if not prefix:
        raise pytest.UsageError("MEWS_PREFIX doesn't name an installation of Mews")
    mews = Path(prefix).resolve() / "bin" / "mews"
    if not os.access(mews, os.X_OK):
        raise pytest.UsageError(f"{mews} can't be executed")
    return mews


def pytest_configure(config: pytest.Config) -> None:
    config.stash[skipped] = {}
    config.stash[collected] = set()
    installed_mews()


@pytest.fixture
def place() -> Iterator[Place]:
    """A home of its own, where its user's homes are. Root's lie in /srv, which other users reach as well, and not in
    /var/tmp, which is another one inside: nothing there is denied, it is missing."""
    real_home = Path(pwd.getpwuid(os.geteuid()).pw_dir)
    parents = [real_home] if os.geteuid() != 0 else [Path("/srv")]
    parent = next((path for path in parents if os.access(path, os.W_OK)), Path("/var/tmp"))
    home = Path(tempfile.mkdtemp(prefix="mews-programs-", dir=parent))
    place = Place(home, installed_mews())
    place.workspace.mkdir()
    yield place
    # go makes directories of its caches read-only. No program does this: where none can be started any more, that is
    # one more reason to leave nothing behind.
    for directory, _, _ in os.walk(home):
        os.chmod(directory, 0o700)
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def observed(tmp_path_factory) -> None:
    """Skips the test where denied reads aren't seen, for want of a FUSE device."""
    place = Place(tmp_path_factory.mktemp("home"), installed_mews())
    place.workspace.mkdir()
    outcome = place.inside(["/bin/true"], ["--summary", "json"])
    assert outcome.status == 0, outcome
    if not json.loads(outcome.stderr.splitlines()[-1])["observed"]["reads"]:
        pytest.skip(UNSEEN)


@pytest.fixture
def scripts() -> Path:
    return HERE / "scripts"


@pytest.fixture
def needs():
    """Skips the test when a program isn't there, by the program's name."""
    def check(*programs: str) -> None:
        for program in programs:
            if shutil.which(program, path="/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin") is None:
                pytest.skip(f"{program} isn't installed")
    return check


# A test that is skipped without anybody noticing tests nothing. So the skips are compared with a list that is checked
# in, as far as its tests were collected, and a difference in either direction fails the run.

skipped = pytest.StashKey[dict[str, str]]()
collected = pytest.StashKey[set[str]]()


def name_of(node: str) -> str:
    """A test's name without the directory from which pytest happened to be started."""
    return node.rsplit("/", 1)[-1]


def pytest_collection_finish(session: pytest.Session) -> None:
    session.config.stash[collected] = {name_of(item.nodeid) for item in session.items}


class SkipRecorder:
    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and isinstance(report.longrepr, tuple):
            reason = report.longrepr[2].removeprefix("Skipped: ")
            self.config.stash[skipped][name_of(report.nodeid)] = reason


def pytest_sessionstart(session: pytest.Session) -> None:
    session.config.pluginmanager.register(SkipRecorder(session.config))


def is_debian_12() -> bool:
    try:
        lines = Path("/etc/os-release").read_text().splitlines()
    except OSError:
        return False
    return "ID=debian" in lines and 'VERSION_ID="12"' in lines


def expected_skips() -> dict[str, str]:
    who = "root" if os.geteuid() == 0 else "user"
    lines = (HERE / f"skips-debian12-{who}.txt").read_text().splitlines()
    pairs = (line.split(": ", 1) for line in lines if line and not line.startswith("#"))
    return {test: reason for test, reason in pairs}


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not is_debian_12() or session.config.option.collectonly:
        return
    expected = {test: why for test, why in expected_skips().items() if test in session.config.stash[collected]}
    found = {test: why for test, why in session.config.stash[skipped].items() if why not in TOLERATED}
    difference = [f"unexpected: {test}: {why}" for test, why in found.items() if expected.get(test) != why]
    difference += [f"not skipped: {test}: {why}" for test, why in expected.items() if found.get(test) != why]
    if difference:
        print("\n\nskips that differ from the list:\n  " + "\n  ".join(difference))
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
