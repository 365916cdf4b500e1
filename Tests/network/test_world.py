"""The internet of the tests by itself: without the sandbox everything that the other tests refuse does succeed."""

import json
import os
import subprocess

import pytest

from support import internet, names, speech
from support.world import ECHO, GREETING

ADDRESSES = (
    "93.184.216.34",
    "2606:2800:220:1::34",
    "1.1.1.1",
    "10.2.3.4",
    "192.168.1.1",
    "172.16.0.1",
    "169.254.169.254",
    "fd00:ec2::254",
    "100.100.100.200",
    "168.63.129.16",
    "198.18.0.9",
    "64:ff9b::a00:1",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_address_answers(sandbox, world, address):
    watch = world.watch()
    act = speech.direct(address, ECHO, speech.send("hello", most=5))
    (result,) = sandbox.control(act)
    assert result["received"] == ["hello"]
    assert [(one.port, one.address) for one in watch.accepted] == [(ECHO, address)]
    assert [(packet.protocol, packet.address, packet.port) for packet in watch.packets] == [("tcp", address, ECHO)]


def test_names_resolve_and_questions_are_counted(sandbox, world):
    watch = world.watch()
    world.names.set("other.example.com", "10.2.3.4")
    first, second = sandbox.control(
        {"act": "resolve", "name": "www.example.com"}, {"act": "resolve", "name": "other.example.com"}
    )
    assert first["addresses"] == sorted([names.SITE, names.SITE6])
    assert second["addresses"] == ["10.2.3.4"]
    assert watch.names == ["other.example.com", "www.example.com"]
    assert {packet.port for packet in watch.packets} == {53}


def test_a_watch_that_should_see_nothing_notices_everything(sandbox, world):
    for act in (
        {"act": "resolve", "name": "www.example.com"},
        speech.direct("1.1.1.1", ECHO),
        speech.direct("1.1.1.1", 12345),
        {"act": "datagram", "to": ["1.1.1.1", 443], "send": "x"},
    ):
        watch = world.watch()
        sandbox.outside(*sandbox.acting(act))
        with pytest.raises(AssertionError):
            watch.nothing()


def test_a_server_that_speaks_first(sandbox):
    (result,) = sandbox.control(speech.direct("mail.example.com", GREETING, {"until": "\r\n"}))
    assert result["received"] == ["220 here\r\n"]


def test_http_and_https(sandbox, world):
    for url in ("http://example.com/a", "https://example.com/a", "https://www.example.com:8443/b"):
        finished = sandbox.outside("curl", "-sS", "--cacert", world.authority, "-m", "10", url)
        assert finished.returncode == 0, finished
        assert json.loads(finished.stdout)["path"] in ("/a", "/b")


def test_the_host_has_addresses_of_its_own(sandbox, world):
    with world.serving(7777, lambda connection, known: connection.sendall(b"own"), world.networks.host):
        for address in (internet.OWN, internet.OWN_PUBLIC, "127.0.0.1"):
            (result,) = sandbox.control(speech.direct(address, 7777, speech.REST))
            assert result["received"] == ["own"]


def test_no_way_leads_anywhere_else(world):
    for network in (world.networks.host, world.networks.internet):
        interfaces = json.loads(world.networks.run(network, "ip", "-j", "link"))
        assert {interface["ifname"] for interface in interfaces} in ({"lo", "host0"}, {"lo", "net0"})


def test_an_ordinary_user_stays_one(sandbox):
    """What runs here has the privileges of whoever runs the tests, and no more."""
    finished = subprocess.run(["cat", "/proc/self/status"], capture_output=True, text=True, check=True, timeout=10)
    effective = next(line for line in finished.stdout.splitlines() if line.startswith("CapEff"))
    assert os.getuid() == 0 or int(effective.split()[1], 16) == 0
