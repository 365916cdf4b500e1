"""The view: odd names, odd places of the workspace, and mounts that come and go while a command runs."""

import os
import pathlib
import shutil
import tempfile

import pytest
from support.outcome import OUTSIDE_THE_VIEW
from support.sandbox import OWN_MOUNTS

ODD_NAMES = {
    "newline": "a\nb",
    "colon": "a:b",
    "comma": "a,b",
    "backslash": "a\\b",
    "space": " a b ",
    "tab": "a\tb",
    "quote": "a\"'b",
    "percent": "%s%n",
    "dollar": "${workspace}",
    "star": "*",
    "dash": "-rf",
    "not-utf-8": "a\udcff\udc80b",
    "escape": "a\x1b[31mb",
    "octal": "a\\040b",
    "longest": "n" * 255,
    "hash": "#x",
    "utf-8": "µ✓",
    "tilde": "~root",
}


# In a grant `*` is a pattern: that it matches is the next case.
@pytest.mark.parametrize("name", [name for name in ODD_NAMES.values() if name != "*"], ids=ascii)
def test_fs_special_names(sandbox, control, name):
    granted, neighbour = sandbox.base / "odd" / name, sandbox.base / "odd" / "other"
    for directory in (granted, neighbour):
        directory.mkdir(parents=True)
        (directory / "file").write_text("in " + ascii(directory.name))
    acts = [["read", str(granted / "file")], ["read", str(neighbour / "file")]]
    control.succeeds(*acts)
    inside, beside = sandbox.attempt(*acts, options=("--read", str(granted)))
    assert inside.value == "in " + ascii(name)
    assert beside.refused(*OUTSIDE_THE_VIEW)


def test_a_star_matches_within_one_component(sandbox, control):
    for name in ("a1/file", "a2/file", "a2/below/file", "b/file"):
        (sandbox.base / "odd" / name).parent.mkdir(parents=True, exist_ok=True)
        (sandbox.base / "odd" / name).write_text("text")
    acts = [
        ["read", str(sandbox.base / "odd" / name)]
        for name in ("a1/file", "a2/file", "a2/below/file", "b/file")
    ]
    control.succeeds(*acts)
    one, two, below, other = sandbox.attempt(
        *acts, options=("--read", str(sandbox.base / "odd" / "a*" / "file"))
    )
    assert one.ok and two.ok
    assert below.refused(*OUTSIDE_THE_VIEW)
    assert other.refused(*OUTSIDE_THE_VIEW)


@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES.keys())
def test_a_workspace_may_have_an_odd_name(sandbox, control, name):
    workspace = sandbox.base / "odd" / name
    workspace.mkdir(parents=True)
    acts = [["write", "file", "text"], ["read", "file"]]
    control.succeeds(*acts, cwd=control.copy(workspace))
    assert sandbox.attempt(*acts, options=("--workspace", str(workspace)), cwd=workspace)[1].value == "text"
    assert (workspace / "file").read_text() == "text"


@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES.keys())
def test_a_denied_path_may_have_an_odd_name(sandbox, control, name):
    (sandbox.workspace / name).write_text("secret\n")
    control.succeeds(["read", name], ["read", str(sandbox.workspace / name)])
    for outcome in sandbox.attempt(
        ["read", name], ["append", name], ["unlink", name], options=("--deny", str(sandbox.workspace / name))
    ):
        assert outcome.refused("EACCES", "EBUSY")
    assert (sandbox.workspace / name).read_text() == "secret\n"


def test_a_path_of_the_greatest_length_can_be_granted(sandbox, control):
    granted = sandbox.base / "deep"
    while len(str(granted)) + 202 < 4000:
        granted = granted / ("d" * 200)
    granted.mkdir(parents=True)
    (granted / "file").write_text("deep")
    control.succeeds(["read", str(granted / "file")])
    assert sandbox.attempt(["read", str(granted / "file")], options=("--read", str(granted))).value == "deep"


def test_a_path_longer_than_the_greatest_is_one_clear_error(sandbox):
    result = sandbox.run("/bin/true", options=("--read", "/" + "d/" * 3000))
    assert result.refused_by_mews()


