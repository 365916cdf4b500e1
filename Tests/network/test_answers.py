"""What name servers outside answer, and what it is worth: addresses are judged, and the judged one is dialled."""

import struct
import time

import pytest

from support import names, speech
from support.speech import status
from support.world import ECHO

ALLOW = [{"host": name, "ports": [ECHO], "protocol": "tcp"} for name in ("example.com", "*.example.com")]


def tunnel(name, port=ECHO):
    return speech.connect(f"{name}:{port}", speech.send("ping", most=4))


PRIVATE = {**ALLOW[0], "host": "inside.example.com", "addresses": "private"}


@pytest.mark.case(25)
def test_a_name_with_a_loopback_address_leads_nowhere(sandbox, world):
    world.names.set("rebound.example.com", "127.0.0.1")
    with world.serving(ECHO, lambda connection, known: connection.sendall(b"reached"), world.networks.host):
        sandbox.control(speech.direct("rebound.example.com", ECHO, speech.send("", most=7)))
        watch = world.watch()
        session = sandbox.act(
            tunnel("rebound.example.com"),
            speech.direct("rebound.example.com", ECHO, speech.REST),
            profile=sandbox.profile(ALLOW),
        )
        assert status(session.results[0]) == 403, session
        assert session.results[1]["received"] in ([], [""]), session
        assert [
            (record.door, record.reason in ("private-address", "own-address"), record.address)
            for record in session.denials()
        ] == [("proxy", True, "127.0.0.1"), ("transparent", True, "127.0.0.1")], session
        watch.nothing_but_names("rebound.example.com")


@pytest.mark.case(26)
def test_the_address_that_was_judged_is_the_one_that_is_dialled(sandbox, world):
    """The name server says a public address first and a private one from then on, with a TTL of 0."""

    def turning(question, before):
        if question.kind != names.A:
            return names.reply(question)
        return names.reply(question, names.address(question.name, names.SITE if before == 0 else "10.2.3.4", ttl=0))

    world.names.set("turning.example.com", turning)
    watch = world.watch()
    session = sandbox.act(*[tunnel("turning.example.com")] * 3, profile=sandbox.profile(ALLOW))
    assert [one.address for one in watch.accepted] == [names.SITE] * len(watch.accepted), session
    assert status(session.results[0]) == 200 and session.results[0]["received"][1] == "ping", session
    assert all(status(result) in (200, 403) for result in session.results), session
    assert {record.reason for record in session.denials()} <= {"private-address"}, session
    assert all(packet.address in (names.SITE, *names.SERVERS) for packet in watch.packets)


@pytest.mark.case(26, 28)
@pytest.mark.parametrize(
    "addresses",
    [
        (names.SITE, "10.2.3.4"),
        ("10.2.3.4", names.SITE),
        (names.SITE, "127.0.0.1"),
        (names.SITE, "fd00::1"),
        ("::1", names.SITE6),
    ],
)
def test_one_private_address_among_public_ones_spoils_the_answer(sandbox, world, addresses):
    world.names.set("mixed.example.com", *addresses)
    watch = world.watch()
    session = sandbox.act(tunnel("mixed.example.com"), profile=sandbox.profile(ALLOW))
    assert status(session.results[0]) == 403, session
    assert [record.reason in ("private-address", "own-address") for record in session.denials()] == [True], session
    watch.nothing_but_names("mixed.example.com")


@pytest.mark.case(28)
def test_an_alias_is_judged_by_the_address_at_its_end(sandbox, world):
    def alias_to(target, *addresses):
        return lambda question, before: names.reply(
            question,
            names.alias(question.name, target),
            *(
                names.address(target, text)
                for text in addresses
                if question.kind == (names.AAAA if ":" in text else names.A)
            ),
        )

    world.names.set("public.example.com", alias_to("cdn.example.net", names.SITE))
    world.names.set("private.example.com", alias_to("db.internal", "10.2.3.4"))
    watch = world.watch()
    session = sandbox.act(tunnel("public.example.com"), tunnel("private.example.com"), profile=sandbox.profile(ALLOW))
    assert [status(result) for result in session.results] == [200, 403], session
    assert [(record.reason, record.address) for record in session.denials()] == [("private-address", "10.2.3.4")], (
        session
    )
    assert [one.address for one in watch.accepted] == [names.SITE]


