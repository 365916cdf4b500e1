"""The lower levels: chosen only by name, named when they hold, and refused for what they can't hold.

Where the kernel has everything, `payloads/kernel_without.py` takes a part of it away.
"""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile

import pytest
from support.logs import Logs
from support.outcome import OUTSIDE_THE_VIEW, READ_ONLY
from support.process import processes_naming, wait_until
from support.sandbox import PYTHON, is_root

LANDLOCK = ("--require", "landlock")
NO_SOCKET = ("EACCES", "EAFNOSUPPORT")


class Level:
    """A sandbox on a kernel that lacks something, in a workspace that isn't a repository."""

    def __init__(self, sandbox, lacking, *options):
        self.sandbox = sandbox
        self.workspace = sandbox.home / "plain"
        self.workspace.mkdir(exist_ok=True)
        (self.workspace / "notes.txt").write_text("first line\n")
        program = sandbox.payloads / "kernel_without.py"
        self.wrapper = (PYTHON, "-B", "-S", str(program), lacking)
        self.options = options

    def run(self, *command, options=(), **more):
        more = {"cwd": self.workspace, "wrapper": self.wrapper} | more
        return self.sandbox.run(*command, options=(*self.options, *options), **more)

    def shell(self, script, **more):
        return self.run("/bin/sh", "-c", script, **more)

    def attempt(self, *acts, options=(), **more):
        more = {"cwd": self.workspace, "wrapper": self.wrapper} | more
        return self.sandbox.attempt(*acts, options=(*self.options, *options), **more)

    def start(self, *command):
        return self.sandbox.start(
            *command, options=("-w", str(self.workspace), "--cwd", str(self.workspace), *self.options),
            wrapper=self.wrapper)


@pytest.fixture
def confined(sandbox):
    """At the level `landlock`."""
    return Level(sandbox, "namespaces", *LANDLOCK)


def record(result):
    """The summary's line of JSON."""
    return json.loads(result.stderr.splitlines()[-1])


# --- which level, and who is told


def test_a_level_is_a_minimum(sandbox):
    """Whoever accepts less gets all that there is."""
    for word in ("landlock", "namespaces", "full"):
        result = sandbox.shell("exit 0", options=("--require", word, "--summary", "json"))
        assert (result.status, record(result)["level"]) == (0, "full"), result
        assert not result.messages, result


@pytest.mark.parametrize("how", ["--require", "require"])
def test_a_lower_level_is_named_everywhere(sandbox, confined, how):
    logs = Logs(sandbox)
    profile = None
    if how == "require":
        profile = sandbox.profile("require: landlock\n")
        confined.options = ()
    result = confined.shell(
        "exit 3", profile=profile, options=("--quiet", "--summary", "json"))
    assert result.status == 3, result
    (message,) = result.messages
    assert message.startswith("mews: level landlock: "), message
    summary = record(result)
    assert summary["level"] == "landlock"
    assert summary["observed"]["reads"] is False and summary["observed"]["packets"] is False
    started = logs.only()[0]["unmapped"]["mews"]
    assert started["level"] == "landlock" and started["observed"]["reads"] == "off", started
    assert set(logs.counted()) == {"UNANCHORED"}


@pytest.mark.parametrize("lacking", ["landlock", "landlock-off"])
def test_without_landlock_the_namespaces_hold(sandbox, control, lacking):
    level = Level(sandbox, lacking, "--require", "namespaces")
    logs = Logs(sandbox)
    outside = control.succeeds(["namespaces"])
    result = level.shell("exit 0", options=("--summary", "json"))
    assert (result.status, record(result)["level"]) == (0, "namespaces"), result
    assert result.messages[0].startswith("mews: level namespaces: "), result
    assert logs.only()[0]["unmapped"]["mews"]["level"] == "namespaces"
    inside, secret, key = level.attempt(
        ["namespaces"], ["read", str(sandbox.outside / "secret")], ["read", str(sandbox.home / ".ssh/id_rsa")])
    changed = {name for name in ("user", "mnt", "pid", "net", "ipc", "uts", "cgroup")
               if inside.value[name] != outside[name]}
    assert len(changed) == 7
    assert secret.refused(*OUTSIDE_THE_VIEW) and key.refused(*OUTSIDE_THE_VIEW)
    # A repository is protected there as well.
    hooks = sandbox.attempt(
        ["write", ".git/hooks/pre-commit"], ["rename", ".git", ".git2"], wrapper=level.wrapper,
        options=level.options)
    assert hooks[0].refused(*READ_ONLY) and hooks[1].refused("EBUSY")


