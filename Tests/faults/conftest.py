"""Fixtures of the tests of what goes wrong."""

import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import tempfile

import pytest

HERE = pathlib.Path(__file__).resolve().parent
# What runs programs and reads logs is shared with the integration tests.
sys.path.insert(0, str(HERE.parent / "integration"))
sys.path[:0] = [str(HERE), str(HERE.parent)]

from support.sandbox import Sandbox  # noqa: E402

pytest_plugins = ["installation"]
PROGRAMS = ("injector", "walls")


@pytest.fixture(scope="session")
def scratch():
    """Where the cases live: the user's real home, so that nothing depends on what /tmp is inside."""
    home = pathlib.Path(pwd.getpwuid(os.getuid()).pw_dir)
    parent = home if os.access(home, os.W_OK) else pathlib.Path("/var/tmp")
    directory = pathlib.Path(tempfile.mkdtemp(prefix="mews-faults-", dir=parent))
    directory.chmod(0o755)
    yield directory
    subprocess.run(["chmod", "-R", "u+rwX", directory], check=False, timeout=60, stderr=subprocess.DEVNULL)
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def tools(scratch):
    """The compiled programs."""
    directory = scratch / "tools"
    directory.mkdir()
    for name in PROGRAMS:
        source = HERE / "payloads" / f"{name}.c"
        subprocess.run(["gcc", "-O1", "-static", "-o", directory / name, source], check=True, timeout=120)
    return directory


@pytest.fixture
def sandbox(prefix, tools, tmp_path_factory, scratch):
    base = pathlib.Path(tempfile.mkdtemp(prefix="case-", dir=scratch))
    base.chmod(0o755)
    made = Sandbox(prefix, base, tools)
    yield made
    made.end()
