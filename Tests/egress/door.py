"""The door alone: mews-egress with a supervisor made of Python, so that what it does can be seen packet by packet."""

import ctypes
import fcntl
import ipaddress
import mmap
import os
import signal
import socket
import struct
import subprocess
import threading
import time

STREAM, LOOPBACK_STREAM, DATAGRAM = 1, 2, 3
TLS, HTTP, TCP, AUTO = 1, 2, 3, 4
ALLOWED, DENIED, NAME_DENIED, CLOSED, FAILED = 1, 2, 3, 4, 5
DOORS = {1: "dns", 2: "proxy", 3: "socks", 4: "transparent", 5: "loopback", 6: "packet"}
REASONS = (
    "- not-allowed denied port address-literal metadata private-address own-address malformed-host "
    "malformed-request stale-name loopback-port not-tls server-name-missing server-name-differs not-http "
    "authority-differs too-slow too-large connection-limit rate-limit question-type no-listener door-lost"
).split()
PROXY = 3128


def u8(value):
    return struct.pack("<B", value)


def u16(value):
    return struct.pack("<H", value)


def u32(value):
    return struct.pack("<I", value)


def text(value):
    value = value if isinstance(value, bytes) else value.encode()
    return u32(len(value)) + value


def address(value):
    number = ipaddress.ip_address(value)
    packed = b"\0" * 10 + b"\xff" * 2 + number.packed if number.version == 4 else number.packed
    high, low = struct.unpack(">QQ", packed)
    return struct.pack("<QQ", high, low)


def listing(values, encode):
    return u32(len(values)) + b"".join(encode(value) for value in values)


def target(host):
    if host.startswith("*."):
        return u8(2) + text(host[2:])
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return u8(1) + text(host)
    return u8(3) + address(host)


def settings(allow=(), deny=(), hosts=(), loopback=(), listeners=(), resolver=b"", hosts_file=b"", limits=(512, 64, 256), origins=()):
    """DoorSettings as the door reads them. A rule is (host, ports, check or 0, private)."""
    return (
        struct.pack("<I", 0x31574544)
        + listing(
            allow,
            lambda rule: target(rule[0]) + listing(rule[1], u16) + u8(rule[2]) + u8(rule[3]),
        )
        + listing(deny, lambda rule: target(rule[0]) + u16(rule[1] or 0))
        + listing(hosts, lambda host: text(host[0]) + address(host[1]))
        + listing(loopback, u16)
        + listing(listeners, lambda listener: u8(listener[0]) + u16(listener[1]))
        + text(bytes(range(32)))
        + text(resolver)
        + text(hosts_file)
        + b"".join(u32(limit) for limit in limits)
        + listing(origins, text)
    )


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size):
        piece = self.data[self.at : self.at + size]
        assert len(piece) == size, "a packet is too short"
        self.at += size
        return piece

    def number(self, size):
        return int.from_bytes(self.take(size), "little")

    def text(self):
        return self.take(self.number(4))

    def address(self):
        high, low = self.number(8), self.number(8)
        value = ipaddress.IPv6Address(high << 64 | low)
        return str(value.ipv4_mapped or value)

    def optional(self, read):
        return read() if self.number(4) else None


class Event:
    def __init__(self, data):
        reader = Reader(data)
        assert reader.number(1) == 2
        self.number = reader.number(8)
        self.kind, door, self.is_datagram = reader.number(1), reader.number(1), reader.number(1)
        self.door = DOORS[door]
        self.client = reader.address(), reader.number(2)
        self.destination = reader.address(), reader.number(2)
        self.host, self.port = reader.text().decode(), reader.number(2)
        self.address = reader.optional(reader.address)
        self.server_name = reader.text().decode()
        listed, index = reader.number(1), reader.number(4)
        self.rule = (listed, index) if listed else None
        self.reason = REASONS[reader.number(1)]
        self.check = reader.number(1)
        self.question_type = reader.optional(lambda: reader.number(2))
        self.sent, self.received = reader.number(8), reader.number(8)
        self.milliseconds, self.errno = reader.number(8), reader.number(4)
        assert reader.at == len(data)

    def __repr__(self):
        kind = ["", "allowed", "denied", "name-denied", "closed", "failed"][self.kind]
        return f"{self.number} {kind} {self.door} {self.host}:{self.port} {self.reason} {self.sent}/{self.received}"