def many_records(question, before):
    """A thousand addresses: more than fits into a datagram."""
    if question.kind != names.A:
        return names.reply(question)
    if question.transport == "udp":
        return names.reply(question, truncated=True)
    return names.reply(
        question, *(names.address(question.name, f"93.184.{n // 250}.{n % 250 + 1}") for n in range(1000))
    )


def pointing_at_itself(question, before):
    return (
        names.reply(question)[:6]
        + b"\0\1\0\0\0\0"
        + question.wire
        + b"\xc0"
        + bytes([12 + len(question.wire)])
        + bytes(10)
    )


MALFORMED = {
    "a name that points at itself": pointing_at_itself,
    "a packet that ends too early": lambda question, before: names.reply(
        question, names.address(question.name, names.SITE)
    )[:-3],
    "no packet at all": lambda question, before: b"\0",
    "a question instead of an answer": lambda question, before: (
        struct.pack("!HHHHHH", question.identifier, 0x0100, 1, 0, 0, 0) + question.wire
    ),
    "an answer to another question": lambda question, before: names.reply(
        question, names.address("evil.com", names.SITE), asked=names.encode_name("evil.com") + b"\0\1\0\1"
    ),
    "another number": lambda question, before: names.reply(
        question, names.address(question.name, names.SITE), identifier=question.identifier ^ 1
    ),
    "an address of three bytes": lambda question, before: names.reply(
        question, names.record(question.name, names.A, b"\1\2\3")
    ),
    "an address of another name": lambda question, before: names.reply(question, names.address("evil.com", names.SITE)),
    "aliases in a circle": lambda question, before: names.reply(
        question, names.alias(question.name, "b.example.com"), names.alias("b.example.com", question.name)
    ),
    "more records than there are": lambda question, before: (
        names.reply(question)[:6] + struct.pack("!HHH", 65535, 0, 0) + question.wire
    ),
    "truncated, and a length over TCP that never comes": lambda question, before: (
        names.reply(question, truncated=True)
        if question.transport == "udp"
        else bytearray(b"\xff\xff" + names.reply(question))
    ),
    "truncated, and an empty answer over TCP": lambda question, before: (
        names.reply(question, truncated=True) if question.transport == "udp" else bytearray(b"\0\0")
    ),
    "a refusal": lambda question, before: names.reply(question, code=names.REFUSED),
    "a failure": lambda question, before: names.reply(question, code=names.SERVFAIL),
    "silence": lambda question, before: None,
}


@pytest.mark.case(29, 95)
@pytest.mark.parametrize("kind", MALFORMED)
def test_an_answer_that_is_none_opens_nothing_and_ends_in_time(sandbox, world, kind):
    world.names.set("odd.example.com", MALFORMED[kind])
    watch = world.watch()
    act = {**tunnel("odd.example.com"), "patience": 25}
    session = sandbox.act(act, tunnel("www.example.com"), profile=sandbox.profile(ALLOW))
    odd, usual = session.results
    assert status(odd) in (502, 504) and odd["seconds"] < 20, session
    assert usual["received"][1] == "ping", session
    assert len(watch.accepted) == 1, session


@pytest.mark.case(29)
def test_a_thousand_addresses_are_an_answer_like_another(sandbox, world):
    world.names.set("many.example.com", many_records)
    session = sandbox.act(tunnel("many.example.com"), profile=sandbox.profile(ALLOW))
    assert status(session.results[0]) in (200, 502) and session.results[0]["seconds"] < 10, session


