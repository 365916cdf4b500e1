"""Names and authorities as a program may write them: what was checked is what is used, or nothing is."""

import pytest

from support import speech
from support.speech import socks_code, status
from support.world import ECHO

# A relay of any bytes, so that what is let through can be told from the echo.
ALLOW = [{"host": name, "ports": [443, ECHO], "protocol": "tcp"} for name in ("example.com", "*.example.com")]


def through_the_tunnel(authority):
    return speech.connect(authority, speech.send("ping", most=4))


def refused(session, index=-1, *, code, reason, **wanted):
    """The result is this status, and exactly one record says why."""
    assert status(session.results[index]) == code, session
    (record,) = session.denials()
    assert record.reason == reason, session
    for name, value in wanted.items():
        assert getattr(record, name) == value, session
    return record


def test_what_is_allowed_goes_through_each_door(sandbox, world):
    """The control of this file: the same requests for an allowed name succeed."""
    profile = sandbox.profile(ALLOW)
    session = sandbox.act(
        through_the_tunnel(f"www.example.com:{ECHO}"),
        speech.socks5("www.example.com", ECHO, speech.send("ping", most=4)),
        speech.socks4a("www.example.com", ECHO, speech.send("ping", most=4)),
        speech.direct("www.example.com", ECHO, speech.send("ping", most=4)),
        profile=profile,
    )
    connect, socks5, socks4a, direct = session.results
    assert status(connect) == 200 and connect["received"][1] == "ping", session
    assert socks_code(socks5) == 0 and socks5["received"][2] == "ping", session
    assert socks_code(socks4a, 0) == 90 and socks4a["received"][1] == "ping", session
    assert direct["received"] == ["ping"], session
    assert [record.door for record in session.opened()] == ["proxy", "socks", "socks", "transparent"]
    assert {(record.host, record.port) for record in session.opened()} == {("www.example.com", ECHO)}
    assert not session.denials(), session


@pytest.mark.case(1)
@pytest.mark.parametrize("name", ["attacker.com\0.example.com", "attacker.com\0", "\0.example.com", "a\0b.example.com"])
def test_a_zero_byte_ends_no_name(sandbox, world, name):
    """A proxy that compared the whole name and dialled what stands before the zero byte let every host through for
    months (a SOCKS5 name ending in an allowed one)."""
    watch = world.watch()
    profile = sandbox.profile(ALLOW)
    session = sandbox.act(through_the_tunnel(f"{name}:443"), profile=profile)
    assert status(session.results[0]) == 400, session
    assert [record.reason in ("malformed-host", "malformed-request") for record in session.denials()] == [True], session
    session = sandbox.act(speech.socks5(name, 443), profile=profile)
    assert socks_code(session.results[0]) not in (0, None), session
    assert [record.reason for record in session.denials()] == ["malformed-host"], session
    # SOCKS4a's name ends at its first zero byte, so this one is about another name.
    session = sandbox.act(speech.socks4a(name, 443), profile=profile)
    assert socks_code(session.results[0], 0) == 91, session
    assert len(session.denials()) == 1, session
    watch.nothing()


@pytest.mark.case(2)
@pytest.mark.parametrize("written", ["EVIL.com.", "evil.com.", "EvIl.CoM", "evil.com"])
def test_a_denial_holds_however_the_name_is_written(sandbox, world, written):
    sandbox.control(speech.direct("evil.com", ECHO, speech.send("ping", most=4)))
    watch = world.watch()
    rule = {"host": "evil.com", "ports": [443, ECHO], "protocol": "tcp"}
    profile = sandbox.profile([*ALLOW, rule], deny=["evil.com"])
    session = sandbox.act(through_the_tunnel(f"{written}:{ECHO}"), profile=profile)
    refused(session, code=403, reason="denied", host="evil.com", port=ECHO)
    session = sandbox.act({"act": "resolve", "name": written}, profile=profile)
    assert session.results[0]["error"] == "EAI_NONAME", session
    assert session.records("dns.denied"), session
    watch.nothing()


