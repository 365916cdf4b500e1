"""HTTP, at the explicit proxy and where a program connects by itself: each request is read once, judged by itself, and
written anew."""

import pytest

from support import speech
from support.speech import get_head, proxy, send, status, ways

ALLOW = ["example.com:80", "*.example.com:80"]


def test_a_request_each_way(sandbox, world):
    watch = world.watch()
    session = sandbox.act(
        *ways("GET URL/path?q=1 HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n"),
        profile=sandbox.profile(ALLOW),
    )
    assert [status(result) for result in session.results] == [200, 200], session
    assert [(request["path"], request["host"]) for request in watch.requests] == [("/path?q=1", "example.com")] * 2
    assert [(record.door, record.host, record.port) for record in session.opened()] == [
        ("proxy", "example.com", 80),
        ("transparent", "example.com", 80),
    ], session
    assert [record.door for record in session.records(activity="close")] == ["proxy", "transparent"], session


AMBIGUOUS = {
    "both lengths": "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "the same length twice": "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "a length with a sign": "Content-Length: +5\r\n\r\nhello",
    "a list of lengths": "Content-Length: 5, 5\r\n\r\nhello",
    "a negative length": "Content-Length: -1\r\n\r\n",
    "a hexadecimal length": "Content-Length: 0x5\r\n\r\nhello",
    "an empty length": "Content-Length:\r\n\r\n",
    "a length past all numbers": "Content-Length: 99999999999999999999\r\n\r\n",
    "an unknown encoding": "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked not last": "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "chunked twice": "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a blank before the colon": "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a folded line": "X-Note: a\r\n b\r\n\r\n",
    "a folded first line": " X-Note: a\r\n\r\n",
    "a bare line feed": "X-Note: a\nX-Other: b\r\n\r\n",
    "a bare carriage return": "X-Note: a\rTransfer-Encoding: chunked\r\n\r\n",
    "a zero byte in a value": "X-Note: a\0b\r\n\r\n",
    "no name": ": value\r\n\r\n",
    "no colon": "X-Note\r\n\r\n",
    "an odd byte in a name": "X\x80Note: a\r\n\r\n",
    "vertical tab in the encoding": "Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
}


@pytest.mark.case(50)
@pytest.mark.parametrize("fields", AMBIGUOUS)
def test_a_request_that_two_readers_end_differently_is_refused(sandbox, world, fields):
    watch = world.watch()
    session = sandbox.act(
        *ways("POST URL/ HTTP/1.1\r\nHost: example.com\r\n" + AMBIGUOUS[fields]), profile=sandbox.profile(ALLOW)
    )
    assert [status(result) for result in session.results] == [400, 400], session
    assert all(result["end"] != "timeout" for result in session.results), "the connection stays open"
    assert [record.reason for record in session.denials()] == ["malformed-request"] * 2, session
    assert not watch.requests and not watch.accepted


