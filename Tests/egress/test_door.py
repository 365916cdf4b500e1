"""What the door does with connections, told apart from what the rest of Mews does with it."""

import errno
import os
import signal
import socket
import threading
import time

import pytest
from door import (
    ALLOWED,
    AUTO,
    CLOSED,
    DENIED,
    FAILED,
    HTTP,
    LOOPBACK_STREAM,
    PROXY,
    STREAM,
    TCP,
    TLS,
    listen,
)
from servers import Server, all_of, connect, dial, echo, exactly, head, hello, refused, reset

NAME = "echo.test"


def explicit():
    return (LOOPBACK_STREAM, PROXY), listen(PROXY, "127.0.0.1")


def stream(port):
    return (STREAM, port), listen(port)


def named(port, check=TCP, name=NAME):
    return dict(allow=[(name, [port], check, 0)], hosts=[(name, "127.0.0.1")])


def descriptors(door):
    return len(os.listdir(f"/proc/{door.pid}/fd"))


def processor_seconds(door):
    with open(f"/proc/{door.pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def settle(check, seconds=30):
    until = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < until, "it didn't come to that"
        time.sleep(0.01)


@pytest.fixture
def server():
    server = Server(echo)
    yield server
    server.close()


# The record comes first.


def test_nothing_of_a_tunnel_leaves_before_its_record(make):
    got = []

    def keep(connection):
        connection.sendall(b"220 hello\r\n")
        while piece := connection.recv(65536):
            got.append(piece)

    server = Server(keep)
    door = make(explicit(), **named(server.port))
    door.holds = True
    program, _ = connect(NAME, server.port)
    program.sendall(b"secret")
    door.wait(1)
    time.sleep(0.3)
    assert not got, "the program's bytes left before they were recorded"
    program.settimeout(0.2)
    with pytest.raises(TimeoutError):
        program.recv(1)
    door.confirm(1)
    program.settimeout(30)
    assert program.recv(100) == b"220 hello\r\n"
    settle(lambda: got == [b"secret"])
    server.close()


def test_no_refusal_is_answered_before_its_record(make):
    door = make(explicit(), stream(4443))
    door.holds = True
    programs = [dial(), dial(), dial(4443, "192.0.2.1")]
    programs[0].sendall(b"CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test:443\r\n\r\n")
    programs[1].sendall(b"\5\1\0")
    assert programs[1].recv(2) == b"\5\0"
    programs[1].sendall(b"\5\1\0\3\x09evil.test\1\xbb")
    programs[2].sendall(hello("evil.test"))
    door.wait(3)
    for program in programs:
        program.settimeout(0.2)
        with pytest.raises(TimeoutError):
            program.recv(1)
        program.settimeout(30)
    door.confirm(3)
    assert head(programs[0]).startswith(b"HTTP/1.1 403 ")
    assert programs[1].recv(2) == b"\5\2"
    assert all_of(programs[2])[0][5:] == b"\2\x31"


def test_a_confirmation_of_what_wasnt_told_yet_is_none(make, server):
    door = make(explicit(), **named(server.port))
    door.holds = True
    door.tell(1 << 63)
    program, _ = connect(NAME, server.port)
    program.sendall(b"x")
    door.wait(1)
    program.settimeout(0.3)
    with pytest.raises(TimeoutError):
        program.recv(1)


def test_a_record_that_is_there_before_it_is_needed_takes_no_packet(make, server):
    door = make(explicit(), **named(server.port))
    door.holds = True
    program, _ = connect(NAME, server.port)
    door.wait(1)
    time.sleep(0.1)
    assert not door.confirm(1)
    program.sendall(b"x")
    assert program.recv(1) == b"x"


def test_who_cant_go_on_without_a_record_is_told_of_it(make):
    def greet(connection):
        connection.sendall(b"220 hello\r\n")
        connection.recv(1)

    talking, silent = Server(greet), Server(echo)
    door = make(explicit(), allow=[(NAME, [talking.port, silent.port], TCP, 0)], hosts=[(NAME, "127.0.0.1")])
    door.holds = True
    quiet, _ = connect(NAME, silent.port)
    door.wait(1)
    time.sleep(0.1)
    assert door.awaited == 0, "nobody has sent anything yet"
    greeted, _ = connect(NAME, talking.port)
    door.wait(2)
    settle(lambda: door.awaited == 2)
    quiet.sendall(b"x")
    settle(lambda: door.awaited == 1)
    # Only what is recorded goes on.
    assert door.confirm(1)
    assert quiet.recv(1) == b"x"
    settle(lambda: door.awaited == 2)
    greeted.settimeout(0.2)
    with pytest.raises(TimeoutError):
        greeted.recv(1)
    assert door.confirm(2)
    greeted.settimeout(30)
    assert exactly(greeted, 11) == b"220 hello\r\n"
    settle(lambda: door.awaited == 0)
    talking.close()
    silent.close()


def test_without_its_supervisor_the_door_closes(make, server):
    door = make(explicit(), **named(server.port))
    program, _ = connect(NAME, server.port)
    program.sendall(b"x")
    assert program.recv(1) == b"x"
    assert door.close() == 0
    assert all_of(program)[0] == b""


@pytest.mark.parametrize("packet", [b"\0", b"\3", b"\xff" * 300, b"\4" + b"\xff" * 8])
def test_what_isnt_a_message_ends_the_door(make, packet):
    door = make(explicit())
    door.control.send(packet)
    assert door.ended() == 0


# Whoever is let through gets everything, and gets told everything.


@pytest.mark.parametrize("size", [1, 16 * 1024, 16 * 1024 + 1, 5_000_000])
def test_bytes_come_back_whole(make, server, size):
    door = make(explicit(), **named(server.port))
    program, _ = connect(NAME, server.port)
    sent = os.urandom(size)
    threading.Thread(target=lambda: (program.sendall(sent), program.shutdown(socket.SHUT_WR))).start()
    got, error = all_of(program)
    assert (got == sent, error) == (True, 0)
    events = door.wait(2)
    assert (events[1].kind, events[1].sent, events[1].received) == (CLOSED, size, size)


def test_what_came_with_the_request_isnt_lost(make, server):
    door = make(explicit(), **named(server.port))
    program = dial()
    program.sendall(f"CONNECT {NAME}:{server.port} HTTP/1.1\r\nHost: {NAME}:{server.port}\r\n\r\nearly".encode())
    assert head(program).startswith(b"HTTP/1.1 200 ")
    assert program.recv(5) == b"early"
    assert door.wait(1)[0].kind == ALLOWED


def test_a_program_that_has_said_everything_still_hears(make):
    def answer_at_the_end(connection):
        total = 0
        while piece := connection.recv(65536):
            total += len(piece)
        connection.sendall(b"%d" % total)

    server = Server(answer_at_the_end)
    make(explicit(), **named(server.port))
    program, _ = connect(NAME, server.port)
    program.sendall(b"x" * 1000)
    program.shutdown(socket.SHUT_WR)
    assert all_of(program) == (b"1000", 0)
    server.close()


def test_a_server_that_has_said_everything_still_hears(make):
    heard = []

    def speak_first(connection):
        connection.sendall(b"bye")
        connection.shutdown(socket.SHUT_WR)
        while piece := connection.recv(65536):
            heard.append(piece)

    server = Server(speak_first)
    make(explicit(), **named(server.port))
    program, _ = connect(NAME, server.port)
    assert all_of(program) == (b"bye", 0)
    program.sendall(b"thanks")
    settle(lambda: heard == [b"thanks"])
    server.close()


def test_a_reset_of_the_server_is_one_to_the_program(make):
    server = Server(lambda connection: (connection.recv(1), reset(connection)))
    door = make(explicit(), **named(server.port))
    program, _ = connect(NAME, server.port)
    program.sendall(b"x")
    assert all_of(program)[1] == errno.ECONNRESET
    assert door.wait(2)[1].errno == errno.ECONNRESET
    server.close()


def test_a_reset_of_the_program_is_one_to_the_server(make):
    ends = []

    def watch(connection):
        ends.append(exactly(connection, 1))
        ends.append(all_of(connection))

    server = Server(watch)
    make(explicit(), **named(server.port))
    program, _ = connect(NAME, server.port)
    program.sendall(b"x")
    settle(lambda: ends == [b"x"])
    reset(program)
    settle(lambda: ends == [b"x", (b"", errno.ECONNRESET)])
    server.close()


def test_a_program_that_doesnt_read_holds_its_server_up(make):
    sent = []
    full = threading.Event()

    def flood(connection):
        connection.settimeout(1)
        try:
            while True:
                sent.append(connection.send(bytes(1 << 20)))
        except TimeoutError:
            full.set()

    server = Server(flood)
    door = make(explicit(), **named(server.port))
    program, _ = connect(NAME, server.port)
    assert full.wait(60)
    held = sum(sent)
    assert held < 64 << 20
    before = processor_seconds(door)
    time.sleep(1)
    assert processor_seconds(door) - before < 0.1, "the door spins"
    got = 0
    while piece := program.recv(1 << 20):
        got += len(piece)
    assert got == held
    program.close()
    settle(lambda: door.events[-1].kind == CLOSED)
    assert door.events[-1].received == held
    server.close()


def test_a_server_that_goes_away_in_the_midst_takes_nobody_along(make):
    """splice(2) to a connection that was reset after its end raised SIGPIPE, and every other one went with the door."""

    def enough(connection):
        connection.shutdown(socket.SHUT_WR)
        got = 0
        while got < 3_000_000:
            got += len(connection.recv(1 << 18))

    server = Server(enough)
    door = make(explicit(), **named(server.port))
    for _ in range(5):
        program, _ = connect(NAME, server.port)
        with pytest.raises(OSError):
            while True:
                program.sendall(bytes(1 << 20))
        program.close()
    assert b" 200 " in connect(NAME, server.port)[1]
    assert door.close() == 0
    server.close()


# Doors of programs that know of no proxy.


def test_a_port_of_the_loopback_leads_to_the_hosts(make, server):
    # Here the host's loopback is the sandbox's as well, so the door listens at the other address of it.
    listener = listen(server.port, "::1")
    door = make(((STREAM, server.port), listener), loopback=[server.port])
    program = dial(server.port, "::1")
    program.sendall(b"x")
    assert program.recv(1) == b"x"
    event = door.wait(1)[0]
    assert (event.kind, event.door, event.port, event.rule) == (ALLOWED, "loopback", server.port, (4, 0))


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "0.0.0.0"])
def test_other_ports_of_the_loopback_are_refused(make, address):
    door = make(stream(4444), allow=[("any.test", [4444], TCP, 0)])
    assert refused(4444, address) == (b"", errno.ECONNRESET)
    event = door.wait(1)[0]
    assert (event.kind, event.door, event.reason) == (DENIED, "loopback", "loopback-port")


