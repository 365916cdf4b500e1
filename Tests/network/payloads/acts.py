"""Does what the list in the file of its first argument says with bare sockets, and prints a line of JSON with what came of each.

Bytes go in and out as latin-1 text. An act is an object whose member `act` names the function below.
"""

import contextlib
import errno
import json
import os
import select
import socket
import struct
import sys
import time

PATIENCE = 20.0


def named(error):
    if isinstance(error, socket.gaierror):
        return {socket.EAI_NONAME: "EAI_NONAME", socket.EAI_AGAIN: "EAI_AGAIN"}.get(
            error.errno, f"EAI {error.errno}: {error.strerror}"
        )
    if isinstance(error, TimeoutError) and error.errno is None:
        return "timeout"
    return errno.errorcode.get(error.errno, str(error))


def read_until_quiet(connection, until, most, patience):
    """What comes until the end, until `until` or `most` bytes were read, or nothing came for long."""
    received = bytearray()
    deadline = time.monotonic() + patience
    while True:
        if until and until.encode("latin-1") in received:
            return received, "read"
        if len(received) >= most:
            return received, "read"
        if not select.select([connection], [], [], max(0, deadline - time.monotonic()))[0]:
            return received, "timeout"
        try:
            size = min(65536, most - len(received))
            if until:
                # No byte more than that: what stands behind is for the next step.
                seen = received + connection.recv(size, socket.MSG_PEEK)
                end = seen.find(until.encode("latin-1"))
                size = (len(seen) if end < 0 else end + len(until)) - len(received) or 1
            data = connection.recv(size)
        except OSError as error:
            return received, named(error)
        if not data:
            return received, "end"
        received += data


def exchange(to, steps, source=None, patience=PATIENCE):
    """Connects and takes the steps: {send}, {until}, {most}, {pause}, {half}, {reset}. What is
    received must begin with {expect}, or the steps end. The answer has all that
    was received, by step, and how the last reading ended."""
    host, port = to
    start = time.monotonic()
    with contextlib.ExitStack() as stack:
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            connection = stack.enter_context(socket.socket(family, kind, protocol))
            connection.settimeout(patience)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.connect(address)
        except ConnectionResetError as error:
            # It was made, and refused before connect(2) returned: what the first reading would have found.
            return {
                "connected": True,
                "error": None,
                "received": [""],
                "end": named(error),
                "local": connection.getsockname()[0],
                "connect_seconds": time.monotonic() - start,
                "seconds": time.monotonic() - start,
            }
        except OSError as error:
            return {
                "connected": False,
                "error": named(error),
                "received": [],
                "end": "none",
                "seconds": time.monotonic() - start,
            }
        connected = time.monotonic() - start
        received, end, error = [], "none", None
        try:
            for step in steps:
                if "send" in step:
                    data = step["send"].encode("latin-1") * step.get("times", 1)
                    size = step.get("pieces", len(data)) or 1
                    for at in range(0, len(data), size):
                        connection.sendall(data[at : at + size])
                        if size < len(data):
                            time.sleep(step.get("between", 0.002))
                if "pause" in step:
                    time.sleep(step["pause"])
                if step.get("half"):
                    connection.shutdown(socket.SHUT_WR)
                if step.get("reset"):
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    break
                if "until" in step or "most" in step or step.get("rest"):
                    data, end = read_until_quiet(
                        connection, step.get("until"), step.get("most", 1 << 24), step.get("patience", patience)
                    )
                    received.append(data.decode("latin-1"))
                    if not received[-1].startswith(step.get("expect", "")):
                        break
        except OSError as failure:
            error = named(failure)
        return {
            "connected": True,
            "error": error,
            "received": received,
            "end": end,
            "local": connection.getsockname()[0],
            "connect_seconds": connected,
            "seconds": time.monotonic() - start,
        }


def resolve(name, family="any"):
    """What getaddrinfo(3) says."""
    families = {"any": 0, "4": socket.AF_INET, "6": socket.AF_INET6}
    start = time.monotonic()
    try:
        found = socket.getaddrinfo(name, 0, family=families[family], type=socket.SOCK_STREAM)
    except OSError as error:
        return {"error": named(error), "addresses": [], "seconds": time.monotonic() - start}
    addresses = sorted({entry[4][0] for entry in found})
    return {"error": None, "addresses": addresses, "seconds": time.monotonic() - start}


