"""What the supervisor makes of the network's door: it lets nothing happen before it is written down, outlives a door
that dies, floods or lies, and leaves none behind. The door is a stand-in (payloads/door.c) that does as the test says;
the real one has its own tests in Tests/network."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

import pytest
from support.logs import Logs, acts, codes, end, lost
from support.process import PATIENCE, wait_until
from support.sandbox import PYTHON

# What is refused is only seen where the kernel allows an observer, which it does for whoever may make the namespaces.
PROXY = ("127.0.0.1", 3128)
CLIENT = """
import json, os, socket, sys

def connect(host, port, said=b""):
    try:
        with socket.create_connection((host, port), 20) as connection:
            connection.sendall(said)
            return connection.recv(64).decode() or "end"
    except OSError as error:
        return type(error).__name__

def tell(*values):
    print(json.dumps(values), flush=True)
"""


class Door:
    """A session whose door is a stand-in."""

    def __init__(self, sandbox, logs):
        self.sandbox = sandbox
        self.logs = logs
        installation = sandbox.base / "installation"
        shutil.copytree(sandbox.payloads.parent / "installation", installation, copy_function=os.link)
        self.program = installation / "libexec" / "mews" / "mews-egress"
        self.program.unlink(missing_ok=True)
        shutil.copy(sandbox.payload("door"), self.program)
        sandbox.mews = str(installation / "bin" / "mews")

    def does(self, way):
        (self.program.parent / "way").write_text(way)
        return self

    def run(self, script, **options):
        return self.sandbox.run(PYTHON, "-B", "-S", "-c", CLIENT + script, **options)

    def start(self, script, **options):
        return self.sandbox.start(
            PYTHON, "-B", "-S", "-c", CLIENT + script, stdin=subprocess.PIPE, **options)

    def said(self, ended):
        assert ended.status == 0, ended
        return [json.loads(line) for line in ended.stdout.splitlines()]

    def notes(self):
        """What the log says of the door."""
        return [
            note for line in self.logs.only() if line["metadata"]["event_code"] == "policy.loaded"
            for note in line["unmapped"]["mews"].get("notes", []) if "network door" in note]


@pytest.fixture
def door(sandbox):
    return Door(sandbox, Logs(sandbox))


def network(lines):
    """The records of the network."""
    return [line for line in lines if line["metadata"]["event_code"].startswith(("network.", "dns."))]


def of_mews(process):
    """The doors that are children of a mews: their numbers."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            stat = pathlib.Path(f"/proc/{name}/stat").read_text()
            program = os.readlink(f"/proc/{name}/exe")
        except OSError:
            continue
        if program.endswith("/mews-egress") and int(stat.rpartition(")")[2].split()[1]) == process:
            found.append(int(name))
    return found


def test_nothing_is_answered_before_it_is_recorded(door):
    door.does("answers")
    process = door.start("""
tell(connect("127.0.0.1", 3128))
sys.stdin.readline()
tell(connect("127.0.0.1", 3128))
""")
    assert json.loads(process.stdout.readline()) == ["refused\n"]
    os.kill(process.pid, signal.SIGSTOP)
    process.stdin.write(b"\n")
    process.stdin.flush()
    time.sleep(1)
    assert len(network(door.logs.only())) == 1
    os.set_blocking(process.stdout.fileno(), False)
    assert process.stdout.read() is None
    os.set_blocking(process.stdout.fileno(), True)
    os.kill(process.pid, signal.SIGCONT)
    assert json.loads(process.stdout.readline()) == ["refused\n"]
    assert len(network(door.logs.only())) == 2
    assert process.wait(PATIENCE) == 0