@pytest.mark.parametrize(
    "first, answer",
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 403 "),
        (hello("x.test"), b"\x15\3\3\0\2\2\x31"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", None),
        (b"", None),
    ],
)
def test_who_dials_a_number_is_told_in_its_own_language(make, first, answer):
    door = make(stream(4444))
    program = dial(4444, "192.0.2.77")
    program.sendall(first)
    got, error = all_of(program)
    if answer:
        assert got.startswith(answer)
    else:
        assert (got, error) == (b"", errno.ECONNRESET)
    event = door.wait(1)[0]
    assert (event.kind, event.door, event.reason, event.host) == (DENIED, "transparent", "address-literal", "192.0.2.77")


def test_an_address_of_no_name_is_stale(make):
    door = make(stream(4444), allow=[("any.test", [4444], TCP, 0)])
    assert refused(4444, "198.18.7.7", b"x")[1] == errno.ECONNRESET
    assert door.wait(1)[0].reason == "stale-name"


# What the first bytes are held to.


@pytest.mark.parametrize(
    "check, first, reason, answer",
    [
        (TLS, hello(None), "server-name-missing", b"\x15\3\3\0\2\2\x70"),
        (AUTO, hello(None), "server-name-missing", b"\x15\3\3\0\2\2\x70"),
        (TLS, hello("other.test"), "server-name-differs", b"\x15\3\3\0\2\2\x70"),
        (AUTO, hello("other.test"), "server-name-differs", b"\x15\3\3\0\2\2\x70"),
        (TLS, b"SSH-2.0-x\r\n", "not-tls", b""),
        (TLS, b"GET / HTTP/1.1\r\nHost: echo.test\r\n\r\n", "not-tls", b"HTTP/1.1 403 "),
    ],
)
def test_tls_to_another_name_gets_no_byte_out(make, first, reason, answer, check):
    got = []
    server = Server(lambda connection: got.append(all_of(connection)[0]))
    door = make(explicit(), **named(server.port, check))
    program, answered = connect(NAME, server.port)
    assert b" 200 " in answered
    program.sendall(first)
    told, _ = all_of(program)
    assert told.startswith(answer) and bool(told) == bool(answer)
    settle(lambda: any(event.kind == DENIED for event in door.events))
    denied = next(event for event in door.events if event.kind == DENIED)
    assert denied.reason == reason
    settle(lambda: got == [b""])
    server.close()


