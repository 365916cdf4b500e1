"""What the tests of the tools share: the installation under test and a user's home with a project in it."""

import os
import pathlib
import pwd
import shutil
import sys
import tempfile

import pytest

from home import Home

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))

pytest_plugins = ["installation"]

# The sample project has tests of its own, for the ones here to run inside.
collect_ignore = ["sample"]


@pytest.fixture
def home(prefix):
    """Below the user's real home, because /tmp is another one inside."""
    real = pathlib.Path(pwd.getpwuid(os.getuid()).pw_dir)
    parent = real if os.access(real, os.W_OK) else pathlib.Path("/var/tmp")
    path = pathlib.Path(tempfile.mkdtemp(prefix="mews-tools-", dir=parent))
    yield Home(path, prefix)
    shutil.rmtree(path, ignore_errors=True)
