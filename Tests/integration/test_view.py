"""The view: only what the profile grants is there, and nothing in it can be undone from inside."""

import os
import pathlib
import shutil
import tempfile

import pytest
from support.outcome import OUTSIDE_THE_VIEW, READ_ONLY
from support.sandbox import AS_NAMESPACE_ROOT, is_root, owns_the_kernel

NEW_USER_NAMESPACE = 0x10000000


@pytest.fixture(params=["home", "var-tmp", "tmp"])
def stranger(request, sandbox):
    """A directory that no rule names, holding a secret that the caller's own user may read."""
    parent = {"home": sandbox.home, "var-tmp": "/var/tmp", "tmp": "/tmp"}[request.param]
    directory = pathlib.Path(tempfile.mkdtemp(prefix="mews-stranger-", dir=parent))
    (directory / "secret").write_text("secret\n")
    yield directory
    shutil.rmtree(directory)


def test_fs_read_outside(sandbox, control, stranger):
    path = str(stranger / "secret")
    acts = [["read", path], ["look", path], ["listing", str(stranger)]]
    control.succeeds(*acts)
    for outcome in sandbox.attempt(*acts):
        assert outcome.refused(*OUTSIDE_THE_VIEW)


def test_fs_read_nonexistent(sandbox, control):
    for path in (str(sandbox.outside / "nothing"), "/opt/mews-nothing/here", "/usr/mews-nothing", "nothing"):
        assert control.attempt(["read", path]).refused("ENOENT")
        assert sandbox.attempt(["read", path]).refused("ENOENT")


def test_a_granted_directory_is_read_and_its_neighbours_are_not(sandbox, control):
    granted, neighbour = sandbox.base / "granted", sandbox.base / "granted-not"
    for directory in (granted, neighbour):
        directory.mkdir()
        (directory / "file").write_text(directory.name)
    acts = [["read", str(granted / "file")], ["read", str(neighbour / "file")]]
    control.succeeds(*acts)
    inside, beside = sandbox.attempt(*acts, options=("--read", str(granted)))
    assert inside.value == "granted"
    assert beside.refused(*OUTSIDE_THE_VIEW)


def test_fs_write_ro_bind(sandbox, control):
    granted = sandbox.base / "granted"
    granted.mkdir()
    (granted / "file").write_text("kept\n")
    acts = [
        ["write", "new"],
        ["append", "file"],
        ["truncate", "file"],
        ["change_times", "file"],
        ["change_mode", "file", 0o600],
        ["set_attribute", "file"],
        ["hard_link", "file", "other"],
        ["symbolic_link", "file", "link"],
        ["make_directories", "directory"],
        ["rename", "file", "renamed"],
    ]
    control.succeeds(*acts, cwd=control.copy(granted))
    before = (granted / "file").stat()
    for outcome in sandbox.attempt(*acts, options=("--read", str(granted), "--cwd", str(granted))):
        assert outcome.refused(*READ_ONLY)
    assert sorted(os.listdir(granted)) == ["file"]
    assert (granted / "file").stat().st_ctime_ns == before.st_ctime_ns


@pytest.mark.parametrize(
    "path", ["/usr/mews-case", "/usr/bin/mews-case", "/etc/mews-case", "/mews-case", "/dev/mews-case"]
)
def test_no_file_can_be_made_in_a_system_directory(sandbox, control, path):
    if is_root():
        # Outside, root does it: the file is taken away again at once.
        control.succeeds(["touch", path], ["unlink", path])
    # An ordinary user can't do it outside either; that the sandbox refuses by itself is what root's run
    # shows.
    assert sandbox.attempt(["touch", path]).refused(*READ_ONLY)
    assert not os.path.exists(path)


@pytest.mark.parametrize("path", ["/etc/hosts", "/etc/passwd", "/usr/bin/env"])
def test_no_system_file_can_be_opened_for_writing(sandbox, control, path):
    if is_root():
        control.succeeds(["open_for_writing", path])
    # As above: for a user the owner of the file refuses outside as well.
    assert sandbox.attempt(["open_for_writing", path]).refused(*READ_ONLY)


def test_fs_write_cwd_parent(sandbox, control):
    acts = [["write", "../x"], ["make_directories", "../y/z"], ["symbolic_link", "x", "../l"]]
    control.succeeds(*acts, cwd=control.copy())
    for outcome in sandbox.attempt(*acts):
        assert outcome.refused(*READ_ONLY)
    assert not {"x", "y", "l"} & set(os.listdir(sandbox.home))


