"""SOCKS, by version 4, 4a and 5."""

import pytest

from support import speech
from support.names import SITE
from support.speech import proxy, send, socks_code
from support.world import ECHO

ALLOW = [{"host": name, "ports": [ECHO], "protocol": "tcp"} for name in ("example.com", "*.example.com")]


@pytest.mark.case(70)
@pytest.mark.parametrize(
    "request_bytes",
    [
        "\x05\x01\x00\x03\x00\x00\x07",
        "\x05\x01\x00\x09abcd\x00\x07",
        "\x05\x02\x00\x03\x0bexample.com\x00\x07",
        "\x05\x03\x00\x03\x0bexample.com\x00\x07",
        "\x05\x01\x00\x03\x0bexample.com\x00\x00",
        "\x04\x01\x00\x03\x0bexample.com\x00\x07",
        "\x05\x01\x00\x03\x05[::1]\x00\x07",
        "\x05\x01\x00\x03\x0fexample.com:443\x00\x07",
    ],
    ids=repr,
)
def test_requests_that_are_none(sandbox, world, request_bytes):
    watch = world.watch()
    session = sandbox.act(
        proxy(send("\x05\x01\x00", most=2), send(request_bytes, rest=True, patience=3)), profile=sandbox.profile(ALLOW)
    )
    assert socks_code(session.results[0]) not in (0,), session
    assert session.results[0]["end"] != "timeout", session
    assert not session.opened() and session.denials(), session
    watch.nothing()


@pytest.mark.case(70)
@pytest.mark.parametrize(
    "begin",
    [
        "\x05\x00",
        "\x05\x01\x02",
        "\x05\x02\x01\x02",
        "\x06\x01\x00",
        "\x04\x02\x00\x07\0\0\0\1\0example.com\0",
        "\x04\x01\x00\x07\0\0\0\1" + "u" * 1000,
        "\x04\x01\x00\x07\0\0\0\1\0\0",
        "\x00",
        "\x16\x03\x01",
    ],
    ids=repr,
)
def test_beginnings_that_are_none(sandbox, world, begin):
    watch = world.watch()
    session = sandbox.act(proxy(send(begin, rest=True, half=True, patience=14)), profile=sandbox.profile(ALLOW))
    assert session.results[0]["received"][0][:2] not in ("\x05\x00", "\x00\x5a"), session
    assert not session.opened(), session
    watch.nothing()


@pytest.mark.case(70)
@pytest.mark.parametrize("text", ["127.0.0.1", "10.2.3.4", SITE, "0.0.0.0", "169.254.169.254", "::1"])
def test_an_address_as_a_name_is_an_address(sandbox, world, text):
    """A name field that holds an address isn't looked up, nor is it a name."""
    watch = world.watch()
    session = sandbox.act(
        proxy(send("\x05\x01\x00", most=2), send("\x05\x01\x00\x03" + chr(len(text)) + text + "\x00\x07", most=10)),
        speech.socks4a(text, ECHO),
        profile=sandbox.profile(ALLOW),
    )
    five, four = session.results
    assert socks_code(five) == 2 and socks_code(four, 0) == 91, session
    assert {
        record.reason in ("address-literal", "metadata", "own-address", "private-address", "loopback-port")
        for record in session.denials()
    } == {True}, session
    watch.nothing()


@pytest.mark.case(70)
def test_version_4_has_addresses_only(sandbox, world):
    profile = sandbox.profile([*ALLOW, {"address": SITE, "ports": [ECHO], "protocol": "tcp"}])
    packed = "".join(chr(int(part)) for part in SITE.split("."))
    request = "\x04\x01\x00\x07{}tester\0"
    session = sandbox.act(
        proxy(send(request.format(packed), most=8), send("ping", most=4)),
        proxy(send(request.format("\1\1\1\1"), most=8)),
        profile=profile,
    )
    allowed, denied = session.results
    assert allowed["received"][1] == "ping" and socks_code(denied, 0) == 91, session


@pytest.mark.case(70)
def test_a_request_byte_by_byte(sandbox, world):
    session = sandbox.act(
        proxy(
            send("\x05\x01\x00", most=2, pieces=1),
            send("\x05\x01\x00\x03\x0bexample.com\x00\x07", most=10, pieces=1),
            send("ping", most=4),
        ),
        proxy(send("\x04\x01\x00\x07\0\0\0\1me\0example.com\0", most=8, pieces=1), send("ping", most=4)),
        profile=sandbox.profile(ALLOW),
    )
    assert [result["received"][-1] for result in session.results] == ["ping", "ping"], session


@pytest.mark.case(56, 70)
def test_what_is_sent_ahead_isnt_lost(sandbox, world):
    ahead = "\x05\x01\x00\x05\x01\x00\x03\x0bexample.com\x00\x07ping"
    session = sandbox.act(proxy(send(ahead, until="ping")), profile=sandbox.profile(ALLOW))
    assert session.results[0]["received"][0].endswith("ping"), session


def test_a_server_that_isnt_there(sandbox, world):
    rule = {"host": "example.com", "ports": [12345], "protocol": "tcp"}
    session = sandbox.act(
        speech.socks5("example.com", 12345), speech.connect("example.com:12345"), profile=sandbox.profile([rule])
    )
    assert socks_code(session.results[0]) == 5, session
    assert speech.status(session.results[1]) == 502, session
    assert [record.door for record in session.records(activity="fail")] == ["socks", "proxy"], session
    assert not session.denials(), session
