"""System calls: what no command needs is refused, by every door into the kernel."""

import signal

import pytest
from support.sandbox import AS_NAMESPACE_ROOT, owns_the_kernel

EPERM, ENOSYS = "EPERM", "ENOSYS"
# name: the arguments, chosen so that a call which is let through does no harm, and how its control runs:
#   own        as the caller, outside
#   namespace  as root of namespaces of the caller's own
#   root       as root, outside: in a user's run the kernel refuses on both sides, and only the inside is
#              looked at
# A control passes when the answer isn't that of a refusal: EPERM or ENOSYS.
DANGEROUS = {
    "acct": (["/nonexistent"], "root"),
    "add_key": ([None, None, None, 0, 0], "own"),
    "bpf": ([0, None, 0], "root"),
    "clock_adjtime": ([-1, None], "own"),
    "clock_settime": ([0, None], "own"),
    "delete_module": (["mews_nonexistent", 0], "root"),
    "fanotify_init": ([0x200, 0], "own"),
    "finit_module": ([-1, "", 0], "root"),
    "init_module": ([None, 0, ""], "root"),
    "ioperm": ([0, 1, 1], "root"),
    "iopl": ([3], "root"),
    "kcmp": ([1 << 22, 1 << 22, 0, 0, 0], "own"),
    "kexec_file_load": ([-1, -1, 0, "", 8], "root"),
    "kexec_load": ([0, 0, None, 1 << 62], "root"),
    "keyctl": ([0, -3, 0], "own"),
    "migrate_pages": ([0, 0, None, None], "own"),
    "modify_ldt": ([0, None, 0], "own"),
    "mount": (["a", "b", "c", 0, None], "namespace"),
    "move_pages": ([0, 0, None, None, None, 0], "own"),
    "name_to_handle_at": ([-100, "/", None, None, 0], "own"),
    "open_by_handle_at": ([-1, None, 0], "root"),
    "perf_event_open": ([None, 0, -1, -1, 0], "own"),
    "pidfd_getfd": ([-1, 0, 0], "own"),
    "pivot_root": (["/nonexistent", "/nonexistent"], "namespace"),
    "process_vm_readv": ([1 << 22, None, 0, None, 0, 0], "own"),
    "process_vm_writev": ([1 << 22, None, 0, None, 0, 0], "own"),
    "quotactl": ([0x80000700, None, 0, None], "own"),
    "reboot": ([0, 0, 0, None], "namespace"),
    "request_key": ([None, None, None, 0], "own"),
    "setdomainname": (["x", 1], "namespace"),
    "sethostname": (["x", 1], "namespace"),
    "setns": ([-1, 0], "own"),
    "settimeofday": ([None, None], "root"),
    "swapoff": (["/nonexistent"], "root"),
    "swapon": (["/nonexistent", 0], "root"),
    "syslog": ([2, None, -1], "root"),
    "umount2": (["/nonexistent", 0], "namespace"),
    "unshare": ([0x10000000], "own"),
    "userfaultfd": ([1], "own"),
    "vhangup": ([], "never"),
}
# Never there: as if the kernel had no such call, so that programs fall back.
ABSENT = {
    "io_uring_setup": [0, None],
    "io_uring_enter": [-1, 0, 0, 0, None, 0],
    "io_uring_register": [-1, 0, None, 0],
    "clone3": [None, 0],
    "openat2": [-100, None, None, 0],
    "memfd_secret": [-1],
    "statmount": [None, None, 0, 0],
    "listmount": [None, None, 0, 0],
}


@pytest.mark.parametrize("name", DANGEROUS)
def test_sec_dangerous(sandbox, control, name):
    arguments, kind = DANGEROUS[name]
    act = ["call", name, *arguments]
    if kind == "namespace":
        assert not control.attempt(act, wrapper=AS_NAMESPACE_ROOT).refused(EPERM, ENOSYS)
        assert sandbox.attempt_as_namespace_root(act).refused(EPERM, ENOSYS)
        return
    # vhangup has no harmless arguments: it hangs up the caller's terminal. Its inside is looked at alone.
    if kind != "never" and (kind != "root" or owns_the_kernel()):
        outside = control.attempt(act)
        # A kernel can be built without modules, kexec or port access; then there is nothing to hold back.
        assert not outside.refused(EPERM, *([] if kind == "root" else [ENOSYS])), outside
    assert sandbox.attempt(act).refused(EPERM, ENOSYS)


@pytest.mark.parametrize("name", ABSENT)
def test_a_call_that_takes_its_arguments_from_memory_is_not_there(sandbox, control, name):
    act = ["call", name, *ABSENT[name]]
    assert not control.attempt(act).refused(ENOSYS)
    assert sandbox.attempt(act).refused(ENOSYS)


