"""Addresses in place of names: no rule for a name is one for an address, and some are nobody's."""

import pytest

from support import internet, speech
from support.speech import socks_code, status
from support.world import ECHO

ALLOW = [{"host": name, "ports": [80, 443, ECHO], "protocol": "tcp"} for name in ("example.com", "*.example.com")]

METADATA = ("169.254.169.254", "169.254.170.2", "fd00:ec2::254", "100.100.100.200", "192.0.0.192", "168.63.129.16")
PRIVATE = (
    "10.2.3.4",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.1.1",
    "127.0.0.1",
    "127.1.2.3",
    "0.0.0.0",
    "0.1.2.3",
    "198.18.0.1",
    "198.19.255.255",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "198.51.100.1",
    "203.0.113.1",
    "::1",
    "::",
    "::ffff:10.0.0.1",
    "::10.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b::7f00:1",
    "2002:a00:1::",
    "2001::1",
    "fc00::1",
    "fd12::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "100::1",
)


def bracketed(address):
    return f"[{address}]" if ":" in address else address


def refused_everywhere(sandbox, world, address, port=ECHO, rules=ALLOW, **network):
    """CONNECT, SOCKS and a connection of one's own to this address are refused and recorded; nothing leaves."""
    watch = world.watch()
    session = sandbox.act(
        speech.connect(f"{bracketed(address)}:{port}"),
        speech.socks5(address, port),
        speech.direct(address, port, speech.send("ping", most=4)),
        profile=sandbox.profile(rules, **network),
    )
    connect, socks, direct = session.results
    assert status(connect) == 403, session
    assert socks_code(socks) == 2, session
    assert "".join(direct["received"]) != "ping", session
    assert {record.door for record in session.denials()} >= {"proxy", "socks"}, session
    assert not session.opened(), session
    watch.nothing()
    return session


@pytest.mark.case(16, 17, 22)
@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "[::]",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "127.0.0.1",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:0:127.0.0.1]",
    ],
)
def test_no_way_of_writing_it_reaches_the_hosts_loopback(sandbox, world, address):
    with world.serving(ECHO, lambda connection, known: connection.sendall(b"reached"), world.networks.host):
        watch = world.watch()
        session = sandbox.act(
            speech.connect(f"{address}:{ECHO}"),
            speech.forward(f"http://{address}:{ECHO}/", f"{address}:{ECHO}"),
            speech.socks5(address.strip("[]"), ECHO),
            profile=sandbox.profile(ALLOW),
        )
        assert [status(result) for result in session.results[:2]] == [403, 403], session
        assert socks_code(session.results[2]) == 2, session
        assert len(session.denials()) == 3, session
        watch.nothing()


@pytest.mark.case(16, 70)
@pytest.mark.parametrize(
    "host",
    [
        "0",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0x7f.1",
        "127.0.0.1.",
        "017700000001",
        "1.2.3",
        "127.0.0.01",
        "256.1.1.1",
        "1.2.3.4.5",
    ],
)
def test_numbers_that_inet_aton_would_read_are_no_names(sandbox, world, host):
    watch = world.watch()
    session = sandbox.act(speech.connect(f"{host}:{ECHO}"), speech.socks5(host, ECHO), profile=sandbox.profile(ALLOW))
    assert status(session.results[0]) in (400, 403), session
    assert socks_code(session.results[1]) not in (0, None), session
    assert len(session.denials()) == 2 and not session.opened(), session
    watch.nothing()


@pytest.mark.case(19)
@pytest.mark.parametrize("address", METADATA)
def test_metadata_addresses_are_nobodys(sandbox, world, address):
    sandbox.control(speech.direct(address, ECHO, speech.send("ping", most=4)))
    session = refused_everywhere(sandbox, world, address)
    assert {record.reason for record in session.denials(door="proxy")} == {"metadata"}, session
    # Nor is a name a way to them, whatever its rule says of private addresses.
    world.names.set("cloud.example.com", address)
    rules = [{"host": "cloud.example.com", "ports": [ECHO], "protocol": "tcp", "addresses": "private"}]
    watch = world.watch()
    session = sandbox.act(speech.connect(f"cloud.example.com:{ECHO}"), profile=sandbox.profile(rules))
    assert status(session.results[0]) == 403, session
    (record,) = session.denials()
    assert (record.reason, record.address) == ("metadata", address), session
    watch.nothing_but_names("cloud.example.com")
    # And no profile of a user's can name them.
    for network in (
        {"allow": [{"address": address, "ports": [80]}]},
        {"allow": ["cloud.example.com:80"], "hosts": {"cloud.example.com": address}},
    ):
        session = sandbox.run("true", profile=sandbox.profile(**network))
        assert session.status == 125 and "credentials" in session.stderr, session


@pytest.mark.case(20)
@pytest.mark.parametrize("name", ["metadata.google.internal", "METADATA.google.internal.", "metadata.goog"])
def test_the_names_of_metadata_servers_too(sandbox, world, name):
    world.names.set(name.lower().rstrip("."), "169.254.169.254")
    watch = world.watch()
    session = sandbox.act(speech.connect(f"{name}:80"), profile=sandbox.profile(ALLOW))
    assert status(session.results[0]) == 403, session
    watch.nothing()
    allowed = {"host": name.lower().rstrip("."), "ports": [80], "protocol": "tcp", "addresses": "private"}
    session = sandbox.act(speech.connect(f"{name}:80"), profile=sandbox.profile([allowed]))
    # An error of the profile, or refused by the address.
    if session.status != 125:
        assert status(session.results[0]) == 403, session
        assert [record.reason for record in session.denials()] == ["metadata"], session
    assert not watch.accepted


