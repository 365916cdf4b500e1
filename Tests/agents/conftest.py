"""Fixtures of the tests that run real agents.

MEWS_PREFIX names the installation that is tested. The tests run in networks of their own, as an ordinary user; as root
only those of what an administrator does.
"""

import itertools
import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import tempfile
import threading

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import bundled  # noqa: E402
import sources  # noqa: E402
from home import Home  # noqa: E402
from internet_of_agents import Internet, agents_user, become  # noqa: E402

OF_ROOT = {"test_managed.py"}
collect_ignore = [file.name for file in HERE.glob("test_*.py") if (file.name in OF_ROOT) != (os.getuid() == 0)]

# The accounts are other ones in the tests' own world.
REAL_HOME = pathlib.Path(pwd.getpwuid(os.getuid()).pw_dir)
WORLD, PROGRAMS, SOURCES = pytest.StashKey(), pytest.StashKey(), pytest.StashKey()


def scratch_parent():
    """Where homes are: in the user's real home, as /tmp and /var/tmp are others inside."""
    home = pathlib.Path("/srv") if os.getuid() == 0 else REAL_HOME
    return home if os.access(home, os.W_OK) else pathlib.Path("/var/tmp")


def fetched(fetch):
    """What is downloaded; or, as a text, why it can't be."""
    try:
        return fetch()
    except (bundled.Unavailable, OSError, subprocess.TimeoutExpired) as error:
        return str(error)


def programs_of_the_user():
    """What the agents' user has downloaded, or downloads now."""
    user = agents_user()
    command = [*become(), sys.executable, "-B", str(HERE / "bundled.py")]
    ended = subprocess.run(
        command, capture_output=True, text=True, timeout=900, check=False, cwd="/", env={"HOME": user.pw_dir}
    )
    if ended.returncode != 0:
        raise bundled.Unavailable(ended.stderr.strip().splitlines()[-1])
    return {"claude": pathlib.Path(ended.stdout.strip())}


def pytest_sessionstart(session):
    """Fetches the programs while there is a network, then leaves it for one of the tests' own."""
    if session.config.option.collectonly:
        return
    stash = session.config.stash
    if os.getuid() == 0:
        stash[PROGRAMS] = fetched(programs_of_the_user)
    else:
        stash[PROGRAMS] = fetched(
            lambda: {"claude": bundled.program(bundled.CLAUDE), "codex": bundled.program(bundled.CODEX)}
        )
        stash[SOURCES] = fetched(sources.archives)
    assert threading.active_count() == 1, "namespaces can be entered only by a process with one thread"
    stash[WORLD] = Internet(scratch_parent())


def pytest_runtest_logreport(report):
    """A test that is skipped without anybody noticing tests nothing."""
    if report.skipped:
        reason = report.longrepr[2].removeprefix("Skipped: ")
        known = [line for line in (HERE / "skips.txt").read_text().splitlines() if not line.startswith("#")]
        assert reason.startswith(tuple(known)), f"{report.nodeid} is skipped: {reason}"


def pytest_unconfigure(config):
    if WORLD in config.stash:
        if os.getuid() == 0:
            # What is mounted in the copy of /etc can't be removed.
            subprocess.run(["umount", "--recursive", "--lazy", "/etc"], check=False, timeout=60)
        shutil.rmtree(config.stash[WORLD].directory, ignore_errors=True)


@pytest.fixture(scope="session")
def world(request):
    return request.config.stash[WORLD]


@pytest.fixture(scope="session")
def mews(world):
    """The installation under test. In a user namespace root's files are nobody's, and Mews takes no profile from
    nobody: there it is a copy that belongs to the caller."""
    named = os.environ.get("MEWS_PREFIX")
    assert named, "MEWS_PREFIX names no installation (scripts/test sets it)"
    installation = pathlib.Path(named).resolve()
    if os.getuid() != 0:
        copy = world.directory / "installation"
        shutil.copytree(installation, copy, symlinks=True)
        installation = copy
    return installation / "bin" / "mews"


@pytest.fixture(scope="session")
def programs(request):
    found = request.config.stash[PROGRAMS]
    if isinstance(found, str):
        pytest.skip(f"the agents' programs can't be downloaded: {found}")
    return found


@pytest.fixture(scope="session")
def archives(request):
    found = request.config.stash[SOURCES]
    if isinstance(found, str):
        pytest.skip(f"the projects' sources can't be downloaded: {found}")
    return found


@pytest.fixture(scope="session")
def reads_are_seen(world):
    """Where they aren't they are refused all the same, but with another error and without a record."""
    try:
        os.close(os.open("/dev/fuse", os.O_RDWR))
    except OSError as error:
        pytest.skip(f"denied reads aren't seen here: /dev/fuse: {error.strerror}")


@pytest.fixture
def new_place(world, mews):
    """Makes homes without an agent; each goes with the test."""
    base = pathlib.Path(tempfile.mkdtemp(prefix="mews-agents-", dir=scratch_parent()))
    base.chmod(0o755)
    numbers = itertools.count()
    yield lambda claude=None, **more: Home(base / f"home{next(numbers)}", world, claude, mews, **more)
    subprocess.run(["chmod", "-R", "u+rwX", base], check=False, timeout=60, stderr=subprocess.DEVNULL)
    shutil.rmtree(base, ignore_errors=True)


@pytest.fixture
def new_home(new_place, programs):
    """Makes homes with Claude Code."""
    return lambda **more: new_place(programs["claude"], **more)
