"""Processes: the host's are out of sight, process 1 gives nothing away, and none stays behind."""

import errno
import json
import os
import pathlib
import random
import signal
import socket
import tempfile
import time

import pytest
from support.process import PATIENCE, execute, processes_naming, wait_until
from support.sandbox import AS_NAMESPACE_ROOT, is_root

EVERY_NAMESPACE = ["cgroup", "ipc", "mnt", "net", "pid", "user", "uts"]
# Refusals of one process to be looked into by another: by identity, by dumpability or by the filter.
NOT_YOURS = ("EPERM", "EACCES")


def test_proc_pids(sandbox, control):
    token = sandbox.token()
    outside = control.succeeds(["numbers_in_proc"], ["send_signal", os.getpid(), 0])
    assert os.getpid() in outside[0]
    numbers, signalled = sandbox.attempt(["numbers_in_proc"], ["send_signal", os.getpid(), 0])
    assert numbers.value[0] == 1
    assert len(numbers.value) <= 3, "process 1, the payload and nothing else"
    assert signalled.refused("ESRCH")
    assert not processes_naming(token)


SECRET = "SECRET_OF_THE_LAUNCHER"


def test_proc_init_environ(sandbox, control):
    """Measured: an init that stays dumpable shows the launcher's whole environment to the sandbox."""
    own = control.run("/bin/sh", "-c", "cat /proc/$$/environ", env={SECRET: "hunter2"})
    assert "hunter2" in own.stdout
    acts = [["read", "/proc/1/environ"], ["environment"]]
    environ, environment = sandbox.attempt(*acts, env={SECRET: "hunter2"})
    assert environ.refused("EACCES")
    assert SECRET not in environment.value


def assert_process_1_is_of_the_sandbox(numbers):
    """The host's process 1 would refuse an ordinary user as well, and prove nothing."""
    assert numbers.value[0] == 1 and len(numbers.value) <= 3


@pytest.mark.parametrize(
    "name", ["environ", "maps", "mem", "auxv", "smaps", "pagemap", "exe", "syscall", "io", "map_files"]
)
def test_process_1_shows_none_of(sandbox, control, name):
    # The content is what counts: of some, root may open process 1's, and reading is refused. mem has none
    # at 0.
    act = [
        {"map_files": "listing", "mem": "open_namespace", "exe": "open_namespace"}.get(name, "read"),
        "/proc/{}/" + name,
    ]
    control.succeeds([act[0], act[1].format("self")])
    outcome, numbers = sandbox.attempt([act[0], act[1].format(1)], ["numbers_in_proc"])
    assert outcome.refused(*NOT_YOURS)
    assert_process_1_is_of_the_sandbox(numbers)


@pytest.mark.parametrize(
    "name", ["exe", "cwd", "root", "fd/0", "fd/3", "fd/4", "fd/5", "ns/mnt", "ns/user", "ns/pid"]
)
def test_process_1_has_no_link_to_follow(sandbox, control, name):
    if not name.startswith("fd/"):
        control.succeeds(["link_of", f"/proc/self/{name}"])
    link, opened, numbers = sandbox.attempt(
        ["link_of", f"/proc/1/{name}"], ["open_namespace", f"/proc/1/{name}"], ["numbers_in_proc"]
    )
    assert link.refused(*NOT_YOURS, "ENOENT")
    assert opened.refused(*NOT_YOURS, "ENOENT")
    assert_process_1_is_of_the_sandbox(numbers)


def test_the_descriptors_of_process_1_lead_nowhere(sandbox, control):
    """As root the numbers can be listed, since the owner is the same; what they lead to can't be had."""
    assert len(control.succeeds(["listing", "/proc/self/fd"])) >= 3
    listing, numbers = sandbox.attempt(["listing", "/proc/1/fd"], ["numbers_in_proc"])
    assert_process_1_is_of_the_sandbox(numbers)
    assert listing.refused("EACCES") or is_root()
    for number in listing.value or []:
        for outcome in sandbox.attempt(
            ["link_of", f"/proc/1/fd/{number}"], ["open_namespace", f"/proc/1/fd/{number}"]
        ):
            assert outcome.refused(*NOT_YOURS, "ENOENT")


def test_proc_init_ptrace(sandbox, control):
    acts = [["seize", 1], ["write_memory", 1], ["take_descriptor", 1], ["compare", 1]]
    # Also where a debugger may work: process 1 isn't one of the command's own children.
    for profile in (None, sandbox.profile("process:\n  debug: true\n")):
        *refusals, numbers = sandbox.attempt(*acts, ["numbers_in_proc"], profile=profile)
        for outcome in refusals:
            assert outcome.refused(*NOT_YOURS)
        assert_process_1_is_of_the_sandbox(numbers)
    # The same acts on another process of the caller's own outside: only the address is wrong.
    child = os.spawnv(os.P_NOWAIT, "/bin/sleep", ["sleep", "30"])
    try:
        control.succeeds(["seize", child], ["take_descriptor", child], ["compare", child])
        assert control.attempt(["write_memory", child]).refused("EFAULT")
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


