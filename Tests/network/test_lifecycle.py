"""The door's life: killed, overrun, starved, and gone with its session. Whatever happens to it, nothing is open."""

import os
import pathlib
import shutil
import signal
import subprocess
import time

import pytest

from support import speech
from support.sandbox import PROXY, PYTHON
from support.speech import send
from support.world import ECHO

ALLOW = [{"host": name, "ports": [ECHO], "protocol": "tcp"} for name in ("example.com", "*.example.com")]


def wait_for(condition, what, seconds=15):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain: {what}")


def children(pid):
    found = set()
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found |= {int(child)} | children(int(child))
    return found


def doors(pid):
    """The door's processes below a `mews`."""

    def name(child):
        try:
            return pathlib.Path(f"/proc/{child}/cmdline").read_text().rstrip("\0")
        except OSError:
            return ""

    try:
        return [child for child in children(pid) if name(child) == "mews-egress"]
    except OSError:
        return []


def is_running(pid):
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] not in "ZX"


# Tells by files how far it is, and waits for files that the test outside makes.
STEPS = """
import pathlib, socket, sys, time
def tunnel(name="example.com"):
    connection = socket.create_connection(("127.0.0.1", 3128), timeout=20)
    connection.sendall(f"CONNECT {name}:7 HTTP/1.1\\r\\nHost: {name}:7\\r\\n\\r\\n".encode())
    answer = connection.recv(4096)
    return connection, answer.split(b"\\r\\n")[0].decode()
def tell(name): pathlib.Path(name).touch()
def wait(name):
    deadline = time.monotonic() + 30
    while not pathlib.Path(name).exists() and time.monotonic() < deadline: time.sleep(0.01)
"""


@pytest.fixture
def running(sandbox):
    """A program in the sandbox that takes its steps with the test; gives a function that starts it."""

    def start(program, rules=ALLOW, **options):
        return sandbox.start(PYTHON, "-B", "-S", "-c", STEPS + program, profile=sandbox.profile(rules), **options)

    return start


def test_the_door_is_started_by_the_first_connection(sandbox, running):
    process, log = running("tell('before')\nwait('go')\nprint(tunnel()[1])\ntell('after')\nwait('end')")
    wait_for((sandbox.workspace / "before").exists, "the program runs")
    assert doors(process.pid) == []
    (sandbox.workspace / "go").touch()
    wait_for((sandbox.workspace / "after").exists, "the first connection")
    (door,) = doors(process.pid)
    # One thread, nothing dumped, no privileges, and it can get none.
    lines = dict(
        line.split(":\t", 1) for line in pathlib.Path(f"/proc/{door}/status").read_text().splitlines() if ":\t" in line
    )
    assert lines["Threads"].strip() == "1" and lines["NoNewPrivs"].strip() == "1" and lines["Seccomp"].strip() == "2", (
        lines
    )
    assert int(lines["CapPrm"], 16) == int(lines["CapEff"], 16) == 0, lines
    (sandbox.workspace / "end").touch()
    session = sandbox.finish(process, log)
    assert session.stdout.startswith("HTTP/1.1 200"), session
    wait_for(lambda: not is_running(door), "the door ends with its session")


def test_a_door_that_is_killed_takes_its_tunnels_with_it_and_is_started_again(sandbox, world, running):
    process, log = running("""
connection, answer = tunnel()
print(answer)
connection.sendall(b"ping"); print(connection.recv(4).decode())
tell('open')
try:
    print(repr(connection.recv(100)))
except OSError as error:
    print(type(error).__name__)
tell('closed')
wait('go')
print(tunnel("www.example.com")[1])
print(tunnel("evil.com")[1])
""")
    wait_for((sandbox.workspace / "open").exists, "a tunnel")
    (door,) = doors(process.pid)
    os.kill(door, signal.SIGKILL)
    wait_for((sandbox.workspace / "closed").exists, "the tunnel's end")
    watch = world.watch()
    (sandbox.workspace / "go").touch()
    session = sandbox.finish(process, log)
    lines = session.stdout.split("\n")
    assert lines[0].startswith("HTTP/1.1 200") and lines[1] == "ping", session
    assert lines[2] in ("b''", "ConnectionResetError"), session
    assert lines[3].startswith("HTTP/1.1 200") and lines[4].startswith("HTTP/1.1 403"), session
    assert watch.names == ["www.example.com"]
    assert "mews: " in session.stderr and "door" in session.stderr, session
    text = log.read_text()
    assert "door" in text and ("killed" in text or "signal" in text or "lost" in text), text[-3000:]


def test_a_door_that_is_killed_while_idle(sandbox, world, running):
    process, log = running("print(tunnel()[0].close())\ntell('open')\nwait('go')\nprint(tunnel()[1])")
    wait_for((sandbox.workspace / "open").exists, "a tunnel")
    (door,) = doors(process.pid)
    os.kill(door, signal.SIGKILL)
    wait_for(lambda: not is_running(door), "the door is gone")
    (sandbox.workspace / "go").touch()
    session = sandbox.finish(process, log)
    assert session.stdout.split("\n")[1].startswith("HTTP/1.1 200"), session