def listen(port, host="::"):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    listener.bind((host, port))
    listener.listen(4096)
    return listener


class Door:
    """mews-egress, with listeners of this network namespace. Events are confirmed unless `holds` is set."""

    def __init__(self, program, listeners=(), proxy_port=PROXY, **rules):
        self.events, self.holds, self.ready = [], False, threading.Event()
        self.status = None
        self._changed = threading.Condition()
        self.sockets = [made for _, made in listeners]
        data = settings(listeners=[kind for kind, _ in listeners], **rules)
        memory = os.memfd_create("settings")
        os.write(memory, data)
        os.lseek(memory, 0, os.SEEK_SET)
        shared = os.memfd_create("progress")
        os.ftruncate(shared, 16)
        self.progress = mmap.mmap(shared, 16)
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        numbers = [theirs.fileno(), memory, shared] + [made.fileno() for made in self.sockets]
        # First far above, then into their places: the places may be taken by one of the others.
        moved = [fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, 300) for number in numbers]
        self.pid = os.fork()
        if self.pid == 0:
            try:
                for index, number in enumerate(moved):
                    os.dup2(number, 3 + index)
                os.closerange(3 + len(moved), 300)
                # Python ignores it, which a program would inherit and the supervisor doesn't do.
                signal.signal(signal.SIGPIPE, signal.SIG_DFL)
                os.execve(program, ["mews-egress"], {})
            finally:
                os._exit(127)
        for number in moved + [memory, shared]:
            os.close(number)
        theirs.close()
        self._thread = threading.Thread(target=self._supervise, daemon=True)
        self._thread.start()

    def _supervise(self):
        while True:
            try:
                packet = self.control.recv(4096)
            except OSError:
                return
            if not packet:
                return
            if packet == b"\1":
                self.ready.set()
            elif packet[0] == 2:
                event = Event(packet)
                with self._changed:
                    assert event.number == len(self.events) + 1
                    self.events.append(event)
                    self._changed.notify_all()
                if not self.holds:
                    self.confirm(event.number)

    def confirm(self, number):
        """The records up to a number are written. Whether the door wanted to be told."""
        self.progress[:8] = struct.pack("<Q", number)
        # Between writing and reading: what the door writes is then seen here, or what is written here there.
        os.sched_yield()
        is_awaited = 0 < self.awaited <= number
        if is_awaited:
            self.tell(number)
        return is_awaited

    @property
    def awaited(self):
        """The number that the door wants to be told of; 0 while it waits for none."""
        return struct.unpack("<Q", self.progress[8:])[0]

    def tell(self, number):
        try:
            self.control.send(u8(3) + struct.pack("<Q", number))
        except OSError:
            pass

    def wait(self, count, seconds=5):
        """Waits until there are so many events."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.events) >= count, seconds), self.events
        return self.events

    def close(self, seconds=5):
        """Goes away as a supervisor does. How the door ended: its exit status, or minus the signal."""
        self.control.shutdown(socket.SHUT_RDWR)
        return self.ended(seconds)

    def ended(self, seconds=5):
        until = time.monotonic() + seconds
        while self.status is None and time.monotonic() < until:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
            else:
                time.sleep(0.005)
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.status = -signal.SIGKILL
            raise AssertionError("the door didn't end")
        return self.status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.status is None:
            self.close()
        for made in self.sockets:
            made.close()


def enter_namespace():
    """A network of its own in which every address is this machine, as in a sandbox. An ordinary user makes it in a
    user namespace in which it is root."""
    user, group = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x40000000 if user == 0 else 0x50000000):
        raise OSError(ctypes.get_errno(), "unshare")
    if user:
        for name, line in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(line)
    for command in (
        "ip link set lo up",
        "ip route add local 0.0.0.0/0 dev lo table local src 127.0.0.1",
        "ip -6 route add local ::/0 dev lo table local",
    ):
        subprocess.run(command.split(), check=True)
