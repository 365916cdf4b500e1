"""The network of a sandbox: every address leads inside, and what nobody listens to is refused at once."""

import os
import pathlib
import socket
import subprocess
import threading
import time

import pytest
from support.outcome import OUTSIDE_THE_VIEW
from support.process import PATIENCE
from support.sandbox import is_root

STREAM, DATAGRAM = 1, 2
ALLOWING = "network:\n  allow: [example.com, 'example.com:8443']\n"


def promptly(sandbox, *acts, **options):
    """Attempts acts that answer at once: none may run into a time limit of its own, which is twenty seconds."""
    before = time.monotonic()
    found = sandbox.attempt(*acts, **options)
    assert time.monotonic() - before < 20
    return found


@pytest.mark.parametrize("host", ["93.184.216.34", "10.1.2.3", "169.254.169.254", "2606:2800:220:1::1", "fd00:ec2::254"])
def test_without_rules_every_connection_is_refused_at_once(sandbox, host):
    ports = [22, 25, 80, 443, 8443, 65535]
    for outcome in promptly(sandbox, *[["dial", host, port] for port in ports]):
        assert outcome.refused("ECONNREFUSED"), outcome


@pytest.mark.parametrize("host", ["8.8.8.8", "10.0.0.255", "2001:4860:4860::8888"])
def test_datagrams_are_refused_at_once(sandbox, host):
    """QUIC falls back to TCP when it is told so, and waits when it isn't."""
    for outcome in promptly(sandbox, *[["ask_datagram", host, port] for port in (123, 443, 1194)]):
        assert outcome.refused("ECONNREFUSED"), outcome


def test_datagrams_to_all_go_nowhere(sandbox):
    acts = [["broadcast", "224.0.0.251", 5353], ["broadcast", "255.255.255.255", 67]]
    # Nobody answers such a datagram in any network, so that it could be sent says nothing.
    promptly(sandbox, *acts)


@pytest.mark.parametrize("kind", [STREAM, DATAGRAM], ids=["tcp", "udp"])
@pytest.mark.parametrize(
    "bound, dialled",
    [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("127.3.2.1", "127.3.2.1"), ("::1", "::1"), ("::", "::1")],
)
def test_servers_of_the_commands_own_work(sandbox, control, kind, bound, dialled):
    act = ["serve_at", bound, dialled, kind]
    assert control.succeeds(act) == "own"
    assert sandbox.attempt(act).value == "own"
    assert sandbox.attempt(act, profile=sandbox.profile(ALLOWING)).value == "own"


def test_a_port_of_the_policy_is_taken(sandbox, control):
    """What answers there is the door's, and can't be imitated for another process inside."""
    profile = sandbox.profile(ALLOWING)
    places = [(address, 8443, STREAM) for address in ("0.0.0.0", "127.0.0.1", "93.184.216.34", "::")]
    places.append(("127.0.0.1", 3128, STREAM))
    acts = [["take_port", *place] for place in places]
    for outcome in sandbox.attempt(*acts, profile=profile):
        assert outcome.refused("EADDRINUSE"), outcome
    low = [["take_port", "127.0.0.1", port, kind] for port in (53, 80, 443) for kind in (STREAM, DATAGRAM)]
    for outcome in sandbox.attempt(*low, profile=profile):
        assert outcome.refused("EACCES", "EADDRINUSE"), outcome
    # The control: other ports are free.
    assert sandbox.attempt(["take_port", "127.0.0.1", 8444, STREAM], profile=profile).value == "bound"


def test_a_connection_comes_from_the_loopback(sandbox):
    """Not from the address that it goes to, or one to a port of its own choice would be to itself."""
    profile = sandbox.profile(ALLOWING)
    first, second = sandbox.attempt(
        ["dial", "93.184.216.34", 8443], ["dial", "2606:2800:220:1::1", 8443], profile=profile
    )
    assert first.value == ["127.0.0.1", "93.184.216.34"]
    assert second.value == ["::1", "2606:2800:220:1::1"]


def test_a_namespace_of_the_commands_own_is_not_to_be_had(sandbox):
    for wrapper in (["unshare", "-rn"], ["unshare", "-n"]):
        result = sandbox.run(*wrapper, "/bin/true")
        assert result.status != 0, result


def sockets_of(process):
    """What kinds of sockets a process has open, as /proc knows them from outside."""
    kinds = []
    for entry in pathlib.Path(f"/proc/{process}/fd").iterdir():
        target = os.readlink(entry)
        if target.startswith("socket:"):
            kinds.append(target)
    return kinds


