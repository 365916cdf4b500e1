"""One decision at every door: whatever way a target is asked for, the answer is the same, and a refusal sends nothing."""

import pytest

from support import speech
from support.speech import socks_code, status
from support.world import ECHO

RULES = [
    {"host": "example.com", "ports": [ECHO], "protocol": "tcp"},
    {"host": "*.example.com", "ports": [ECHO], "protocol": "tcp"},
    {"host": "example.org", "ports": [80], "protocol": "tcp"},
]
DENY = ["gist.example.com", "*.closed.example.com", f"port.example.com:{ECHO}"]

TARGETS = [
    ("example.com", ECHO, True),
    ("a.example.com", ECHO, True),
    ("EXAMPLE.com", ECHO, True),
    ("example.org", 80, True),
    ("gist.example.com", ECHO, False),
    ("a.closed.example.com", ECHO, False),
    ("closed.example.com", ECHO, True),
    ("port.example.com", ECHO, False),
    ("example.org", ECHO, False),
    ("a.example.org", 80, False),
    ("evil.com", ECHO, False),
    ("93.184.216.34", ECHO, False),
    ("10.2.3.4", ECHO, False),
    ("169.254.169.254", 80, False),
]


@pytest.mark.parametrize(("host", "port", "allowed"), TARGETS)
def test_every_door_says_the_same(sandbox, world, host, port, allowed):
    step = speech.send("GET / HTTP/1.0\r\n\r\n", most=12)
    acts = [
        speech.connect(f"{host}:{port}", step),
        speech.socks5(host, port, step),
        speech.socks4a(host, port, step),
        speech.direct(host, port, step),
    ]
    control = sandbox.control(acts[-1])
    assert control[0]["received"], control
    watch = world.watch()
    session = sandbox.act(*acts, profile=sandbox.profile(RULES, deny=DENY))
    connect, socks5, socks4a, direct = session.results
    # The echo, or what the server says; a refusal looks otherwise.
    through = [
        result["received"][-1:] in (["GET / HTTP/1"], ["HTTP/1.1 200"], ["HTTP/1.0 200"]) for result in session.results
    ]
    assert through == [allowed] * 4, session
    if allowed:
        assert {record.door for record in session.opened()} == {"proxy", "socks", "transparent"}, session
        assert not session.denials(), session
    else:
        assert (status(connect), socks_code(socks5), socks_code(socks4a, 0)) == (403, 2, 91), session
        assert len(session.denials()) >= 4 and not session.opened(), session
        assert len({record.door for record in session.denials()}) == 3, session
        watch.nothing()


@pytest.mark.parametrize(("host", "port", "allowed"), TARGETS)
def test_mews_why_says_the_same(sandbox, host, port, allowed):
    profile = sandbox.profile(RULES, deny=DENY)
    answered = sandbox.outside(sandbox.mews, "why", "-p", profile, "connect", f"{host}:{port}")
    assert answered.returncode == (0 if allowed else 1), (answered.stdout, answered.stderr)


def test_many_denied_names_leave_nothing(sandbox, world):
    """Names are the oldest way out: what was never allowed is never asked."""
    watch = world.watch()
    names = [f"part{number}.of.the.secret.evil{number % 7}.com" for number in range(60)]
    acts = [
        act
        for name in names
        for act in ({"act": "resolve", "name": name}, speech.connect(f"{name}:443"), speech.socks5(name, 443))
    ]
    session = sandbox.act(*acts, profile=sandbox.profile(RULES))
    assert all(result.get("error") == "EAI_NONAME" for result in session.results[::3]), session
    # getaddrinfo(3) asks for both families; each name counts, whether it has a record of its own or was folded.
    assert session.count("dns.denied") >= 60 and session.count("network.denied") == 120, session
    watch.nothing()


def test_a_denied_host_isnt_told_apart_by_time(sandbox, world):
    """A refused name isn't looked up, so whether it exists outside makes no difference: even where every name server
    is silent, a refusal comes at once."""
    world.resolv_conf.write_text("nameserver 203.0.114.200\n")
    session = sandbox.act(
        speech.connect("evil.com:443"), {"act": "resolve", "name": "evil.com"}, profile=sandbox.profile(RULES)
    )
    assert all(result["seconds"] < 1 for result in session.results), session
