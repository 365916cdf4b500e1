"""The internet that the agents see: the services of their models under their own names, and at every other address and
name a server that tells who was there.

The networks, the name server and the certificates are those of the tests of the network.
"""

import dataclasses
import http.server
import json
import os
import pathlib
import pwd
import shutil
import socket
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "network"))

from support import certificates, internet, kernel  # noqa: E402
from support.names import SERVERS, Names  # noqa: E402

MESSAGES, RESPONSES, ACCOUNTS = "api.anthropic.com", "api.openai.com", "platform.claude.com"
# Where the stand-ins live: no other name has this address.
SERVICE = "160.79.104.10"
ELSEWHERE = "example.com"

RESOLV_CONF = "".join(f"nameserver {server}\n" for server in SERVERS) + "options timeout:2 attempts:2\n"
HOSTS = "127.0.0.1 localhost\n::1 localhost ip6-localhost\n"
SYSTEMS_AUTHORITIES = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
PATIENCE = 120


def agents_user():
    """The account of whoever runs the agents, which refuse as root to go on without questions."""
    return pwd.getpwnam("mews-test") if os.getuid() == 0 else pwd.getpwuid(os.getuid())


def become():
    """What stands before a command that an agent's user runs."""
    user = agents_user()
    groups = ("--reuid", str(user.pw_uid), "--regid", str(user.pw_gid), "--clear-groups")
    return ["setpriv", *groups, "--"] if os.getuid() == 0 else []


@dataclasses.dataclass(frozen=True)
class Seen:
    """One request that arrived, and by which name and address."""

    host: str
    address: str
    port: int
    path: str
    peer: str


class Internet:
    """Made once, before any thread is started; everything in it goes with the process.

    Who runs the agents is whoever runs the tests. As root it is an ordinary user, and /etc is a copy, in which an
    administrator may do as he likes.
    """

    def __init__(self, parent):
        self.user = agents_user()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="mews-agents-world-", dir=parent))
        self.directory.chmod(0o755)
        resolv_conf, hosts = self.directory / "resolv.conf", self.directory / "hosts"
        resolv_conf.write_text(RESOLV_CONF)
        hosts.write_text(HOSTS)
        self.accounts = self.directory / "passwd"
        self.accounts.write_text(pathlib.Path("/etc/passwd").read_text())
        files = [(self.accounts, "/etc/passwd")]
        if os.getuid() == 0:
            etc = self.directory / "etc"
            shutil.copytree("/etc", etc, symlinks=True)
            etc.chmod(0o755)
            files.insert(0, (etc, "/etc"))
        # Not everything that an agent starts can be told of a device.
        if device := os.environ.get("MEWS_TEST_FUSE"):
            files.append((device, "/dev/fuse"))
        self.networks = internet.enter(resolv_conf, hosts, files)
        self.authority, certificate, key = certificates.make(
            self.directory, (MESSAGES, RESPONSES, ACCOUNTS, ELSEWHERE, "*.example.com")
        )
        # The authority is one of the system's: not everything that is started can be told of another.
        trusted = self.directory / "ca-certificates.crt"
        trusted.write_bytes(SYSTEMS_AUTHORITIES.read_bytes() + self.authority.read_bytes())
        kernel.mount(trusted, SYSTEMS_AUTHORITIES.resolve(), kernel.MS_BIND)
        self.names = Names(self.networks.internet)
        for name in (MESSAGES, RESPONSES, ACCOUNTS):
            self.names.set(name, SERVICE)
        # Every request that arrived anywhere, as Seen.
        self.seen = []
        # By what a login can't be renewed any more.
        self.spent = set()
        # {name: what answers its requests}, put here by whoever plays a service.
        self.services = {}
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
        Server(self, 443, context)
        Server(self, 80, None)

    def move_home(self, home):
        """Makes this the home of whoever runs the agents, as the accounts have it."""
        if os.getuid() == 0:
            subprocess.run(["chown", "-R", f"{self.user.pw_uid}:{self.user.pw_gid}", home], check=True, timeout=60)
        lines = pathlib.Path("/etc/passwd").read_text().splitlines()
        fields = [line.split(":") for line in lines]
        for account in fields:
            if account[2] == str(self.user.pw_uid):
                account[5] = str(home)
        # In place: it is the file that is mounted.
        self.accounts.write_text("".join(":".join(account) + "\n" for account in fields))


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """HTTP at every address of the internet, with TLS where there is a context."""

    daemon_threads = True
    address_family = socket.AF_INET6

    def __init__(self, world, port, context):
        self.world, self.port, self.context = world, port, context
        with kernel.within(world.networks.internet):
            super().__init__(("::", port), Handler, bind_and_activate=False)
            self.socket.close()
            self.socket = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=1024)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, request, client_address):
        request.settimeout(PATIENCE)
        try:
            if self.context:
                request = self.context.wrap_socket(request, server_side=True)
            super().finish_request(request, client_address)
        except (OSError, ssl.SSLError):
            # Who goes away, or takes no certificate, is a matter of the client's.
            return


class Handler(http.server.BaseHTTPRequestHandler):
    """Hands a request to the service of the name that it is for."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        host = (self.headers.get("Host") or "").partition(":")[0]
        address = self.connection.getsockname()[0].removeprefix("::ffff:")
        world = self.server.world
        world.seen.append(Seen(host, address, self.server.port, self.path, self.client_address[0]))
        service = world.services.get(host)
        if service and self.server.context:
            service(self, body)
        else:
            send(self, f"you reached {host} at {address}\n".encode(), "text/plain")

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_any

    def log_message(self, *arguments):
        pass


def send(handler, body, kind, status=200):
    """One whole answer."""
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)


def stream(handler, events):
    """An answer of events (text/event-stream), each sent as soon as it is there."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for event in events:
        part = f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
        handler.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        handler.wfile.flush()
    handler.wfile.write(b"0\r\n\r\n")
