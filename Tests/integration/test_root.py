"""Root: without capabilities it still owns what root owns, so nothing of root's may be in the view."""

import os
import pathlib
import pwd
import shutil
import stat
import tempfile

import pytest
from support.process import execute
from support.sandbox import is_root

pytestmark = pytest.mark.skipif(not is_root(), reason="about what only root can read")


def hidden_files(root):
    """Every regular file below `root` that others can't read."""
    for directory, directories, names in os.walk(root):
        directories[:] = [name for name in directories if not os.path.ismount(os.path.join(directory, name))]
        covered = not stat.S_IMODE(os.lstat(directory).st_mode) & stat.S_IXOTH
        for name in names:
            path = os.path.join(directory, name)
            mode = os.lstat(path).st_mode
            if stat.S_ISREG(mode) and (covered or not mode & stat.S_IROTH):
                yield path


@pytest.mark.parametrize("root", ["/etc", "/root", "/var/lib"])
def test_nothing_that_only_root_reads_is_readable(sandbox, control, root):
    """Measured: a mapped root without any capability reads /etc/shadow, because it owns it."""
    own = {str(sandbox.base), str(sandbox.payloads.parent)}
    paths = [path for path in hidden_files(root) if not any(path.startswith(directory) for directory in own)][
        :20000
    ]
    assert paths
    for start in range(0, len(paths), 500):
        some = paths[start : start + 500]
        assert len(control.succeeds(["unreadable", some])) == len(
            [path for path in some if os.path.exists(path)]
        )
        assert sandbox.attempt(["unreadable", some]).value == []


def test_shadow_is_not_even_there(sandbox, control):
    control.succeeds(["read", "/etc/shadow"])
    assert sandbox.attempt(["read", "/etc/shadow"]).refused("ENOENT", "EACCES")


def test_the_passwd_file_inside_is_mewss_own(sandbox, control):
    assert "daemon:" in control.succeeds(["read", "/etc/passwd"])
    assert sandbox.attempt(["read", "/etc/passwd"]).value.count("\n") <= 3


@pytest.mark.parametrize("name", ["null", "zero", "full", "random", "urandom", "tty"])
def test_the_hosts_devices_stay_as_they_are(sandbox, name):
    """They belong to root: `chmod 600 /dev/null` inside took it from everybody outside. The mode here is the one that
    it has, so that a failing test does no harm."""
    device = f"/dev/{name}"
    mode = f"{stat.S_IMODE(os.stat(device).st_mode):o}"
    os.chmod(device, int(mode, 8))
    for change in (["chmod", mode, device], ["chown", "0:0", device], ["touch", "-c", device]):
        assert "Read-only file system" in sandbox.run(*change).stderr, change


def test_the_devices_can_be_used_all_the_same(sandbox):
    script = "echo gone > /dev/null && head -c 3 /dev/zero | wc -c && head -c 1 /dev/urandom > /dev/null"
    used = sandbox.run("sh", "-c", script)
    assert (used.status, used.stdout.strip()) == (0, "3")


@pytest.fixture
def owner():
    """An ordinary user of this machine, with a workspace of its own."""
    user = next((entry for entry in pwd.getpwall() if 1000 <= entry.pw_uid < 60000), pwd.getpwnam("nobody"))
    place = pathlib.Path(tempfile.mkdtemp(prefix="mews-case-", dir="/var/tmp"))
    workspace = place / "project"
    workspace.mkdir()
    for path in (place, workspace):
        path.chmod(0o755)
        os.chown(path, user.pw_uid, user.pw_gid)
    yield user, workspace
    shutil.rmtree(place)


def test_with_another_users_workspace_root_becomes_that_user(sandbox, control, owner):
    user, workspace = owner
    script = "id -u; id -g; echo text > made"
    argv = [sandbox.mews, "run", "--workspace", str(workspace), "--", "/bin/sh", "-c", script]
    result = execute(argv, env=sandbox.environment | {"HOME": str(workspace.parent)}, cwd=workspace)
    assert (result.status, result.stdout) == (0, f"{user.pw_uid}\n{user.pw_gid}\n"), result
    assert any(str(user.pw_uid) in message or user.pw_name in message for message in result.messages)
    assert (workspace / "made").stat().st_uid == user.pw_uid
    assert control.run("/usr/bin/id", "-u").stdout == "0\n"


def test_then_nothing_of_roots_is_readable_either(sandbox, owner):
    _, workspace = owner
    argv = [
        sandbox.mews,
        "run",
        "--workspace",
        str(workspace),
        "--",
        "/bin/sh",
        "-c",
        "cat /etc/shadow /root/.bashrc",
    ]
    result = execute(argv, env=sandbox.environment, cwd=workspace)
    assert result.stdout == ""
    assert result.status != 0


def test_root_inside_changes_no_owner(sandbox, control):
    (sandbox.workspace / "file").write_text("")
    command = ["run", "/bin/chown", "65534", "file"]
    assert control.succeeds(command, cwd=control.copy())["status"] == 0
    assert sandbox.attempt(command).value["status"] != 0
    assert (sandbox.workspace / "file").stat().st_uid == 0
