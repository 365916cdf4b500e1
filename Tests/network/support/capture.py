"""Every packet by which something new begins, as it arrives on the internet's side: the first of a TCP connection, and
all that isn't TCP."""

import contextlib
import ctypes
import dataclasses
import ipaddress
import select
import socket
import struct
import threading
import time

from support import kernel

ETH_P_ALL = 3
SO_ATTACH_FILTER = 26
SOL_PACKET, PACKET_STATISTICS = 263, 6
PACKET_HOST = 0

# Classic BPF over the network header: IPv4 and IPv6 alike, SYN without ACK, or not TCP; no neighbour discovery.
PROGRAM = (
    (0x30, 0, 0, 0),
    (0x54, 0, 0, 0xF0),
    (0x15, 2, 0, 0x40),
    (0x15, 7, 0, 0x60),
    (0x06, 0, 0, 0),
    (0x30, 0, 0, 9),
    (0x15, 0, 10, 6),
    (0xB1, 0, 0, 0),
    (0x50, 0, 0, 13),
    (0x54, 0, 0, 0x12),
    (0x05, 0, 0, 5),
    (0x30, 0, 0, 6),
    (0x15, 5, 0, 58),
    (0x15, 0, 3, 6),
    (0x30, 0, 0, 53),
    (0x54, 0, 0, 0x12),
    (0x15, 0, 1, 0x02),
    (0x06, 0, 0, 0x40000),
    (0x06, 0, 0, 0),
)


@dataclasses.dataclass(frozen=True)
class Packet:
    """The beginning of something."""

    protocol: str
    address: str
    port: int


class Capture:
    """Listens at the internet's interface."""

    def __init__(self, network):
        with kernel.within(network):
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
        code = b"".join(struct.pack("=HBBI", *line) for line in PROGRAM)
        buffer = ctypes.create_string_buffer(code)
        program = struct.pack("HxxxxxxP", len(PROGRAM), ctypes.addressof(buffer))
        self._socket.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
        with kernel.within(network):
            self._socket.bind(("net0", ETH_P_ALL))
        self._packets = []
        self._lock = threading.Lock()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        """Keeps room for more while nobody asks."""
        while select.select([self._socket], [], []):
            self._drain()

    def _drain(self):
        """Takes everything that has arrived: the kernel puts a packet here before it is answered, so whatever is over
        when this is called is in it."""
        with self._lock, contextlib.suppress(BlockingIOError):
            while True:
                data, (_, _, kind, _, _) = self._socket.recvfrom(256, socket.MSG_DONTWAIT)
                if kind == PACKET_HOST:
                    with contextlib.suppress(struct.error, ValueError):
                        self._packets.append(parse(data))

    def mark(self):
        """Where the capture is now, once it has been quiet for a moment."""
        count = -1
        while count != len(self._packets):
            count = len(self._packets)
            time.sleep(0.02)
            self._drain()
        self._dropped()
        return count

    def _dropped(self):
        """How many packets the kernel had no room for since it was last asked."""
        return struct.unpack("=II", self._socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))[1]

    def since(self, mark):
        """What came after that; fails when the kernel had no room for something."""
        dropped = self._dropped()
        self.mark()
        assert dropped == 0, f"{dropped} packets weren't seen"
        return self._packets[mark:]


def parse(data):
    if data[0] >> 4 == 4:
        protocol, target, at = data[9], data[16:20], (data[0] & 15) * 4
    else:
        protocol, target, at = data[6], data[24:40], 40
    name = {1: "icmp", 6: "tcp", 17: "udp"}.get(protocol, str(protocol))
    port = struct.unpack("!H", data[at + 2 : at + 4])[0] if protocol in (6, 17) else 0
    return Packet(name, str(ipaddress.ip_address(target)), port)