def datagram(to, send, patience=1.5, kind="udp", broadcast=False):
    """Sends a datagram and waits for an answer or an error."""
    host, port = to
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    start = time.monotonic()
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sender:
            if broadcast:
                sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            sender.settimeout(patience)
            sender.connect((host, port))
            sender.send(send.encode("latin-1"))
            answer = sender.recv(65535).decode("latin-1")
    except OSError as error:
        return {"error": named(error), "answer": None, "seconds": time.monotonic() - start}
    return {"error": None, "answer": answer, "seconds": time.monotonic() - start}


def opened(family, kind, protocol=0):
    """Whether a socket of this kind can be made at all."""
    try:
        socket.socket(family, kind, protocol).close()
    except OSError as error:
        return {"error": named(error)}
    return {"error": None}


def fast_open(to, send):
    """Sends with the first packet (MSG_FASTOPEN), without a connect(2) before."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
            # With a time-out of Python's own the socket wouldn't wait, and sendto(2) would answer EINPROGRESS.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("@ll", int(PATIENCE), 0))
            connection.sendto(send.encode("latin-1"), socket.MSG_FASTOPEN, tuple(to))
            return {"error": None, "received": connection.recv(65536).decode("latin-1")}
    except OSError as error:
        return {"error": named(error), "received": ""}


def listen(to):
    """Whether a program can listen there itself."""
    host, port = to
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as listener:
            listener.bind((host, port))
            listener.listen()
    except OSError as error:
        return {"error": named(error)}
    return {"error": None}


def many(to, count, send, until, hold=0.0, patience=20.0):
    """Opens many connections at once, sends the same on each and counts what came back."""
    connections, counts, start = [], {}, time.monotonic()
    for _ in range(count):
        connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        connection.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            connection.connect(tuple(to))
        connections.append(connection)
    state = {connection.fileno(): [connection, False, b""] for connection in connections}
    poll = select.epoll()
    for number in state:
        poll.register(number, select.EPOLLIN | select.EPOLLOUT)
    waiting, finished = set(state), {}
    while waiting and time.monotonic() - start < patience:
        for number, events in poll.poll(0.2):
            entry = state[number]
            connection = entry[0]
            if number not in waiting:
                continue
            if events & select.EPOLLOUT and not entry[1]:
                entry[1] = True
                poll.modify(number, select.EPOLLIN)
                try:
                    connection.send(send.encode("latin-1"))
                except OSError as error:
                    finished[number] = named(error)
                    waiting.discard(number)
                    continue
            if events & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR):
                try:
                    data = connection.recv(65536)
                except OSError as error:
                    finished[number] = named(error)
                    waiting.discard(number)
                    poll.unregister(number)
                    continue
                entry[2] += data
                if not data or until.encode("latin-1") in entry[2]:
                    finished[number] = entry[2].split(b"\r\n")[0].decode("latin-1") or "end"
                    waiting.discard(number)
                    poll.unregister(number)
    for number in waiting:
        finished[number] = "timeout"
    for word in finished.values():
        counts[word] = counts.get(word, 0) + 1
    seconds = time.monotonic() - start
    time.sleep(hold)
    for connection in connections:
        connection.close()
    return {"counts": counts, "seconds": seconds}


def exists(path):
    """Whether something can be found at a path."""
    return {"exists": os.path.lexists(path)}


def sleep(seconds):
    time.sleep(seconds)
    return {}


def wait_for(path, patience=20.0):
    """Waits until a file is there: the test outside says so that it is done."""
    deadline = time.monotonic() + patience
    while not os.path.exists(path) and time.monotonic() < deadline:
        time.sleep(0.01)
    return {"exists": os.path.exists(path)}


def touch(path):
    """Tells the test outside how far this is."""
    with open(path, "w", encoding="ascii"):
        pass
    return {}


def main():
    answers = []
    with open(sys.argv[1], encoding="ascii") as file:
        acts = json.load(file)
    for act in acts:
        function = globals()[act.pop("act")]
        answers.append(function(**act))
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
