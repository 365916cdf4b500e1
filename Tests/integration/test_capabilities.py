"""Capabilities, keys and the kernel's own switches."""

import os
import pathlib
import shutil

import pytest
from support.outcome import READ_ONLY
from support.sandbox import AS_NAMESPACE_ROOT, is_root, owns_the_kernel

SETS = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
PR_GET_SECUREBITS, PR_CAPBSET_READ, PR_SET_KEEPCAPS = 27, 23, 8
NOROOT, NO_SETUID_FIXUP, NO_AMBIENT_RAISE = 0x03, 0x0C, 0xC0


@pytest.mark.parametrize("process", ["self", "1"])
def test_cap_empty(sandbox, control, process):
    # The control has every capability of a namespace of its own.
    outside = control.succeeds(["status_of", "self"], wrapper=AS_NAMESPACE_ROOT)
    assert int(outside["CapEff"], 16) != 0
    status = sandbox.attempt(["status_of", process]).value
    assert {name: int(status[name], 16) for name in SETS} == dict.fromkeys(SETS, 0)
    assert status["NoNewPrivs"] == "1"


def test_the_securebits_are_locked(sandbox, control):
    assert control.succeeds(["process_control", PR_GET_SECUREBITS]) == 0
    bits = sandbox.attempt(["process_control", PR_GET_SECUREBITS]).value
    for wanted in (NOROOT, NO_SETUID_FIXUP, NO_AMBIENT_RAISE):
        assert bits & wanted == wanted, hex(bits)


def test_a_new_user_namespace_gives_no_capability(sandbox, control):
    command = ["run", *AS_NAMESPACE_ROOT, "grep", "CapEff", "/proc/self/status"]
    assert control.succeeds(command)["status"] == 0
    assert sandbox.attempt(command).value["status"] != 0


def test_cap_keyring(sandbox, control):
    """Keys have no namespace: what the caller's session holds must be out of reach."""
    description = sandbox.token()
    script = (
        f"import subprocess, sys; from acts import kernel;"
        f" kernel.call('add_key', 'user', {description!r}, 'payload', 7, -3);"
        " sys.exit(subprocess.call(sys.argv[1:]))"
    )
    with_key = (
        "/usr/bin/env",
        f"PYTHONPATH={sandbox.payloads}",
        "/usr/bin/python3",
        "-B",
        "-S",
        "-c",
        script,
    )
    acts = [["search_key", description], ["add_key"], ["session_keyring"]]
    control.succeeds(*acts, wrapper=with_key)
    for outcome in sandbox.attempt(*acts, wrapper=with_key):
        assert outcome.refused("EPERM", "ENOSYS")


KERNEL_SWITCHES = [
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/kernel/modprobe",
    "/proc/sys/vm/overcommit_memory",
    "/proc/sysrq-trigger",
    "/proc/sys/kernel/hostname",
    "/proc/sys/net/ipv4/ip_forward",
    "/proc/sys/fs/file-max",
]


@pytest.mark.parametrize("path", KERNEL_SWITCHES)
def test_cap_proc_sys(sandbox, control, path):
    if is_root() and pathlib.Path(path).exists():
        # For a user the kernel refuses outside as well; root's run shows that it is the sandbox that refuses.
        control.succeeds(["open_for_writing", path])
    assert sandbox.attempt(["open_for_writing", path]).refused("EROFS", "EACCES", "ENOENT")


def test_the_switches_that_a_namespace_has_of_its_own_cannot_be_written(sandbox, control):
    path = "/proc/sys/net/ipv4/ip_forward"
    mount = ("/bin/sh", "-c", 'mount -t proc proc /proc; exec "$@"', "sh")
    control.succeeds(["write", path, "1"], wrapper=(*AS_NAMESPACE_ROOT, *mount))
    assert sandbox.attempt(["write", path, "1"]).refused(*READ_ONLY, "ENOENT")


@pytest.mark.parametrize(
    "path",
    [
        "/sys/kernel/uevent_helper",
        "/sys/fs/cgroup/cgroup.procs",
        "/sys/power/state",
        "/proc/sys/fs/binfmt_misc/register",
    ],
)
def test_cap_sys_ro(sandbox, control, path):
    if owns_the_kernel() and pathlib.Path(path).exists():
        control.succeeds(["open_for_writing", path])
    assert sandbox.attempt(["open_for_writing", path]).refused(*READ_ONLY, "ENOENT")


@pytest.mark.parametrize(
    "path",
    [
        "/proc/kcore",
        "/proc/kallsyms",
        "/proc/keys",
        "/proc/key-users",
        "/proc/timer_list",
        "/proc/kmsg",
        "/proc/config.gz",
        "/proc/sched_debug",
        "/proc/kpagecount",
        "/proc/kpageflags",
    ],
)
def test_cap_proc_kcore(sandbox, control, path):
    if pathlib.Path(path).exists() and (
        owns_the_kernel() or path in ("/proc/kallsyms", "/proc/keys", "/proc/config.gz")
    ):
        control.succeeds(["open_namespace", path])
    outcome = sandbox.attempt(["read", path])
    assert outcome.refused("EACCES", "EPERM", "ENOENT") or outcome.value == ""


def test_the_kernel_log_is_not_read(sandbox, control):
    read_all = ["call", "syslog", 10, 0, 0]
    if owns_the_kernel():
        assert control.succeeds(read_all) > 0
    # A user may read it or not outside, as kernel.dmesg_restrict says.
    assert sandbox.attempt(read_all).refused("EPERM")


@pytest.mark.skipif(is_root(), reason="root gains nothing by a program of root's")
def test_fs_setuid_exec(sandbox, control):
    """A setuid program runs as the caller: no_new_privs, nosuid and an identity map see to it."""
    act = ["effective_user_of", "/usr/bin/passwd"]
    assert control.succeeds(act) == [0]
    assert 0 not in sandbox.attempt(act).value


@pytest.mark.skipif(not is_root(), reason="only root can give a program to another user")
def test_a_setuid_program_in_the_workspace_runs_as_the_caller(sandbox, control):
    program = sandbox.workspace / "identity"
    shutil.copy(sandbox.payload("identity"), program)
    os.chown(program, 65534, 65534)
    program.chmod(0o4755)
    assert control.run(str(program)).stdout == "0 65534\n"
    assert sandbox.run(str(program)).stdout == "0 0\n"


@pytest.mark.parametrize("mode", [0o4755, 0o2755, 0o6755], ids=["setuid", "setgid", "both"])
def test_no_setuid_program_is_left_for_the_host(sandbox, control, mode):
    """A setuid copy of a shell in the workspace would be the user's identity for anybody on the host."""
    (sandbox.workspace / "program").write_text("")
    acts = [["change_mode", "program", mode], ["create_with_mode", "created", mode]]
    assert control.succeeds(*acts, cwd=control.copy()) == [mode, mode]
    for outcome in sandbox.attempt(*acts):
        assert outcome.refused("EPERM") or outcome.value & 0o6000 == 0
    assert (sandbox.workspace / "program").stat().st_mode & 0o6000 == 0


def test_openat2_makes_no_setuid_program_either(sandbox, control):
    """Its mode stands in memory where no filter sees it: the call must be missing altogether."""
    act = ["create_how", "created", 0o4755]
    assert control.succeeds(act, cwd=control.copy()) == 0o4755
    assert sandbox.attempt(act).refused("ENOSYS")