@pytest.mark.skipif(not is_root(), reason="only root looks into process 1")
def test_no_socket_of_the_capture_stays_inside(sandbox):
    profile = sandbox.profile(ALLOWING)
    command = ["/bin/sh", "-c", "echo ready; exec sleep 60"]
    process = sandbox.start(*command, profile=profile)
    assert process.stdout.readline() == b"ready\n"
    inside = [init for init in children(process.pid) if init != process.pid]
    namespace = None
    for number in inside:
        own = os.readlink(f"/proc/{number}/ns/net")
        if own == os.readlink("/proc/self/ns/net"):
            continue
        namespace = own
        # Process 1 has the socket to the supervisor, which is of the family UNIX.
        inodes = {target[8:-1] for target in sockets_of(number)}
        known = pathlib.Path(f"/proc/{number}/net/unix").read_text(encoding="ascii", errors="replace")
        outside = pathlib.Path("/proc/self/net/unix").read_text(encoding="ascii", errors="replace")
        assert len(inodes) <= 1
        assert all(f" {inode}" in known + outside for inode in inodes), (number, inodes)
    assert namespace, "no process of the sandbox was looked at"


def children(process):
    found = [process]
    for number in found:
        for task in pathlib.Path(f"/proc/{number}/task").glob("*/children"):
            found += [int(word) for word in task.read_text(encoding="ascii").split()]
    return found


def test_a_kernel_without_ipv6_has_the_rest(sandbox):
    """There is no socket of that family then; strace answers in the place of such a kernel."""
    trace = sandbox.base / "trace"
    # After the one for the routes: one for names by UDP, by TCP, and one for the port of the rule.
    wrapper = ("strace", "-f", "-o", str(trace), "-e", "trace=socket")
    wrapper += ("-e", "inject=socket:error=EAFNOSUPPORT:when=2..4+2")
    profile = sandbox.profile("network:\n  allow: ['example.com:8443']\n")
    act = ["dial", "93.184.216.34", 8443]
    result = sandbox.run("/bin/bash", "-c", ": </dev/tcp/93.184.216.34/8443 && echo there", wrapper=wrapper, profile=profile)
    assert "AF_INET6, SOCK_STREAM" in trace.read_text() and "(INJECTED)" in trace.read_text()
    assert result.stdout == "there\n", (result, act)


def test_a_host_that_disabled_ipv6(sandbox):
    sandbox.own_installation()
    script = "sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1; exec \"$@\""
    wrapper = ("unshare", "--map-root-user", "--net", "--", "/bin/sh", "-c", script, "sh")
    outcome = sandbox.attempt(["dial", "93.184.216.34", 443], wrapper=wrapper)
    assert outcome.refused("ECONNREFUSED")


@pytest.mark.parametrize("number, answer", [(5, "EPERM"), (10, "EPROTONOSUPPORT")], ids=["observer", "diagnosis"])
def test_what_only_tells_may_be_missing(sandbox, number, answer):
    """A container that allows no raw socket, or a kernel that knows of no diagnosis: refused all the same."""
    wrapper = ("strace", "-f", "-o", str(sandbox.base / "trace"), "-e", "trace=socket")
    wrapper += ("-e", f"inject=socket:error={answer}:when={number}")
    result = sandbox.run("/bin/true", wrapper=wrapper)
    assert result.status == 0, result
    kind = {5: "AF_INET, SOCK_RAW", 10: "AF_NETLINK"}[number]
    injected = [line for line in (sandbox.base / "trace").read_text().splitlines() if "(INJECTED)" in line]
    assert injected and all(kind in line for line in injected)


def test_a_socket_that_cannot_be_made_starts_nothing(sandbox):
    wrapper = ("strace", "-f", "-o", "/dev/null", "-e", "trace=bind", "-e", "inject=bind:error=EACCES:when=1")
    result = sandbox.run("/bin/true", wrapper=wrapper)
    assert result.refused_by_mews("namespaces", "listen on UDP port 53", "Permission denied", "1024"), result


def test_too_many_ports_are_refused_with_the_line(sandbox):
    ports = ", ".join(str(port) for port in range(1000, 1210))
    profile = sandbox.profile(f"network:\n  allow: [{{host: example.com, ports: [{ports}]}}]\n")
    assert sandbox.run("/bin/true", profile=profile).refused_by_mews("210 ports", str(profile))
    most = ", ".join(str(port) for port in range(1000, 1190))
    profile = sandbox.profile(f"network:\n  allow: [{{host: example.com, ports: [{most}]}}]\n")
    assert sandbox.run("/bin/true", profile=profile).status == 0


def test_the_proxy_is_told_where_a_host_is_allowed(sandbox):
    """In place of the caller's own, which leads nowhere from inside."""
    own = {"http_proxy": "http://proxy.example:8080", "ALL_PROXY": "socks5://proxy.example:1080"}
    body = "process: {env: {pass: [http_proxy], set: {HTTPS_PROXY: 'http://mine:1'}}}\n"

    def proxies(profile):
        lines = sandbox.run("/usr/bin/env", profile=profile, env=own).stdout.splitlines()
        return dict(line.split("=", 1) for line in lines if "proxy" in line.lower().split("=")[0])

    ours, direct = "http://127.0.0.1:3128", "localhost,127.0.0.1,::1"
    expected = {"http_proxy": ours, "HTTP_PROXY": ours, "https_proxy": ours, "HTTPS_PROXY": ours}
    expected |= {"no_proxy": direct, "NO_PROXY": direct}
    assert proxies(sandbox.profile(ALLOWING)) == expected
    assert proxies(sandbox.profile(ALLOWING + body)) == expected | {"HTTPS_PROXY": "http://mine:1"}
    assert proxies(sandbox.profile("")) == {}


