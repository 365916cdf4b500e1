"""Rules for TLS: the first bytes are a ClientHello for the name that was allowed, however they come."""

import ssl

import pytest

from support import speech
from support.origins import echo, speaks_first
from support.speech import raw_hello, records

ALLOW = ["example.com", "*.example.com"]
# A tunnel of the test's own whose other end shows what came through.
PORT = 4433
RULE = {"host": "example.com", "ports": [PORT], "protocol": "tls"}


def both_doors(first, *, port=PORT, host="example.com", **more):
    """The same first bytes in a CONNECT tunnel and in a connection of the program's own."""
    step = speech.send(first, **more)
    if "rest" not in more:
        step["most"] = len(first)
    return speech.connect(f"{host}:{port}", step), speech.direct(host, port, step)


def relayed(session, first):
    """Both came through unchanged and back."""
    connect, direct = session.results
    assert connect["received"][-1] == first and direct["received"][-1] == first, session
    assert [record.door for record in session.opened()] == ["proxy", "transparent"], session
    assert not session.denials(), session


def refused(session, watch, reason):
    """Neither did; both have records."""
    assert [record.reason for record in session.denials(activity="refuse")] == [reason] * 2, session
    assert [record.door for record in session.denials()] == ["proxy", "transparent"], session
    assert all(not one.received for one in watch.accepted), "bytes of the client came through"
    assert not session.opened(), session


@pytest.fixture
def echoing(world):
    with world.serving(PORT, echo):
        yield world.watch()


def test_a_hello_for_the_name_comes_through(sandbox, echoing):
    first = speech.hello("example.com")
    relayed(sandbox.act(*both_doors(first), profile=sandbox.profile([RULE])), first)


@pytest.mark.case(40)
@pytest.mark.parametrize("name", [b"EXAMPLE.com", b"example.com."])
def test_case_and_a_final_dot_make_no_difference(sandbox, echoing, name):
    first = raw_hello([name])
    relayed(sandbox.act(*both_doors(first), profile=sandbox.profile([RULE])), first)


@pytest.mark.case(40)
@pytest.mark.parametrize(
    ("names_", "reasons"),
    [
        ([], {"server-name-missing"}),
        ([b"evil.com"], {"server-name-differs"}),
        ([b"www.example.com"], {"server-name-differs"}),
        ([b"93.184.216.34"], {"server-name-missing", "server-name-differs"}),
        ([b"example.com\0"], {"server-name-differs", "not-tls"}),
        ([b"evil.com\0.example.com"], {"server-name-differs", "not-tls"}),
        ([b""], {"server-name-missing", "server-name-differs", "not-tls"}),
        ([b"example.com", b"evil.com"], {"server-name-differs", "not-tls"}),
        ([b"evil.com", b"example.com"], {"server-name-differs", "not-tls"}),
    ],
    ids=str,
)
def test_another_name_or_none_is_refused(sandbox, echoing, names_, reasons):
    session = sandbox.act(*both_doors(raw_hello(names_), rest=True), profile=sandbox.profile([RULE]))
    found = {record.reason for record in session.denials()}
    assert len(found) == 1 and found <= reasons, session
    refused(session, echoing, found.pop())
    # The client's library is told in its own words: an alert, not only a closed connection.
    assert all(result["received"][-1][:1] in ("\x15", "") for result in session.results), session


@pytest.mark.case(40)
def test_two_server_name_extensions_are_no_hello(sandbox, echoing):
    """Readers differ in which of them counts."""
    second = speech.extension(0, b"\0\x0b\0\0\x08evil.com")
    session = sandbox.act(*both_doors(raw_hello([b"example.com"], second), rest=True), profile=sandbox.profile([RULE]))
    assert len(session.denials()) == 2 and not session.opened(), session
    assert all(not one.received for one in echoing.accepted)


@pytest.mark.case(41)
@pytest.mark.parametrize("pieces", [1, 3, 5, 100])
def test_a_hello_in_small_segments(sandbox, echoing, pieces):
    first = speech.hello("example.com")
    relayed(sandbox.act(*both_doors(first, pieces=pieces, between=0.001), profile=sandbox.profile([RULE])), first)


@pytest.mark.case(41)
@pytest.mark.parametrize("size", [1, 7, 64, 200])
def test_a_hello_in_several_records(sandbox, echoing, size):
    """The server name may begin in one record and end in the next."""
    first = records(speech.handshake_of(speech.hello("example.com")), size)
    relayed(sandbox.act(*both_doors(first), profile=sandbox.profile([RULE])), first)
    other = records(speech.handshake_of(speech.hello("evil.com")), size)
    session = sandbox.act(*both_doors(other, rest=True), profile=sandbox.profile([RULE]))
    assert {record.reason for record in session.denials()} == {"server-name-differs"}, session


@pytest.mark.case(41)
def test_a_large_hello(sandbox, echoing):
    first = raw_hello([b"example.com"], padding=12000)
    relayed(sandbox.act(*both_doors(first), profile=sandbox.profile([RULE])), first)
    session = sandbox.act(
        *both_doors(raw_hello([b"example.com"], padding=17000), rest=True), profile=sandbox.profile([RULE])
    )
    assert {record.reason for record in session.denials()} == {"too-large"}, session