@pytest.mark.case(22)
@pytest.mark.parametrize(
    "authority",
    [
        "[::1:7",
        "::1:7",
        "[example.com]:7",
        "[::1]x:7",
        "[::1%25lo]:7",
        "[::1%lo]:7",
        "[fe80::1%1]:7",
        "[]:7",
        "[::1]",
        "[:::1]:7",
        "[1::2::3]:7",
        "[12345::]:7",
        "[::1]]:7",
        "[127.0.0.1]:7",
        "[v1.x]:7",
        "[::ffff:127.0.0.256]:7",
    ],
)
def test_brackets_hold_an_address_and_nothing_else(sandbox, world, authority):
    watch = world.watch()
    session = sandbox.act(speech.connect(authority), profile=sandbox.profile(ALLOW))
    assert status(session.results[0]) == 400, session
    assert [record.reason in ("malformed-host", "malformed-request") for record in session.denials()] == [True], session
    watch.nothing()


@pytest.mark.case(23)
@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::34", "1.1.1.1"])
def test_an_address_isnt_the_name_that_has_it(sandbox, world, address):
    sandbox.control(speech.direct(address, ECHO, speech.send("ping", most=4)))
    session = refused_everywhere(sandbox, world, address)
    assert {record.reason for record in session.denials()} == {"address-literal"}, session
    assert {record.door for record in session.denials()} == {"proxy", "socks", "transparent"}, session


@pytest.mark.case(23)
@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::34", "10.2.3.4", "::ffff:10.2.3.4"])
def test_an_address_rule_is_for_that_address_and_its_ports(sandbox, world, address):
    profile = sandbox.profile([{"address": address, "ports": [ECHO], "protocol": "tcp"}])
    host = bracketed(address)
    watch = world.watch()
    session = sandbox.act(
        speech.connect(f"{host}:{ECHO}", speech.send("ping", most=4)),
        speech.socks5(address, ECHO, speech.send("ping", most=4)),
        speech.direct(address, ECHO, speech.send("ping", most=4)),
        speech.connect(f"{host}:80"),
        speech.connect(f"1.1.1.1:{ECHO}"),
        profile=profile,
    )
    connect, socks, direct, port, other = session.results
    assert connect["received"][-1] == socks["received"][-1] == direct["received"][-1] == "ping", session
    assert (status(port), status(other)) == (403, 403), session
    assert {record.door for record in session.opened()} == {"proxy", "socks", "transparent"}, session
    assert len(watch.accepted) == 3 and not watch.names


@pytest.mark.case(17, 25)
@pytest.mark.parametrize("address", PRIVATE)
def test_no_private_address_in_any_writing(sandbox, world, address):
    """As a literal without a rule, and as the address of an allowed name."""
    watch = world.watch()
    world.names.set("inside.example.com", address)
    session = sandbox.act(
        speech.connect(f"{bracketed(address)}:{ECHO}"),
        speech.connect(f"inside.example.com:{ECHO}"),
        profile=sandbox.profile(ALLOW),
    )
    assert [status(result) for result in session.results] == [403, 403], session
    by_name = [record for record in session.denials() if record.host == "inside.example.com"]
    assert [record.reason in ("private-address", "own-address", "metadata") for record in by_name] == [True], session
    assert by_name[0].address, session
    watch.nothing_but_names("inside.example.com")


@pytest.mark.case(83)
@pytest.mark.parametrize(
    "target",
    [
        "127.0.0.1:3128",
        "[::1]:3128",
        "localhost:3128",
        f"{internet.OWN}:7777",
        f"{internet.OWN_PUBLIC}:7777",
        f"[{internet.OWN6}]:7777",
        "127.0.0.1:53",
    ],
)
def test_the_door_isnt_a_way_to_itself_or_to_the_host(sandbox, world, target):
    with world.serving(7777, lambda connection, known: connection.sendall(b"reached"), world.networks.host):
        watch = world.watch()
        session = sandbox.act(speech.connect(target), profile=sandbox.profile(ALLOW))
        assert status(session.results[0]) == 403, session
        assert len(session.denials()) == 1 and not session.opened(), session
        watch.nothing()


@pytest.mark.case(83)
def test_a_name_isnt_a_way_to_the_hosts_own_addresses(sandbox, world):
    """One of them looks public. Only `hosts` or an address rule can name it."""
    for address in (internet.OWN, internet.OWN_PUBLIC, internet.OWN6, "127.0.0.1"):
        world.names.set("self.example.com", address)
        with world.serving(ECHO, lambda connection, known: connection.sendall(b"reached"), world.networks.host):
            watch = world.watch()
            session = sandbox.act(speech.connect(f"self.example.com:{ECHO}"), profile=sandbox.profile(ALLOW))
            assert status(session.results[0]) == 403, (address, str(session))
            assert [record.reason in ("own-address", "private-address") for record in session.denials()] == [True], (
                session
            )
            watch.nothing_but_names("self.example.com")