@pytest.fixture
def daemon(sandbox):
    """Greets whoever connects to a socket of the host's."""
    started = []

    def start(path):
        path.parent.mkdir(exist_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(path))
        listener.listen()
        listener.settimeout(30)
        started.append(listener)

        def greet():
            while True:
                try:
                    peer, _ = listener.accept()
                except OSError:
                    return
                with peer:
                    peer.sendall(b"host")

        threading.Thread(target=greet, daemon=True).start()
        return path

    yield start
    for listener in started:
        listener.close()


def test_net_unix_allowlist(sandbox, control, daemon):
    """One socket is opened: not its neighbour, not its directory, and not to be exchanged."""
    granted = daemon(sandbox.outside / "granted.sock")
    other = daemon(sandbox.outside / "other.sock")
    profile = sandbox.profile(f"network:\n  unix: ['{granted}']\n")
    assert control.succeeds(["connect_path", str(granted)], ["connect_path", str(other)]) == ["host", "host"]
    reached, neighbour, replaced, removed = sandbox.attempt(
        ["connect_path", str(granted)],
        ["connect_path", str(other)],
        ["replace_by_socket", str(granted)],
        ["unlink", str(granted)],
        profile=profile,
    )
    assert reached.value == "host"
    assert neighbour.refused(*OUTSIDE_THE_VIEW)
    assert not replaced.ok and not removed.ok
    assert control.succeeds(["connect_path", str(granted)]) == "host"


def test_a_granted_socket_in_a_writable_tree_stays_where_it_is(sandbox, daemon):
    path = daemon(sandbox.workspace / "run" / "it.sock")
    profile = sandbox.profile(f"network:\n  unix: ['{path}']\n")
    reached, replaced, removed = sandbox.attempt(
        ["connect_path", str(path)], ["replace_by_socket", str(path)], ["unlink", str(path)], profile=profile
    )
    assert reached.value == "host"
    assert replaced.refused("EBUSY", "EXDEV") and removed.refused("EBUSY", "EROFS")


@pytest.mark.parametrize("name", ["docker.sock", "S.gpg-agent", "agent.1"])
def test_a_socket_that_leads_out_has_to_be_understood(sandbox, daemon, name):
    path = daemon(sandbox.outside / name)
    link = sandbox.outside / "harmless"
    link.symlink_to(name)
    for written in (path, link):
        result = sandbox.run("/bin/true", profile=sandbox.profile(f"network:\n  unix: ['{written}']\n"))
        assert result.refused_by_mews(":5:", str(path), "i-understand-this-is-root"), result
    body = f"network:\n  unix: [{{path: '{path}', i-understand-this-is-root: true}}]\n"
    assert sandbox.attempt(["connect_path", str(path)], profile=sandbox.profile(body)).value == "host"


def test_what_is_no_socket_is_an_error_at_its_line(sandbox):
    profile = sandbox.profile(f"network:\n  unix: ['{sandbox.outside}/secret']\n")
    assert sandbox.run("/bin/true", profile=profile).refused_by_mews(f"{profile}:5:", "isn't a socket")


def test_why_agrees_about_a_granted_socket(sandbox, daemon):
    path = daemon(sandbox.outside / "granted.sock")
    profile = sandbox.profile(f"network:\n  unix: ['{path}']\n")
    answer = sandbox.mews_itself("why", "-p", str(profile), "read", str(path))
    assert answer.status == 0 and f"unix: {path}" in answer.stdout, answer
    answer = sandbox.mews_itself("why", "-p", str(profile), "write", str(path))
    assert answer.status == 1 and "not changed or replaced" in answer.stdout, answer


def test_the_plan_says_what_is_listened_on(sandbox):
    shown = sandbox.mews_itself("run", "--dry-run", "-p", str(sandbox.profile(ALLOWING)), "--", "true")
    lines = shown.stdout.splitlines()
    first = next(number for number, line in enumerate(lines) if line.endswith("capture the network"))
    wanted = ["UDP port 53", "TCP port 53", "TCP port 3128 of 127.0.0.1", "TCP port 443", "TCP port 8443"]
    said = [line.split("listen on ", 1)[-1].split("  # ")[0] for line in lines[first + 1 : first + 6]]
    assert said == wanted, lines
    assert lines[first + 6].endswith("hand over the network")


def test_launching_leaves_no_namespace_behind(sandbox):
    """A listener that outlived its session would hold the namespace, and with it the ports of the next."""
    marker = sandbox.token()
    for _ in range(3):
        assert sandbox.run("/bin/sh", "-c", f": {marker}").status == 0
    listed = subprocess.run(["pgrep", "-f", marker], capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert listed.stdout == ""
