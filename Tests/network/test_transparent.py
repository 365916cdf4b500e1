"""Programs that know of no proxy, and other ways by which a program might leave."""

import socket
import subprocess
import time

import pytest

from support import speech
from support.names import SITE, SITE6
from support.sandbox import PYTHON
from support.speech import send
from support.world import ECHO

ALLOW = [
    *({"host": name, "ports": [ECHO], "protocol": "tcp"} for name in ("example.com", "*.example.com")),
    "example.com",
    "example.com:80",
]

# connect(2) without any library: what a static program does.
STATIC = """
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
int main(int count, char **arguments)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(arguments[2]))};
    inet_pton(AF_INET, arguments[1], &to.sin_addr);
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    char bytes[100];
    if (connect(connection, (struct sockaddr *)&to, sizeof to) != 0) { perror("connect"); return 1; }
    if (write(connection, "ping", 4) != 4) { perror("write"); return 2; }
    ssize_t length = read(connection, bytes, sizeof bytes);
    if (length <= 0) { perror("read"); return 3; }
    return write(1, bytes, length) != length;
}
"""


@pytest.fixture(scope="module")
def static(tmp_path_factory):
    directory = tmp_path_factory.mktemp("static")
    (directory / "program.c").write_text(STATIC)
    subprocess.run(
        ["gcc", "-static", "-O1", "-o", directory / "program", directory / "program.c"], check=True, timeout=60
    )
    return directory / "program"


@pytest.mark.case(71)
def test_a_static_program_lands_at_the_door(sandbox, world, static):
    assert sandbox.outside(static, SITE, ECHO).stdout == "ping"
    program = sandbox.home / "project" / "static"
    program.write_bytes(static.read_bytes())
    program.chmod(0o755)
    watch = world.watch()
    session = sandbox.run(program, SITE, ECHO, profile=sandbox.profile(ALLOW))
    assert session.status in (2, 3), session
    (record,) = session.denials()
    assert (record.door, record.reason, record.address, record.port, record.program) == (
        "transparent",
        "address-literal",
        SITE,
        ECHO,
        "static",
    ), session
    watch.nothing()
    rule = {"address": SITE, "ports": [ECHO], "protocol": "tcp"}
    session = sandbox.run(program, SITE, ECHO, profile=sandbox.profile([rule]))
    assert (session.status, session.stdout) == (0, "ping"), session


@pytest.mark.case(71)
def test_an_address_with_an_allowed_name_in_the_hello_is_still_an_address(sandbox, world):
    """Else a program could name one host and speak to another."""
    watch = world.watch()
    session = sandbox.act(
        speech.direct("1.2.3.4", 443, send(speech.hello("example.com"), rest=True)),
        speech.direct("1.2.3.4", 80, send(speech.get_head("/", "example.com"), rest=True)),
        profile=sandbox.profile(ALLOW),
    )
    assert [(record.reason, record.address) for record in session.denials()] == [("address-literal", "1.2.3.4")] * 2, (
        session
    )
    tls, http = session.results
    assert tls["received"][:1] in ([""], []) or tls["received"][0].startswith("\x15"), session
    assert speech.status(http) in (403, None), session
    watch.nothing()


@pytest.mark.case(73)
@pytest.mark.parametrize("host", [SITE, SITE6, "1.1.1.1"])
def test_datagrams_are_refused_at_once_and_counted(sandbox, world, host):
    """QUIC: a client that is refused at once falls back to TCP at once."""
    act = {"act": "datagram", "to": [host, 443], "send": "quic", "patience": 2}
    watch = world.watch()
    sandbox.outside(*sandbox.acting(act))
    assert [packet.protocol for packet in watch.packets] == ["udp"], "the control doesn't leave"
    watch = world.watch()
    session = sandbox.act(act, act, act, act, act, profile=sandbox.profile(ALLOW))
    assert {result["error"] for result in session.results} == {"ECONNREFUSED"}, session
    assert all(result["seconds"] < 0.5 for result in session.results), session
    assert session.count("network.denied", door="packet", reason="no-listener", address=host, port=443) == 5, session
    watch.nothing()


@pytest.mark.case(73)
@pytest.mark.parametrize("host", [SITE, SITE6, "10.2.3.4", "169.254.169.254"])
def test_a_port_that_no_rule_names_is_refused_at_once_and_recorded(sandbox, world, host):
    sandbox.control(speech.direct(host, 25, {"most": 3}))
    watch = world.watch()
    session = sandbox.act(speech.direct(host, 25), profile=sandbox.profile(ALLOW))
    assert session.results[0]["error"] == "ECONNREFUSED" and session.results[0]["seconds"] < 0.5, session
    (record,) = session.denials()
    assert (record.door, record.reason, record.address, record.port) == ("packet", "no-listener", host, 25), session
    assert record.program, session
    watch.nothing()