@pytest.mark.parametrize("name", ["kcmp", "process_vm_readv", "pidfd_getfd"])
def test_with_debug_the_calls_of_a_debugger_are_there(sandbox, name):
    act = ["call", name, *DANGEROUS[name][0]]
    plain, debugging = (
        sandbox.attempt(act),
        sandbox.attempt(act, profile=sandbox.profile("process:\n  debug: true\n")),
    )
    assert plain.refused(EPERM)
    assert debugging.ok or debugging.refused("ESRCH", "EBADF", EPERM)


@pytest.mark.parametrize(
    "act",
    ["ring", "user_fault", "performance_event", "secret_memory", "local_descriptors", "add_key", "spawn3"],
)
def test_what_works_for_any_user_outside_does_not_inside(sandbox, control, act):
    control.succeeds([act])
    assert sandbox.attempt([act]).refused(EPERM, ENOSYS)


def test_net_iouring(sandbox, control):
    """io_uring opens files and sockets without a system call that a filter could see."""
    control.succeeds(["ring"])
    assert sandbox.attempt(["ring"]).refused(ENOSYS)


def test_name_to_handle_at_gives_no_handle(sandbox, control):
    """open_by_handle_at took such handles out of a container's root ("shocker")."""
    control.succeeds(["handle", "/usr"])
    assert sandbox.attempt(["handle", "/usr"]).refused(EPERM, "EOPNOTSUPP")


def test_sec_x32(sandbox, control):
    """The x32 numbers reach the same calls past a filter that compares plain numbers."""

    def read(run):
        return {line.split()[0]: int(line.split()[2]) for line in run.stdout.splitlines()}

    outside, inside = read(control.run(sandbox.payload("x32"))), read(sandbox.run(sandbox.payload("x32")))
    # A kernel without CONFIG_X86_X32 answers ENOSYS (38) by itself; with it the control runs.
    assert outside["native"] == 0 and outside["x32"] in (0, 38)
    assert inside == {"native": 0, "x32": 38, "unknown": 38}


@pytest.mark.parametrize("name", ["compat32", "int80"])
def test_the_i386_calls_are_not_there(sandbox, control, name):
    """int $0x80 has numbers of its own: a filter without a look at the architecture reads them wrongly."""
    outside = control.run(sandbox.payload(name))
    assert outside.status == 0 and outside.stdout
    inside = sandbox.run(sandbox.payload(name))
    assert inside.status == 128 + signal.SIGSYS
    assert inside.stdout == ""


@pytest.mark.parametrize("number", [460 + offset * 7 for offset in range(10)] + [9999, 1 << 20])
def test_sec_unknown_nr(sandbox, number):
    # No control: these numbers are of no call, or of one newer than the kernel here.
    assert sandbox.attempt(["by_number", number, -1, -1, -1]).refused(ENOSYS)


def test_sec_clone3(sandbox, control):
    control.succeeds(["spawn3"], ["thread"])
    spawn, thread = sandbox.attempt(["spawn3"], ["thread"])
    assert spawn.refused(ENOSYS)
    assert thread.value == 1


@pytest.mark.parametrize("process", ["self", "1"])
def test_sec_filter_present(sandbox, control, process):
    assert control.succeeds(["status_of", "self"])["Seccomp"] == "0"
    status = sandbox.attempt(["status_of", process]).value
    assert status["Seccomp"] == "2"
    assert status["NoNewPrivs"] == "1"


def test_sec_second_filter(sandbox, control):
    """Programs that confine themselves (browsers, other sandboxes) go on doing so."""
    assert control.succeeds(["own_filter"]) == 55
    assert sandbox.attempt(["own_filter"]).value == 55
    assert control.succeeds(["landlock_layers"]) == 16
    assert 1 <= sandbox.attempt(["landlock_layers"]).value < 16


@pytest.mark.parametrize(
    "persona",
    [0x0040000, 0x0400000, 0x0008 | 0x0040000],
    ids=["no-randomize", "read-implies-exec", "linux32"],
)
def test_an_unusual_personality_is_refused(sandbox, control, persona):
    control.succeeds(["call", "personality", persona])
    assert sandbox.attempt(["call", "personality", persona]).refused(EPERM)
    assert sandbox.attempt(["call", "personality", 0xFFFFFFFF]).ok


def test_memory_layout_is_not_rewritten(sandbox, control):
    """prctl(PR_SET_MM) asks for CAP_SYS_RESOURCE on the host: who lacks it is refused on both sides."""
    act = ["process_control", 35, 1, 0, 0, 0]
    if owns_the_kernel() and int(control.succeeds(["status_of", "self"])["CapEff"], 16) >> 24 & 1:
        assert not control.attempt(act).refused(EPERM)
    assert sandbox.attempt(act).refused(EPERM)
