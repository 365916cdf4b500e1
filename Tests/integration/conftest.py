"""Fixtures of the integration tests, and what holds for the run as a whole."""

import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import tempfile

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

pytest_plugins = ["installation"]
from support.sandbox import Control, Sandbox  # noqa: E402
from support.skips import SkipLedger  # noqa: E402

LAYERS = pytest.StashKey()

PROGRAMS = {
    "compat32": ("-m32",),
    "int80": (),
    "x32": (),
    "rewrite": (),
    "identity": (),
    "orphans": (),
    "programs": ("-pthread",),
    "storm": (),
    "door": (),
}


def scratch_directory(parent):
    return pathlib.Path(tempfile.mkdtemp(prefix="mews-case-", dir=parent))


@pytest.fixture(scope="session")
def scratch_parent():
    """Where the cases live: the user's real home, so that nothing depends on what /tmp is inside."""
    home = pathlib.Path(pwd.getpwuid(os.getuid()).pw_dir)
    return home if os.access(home, os.W_OK) else pathlib.Path("/var/tmp")


@pytest.fixture(scope="session")
def payloads(prefix, scratch_parent):
    """The payloads, compiled once, in a place of their own that the sandbox is given to read. Beside them
    is a copy of the installation that belongs to the caller."""
    directory = scratch_directory(scratch_parent)
    directory.chmod(0o755)
    copy = directory / "payloads"
    shutil.copytree(HERE / "payloads", copy, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(prefix, directory / "installation")
    (copy / "bin").mkdir()
    for name, options in PROGRAMS.items():
        subprocess.run(
            ["gcc", "-O1", "-static", *options, "-o", copy / "bin" / name, copy / f"{name}.c"],
            check=True,
            timeout=120,
        )
    yield copy
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def base(scratch_parent):
    """A fresh directory that one test has for itself."""
    directory = scratch_directory(scratch_parent)
    directory.chmod(0o755)
    yield directory
    # A payload may have left directories that can't be entered: a copied mask has mode 0.
    subprocess.run(["chmod", "-R", "u+rwX", directory], check=False, timeout=60, stderr=subprocess.DEVNULL)
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def sandbox(prefix, base, payloads):
    made = Sandbox(prefix, base, payloads)
    yield made
    made.end()


@pytest.fixture
def control(sandbox):
    return Control(sandbox)


@pytest.fixture
def report_layers(request):
    """Takes what the probe found to be in force, for the last lines of the run."""
    return lambda layers: request.config.stash.__setitem__(LAYERS, layers)


def pytest_configure(config):
    config.pluginmanager.register(SkipLedger(HERE))


def pytest_terminal_summary(terminalreporter, config):
    for line in config.stash.get(LAYERS, ["none was read: the probe did not run"]):
        terminalreporter.write_line(f"layer: {line}")