@pytest.mark.parametrize(
    "start", [".", "/proc/self/cwd", "/proc/self/root", "/proc/self/fd/9", "/proc/1/root", "/proc/1/cwd"]
)
def test_fs_proc_cwd_fd(sandbox, control, start):
    secret = str(sandbox.outside / "secret")
    if start.startswith("/proc/1/"):
        # Outside, process 1 is the host's; what stands for it is another process of the caller's own.
        own = start.replace("/proc/1/", f"/proc/{os.getpid()}/")
        assert control.succeeds(["climb", own, secret]) == "secret\n"
    elif start == "/proc/self/fd/9":
        control.succeeds(["climb", ".", secret])
    else:
        assert control.succeeds(["climb", start, secret]) == "secret\n"
    assert sandbox.attempt(["climb", start, secret]).refused(*OUTSIDE_THE_VIEW)


def test_fs_hardlink_in(sandbox, control):
    granted = sandbox.base / "granted"
    granted.mkdir()
    (granted / "file").write_text("granted\n")
    acts = [
        ["hard_link", str(sandbox.home / ".ssh" / "id_rsa"), "key"],
        ["hard_link", str(sandbox.outside / "secret"), "secret"],
        ["hard_link", str(granted / "file"), "file"],
    ]
    control.succeeds(*acts, cwd=control.copy())
    key, secret, file = sandbox.attempt(*acts, options=("--read", str(granted)))
    assert key.refused(*OUTSIDE_THE_VIEW)
    assert secret.refused(*OUTSIDE_THE_VIEW)
    # A link to a read-only file in a writable directory would be a way to change its mode and times.
    assert file.refused("EXDEV", "EROFS", "EACCES", "EPERM")


def test_fs_nested_deny(sandbox, control):
    secrets = sandbox.workspace / "area" / "secrets"
    secrets.mkdir(parents=True)
    (secrets / "key").write_text("secret\n")
    (sandbox.workspace / ".env").write_text("TOKEN=secret\n")
    acts = [
        ["read", ".env"],
        ["append", ".env"],
        ["read", "area/secrets/key"],
        ["look", "area/secrets/key"],
        ["listing", "area/secrets"],
        ["hard_link", ".env", "linked"],
        ["write", "area/secrets/new"],
        ["rename", "area/secrets", "area/open"],
        ["rename", "area", "other"],
        ["rename", ".env", "env"],
        ["remove_tree", "other/open"],
    ]
    control.succeeds(*acts, cwd=control.copy())
    profile = sandbox.profile('filesystem:\n  deny: ["${workspace}/.env", "${workspace}/area/secrets"]\n')
    (read, append, key, look, listing, link, write, inner, outer, file, _) = sandbox.attempt(
        *acts, profile=profile
    )
    for outcome in (read, append, key, look, listing):
        assert outcome.refused("EACCES")
    assert link.refused("EXDEV", "EROFS", "EACCES", "EPERM")
    assert write.refused(*READ_ONLY)
    for outcome in (inner, outer, file):
        assert outcome.refused("EBUSY")
    assert (secrets / "key").read_text() == "secret\n"


def test_a_mask_holds_against_every_way_to_name_it(sandbox, control):
    (sandbox.workspace / "a" / "secrets").mkdir(parents=True)
    (sandbox.workspace / "a" / "secrets" / "key").write_text("secret\n")
    original = control.copy()
    scripts = [
        "cat a/secrets/key",
        "cat ./a/../a/secrets/key",
        "cd a && cat secrets/key",
        "cat /proc/self/cwd/a/secrets/key",
        "ln -s a/secrets l && cat l/key",
        "exec 3<a && cat /proc/self/fd/3/secrets/key",
        "cp -a a copy && cat copy/secrets/key",
        "tar cf t.tar a && tar xOf t.tar a/secrets/key",
        "grep -r secret a | grep secret",
    ]
    profile = sandbox.profile('filesystem:\n  deny: ["${workspace}/**/secrets"]\n')
    for script in scripts:
        assert "secret" in control.run("/bin/sh", "-c", script, cwd=control.copy(original)).stdout
        assert "secret" not in sandbox.shell(script, profile=profile).stdout.replace("secrets", "")


def test_fs_grant_below_deny(sandbox, control):
    tool = sandbox.home / ".config" / "tool"
    tool.mkdir(parents=True)
    profile = sandbox.profile("filesystem:\n  deny: [~/.config]\n  read: [~/.config/tool]\n")
    control.succeeds(["listing", str(tool)])
    result = sandbox.run("/bin/true", profile=profile)
    assert result.refused_by_mews(f"{profile.name}:5:", f"{profile.name}:6:")


