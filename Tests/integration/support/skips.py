"""Holds the skips of a whole run to the list that is checked in: a case that falls silent is a failure."""

import os
import pathlib
import subprocess

import pytest


def on_debian_12():
    """Whether this is Debian 12, for which a list is kept."""
    try:
        lines = pathlib.Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    return "ID=debian" in lines and 'VERSION_ID="12"' in lines


# What the root of the view needs to be a file system that the supervisor answers for.
SKELETON = "a FUSE device that the caller may open"
# Beside the list, in a container (scripts/test --container): what its missing FUSE device takes away, and that its root
# isn't the host's.
IN_A_CONTAINER = (
    SKELETON, "only root can mount an automounter",
    "only root can put a device node into a workspace")


def user_namespaces_work():
    """Whether the calling user can make a user namespace with a mount namespace and a private root in it."""
    attempt = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "true"], capture_output=True, check=False, timeout=20
    )
    return attempt.returncode == 0


class SkipLedger:
    """A pytest plugin that notes every skip with its reason and compares them with the list at the end."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.list = self.directory / f"skips-debian12-{'root' if os.getuid() == 0 else 'user'}.txt"
        self.noted = set()
        # What depends on the machine, such as whether it reaches an archive, stands there behind this.
        self.maybe = "perhaps "
        self.deselected = 0
        self.differences = []

    def pytest_runtest_logreport(self, report):
        if report.skipped and not hasattr(report, "wasxfail"):
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            self.noted.add(f"{report.nodeid.rpartition('::')[2]}: {reason.removeprefix('Skipped: ')}")

    def pytest_deselected(self, items):
        self.deselected += len(items)

    def expected(self):
        lines = self.list.read_text(encoding="utf-8").splitlines()
        return {line for line in lines if line and not line.startswith("#")}

    def ran_everything(self, config):
        chosen = [pathlib.Path(argument).resolve() for argument in config.args]
        return not self.deselected and chosen == [self.directory] and not getattr(config.option, "lf", False)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session):
        if not (self.ran_everything(session.config) and on_debian_12() and user_namespaces_work()):
            return
        expected = self.expected()
        if os.environ.get("MEWS_TEST_CONTAINER"):
            self.noted = {line for line in self.noted - expected if not line.endswith(IN_A_CONTAINER)} | (
                self.noted & expected)
        possible = {line.removeprefix(self.maybe) for line in expected}
        certain = {line for line in expected if not line.startswith(self.maybe)}
        self.differences = [
            f"skipped, but not in {self.list.name}: {line}" for line in sorted(self.noted - possible)
        ]
        self.differences += [
            f"in {self.list.name}, but not skipped: {line}" for line in sorted(certain - self.noted)
        ]
        if self.differences and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter):
        for line in self.differences:
            terminalreporter.write_line(line, red=True)