def test_an_allowed_name_at_another_port_is_recorded_by_its_name(sandbox, world):
    watch = world.watch()
    session = sandbox.act(speech.direct("example.com", 25), profile=sandbox.profile(ALLOW))
    assert session.results[0]["error"] == "ECONNREFUSED", session
    (record,) = session.denials()
    assert (record.door, record.port) == ("packet", 25), session
    assert record.host in ("example.com", None), session
    watch.nothing()


@pytest.mark.case(74)
@pytest.mark.parametrize(
    ("family", "kind", "protocol"),
    [
        (socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP),
        (socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6),
        (socket.AF_INET, socket.SOCK_RAW, 255),
        (socket.AF_PACKET, socket.SOCK_DGRAM, 0),
        (socket.AF_VSOCK, socket.SOCK_STREAM, 0),
        (socket.AF_INET, socket.SOCK_STREAM, 132),
        (socket.AF_INET, 6, 33),
        (socket.AF_BLUETOOTH, socket.SOCK_RAW, 1),
        (44, socket.SOCK_RAW, 0),
    ],
)
def test_no_other_kinds_of_sockets(sandbox, world, family, kind, protocol):
    """ICMP, raw IP, packets, vsock, SCTP, DCCP, Bluetooth, XDP."""
    session = sandbox.act(
        {"act": "opened", "family": family, "kind": kind, "protocol": protocol}, profile=sandbox.profile(ALLOW)
    )
    assert session.results[0]["error"], session


@pytest.mark.case(74)
def test_ping_leaves_nothing(sandbox, world):
    """Echo requests by datagram sockets are allowed to groups of the host's choice, and stay inside."""
    program = f"""
import socket
try:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP) as ping:
        ping.sendto(b"\\x08\\0\\0\\0\\0\\0\\0\\1", ("{SITE}", 0))
except OSError as error:
    print(error.errno)
"""
    watch = world.watch()
    session = sandbox.run(PYTHON, "-B", "-S", "-c", program, profile=sandbox.profile(ALLOW))
    assert session.status == 0, session
    watch.nothing()


@pytest.mark.case(76)
def test_rings_are_no_way_around(sandbox, world):
    """io_uring connects without the system calls that are watched: it isn't there."""
    program = "import ctypes; libc = ctypes.CDLL(None, use_errno=True); print(libc.syscall(425, 4, ctypes.create_string_buffer(256)), ctypes.get_errno())"
    session = sandbox.run(PYTHON, "-B", "-S", "-c", program, profile=sandbox.profile(ALLOW))
    assert session.stdout.split() == ["-1", "38"], session


@pytest.mark.case(77)
def test_data_with_the_first_packet(sandbox, world):
    """MSG_FASTOPEN connects in sendto(2)."""
    act = {"act": "fast_open", "to": [SITE, ECHO], "send": "ping"}
    assert sandbox.control(act)[0]["received"] == "ping"
    watch = world.watch()
    session = sandbox.act(act, {**act, "to": [SITE, 25]}, profile=sandbox.profile(ALLOW))
    assert all(result["received"] == "" for result in session.results), session
    watch.nothing()
    session = sandbox.act(act, profile=sandbox.profile([{"address": SITE, "ports": [ECHO], "protocol": "tcp"}]))
    assert session.results[0]["received"] == "ping" or session.results[0]["error"], session


@pytest.mark.case(79)
def test_a_network_of_its_own_has_nothing(sandbox, world):
    watch = world.watch()
    script = "unshare -Urn true || echo refused; unshare -rn curl -sS -m 2 http://93.184.216.34/ || echo nothing"
    session = sandbox.run("sh", "-c", script, profile=sandbox.profile(ALLOW))
    assert session.stdout.splitlines()[-1] == "nothing", session
    watch.nothing()


