"""What is said at the doors: requests, SOCKS, ClientHellos, as bytes in latin-1 text."""

import ipaddress
import ssl
import struct

from support.sandbox import PROXY


def text(data):
    return bytes(data).decode("latin-1")


def connect_head(authority, *fields, version="1.1"):
    """CONNECT to an authority, as text that may hold any byte."""
    return "\r\n".join([f"CONNECT {authority} HTTP/{version}", f"Host: {authority}", *fields, "", ""])


def get_head(url, host, *fields, method="GET"):
    return "\r\n".join([f"{method} {url} HTTP/1.1", f"Host: {host}", *fields, "", ""])


def proxy(*steps, patience=20.0):
    """An exchange with the explicit proxy."""
    return {"act": "exchange", "to": PROXY, "steps": list(steps), "patience": patience}


def send(data, **more):
    return {"send": data, **more}


HEAD = {"until": "\r\n\r\n"}
REST = {"rest": True}


def connect(authority, *then, fields=(), version="1.1"):
    """CONNECT, the answer's head, then what follows in the tunnel."""
    return proxy(send(connect_head(authority, *fields, version=version), expect="HTTP/1.1 200", **HEAD), *then)


def forward(url, host, *fields, method="GET"):
    """A request by absolute URL, and the whole answer."""
    return proxy(send(get_head(url, host, "Connection: close", *fields, method=method), rest=True))


def socks5(host, port, *then, kind=None):
    """SOCKS5: by address where `host` is one, else by name."""
    data = host if isinstance(host, bytes) else host.encode("latin-1")
    if kind is None:
        try:
            packed = ipaddress.ip_address(data.decode("latin-1")).packed
            body = bytes([1 if len(packed) == 4 else 4]) + packed
        except ValueError:
            body = bytes([3, len(data)]) + data
    else:
        body = bytes([kind]) + data
    return proxy(
        send("\x05\x01\x00", most=2),
        send(text(b"\x05\x01\x00" + body + struct.pack("!H", port)), most=10, expect="\x05\x00"),
        *then,
    )


def socks4a(host, port, *then):
    """SOCKS4a, by name."""
    request = b"\x04\x01" + struct.pack("!H", port) + b"\0\0\0\1" + b"tester\0" + host.encode("latin-1") + b"\0"
    return proxy(send(text(request), most=8, expect="\x00\x5a"), *then)


def direct(host, port, *steps, patience=20.0):
    """A connection as a program makes it that knows of no proxy."""
    return {"act": "exchange", "to": [host, port], "steps": list(steps), "patience": patience}


def hello(server_name=None, alpn=None, minimum=None, maximum=None):
    """The first flight of a TLS client, as OpenSSL writes it."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if maximum:
        context.minimum_version = minimum or maximum
        context.maximum_version = maximum
        context.set_ciphers("ALL:@SECLEVEL=0")
    if alpn:
        context.set_alpn_protocols(alpn)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = context.wrap_bio(incoming, outgoing, server_hostname=server_name)
    try:
        session.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return text(outgoing.read())


def raw_hello(names=(), extensions=b"", padding=0, version=b"\x03\x03"):
    """A ClientHello made by hand. `names` are the entries of the server name extension, as bytes."""
    if names:
        entries = b"".join(b"\0" + struct.pack("!H", len(name)) + name for name in names)
        extensions = extension(0, struct.pack("!H", len(entries)) + entries) + extensions
    if padding:
        extensions += extension(21, bytes(padding))
    suites = b"\x13\x01\xc0\x2f\x00\x2f"
    extensions += extension(10, b"\0\2\0\x1d") + extension(13, b"\0\2\4\1") + extension(43, b"\2\3\4")
    body = (
        version
        + bytes(range(32))
        + b"\0"
        + struct.pack("!H", len(suites))
        + suites
        + b"\1\0"
        + struct.pack("!H", len(extensions))
        + extensions
    )
    return records(b"\1" + struct.pack("!I", len(body))[1:] + body)


def extension(kind, data):
    return struct.pack("!HH", kind, len(data)) + data


def records(handshake, size=16384):
    """A handshake message in TLS records of at most this size."""
    return text(
        b"".join(
            b"\x16\x03\x01" + struct.pack("!H", len(handshake[at : at + size])) + handshake[at : at + size]
            for at in range(0, len(handshake), size)
        )
    )


def handshake_of(record_text):
    """The handshake message of a single record."""
    return record_text.encode("latin-1")[5:]


def status(result, step=0):
    """The status of an HTTP answer; None when there is none."""
    received = result["received"]
    if len(received) <= step or not received[step].startswith("HTTP/1."):
        return None
    return int(received[step].split(" ", 2)[1])


def socks_code(result, step=1):
    """The code of a SOCKS5 answer, or of SOCKS4's; None when there is none."""
    received = result["received"]
    return ord(received[step][1]) if len(received) > step and len(received[step]) > 1 else None


def ways(request, **more):
    """The same bytes, which hold `URL` in place of what a URL begins with: at the proxy, and to the host itself."""
    step = {"rest": True} | more
    return (
        proxy(send(request.replace("URL", "http://example.com"), **step)),
        direct("example.com", 80, send(request.replace("URL", ""), **step)),
    )