def test_who_connects_stands_in_the_record(door):
    said = door.said(door.does("answers").run("""
for address in ("127.0.0.1", 3128), ("9.9.9.9", 53), ("::ffff:9.9.9.9", 53), ("2001:db8::1", 53):
    child = os.fork()
    if child == 0:
        tell(os.getpid(), connect(*address))
        os._exit(0)
    os.waitpid(child, 0)
"""))  # fmt: skip
    found = network(door.logs.only())
    assert [line["actor"]["process"]["pid"] for line in found] == [pid for pid, _ in said]
    assert {answer for _, answer in said} == {"refused\n"}
    assert {line["actor"]["process"]["file"]["name"] for line in found} == {pathlib.Path(PYTHON).resolve().name}
    assert [line["unmapped"]["mews"]["dialled"] for line in found] == [
        "127.0.0.1:3128", "9.9.9.9:53", "9.9.9.9:53", "[2001:db8::1]:53"]
    assert all(line["unmapped"]["mews"]["host_pid"] > 1 for line in found)


def test_a_socket_that_was_handed_on_is_found(door):
    """The connecting call was another process's, so all of them are looked through."""
    said = door.said(door.does("answers").run("""
one, other = socket.socketpair()
if os.fork() == 0:
    one.close()
    connection = socket.socket()
    connection.setblocking(False)
    tell(os.getpid())
    os.read(0, 1)
    os._exit(0)
connection = socket.socket()
child = os.fork()
if child == 0:
    connection.connect(("127.0.0.1", 3128))
    os._exit(0)
os.waitpid(child, 0)
tell(os.getpid(), child, connection.recv(64).decode())
""", text="x"))  # fmt: skip
    (found,) = network(door.logs.only())
    # Who connected may still have been there.
    owners = [line[:2] for line in said if len(line) == 3][0]
    assert found["actor"]["process"]["pid"] in owners


def test_where_nobody_listens_is_seen_too(door):
    said = door.said(door.does("answers").run("""
tell(os.getpid())
tell(connect("93.184.216.34", 8443), connect("2001:db8::7", 8443), connect("127.0.0.1", 8443))
for family, address in (socket.AF_INET, "93.184.216.34"), (socket.AF_INET6, "2001:db8::7"):
    with socket.socket(family, socket.SOCK_DGRAM) as datagrams:
        datagrams.connect((address, 4433))
        datagrams.send(b"x")
"""))
    assert said[1] == ["ConnectionRefusedError"] * 3
    found = network(door.logs.only())
    # A server of the command's own that isn't up yet is no denial. Each family is seen by a socket of its own, so
    # among the two of them the order of the records isn't the order of the calls.
    assert sorted(
        (line["dst_endpoint"]["ip"], line["dst_endpoint"]["port"], line["connection_info"]["protocol_num"],
         line["unmapped"]["mews"].get("fix", "")) for line in found) == sorted([
             ("93.184.216.34", 8443, 6, 'network: {allow: [{address: "93.184.216.34", ports: [8443]}]}'),
             ("2001:db8::7", 8443, 6, 'network: {allow: [{address: "2001:db8::7", ports: [8443]}]}'),
             ("93.184.216.34", 4433, 17, ""), ("2001:db8::7", 4433, 17, "")])  # fmt: skip
    assert {line["actor"]["process"]["pid"] for line in found} == {said[0][0]}
    assert {line["unmapped"]["mews"]["reason"] for line in found} == {"no-listener"}


def test_a_flood_of_refused_connections_is_counted_exactly(door):
    number = 20_000
    ended = door.does("answers").run(f"""
refused = 0
for port in range({number}):
    refused += connect("93.184.216.34", 10_000 + port % 7) == "ConnectionRefusedError"
tell(refused)
""", options=("--summary", "json"), timeout=120)  # fmt: skip
    assert door.said(ended) == [[number]]
    lines = door.logs.only()
    assert acts(lines, "network.denied") + lost(lines)["network.denied"] == number
    assert len(lines) < 200
    summary = json.loads(ended.stderr.splitlines()[-1])
    assert summary["denied"]["network"] == acts(lines, "network.denied")
    assert door.logs.counted().keys() <= {"UNANCHORED", "GAPS"}