@pytest.mark.case(80)
def test_the_doors_ports_are_taken(sandbox, world):
    """A program that listens where the door does gets EADDRINUSE: it can't answer in its place."""
    places = [
        ["127.0.0.1", 3128],
        ["0.0.0.0", 443],
        ["127.0.0.1", 443],
        ["::", 443],
        ["::1", ECHO],
        ["0.0.0.0", 53],
        ["1.2.3.4", 80],
    ]
    acts = [{"act": "listen", "to": place} for place in places]
    session = sandbox.act(
        *acts,
        {"act": "listen", "to": ["127.0.0.1", 3000]},
        {"act": "listen", "to": ["::", 3001]},
        profile=sandbox.profile(ALLOW),
    )
    *taken, free, free6 = session.results
    assert {result["error"] for result in taken} <= {"EADDRINUSE", "EACCES"}, session
    assert (free["error"], free6["error"]) == (None, None), session


def test_servers_of_the_sandbox_itself_work(sandbox, world):
    """On its loopback address, at any port that no rule has."""
    script = "python3 -m http.server --bind 127.0.0.1 3000 >/dev/null 2>&1 & for n in $(seq 50); do curl -sS --noproxy '*' http://127.0.0.1:3000/ && break; sleep 0.1; done 2>/dev/null | head -1"
    watch = world.watch()
    session = sandbox.run("sh", "-c", script, profile=sandbox.profile(ALLOW))
    assert "DOCTYPE" in session.stdout, session
    # Before it listened, connecting was refused by nobody's policy.
    assert not session.denials(), session
    watch.nothing()


def test_loopback_ports_that_are_granted_lead_to_the_hosts(sandbox, world):
    def handle(connection, known):
        connection.sendall(b"the host's")

    with world.serving(5433, handle, world.networks.host), world.serving(5434, handle, world.networks.host):
        profile = sandbox.profile(["example.com:5434"], loopback={"connect": [5433]})
        session = sandbox.act(
            speech.direct("127.0.0.1", 5433, speech.REST),
            speech.direct("::1", 5433, speech.REST),
            speech.direct("127.0.0.1", 5434, speech.REST),
            speech.direct("127.0.0.2", 5434, speech.REST),
            speech.direct("1.1.1.1", 5433, speech.REST),
            profile=profile,
        )
        granted, six, *others = session.results
        assert granted["received"] == ["the host's"], session
        assert six["received"] in (["the host's"], [""], []), session
        assert all("".join(result["received"]) == "" for result in others), session
        assert {record.reason for record in session.denials()} <= {"loopback-port", "address-literal"}, session
        assert session.opened(door="loopback"), session


def test_a_connection_says_who_made_it(sandbox, world):
    program = "import socket; c = socket.create_connection(('example.com', 7)); c.send(b'x'); c.recv(1)"
    session = sandbox.run(PYTHON, "-B", "-S", "-c", program, profile=sandbox.profile(ALLOW))
    assert session.status == 0, session
    (record,) = session.opened()
    assert record.program == "python3", session
    assert record.raw["actor"]["process"]["pid"] > 1, session


def test_a_closed_connection_tells_its_bytes(sandbox, world):
    session = sandbox.act(
        speech.direct("example.com", ECHO, send("x" * 1000, most=1000)),
        speech.connect(f"example.com:{ECHO}", send("y" * 5000, most=5000)),
        profile=sandbox.profile(ALLOW),
    )
    assert session.status == 0
    assert [record.traffic for record in session.records(activity="close")] == [(1000, 1000), (5000, 5000)], session


def test_half_closed_connections_and_large_ones(sandbox, world):
    """What was sent arrives whole although the sender's end is closed long before."""
    session = sandbox.act(
        speech.direct("example.com", 9, send("z" * 65536, times=400, half=True, rest=True)),
        speech.connect("example.com:9", send("z" * 65536, times=400, half=True, rest=True)),
        profile=sandbox.profile([{"host": "example.com", "ports": [9], "protocol": "tcp"}]),
    )
    direct, connect = session.results
    assert direct["received"] == [f"{400 * 65536}\n"] and connect["received"][1] == f"{400 * 65536}\n", session


def test_a_reset_arrives_as_a_reset(sandbox, world):
    seen = []

    def handle(connection, known):
        try:
            while connection.recv(100):
                pass
            seen.append("end")
        except ConnectionResetError:
            seen.append("reset")

    with world.serving(7070, handle):
        sandbox.act(
            speech.direct("example.com", 7070, send("hello"), {"pause": 0.3}, {"reset": True}),
            profile=sandbox.profile([{"host": "example.com", "ports": [7070], "protocol": "tcp"}]),
        )
        deadline = time.monotonic() + 30
        while not seen and time.monotonic() < deadline:
            time.sleep(0.02)
    assert seen, "the connection was left open"
