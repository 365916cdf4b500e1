"""Every system call outside and inside: where the answers differ, a line of sweep/differences.yaml says why."""

import pathlib
import platform
import subprocess

import pytest
import yaml
from support.sandbox import is_root

HERE = pathlib.Path(__file__).resolve().parent / "sweep"
WHO = "root" if is_root() else "user"

pytestmark = pytest.mark.skipif(
    platform.machine() != "x86_64", reason="the table of calls is that of x86-64"
)


@pytest.fixture(scope="module")
def sweep(programs):
    program = programs / "sweep"
    subprocess.run(
        ["gcc", "-O1", "-static", "-o", program, HERE / "sweep.c", HERE / "attempts.c", "-lseccomp"],
        check=True,
        timeout=120,
    )
    return str(program)


def answers(completed):
    assert completed.status == 0, completed.stderr
    lines = [line.rpartition(": ") for line in completed.stdout.splitlines()]
    found = {case: answer for case, _, answer in lines}
    assert len(found) == len(lines), "two cases have one name"
    return found


def explained():
    """What is expected to differ: {case: (outside, inside)}."""
    expected = {}
    for group in yaml.safe_load((HERE / "differences.yaml").read_text(encoding="utf-8")):
        assert group["because"].strip()
        for change, cases in group.get(WHO, {}).items():
            outside, inside = change.split(" -> ")
            for case in cases:
                assert case not in expected, f"{case} is explained twice"
                expected[case] = (outside, inside)
    return expected


def is_as_expected(outside, inside, expected):
    """Inside the answer has to be the one that is written down. Outside another kernel may have another one, a call
    that it was built without above all; then there may be no difference at all."""
    if outside == inside:
        return expected is None or outside != expected[0]
    return expected is not None and inside == expected[1]


def test_every_difference_is_explained(sandbox, control, sweep):
    outside = answers(control.run(sweep, timeout=300))
    inside = answers(sandbox.run(sweep, options=("--quiet",), timeout=300))
    assert list(outside) == list(inside)
    assert len(outside) > 1300
    assert "waits" not in set(outside.values()) | set(inside.values())
    expected = explained()
    assert not set(expected) - set(outside), "explained, and never tried"
    unexplained = {
        case: (outside[case], inside[case], expected.get(case))
        for case in outside
        if not is_as_expected(outside[case], inside[case], expected.get(case))
    }
    assert not unexplained


def test_a_difference_that_nobody_explains_fails():
    """The comparison itself: a call that is let through though a refusal is written down, refused otherwise, or refused
    though nothing is written down."""
    refusal = ("ok", "EPERM")
    assert is_as_expected("ok", "EPERM", refusal)
    assert is_as_expected("ENOSYS", "EPERM", refusal)
    assert is_as_expected("ok", "ok", None)
    assert not is_as_expected("ok", "ok", refusal)
    assert not is_as_expected("ok", "ENOSYS", refusal)
    assert not is_as_expected("ok", "EPERM", None)
    assert not is_as_expected("EFAULT", "ok", refusal)