def test_clone3_alone_is_missed_by_nobody(sandbox):
    """A filter that looks at clone's flags takes clone3 away, because it can't look at its."""
    result = Level(sandbox, "clone3").shell("echo runs")
    assert (result.status, result.stdout, result.stderr) == (0, "runs\n", ""), result


@pytest.mark.parametrize(
    "lacking, options, layer, offer",
    [
        ("landlock", (), "landlock", "--require namespaces"),
        ("landlock", LANDLOCK, None, None),
        ("namespaces", (), "namespaces", "--require landlock"),
        ("unshared", (), "namespaces", "--require landlock"),
        ("namespaces", ("--require", "namespaces"), "namespaces", "--require landlock"),
        ("namespaces,landlock", (), "landlock", None),
        ("namespaces,landlock", ("--require", "namespaces"), "namespaces", None),
        ("namespaces,landlock", LANDLOCK, "namespaces", None),
        ("landlock", ("--require", "full"), "landlock", "--require namespaces"),
    ],
)
def test_what_is_missing_is_named_and_what_would_do(sandbox, lacking, options, layer, offer):
    level = Level(sandbox, lacking, *options)
    marker = level.workspace / "marker"
    result = level.shell("echo started > marker")
    if layer is None:
        assert (result.status, marker.exists()) == (0, True), result
        return
    assert result.refused_by_mews(f"the layer `{layer}` is missing") and not marker.exists(), result
    assert ("would do here" in result.stderr) is bool(offer), result
    if offer:
        assert f"{offer} would do here" in result.stderr
        assert level.shell("echo started > marker", options=offer.split()).status == 0


def test_a_level_that_could_not_hold_the_profile_is_not_offered(sandbox):
    level = Level(sandbox, "namespaces")
    assert "would do" in level.shell("exit 0").stderr
    result = sandbox.shell("exit 0", wrapper=level.wrapper)  # in the repository
    assert result.refused_by_mews("namespaces") and "would do" not in result.stderr, result


def test_a_repository_can_only_ask_for_more(sandbox, confined):
    (confined.workspace / ".mews.yaml").write_text("version: 1\nrequire: full\n")
    result = confined.shell("exit 0")
    assert result.refused_by_mews("the layer `namespaces` is missing"), result


# --- what can't be held


def test_every_line_that_cannot_hold_is_named_at_once(sandbox, confined):
    (sandbox.home / "data" / "drafts").mkdir(parents=True)
    (confined.workspace / "keep").write_text("x\n")
    body = f"""\
require: landlock
filesystem:
  read: [{sandbox.home}/data, "${{workspace}}/keep"]
  deny: [{sandbox.home}/data/drafts, later]
  protect: [notes.txt]
  hide: true
  tmp: 64MiB
network:
  allow: [example.org, "*.example.net"]
  loopback: {{connect: [5432]}}
audit: {{reads: fuse}}
"""
    profile = sandbox.profile(body)
    result = confined.shell("exit 0", profile=profile)
    assert result.status == 125 and result.stdout == "", result
    lines = (pathlib.Path(profile).read_text()).splitlines()
    wanted = {
        f"{lines.index(line) + 1}:{line.index(word) + 1}"
        for line in lines
        for word in ('"${workspace}/keep"', f"{sandbox.home}/data/drafts", "later", "notes.txt", "true", "64MiB",
                     "example.org", '"*.example.net"', "5432", "fuse")
        if word in line
    }
    assert len(wanted) == 10
    found = {
        message.removeprefix(f"mews: {profile}:").split(": ")[0]
        for message in result.messages if message.startswith(f"mews: {profile}:")
    }
    assert found == wanted, result.stderr
    assert result.messages[0].startswith("mews: the level landlock can't hold 10 lines")


def test_a_repository_to_write_in_is_refused_and_to_read_is_not(sandbox, confined):
    result = confined.shell("exit 0", cwd=sandbox.workspace)
    assert result.refused_by_mews("can't hold a line of the profile", "workspace.yaml:", "git", "workspace: read")
    result = confined.shell("git log --oneline", cwd=sandbox.workspace, options=("-p", "readonly"))
    assert result.status == 0 and "start" in result.stdout, result


def test_a_grant_that_holds_credentials_is_refused(sandbox, confined):
    result = confined.shell("exit 0", options=("--read", str(sandbox.home)))
    assert result.refused_by_mews("--read: ", "built-in floor"), result


# --- what it holds


@pytest.fixture
def place(sandbox, control):
    """A file outside, read by everybody, of which the control gets a copy."""
    (sandbox.outside / "directory").mkdir()
    return sandbox.outside


