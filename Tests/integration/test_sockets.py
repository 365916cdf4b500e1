"""Sockets: an empty network, and only the families that a command needs."""

import ctypes
import os
import socket
import subprocess
import threading

import pytest
from support.outcome import OUTSIDE_THE_VIEW
from support.sandbox import is_root, owns_the_kernel

REFUSED = ("EAFNOSUPPORT", "EPERM", "EACCES")
STREAM, DATAGRAM, RAW, SEQUENCED = 1, 2, 3, 5


@pytest.fixture
def serve():
    """Greets whoever connects to a listener, until the test is over."""
    listeners = []

    def greet(listener):
        listener.settimeout(30)
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with peer:
                peer.sendall(b"host")

    def start(family, address):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.bind(address)
        listener.listen()
        listeners.append(listener)
        threading.Thread(target=greet, args=(listener,), daemon=True).start()
        return listener.getsockname()

    yield start
    for listener in listeners:
        listener.close()


@pytest.mark.parametrize(
    "family, address", [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")], ids=["v4", "v6"]
)
def test_net_localhost_host(sandbox, control, serve, family, address):
    port = serve(family, (address, 0))[1]
    act = ["connect_address", address, port]
    assert control.succeeds(act) == "host"
    assert sandbox.attempt(act).refused("ECONNREFUSED", "ENETUNREACH", "EADDRNOTAVAIL")


def own_addresses():
    """The addresses by which this machine is reached from elsewhere."""
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        probe.connect(("192.0.2.1", 9))
        return [probe.getsockname()[0]]
    except OSError:
        return []
    finally:
        probe.close()


def test_the_hosts_own_addresses_are_out_of_reach(sandbox, control, serve):
    port = serve(socket.AF_INET, ("0.0.0.0", 0))[1]
    for address in own_addresses() or ["127.0.0.2"]:
        assert control.succeeds(["connect_address", address, port]) == "host"
        assert sandbox.attempt(["connect_address", address, port]).refused(
            "ENETUNREACH", "ECONNREFUSED", "EHOSTUNREACH"
        )


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "192.0.2.1", "10.0.0.1", "2001:db8::1", "fd00:ec2::254"]
)
def test_nothing_beyond_loopback_is_reachable(sandbox, address):
    # No control: these are nobody's addresses, or a cloud's metadata; the cases above show what can be
    # reached.
    assert sandbox.attempt(["connect_address", address, 80]).refused(
        "ENETUNREACH", "ECONNREFUSED", "EHOSTUNREACH"
    )


def test_a_command_talks_to_itself_over_loopback(sandbox, control):
    assert control.succeeds(["listen_on_loopback"]) == "own"
    assert sandbox.attempt(["listen_on_loopback"]).value == "own"


def test_loopback_is_the_only_interface(sandbox, control):
    assert "lo" in control.succeeds(["interfaces"])
    assert sandbox.attempt(["interfaces"]).value == ["lo"]


def test_net_abstract_unix(sandbox, control, serve):
    """CVE-2020-15257: containerd's shim listened on an abstract socket, which no mount namespace hides."""
    name = sandbox.token()
    serve(socket.AF_UNIX, "\0" + name)
    assert control.succeeds(["connect_abstract", name]) == "host"
    assert sandbox.attempt(["connect_abstract", name]).refused("ECONNREFUSED", "EPERM")


@pytest.mark.parametrize("place", ["home", "tmp", "run"])
def test_a_unix_socket_of_the_host_is_out_of_reach(sandbox, control, serve, place):
    if place == "run" and not is_root():
        place = "home"
    directory = {"home": str(sandbox.home), "tmp": "/tmp", "run": "/run"}[place]
    path = f"{directory}/{sandbox.token()}"[:100]
    serve(socket.AF_UNIX, path)
    try:
        assert control.succeeds(["connect_path", path]) == "host"
        assert sandbox.attempt(["connect_path", path]).refused(*OUTSIDE_THE_VIEW)
    finally:
        os.unlink(path)


def test_ipc_dgram_reconnect(sandbox, control):
    """An end of a socketpair can be connected to a path that no rule opens."""
    path = str(sandbox.home / "datagrams")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(path)
        acts = [["reconnect_pair", path], ["send_datagram", path]]
        control.succeeds(*acts)
        for outcome in sandbox.attempt(*acts):
            assert outcome.refused(*OUTSIDE_THE_VIEW)


def test_net_vsock(sandbox, control):
    """Vsock has no network namespace before Linux 7.0: CID 2 is the hypervisor's control channel."""
    act = ["open_socket", socket.AF_VSOCK, STREAM]
    control.succeeds(act)
    assert sandbox.attempt(act).refused("EAFNOSUPPORT")
    assert sandbox.attempt(["connect_vsock"]).refused("EAFNOSUPPORT")


