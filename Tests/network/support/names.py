"""A name server that answers what a test wants, and keeps every question.

A name that nobody said anything about has an address: what a test denies would have been reached.
"""

import contextlib
import dataclasses
import ipaddress
import socket
import struct
import threading

from support import kernel

SERVERS = ("9.9.9.9", "149.112.112.112")
# The addresses of every name that has no others.
SITE = "93.184.216.34"
SITE6 = "2606:2800:220:1::34"

A, NS, CNAME, NULL, PTR, MX, TXT, AAAA, SRV, SVCB, HTTPS, ANY = 1, 2, 5, 10, 12, 15, 16, 28, 33, 64, 65, 255
NXDOMAIN, SERVFAIL, REFUSED = 3, 2, 5


@dataclasses.dataclass(frozen=True)
class Question:
    """One question as it came."""

    identifier: int
    name: str
    kind: int
    transport: str
    server: str
    wire: bytes


def encode_name(name):
    """A name as labels, uncompressed."""
    labels = [label.encode("latin-1") for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def record(name, kind, data, ttl=60):
    """One resource record."""
    return encode_name(name) + struct.pack("!HHIH", kind, 1, ttl, len(data)) + data


def address(name, text, ttl=60):
    """An A or AAAA record."""
    packed = ipaddress.ip_address(text).packed
    return record(name, A if len(packed) == 4 else AAAA, packed, ttl)


def alias(name, target, ttl=60):
    return record(name, CNAME, encode_name(target), ttl)


def reply(question, *records, code=0, truncated=False, identifier=None, asked=None):
    """An answer to a question."""
    flags = 0x8180 | (0x0200 if truncated else 0) | code
    number = question.identifier if identifier is None else identifier
    head = struct.pack("!HHHHHH", number, flags, 1, len(records), 0, 0)
    echoed = question.wire if asked is None else asked
    return head + echoed + b"".join(records)


def query(name, kind=A, identifier=0x1234, flags=0x0100):
    """A question as a client sends it."""
    return struct.pack("!HHHHHH", identifier, flags, 1, 0, 0, 0) + encode_name(name) + struct.pack("!HH", kind, 1)


def read_question(packet, transport, server):
    identifier = struct.unpack("!H", packet[:2])[0]
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1 : at + 1 + packet[at]].decode("latin-1"))
        at += 1 + packet[at]
    kind = struct.unpack("!H", packet[at + 1 : at + 3])[0]
    return Question(identifier, ".".join(labels), kind, transport, server, packet[12 : at + 5])


def read_answer(packet):
    """The code of an answer, its flags, and the addresses of its A and AAAA records."""
    identifier, flags, questions, answers, _, _ = struct.unpack("!HHHHHH", packet[:12])

    def skip(at):
        while packet[at]:
            if packet[at] >= 0xC0:
                return at + 2
            at += 1 + packet[at]
        return at + 1

    at = 12
    for _ in range(questions):
        at = skip(at) + 4
    found = []
    for _ in range(answers):
        at = skip(at)
        kind, _, ttl, length = struct.unpack("!HHIH", packet[at : at + 10])
        at += 10
        if kind in (A, AAAA):
            found.append(str(ipaddress.ip_address(packet[at : at + length])))
        else:
            found.append((kind, ttl))
        at += length
    return {"id": identifier, "code": flags & 0xF, "flags": flags, "answers": found}


class Names:
    """The server."""

    def __init__(self, network):
        self.questions = []
        self._answers = {}
        self._sockets = []
        for server in SERVERS:
            with kernel.within(network):
                datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                datagrams.bind((server, 53))
                streams = socket.create_server((server, 53), backlog=64)
            self._sockets += [datagrams, streams]
            threading.Thread(target=self._serve_datagrams, args=(datagrams, server), daemon=True).start()
            threading.Thread(target=self._serve_streams, args=(streams, server), daemon=True).start()

    def set(self, name, *answers):
        """What is answered for a name: addresses; or one function of the question and of how often it was
        asked before, that gives the bytes, a list of them, or None for silence."""
        self._answers[name.lower()] = answers

    def clear(self):
        """Forgets what a test said."""
        self._answers.clear()

    def asked(self, since=0):
        """The names of the questions, each once."""
        return sorted({question.name.lower() for question in self.questions[since:]})

    def answer(self, question):
        """The packets that answer a question."""
        before = sum(
            1
            for earlier in self.questions
            if earlier.name.lower() == question.name.lower() and earlier.kind == question.kind
        )
        self.questions.append(question)
        answers = self._answers.get(question.name.lower(), (SITE, SITE6))
        if len(answers) == 1 and callable(answers[0]):
            made = answers[0](question, before)
        else:
            made = reply(
                question,
                *(address(question.name, text) for text in answers if question.kind == (AAAA if ":" in text else A)),
            )
        if made is None:
            return []
        return made if isinstance(made, list) else [made]

    def _serve_datagrams(self, listener, server):
        while True:
            packet, client = listener.recvfrom(65535)
            with contextlib.suppress(IndexError, struct.error, OSError):
                for answer in self.answer(read_question(packet, "udp", server)):
                    listener.sendto(answer, client)

    def _serve_streams(self, listener, server):
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=self._serve_stream, args=(connection, server), daemon=True).start()

    def _serve_stream(self, connection, server):
        with connection, contextlib.suppress(IndexError, struct.error, OSError):
            connection.settimeout(20)
            while True:
                head = connection.recv(2, socket.MSG_WAITALL)
                if len(head) < 2:
                    return
                packet = connection.recv(struct.unpack("!H", head)[0], socket.MSG_WAITALL)
                for answer in self.answer(read_question(packet, "tcp", server)):
                    # What is no answer to be framed by us says so by a bytearray.
                    framed = answer if isinstance(answer, bytearray) else struct.pack("!H", len(answer)) + answer
                    connection.sendall(framed)