def test_files_outside_are_out_of_reach(confined, control, place):
    copy = control.copy(place)
    def acts(at):
        return [
            ["read", f"{at}/secret"], ["listing", str(at)], ["write", f"{at}/secret"], ["append", f"{at}/secret"],
            ["truncate", f"{at}/secret"], ["touch", f"{at}/new"], ["make_directories", f"{at}/one/two"],
            ["symbolic_link", "secret", f"{at}/link"], ["hard_link", f"{at}/secret", f"{at}/hard"],
            ["rename", f"{at}/secret", f"{at}/moved"], ["unlink", f"{at}/moved"],
            ["remove_tree", f"{at}/directory"],
        ]
    control.succeeds(*acts(copy))
    found = confined.attempt(*[act for act in acts(place) if act[0] != "unlink"], ["unlink", f"{place}/secret"])
    assert all(outcome.refused("EACCES", "EPERM", "EXDEV") for outcome in found), found
    assert sorted(entry.name for entry in place.iterdir()) == ["directory", "secret"]
    assert (place / "secret").read_text() == "secret\n"


def test_ways_around_a_path_lead_nowhere(sandbox, confined, control, place):
    """Links into a grant, descriptors of directories, the process's own links."""
    secret = str(place / "secret")
    (confined.workspace / "link").symlink_to(secret)
    acts = [
        ["read", "link"], ["read", f"/proc/self/root{secret}"], ["read", f"/proc/self/cwd/../..{secret}"],
        ["append", "link"]]
    assert control.attempt(acts[0], cwd=confined.workspace).ok
    assert control.attempt(acts[1]).ok
    found = confined.attempt(*acts)
    assert all(outcome.refused("EACCES", "ENOENT") for outcome in found), found
    linked = confined.attempt(["hard_link", secret, "hard"])
    assert linked.refused("EACCES", "EXDEV", "EPERM"), linked


def test_what_may_be_read_cannot_be_changed(sandbox, confined, control):
    data = sandbox.home / "data"
    data.mkdir()
    (data / "numbers").write_text("1 2 3\n")
    copy = control.copy(data)
    options = ("--read", str(data))
    control.succeeds(["append", f"{copy}/numbers"], ["truncate", f"{copy}/numbers"], ["unlink", f"{copy}/numbers"])
    found = confined.attempt(
        ["read", f"{data}/numbers"], ["append", f"{data}/numbers"], ["truncate", f"{data}/numbers"],
        ["unlink", f"{data}/numbers"], ["touch", f"{data}/new"], options=options)
    assert found[0].ok and all(outcome.refused("EACCES") for outcome in found[1:]), found
    assert (data / "numbers").read_text() == "1 2 3\n"


def test_modes_and_times_outside_are_refused_and_recorded(sandbox, confined, control, place):
    """Landlock doesn't know them; the supervisor refuses what the view does. (A program that changes the path while
    it is read can get past this: it is no wall, and is said to be none.)"""
    logs = Logs(sandbox)
    secret = str(place / "secret")
    copy = control.copy(place)
    control.succeeds(["change_mode", f"{copy}/secret", 0o600], ["change_times", f"{copy}/secret"])
    before = os.stat(secret)
    found = confined.attempt(
        ["change_mode", secret, 0o666], ["change_times", secret], ["change_mode", "notes.txt", 0o600],
        ["change_times", "notes.txt"])
    assert [outcome.errno for outcome in found] == ["EACCES", "EACCES", None, None], found
    after = os.stat(secret)
    assert (before.st_mode, before.st_mtime_ns) == (after.st_mode, after.st_mtime_ns)
    denied = [line for line in logs.only() if line["metadata"]["event_code"] == "file.denied"]
    assert [line["file"]["path"] for line in denied] == [secret, secret]


def test_denied_writes_are_recorded(sandbox, confined, place):
    logs = Logs(sandbox)
    assert confined.attempt(["write", f"{place}/new"]).refused("EACCES")
    (denied,) = [line for line in logs.only() if line["metadata"]["event_code"] == "file.denied"]
    assert denied["file"]["path"] == f"{place}/new" and denied["unmapped"]["mews"]["fix"]


