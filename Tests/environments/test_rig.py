"""An environment is what its description says; otherwise the table would tell of others."""

import os
import subprocess

import pytest

from support.environment import PATIENCE, Place, made_here, maker, ordinary_user, wrapper

ALONE = {"namespaces": ["mount", "pid"]} if maker() == "root" else {"namespaces": ["user", "mount", "pid"], "map": "same"}


def run(description, script):
    return subprocess.run(
        [*wrapper(description), "/bin/sh", "-c", script], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=PATIENCE, check=False)


@pytest.mark.parametrize(("addition", "script", "refusal"), [
    ({"refuse": {"sets": ["docker"]}}, "unshare --user true", "Operation not permitted"),
    ({"refuse": {"EACCES": ["mount"]}}, "unshare -Urm mount -t tmpfs none /mnt", "ermission denied"),
    ({"proc": "masked"}, "unshare -Urmpf mount -t proc proc /proc", "ermission denied"),
    ({"read-only": ["/var/tmp"]}, "touch /var/tmp/mews-rig-$$ && rm /var/tmp/mews-rig-$$", "Read-only file system"),
    ({"hide": ["/dev/zero"]}, "test $(head -c 3 /dev/zero | wc -c) = 3", ""),
    ({"proc": "none"}, "test -e /proc/self/status", ""),
    ({"root": "container"}, "test -e /dev/fuse -o -e /run/lock", ""),
], ids=lambda value: str(value)[:40])
def test_what_is_refused_works_without_it(addition, script, refusal):
    if "container" in str(addition) and not (os.path.exists("/dev/fuse") or os.path.exists("/run/lock")):
        pytest.skip("there is neither outside")
    control = run(ALONE, script)
    assert control.returncode == 0, control
    refused = run(ALONE | addition, script)
    assert refused.returncode not in (0, 100), refused
    assert refusal in refused.stderr, refused


def test_noexec_holds(tmp_path):
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o755)
    # pytest's directory lies below /tmp, which is what the environment mounts so.
    place = str(tmp_path)
    assert run(ALONE, str(program)).returncode == 0
    assert run(ALONE | {"noexec": [place]}, str(program)).returncode == 126


def test_the_status_is_the_programs():
    assert run(ALONE, "exit 7").returncode == 7
    assert run({}, "kill -TERM $$").returncode == -15
    assert run(ALONE, "kill -TERM $$").returncode == 128 + 15


@pytest.mark.parametrize("description", [{"nonsense": 1}, {"switches": {"user/nothing": "0"}}])
def test_what_it_does_not_understand_it_does_not_make(description):
    result = run(ALONE | description, "echo ran")
    assert (result.returncode, result.stdout) == (100, "")
    assert result.stderr.startswith("make.py: ")


@pytest.mark.parametrize("first", [False, True])
def test_the_program_is_process_1_when_it_is_to_be(first):
    result = run(ALONE | {"first-process": first}, "echo $$")
    assert (result.stdout == "1\n") is first


def test_nothing_of_it_is_left():
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        before = file.read()
    assert run(ALONE | {"root": "container", "proc": "masked"}, "true").returncode == 0
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        assert file.read() == before


@pytest.mark.skipif(maker() != "root", reason="about what root makes")
class TestAsRoot:
    def test_capabilities_are_those_that_are_kept(self):
        line = "grep -E '^Cap(Prm|Eff|Bnd)' /proc/self/status | sort -u -k2"
        result = run({"keep-capabilities": ["docker"]}, line)
        # As `docker run debian grep Cap /proc/self/status` prints it.
        assert {entry.split()[1] for entry in result.stdout.splitlines()} == {"00000000a80425fb"}

    def test_a_switch_is_that_of_the_namespace(self):
        with open("/proc/sys/user/max_user_namespaces", encoding="utf-8") as file:
            before = file.read()
        description = {"namespaces": ["user"], "map": "all", "switches": {"user/max_user_namespaces": "0"}}
        result = run(description, "cat /proc/sys/user/max_user_namespaces; unshare -U true")
        assert result.stdout == "0\n" and "No space left" in result.stderr
        with open("/proc/sys/user/max_user_namespaces", encoding="utf-8") as file:
            assert file.read() == before

    def test_the_program_runs_as_the_user_without_groups(self):
        user = ordinary_user()
        result = run({"user": user.pw_uid}, "id -u; id -g; id -G; grep -c 0000000000000000 /proc/self/status")
        assert result.stdout.split()[:3] == [str(user.pw_uid)] * 3


def test_every_environment_can_be_made_here(prefix):
    for entry in made_here():
        place = Place(entry, prefix)
        try:
            within = entry.pop("within", None)
            result = place.execute("/bin/sh", "-c", "id -u")
            expected = {"ordinary": place.user.pw_uid, "root": 0, "root-inside": 0}[entry["user"]]
            assert result.stdout == f"{expected}\n", (entry["name"], within, result)
        finally:
            place.remove()
