"""Two networks of the tests' own: `host`, where the tests and Mews run, and `internet`, where every address there is
answers. A pair of virtual interfaces joins them, and nothing leads from them to anywhere else.

An ordinary user makes them in a user namespace that maps the user to itself: who runs Mews there is an ordinary user
as before. Root makes them as it is.
"""

import dataclasses
import os
import subprocess

from support import kernel

# The host's own addresses: that of its interface, and one that looks public.
OWN = "10.99.0.2"
OWN_PUBLIC = "45.33.32.2"
OWN6 = "fd99::2"
GATEWAY = "10.99.0.1"
GATEWAY6 = "fd99::1"


@dataclasses.dataclass(frozen=True)
class Networks:
    """Descriptors of the two networks."""

    host: int
    internet: int

    def run(self, network, *arguments):
        """Runs a program that configures a network, with the privilege for it, to its end."""

        def enter():
            kernel.enter_network(network)
            if os.getuid() != 0:
                kernel.keep_over_exec(kernel.CAP_NET_ADMIN, kernel.CAP_NET_RAW)

        finished = subprocess.run(
            arguments,
            preexec_fn=enter,
            pass_fds=(self.host, self.internet),
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert finished.returncode == 0, (arguments, finished.stderr)
        return finished.stdout


def open_network():
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def enter(resolv_conf, hosts, files=()):
    """Moves this process, which must have one thread, into networks of its own, with these files as its
    /etc/resolv.conf and /etc/hosts, and before them further ones, pairs of a file and its place."""
    user, group = os.getuid(), os.getgid()
    if user == 0:
        kernel.unshare(kernel.CLONE_NEWNET | kernel.CLONE_NEWNS)
    else:
        kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNET | kernel.CLONE_NEWNS)
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(text)
    kernel.mount("none", "/", kernel.MS_REC | kernel.MS_SLAVE)
    for source, target in (*files, (resolv_conf, "/etc/resolv.conf"), (hosts, "/etc/hosts")):
        kernel.mount(source, os.path.realpath(target), kernel.MS_BIND)
    internet = open_network()
    kernel.unshare(kernel.CLONE_NEWNET)
    networks = Networks(open_network(), internet)
    connect(networks)
    return networks


def connect(networks):
    """Joins the two by interfaces, and gives the internet every address but the host's."""
    for network in (networks.host, networks.internet):
        with kernel.within(network):
            # Low ports are anybody's here: the servers of the tests need no privilege.
            with open("/proc/sys/net/ipv4/ip_unprivileged_port_start", "w", encoding="ascii") as file:
                file.write("0")
        networks.run(network, "ip", "link", "set", "lo", "up")
    networks.run(
        networks.host,
        "ip",
        "link",
        "add",
        "host0",
        "type",
        "veth",
        "peer",
        "name",
        "net0",
        "netns",
        f"/proc/self/fd/{networks.internet}",
    )
    for line in (
        f"addr add {OWN}/30 dev host0",
        f"addr add {OWN_PUBLIC}/32 dev lo",
        f"-6 addr add {OWN6}/64 dev host0 nodad",
        "link set host0 up",
    ):
        networks.run(networks.host, "ip", *line.split())
    for line in (
        f"addr add {GATEWAY}/30 dev net0",
        f"-6 addr add {GATEWAY6}/64 dev net0 nodad",
        "link set net0 up",
        "route add local 0.0.0.0/0 dev lo table local",
        "-6 route add local ::/0 dev lo table local",
        f"route add {OWN}/32 dev net0 table local",
        f"route add {OWN_PUBLIC}/32 via {OWN} dev net0 table local",
        f"-6 route add {OWN6}/128 dev net0 table local",
    ):
        networks.run(networks.internet, "ip", *line.split())
    networks.run(networks.host, "ip", "route", "add", "default", "via", GATEWAY)
    networks.run(networks.host, "ip", "-6", "route", "add", "default", "via", GATEWAY6)