@pytest.mark.case(41)
@pytest.mark.parametrize("part", [0, 1, 5, 50])
def test_a_hello_that_never_ends_is_closed_in_time(sandbox, echoing, part):
    first = speech.hello("example.com")[:part]
    connect, direct = both_doors(first, rest=True, patience=20)
    session = sandbox.act({**connect, "patience": 20}, {**direct, "patience": 20}, profile=sandbox.profile([RULE]))
    for result in session.results:
        assert result["end"] != "timeout" and result["seconds"] > 4, session
    assert {record.reason for record in session.denials()} == {"too-slow"}, session
    assert all(not one.received for one in echoing.accepted)


@pytest.mark.case(43)
def test_an_encrypted_inner_hello_is_held_to_its_outer_name(sandbox, echoing):
    """What is inside can't be seen; with the outer name of another host it is refused like any hello."""
    inner = speech.extension(0xFE0D, b"\0" + bytes(40))
    first = raw_hello([b"example.com"], inner)
    relayed(sandbox.act(*both_doors(first), profile=sandbox.profile([RULE])), first)
    session = sandbox.act(*both_doors(raw_hello([b"cover.org"], inner), rest=True), profile=sandbox.profile([RULE]))
    assert {record.reason for record in session.denials()} == {"server-name-differs"}, session


@pytest.mark.case(44)
def test_fronting_needs_the_allowed_name_in_the_hello(sandbox, world):
    """With the allowed name in CONNECT and another in the hello nothing comes through; a Host header inside TLS isn't
    seen by anybody but the server."""
    program = """
import socket, ssl, sys
connection = socket.create_connection(("127.0.0.1", 3128))
connection.sendall(b"CONNECT example.com:443 HTTP/1.1\\r\\nHost: example.com:443\\r\\n\\r\\n")
assert connection.recv(4096).startswith(b"HTTP/1.1 200"), "refused"
context = ssl.create_default_context(cafile=sys.argv[1])
try:
    tls = context.wrap_socket(connection, server_hostname=sys.argv[2])
    tls.sendall(b"GET / HTTP/1.1\\r\\nHost: evil.com\\r\\nConnection: close\\r\\n\\r\\n")
    print(tls.recv(100).decode().split("\\r\\n")[0])
except (ssl.SSLError, OSError) as error:
    print("failed", type(error).__name__)
"""
    for name, expected in (("example.com", "HTTP/1.1 200 OK"), ("evil.com", "failed")):
        watch = world.watch()
        session = sandbox.run("python3", "-B", "-c", program, world.authority, name, profile=sandbox.profile(ALLOW))
        assert session.stdout.startswith(expected), session
        assert len(watch.requests) == (name == "example.com")


@pytest.mark.case(46)
@pytest.mark.parametrize(
    "first",
    [
        "\x80\x2e\x01\0\x02\0\x15\0\0\0\x10" + "\1\0\x80" * 7 + "x" * 16,
        "SSH-2.0-x\r\n",
        "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n",
        "\x16\x03\x01\0\0",
        "\x16\x03\x01\xff\xff" + "\1" * 200,
        "\x16\x09\x09\0\x05\1\0\0\1\0",
        "\x15\x03\x01\0\2\2\0",
        "\x17\x03\x03\0\x05hello",
        "\x16\x03\x01\0\x04\2\0\0\0",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\0" * 64,
    ],
    ids=repr,
)
def test_what_is_no_tls_is_refused(sandbox, echoing, first):
    session = sandbox.act(*both_doors(first, rest=True), profile=sandbox.profile([RULE]))
    refused(session, echoing, "not-tls")


@pytest.mark.case(46)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_versions_of_tls_are_the_servers_business(sandbox, echoing, version):
    first = speech.hello("example.com", maximum=version)
    relayed(sandbox.act(*both_doors(first), profile=sandbox.profile([RULE])), first)


@pytest.mark.case(56)
def test_a_hello_behind_the_request_is_checked_and_not_lost(sandbox, echoing):
    """Some peers dropped what came in one segment with CONNECT, others forwarded it unchecked."""
    head = speech.connect_head(f"example.com:{PORT}")
    first = speech.hello("example.com")
    session = sandbox.act(speech.proxy(speech.send(head + first, until=first)), profile=sandbox.profile([RULE]))
    assert session.results[0]["received"][0].endswith(first), session
    session = sandbox.act(
        speech.proxy(speech.send(head + speech.hello("evil.com"), rest=True)), profile=sandbox.profile([RULE])
    )
    assert [record.reason for record in session.denials()] == ["server-name-differs"], session


def test_auto_relays_a_server_that_speaks_first_and_checks_a_hello(sandbox, world):
    rule = {"host": "example.com", "ports": [PORT]}
    with world.serving(PORT, speaks_first):
        profile = sandbox.profile([rule])
        session = sandbox.act(
            speech.direct("example.com", PORT, {"until": "\r\n"}, speech.send("plain words\r\n", most=13)),
            profile=profile,
        )
        assert session.results[0]["received"] == ["220 here\r\n", "plain words\r\n"], session
        assert [record.protocol for record in session.opened()] == ["auto"], session
        for door in both_doors(speech.hello("evil.com"), rest=True):
            session = sandbox.act(door, profile=profile)
            assert [record.reason for record in session.denials()] == ["server-name-differs"], session
        for door in both_doors("GET / HTTP/1.1\r\nHost: evil.com\r\n\r\n", rest=True):
            session = sandbox.act(door, profile=profile)
            assert [record.reason for record in session.denials()] == ["authority-differs"], session
