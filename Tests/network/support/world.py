"""The internet of the tests as a whole: networks, names, origins, and the account of what arrived."""

import contextlib
import pathlib
import ssl
import tempfile
import shutil

from support import certificates, internet, kernel, origins
from support.capture import Capture
from support.names import SERVERS, Names

ECHO, GREETING, SINK = 7, 25, 9

RESOLV_CONF = "".join(f"nameserver {server}\n" for server in SERVERS) + "options timeout:1 attempts:2\n"
HOSTS = "127.0.0.1 localhost\n::1 localhost ip6-localhost\n"


class World:
    """Made once, before any thread is started; everything in it goes with the process."""

    def __init__(self, parent):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="mews-world-", dir=parent))
        self.directory.chmod(0o755)
        self.resolv_conf, self.hosts = self.directory / "resolv.conf", self.directory / "hosts"
        self.resolv_conf.write_text(RESOLV_CONF)
        self.hosts.write_text(HOSTS)
        self.networks = internet.enter(self.resolv_conf, self.hosts)
        self.files, self.repositories = self.directory / "files", self.directory / "repositories"
        self.files.mkdir()
        self.repositories.mkdir()
        self.authority, certificate, key = certificates.make(self.directory)
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        self.context.load_cert_chain(certificate, key)
        self.certificate, self.key = certificate, key
        self.accepted = []
        self.requests = []
        self.capture = Capture(self.networks.internet)
        self.names = Names(self.networks.internet)
        for port in (80, 8080):
            origins.Server(self.networks.internet, port, self)
        for port in (443, 8443):
            origins.Server(self.networks.internet, port, self, self.context)
        for port, handle in ((ECHO, origins.echo), (GREETING, origins.speaks_first), (SINK, origins.sink)):
            origins.Raw(self.networks.internet, port, handle, self.accepted)

    @contextlib.contextmanager
    def serving(self, port, handle, network=None):
        """A server for one test, at every address of the internet; or at those of the host's network."""
        server = origins.Raw(network or self.networks.internet, port, handle, self.accepted)
        try:
            yield server
        finally:
            server.close()

    def in_the_internet(self):
        """For subprocess: what is started so runs in the internet."""
        return lambda: kernel.enter_network(self.networks.internet)

    def watch(self):
        """An account of what arrives from now on."""
        return Watch(self)

    def reset(self):
        """Takes back what one test said for itself."""
        self.names.clear()
        for path, text in ((self.resolv_conf, RESOLV_CONF), (self.hosts, HOSTS)):
            if path.read_text() != text:
                path.write_text(text)

    def remove(self):
        shutil.rmtree(self.directory, ignore_errors=True)


class Watch:
    """What arrived since it was made."""

    def __init__(self, world):
        self.world = world
        self._packets = world.capture.mark()
        self._questions = len(world.names.questions)
        self._accepted = len(world.accepted)
        self._requests = len(world.requests)

    @property
    def packets(self):
        return self.world.capture.since(self._packets)

    @property
    def names(self):
        return self.world.names.asked(self._questions)

    @property
    def questions(self):
        return self.world.names.questions[self._questions :]

    @property
    def accepted(self):
        return self.world.accepted[self._accepted :]

    @property
    def requests(self):
        return self.world.requests[self._requests :]

    def nothing(self):
        """Nothing at all arrived: no question, no connection, no packet."""
        found = (self.packets, self.names, self.accepted)
        assert found == ([], [], []), f"something arrived: {found}"

    def nothing_but_names(self, *names):
        """Questions for these names arrived at most, and no connection."""
        assert set(self.names) <= set(names) and not self.accepted, (self.names, self.accepted)
        others = [packet for packet in self.packets if packet.port != 53 or packet.address not in SERVERS]
        assert others == [], others
