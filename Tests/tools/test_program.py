"""What the launcher is made of: one static file, no Foundation, one thread when it clones.

Each test has a control on something of which the opposite is true, so that a tool which finds nothing is noticed.
"""

import os
import re
import subprocess
import sys

import pytest

from checkout import TIME_LIMIT

NEEDS_A_LOADER = "Requesting program interpreter"
# Parts of the names of Foundation's types and functions, and of the libraries below it.
FOUNDATION = [b"FoundationEssentials", b"_FoundationICU", b"CoreFoundation", b"NSJSONSerialization"]
NEW_USER_NAMESPACE = "CLONE_NEWUSER"


def launcher(prefix):
    return prefix / "bin" / "mews"


def tools(prefix):
    return prefix / "libexec" / "mews" / "mews-tools"


def read_program_headers(file):
    return subprocess.run(
        ["readelf", "-lW", file], capture_output=True, text=True, check=True, timeout=TIME_LIMIT).stdout


def test_the_launcher_needs_no_loader(prefix):
    assert NEEDS_A_LOADER not in read_program_headers(launcher(prefix))
    assert NEEDS_A_LOADER in read_program_headers(tools(prefix))


def test_the_launcher_needs_no_library(prefix):
    def libraries(file):
        return subprocess.run(["ldd", file], capture_output=True, text=True, timeout=TIME_LIMIT)

    static = libraries(launcher(prefix))
    assert static.returncode == 1 and "not a dynamic executable" in static.stderr
    assert "libc.so" in libraries(tools(prefix)).stdout


def test_the_launcher_holds_no_foundation(prefix):
    def found(file):
        content = file.read_bytes()
        return [name for name in FOUNDATION if name in content]

    assert found(launcher(prefix)) == []
    assert b"FoundationEssentials" in found(tools(prefix))


def calls(home, *command):
    """The clones and execs of a command, until the first new user namespace, in order."""
    trace = home.path / "trace"
    result = home.run("strace", "-f", "-qq", "-o", str(trace), "-e", "trace=clone,clone3,fork,vfork,execve", *command)
    found = []
    for line in trace.read_text().splitlines():
        match = re.match(r"\d+ +(clone3?|fork|vfork|execve)\(", line)
        if match:
            found.append(line)
            if NEW_USER_NAMESPACE in line:
                return result, found
    return result, found


def begets(lines):
    """Those that make a thread or a process."""
    return [line for line in lines if "execve(" not in line]


def test_there_is_one_thread_until_the_namespaces_are_made(home):
    result, found = calls(home, str(launcher(home.prefix)), "run", "--", "true")
    # strace sees the request; whether the traced child may go on inside is no matter here.
    assert found, result
    assert len(begets(found)) == 1 and NEW_USER_NAMESPACE in found[-1], found


def test_a_thread_before_that_would_be_seen(home):
    """The control: a program that starts a thread and then asks for a user namespace."""
    script = (
        "import ctypes, threading\n"
        "thread = threading.Thread(target=print); thread.start(); thread.join()\n"
        "ctypes.CDLL(None).clone(None, None, 0x10000000, None)\n"
        "import subprocess; subprocess.run(['unshare', '-U', 'true'])\n")
    _, found = calls(home, sys.executable, "-c", script)
    assert any("CLONE_THREAD" in line for line in begets(found)), found


def test_the_doctor_has_one_thread_when_it_tries_the_layers(home):
    _, found = calls(home, str(launcher(home.prefix)), "doctor")
    assert found and NEW_USER_NAMESPACE in found[-1]
    assert not any("CLONE_THREAD" in line for line in found)


@pytest.mark.parametrize("name", ["bin/mews", "libexec/mews/mews-tools"])
def test_no_debug_information_is_installed(prefix, name):
    sections = subprocess.run(
        ["readelf", "-SW", prefix / name], capture_output=True, text=True, check=True, timeout=TIME_LIMIT).stdout
    assert ".text" in sections
    assert ".symtab" not in sections and ".debug_info" not in sections


def test_only_what_is_meant_to_run_is_executable(prefix):
    modes = {
        str(file.relative_to(prefix)): file.stat().st_mode & 0o777
        for directory in ("bin", "libexec/mews", "share/mews") for file in (prefix / directory).rglob("*")
        if file.is_file()
    }
    assert modes.pop("bin/mews") == 0o755
    assert modes.pop("libexec/mews/mews-tools") == 0o755
    profiles = {name: mode for name, mode in modes.items() if name.startswith("share/mews/profiles/")}
    assert profiles and set(profiles.values()) == {0o644}
    assert os.access(prefix / "share" / "mews" / "profiles" / "workspace.yaml", os.R_OK)