@pytest.mark.parametrize("check", [TLS, AUTO])
@pytest.mark.parametrize("piece", [1, 7, 10_000])
def test_tls_to_the_name_goes_through_in_any_pieces(make, server, check, piece):
    door = make(explicit(), **named(server.port, check))
    program, _ = connect(NAME, server.port)
    first = hello("Echo.Test.")
    for start in range(0, len(first), piece):
        program.sendall(first[start : start + piece])
        time.sleep(0.002)
    got = b""
    while len(got) < len(first):
        got += program.recv(65536)
    assert got == first
    program.close()
    events = door.wait(2)
    assert [event.kind for event in events[:2]] == [ALLOWED, CLOSED]
    assert events[1].server_name == "Echo.Test."


def test_auto_lets_the_server_speak_first(make):
    def banner(connection):
        connection.sendall(b"SSH-2.0-server\r\n")
        echo(connection)

    server = Server(banner)
    make(explicit(), **named(server.port, AUTO))
    program, _ = connect(NAME, server.port)
    assert program.recv(100) == b"SSH-2.0-server\r\n"
    program.sendall(b"SSH-2.0-client\r\n")
    assert program.recv(100) == b"SSH-2.0-client\r\n"
    server.close()


def test_auto_judges_requests(make):
    def origin(connection):
        while head(connection):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    server = Server(origin)
    door = make(explicit(), **named(server.port, AUTO))
    program, _ = connect(NAME, server.port)
    ask = "GET / HTTP/1.1\r\nHost: {}\r\n\r\n".format
    program.sendall(ask(f"{NAME}:{server.port}").encode())
    assert b" 200 " in head(program)
    assert program.recv(2) == b"ok"
    program.sendall(ask("evil.test").encode())
    assert b" 403 " in head(program)
    denied = next(event for event in door.events if event.kind == DENIED)
    assert (denied.reason, denied.server_name) == ("authority-differs", f"evil.test:{server.port}")
    server.close()