def test_fs_umount_mask(sandbox, control):
    (sandbox.workspace / "secret").mkdir()
    profile = sandbox.profile('filesystem:\n  deny: ["${workspace}/secret"]\n')
    paths = [
        "/proc/kcore",
        "/proc",
        "/dev",
        "/tmp",
        str(sandbox.workspace / "secret"),
        str(sandbox.workspace),
    ]
    # The control needs a privilege over some mount namespace: a user namespace of its own has it.
    tmpfs = ["mount", "none", "secret", "tmpfs", 0]
    control.succeeds(tmpfs, ["unmount", "secret"], wrapper=AS_NAMESPACE_ROOT)
    for outcome in sandbox.attempt(*[["unmount", path] for path in paths], profile=profile):
        assert outcome.refused("EPERM")
    (sandbox.workspace / "secret" / "key").write_text("secret\n")
    assert sandbox.attempt(["read", "secret/key"], profile=profile).refused("EACCES")


def test_fs_new_mount(sandbox, control):
    bind, recursive = 0x1000, 0x4000
    acts = [
        ["mount", "none", "place", "tmpfs", 0],
        ["mount", ".", "place", None, bind | recursive],
        ["mount", "proc", "place", "proc", 0],
        ["clone_tree", "."],
        ["call", "fsopen", "tmpfs", 0],
    ]
    (sandbox.workspace / "place").mkdir()
    control.succeeds(*acts, wrapper=AS_NAMESPACE_ROOT)
    *old, tree, context = sandbox.attempt_as_namespace_root(*acts)
    for outcome in old:
        assert outcome.refused("EPERM")
    assert tree.refused("EPERM", "ENOSYS")
    assert context.refused("EPERM", "ENOSYS")


