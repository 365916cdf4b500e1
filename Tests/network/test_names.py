"""Names: who may ask for which, and that nothing else is ever asked outside."""

import socket
import struct

import pytest

from support import names, speech
from support.world import ECHO

ALLOW = [{"host": name, "ports": [ECHO], "protocol": "tcp"} for name in ("example.com", "*.example.com")]


def tunnel(name, port=ECHO):
    return speech.connect(f"{name}:{port}", speech.send("ping", most=4))


def ask(name, kind=names.A, server="9.9.9.9", **more):
    return {"act": "datagram", "to": [server, 53], "send": speech.text(names.query(name, kind)), **more}


def answer(result):
    assert result["answer"] is not None, result
    return names.read_answer(result["answer"].encode("latin-1"))


@pytest.mark.parametrize("server", ["9.9.9.9", "8.8.8.8", "127.0.0.53", "10.255.255.53", "2001:4860:4860::8888", "::1"])
def test_whoever_is_asked_it_is_the_door_that_answers(sandbox, world, server):
    watch = world.watch()
    session = sandbox.act(
        ask("www.example.com", server=server),
        ask("evil.com", server=server),
        ask("example.com", names.AAAA, server=server),
        profile=sandbox.profile(ALLOW),
    )
    allowed, denied, six = map(answer, session.results)
    (address,) = allowed["answers"]
    assert allowed["code"] == 0 and address.startswith(("198.18.", "198.19.")), session
    assert (denied["code"], denied["answers"]) == (names.NXDOMAIN, []), session
    assert (six["code"], six["answers"]) == (0, []), session
    (record,) = session.denials()
    assert (record.code, record.host, record.reason, record.door) == ("dns.denied", "evil.com", "not-allowed", "dns"), (
        session
    )
    watch.nothing()


def test_over_tcp_as_well(sandbox, world):
    watch = world.watch()
    packets = [names.query("www.example.com"), names.query("evil.com")]
    framed = speech.text(b"".join(struct.pack("!H", len(packet)) + packet for packet in packets))
    session = sandbox.act(
        speech.direct("9.9.9.9", 53, speech.send(framed, half=True, rest=True)), profile=sandbox.profile(ALLOW)
    )
    received, found = session.results[0]["received"][0].encode("latin-1"), []
    while received:
        size = struct.unpack("!H", received[:2])[0]
        found.append(names.read_answer(received[2 : 2 + size]))
        received = received[2 + size :]
    assert sorted((one["code"], len(one["answers"])) for one in found) == [(0, 1), (names.NXDOMAIN, 0)], session
    watch.nothing()


def test_a_name_has_the_same_address_in_every_session(sandbox):
    profile = sandbox.profile(ALLOW)
    first = sandbox.act(*({"act": "resolve", "name": f"{word}.example.com"} for word in "abc"), profile=profile)
    second = sandbox.act(*({"act": "resolve", "name": f"{word}.example.com"} for word in "cba"), profile=profile)
    addresses = [result["addresses"] for result in first.results]
    assert addresses == [result["addresses"] for result in reversed(second.results)]
    assert len({*map(tuple, addresses)}) == 3


@pytest.mark.case(31)
def test_a_pattern_lets_labels_out_and_counts_them(sandbox, world):
    """Below an allowed pattern a name itself is a message: that is what such a rule means. Each is in the log when it
    is connected to; questions alone never leave."""
    watch = world.watch()
    secrets = [f"secret{number}.example.com" for number in range(20)]
    session = sandbox.act(*({"act": "resolve", "name": name} for name in secrets), profile=sandbox.profile(ALLOW))
    assert all(result["addresses"] for result in session.results), session
    watch.nothing()
    session = sandbox.act(tunnel(secrets[0]), profile=sandbox.profile(ALLOW))
    assert watch.names == [secrets[0]]
    assert [record.host for record in session.opened()] == [secrets[0]], session


@pytest.mark.case(32)
@pytest.mark.parametrize(
    "kind",
    [
        names.TXT,
        names.NULL,
        names.ANY,
        names.SRV,
        names.HTTPS,
        names.SVCB,
        names.MX,
        names.AAAA,
        names.NS,
        names.CNAME,
        65280,
    ],
)
def test_other_kinds_of_questions_are_answered_with_nothing(sandbox, world, kind):
    """Such records carry more than addresses, in both directions, and HTTPS the keys that hide a server's name."""
    watch = world.watch()
    session = sandbox.act(ask("www.example.com", kind), ask("evil.com", kind), profile=sandbox.profile(ALLOW))
    allowed, denied = map(answer, session.results)
    assert (allowed["code"], allowed["answers"]) == (0, []), session
    assert (denied["code"], denied["answers"]) == (names.NXDOMAIN, []), session
    assert session.denials(host="evil.com"), session
    watch.nothing()