@contextlib.contextmanager
def bystander():
    """A process of the same user outside."""
    process = subprocess.Popen(["sleep", "600"], stdin=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_processes_outside_are_out_of_reach(confined, control):
    with bystander() as victim, bystander() as other:
        number = victim.pid
        private = [["read", f"/proc/{number}/{name}"] for name in ("environ", "maps")]
        private += [["link_of", f"/proc/{number}/{name}"] for name in ("cwd", "root", "exe", "fd/0")]
        control.succeeds(*private, ["send_signal", other.pid, int(signal.SIGKILL)])
        assert other.wait(10) == -signal.SIGKILL
        acts = [*private, ["seize", number], ["take_descriptor", number]]
        found = confined.attempt(*acts)
        assert all(outcome.refused("EACCES", "EPERM") for outcome in found), found
        if holds_signals(confined):
            stop = [["send_signal", number, int(name)] for name in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM)]
            everybody = ["send_signal", -1, int(signal.SIGUSR1)]
            found = confined.attempt(*stop)
            assert all(outcome.refused("EPERM") for outcome in found), found
            assert not confined.attempt(everybody).ok or victim.poll() is None
        assert victim.poll() is None


def holds_signals(confined):
    return confined.attempt(["landlock_abi"]).value >= 6


def test_limits_of_a_process_outside_stay(confined):
    script = "import resource, sys; resource.prlimit(int(sys.argv[1]), resource.RLIMIT_CPU, (1, 1))"
    with bystander() as victim:
        result = confined.run(PYTHON, "-c", script, str(victim.pid))
        assert result.status == 1 and "PermissionError" in result.stderr, result
        assert "RLIMIT_CPU" in script and "unlimited" in limit_line(victim.pid)
        subprocess.run([PYTHON, "-c", script, str(victim.pid)], check=True, timeout=30)
        assert "unlimited" not in limit_line(victim.pid)


def limit_line(number):
    lines = pathlib.Path(f"/proc/{number}/limits").read_text(encoding="ascii").splitlines()
    return next(line for line in lines if line.startswith("Max cpu time"))


@contextlib.contextmanager
def daemon(kind=socket.SOCK_STREAM):
    """A socket in the file system that anybody can connect to, as a container daemon's."""
    with tempfile.TemporaryDirectory() as directory, socket.socket(socket.AF_UNIX, kind) as listener:
        os.chmod(directory, 0o755)
        path = f"{directory}/daemon.sock"
        listener.bind(path)
        os.chmod(path, 0o777)
        if kind == socket.SOCK_STREAM:
            listener.listen()
        yield path


def test_sockets_of_the_host_are_out_of_reach(sandbox, confined, control):
    """There is neither a network namespace nor, before Landlock's version 9, a wall around sockets with a path."""
    with daemon(socket.SOCK_DGRAM) as path, socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        families = [["open_socket", int(family), 1] for family in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6)]
        acts = [["send_datagram", path], ["reconnect_pair", path], *families, ["open_socket", 16, 3, 0]]
        control.succeeds(*acts)
        found = confined.attempt(*acts, ["dial", "127.0.0.1", port], ["connect_abstract", "anything"])
        assert all(outcome.refused(*NO_SOCKET) for outcome in found), found
    pair = confined.run(PYTHON, "-c", "import socket; a, b = socket.socketpair(); a.send(b'x'); print(b.recv(1))")
    assert pair.stdout == "b'x'\n", pair


def test_shared_memory_and_queues_of_the_host_are_out_of_reach(confined, control):
    made = subprocess.run(["ipcmk", "--shmem", "4096", "--queue"], check=True, capture_output=True, timeout=30)
    identifiers = [line.split(b":")[1].strip().decode() for line in made.stdout.splitlines() if b":" in line]
    try:
        listing = subprocess.run(["ipcs", "-m", "-q"], check=True, capture_output=True, timeout=30).stdout.decode()
        keys = {row.split()[1]: int(row.split()[0], 16) for row in listing.splitlines() if row.startswith("0x")}
        memory, queue = (keys[identifier] for identifier in identifiers)
        acts = [["shared_memory", signed(memory)], ["message_queue", signed(queue)]]
        control.succeeds(*acts)
        found = confined.attempt(*acts)
        assert all(outcome.refused("EPERM") for outcome in found), found
    finally:
        subprocess.run(["ipcrm", "--shmem-id", identifiers[0], "--queue-id", identifiers[1]], check=False, timeout=30)


def signed(key):
    return key - (1 << 32) if key >= 1 << 31 else key


def test_nothing_is_privileged(confined):
    status = confined.attempt(["status_of", "self"]).value
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"
    for kind in ("Inh", "Prm", "Eff", "Amb"):
        assert int(status[f"Cap{kind}"], 16) == 0, status
    if is_root():
        found = confined.attempt(
            ["read", "/etc/shadow"], ["write", "/proc/sys/kernel/core_pattern"], ["write", "/proc/sysrq-trigger"],
            ["call", "mount"], ["chroot", "/"])
        assert all(outcome.refused() for outcome in found), found