# Requests at the proxy.


def test_requests_for_several_hosts_on_one_connection(make):
    def origin(connection):
        while True:
            connection.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n" + head(connection).split(b"\r\n")[1][6:9]
            )

    servers = [Server(origin), Server(origin)]
    door = make(
        explicit(),
        allow=[(f"{name}.test", [server.port], HTTP, 0) for name, server in zip(("one", "two"), servers)],
        hosts=[("one.test", "127.0.0.1"), ("two.test", "127.0.0.1")],
    )
    program = dial()
    for name, index in [("one", 0), ("one", 0), ("two", 1), ("evil", 0), ("one", 0)]:
        place = f"{name}.test:{servers[index].port}"
        program.sendall(f"GET http://{place}/ HTTP/1.1\r\nHost: {place}\r\n\r\n".encode())
        got = head(program)
        if name == "evil":
            assert b" 403 " in got
            length = next(line for line in got.split(b"\r\n") if line.lower().startswith(b"content-length"))
            exactly(program, int(length.split(b":")[1]))
        else:
            assert b" 200 " in got
            assert program.recv(3) == name.encode()
    program.close()
    settle(lambda: len([event for event in door.events if event.kind == CLOSED]) == 3)
    closed = [(event.host, event.port) for event in door.events if event.kind == CLOSED]
    assert closed == [(f"{name}.test", servers[index].port) for name, index in (("one", 0), ("two", 1), ("one", 0))]
    kinds = [(event.kind, event.host) for event in door.events if event.kind != CLOSED]
    assert kinds == [
        (ALLOWED, "one.test"),
        (ALLOWED, "two.test"),
        (DENIED, "evil.test"),
        (ALLOWED, "one.test"),
    ]
    assert [server.seen for server in servers] == [2, 1]