def test_the_end_of_a_connection_has_its_bytes_also_when_the_command_ends_it(door):
    ended = door.does("allows").run("""
connection = socket.create_connection(("127.0.0.1", 3128))
tell(connection.recv(64).decode())
connection.sendall(b"x" * 1000)
os._exit(0)
""", options=("--summary", "json"))
    assert door.said(ended) == [["allowed\n"]]
    lines = door.logs.only()
    opened, closed = network(lines)
    assert (opened["activity_id"], closed["activity_id"]) == (1, 2)
    assert closed["traffic"] == {"bytes_in": 8, "bytes_out": 1000}
    assert closed["actor"]["process"]["pid"] == opened["actor"]["process"]["pid"] > 0
    assert end(lines)["traffic"] == {"bytes_in": 8, "bytes_out": 1000, "connections": 1}
    summary = json.loads(ended.stderr.splitlines()[-1])
    assert summary["network"]["contacted"] == [
        {"connections": 1, "host": "127.0.0.1:3128", "received": 8, "sent": 1000}]


def test_a_door_that_dies_is_told_of_and_started_again(door):
    ended = door.does("stays").run("""
tell(connect("127.0.0.1", 3128))
connection = socket.create_connection(("127.0.0.1", 3128))
connection.recv(8)
connection.sendall(b"x")
try:
    tell(connection.recv(8).decode() or "end")
except ConnectionResetError:
    tell("end")
""")
    said = door.said(ended)
    assert said == [["allowed\n"], ["end"]]
    found = network(door.logs.only())
    assert [line["activity_id"] for line in found] == [1, 2, 1, 4]
    assert found[3]["status_code"] == "ECONNRESET"
    (note,) = door.notes()
    assert "signal 9" in note and "its connections are cut" in note
    assert f"mews:   {note}" in ended.messages


def test_the_next_connection_finds_a_new_door(door):
    said = door.said(door.does("stays").run("""
for _ in range(3):
    connection = socket.create_connection(("127.0.0.1", 3128))
    tell(connection.recv(8).decode())
    connection.sendall(b"x")
    try:
        connection.recv(8)
    except ConnectionResetError:
        pass
"""))
    assert said == [["allowed\n"]] * 3
    assert len(door.notes()) >= 2


@pytest.mark.parametrize("way", ["mutters", "skips"])
def test_a_door_that_makes_no_sense_is_ended(door, way):
    said = door.said(door.does(way).run('tell(connect("127.0.0.1", 3128))\nimport time; time.sleep(0.3)'))
    assert said in ([["end"]], [["ConnectionResetError"]])
    assert door.notes() and all("makes no sense" in note for note in door.notes())
    assert network(door.logs.only()) == []


def test_a_door_that_goes_on_dying_ends_the_session(door):
    ended = door.does("dies").run("""
while True:
    connect("127.0.0.1", 3128)
""", options=("--summary", "json"), timeout=60)
    assert ended.status == 123
    assert "network door (mews-egress) ended 8 times in a row" in ended.stderr
    assert json.loads(ended.stderr.splitlines()[-1])["ended"] == "stopped"
    assert end(door.logs.only())["ended"] == "stopped"
    assert len(door.notes()) == 8


def test_a_door_that_cannot_be_confined_ends_the_session(door):
    ended = door.does("refuses").run('connect("127.0.0.1", 3128)\nimport time; time.sleep(60)')
    assert ended.status == 123
    assert "network door (mews-egress) could not be started or confined (status 3)" in ended.stderr


def test_without_a_door_a_connection_ends_the_session_and_nothing_else_does(door):
    door.program.unlink()
    assert door.run("tell(1)").status == 0
    ended = door.run('connect("127.0.0.1", 3128)\nimport time; time.sleep(60)')
    assert ended.status == 123
    assert "can't be started" in ended.stderr


def test_a_door_that_never_begins_ends_the_session(door):
    ended = door.does("sleeps").run('connect("127.0.0.1", 3128)\nimport time; time.sleep(60)', timeout=60)
    assert ended.status == 123
    assert "didn't begin its work in time" in ended.stderr


