"""What the kernel's own tests try of Landlock and seccomp, tried inside and outside. What has to come of
each stands in kernel/cases.yaml."""

import contextlib
import pathlib
import socket
import subprocess
import threading
import uuid

import pytest
import yaml
from support.sandbox import is_root, owns_the_kernel

HERE = pathlib.Path(__file__).resolve().parent / "kernel"
WHO = "root" if is_root() else "user"
IS_ROOT_OF_A_CONTAINER = is_root() and not owns_the_kernel()
CASES = yaml.safe_load((HERE / "cases.yaml").read_text(encoding="utf-8"))
FILES = (
    "file link rename within exchange remove truncate trunc mode times widen secret".split()
)


@pytest.fixture(scope="module")
def program(programs):
    path = programs / "attempts"
    sources = [HERE / f"{name}.c" for name in ("main", "files", "sockets", "processes", "filters")]
    subprocess.run(["gcc", "-O1", "-static", "-pthread", "-o", path, *sources], check=True, timeout=120)
    return str(path)


def fill(directory):
    directory.mkdir()
    for name in FILES:
        (directory / name).write_text("content\n")
    (directory / "directory").mkdir()
    script = directory / "program"
    script.write_text("#!/bin/sh\nexit 0\n")
    script.chmod(0o755)


def listening(family, kind, address, stack):
    made = stack.enter_context(socket.socket(family, kind))
    made.bind(address)
    if kind == socket.SOCK_STREAM:
        made.listen(64)
    return made


def one_port(stack):
    """A port for both TCP and UDP, and the socket of the latter. What is free for one may be taken for the other."""
    while True:
        stream = listening(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0), stack)
        address = stream.getsockname()
        with contextlib.suppress(OSError):
            return listening(socket.AF_INET, socket.SOCK_DGRAM, address, stack), address[1]


def answer(datagrams):
    """Sends back what comes, until the socket is closed."""
    with contextlib.suppress(OSError):
        while True:
            data, peer = datagrams.recvfrom(64)
            datagrams.sendto(data, peer)


@contextlib.contextmanager
def host(base):
    """Directories, sockets and a process of the host, as the arguments of the program."""
    readable, outside = base / "readable", base / "elsewhere"
    fill(readable)
    fill(outside)
    abstract = f"mews-{uuid.uuid4().hex}"
    with contextlib.ExitStack() as stack:
        for directory in (readable, outside):
            listening(socket.AF_UNIX, socket.SOCK_STREAM, str(directory / "stream"), stack)
            listening(socket.AF_UNIX, socket.SOCK_DGRAM, str(directory / "datagram"), stack)
        listening(socket.AF_UNIX, socket.SOCK_STREAM, f"\0{abstract}-stream", stack)
        listening(socket.AF_UNIX, socket.SOCK_DGRAM, f"\0{abstract}-datagram", stack)
        datagrams, port = one_port(stack)
        thread = threading.Thread(target=answer, args=(datagrams,), daemon=True)
        thread.start()
        process = stack.enter_context(subprocess.Popen(["sleep", "600"]))
        stack.callback(process.kill)
        yield readable, [str(readable), str(outside), str(port), abstract, str(process.pid)]


@pytest.fixture(scope="module")
def answers(prefix, programs, program):
    """What came of each attempt: {case: (outside, inside)}. Inside first: outside they do what they try."""
    from conftest import clear, fresh
    from support.sandbox import Control, Sandbox

    base = fresh()
    sandbox = Sandbox(prefix, base, programs)
    try:
        with host(base) as (readable, arguments):
            inside = sandbox.run(
                program, *arguments, options=("--quiet", "--read", str(readable)), timeout=180
            )
            # In a directory of its own: what was made inside isn't in the way.
            (sandbox.workspace / "control").mkdir()
            outside = Control(sandbox).run(
                program, *arguments, cwd=sandbox.workspace / "control", timeout=180
            )
        found = []
        for completed in (outside, inside):
            assert completed.status == 0, completed
            found.append(dict(line.rsplit(": ", 1) for line in completed.stdout.splitlines()))
        assert list(found[0]) == list(found[1])
        return {case: (found[0][case], found[1][case]) for case in found[0]}
    finally:
        clear(base)


def expected(case, side):
    """The answers that may come; an entry may say them for an ordinary user and root apart. A container's root is
    outside now the one, now the other."""
    allowed = CASES[case][side]
    if isinstance(allowed, dict):
        allowed = [*allowed.values()] if IS_ROOT_OF_A_CONTAINER and side == "outside" else allowed[WHO]
    return [str(one) for one in (allowed if isinstance(allowed, list) else [allowed])]


def test_every_attempt_has_a_case(answers):
    assert set(answers) == set(CASES)


@pytest.mark.parametrize("case", CASES)
def test_case(answers, case):
    outside, inside = answers[case]
    assert outside in expected(case, "outside"), f"the control: {outside}"
    assert inside in expected(case, "inside")
