"""What mews run really writes, against all that is said of it: chain, ledger, JSON Schema and OCSF."""

import json
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile

import pytest

import ocsf
import verify
from conftest import TIME_LIMIT, Host
from test_records import VALIDATOR

# Each is refused in another place: outside the view, in a protected part of the workspace, by the filter.
ACTS = """
cat "$HOME/.ssh/id_ed25519"
echo x >.git/hooks/pre-commit
python3 -c 'import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)'
true
"""


@pytest.fixture
def place():
    """Not in /tmp, which is another one inside."""
    real = pathlib.Path(pwd.getpwuid(os.getuid()).pw_dir)
    path = pathlib.Path(tempfile.mkdtemp(prefix="mews-audit-", dir=real if os.access(real, os.W_OK) else "/var/tmp"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.mark.parametrize("level", ["denied", "commands"])
def test_a_run_is_written_down(prefix, place, level):
    host = Host(prefix, place)
    (place / ".ssh").mkdir(mode=0o700)
    (place / ".ssh/id_ed25519").write_text("secret")
    project = place / "project"
    project.mkdir()
    subprocess.run(["git", "init", "-q", project], check=True, timeout=TIME_LIMIT)
    if level != "denied":
        (project / ".mews.yaml").write_text(f"version: 1\naudit: {{level: {level}}}\n")
    ended = subprocess.run(
        [host.program, "run", "-c", ACTS], cwd=project, env=host.environment, stdin=subprocess.DEVNULL,
        capture_output=True, timeout=TIME_LIMIT)
    assert ended.returncode == 0, ended
    logs = [path for path in host.logs.glob("*.jsonl") if path.name != "ledger.jsonl"]
    assert len(logs) == 1
    answer, status = host.verify("--all")
    assert (answer["state"], status) == ("UNANCHORED", 0), answer
    assert verify.verify_all(host.logs) == ({logs[0].stem: ("UNANCHORED", [])}, [])
    records = [json.loads(line) for line in logs[0].read_bytes().splitlines()]
    for record in records:
        VALIDATOR.validate(record)
        assert ocsf.problems(record) == [], record
    codes = {record["metadata"]["event_code"] for record in records}
    programs = [record for record in records if "parent_process" in record.get("process", {})]
    assert bool(programs) == (level == "commands")
    assert {"session.start", "command.exec", "file.denied", "socket.denied", "session.end"} <= codes
