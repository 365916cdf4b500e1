"""Every failure closes: whichever call of the construction the kernel refuses, the command isn't started.

strace(1) makes the n-th call of a kind fail, for each n until there is no such call any more.
"""

import pytest

from support.outcome import Completed

# What builds the sandbox. Of calls that are made for every rule, the first few stand for all.
CALLS = {
    "clone3": 3,
    "open_tree": 8,
    "move_mount": 8,
    "mount_setattr": 8,
    "fsopen": 5,
    "fsconfig": 12,
    "fsmount": 5,
    "pivot_root": 3,
    "umount2": 3,
    "prctl": 60,
    "capset": 3,
    "landlock_create_ruleset": 3,
    "landlock_add_rule": 8,
    "landlock_restrict_self": 3,
    "seccomp": 3,
    "sethostname": 3,
    "prlimit64": 10,
    "chdir": 4,
    "fchdir": 3,
    "setsid": 3,
    "keyctl": 3,
    "mkdirat": 8,
    "symlinkat": 8,
    "socketpair": 3,
    "signalfd4": 3,
    "setpgid": 3,
    "close_range": 10,
    "rt_sigprocmask": 6,
    "socket": 11,
    "bind": 4,
    "listen": 3,
    "setsockopt": 10,
}

# The scratch file system has another place to hang when the first one can't be mounted on.
TOLERATED = {("move_mount", 1)}
# What only tells: the observer of refused connections, its filter and its place, and whose a connection is.
TOLERATED |= {("socket", number) for number in range(5, 11)} | {("setsockopt", number) for number in range(4, 10)}


def attempt(sandbox, call, number, error):
    """Runs the command with one failing call: what became of it, and whether a call was made to fail."""
    marker = sandbox.workspace / "marker"
    marker.unlink(missing_ok=True)
    trace = sandbox.base / "trace"
    wrapper = ("strace", "-f", "-o", str(trace), "-e", f"trace={call}")
    if number:
        wrapper += ("-e", f"inject={call}:error={error}:when={number}")
    result = sandbox.run("/bin/sh", "-c", "echo started > marker", wrapper=wrapper)
    return result, marker.exists(), "(INJECTED)" in trace.read_text(errors="replace")


@pytest.mark.parametrize("call", CALLS)
def test_a_refused_call_starts_nothing(sandbox, call):
    result, started, _ = attempt(sandbox, call, 0, "EPERM")
    assert (result.status, started) == (0, True), result  # the control: nothing fails
    failed = 0
    for number in range(1, CALLS[call] + 1):
        result, started, injected = attempt(sandbox, call, number, "EPERM")
        if not injected:
            break
        failed += 1
        if (call, number) in TOLERATED:
            assert (result.status, started) == (0, True), (number, result)
        elif call == "close_range" and result.status == 123:
            # Init's own last step comes after the start: then the session is lost, not refused.
            assert result.messages, (number, result)
        else:
            assert (result.status, started) == (125, False) and result.messages, (number, result)
    # The skeleton is entered by its path: a descriptor of it would cost a question to the supervisor.
    assert failed or (call == "fchdir" and sandbox.has_skeleton), "no call of this kind was made to fail"


def test_a_missing_landlock_is_named(sandbox):
    result, started, injected = attempt(sandbox, "landlock_create_ruleset", 1, "EOPNOTSUPP")
    assert injected and not started
    assert isinstance(result, Completed) and result.refused_by_mews("landlock")


def test_a_missing_namespace_is_named(sandbox):
    result, started, injected = attempt(sandbox, "clone3", 1, "EPERM")
    assert injected and not started
    assert result.refused_by_mews("namespaces", "clone3")