@pytest.mark.case(4, 5)
@pytest.mark.parametrize(
    "name",
    [
        "notexample.com",
        "example.com.evil.com",
        "example.org",
        "com",
        "xexample.com",
        "example.comx",
        "www.example.com.evil.com",
        "example-com.evil.com",
    ],
)
def test_a_name_is_compared_by_whole_labels(sandbox, world, name):
    sandbox.control(speech.direct(name, ECHO, speech.send("ping", most=4)))
    watch = world.watch()
    profile = sandbox.profile(ALLOW)
    session = sandbox.act(through_the_tunnel(f"{name}:{ECHO}"), profile=profile)
    refused(session, code=403, reason="not-allowed", host=name)
    session = sandbox.act(speech.socks5(name, ECHO), profile=profile)
    assert socks_code(session.results[0]) == 2, session
    session = sandbox.act(speech.direct(name, ECHO), profile=profile)
    assert session.results[0]["error"] == "EAI_NONAME", session
    watch.nothing()


@pytest.mark.case(4)
def test_a_pattern_is_for_names_below_and_not_for_the_name_itself(sandbox, world):
    profile = sandbox.profile([{"host": "*.example.com", "ports": [ECHO], "protocol": "tcp"}])
    session = sandbox.act(
        through_the_tunnel(f"a.b.c.example.com:{ECHO}"), through_the_tunnel(f"example.com:{ECHO}"), profile=profile
    )
    deep, itself = session.results
    assert (status(deep), status(itself)) == (200, 403), session


@pytest.mark.case(7)
@pytest.mark.parametrize(
    "url",
    [
        "http://evil.com#@example.com/",
        "http://evil.com\\@example.com/",
        "http://example.com%2f@evil.com/",
        "http://example.com@evil.com/",
        "http://user:word@example.com/",
        "http://example.com\t.evil.com/",
        "http:///x",
        "http://example.com:80:80/",
        "http://",
        "http://?x@example.com/",
        "http://[example.com/",
        "//example.com/",
        "ftp://example.com/",
        "example.com/",
    ],
)
def test_urls_that_two_readers_read_differently_are_malformed(sandbox, world, url):
    watch = world.watch()
    profile = sandbox.profile(["example.com:80", "evil.com:80"])
    session = sandbox.act(speech.forward(url, "example.com"), profile=profile)
    assert status(session.results[0]) == 400, session
    assert [record.reason in ("malformed-host", "malformed-request") for record in session.denials()] == [True], session
    watch.nothing()


@pytest.mark.case(8)
@pytest.mark.parametrize(
    "authority",
    [
        "example.com",
        "example.com:",
        "example.com:0",
        "example.com:65536",
        "example.com:443abc",
        "example.com:+443",
        "example.com: 443",
        "example.com:00443",
        "example.com:-1",
        "example.com:4294967739",
        "example.com:443:443",
        ":443",
        "",
        "example.com:443/",
        "http://example.com:443",
        "user@example.com:443",
    ],
)
def test_a_port_is_a_plain_number(sandbox, world, authority):
    watch = world.watch()
    session = sandbox.act(through_the_tunnel(authority), profile=sandbox.profile(ALLOW))
    assert status(session.results[0]) == 400, session
    assert [record.reason in ("malformed-host", "malformed-request") for record in session.denials()] == [True], session
    watch.nothing()


@pytest.mark.case(10)
def test_an_international_name_is_its_ascii_form(sandbox, world):
    """`exämple.com` in its one ASCII form is allowed; the same word with Cyrillic letters has another."""
    profile = sandbox.profile([{"host": "xn--exmple-cua.com", "ports": [ECHO], "protocol": "tcp"}])
    session = sandbox.act(
        through_the_tunnel(f"xn--exmple-cua.com:{ECHO}"),
        through_the_tunnel(f"XN--EXMPLE-CUA.com:{ECHO}"),
        through_the_tunnel(f"xn--xample-9of.com:{ECHO}"),
        profile=profile,
    )
    assert [status(result) for result in session.results] == [200, 200, 403], session
    # In a profile it is that form, or an error that says so: nothing is guessed.
    session = sandbox.run("true", profile=sandbox.profile(["exämple.com"]))
    assert session.status == 125 and "xn--" in session.stderr, session


