"""Running programs so that none can hang a test or outlive it."""

import os
import signal
import subprocess
import time

from support.outcome import Completed

PATIENCE = 30


def execute(argv, *, env, cwd, stdin=subprocess.DEVNULL, text=None, timeout=PATIENCE, **options):
    """Runs `argv` to its end, in a session of its own; a run that outlasts `timeout` seconds fails the
    test."""
    if text is not None:
        stdin = subprocess.PIPE
    process = subprocess.Popen(
        argv,
        env=env,
        cwd=cwd,
        stdin=stdin,
        stdout=options.pop("stdout", subprocess.PIPE),
        stderr=options.pop("stderr", subprocess.PIPE),
        start_new_session=True,
        **options,
    )
    try:
        output, errors = process.communicate(text.encode() if text is not None else None, timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, errors = process.communicate()
        raise AssertionError(
            f"still running after {timeout} s: {argv}\nstdout: {output!r}\nstderr: {errors!r}"
        ) from None
    return Completed(tuple(map(str, argv)), process.returncode, decoded(output), decoded(errors))


def decoded(output):
    return (output or b"").decode("utf-8", "surrogateescape")


def processes_naming(token):
    """Live processes, zombies left out, whose arguments hold `token`: {pid: state and arguments}."""
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                arguments = file.read()
            with open(f"/proc/{name}/stat", "rb") as file:
                state = file.read().rpartition(b")")[2].split()[0]
        except OSError:
            continue
        if token.encode() in arguments and state not in (b"Z", b"X"):
            found[int(name)] = (state.decode(), arguments)
    return found


def wait_until(condition, what, seconds=PATIENCE):
    """Waits for a condition and gives its value; fails the test with `what` if it never comes."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain: {what}")