@pytest.mark.case(29)
def test_a_name_that_isnt_there(sandbox, world):
    world.names.set("missing.example.com", lambda question, before: names.reply(question, code=names.NXDOMAIN))
    session = sandbox.act(tunnel("missing.example.com"), profile=sandbox.profile(ALLOW))
    assert status(session.results[0]) == 502, session


def test_the_hosts_file_is_read_before_the_name_servers(sandbox, world):
    world.hosts.write_text("127.0.0.1 localhost\n93.184.216.99 listed.example.com\n10.9.9.9 private.example.com\n")
    watch = world.watch()
    session = sandbox.act(tunnel("listed.example.com"), tunnel("private.example.com"), profile=sandbox.profile(ALLOW))
    assert [status(result) for result in session.results] == [200, 403], session
    assert [one.address for one in watch.accepted] == ["93.184.216.99"]
    assert not watch.names


def test_hosts_of_the_profile_give_a_name_its_address_and_the_right_to_it(sandbox, world):
    with world.serving(5000, lambda connection, known: connection.sendall(b"own"), world.networks.host):
        watch = world.watch()
        rules = [
            {"host": "db.example.com", "ports": [ECHO], "protocol": "tcp"},
            {"host": "here.example.com", "ports": [5000], "protocol": "tcp"},
        ]
        profile = sandbox.profile(rules, hosts={"db.example.com": "10.2.3.4", "here.example.com": "127.0.0.1"})
        session = sandbox.act(
            tunnel("db.example.com"),
            speech.direct("db.example.com", ECHO, speech.send("ping", most=4)),
            speech.connect("here.example.com:5000", speech.REST),
            speech.connect("db.example.com:80"),
            profile=profile,
        )
        connect, direct, here, port = session.results
        assert connect["received"][1] == direct["received"][0] == "ping" and here["received"][1] == "own", session
        assert status(port) == 403, session
        assert not watch.names
        assert {one.address for one in watch.accepted if one.port == ECHO} == {"10.2.3.4"}


def test_private_addresses_where_the_rule_says_so(sandbox, world):
    world.names.set("inside.example.com", "10.2.3.4")
    world.names.set("www.example.com", "10.2.3.4")
    session = sandbox.act(
        tunnel("inside.example.com"), tunnel("www.example.com"), profile=sandbox.profile([*ALLOW, PRIVATE])
    )
    assert [status(result) for result in session.results] == [200, 403], session
    assert [(record.host, record.address) for record in session.opened()] == [("inside.example.com", "10.2.3.4")], (
        session
    )


def test_the_second_server_is_asked_when_the_first_is_silent(sandbox, world):
    world.names.set(
        "slow.example.com",
        lambda question, before: (
            None
            if question.server == names.SERVERS[0]
            else names.reply(
                question, *(names.address(question.name, names.SITE) for _ in range(question.kind == names.A))
            )
        ),
    )
    session = sandbox.act({**tunnel("slow.example.com"), "patience": 20}, profile=sandbox.profile(ALLOW))
    assert session.results[0]["received"][1:] == ["ping"], session


@pytest.mark.case(95)
def test_the_servers_are_read_anew_when_they_change(sandbox, world, base):
    """A laptop moves between networks while a session runs."""
    world.resolv_conf.write_text("nameserver 203.0.114.9\noptions timeout:1 attempts:1\n")
    go, ready = sandbox.workspace / "go", sandbox.workspace / "ready"
    profile = sandbox.profile(ALLOW)
    process, log = sandbox.start(
        *sandbox.acting(
            {**tunnel("a.example.com"), "patience": 20},
            {"act": "touch", "path": str(ready)},
            {"act": "wait_for", "path": str(go)},
            {"act": "sleep", "seconds": 1.2},
            {**tunnel("b.example.com"), "patience": 20},
        ),
        profile=profile,
    )
    deadline = time.monotonic() + 30
    while not ready.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    world.resolv_conf.write_text("nameserver 9.9.9.9\n")
    go.touch()
    session = sandbox.finish(process, log)
    assert status(session.results[0]) in (502, 504), session
    assert session.results[-1]["received"][1:] == ["ping"], session