@pytest.mark.parametrize("name", ["KILL", "STOP", "TERM", "INT", "SEGV", "HUP"])
def test_proc_init_kill(sandbox, control, name):
    number = getattr(signal, f"SIG{name}")
    child = os.spawnv(os.P_NOWAIT, "/bin/sleep", ["sleep", "30"])
    control.succeeds(["send_signal", child, number])
    if name == "STOP":
        os.kill(child, signal.SIGKILL)
    assert os.waitpid(child, 0)[1] != 0
    outcome, numbers = sandbox.attempt(["signal_init", number], ["numbers_in_proc"])
    assert outcome.refused("EPERM") or outcome.value in ("S", "R", "D"), outcome
    assert_process_1_is_of_the_sandbox(numbers)


def test_proc_ptrace_seccomp(sandbox, control):
    """A tracer can't turn a permitted call into a refused one: the filter looks again after the entry
    stop."""
    rewrite = sandbox.payload("rewrite")
    assert control.run(rewrite).stdout == "rewritten 0 0\n"
    profile = sandbox.profile("process:\n  debug: true\n")
    assert sandbox.run(rewrite, profile=profile).stdout == "rewritten -1 1\n"


def test_without_debug_nothing_is_traced(sandbox, control):
    control.succeeds(["attach_child"])
    assert sandbox.attempt(["attach_child"]).refused("EPERM")
    assert sandbox.attempt(["attach_child"], profile=sandbox.profile("process:\n  debug: true\n")).ok


def test_proc_orphan(sandbox, control):
    token = sandbox.token()
    script = f"setsid sh -c 'sleep 300; : {token}' >/dev/null 2>&1 & echo started"
    assert control.run("/bin/sh", "-c", script).stdout == "started\n"
    for process in wait_until(lambda: processes_naming(token), "the control leaves an orphan"):
        os.killpg(os.getpgid(process), signal.SIGKILL)
    began = time.monotonic()
    assert sandbox.shell(script).stdout == "started\n"
    assert time.monotonic() - began < PATIENCE, "what stays gets 2 s from TERM to KILL"
    wait_until(lambda: not processes_naming(token), "an orphan outlived the sandbox")


def test_an_orphan_that_ignores_term_is_killed(sandbox):
    token = sandbox.token()
    orphan = f'trap "" TERM HUP INT; while :; do sleep 0.2; done; : {token}'
    script = f"setsid sh -c '{orphan}' >/dev/null 2>&1 & sleep 0.3; exit 3"
    began = time.monotonic()
    assert sandbox.shell(script).status == 3
    assert time.monotonic() - began < PATIENCE
    assert not processes_naming(token)


def test_proc_zombies(sandbox, control):
    orphans = sandbox.payload("orphans")
    assert control.run(orphans, "100").stdout == "left 100 orphans\n"
    program, left = sandbox.attempt(["run", orphans, "10000"], ["zombies_left"], timeout=90)
    assert program.value["output"] == "left 10000 orphans\n"
    assert left.value["zombies"] == 0
    assert left.value["processes"] <= 3


def test_proc_forkbomb(sandbox, control):
    """Root escapes RLIMIT_NPROC; what holds it is the namespace's own pid_max, which can't be below 301."""
    # 600 sleeping children do no harm, and are more than the profile allows.
    assert control.succeeds(["forks_until_refused", 600]) == 600
    profile = sandbox.profile("process:\n  limits: {processes: 400}\n")
    outcome = sandbox.attempt(["forks_until_refused", 600], profile=profile)
    assert outcome.ok and 300 <= outcome.value <= 400


def test_a_fork_bomb_ends_with_the_sandbox(sandbox):
    token = sandbox.token()
    profile = sandbox.profile("process:\n  limits: {processes: 64, time: 2s}\n")
    bomb = f"b() {{ b | b & }}; b 2>/dev/null; sleep 60; : {token}"
    began = time.monotonic()
    result = sandbox.run("/bin/bash", "-c", bomb, profile=profile, timeout=30)
    assert result.status == 124
    assert time.monotonic() - began < PATIENCE
    wait_until(lambda: not processes_naming(token), "the bomb outlived the sandbox")


def test_proc_umask_ids(sandbox, control):
    outside = control.run("/bin/sh", "-c", 'umask 027; exec "$@"', "sh", *sandbox.attempting(["identity"]))
    inside = sandbox.run(
        *sandbox.attempting(["identity"]), wrapper=("/bin/sh", "-c", 'umask 027; exec "$@"', "sh")
    )
    outside, inside = (json.loads(run.stdout)[0]["value"] for run in (outside, inside))
    assert outside["umask"] == 0o27
    # The identity map holds one user and one group; others show as the overflow group.
    assert set(inside["groups"]) <= {os.getgid(), 65534}
    assert inside | {"groups": []} == outside | {"groups": []}