def test_a_large_answer_goes_through_whole(make):
    body = os.urandom(3_000_000)

    def origin(connection):
        head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    server = Server(origin)
    make(explicit(), **named(server.port, HTTP))
    program = dial()
    place = f"{NAME}:{server.port}"
    program.sendall(f"GET http://{place}/ HTTP/1.1\r\nHost: {place}\r\nConnection: close\r\n\r\n".encode())
    got, _ = all_of(program)
    assert got.split(b"\r\n\r\n", 1)[1] == body


def test_who_isnt_there_is_a_bad_gateway(make):
    listener = listen(0, "127.0.0.1")
    port = listener.getsockname()[1]
    listener.close()
    door = make(explicit(), **named(port))
    program, answered = connect(NAME, port)
    assert b" 502 " in answered
    program = dial()
    program.sendall(b"\5\1\0\5\1\0\3\x09echo.test" + port.to_bytes(2, "big"))
    assert exactly(program, 2) == b"\5\0"
    assert exactly(program, 2) == b"\5\5"
    settle(lambda: len([event for event in door.events if event.kind == FAILED]) == 2)
    assert {event.errno for event in door.events if event.kind == FAILED} == {errno.ECONNREFUSED}


@pytest.mark.parametrize("check", [TLS, TCP])
def test_a_name_that_leads_where_it_may_not_is_refused_as_it_was_asked(make, check):
    hosts = b"127.0.0.1 inner.test\n"
    door = make(explicit(), allow=[("inner.test", [443], check, 0)], hosts_file=hosts)
    program, answered = connect("inner.test", 443)
    assert answered.startswith(b"HTTP/1.1 403 ") and b"X-Mews-Denied: private-address\r\n" in answered
    program = dial()
    program.sendall(b"\5\1\0\5\1\0\3\x0ainner.test\1\xbb")
    assert exactly(program, 4) == b"\5\0\5\2"
    assert {(event.kind, event.reason, event.address) for event in door.wait(2)} == {
        (DENIED, "private-address", "127.0.0.1")
    }


@pytest.mark.parametrize("address", ["127.0.0.2", "0.0.0.0", "192.0.2.1", "10.1.2.3"])
def test_an_address_of_the_host_isnt_a_names(make, address):
    door = make(explicit(), allow=[("inner.test", [443], TCP, 0)], hosts_file=f"{address} inner.test\n".encode())
    assert b" 403 " in connect("inner.test", 443)[1]
    assert door.wait(1)[0].kind == DENIED


def test_a_tls_refusal_after_socks_is_an_alert(make, server):
    make(explicit(), **named(server.port, TLS))
    program = dial()
    program.sendall(b"\5\1\0\5\1\0\3\x09echo.test" + server.port.to_bytes(2, "big"))
    assert exactly(program, 12)[2:4] == b"\5\0"
    program.sendall(hello("other.test"))
    assert all_of(program)[0] == b"\x15\3\3\0\2\2\x70"


def test_what_was_for_one_server_never_goes_to_the_next(make):
    got = []

    def deaf(connection):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        head(connection)
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        time.sleep(0.3)

    def listening(connection):
        got.append(head(connection))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    servers = [Server(deaf), Server(listening)]
    make(
        explicit(),
        allow=[(f"{name}.test", [server.port], HTTP, 0) for name, server in zip(("one", "two"), servers)],
        hosts=[("one.test", "127.0.0.1"), ("two.test", "127.0.0.1")],
    )
    program = dial(seconds=3)
    place = f"one.test:{servers[0].port}"
    body = 8_000_000
    program.sendall(f"POST http://{place}/ HTTP/1.1\r\nHost: {place}\r\nContent-Length: {body}\r\n\r\n".encode())

    def flood():
        try:
            program.sendall(b"S" * body)
            place = f"two.test:{servers[1].port}"
            program.sendall(f"GET http://{place}/ HTTP/1.1\r\nHost: {place}\r\n\r\n".encode())
        except OSError:
            pass

    thread = threading.Thread(target=flood)
    thread.start()
    assert b" 413 " in head(program)
    all_of(program)
    program.close()
    thread.join()
    assert all(b"SS" not in one for one in got)
    for server in servers:
        server.close()


# Bounds.


def test_a_request_line_that_never_ends_is_cut(make):
    door = make(explicit())
    program = dial()
    program.sendall(b"GET http://x.test/")
    try:
        for _ in range(10_000):
            program.sendall(b"a" * 1000)
    except OSError:
        pass
    assert door.wait(1)[0].reason == "too-large"


