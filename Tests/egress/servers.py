"""Servers that the door may dial, and how a program speaks at its doors."""

import socket
import struct
import threading

from door import PROXY, listen


class Server:
    """Gives each connection to `serve`, in a thread of its own; `seen` counts them."""

    def __init__(self, serve, host="127.0.0.1"):
        self.socket = listen(0, host)
        self.port, self.seen = self.socket.getsockname()[1], 0
        self._serve = serve
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.seen += 1
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection):
        with connection:
            try:
                self._serve(connection)
            except OSError:
                pass

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def echo(connection):
    while piece := connection.recv(65536):
        connection.sendall(piece)


def dial(port=PROXY, host="127.0.0.1", seconds=30):
    return socket.create_connection((host, port), timeout=seconds)


def connect(name, port, seconds=30):
    """A tunnel by CONNECT; what was answered is with it."""
    program = dial(seconds=seconds)
    program.sendall(f"CONNECT {name}:{port} HTTP/1.1\r\nHost: {name}:{port}\r\n\r\n".encode())
    return program, head(program)


def head(program):
    got = b""
    while b"\r\n\r\n" not in got:
        piece = program.recv(1)
        if not piece:
            raise ConnectionError(f"it ended after {got}")
        got += piece
    return got


def exactly(program, count):
    got = b""
    while len(got) < count:
        piece = program.recv(count - len(got))
        if not piece:
            raise ConnectionError(f"it ended after {got}")
        got += piece
    return got


def all_of(program):
    """Everything until the end, or the error that came instead."""
    got = b""
    try:
        while piece := program.recv(65536):
            got += piece
    except OSError as error:
        return got, error.errno
    return got, 0


def refused(port, address, first=b""):
    """What comes of a connection that may be reset before connect(2) has returned or something was sent."""
    try:
        program = dial(port, address)
        program.sendall(first)
    except OSError as error:
        return b"", error.errno
    return all_of(program)


def reset(program):
    program.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    program.close()


def hello(name, *, version=b"\3\3"):
    """A ClientHello with this server name, or none."""
    extensions = b""
    if name is not None:
        name = name.encode()
        entry = b"\0" + struct.pack(">H", len(name)) + name
        block = struct.pack(">H", len(entry)) + entry
        extensions = b"\0\0" + struct.pack(">H", len(block)) + block
    body = version + bytes(32) + b"\0" + b"\0\2\x13\1" + b"\1\0"
    body += struct.pack(">H", len(extensions)) + extensions
    message = b"\1" + struct.pack(">I", len(body))[1:] + body
    return b"\x16\3\1" + struct.pack(">H", len(message)) + message