@pytest.mark.skipif(not is_root(), reason="only root can start a process with another supplementary group")
def test_proc_supp_groups(sandbox, control, prefix):
    """A group can't be dropped without privilege: what it opens must not be in the view."""
    with (
        tempfile.TemporaryDirectory(prefix="mews-case-", dir="/var/tmp") as place,
        socket.socket(socket.AF_UNIX) as listener,
    ):
        workspace = pathlib.Path(place) / "home" / "project"
        workspace.mkdir(parents=True)
        path = f"{place}/docker.sock"
        listener.bind(path)
        listener.listen()
        os.chown(path, 0, 54321)
        os.chmod(path, 0o060)
        for directory in (place, workspace.parent, workspace):
            os.chown(directory, 12345, 12345)
        program = (
            "import socket, os; print(os.getgroups()); peer = socket.socket(socket.AF_UNIX); "
            f"print(peer.connect_ex({path!r}))"
        )
        member = ("setpriv", "--reuid", "12345", "--regid", "12345", "--groups", "54321", "--")
        command = ("/usr/bin/python3", "-S", "-c", program)
        environment = sandbox.environment | {"HOME": str(workspace.parent)}
        outside = execute([*member, *command], env=environment, cwd=workspace)
        assert outside.stdout == "[54321]\n0\n"
        inside = execute(
            [*member, str(prefix / "bin" / "mews"), "run", "--", *command], env=environment, cwd=workspace
        )
        assert inside.status == 0, inside
        assert inside.stdout.splitlines()[-1] in (str(errno.ENOENT), str(errno.EACCES))


@pytest.mark.parametrize("name", EVERY_NAMESPACE)
def test_proc_timens_pidns_join(sandbox, control, name):
    # setns into one's own user namespace is refused by the kernel everywhere (EINVAL).
    path = f"/proc/self/ns/{name}"
    outside = control.attempt(["join_namespace", path], wrapper=AS_NAMESPACE_ROOT)
    assert outside.ok or (name == "user" and outside.refused("EINVAL"))
    assert sandbox.attempt_as_namespace_root(["join_namespace", path]).refused("EPERM")


@pytest.mark.parametrize(
    "flag",
    {
        "mnt": 0x00020000,
        "cgroup": 0x02000000,
        "uts": 0x04000000,
        "ipc": 0x08000000,
        "user": 0x10000000,
        "pid": 0x20000000,
        "net": 0x40000000,
        "time": 0x00000080,
    }.items(),
    ids=lambda item: item[0],
)
def test_no_namespace_is_made(sandbox, control, flag):
    _, bits = flag
    control.succeeds(["unshare", bits], wrapper=AS_NAMESPACE_ROOT)
    assert sandbox.attempt_as_namespace_root(["unshare", bits]).refused("EPERM")
    if bits != 0x80:
        control.succeeds(["clone_namespace", bits], wrapper=AS_NAMESPACE_ROOT)
        assert sandbox.attempt_as_namespace_root(["clone_namespace", bits]).refused("EPERM")


MOMENTS = [0.0, 0.002, 0.005, 0.01, 0.02, 0.05, 0.3]


@pytest.mark.parametrize(
    "number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT], ids=["kill", "segv", "abrt"]
)
def test_nothing_outlives_a_killed_mews(sandbox, number):
    """SIGKILL of `mews` at any moment of its set-up and run: the kernel ends everything inside."""
    for moment in MOMENTS * 3:
        token = sandbox.token()
        process = sandbox.start("/bin/sh", "-c", f"setsid sleep 300 & sleep 300; : {token}")
        time.sleep(moment + random.uniform(0, 0.002))
        process.send_signal(number)
        process.communicate(timeout=10)
        wait_until(
            lambda named=token: not processes_naming(named),
            f"processes outlived a mews killed after {moment} s",
            3,
        )


def test_the_control_of_a_killed_mews_leaves_its_child(sandbox):
    """Without a sandbox the child of a killed shell lives on: what the case before looks for can be seen."""
    token = sandbox.token()
    shell = os.spawnv(os.P_NOWAIT, "/bin/sh", ["sh", "-c", f"sh -c 'sleep 300; : {token}' & wait; : {token}"])
    wait_until(lambda: len(processes_naming(token)) == 2, "shell and child are there")
    os.kill(shell, signal.SIGKILL)
    os.waitpid(shell, 0)
    time.sleep(0.3)
    left = processes_naming(token)
    for process in left:
        os.kill(process, signal.SIGKILL)
    assert len(left) == 1


def test_a_stopped_sandbox_is_killed_too(sandbox):
    token = sandbox.token()
    process = sandbox.start("/bin/sh", "-c", f"kill -STOP $$; : {token}")
    time.sleep(0.3)
    process.kill()
    process.communicate(timeout=10)
    wait_until(lambda: not processes_naming(token), "a stopped process outlived mews")
