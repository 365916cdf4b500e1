"""Acts on sockets and on System V and POSIX interprocess communication."""

import ctypes
import os
import socket as sockets

from acts.files import checked, libc


def open_socket(family, kind, protocol=0):
    os.close(checked(libc.socket(family, kind, protocol)))


def open_socket_with_high_bits(family, kind):
    """The kernel takes 32 bits of the family; a filter that compares 64 lets this by (CVE-2019-10063)."""
    os.close(
        checked(libc.syscall(41, ctypes.c_ulong(family | 1 << 32), ctypes.c_long(kind), ctypes.c_long(0)))
    )


def connect_address(host, port):
    family = sockets.AF_INET6 if ":" in host else sockets.AF_INET
    with sockets.socket(family, sockets.SOCK_STREAM) as peer:
        peer.settimeout(20)
        peer.connect((host, port))
        return peer.recv(64).decode()


def connect_path(path):
    with sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM) as peer:
        peer.settimeout(20)
        peer.connect(path)
        return peer.recv(64).decode()


def connect_abstract(name):
    return connect_path("\0" + name)


def send_datagram(path):
    with sockets.socket(sockets.AF_UNIX, sockets.SOCK_DGRAM) as peer:
        return peer.sendto(b"x", path)


def reconnect_pair(path):
    """An end of a socketpair can be connected anew to a path: a way around a ban on socket(2)."""
    one, other = sockets.socketpair(sockets.AF_UNIX, sockets.SOCK_DGRAM)
    with one, other:
        one.connect(path)
        return one.send(b"x")


def listen_on_loopback():
    """A server and a client of the payload's own talk over loopback."""
    with sockets.create_server(("127.0.0.1", 0)) as server:
        with sockets.create_connection(server.getsockname(), timeout=20) as client:
            peer, _ = server.accept()
            with peer:
                peer.sendall(b"own")
                return client.recv(8).decode()


def interfaces():
    return [name for _, name in sockets.if_nameindex()]


def connect_vsock():
    with sockets.socket(sockets.AF_VSOCK, sockets.SOCK_STREAM) as peer:
        peer.settimeout(2)
        return peer.connect_ex((2, 1))


def shared_memory(key):
    """Attaches to an existing System V segment by its key and reads it."""
    libc.shmat.restype = ctypes.c_void_p
    identifier = checked(libc.shmget(key, 0, 0))
    address = libc.shmat(identifier, None, 0o10000)
    if address == ctypes.c_void_p(-1).value:
        checked(-1)
    return ctypes.string_at(address, 8).decode()


def message_queue(key):
    return checked(libc.msgget(key, 0))


def shared_memory_names():
    return sorted(os.listdir("/dev/shm"))


def dial(host, port):
    """Connects only: both ends of the connection."""
    family = sockets.AF_INET6 if ":" in host else sockets.AF_INET
    with sockets.socket(family, sockets.SOCK_STREAM) as peer:
        peer.settimeout(20)
        peer.connect((host, port))
        return [peer.getsockname()[0], peer.getpeername()[0]]


def ask_datagram(host, port):
    """Sends a datagram and waits for an answer."""
    family = sockets.AF_INET6 if ":" in host else sockets.AF_INET
    with sockets.socket(family, sockets.SOCK_DGRAM) as peer:
        peer.settimeout(20)
        peer.connect((host, port))
        peer.send(b"x")
        return peer.recv(64).decode()


def broadcast(host, port):
    """Sends a datagram to many."""
    with sockets.socket(sockets.AF_INET, sockets.SOCK_DGRAM) as peer:
        peer.setsockopt(sockets.SOL_SOCKET, sockets.SO_BROADCAST, 1)
        return peer.sendto(b"x", (host, port))


def serve_at(bound, dialled, kind):
    """A server of the payload's own at one address is reached by another."""
    family = sockets.AF_INET6 if ":" in bound else sockets.AF_INET
    with sockets.socket(family, kind) as server:
        server.bind((bound, 0))
        if kind == sockets.SOCK_STREAM:
            server.listen()
        with sockets.socket(family, kind) as client:
            client.settimeout(20)
            client.connect((dialled, server.getsockname()[1]))
            client.send(b"own")
            server.settimeout(20)
            if kind == sockets.SOCK_DGRAM:
                return server.recv(8).decode()
            with server.accept()[0] as peer:
                return peer.recv(8).decode()


def take_port(address, port, kind):
    """Binds a port by every means by which a port can be shared."""
    family = sockets.AF_INET6 if ":" in address else sockets.AF_INET
    with sockets.socket(family, kind) as server:
        server.setsockopt(sockets.SOL_SOCKET, sockets.SO_REUSEADDR, 1)
        server.setsockopt(sockets.SOL_SOCKET, sockets.SO_REUSEPORT, 1)
        server.bind((address, port))
        if kind == sockets.SOCK_STREAM:
            server.listen()
        return "bound"


def replace_by_socket(path):
    """Puts a socket of one's own in the place of another."""
    with sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM) as server:
        server.bind(path + ".new")
        os.rename(path + ".new", path)
        return "replaced"
