"""Nothing that runs inside, and nothing that hangs on the host, makes Mews wait."""

import os
import pathlib
import signal
import subprocess
import time

import pytest
from support.logs import Logs
from support.process import PATIENCE, processes_naming
from support.records import records
from support.sandbox import PYTHON, is_root
from support.skips import SKELETON
from support.terminal import Bare

HUNG = pathlib.Path(__file__).resolve().parent / "payloads" / "hung.py"
AS_ROOT = "only root can mount an automounter"


@pytest.fixture
def logs(sandbox):
    return Logs(sandbox)


@pytest.fixture(params=["fuse", "off"])
def seen(request, sandbox):
    """A profile in which denied reads are seen, or not."""
    device = os.environ.get("MEWS_TEST_FUSE") or "/dev/fuse"
    if request.param == "fuse" and not os.access(device, os.R_OK | os.W_OK):
        pytest.skip(SKELETON)
    return sandbox.profile(f"audit: {{reads: {request.param}}}\n")


@pytest.fixture
def hidden(sandbox):
    directory = sandbox.base / "hidden"
    directory.mkdir()
    for number in range(50):
        (directory / str(number)).touch()
    return directory


def storm(sandbox, hidden, kind, attempts=0, processes=2):
    place = {"read": hidden, "write": "/usr", "call": "/"}[kind]
    return (sandbox.payload("storm"), kind, str(attempts), str(processes), str(place), "50")


# Every way back to itself that a process has: its root and directory, those of others, descriptors, mounts.
ITSELF = """
import os, sys
ways = ["/proc/self/root", "/proc/1/root", "/proc/self/cwd", "/proc/1/cwd", "/proc/thread-self/root",
        "/proc/self/task/%d/root" % os.getpid(), "/proc/%d/root" % os.getppid()]
for name in ("/", "/var", "/proc", "/usr"):
    try:
        ways.append("/proc/self/fd/%d" % os.open(name, os.O_PATH))
    except OSError:
        pass
tails = ["", "/var/log", "/etc/shadow", "/usr/new", "/proc/self/root/usr/new", "/../../var/lib/none", "/" + "x" * 255]
acts = [os.stat, os.listdir, os.unlink, os.mkdir, os.chdir, lambda p: os.open(p, os.O_RDONLY),
        lambda p: os.open(p, os.O_WRONLY | os.O_CREAT), lambda p: os.rename(p, p + ".new"), lambda p: os.chmod(p, 0o7),
        lambda p: os.symlink("x", p), lambda p: os.link(p, "/proc/self/root/usr/link"), os.statvfs, os.readlink]
done = 0
for way in ways:
    for tail in tails:
        for act in acts:
            try:
                act(way + tail)
            except OSError:
                pass
            done += 1
for file in ("mountinfo", "mounts", "mountstats", "maps"):
    try:
        open("/proc/self/" + file).read()
    except OSError:
        pass
print(done)
"""


def test_a_supervisor_is_asked_about_its_own_mounts(sandbox, seen):
    """Whatever leads back into the sandbox's root is answered by the supervisor, which would wait for itself."""
    began = time.monotonic()
    result = sandbox.run(PYTHON, "-c", ITSELF, profile=seen)
    assert result.status == 0 and int(result.stdout) > 700, result
    assert time.monotonic() - began < PATIENCE


def test_what_hangs_on_the_host_is_not_waited_for(sandbox, logs):
    """A FUSE file system whose server is stopped, and an automounter that is: each in the way of what is denied."""
    if not is_root() or not os.path.exists("/dev/fuse"):
        pytest.skip(AS_ROOT)
    for name in ("fuse", "auto", "granted"):
        (sandbox.base / "hung" / name).mkdir(parents=True)
    attempts = (
        "for place in fuse/x fuse/x/y fuse auto/x auto/x/y auto; do "
        f"cat {sandbox.base}/hung/$place; echo x > {sandbox.base}/hung/$place; "
        f"rm {sandbox.base}/hung/$place; mkdir {sandbox.base}/hung/$place; done; echo over"
    )
    for reads in ("fuse", "off"):
        profile = sandbox.profile(f"audit: {{reads: {reads}}}\n")
        result = sandbox.shell(
            attempts, profile=profile, wrapper=(PYTHON, "-B", str(HUNG), str(sandbox.base / "hung")),
            options=("--timeout", "20s"),
        )  # fmt: skip
        assert (result.status, result.stdout) == (0, "over\n"), result
    # The control: whoever isn't as careful waits.
    careless = (PYTHON, "-B", str(HUNG), str(sandbox.base / "hung"), "/usr/bin/timeout", "-s", "KILL", "1")
    for place in ("fuse/x", "auto/x"):
        assert subprocess.run([*careless, "/bin/cat", f"{sandbox.base}/hung/{place}"], timeout=PATIENCE).returncode
    lines = [line for path in logs.paths() for line in records(path)]
    denied = [line for line in lines if line["metadata"]["event_code"] == "file.denied"]
    reasons = {line["unmapped"]["mews"]["reason"] for line in denied}
    assert "not-probed" in reasons and len(denied) > 12