def test_a_door_that_floods_starves_nobody(door):
    process = door.does("floods").start(
        'connect("127.0.0.1", 3128)', options=("--summary", "json"))
    wait_until(lambda: door.logs.paths() and network(door.logs.only()), "the first record")
    time.sleep(2)
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    resident = int(status.split("VmRSS:")[1].split()[0])
    assert resident < 64 * 1024, f"{resident} KiB"
    process.send_signal(signal.SIGTERM)
    process.wait(PATIENCE)
    assert os.path.getsize(door.logs.paths()[0]) < 1 << 20
    assert door.logs.counted().keys() <= {"UNANCHORED", "GAPS"}


def test_no_door_is_left_when_mews_is_killed(door):
    process = door.does("answers").start('tell(connect("127.0.0.1", 3128))\nsys.stdin.readline()')
    assert json.loads(process.stdout.readline()) == ["refused\n"]
    (found,) = of_mews(process.pid)
    process.kill()
    process.wait(PATIENCE)
    wait_until(lambda: not os.path.exists(f"/proc/{found}"), "the end of the door")


def test_no_door_is_left_at_the_end(door):
    process = door.does("answers").start('tell(connect("127.0.0.1", 3128))\nsys.stdin.readline()')
    process.stdout.readline()
    (found,) = of_mews(process.pid)
    process.stdin.close()
    assert process.wait(PATIENCE) == 0
    assert not os.path.exists(f"/proc/{found}")


def test_the_door_has_nothing_but_what_it_needs(door):
    process = door.does("answers").start(
        'tell(connect("127.0.0.1", 3128))\nsys.stdin.readline()')
    process.stdout.readline()
    (found,) = of_mews(process.pid)
    place = pathlib.Path(f"/proc/{found}")
    assert (place / "environ").read_bytes() == b""
    assert (place / "cmdline").read_bytes() == b"mews-egress\0"
    assert (place / "comm").read_text() == "mews-egress\n"
    links = {int(link.name): os.readlink(link) for link in (place / "fd").iterdir()}
    assert links[0] == links[1] == "/dev/null"
    assert links[4].startswith("/memfd:mews-egress-settings")
    assert links[5].startswith("/memfd:mews-egress-progress")
    # Names over UDP and TCP, and the proxy.
    assert sorted(number for number in links if number < 9) == list(range(9))
    assert {links[number].partition(":")[0] for number in (3, 6, 7, 8)} == {"socket"}
    # What it waits with, the connection of the one client, which it may still hold, and the script that stands for it.
    more = [link for number, link in links.items() if number > 8 and not link.endswith("/libexec/mews/way")]
    assert {link.partition(":")[0] for link in more} <= {"anon_inode", "socket"}
    assert len(links) <= 13
    status = (place / "status").read_text()
    assert "SigBlk:\t0000000000000000" in status
    assert os.getsid(found) == found
    process.stdin.close()


def test_the_keys_of_the_terminal_are_none_of_the_doors(door):
    process = door.does("answers").start("""
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
tell(connect("127.0.0.1", 3128))
sys.stdin.readline()
tell(connect("127.0.0.1", 3128))
""")
    process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)
    time.sleep(0.2)
    process.stdin.write(b"\n")
    process.stdin.flush()
    assert json.loads(process.stdout.readline()) == ["refused\n"]
    assert process.wait(PATIENCE) == 0


def test_the_key_is_made_once_and_kept_from_others(door):
    key = door.logs.state / "mews" / "addresses.key"
    door.does("answers").run('connect("127.0.0.1", 3128)')
    first = key.read_bytes()
    assert len(first) == 32 and key.stat().st_mode & 0o777 == 0o600
    door.run('connect("127.0.0.1", 3128)')
    assert key.read_bytes() == first
    assert [path.name for path in key.parent.iterdir() if path.name.startswith(".")] == []


def test_what_the_command_is_refused_is_published_to_it(door):
    said = door.said(door.does("answers").run("""
connect("127.0.0.1", 3128)
for line in open("/run/mews/denials"):
    tell(json.loads(line)["metadata"]["event_code"])
"""))
    assert said == [["network.denied"]]


def test_the_beginning_says_what_is_seen(door):
    door.run("pass")
    first = door.logs.only()[0]
    assert first["unmapped"]["mews"]["observed"]["packets"] == "socket"
    assert codes(door.logs.only()).count("policy.loaded") == 1