@pytest.mark.case(50)
def test_an_encoding_in_http_1_0(sandbox, world):
    watch = world.watch()
    session = sandbox.act(
        *ways("POST URL/ HTTP/1.0\r\nHost: example.com\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        profile=sandbox.profile(ALLOW),
    )
    assert [status(result) for result in session.results] == [400, 400], session
    assert not watch.requests


@pytest.mark.parametrize(
    "line",
    [
        "GET URL/ HTTP/2.0",
        "GET URL/ HTTP/1.2",
        "GET URL/",
        "GET  URL/ HTTP/1.1",
        "GET URL/ HTTP/1.1 ",
        " GET URL/ HTTP/1.1",
        "GET\tURL/\tHTTP/1.1",
        "GET URL/\x01 HTTP/1.1",
        "G@T URL/ HTTP/1.1",
        "GET URL/ http/1.1",
        "GET URL/ HTTP/1.1\rx",
        "",
        "GET",
        "GET URL/a b HTTP/1.1",
    ],
)
def test_a_first_line_that_is_none(sandbox, world, line):
    watch = world.watch()
    session = sandbox.act(*ways(f"{line}\r\nHost: example.com\r\n\r\n", patience=6), profile=sandbox.profile(ALLOW))
    proxy_, direct = map(status, session.results)
    assert proxy_ in (400, 505, None) and direct in (400, 403, 505, None), session
    assert not session.opened() and not watch.accepted, session
    assert {record.reason for record in session.denials()} <= {"malformed-request", "malformed-host", "not-http"}, (
        session
    )
    assert session.denials(), session


@pytest.mark.case(52)
@pytest.mark.parametrize("host", ["evil.com", "www.example.com", "example.com:8080", "EXAMPLE.com"])
def test_the_url_decides_and_becomes_the_host_field(sandbox, world, host):
    watch = world.watch()
    session = sandbox.act(
        proxy(send(get_head("http://example.com/x", host, "Connection: close"), rest=True)),
        profile=sandbox.profile(ALLOW),
    )
    if status(session.results[0]) == 200:
        assert [request["host"] for request in watch.requests] == ["example.com"], session
    else:
        assert status(session.results[0]) == 400 and not watch.requests, session


@pytest.mark.case(52)
def test_the_host_field_decides_where_a_program_connects_itself(sandbox, world):
    """Connected to an allowed host, with a request for another that shares its servers."""
    watch = world.watch()
    for url, host in (
        ("/", "evil.com"),
        ("http://evil.com/", "example.com"),
        ("/", "www.example.com"),
        ("/", "example.com:81"),
    ):
        session = sandbox.act(
            speech.direct("example.com", 80, send(get_head(url, host), until="\r\n\r\n")), profile=sandbox.profile(ALLOW)
        )
        assert status(session.results[0]) == 403, session
        assert [record.reason for record in session.denials()] == ["authority-differs"], session
    assert not watch.requests
    session = sandbox.act(
        speech.direct("example.com", 80, send(get_head("/", "EXAMPLE.com.:80", "Connection: close"), rest=True)),
        profile=sandbox.profile(ALLOW),
    )
    assert status(session.results[0]) == 200, session


@pytest.mark.case(53)
@pytest.mark.parametrize(
    "fields",
    [
        "",
        "Host: example.com\r\nHost: evil.com\r\n",
        "Host: example.com\r\nHost: example.com\r\n",
        "Host: example.com, evil.com\r\n",
        "Host: example.com evil.com\r\n",
        "Host: http://example.com\r\n",
        "Host: example.com:x\r\n",
        "Host:\r\n",
        "Host: user@example.com\r\n",
    ],
)
def test_one_host_field_no_more_and_no_less(sandbox, world, fields):
    watch = world.watch()
    session = sandbox.act(*ways(f"GET URL/ HTTP/1.1\r\n{fields}\r\n"), profile=sandbox.profile(ALLOW))
    assert [status(result) for result in session.results] == [400, 400], session
    assert len(session.denials()) == 2 and not watch.requests, session


@pytest.mark.case(55)
def test_after_a_refusal_the_next_request_is_judged_anew(sandbox, world):
    """On one connection to the proxy: a refused CONNECT, a refused request, an allowed request, an allowed CONNECT."""
    watch = world.watch()
    rules = [*ALLOW, {"host": "example.com", "ports": [7], "protocol": "tcp"}]
    steps = [
        # To the end of what a refusal says.
        send(speech.connect_head("evil.com:443"), until="help.\n"),
        send(get_head("http://evil.com/", "evil.com"), until="help.\n"),
        send(get_head("http://example.com/1", "example.com"), until="}\n"),
        send(speech.connect_head("example.com:7"), until="\r\n\r\n"),
        send("ping", most=4),
    ]
    session = sandbox.act(proxy(*steps), profile=sandbox.profile(rules))
    (result,) = session.results
    # Where the connection is closed after a refusal, nothing that follows has come through; else each has its answer.
    assert status(result, 0) == 403, session
    if "close" not in result["received"][0].lower():
        assert [status(result, step) for step in range(4)] == [403, 403, 200, 200], session
        assert result["received"][4] == "ping", session
        assert len(session.denials()) == 2 and len(session.opened()) == 2, session
        assert [request["path"] for request in watch.requests] == ["/1"]
    assert "evil.com" not in watch.names


@pytest.mark.case(55)
def test_requests_on_one_connection_to_several_hosts(sandbox, world):
    """An allowed first request doesn't open the connection for the second."""
    watch = world.watch()
    session = sandbox.act(
        proxy(
            send(get_head("http://example.com/1", "example.com"), until="}\n"),
            send(get_head("http://www.example.com/2", "www.example.com"), until="}\n"),
            send(get_head("http://evil.com/3", "evil.com"), until="\r\n\r\n"),
        ),
        profile=sandbox.profile(ALLOW),
    )
    (result,) = session.results
    assert [status(result, step) for step in range(3)] == [200, 200, 403], session
    assert [(request["host"], request["path"]) for request in watch.requests] == [
        ("example.com", "/1"),
        ("www.example.com", "/2"),
    ]
    assert [record.host for record in session.opened()] == ["example.com", "www.example.com"], session
    assert [record.host for record in session.denials()] == ["evil.com"], session


@pytest.mark.case(55)
def test_pipelined_requests_are_judged_one_by_one(sandbox, world):
    watch = world.watch()
    requests = get_head("URL/1", "example.com") + get_head("URL/2", "evil.com")
    session = sandbox.act(
        proxy(
            send(
                (get_head("http://example.com/1", "example.com") + get_head("http://evil.com/2", "evil.com")),
                rest=True,
                patience=3,
            )
        ),
        speech.direct("example.com", 80, send(requests.replace("URL", ""), rest=True, patience=3)),
        profile=sandbox.profile(ALLOW),
    )
    for result in session.results:
        assert status(result) == 200 and "HTTP/1.1 403" in result["received"][0], session
    assert [request["path"] for request in watch.requests] == ["/1", "/1"]


@pytest.mark.case(55)
def test_a_request_inside_a_tunnel_belongs_to_the_tunnel(sandbox, world):
    """After a 200 the bytes are the server's, even where they look like a request to the proxy."""
    inner = speech.connect_head("evil.com:443")
    session = sandbox.act(
        speech.connect("example.com:7", send(inner, most=len(inner))),
        profile=sandbox.profile([{"host": "example.com", "ports": [7], "protocol": "tcp"}]),
    )
    assert session.results[0]["received"][1] == inner, session
    assert not session.denials(), session


@pytest.mark.case(56)
@pytest.mark.parametrize("fields", [(), ("Content-Length: 4",), ("Transfer-Encoding: chunked",)])
def test_bytes_behind_a_connect(sandbox, world, fields):
    head = speech.connect_head("example.com:7", *fields)
    session = sandbox.act(
        proxy(send(head + "ping", until="ping", patience=4)),
        profile=sandbox.profile([{"host": "example.com", "ports": [7], "protocol": "tcp"}]),
    )
    received = session.results[0]["received"][0]
    if fields and received.startswith("HTTP/1.1 400"):
        assert not session.opened(), session
    else:
        assert received.startswith("HTTP/1.1 200") and received.endswith("ping"), session


@pytest.mark.case(62)
@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_every_method_is_the_servers_business(sandbox, world, method):
    """Rules name hosts; a method is neither a way around one nor a reason to refuse."""
    watch = world.watch()
    session = sandbox.act(
        *ways(f"{method} URL/m HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n"),
        profile=sandbox.profile(ALLOW),
    )
    assert [status(result) for result in session.results] == [200, 200], session
    assert [request["method"] for request in watch.requests] == [method] * 2


@pytest.mark.case(62)
def test_connect_is_no_method_for_a_server(sandbox, world):
    watch = world.watch()
    session = sandbox.act(
        speech.direct("example.com", 80, send(speech.connect_head("evil.com:443"), rest=True)),
        speech.direct(
            "example.com", 80, send("CONNECT example.com:80 HTTP/1.1\r\nHost: example.com\r\n\r\n", rest=True)
        ),
        profile=sandbox.profile(ALLOW),
    )
    assert all(status(result) in (400, 403, 405) for result in session.results), session
    assert not watch.requests and len(session.denials()) == 2, session


@pytest.mark.case(82)
def test_what_is_meant_for_the_proxy_goes_no_further(sandbox, world):
    watch = world.watch()
    session = sandbox.act(
        *ways(
            "GET URL/ HTTP/1.1\r\nHost: example.com\r\nProxy-Authorization: Basic c2VjcmV0\r\nProxy-Connection: keep-alive\r\n"
            "Connection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nTE: trailers\r\nX-Stays: yes\r\n\r\n"
        ),
        profile=sandbox.profile(ALLOW),
    )
    assert [status(result) for result in session.results] == [200, 200], session
    for request in watch.requests:
        assert not {"proxy-authorization", "proxy-connection", "x-hop", "keep-alive"} & set(request["headers"]), request
        assert request["headers"]["x-stays"] == "yes"
        # Nothing tells the server that or where there is a proxy.
        assert not {"via", "x-forwarded-for", "forwarded"} & set(request["headers"]), request


@pytest.mark.parametrize("kind", ["head", "line"])
def test_a_head_that_never_ends(sandbox, world, kind):
    watch = world.watch()
    request = "GET URL/" + ("a" * 20000 if kind == "line" else " HTTP/1.1\r\nHost: example.com\r\nX: " + "a" * 20000)
    session = sandbox.act(*ways(request, patience=14), profile=sandbox.profile(ALLOW))
    assert all(status(result) in (400, 414, 431) for result in session.results), session
    assert {record.reason for record in session.denials()} <= {"too-large", "malformed-request"}, session
    assert len(session.denials()) == 2 and not watch.accepted, session


def test_a_head_that_comes_too_slowly(sandbox, world):
    acts = [{**act, "patience": 30} for act in ways("GET URL/ HTTP/1.1\r\nHost: exam", patience=30)]
    # Both at once: each takes the ten seconds.
    profile = sandbox.profile(ALLOW)
    running = [sandbox.start(*sandbox.acting(act), profile=profile) for act in acts]
    for session in [sandbox.finish(process, log) for process, log in running]:
        assert session.results[0]["end"] != "timeout" and session.results[0]["seconds"] > 8, session
        assert [record.reason for record in session.denials()] == ["too-slow"], session


def test_a_refusal_says_what_to_do(sandbox, world):
    """The body is for people and agents: the host, why, and the line that would allow it."""
    session = sandbox.act(
        speech.proxy(send(speech.connect_head("evil.com:443"), rest=True, patience=2)),
        speech.forward("http://evil.com/", "evil.com"),
        profile=sandbox.profile(ALLOW),
    )
    for result in session.results:
        received = result["received"][0]
        assert received.startswith("HTTP/1.1 403"), session
        head, _, body = received.partition("\r\n\r\n")
        assert "evil.com" in body and "mews" in body.lower(), received
        assert "x-mews" in head.lower(), received
    assert all("evil.com" in record.raw["unmapped"]["mews"]["fix"] for record in session.denials()), session
