"""gdb on a program that it starts: with `debug: true` as outside, and without it refused."""

import shutil
import subprocess
from pathlib import Path

import pytest

from place import Denied, Normalisation, Place, compare

HERE = Path(__file__).resolve().parent
PROFILE = "version: 1\nname: debugging\nextends: [workspace]\nprocess:\n  debug: true\n"
GDB = [
    "gdb", "-nx", "-batch", "-ex", "set debuginfod enabled off", "-ex", "break divide", "-ex", "run",
    "-ex", "print number", "-ex", "backtrace", "-ex", "finish", "-ex", "set variable answer = 7", "-ex", "continue",
    "-ex", "print answer", "-ex", "info registers rip", "-ex", "kill", "./crash"]
# The host's settings of the debugger aren't granted: each grant is a mount at each launch.
SETTINGS = Denied("file.denied", "gdb", "/etc/gdb/gdbinit.d")
NORMALISATIONS = [
    Normalisation(r"\[Inferior 1 \(process \d+\)", "[Inferior 1 (process N)", "a process number"),
    Normalisation(r"0x[0-9a-f]{6,}", "ADDRESS", "where the kernel put the program"),
]


def compile_program(place: Place) -> None:
    shutil.copy(HERE / "scripts/crash.c", place.workspace)
    subprocess.run(
        ["gcc", "-g", "-O0", "-o", "crash", "crash.c"], cwd=place.workspace, check=True, timeout=60)


@pytest.fixture(autouse=True)
def needed(needs):
    needs("gdb", "gcc")


def test_debug_lets_gdb_work_on_its_own_child(place):
    profile = place.home / "debugging.yaml"
    profile.write_text(PROFILE)
    outcome = compare(
        place, GDB, compile_program, options=["-p", str(profile)], normalisations=NORMALISATIONS,
        denied_reads=[SETTINGS] if Path("/etc/gdb/gdbinit.d").exists() else [])
    assert outcome.status == 0
    assert "Breakpoint 1, divide" in outcome.stdout and "SIGSEGV" in outcome.stdout
    assert "$1 = 42" in outcome.stdout and "$3 = 7" in outcome.stdout


def test_without_debug_gdb_cannot_trace_its_child(place):
    compile_program(place)
    outcome = place.inside(GDB)
    assert "Breakpoint 1, divide" not in outcome.stdout
    assert "ptrace: Operation not permitted" in outcome.stdout + outcome.stderr
    assert "Breakpoint 1, divide" in place.outside(GDB).stdout, "the control: outside gdb works"


def test_debug_does_not_reach_the_sandbox_s_init(place):
    profile = place.home / "debugging.yaml"
    profile.write_text(PROFILE)
    outcome = place.inside(
        ["gdb", "-nx", "-batch", "-p", "1", "-ex", "info registers rip"], options=["-p", str(profile)])
    assert "rip" not in outcome.stdout
    assert "Operation not permitted" in outcome.stdout + outcome.stderr
