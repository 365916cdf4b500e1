"""What the tests of the audit log share: the installation under test and a directory of logs."""

import json
import pathlib
import subprocess
import sys

import pytest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))

pytest_plugins = ["installation"]

TIME_LIMIT = 60


class Host:
    """A user's directory of logs, and mews for that user."""

    def __init__(self, prefix, path):
        self.program = prefix / "bin" / "mews"
        self.path = path
        self.logs = path / "state" / "mews" / "audit"
        self.logs.mkdir(parents=True, mode=0o700)
        self.environment = {
            "HOME": str(path), "XDG_STATE_HOME": str(path / "state"), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8",
            "TZ": "UTC"}

    def audit(self, *arguments, **options):
        """Runs a verb of mews audit; its output is bytes."""
        return subprocess.run(
            [self.program, "audit", *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
            timeout=TIME_LIMIT, cwd=self.path, env=self.environment, **options)

    def verify(self, *arguments):
        """The answer of mews audit verify --json and its exit status."""
        result = self.audit("verify", "--json", *arguments)
        assert result.stdout, result
        return json.loads(result.stdout), result.returncode

    def write(self, session, content):
        """A session's log in the directory."""
        path = self.logs / f"{session}.jsonl"
        path.write_bytes(content)
        return path


@pytest.fixture
def host(prefix, tmp_path):
    return Host(prefix, tmp_path)