@pytest.mark.parametrize("parent", ["home", "/var/tmp", "/tmp", "/dev/shm"])
def test_a_workspace_may_lie_in(sandbox, control, parent):
    """/tmp and /dev/shm are private inside; a workspace that lies there is there all the same, and alone."""
    place = pathlib.Path(
        tempfile.mkdtemp(prefix="mews-place-", dir=sandbox.home if parent == "home" else parent)
    )
    try:
        workspace = place / "project"
        workspace.mkdir()
        (place / "secret").write_text("secret\n")
        acts = [["write", str(workspace / "file"), "text"], ["read", "file"], ["read", str(place / "secret")]]
        control.succeeds(*acts, cwd=workspace)
        (workspace / "file").unlink()
        options = ("--workspace", str(workspace))
        written, read, secret = sandbox.attempt(*acts, options=options, cwd=workspace)
        assert written.ok
        assert read.value == "text"
        assert (workspace / "file").read_text() == "text"
        assert secret.refused(*OUTSIDE_THE_VIEW)
    finally:
        shutil.rmtree(place)


def test_the_workspace_is_the_nearest_directory_with_git(sandbox, control):
    below = sandbox.workspace / "a" / "b"
    below.mkdir(parents=True)
    control.succeeds(["write", "../../from-below"], cwd=control.copy() / "a" / "b")
    assert sandbox.attempt(["write", "../../from-below"], cwd=below).ok
    assert (sandbox.workspace / "from-below").exists()


def test_without_git_the_workspace_is_the_cwd(sandbox, control):
    below = sandbox.base / "plain" / "below"
    below.mkdir(parents=True)
    acts = [["write", "file"], ["write", "../file"]]
    control.succeeds(*acts, cwd=control.copy(below))
    here, above = sandbox.attempt(*acts, cwd=below)
    assert here.ok
    assert above.refused("EROFS", "EACCES", "ENOENT")


# Mounts made by a host while a command runs: a user namespace stands for the host here, since an unprivileged
# user can mount nothing in the real one. `shared` propagation is what systemd gives the host's root.
PROPAGATION = """
set -eu
mkdir place
"$@" &
running=$!
until [ -e ready ]; do kill -0 "$running"; sleep 0.02; done
mount -t tmpfs none place
echo secret > place/mounted
touch go
wait "$running"
"""
WATCHER = """
touch ready
until [ -e go ]; do sleep 0.02; done
cat place/mounted
"""


def test_fs_propagation_in(sandbox, control):
    host = OWN_MOUNTS
    watch = ("/bin/sh", "-c", WATCHER)
    outside = control.run(*host, "/bin/sh", "-c", PROPAGATION, "host", *watch, cwd=control.copy())
    assert outside.stdout == "secret\n"
    sandbox.own_installation()
    inside = sandbox.run(*watch, wrapper=(*host, "/bin/sh", "-c", PROPAGATION, "host"))
    assert "secret" not in inside.stdout
    assert (sandbox.workspace / "go").exists()


def test_fs_propagation_out(sandbox, control):
    """What Mews mounts for the view never shows in the mount namespace that it was started in."""
    host = (*OWN_MOUNTS, "/bin/sh", "-c")
    script = 'cat /proc/self/mountinfo > before; "$@"; cat /proc/self/mountinfo > after'
    mount = ("mount", "-t", "tmpfs", "none", "/mnt")
    copy = control.copy()
    control.run(*host, script, "host", *mount, cwd=copy)
    assert (copy / "before").read_text() != (copy / "after").read_text()
    sandbox.own_installation()
    assert sandbox.run("/bin/true", wrapper=(*host, script, "host")).status == 0
    assert (sandbox.workspace / "before").read_text() == (sandbox.workspace / "after").read_text()


def test_nothing_is_left_in_the_workspace(sandbox):
    """Mount points for paths that don't exist yet must not become files of the host."""
    profile = sandbox.profile(
        'filesystem:\n  protect: [.husky, new/deep/path]\n  deny: ["${workspace}/.env"]\n'
    )
    before = sorted(os.walk(sandbox.base, followlinks=False))
    assert sandbox.run("/bin/true", profile=profile).status == 0
    # Mews's own caches and its log are what a run leaves, below the home.
    own = ("/.cache", "/.local")
    after = [
        entry
        for entry in sorted(os.walk(sandbox.base, followlinks=False))
        if not any(name in entry[0] for name in own)
    ]
    assert [entry[0] for entry in after] == [entry[0] for entry in before]
    assert sandbox.git("status", "--porcelain") == ""