def test_kernel_settings_stay(confined, control):
    pattern = "/proc/sys/kernel/domainname"
    if is_root():
        assert control.attempt(["open_for_writing", pattern]).ok
    assert confined.attempt(["open_for_writing", pattern]).refused("EACCES")


# --- the command


def test_the_command_works_as_usual(confined):
    assert confined.shell("exit 7").status == 7
    assert confined.shell("kill -KILL $$").status == 137
    assert confined.run("/nonexistent").status == 127
    assert confined.run("/etc/hostname").status == 126
    assert confined.shell("sleep 600", options=("--timeout", "300ms")).status == 124
    made = confined.run(PYTHON, "-c", "import tempfile; f = tempfile.TemporaryFile(); print(f.write(b'x'))")
    assert made.stdout == "1\n", made
    piped = confined.shell("cat", text="through a pipe\n")
    assert piped.stdout == "through a pipe\n", piped


def test_programs_are_built_and_run(confined):
    (confined.workspace / "hello.c").write_text('#include <stdio.h>\nint main(void) { puts("built"); return 0; }\n')
    result = confined.shell("cc -o hello hello.c && ./hello")
    assert (result.status, result.stdout) == (0, "built\n"), result


# --- nothing stays behind

LINGERING = (
    "trap '' TERM HUP; "
    "setsid sh -c 'trap \"\" TERM HUP; while :; do sleep 600 & wait; done' {token} & "
    "setsid {sleep} 600 {token} & trap - TERM HUP; echo ready; "
)


def wait_for_start(logs):
    """The command is quicker with its first word than init with the news of its start."""
    def is_recorded():
        return any('"command.exec"' in path.read_text(encoding="utf-8") for path in logs.paths())

    wait_until(is_recorded, "the command's start is recorded", 60)


def linger(sandbox, confined, then):
    """A command that leaves processes behind which don't want to end."""
    token = sandbox.token()
    logs = Logs(sandbox)
    sleeper = sandbox.home / "plain" / "sleeper"
    sleeper.write_text("#!/bin/sh\ntrap '' TERM HUP\nwhile :; do sleep 600 & wait; done\n")
    sleeper.chmod(0o755)
    script = LINGERING.format(token=token, sleep=sleeper) + then
    process = confined.start("/bin/sh", "-c", script, token)
    assert process.stdout.readline() == b"ready\n"
    wait_for_start(logs)
    return token, process


def init_of(mews, token):
    """The process between `mews` and its command, of which it is the only child."""
    parents = {}
    for number in processes_naming(token):
        with contextlib.suppress(OSError):
            fields = pathlib.Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
            parents[number] = int(fields[1])
    return next(number for number, parent in parents.items() if parent == mews)


@pytest.mark.parametrize("end", ["exit", "mews", "init", "timeout", "terminate"])
def test_nothing_is_left(sandbox, confined, end):
    """There is no PID namespace that ends with its first process."""
    if end == "timeout":
        confined.options += ("--timeout", "1s")
    token, process = linger(sandbox, confined, "exit 5" if end == "exit" else "exec sleep 600")
    if end == "mews":
        process.kill()
    elif end == "init":
        os.kill(init_of(process.pid, token), signal.SIGKILL)
    elif end == "terminate":
        process.terminate()
    status = process.wait(timeout=60)
    wait_until(lambda: not processes_naming(token), "nothing runs any more", 30)
    wanted = {"exit": 5, "mews": -signal.SIGKILL, "init": 123, "timeout": 124, "terminate": -signal.SIGTERM}
    assert status == wanted[end], process.stderr.read()


def test_what_the_caller_runs_stays(sandbox, confined):
    """A shell that becomes mews by exec leaves it children of its own: they are none of the session's."""
    bystander_token, token = sandbox.token(), sandbox.token()
    logs = Logs(sandbox)
    mews = sandbox.arguments(
        ("/bin/sh", "-c", "echo ready; sleep 600", token),
        options=("-w", str(confined.workspace), "--cwd", str(confined.workspace), *confined.options),
        wrapper=confined.wrapper)
    script = f"sh -c 'while :; do sleep 0.1; done' {bystander_token} >&2 & exec \"$@\""
    process = subprocess.Popen(
        ["/bin/sh", "-c", script, "sh", *mews], env=sandbox.environment, cwd=confined.workspace,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        with process.stdout:
            assert process.stdout.readline() == b"ready\n"
            wait_for_start(logs)
            os.kill(init_of(process.pid, token), signal.SIGKILL)
            assert process.wait(timeout=60) == 123
        assert not processes_naming(token) and processes_naming(bystander_token)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
