"""Says of each authority, one a line in hexadecimal, which host and port the readers of Python's library see in it."""
import http.client
import sys
import urllib.parse


def urllib_reader(text: str) -> tuple[str | None, int | None]:
    parts = urllib.parse.urlsplit(f"http://{text}/")
    return parts.hostname, parts.port


def http_reader(text: str) -> tuple[str | None, int | None]:
    connection = http.client.HTTPConnection(text)
    return connection.host, connection.port


def answer(reader, text: str) -> str:
    try:
        host, port = reader(text)
    except Exception:
        return "-"
    if not host:
        return "-"
    return f"{host.encode('utf-8', 'surrogateescape').hex()}:{80 if port is None else port}"


for line in sys.stdin:
    text = bytes.fromhex(line).decode("utf-8", "surrogateescape")
    print(answer(urllib_reader, text), answer(http_reader, text))