# Threads that wait for an answer at every moment, and a process that is killed at any of them.
THREADS = """
import os, signal, sys, threading, time
kind, directory = sys.argv[1:3]
def attempt():
    while True:
        try:
            if kind == "read":
                os.close(os.open(directory + "/1", os.O_RDONLY))
            elif kind == "write":
                os.close(os.open("/usr/new", os.O_WRONLY | os.O_CREAT))
            else:
                os.close(os.open("own", os.O_WRONLY | os.O_CREAT))
        except OSError:
            pass
for delay in range(20):
    child = os.fork()
    if child == 0:
        for _ in range(3):
            threading.Thread(target=attempt, daemon=True).start()
        time.sleep(60)
    time.sleep(0.005 + delay / 500)
    os.kill(child, signal.SIGKILL)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
print("all killed")
"""


@pytest.mark.parametrize("kind", ["read", "write", "own"])
def test_a_process_that_is_killed_while_an_answer_is_pending(sandbox, seen, hidden, kind):
    result = sandbox.run(PYTHON, "-c", THREADS, kind, str(hidden), profile=seen, options=("--quiet",))
    assert (result.status, result.stdout) == (0, "all killed\n"), result


# One thread calls execve, which ends the others wherever they are.
EXEC = """
import os, sys, threading, time
def attempt():
    while True:
        for path in (sys.argv[1] + "/1", "/usr/new"):
            try:
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT if path == "/usr/new" else os.O_RDONLY))
            except OSError:
                pass
for _ in range(3):
    threading.Thread(target=attempt, daemon=True).start()
time.sleep(0.05)
left = int(sys.argv[2])
if left:
    os.execv(sys.executable, [sys.executable, sys.argv[3], sys.argv[1], str(left - 1), sys.argv[3]])
os.write(1, b"all ended\\n")
os._exit(0)
"""


def test_threads_that_end_while_an_answer_is_pending(sandbox, seen, hidden):
    (sandbox.workspace / "exec.py").write_text(EXEC)
    result = sandbox.run(
        PYTHON, "exec.py", str(hidden), "10", "exec.py", profile=seen, options=("--quiet",)
    )
    assert (result.status, result.stdout) == (0, "all ended\n"), result


@pytest.mark.parametrize("kind", ["read", "write", "call"])
def test_the_time_limit_holds_in_a_storm(sandbox, seen, hidden, kind):
    token = sandbox.token()
    began = time.monotonic()
    script = f'"$@"; : {token}'
    result = sandbox.run(
        "/bin/sh", "-c", script, "sh", *storm(sandbox, hidden, kind), profile=seen,
        options=("--timeout", "500ms", "--quiet"),
    )  # fmt: skip
    assert result.status == 124
    assert time.monotonic() - began < PATIENCE
    assert not processes_naming(token)


@pytest.mark.parametrize("kind", ["read", "write", "call"])
def test_ctrl_c_ends_a_storm(sandbox, seen, hidden, kind):
    argv = sandbox.arguments(storm(sandbox, hidden, kind), profile=seen, options=("--quiet",))
    on_terminal = Bare(argv, env=sandbox.environment, cwd=sandbox.workspace)
    time.sleep(0.7)
    began = time.monotonic()
    on_terminal.type(b"\x03")
    status, _ = on_terminal.finish()
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGINT
    assert time.monotonic() - began < PATIENCE


def test_a_stopped_command_goes_on(sandbox, seen, hidden):
    """Mews stops with the command and goes on with it, in the middle of a storm."""
    process = sandbox.start(
        "/bin/sh", "-c", '"$@" & kill -STOP $$; wait', "sh", *storm(sandbox, hidden, "write", 2000), profile=seen,
        options=("--quiet",),
    )  # fmt: skip
    stopped = os.waitpid(process.pid, os.WUNTRACED)[1]
    assert os.WIFSTOPPED(stopped)
    process.send_signal(signal.SIGCONT)
    output, _ = process.communicate(timeout=PATIENCE)
    assert (process.returncode, output) == (0, b"4000\n")


def test_the_time_limit_ends_a_stopped_command(sandbox, seen):
    """Mews stops as well, so that a shell sees a stopped job; nobody but Mews itself would wake it."""
    token = sandbox.token()
    began = time.monotonic()
    result = sandbox.shell(f"kill -STOP $$; : {token}", profile=seen, options=("--timeout", "1s"))
    assert result.status == 124, result
    assert 0.9 < time.monotonic() - began < PATIENCE
    assert not processes_naming(token)


def test_mews_that_is_stopped_goes_on(sandbox, seen, hidden):
    """Nobody inside loses an answer while nobody answers."""
    process = sandbox.start(*storm(sandbox, hidden, "read", 3000), profile=seen, options=("--quiet",))
    for _ in range(5):
        time.sleep(0.03)
        process.send_signal(signal.SIGSTOP)
        time.sleep(0.05)
        process.send_signal(signal.SIGCONT)
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0 and output in (b"6000\n", b"0\n"), output