@pytest.mark.case(32)
@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"\0",
        names.query("example.com")[:11],
        names.query("example.com")[:-1],
        names.query("example.com") + b"x" * 400,
        names.query("example.com", flags=0x8100),
        names.query("example.com", flags=0x2900),
        b"\x12\x34\1\0\0\2\0\0\0\0\0\0" + names.query("example.com")[12:] * 2,
        b"\x12\x34\1\0\0\1\0\0\0\0\0\0\xc0\x0c\0\1\0\1",
        b"\x12\x34\1\0\0\1\0\0\0\0\0\0\x40abc\0\0\1\0\1",
        b"\x12\x34\1\0\0\1\0\0\0\0\0\0\x07exa\0mpl\3com\0\0\1\0\1",
        b"\x12\x34\1\0\0\1\0\0\0\0\0\0" + b"\x3f" + b"a" * 63 + b"\3com\0\0\xff\0\xff",
    ],
)
def test_questions_that_are_none(sandbox, world, packet):
    watch = world.watch()
    odd = {"act": "datagram", "to": ["9.9.9.9", 53], "send": speech.text(packet), "patience": 0.3}
    session = sandbox.act(odd, ask("www.example.com"), profile=sandbox.profile(ALLOW))
    assert answer(session.results[1])["answers"], session
    if session.results[0]["answer"]:
        # What is answered has no address of anything, unless it was a question after all.
        assert names.read_answer(session.results[0]["answer"].encode("latin-1"))["code"] in (0, 1, 2, 3, 4, 5), session
    watch.nothing()


@pytest.mark.case(34)
@pytest.mark.parametrize(
    ("to", "broadcast"),
    [
        (["224.0.0.251", 5353], False),
        (["ff02::fb%lo", 5353], False),
        (["224.0.0.252", 5355], False),
        (["255.255.255.255", 67], True),
        (["10.255.255.255", 137], True),
        (["239.255.255.250", 1900], False),
    ],
)
def test_nobody_is_called_on_the_local_network(sandbox, world, to, broadcast):
    """mDNS, LLMNR, NetBIOS, DHCP, SSDP."""
    watch = world.watch()
    session = sandbox.act(
        {"act": "datagram", "to": to, "send": "who is there", "broadcast": broadcast, "patience": 0.5},
        profile=sandbox.profile(ALLOW),
    )
    assert session.results[0]["answer"] is None, session
    watch.nothing()


@pytest.mark.case(35)
def test_no_socket_of_the_host_resolves_names(sandbox, world):
    """nscd, systemd-resolved and D-Bus would ask outside of the door."""
    program = """
import json, socket, sys
found = []
for path in sys.argv[1:]:
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(path)
            found.append("connected")
        except OSError as error:
            found.append(type(error).__name__)
print(json.dumps(found))
"""
    server = socket.socket(socket.AF_UNIX)
    own = sandbox.home / "resolver.socket"
    server.bind(str(own))
    server.listen()
    with server:
        paths = [
            "/run/nscd/socket",
            "/var/run/nscd/socket",
            "/run/systemd/resolve/io.systemd.Resolve",
            "/run/dbus/system_bus_socket",
            str(own),
        ]
        assert "connected" in sandbox.outside("python3", "-c", program, *paths).stdout
        watch = world.watch()
        session = sandbox.run("python3", "-B", "-S", "-c", program, *paths, profile=sandbox.profile(ALLOW))
        assert "connected" not in session.results, session
        watch.nothing()


@pytest.mark.case(37)
def test_an_address_whose_name_nobody_knows(sandbox, world):
    """A program may keep an address of an earlier session, whose name isn't known to the door any more."""
    watch = world.watch()
    session = sandbox.act(
        speech.direct("198.18.77.77", ECHO, speech.send("ping", most=4)),
        profile=sandbox.profile([{"host": "*.example.com", "ports": [ECHO], "protocol": "tcp"}]),
    )
    assert session.results[0]["received"] in ([], [""]), session
    (record,) = session.denials()
    assert (record.door, record.reason, record.address) == ("transparent", "stale-name", "198.18.77.77"), session
    watch.nothing()


@pytest.mark.case(37)
def test_a_kept_address_is_decided_anew(sandbox, world):
    """The same name has the same address in a session whose policy doesn't have it, and there it leads nowhere."""
    first = sandbox.act({"act": "resolve", "name": "example.com"}, profile=sandbox.profile(ALLOW))
    (address,) = first.results[0]["addresses"]
    other = sandbox.profile([{"host": "example.org", "ports": [ECHO], "protocol": "tcp"}])
    watch = world.watch()
    session = sandbox.act(speech.direct(address, ECHO, speech.send("ping", most=4)), profile=other)
    assert session.results[0]["received"] in ([], [""]), session
    assert [record.reason in ("stale-name", "not-allowed") for record in session.denials()] == [True], session
    watch.nothing()