def test_a_stopped_door_lets_nothing_through(sandbox, world, running):
    """A stopped process keeps its sockets: connections wait, and nothing is decided for it."""
    process, log = running("""
print(tunnel()[1])
tell('open')
wait('go')
connection = socket.create_connection(("127.0.0.1", 3128), timeout=1)
connection.sendall(b"CONNECT www.example.com:7 HTTP/1.1\\r\\nHost: www.example.com:7\\r\\n\\r\\n")
try:
    print(connection.recv(100))
except TimeoutError:
    print("waits")
tell('waited')
connection.settimeout(10)
print(connection.recv(100).split(b"\\r\\n")[0].decode())
""")
    wait_for((sandbox.workspace / "open").exists, "a tunnel")
    (door,) = doors(process.pid)
    os.kill(door, signal.SIGSTOP)
    watch = world.watch()
    (sandbox.workspace / "go").touch()
    wait_for((sandbox.workspace / "waited").exists, "a connection that waits")
    watch.nothing()
    os.kill(door, signal.SIGCONT)
    session = sandbox.finish(process, log)
    assert session.stdout.split("\n")[1] == "waits" and "200" in session.stdout.split("\n")[2], session


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_door_outlives_mews(sandbox, world, running, number):
    process, log = running("connection, answer = tunnel()\ntell('open')\nconnection.recv(100)")
    wait_for((sandbox.workspace / "open").exists, "a tunnel")
    (door,) = doors(process.pid)
    inside = children(process.pid)
    os.kill(process.pid, number)
    process.wait(20)
    wait_for(lambda: not any(map(is_running, {door, *inside})), "everything ends with mews")


def test_a_door_that_cant_be_started_ends_the_command(sandbox, world, base, prefix):
    """Without its program: the command had begun, and is ended; nothing is let through, nothing is ignored."""
    copy = base / "installation"
    shutil.copytree(prefix, copy, symlinks=True)
    (program,) = copy.rglob("mews-egress")
    program.unlink()
    sandbox.mews = str(copy / "bin" / "mews")
    watch = world.watch()
    session = sandbox.act(speech.connect(f"example.com:{ECHO}"), profile=sandbox.profile(ALLOW))
    assert session.status in (123, 125) and "mews: " in session.stderr, session
    watch.nothing()


@pytest.mark.case(85)
def test_twenty_rapid_requests(sandbox, world):
    """A peer answered 502 to some of ten requests in a row."""
    watch = world.watch()
    program = """
import concurrent.futures, urllib.request
def get(number):
    try:
        with urllib.request.urlopen(f"http://example.com/{number}", timeout=20) as answer:
            answer.read()
            return answer.status
    except OSError as error:
        return getattr(error, "code", str(error))
with concurrent.futures.ThreadPoolExecutor(20) as pool:
    print(list(pool.map(get, range(60))))
"""
    session = sandbox.run(PYTHON, "-B", "-c", program, profile=sandbox.profile(["example.com:80"]))
    assert session.stdout.strip() == str([200] * 60), session
    assert len(watch.requests) == 60


