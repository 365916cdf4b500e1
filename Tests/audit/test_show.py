"""What `mews audit show` makes of the records of the network, and which of them are chosen by host."""

import pytest

from logs import LogMaker, START, line_of, session_name

SESSION = session_name(7)


@pytest.fixture
def shown(host):
    """Shows a log that has one of each, with options."""
    maker = LogMaker(SESSION).start().policy().command()
    maker.network_allowed().network_allowed(2, traffic={"bytes_in": 5120, "bytes_out": 517}, duration=44)
    maker.network_allowed(4, duration=10_000).network_denied().name_denied()
    maker.name_denied(count=9, start_time=START + 1, end_time=START + 4000)
    path = host.write(SESSION, b"".join(map(line_of, maker.command_exit().end().chained())))

    def show(*options):
        result = host.audit("show", path, *options)
        assert result.returncode == 0, result
        return [text.split("  ", 1)[1].strip() for text in result.stdout.decode().splitlines()]

    return show


def test_says_what_was_asked_by_whom_and_what_came_of_it(shown):
    found = [text for text in shown() if text.startswith(("network.", "dns."))]
    assert [" ".join(text.split()[:3]) for text in found] == [
        "network.allowed connect api.example.com:443", "network.allowed close api.example.com:443",
        "network.allowed fail api.example.com:443", "network.denied connect [2001:db8::7]:443",
        "dns.denied look up", "dns.denied look up"]
    assert "517 bytes out, 5120 in, by transparent" in found[1]
    assert "evil.example.com A" in found[4] and "(9 times)" in found[5]
    assert all(" cat " in text for text in found)
    assert found[3].endswith('fix: network: {allow: [{address: "2001:db8::7", ports: [443]}]}')


@pytest.mark.parametrize("options, number", [
    (("--host", "api.example.com"), 3), (("--host", "API.example.com:443"), 3), (("--host", "example.com"), 5),
    (("--host", "api.example.com:80"), 0), (("--host", "xample.com"), 0), (("--host", "2001:db8::7"), 1),
    (("--host", "[2001:db8::7]:443"), 1), (("--host", "203.0.113.7"), 3), (("--host", "example.com:443"), 3),
    (("--kind", "network"), 4), (("--kind", "dns"), 2), (("--kind", "network.denied,dns"), 3),
    (("--host", "example.com", "--kind", "dns.denied"), 2)])
def test_chooses_by_host(shown, options, number):
    assert len(shown(*options)) == number


def test_nothing_that_a_host_is_called_acts_on_a_terminal(host):
    maker = LogMaker(SESSION).start()
    maker.name_denied()
    maker.records[-1]["query"]["hostname"] = "evil\u001b[2J\u202e.example"
    path = host.write(SESSION, b"".join(map(line_of, maker.chained())))
    text = host.audit("show", path).stdout.decode()
    assert "\u001b" not in text and "\u202e" not in text and ".example" in text
