"""HTTP beyond the head: bodies, answers, and what isn't HTTP/1.1 any more."""

import pytest

from support import origins, speech
from support.speech import get_head, proxy, send, status, ways

ALLOW = ["example.com:80", "*.example.com:80"]


# HTTP to a server of the test's own.
PORT = 8081


RULE = {"host": "example.com", "ports": [PORT], "protocol": "http"}


@pytest.mark.case(58)
def test_http_2_isnt_understood_and_isnt_let_through(sandbox, world):
    watch = world.watch()
    preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\0\0\0\4\0\0\0\0\0"
    session = sandbox.act(
        proxy(send(preface, rest=True)),
        speech.direct("example.com", 80, send(preface, rest=True)),
        profile=sandbox.profile(ALLOW),
    )
    assert all(status(result) in (400, 505) for result in session.results), session
    assert not watch.accepted
    watch = world.watch()
    session = sandbox.act(
        *ways(
            "GET URL/ HTTP/1.1\r\nHost: example.com\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\n\r\n",
            patience=3,
        ),
        profile=sandbox.profile(ALLOW),
    )
    for request in watch.requests:
        assert "upgrade" not in request["headers"] and "http2-settings" not in request["headers"], request
    assert all(status(result) in (200, 400) for result in session.results), session


@pytest.mark.case(59)
@pytest.mark.parametrize(
    "body",
    [
        "FFFFFFFFFFFFFFFF\r\nx",
        "10000000000000000\r\nx",
        "-1\r\nx",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "5;" + "a" * 20000 + "\r\nhello\r\n0\r\n\r\n",
        "5\nhello\n0\n\n",
        "5\r\nhelloXX0\r\n\r\n",
        "\r\n",
        "g\r\n",
        "0\r\n" + "X: y\r\n" * 5000 + "\r\n",
    ],
    ids=lambda body: body[:12],
)
def test_chunks_that_are_none(sandbox, world, body):
    watch = world.watch()
    session = sandbox.act(
        *ways("POST URL/ HTTP/1.1\r\nHost: example.com\r\nTransfer-Encoding: chunked\r\n\r\n" + body, patience=20),
        profile=sandbox.profile(ALLOW),
    )
    for result in session.results:
        assert status(result) in (400, None) and result["end"] != "timeout", session
    assert not watch.requests, watch.requests


@pytest.mark.case(59)
def test_chunked_bodies_and_their_trailers(sandbox, world):
    watch = world.watch()
    body = "5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nHost: evil.com\r\nX-Trailer: a\r\n\r\n"
    session = sandbox.act(
        *ways(
            "POST URL/up HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
            + body
        ),
        profile=sandbox.profile(ALLOW),
    )
    assert all(status(result) in (200, 400) for result in session.results), session
    assert all((request["body"], request["host"]) == ("hello world", "example.com") for request in watch.requests)


RESPONSES = {
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\nhello",
    "both lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a switch nobody asked for": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nsmuggled",
    "interim answers without end": b"HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n" * 2000,
    "no answer": b"SSH-2.0-x\r\n",
    "an endless head": b"HTTP/1.1 200 OK\r\n" + b"X-Fill: " + b"a" * 100000 + b"\r\n\r\n",
    "nothing": b"",
    "a zero byte": b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.case(64)
@pytest.mark.parametrize("kind", RESPONSES)
def test_an_answer_that_could_hide_another_ends_the_connection(sandbox, world, kind):
    """Whatever a server answers, the next request isn't answered by what it left behind."""
    with world.serving(PORT, origins.canned(RESPONSES[kind])):
        session = sandbox.act(
            proxy(send(get_head(f"http://example.com:{PORT}/", f"example.com:{PORT}"), rest=True, patience=20)),
            speech.direct("example.com", PORT, send(get_head("/", f"example.com:{PORT}"), rest=True, patience=20)),
            profile=sandbox.profile([RULE]),
        )
        for result in session.results:
            assert result["end"] != "timeout", session
            assert "smuggled" not in result["received"][0], session
            assert status(result) in (502, None, 103), session


def test_an_answer_without_a_length_ends_with_the_connection(sandbox, world):
    with world.serving(PORT, origins.canned(b"HTTP/1.0 200 OK\r\n\r\nold but fine")):
        session = sandbox.act(
            proxy(send(get_head(f"http://example.com:{PORT}/", f"example.com:{PORT}"), rest=True)),
            speech.direct("example.com", PORT, send(get_head("/", f"example.com:{PORT}"), rest=True)),
            profile=sandbox.profile([RULE]),
        )
        assert all(result["received"][0].endswith("old but fine") for result in session.results), session


@pytest.mark.case(65)
def test_an_upgrade_to_an_allowed_host(sandbox, world):
    """No rule tells WebSockets from requests: an allowed host may be spoken to."""
    session = sandbox.act(
        *ways(
            "GET URL/socket HTTP/1.1\r\nHost: example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n\x81\x82\0\0\0\0hi",
            until="\x02hi",
        ),
        profile=sandbox.profile(ALLOW),
    )
    for result in session.results:
        assert status(result) == 101 and result["received"][-1].endswith("\x81\x02hi"), session