@pytest.mark.case(85)
def test_more_connections_than_there_may_be_leave_others_alone(sandbox, world):
    """600 at once in one sandbox, of which 512 get through and the others wait or are refused; a sandbox beside it
    doesn't notice."""
    head = speech.connect_head(f"example.com:{ECHO}")
    # The rate limit lets 256 begin at once and 64 in each second after.
    act = {"act": "many", "to": PROXY, "count": 600, "send": head, "until": "\r\n\r\n", "patience": 12, "hold": 1.5}
    profile = sandbox.profile(ALLOW, extra={"process": {"limits": {"open-files": 2048}}})
    process, log = sandbox.start(*sandbox.acting(act), profile=profile)
    time.sleep(7)
    (door,) = doors(process.pid)
    beside = sandbox.act(
        speech.connect(f"www.example.com:{ECHO}", send("ping", most=4)), profile=sandbox.profile(ALLOW)
    )
    assert beside.results[0]["received"][1] == "ping", beside
    descriptors = len(list(pathlib.Path(f"/proc/{door}/fd").iterdir())) if os.access(f"/proc/{door}/fd", os.R_OK) else 0
    session = sandbox.finish(process, log, 60)
    counts = session.results[0]["counts"]
    established = sum(count for word, count in counts.items() if " 200" in word)
    assert established == 512, (counts, str(session))
    others = {word for word in counts if " 200" not in word}
    assert all("503" in word or word in ("timeout", "end", "ECONNRESET") for word in others), counts
    assert sum(counts.values()) == 600 and descriptors < 512 * 2 + 200, (counts, descriptors)


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.case(86)
def test_without_descriptors_it_waits_and_doesnt_spin(sandbox, world):
    """The hard limit of descriptors is low, so the door has no room for what is asked of it."""
    act = {
        "act": "many",
        "to": PROXY,
        "count": 200,
        "send": speech.connect_head(f"example.com:{ECHO}"),
        "until": "\r\n\r\n",
        "hold": 4,
    }
    log = sandbox.new_log()
    arguments = sandbox.arguments(
        sandbox.acting(
            act, {"act": "sleep", "seconds": 1}, speech.connect(f"www.example.com:{ECHO}", send("ping", most=4))
        ),
        sandbox.profile(ALLOW),
        log,
    )
    process = subprocess.Popen(
        ["prlimit", "--nofile=256:256", *arguments],
        env=sandbox.environment,
        cwd=sandbox.workspace,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    sandbox._started.append(process)
    found = wait_for(lambda: doors(process.pid) or process.poll() is not None, "the door is started")
    assert found is not True, sandbox.finish(process, log)
    (door,) = found
    time.sleep(1)
    before = cpu_seconds(door)
    time.sleep(1)
    assert cpu_seconds(door) - before < 0.5, "the door spins"
    session = sandbox.finish(process, log)
    counts, _, last = session.results
    kinds = {(word.split(" ") + [word])[1] for word in counts["counts"]}
    # Whom it can't dial for is told so; whom it can't take yet waits until others have gone.
    assert "200" in kinds and kinds - {"200"} and kinds <= {"200", "502", "timeout"}, session
    assert sum(count for word, count in counts["counts"].items() if " 200" in word) >= 30, session
    assert last["received"][1:] == ["ping"], session


@pytest.mark.case(85)
def test_connections_that_say_nothing_give_their_place_back(sandbox, world):
    """Six hundred that never finish their request: after the time for a head they are gone."""
    act = {"act": "many", "to": PROXY, "count": 300, "send": "CONNECT exam", "until": "\r\n\r\n", "patience": 16}
    session = sandbox.act(
        act, speech.connect(f"example.com:{ECHO}", send("ping", most=4)), profile=sandbox.profile(ALLOW), timeout=60
    )
    assert "timeout" not in session.results[0]["counts"], session
    assert session.results[1]["received"][1:] == ["ping"], session
    assert session.count("network.denied", reason="too-slow") == 300, session


@pytest.mark.case(91)
def test_the_policy_is_read_once(sandbox, world):
    """A program that can write the repository's profile changes nothing for itself, nor does one that finds its own."""
    profile = sandbox.profile(ALLOW)
    (sandbox.workspace / ".mews.yaml").write_text("version: 1\nnetwork:\n  deny: [www.example.com]\n")
    program = f"""
import json, pathlib, socket, sys
try:
    pathlib.Path(".mews.yaml").write_text("version: 1\\n")
    wrote = True
except OSError:
    wrote = False
try:
    pathlib.Path({str(profile)!r}).write_text("version: 1\\n")
    wrote = "the profile"
except OSError:
    pass
connection = socket.create_connection(("127.0.0.1", 3128))
connection.sendall(b"CONNECT www.example.com:7 HTTP/1.1\\r\\nHost: www.example.com:7\\r\\n\\r\\n")
print(json.dumps([wrote, connection.recv(100).decode().split("\\r\\n")[0]]))
"""
    before = profile.read_text()
    session = sandbox.run(PYTHON, "-B", "-S", "-c", program, profile=profile)
    wrote, answer = session.results
    assert wrote != "the profile" and " 403" in answer, session
    assert profile.read_text() == before
    assert [record.reason for record in session.denials(host="www.example.com")] == ["denied"], session


@pytest.mark.case(80)
def test_what_listens_in_the_doors_place_only_fools_itself(sandbox, world, running):
    """While the door is dead its ports stay taken; nothing that a program does there reaches the outside."""
    process, log = running("""
tunnel()[0].close()
tell('open')
wait('go')
found = []
for port in (3128, 7, 53):
    with socket.socket() as listener:
        try:
            listener.bind(("127.0.0.1", port))
            found.append("bound")
        except OSError as error:
            found.append(error.errno)
print(found)
""")
    wait_for((sandbox.workspace / "open").exists, "a tunnel")
    os.kill(doors(process.pid)[0], signal.SIGKILL)
    watch = world.watch()
    (sandbox.workspace / "go").touch()
    session = sandbox.finish(process, log)
    assert "bound" not in session.stdout, session
    watch.nothing()


def test_nothing_is_left(sandbox, world):
    """Neither doors nor sockets of earlier tests' sessions."""
    sandbox.act(speech.connect(f"example.com:{ECHO}", send("ping", most=4)), profile=sandbox.profile(ALLOW))
    wait_for(lambda: not doors(os.getpid()), "no door is left")
