"""Symbolic links lead nowhere that the profile doesn't grant, and sources can't be swapped under Mews."""

import os
import shutil
import subprocess

import pytest
from support.outcome import OUTSIDE_THE_VIEW, READ_ONLY
from support.process import execute
from support.sandbox import OWN_MOUNTS

EXCHANGE = """
import ctypes, os, sys
libc = ctypes.CDLL(None)
one, other = map(os.fsencode, sys.argv[1:])
while os.getppid() != 1:
    libc.renameat2(-100, one, -100, other, 2)
"""


def test_fs_symlink_out(sandbox, control):
    acts = [
        ["symbolic_link", str(sandbox.home / ".ssh"), "l"],
        ["read", "l/id_rsa"],
        ["symbolic_link", "../../outside", "m"],
        ["read", "m/secret"],
    ]
    control.succeeds(*acts[:2], cwd=control.copy())
    first, key, second, secret = sandbox.attempt(*acts)
    assert first.ok and second.ok
    assert key.refused(*OUTSIDE_THE_VIEW)
    assert secret.refused(*OUTSIDE_THE_VIEW)


def test_a_relative_link_out_of_the_workspace_leads_nowhere(sandbox, control):
    acts = [["symbolic_link", "../../outside/secret", "m"], ["read", "m"]]
    assert control.succeeds(*acts)[1] == "secret\n"
    assert sandbox.attempt(["read", "m"]).refused(*OUTSIDE_THE_VIEW)


def test_fs_symlink_write_out(sandbox, control):
    copy = control.copy()
    (copy / "target").write_text("kept\n")
    control.succeeds(["symbolic_link", str(copy / "target"), "l"], ["append", "l"], cwd=copy)
    secret = str(sandbox.outside / "secret")
    acts = [
        ["symbolic_link", secret, "l"],
        ["append", "l"],
        ["write", "l"],
        ["truncate", "l"],
        ["symbolic_link", "/etc/passwd", "p"],
        ["append", "p"],
        ["symbolic_link", str(sandbox.outside / "new"), "n"],
        ["write", "n"],
    ]
    _, append, write, truncate, _, passwd, _, new = sandbox.attempt(*acts)
    for outcome in (append, write, truncate, new):
        assert outcome.refused(*OUTSIDE_THE_VIEW, "EROFS")
    assert passwd.refused(*READ_ONLY)
    assert sorted(os.listdir(sandbox.outside)) == ["secret"]
    assert (sandbox.outside / "secret").read_text() == "secret\n"


def test_a_link_on_the_way_to_a_grant_is_a_link_inside(sandbox, control):
    """A path names what it resolves to at launch: the link is there as a link and its target is granted."""
    real = sandbox.base / "real"
    real.mkdir()
    (real / "file").write_text("real\n")
    (sandbox.base / "link").symlink_to("real")
    acts = [["read", str(sandbox.base / "link" / "file")], ["link_of", str(sandbox.base / "link")]]
    control.succeeds(*acts)
    file, link = sandbox.attempt(*acts, options=("--read", str(sandbox.base / "link")))
    assert file.value == "real\n"
    assert link.value == "real"


@pytest.mark.parametrize("where", ["workspace", "home"])
def test_a_link_to_the_keys_does_not_grant_them(sandbox, control, where):
    """The user's keys are granted only by a line that names them: an earlier run could have left the link."""
    link = (sandbox.workspace if where == "workspace" else sandbox.home) / "shared"
    link.symlink_to(sandbox.home / ".ssh")
    acts = [["read", str(link / "id_rsa")], ["write", str(link / "planted")]]
    control.succeeds(*acts)
    (link / "planted").unlink()
    profile = sandbox.profile(f'filesystem:\n  workspace: read\n  write: ["{link}"]\n')
    result = sandbox.run(*sandbox.attempting(*acts), profile=profile)
    assert "secret key" not in result.stdout
    assert result.status == 0 or result.refused_by_mews(f"{profile.name}:6:")
    assert not (link / "planted").exists()


