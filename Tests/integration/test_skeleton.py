"""The skeleton: the root of the view as the supervisor answers for it, where the host has a FUSE device."""

import os
import pathlib
import shutil
import signal
import socket
import tempfile
import time

import pytest
from support.process import PATIENCE
from support.skips import SKELETON

STORM = """
import os, random, sys, time
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    path = random.choice(["/var/log", "/var/lib/dpkg/status", "/srv", "/root/none", "/etc/shadow", "/boot"])
    try:
        random.choice([os.stat, os.listdir, os.chdir, lambda p: os.close(os.open(p, os.O_RDONLY)),
                       lambda p: os.execv(p, ["x"])])(path)
    except OSError:
        pass
"""


@pytest.fixture
def skeleton(sandbox):
    """The sandbox, where its root is a skeleton; a host without a device has nothing to test here."""
    if not sandbox.has_skeleton:
        pytest.skip(SKELETON)
    mounts = sandbox.attempt(["mount_lines"]).value
    assert any(" / " in line and " - fuse mews " in line for line in mounts), mounts
    return sandbox


@pytest.fixture
def stranger(sandbox):
    """A directory in a place that no rule names, with a file, a program, a directory and a link in it."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix="mews-stranger-", dir=sandbox.home))
    (directory / "file").write_text("secret\n")
    shutil.copy("/bin/true", directory / "program")
    (directory / "deep").mkdir()
    (directory / "deep" / "file").write_text("secret\n")
    (directory / "link").symlink_to("deep/file")
    yield directory
    shutil.rmtree(directory)


def test_what_exists_outside_is_refused_and_what_does_not_does_not_exist(skeleton, control, stranger):
    there = [["read", str(stranger / name)] for name in ("file", "deep/file", "link")]
    control.succeeds(*there, ["listing", str(stranger)], ["run", str(stranger / "program")])
    for outcome in skeleton.attempt(*there, ["listing", str(stranger)], ["run", str(stranger / "program")]):
        assert outcome.refused("EACCES")
    for name in ("nothing", "deep/nothing", "nothing/nothing"):
        assert skeleton.attempt(["read", str(stranger / name)]).refused("ENOENT")


def test_a_directory_outside_can_be_walked_through_and_not_listed(skeleton, stranger):
    inside = skeleton.shell(f'cd "{stranger}/deep" && pwd -P && stat -c %a . && ls; cat file')
    assert inside.stdout == f"{stranger}/deep\n111\n"
    assert inside.stderr.count("Permission denied") == 2


def test_the_root_shows_what_is_in_the_view_and_nothing_else(skeleton):
    listed = skeleton.shell("ls -a /; find / -xdev >/dev/null && df -a >/dev/null && stat -f / >/dev/null")
    assert listed.status == 0, listed
    names = set(listed.stdout.split())
    assert {".", "..", "usr", "etc", "proc", "dev", "tmp"} <= names
    assert names & {"srv", "boot", "\x01"} == set()


def test_nothing_can_be_made_in_the_root_and_its_mounts_stay(skeleton):
    for outcome in skeleton.attempt(["make_directories", "/new"], ["write", "/etc/new"]):
        assert outcome.refused("EROFS")
    # Asking for a mount point exclusively makes the kernel look it up again.
    assert skeleton.shell("mkdir /usr /proc /etc/passwd; ls /usr && cat /etc/passwd /proc/self/comm").status == 0


def test_a_socket_outside_is_refused_also_through_a_link(skeleton, stranger, monkeypatch):
    with socket.socket(socket.AF_UNIX) as listener:
        # The path of a socket is short.
        monkeypatch.chdir(stranger)
        listener.bind("socket")
        listener.listen()
        (stranger / "way").symlink_to(stranger)
        script = (
            "import socket, sys\n"
            "try: socket.socket(socket.AF_UNIX).connect(sys.argv[1])\n"
            "except OSError as error: print(error.errno)\n"
        )
        found = skeleton.run("/usr/bin/python3", "-c", script, str(stranger / "way" / "socket"))
    assert found.stdout == "13\n"


def test_a_mask_can_be_looked_at_and_nothing_else(skeleton):
    secret = skeleton.workspace / "secret"
    secret.mkdir()
    (secret / "key").write_text("secret\n")
    (skeleton.workspace / ".env").write_text("secret\n")
    options = ("--deny", str(secret), "--deny", str(skeleton.workspace / ".env"))
    listed = skeleton.shell("ls -ld secret .env && ls -la >/dev/null", options=options)
    assert listed.status == 0 and "Permission denied" not in listed.stderr, listed
    acts = [
        ["read", ".env"],
        ["append", ".env"],
        ["change_mode", ".env", 0o600],
        ["listing", "secret"],
        ["read", "secret/key"],
        ["write", "secret/new"],
        ["make_directories", "secret/new"],
    ]
    for outcome in skeleton.attempt(*acts, options=options):
        assert outcome.refused("EACCES"), outcome
    assert skeleton.attempt(["read", "secret/nothing"], options=options).refused("ENOENT")
    assert sorted(os.listdir(secret)) == ["key"]


def test_a_handle_on_a_directory_outside_opens_nothing(skeleton, stranger):
    script = (
        "import os, sys\n"
        "handle = os.open(sys.argv[1], os.O_PATH)\n"
        "for name in ('.', 'file', 'deep', f'/proc/self/fd/{handle}'):\n"
        "    try: print(os.open(name, os.O_RDONLY, dir_fd=handle))\n"
        "    except OSError as error: print(error.errno)\n"
    )
    found = skeleton.run("/usr/bin/python3", "-c", script, str(stranger))
    assert found.stdout.split() == ["13"] * 4, found


def test_the_time_limit_holds_while_the_skeleton_is_hammered(skeleton):
    begin = time.monotonic()
    done = skeleton.run("/usr/bin/python3", "-c", STORM, "60", options=("--timeout", "1s"))
    assert done.status == 124
    assert time.monotonic() - begin < PATIENCE


def processes_with(word):
    """The processes with a word among their arguments, and their states; not those that have ended."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if word in (entry / "cmdline").read_text(errors="replace"):
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
                found += [] if state == "Z" else [(entry.name, state)]
        except OSError:
            continue
    return found


@pytest.mark.parametrize("stopped", [False, True])
def test_nothing_waits_for_answers_of_a_supervisor_that_was_killed(skeleton, stopped):
    # A second descriptor of the device anywhere would keep such a process waiting, and nobody could kill it.
    for delay in (0.002, 0.005, 0.05, 0.2, 0.3):
        token = skeleton.token()
        process = skeleton.start("/usr/bin/python3", "-c", STORM, "60", token)
        time.sleep(delay)
        if stopped:
            process.send_signal(signal.SIGSTOP)
            time.sleep(0.02)
        process.kill()
        process.wait(timeout=20)
        deadline = time.monotonic() + 5
        while (left := processes_with(token)) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert left == []