@pytest.mark.case(11)
@pytest.mark.parametrize(
    "name",
    [
        "%65xample.com",
        "example%2ecom",
        "\uff45xample.com",
        "exa\u00admple.com",
        "exa\u200dmple.com",
        "example\u3002com",
        "\u0435xample.com",
        "example.com\x7f",
        "exam ple.com",
        "example.com\x01",
        "-example.com",
        "example-.example.com",
        "a..example.com",
        ".example.com",
        "a" * 64 + ".example.com",
        "*.example.com",
        ".".join(["a" * 60] * 4) + ".example.com",
    ],
)
def test_a_name_in_a_request_is_plain_ascii(sandbox, world, name):
    watch = world.watch()
    written = name.encode().decode("latin-1")
    profile = sandbox.profile(ALLOW)
    session = sandbox.act(through_the_tunnel(f"{written}:{ECHO}"), profile=profile)
    assert status(session.results[0]) == 400, session
    assert [record.reason in ("malformed-host", "malformed-request") for record in session.denials()] == [True], session
    if len(written) < 256:
        session = sandbox.act(speech.socks5(written, ECHO), profile=profile)
        assert socks_code(session.results[0]) not in (0, None), session
        assert [record.reason for record in session.denials()] == ["malformed-host"], session
    watch.nothing()


@pytest.mark.case(13)
def test_an_underscore_is_part_of_a_name(sandbox):
    session = sandbox.act(through_the_tunnel(f"_dmarc.example.com:{ECHO}"), profile=sandbox.profile(ALLOW))
    assert session.results[0]["received"][1:] == ["ping"], session


@pytest.mark.case(14)
@pytest.mark.parametrize(
    "pattern",
    [
        "*",
        "*.com",
        "ex*mple.com",
        "**",
        "**.example.com",
        "*.*.example.com",
        "www.*.com",
        "https://x",
        "x/path",
        "x.com/path",
        "example.com:0",
        "example.com:65536",
        "",
        " ",
        "a b",
        "*.co.uk",
        "10.0.0.0/8",
        "127.1",
        "0x7f.0.0.1",
        "user@example.com",
    ],
)
def test_a_rule_that_says_too_much_or_nothing_is_an_error(sandbox, pattern):
    session = sandbox.run("true", profile=sandbox.profile([pattern]))
    assert session.status == 125 and ".yaml:" in session.stderr, session


@pytest.mark.case(14)
@pytest.mark.parametrize("network", [{}, {"allow": []}])
def test_nothing_listed_is_no_network(sandbox, world, network):
    """An empty list must not be read as "everything"."""
    watch = world.watch()
    profile = sandbox.profile(**network)
    session = sandbox.act(
        {"act": "resolve", "name": "example.com"},
        through_the_tunnel("example.com:443"),
        speech.direct("93.184.216.34", ECHO),
        profile=profile,
    )
    name, tunnel, literal = session.results
    assert name["error"] == "EAI_NONAME", session
    assert status(tunnel) == 403, session
    assert literal["error"] == "ECONNREFUSED", session
    watch.nothing()


@pytest.mark.case(8, 14)
def test_a_port_is_part_of_a_rule(sandbox, world):
    sandbox.control(speech.direct("example.com", 8080, speech.send("x")))
    watch = world.watch()
    session = sandbox.act(
        through_the_tunnel("example.com:8080"), speech.socks5("example.com", 8080), profile=sandbox.profile(ALLOW)
    )
    assert status(session.results[0]) == 403 and socks_code(session.results[1]) == 2, session
    assert [record.reason for record in session.denials()] == ["port", "port"], session
    watch.nothing()