@pytest.mark.parametrize(
    "name", ["open_tree", "move_mount", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr"]
)
def test_the_new_mount_calls_are_not_there(sandbox, control, name):
    """ENOSYS lets programs fall back (CVE-2021-41133: flatpak's filter forgot these calls)."""
    assert not control.attempt(["call", name, -1, -1, 0, 0, 0]).refused("ENOSYS")
    assert sandbox.attempt(["call", name, -1, -1, 0, 0, 0]).refused("ENOSYS", "EPERM")


def test_fs_userns_limit_reset(sandbox, control):
    path = "/proc/sys/user/max_user_namespaces"
    acts = [["write", path, "100"], ["clone_namespace", NEW_USER_NAMESPACE], ["unshare", NEW_USER_NAMESPACE]]
    control.succeeds(*acts, wrapper=AS_NAMESPACE_ROOT)
    write, cloned, unshared = sandbox.attempt_as_namespace_root(*acts)
    assert write.refused(*READ_ONLY)
    assert unshared.refused("EPERM", "ENOSPC")
    assert cloned.refused("EPERM", "ENOSPC")
    assert sandbox.attempt(["read", path]).value == "0\n"


def test_fs_chroot_escape(sandbox, control):
    (sandbox.workspace / "x").mkdir()
    control.succeeds(["chroot", "x"], wrapper=AS_NAMESPACE_ROOT)
    assert sandbox.attempt_as_namespace_root(["chroot", "x"]).refused("EPERM")


def test_fs_device_node(sandbox, control):
    acts = [["make_node", "disk", "block", 8, 0], ["make_node", "null2", "character", 1, 3]]
    if owns_the_kernel():
        # An ordinary user can't make one outside either, in no namespace: only root's control can succeed.
        control.succeeds(*acts, cwd=control.copy())
    for outcome in sandbox.attempt(*acts):
        assert outcome.refused("EPERM")
    assert not (sandbox.workspace / "disk").exists()


@pytest.mark.skipif(not owns_the_kernel(), reason="only root can put a device node into a workspace")
def test_a_device_node_that_lies_in_the_workspace_does_not_open(sandbox, control):
    os.mknod(sandbox.workspace / "zero", 0o020666, os.makedev(1, 5))
    assert control.succeeds(["read_device", "zero"]) == 16
    assert sandbox.attempt(["read_device", "zero"]).refused("EACCES")


def test_fs_whiteout_mknod(sandbox, control):
    """A character device 0:0 is a whiteout to overlayfs, and makes one without privilege since Linux 5.8."""
    control.succeeds(["make_node", "w", "character", 0, 0], cwd=control.copy())
    assert sandbox.attempt(["make_node", "w", "character", 0, 0]).refused("EPERM")


def test_a_fifo_can_be_made(sandbox, control):
    control.succeeds(["make_node", "f", "fifo", 0, 0], cwd=control.copy())
    assert sandbox.attempt(["make_node", "f", "fifo", 0, 0]).ok


def test_fs_oldroot_visible(sandbox, control):
    names = ["/oldroot", "/newroot", "/.oldroot", "/tmp/oldroot", "/tmp/newroot", "/put_old"]
    for outcome in sandbox.attempt(*[["listing", name] for name in names]):
        assert outcome.refused("ENOENT")

    def whole_disks(lines):
        fields = [line.split() for line in lines]
        root = f"{os.major(os.stat('/').st_dev)}:{os.minor(os.stat('/').st_dev)}"
        return [field[4] for field in fields if field[2] == root and field[3] == "/"]

    # The file system that is the host's root is mounted as a whole outside, and in there only the granted
    # parts.
    assert "/" in whole_disks(control.succeeds(["mount_lines"]))
    assert whole_disks(sandbox.attempt(["mount_lines"]).value) == []


def test_the_mount_table_names_nothing_that_was_not_granted(sandbox, control):
    def mount_points(lines):
        return {line.split()[4] for line in lines}

    outside, inside = control.succeeds(["mount_lines"]), sandbox.attempt(["mount_lines"]).value
    assert str(sandbox.workspace) in mount_points(inside)
    assert "/sys" in mount_points(outside) - mount_points(inside)
    for absent in ("oldroot", str(sandbox.outside), str(sandbox.base / "profiles"), "/sys/fs/bpf"):
        assert absent not in "\n".join(inside)


def test_fs_tmp_isolation(sandbox, control):
    created = []
    for parent in ("/tmp", "/var/tmp", "/dev/shm"):
        directory = pathlib.Path(tempfile.mkdtemp(prefix="ssh-", dir=parent))
        (directory / "agent.1").write_text("secret\n")
        created.append(directory)
    try:
        acts = [["read", str(directory / "agent.1")] for directory in created]
        control.succeeds(*acts)
        for outcome in sandbox.attempt(*acts):
            assert outcome.refused(*OUTSIDE_THE_VIEW)
        assert sandbox.attempt(["listing", "/tmp"]).value == []
        name = f"/tmp/{sandbox.token()}"
        assert sandbox.attempt(["write", name], ["read", name])[1].ok
        assert not os.path.exists(name)
    finally:
        for directory in created:
            shutil.rmtree(directory)


@pytest.mark.parametrize("path", ["/tmp/full", "/dev/shm/full"])
def test_fs_tmp_fill(sandbox, control, path):
    profile = sandbox.profile("filesystem:\n  tmp: 4MiB\n")
    assert control.succeeds(["fill", path, 16]) == 16
    assert sandbox.attempt(["fill", path, 2], profile=profile).ok
    assert sandbox.attempt(["fill", path, 16], profile=profile).refused("ENOSPC")


@pytest.mark.parametrize(
    "path", ["/full", "/run/full", "/dev/full-file", "/var/full", "/home/full", "/usr/full"]
)
def test_nothing_but_the_granted_places_can_be_filled(sandbox, path):
    # No control: an ordinary user can't write there outside either, and root must not fill the host's.
    assert sandbox.attempt(["fill", path, 64]).refused("EROFS", "EACCES", "ENOENT")


def test_the_number_of_files_in_tmp_is_limited_too(sandbox, control):
    directory = f"/tmp/{sandbox.token()}"
    try:
        assert control.succeeds(["many_files", directory, 20000]) == 20000
    finally:
        shutil.rmtree(directory)
    profile = sandbox.profile("filesystem:\n  tmp: 1MiB\n")
    assert sandbox.attempt(["many_files", directory, 20000], profile=profile).refused("ENOSPC")


def test_fs_ws_disk_fill(sandbox, control):
    """The workspace is the host's disk; what bounds it is the largest size of one file."""
    profile = sandbox.profile("process:\n  limits: {file-size: 1MiB}\n")
    assert control.succeeds(["fill", "large", 2]) == 2
    assert sandbox.attempt(["fill", "large", 1], profile=profile).value == 1
    assert sandbox.attempt(["fill", "large", 2], profile=profile).refused("EFBIG")