@pytest.mark.parametrize(
    "name",
    [".ssh", ".ssh/id_rsa", ".gnupg", ".aws", ".netrc", ".bash_history", ".config/gh", ".docker/config.json"],
)
def test_a_grant_of_the_home_does_not_cover(sandbox, control, name):
    """Credential files and the shell's history stay out, whatever parent a line grants."""
    path = sandbox.home / name
    if name != ".ssh" and name != ".ssh/id_rsa":
        if "." in name[1:] or name in (".netrc", ".bash_history"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("secret\n")
        else:
            path.mkdir(parents=True)
    act = ["listing", str(path)] if path.is_dir() else ["read", str(path)]
    control.succeeds(act)
    readable = sandbox.home / "readable"
    readable.write_text("plain\n")
    secret, plain = sandbox.attempt(act, ["read", str(readable)], options=("--read", str(sandbox.home)))
    assert secret.refused(*OUTSIDE_THE_VIEW)
    assert plain.value == "plain\n"


@pytest.mark.parametrize("key", ["deny", "protect", "read", "write"])
def test_fs_symlinked_protected(sandbox, control, key):
    """A rule on a link that the sandbox can change would protect nothing: the link is replaced, the rule
    is not."""
    (sandbox.workspace / "conf").mkdir()
    (sandbox.workspace / "conf" / "settings").write_text("kept\n")
    (sandbox.workspace / ".tool").symlink_to("conf")
    acts = [
        ["unlink", ".tool"],
        ["make_directories", ".tool"],
        ["write", ".tool/settings"],
        ["write", "conf/settings"],
    ]
    control.succeeds(*acts, cwd=control.copy())
    profile = sandbox.profile(f'filesystem:\n  {key}: ["${{workspace}}/.tool"]\n')
    result = sandbox.run("/bin/true", profile=profile)
    assert result.refused_by_mews(f"{profile.name}:5:", ".tool")


def test_a_link_above_a_protected_path_is_an_error_too(sandbox, control):
    (sandbox.workspace / "real" / "hooks").mkdir(parents=True)
    (sandbox.workspace / "link").symlink_to("real")
    control.succeeds(["write", "link/hooks/pre-commit"], cwd=control.copy())
    profile = sandbox.profile("filesystem:\n  protect: [link/hooks]\n")
    assert sandbox.run("/bin/true", profile=profile).refused_by_mews(f"{profile.name}:5:", "link")


def exchanging(one, other, work):
    """What `work` gives, 25 times over, while another process keeps exchanging two names."""
    process = subprocess.Popen(["/usr/bin/python3", "-S", "-c", EXCHANGE, str(one), str(other)])
    try:
        return [work() for _ in range(25)]
    finally:
        process.kill()
        process.wait()


def test_fs_bind_source_swap(sandbox, control):
    """A run of before goes on swapping a granted directory of the workspace with a link to the user's
    keys."""
    shared, link = sandbox.workspace / "shared", sandbox.workspace / "link"
    shared.mkdir()
    (shared / "public").write_text("public\n")
    link.symlink_to(sandbox.home / ".ssh")
    profile = sandbox.profile('filesystem:\n  workspace: read\n  write: ["${workspace}/shared"]\n')
    acts = [["read", "shared/id_rsa"], ["write", "shared/planted"]]

    def outside():
        return control.attempt(acts[0])

    assert any(outcome.ok for outcome in exchanging(shared, link, outside)), "the control never met the link"

    def inside():
        return sandbox.run(*sandbox.attempting(*acts), profile=profile)

    for result in exchanging(shared, link, inside):
        assert "secret key" not in result.stdout
        assert result.status in (0, 125)
    assert sorted(os.listdir(sandbox.home / ".ssh")) == ["id_rsa"]


@pytest.mark.parametrize("device", ["null", "zero", "urandom"])
def test_fs_mask_source_swap(sandbox, control, device):
    """CVE-2025-31133: runc bound what /dev/null happened to be. Here it is another file when Mews starts."""
    swapped = ("/bin/sh", "-c", f'mount --bind "{sandbox.outside}/secret" /dev/{device}; exec "$@"', "host")
    wrapper = (*OWN_MOUNTS, *swapped)
    assert control.succeeds(["read", f"/dev/{device}"], wrapper=wrapper) == "secret\n"
    (sandbox.workspace / ".env").write_text("TOKEN=hidden\n")
    acts = [["read", f"/dev/{device}"], ["read", ".env"], ["append", f"/dev/{device}"]]
    sandbox.own_installation()
    result = sandbox.run(
        *sandbox.attempting(*acts), options=("--deny", str(sandbox.workspace / ".env")), wrapper=wrapper
    )
    assert "secret" not in result.stdout
    assert "hidden" not in result.stdout
    assert result.status in (0, 125)
    assert (sandbox.outside / "secret").read_text() == "secret\n"


def test_a_granted_file_that_is_a_fifo_does_not_hang(sandbox):
    """fs-fifo-block: opening a FIFO for reading waits for a writer, unless it is opened with care."""
    fifo = sandbox.base / "fifo"
    os.mkfifo(fifo)
    assert sandbox.run("/bin/true", options=("--read", str(fifo))).status == 0


@pytest.mark.parametrize("name", [".git", ".mews.yaml", ".git/config", ".git/HEAD", ".git/commondir"])
def test_fs_fifo_block(sandbox, name):
    path = sandbox.workspace / name
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    # `cat` is the control: it waits for ever for a writer.
    with pytest.raises(AssertionError, match="still running"):
        execute(["cat", str(path)], env=sandbox.environment, cwd=sandbox.workspace, timeout=0.5)
    assert sandbox.run("/bin/true").status in (0, 125)
