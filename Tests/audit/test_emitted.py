"""What mews run really writes, against all that is said of it: chain, ledger, JSON Schema and OCSF."""

import json
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading

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


# By name and by number, to where something listens and where nothing does, with a word to a name server between.
NETWORK = """
import socket
def tries(host, port, words, family=socket.AF_INET):
    try:
        with socket.create_connection((host, port), 10) as connection:
            connection.sendall(words.encode())
            return connection.recv(100)
    except OSError as error:
        return type(error).__name__.encode()
print(tries("origin.test", {port}, "by name"))
print(tries("127.0.0.1", 3128, "CONNECT origin.test:{port} HTTP/1.1\\r\\nHost: origin.test:{port}\\r\\n\\r\\n"))
print(tries("127.0.0.1", 3128, "CONNECT evil.test:443 HTTP/1.1\\r\\nHost: evil.test:443\\r\\n\\r\\n"))
print(tries("127.0.0.1", 3128, "\\x04\\x01\\x01\\xbb\\x5d\\xb8\\xd8\\x22\\0"))
print(tries("93.184.216.34", {port}, "by number"), tries("2001:db8::1", {port}, "by number"))
print(tries("93.184.216.34", 9, ""), tries("evil.test", 443, ""), tries("origin.test", 9, ""))
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
    datagrams.sendto(b"x", ("93.184.216.34", 443))
"""


@pytest.fixture
def origin():
    """The port of a server that says what it was told."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                try:
                    connection.sendall(connection.recv(100))
                except OSError:
                    pass

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


def check(host):
    """The records of the only log, each of them sound by all that is said of it."""
    logs = [path for path in host.logs.glob("*.jsonl") if path.name != "ledger.jsonl"]
    assert len(logs) == 1
    answer, status = host.verify("--all")
    assert (answer["state"], status) == ("UNANCHORED", 0), answer
    assert verify.verify_all(host.logs) == ({logs[0].stem: ("UNANCHORED", [])}, [])
    records = [json.loads(line) for line in logs[0].read_bytes().splitlines()]
    for record in records:
        VALIDATOR.validate(record)
        assert ocsf.problems(record) == [], record
    return records


def test_what_is_asked_of_the_network_is_written_down(prefix, place, origin):
    host = Host(prefix, place)
    project = place / "project"
    project.mkdir()
    subprocess.run(["git", "init", "-q", project], check=True, timeout=TIME_LIMIT)
    (place / "net.yaml").write_text(f"""version: 1
name: net
extends: [workspace]
network:
  allow: [{{host: origin.test, ports: [{origin}], protocol: tcp}}]
  hosts: {{origin.test: 127.0.0.1}}
""")
    ended = subprocess.run(
        [host.program, "run", "-p", place / "net.yaml", "--", "python3", "-c", NETWORK.format(port=origin)],
        cwd=project, env=host.environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIME_LIMIT)
    assert ended.returncode == 0, ended
    records = [record for record in check(host) if record["category_uid"] == 4]
    found = {(record["metadata"]["event_code"], record["activity_id"], record["unmapped"]["mews"]["door"],
              record["unmapped"]["mews"].get("reason")) for record in records}
    assert found >= {
        ("network.allowed", 1, "transparent", None), ("network.allowed", 2, "transparent", None),
        ("network.allowed", 1, "proxy", None), ("network.denied", 5, "proxy", "not-allowed"),
        ("network.denied", 5, "socks", "address-literal"), ("network.denied", 5, "transparent", "address-literal"),
        ("network.denied", 5, "packet", "no-listener"), ("dns.denied", 1, "dns", "not-allowed")}, found
    assert all(record["actor"]["process"]["pid"] > 0 for record in records), records
    assert "origin.test:9" in {
        f"{record['dst_endpoint'].get('hostname')}:{record['dst_endpoint']['port']}" for record in records
        if record["unmapped"]["mews"]["door"] == "packet"}


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
    records = check(host)
    codes = {record["metadata"]["event_code"] for record in records}
    programs = [record for record in records if "parent_process" in record.get("process", {})]
    assert bool(programs) == (level == "commands")
    assert {"session.start", "command.exec", "file.denied", "socket.denied", "session.end"} <= codes
