"""What answers on the internet of the tests: at every address there."""

import base64
import contextlib
import dataclasses
import hashlib
import http.server
import json
import os
import socket
import socketserver
import subprocess
import threading
import urllib.parse

from support import kernel

PATIENCE = 30


@dataclasses.dataclass
class Accepted:
    """One connection that came through."""

    port: int
    address: str
    received: bytearray = dataclasses.field(default_factory=bytearray)


class Raw:
    """A TCP server that does with each connection what a function says."""

    def __init__(self, network, port, handle, accepted):
        with kernel.within(network):
            self._listener = socket.create_server(
                ("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=1024
            )
        self.port = self._listener.getsockname()[1]
        self._handle = handle
        self._accepted = accepted
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            known = Accepted(self.port, connection.getsockname()[0].removeprefix("::ffff:"))
            self._accepted.append(known)
            threading.Thread(target=self._one, args=(connection, known), daemon=True).start()

    def _one(self, connection, known):
        connection.settimeout(PATIENCE)
        with connection, contextlib.suppress(OSError):
            self._handle(connection, known)

    def close(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def read(connection, known, size=65536):
    """What comes next, kept in the account of the connection."""
    data = connection.recv(size)
    known.received += data
    return data


def echo(connection, known):
    """Gives back what comes, and the end after it."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while data := read(connection, known):
        connection.sendall(data)
    connection.shutdown(socket.SHUT_WR)


def speaks_first(connection, known):
    """Greets before it is spoken to, as SMTP and ssh do."""
    connection.sendall(b"220 here\r\n")
    echo(connection, known)


def sink(connection, known):
    """Swallows everything and tells at the end how much it was."""
    total = 0
    while data := connection.recv(1 << 20):
        total += len(data)
    connection.sendall(f"{total}\n".encode())


def silent(connection, known):
    """Accepts and says nothing until the other end goes."""
    while read(connection, known):
        pass


def canned(answer):
    """Waits for the end of a request head and answers these bytes."""

    def handle(connection, known):
        while b"\r\n\r\n" not in known.received:
            if not read(connection, known):
                return
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_WR)
        while read(connection, known):
            pass

    return handle


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """HTTP, with TLS where there is a context."""

    daemon_threads = True
    address_family = socket.AF_INET6
    request_queue_size = 1024

    def __init__(self, network, port, world, context=None):
        self.world = world
        self.context = context
        with kernel.within(network):
            super().__init__(("::", port), Handler, bind_and_activate=False)
            self.socket.close()
            self.socket = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=1024)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, request, client_address):
        known = Accepted(self.socket.getsockname()[1], request.getsockname()[0].removeprefix("::ffff:"))
        self.world.accepted.append(known)
        request.settimeout(PATIENCE)
        with contextlib.suppress(OSError):
            if self.context:
                request = self.context.wrap_socket(request, server_side=True)
            super().finish_request(request, client_address)
            if self.context:
                request.unwrap()

    def handle_error(self, request, client_address):
        pass


class Handler(http.server.BaseHTTPRequestHandler):
    """Tells what it was asked, and serves a package index, repositories and a WebSocket."""

    protocol_version = "HTTP/1.1"
    server_version = "Origin"

    def handle_any(self):
        path = urllib.parse.urlsplit(self.path).path
        body = self.body()
        self.server.world.requests.append(
            {
                "port": self.server.socket.getsockname()[1],
                "address": self.connection.getsockname()[0].removeprefix("::ffff:"),
                "method": self.command,
                "path": self.path,
                "host": self.headers.get("Host"),
                "headers": {name.lower(): value for name, value in self.headers.items()},
                "body": body.decode("latin-1"),
            }
        )
        if path.startswith("/git/"):
            self.git(path, body)
        elif path.startswith("/files/"):
            self.file(path)
        elif path == "/socket":
            self.websocket()
        elif path.startswith("/large/"):
            self.answer(b"x" * int(path.rpartition("/")[2]))
        else:
            self.answer(json.dumps(self.server.world.requests[-1]).encode() + b"\n", "application/json")

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = do_PATCH = do_TRACE = do_CONNECT = handle_any

    def body(self):
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
            return body
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, body, kind="text/plain", status=200):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def file(self, path):
        target = os.path.normpath(self.server.world.files / path.removeprefix("/files/"))
        if os.path.isdir(target):
            target = os.path.join(target, "index.html")
        if not target.startswith(str(self.server.world.files)) or not os.path.isfile(target):
            self.answer(b"no such file\n", status=404)
            return
        with open(target, "rb") as file:
            kind = "text/html" if target.endswith(".html") else "application/octet-stream"
            self.answer(file.read(), kind)

    def git(self, path, body):
        """The smart protocol, by git's own program (git-http-backend(1))."""
        environment = {
            "GIT_PROJECT_ROOT": str(self.server.world.repositories),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH": "/usr/bin:/bin",
            "PATH_INFO": path.removeprefix("/git"),
            "REQUEST_METHOD": self.command,
            "QUERY_STRING": urllib.parse.urlsplit(self.path).query,
            "REMOTE_USER": "tester",
            "REMOTE_ADDR": "0",
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "GIT_CONFIG_COUNT": "2",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
            "GIT_CONFIG_KEY_1": "http.receivepack",
            "GIT_CONFIG_VALUE_1": "true",
        }
        made = subprocess.run(
            ("git", "http-backend"), input=body, env=environment, capture_output=True, timeout=PATIENCE, check=False
        )
        head, _, content = made.stdout.partition(b"\r\n\r\n")
        fields = dict(line.split(b": ", 1) for line in head.split(b"\r\n") if b": " in line)
        status = int(fields.get(b"Status", b"200").split()[0])
        self.answer(content, fields.get(b"Content-Type", b"text/plain").decode(), status)

    def websocket(self):
        """RFC 6455: the handshake, then short text frames are given back."""
        if self.headers.get("Upgrade", "").lower() != "websocket":
            self.answer(b"upgrade\n", status=426)
            return
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
        self.end_headers()
        self.wfile.flush()
        self.close_connection = True
        while head := self.rfile.read(2):
            length, mask = head[1] & 0x7F, self.rfile.read(4)
            data = bytes(byte ^ mask[index % 4] for index, byte in enumerate(self.rfile.read(length)))
            self.wfile.write(bytes([head[0], length]) + data)
            self.wfile.flush()
            if head[0] & 0x0F == 8:
                return

    def log_message(self, *arguments):
        pass