def test_who_comes_too_fast_waits(make, server):
    make(explicit(), limits=(512, 20, 5), **named(server.port))
    began = time.monotonic()
    for _ in range(15):
        connect(NAME, server.port)[0].close()
    assert time.monotonic() - began > 0.4


def test_who_is_too_many_waits_for_a_place(make, server):
    door = make(explicit(), limits=(8, 10_000, 10_000), **named(server.port))
    inside = [connect(NAME, server.port)[0] for _ in range(8)]
    late = dial()
    late.sendall(f"CONNECT {NAME}:{server.port} HTTP/1.1\r\nHost: {NAME}:{server.port}\r\n\r\n".encode())
    late.settimeout(0.5)
    with pytest.raises(TimeoutError):
        late.recv(1)
    before = processor_seconds(door)
    time.sleep(1)
    assert processor_seconds(door) - before < 0.1, "the door spins"
    inside[3].close()
    late.settimeout(30)
    assert b" 200 " in head(late)


def test_nothing_is_left_of_connections_that_break_in_every_way(make, server):
    door = make(explicit(), stream(4444), limits=(512, 1_000_000, 1_000_000), **named(server.port, AUTO))
    settle(lambda: descriptors(door) > 0)
    connect(NAME, server.port)[0].close()
    time.sleep(0.2)
    before = descriptors(door)

    def once(number):
        program = dial(seconds=20) if number % 5 else dial(4444, "192.0.2.1", seconds=20)
        match number % 7:
            case 0:
                return reset(program)
            case 1:
                program.sendall(b"CONNECT ")
                return program.close()
        program.sendall(f"CONNECT {NAME}:{server.port} HTTP/1.1\r\nHost: {NAME}:{server.port}\r\n\r\n".encode())
        match number % 7:
            case 2:
                return reset(program)
            case 3:
                program.sendall(hello(NAME)[:20])
                return program.close()
            case 4:
                program.sendall(b"x" * 100_000)
                return reset(program)
            case 5:
                program.sendall(b"x" * 100_000)
                program.shutdown(socket.SHUT_WR)
                all_of(program)
        program.close()

    for number in range(2100):
        once(number)
    settle(lambda: descriptors(door) <= before + 32)
    program, answered = connect(NAME, server.port)
    assert b" 200 " in answered


def test_a_door_that_nobody_uses_does_nothing(make, server):
    door = make(explicit(), **named(server.port))
    programs = [connect(NAME, server.port)[0] for _ in range(20)]

    def is_asleep():
        """For two seconds; a door that is late with what came before may take longer until then."""
        before = switches(door), processor_seconds(door)
        time.sleep(2)
        return before == (switches(door), processor_seconds(door))

    settle(is_asleep)
    assert programs


def switches(door):
    """How often the door has gone to sleep and has been interrupted."""
    with open(f"/proc/{door.pid}/status") as file:
        return file.read().splitlines()[-2:]


# Walls.


def test_the_door_is_confined_before_it_is_ready(make):
    door = make(explicit())
    with open(f"/proc/{door.pid}/status") as file:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"
    assert {status[f"Cap{kind}"] for kind in ("Inh", "Prm", "Eff", "Amb")} == {"0" * 16}
    assert status["Threads"] == "1"
    with open(f"/proc/{door.pid}/limits") as file:
        limits = {line[:26].strip(): line[26:].split()[:2] for line in file}
    for name in ("Max core file size", "Max file size", "Max processes"):
        assert limits[name] == ["0", "0"], name
    # Its pages are nobody's, not even its user's, without privileges over it.
    assert os.stat(f"/proc/{door.pid}/maps").st_uid == 0


def test_settings_that_cant_be_read_open_nothing(program):
    from door import Door

    door = Door(program, [explicit()], allow=[("not a name", [1], 0, 0)])
    assert not door.ready.wait(0.5)
    assert door.ended() == 1
    for made in door.sockets:
        made.close()


def test_the_door_dies_of_nothing_that_a_signal_says(make):
    door = make(explicit())
    os.kill(door.pid, signal.SIGCONT)
    time.sleep(0.1)
    program = dial()
    program.sendall(b"CONNECT a.test:1 HTTP/1.1\r\nHost: a.test:1\r\n\r\n")
    assert b" 403 " in head(program)
