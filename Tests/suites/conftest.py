"""Fixtures of the suites that other projects' tests and the kernel's gave the ideas for."""

import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import tempfile

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration"), str(HERE.parent)]

from support.sandbox import Control, Sandbox  # noqa: E402
from support.skips import SkipLedger  # noqa: E402

pytest_plugins = ["installation"]


def home_of_caller():
    """The user's real home, so that nothing depends on what /tmp is inside; root's lie where others reach as well."""
    home = pathlib.Path("/srv" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_dir)
    return home if os.access(home, os.W_OK) else pathlib.Path("/var/tmp")


def fresh():
    directory = pathlib.Path(tempfile.mkdtemp(prefix="mews-suite-", dir=home_of_caller()))
    directory.chmod(0o755)
    return directory


def clear(directory):
    subprocess.run(["chmod", "-R", "u+rwX", directory], check=False, timeout=60, stderr=subprocess.DEVNULL)
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def programs():
    """A directory for what the tests compile or fetch, which the sandbox is given to read."""
    directory = fresh()
    yield directory
    clear(directory)


@pytest.fixture
def base():
    """A fresh directory that one test has for itself."""
    directory = fresh()
    yield directory
    clear(directory)


@pytest.fixture
def sandbox(prefix, base, programs):
    made = Sandbox(prefix, base, programs)
    yield made
    made.end()


@pytest.fixture
def control(sandbox):
    return Control(sandbox)


def pytest_configure(config):
    config.pluginmanager.register(SkipLedger(HERE))