FAMILIES = {
    "ALG": (38, SEQUENCED),
    "VSOCK": (40, STREAM),
    "RXRPC": (33, DATAGRAM),
    "PACKET": (17, RAW),
    "KEY": (15, RAW),
    "BLUETOOTH": (31, RAW),
    "CAN": (29, RAW),
    "XDP": (44, RAW),
    "TIPC": (30, STREAM),
    "SMC": (43, STREAM),
    "QIPCRTR": (42, DATAGRAM),
    "NFC": (39, RAW),
    "AX25": (3, DATAGRAM),
    "X25": (9, SEQUENCED),
    "RDS": (21, SEQUENCED),
    "LLC": (26, STREAM),
    "IEEE802154": (36, DATAGRAM),
    "MCTP": (45, DATAGRAM),
    "PPPOX": (24, DATAGRAM),
    "KCM": (41, DATAGRAM),
}


@pytest.mark.parametrize("name", FAMILIES)
def test_net_rxrpc_xfrm(sandbox, name):
    family, kind = FAMILIES[name]
    # The kernel here may lack the family: which ones it has, and that they open outside, is the next case.
    outcome = sandbox.attempt(["open_socket", family, kind])
    assert outcome.refused("EAFNOSUPPORT")


def test_some_of_these_families_open_outside(sandbox, control):
    answers = control.attempt(*[["open_socket", family, kind] for family, kind in FAMILIES.values()])
    assert any(outcome.ok for outcome in answers)


NETLINK = {
    "AUDIT": 9,
    "NETFILTER": 12,
    "KOBJECT_UEVENT": 15,
    "GENERIC": 16,
    "CRYPTO": 21,
    "XFRM": 6,
    "SOCK_DIAG": 4,
    "CONNECTOR": 11,
}


@pytest.mark.parametrize("name", NETLINK)
def test_net_netlink(sandbox, control, name):
    act = ["open_socket", socket.AF_NETLINK, RAW, NETLINK[name]]
    outside = control.attempt(act)
    assert outside.ok or outside.refused("EPROTONOSUPPORT"), "the kernel here has it or was built without it"
    assert sandbox.attempt(act).refused(*REFUSED, "EPROTONOSUPPORT")


def test_some_netlink_protocols_open_outside(sandbox, control):
    answers = control.attempt(*[["open_socket", 16, RAW, protocol] for protocol in NETLINK.values()])
    assert sum(outcome.ok for outcome in answers) >= 3


def test_netlink_route_opens(sandbox, control):
    act = ["open_socket", socket.AF_NETLINK, RAW, 0]
    control.succeeds(act)
    assert sandbox.attempt(act).ok


def test_the_high_bits_of_a_family_do_not_pass_it(sandbox, control):
    """CVE-2019-10063: the kernel reads 32 bits of what flatpak's filter compared as 64."""
    act = ["open_socket_with_high_bits", socket.AF_VSOCK, STREAM]
    control.succeeds(act)
    assert sandbox.attempt(act).refused("EAFNOSUPPORT")


@pytest.mark.parametrize("family", [2, 10], ids=["inet", "inet6"])
def test_raw_sockets_are_not_there(sandbox, control, family):
    if owns_the_kernel():
        control.succeeds(["open_socket", family, RAW, 1])
    assert sandbox.attempt(["open_socket", family, RAW, 1]).refused(
        "EPERM", "EAFNOSUPPORT", "EPROTONOSUPPORT", "ESOCKTNOSUPPORT"
    )


@pytest.fixture
def segment(sandbox):
    """A System V segment of the host that holds a word, with its key."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.shmat.restype = ctypes.c_void_p
    key = 0x4D455753 ^ os.getpid()
    identifier = libc.shmget(key, 4096, 0o1600)
    assert identifier >= 0
    address = libc.shmat(identifier, None, 0)
    ctypes.memmove(address, b"secret\0", 7)
    libc.shmdt(ctypes.c_void_p(address))
    yield key
    libc.shmctl(identifier, 0, None)


def test_ipc_sysv_mq(sandbox, control, segment):
    name = sandbox.token()
    path = f"/dev/shm/{name}"
    with open(path, "w", encoding="ascii") as file:
        file.write("secret")
    try:
        control_segment, control_names = control.succeeds(["shared_memory", segment], ["shared_memory_names"])
        assert control_segment.startswith("secret") and name in control_names
        shared, names = sandbox.attempt(["shared_memory", segment], ["shared_memory_names"])
        assert shared.refused("ENOENT", "EPERM", "ENOSYS")
        assert names.value == []
    finally:
        os.unlink(path)


def test_a_message_queue_of_the_host_is_not_there(sandbox, control):
    key = 0x4D455754 ^ os.getpid()
    made = subprocess.run(["ipcmk", "-Q"], capture_output=True, text=True, check=True, timeout=10)
    del key
    identifier = made.stdout.split()[-1]
    listed = subprocess.run(["ipcs", "-q"], capture_output=True, text=True, check=True, timeout=10).stdout
    line = next(
        line for line in listed.splitlines() if len(line.split()) > 1 and line.split()[1] == identifier
    )
    act = ["message_queue", int(line.split()[0], 16)]
    try:
        control.succeeds(act)
        assert sandbox.attempt(act).refused("ENOENT", "EPERM", "ENOSYS")
    finally:
        subprocess.run(["ipcrm", "-q", identifier], check=True, timeout=10)
