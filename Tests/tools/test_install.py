"""`scripts/install` puts three kinds of files below a directory, and takes exactly these away again."""

import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from checkout import ROOT, TIME_LIMIT

INSTALL = ROOT / "scripts" / "install"
# A build that finds nothing to do takes seconds, but nobody knows how warm it is.
BUILD_LIMIT = 900
NEEDS_OWN_CHECKOUT = pytest.mark.skipif(
    not os.access(ROOT / ".build", os.W_OK), reason="the checkout's build directory belongs to somebody else")


@pytest.fixture
def scratch():
    path = pathlib.Path(tempfile.mkdtemp(prefix="mews-install-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


def install(*arguments, path=None, cwd=None, umask=-1, limit=TIME_LIMIT):
    environment = dict(os.environ)
    if path is not None:
        environment["PATH"] = str(path)
    return subprocess.run(
        ["/bin/bash", INSTALL, *arguments], env=environment, cwd=cwd, umask=umask, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=limit)


def files(directory):
    return {str(path.relative_to(directory)) for path in directory.rglob("*") if not path.is_dir()}


def installed():
    profiles = {f"share/mews/profiles/{file.name}" for file in (ROOT / "profiles").glob("*.yaml")}
    return {"bin/mews", "bin/mews-shell", "libexec/mews/mews-egress", "libexec/mews/mews-tools"} | profiles


@NEEDS_OWN_CHECKOUT
def test_installs_for_everybody_whatever_the_umask_and_takes_it_away_again(scratch):
    result = install("--prefix", "there", cwd=scratch, umask=0o077, limit=BUILD_LIMIT)
    assert (result.returncode, result.stdout) == (0, ""), result.stderr
    there = scratch / "there"
    assert files(there) == installed()
    for path in there.rglob("*"):
        wanted = 0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644
        assert path.stat().st_mode & 0o777 == wanted, path

    moved = scratch / "moved"
    there.rename(moved)
    names = subprocess.run(
        [moved / "bin" / "mews", "profile", "list"], capture_output=True, text=True, check=True, timeout=TIME_LIMIT)
    assert "workspace" in names.stdout

    own = moved / "share" / "mews" / "profiles" / "own.yaml"
    own.write_text("version: 1\nname: own\n")
    other = moved / "bin" / "other"
    other.write_text("")
    result = install("--prefix", str(moved), "--uninstall")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert files(moved) == {"share/mews/profiles/own.yaml", "bin/other"}
    assert not (moved / "libexec" / "mews").exists()
    assert install("--prefix", str(moved), "--uninstall").returncode == 0


@NEEDS_OWN_CHECKOUT
def test_replaces_a_program_that_runs(scratch):
    assert install("--prefix", str(scratch), limit=BUILD_LIMIT).returncode == 0
    program = scratch / "bin" / "mews"
    before = program.stat().st_ino
    with open(program, "rb") as held:
        assert install("--prefix", str(scratch), limit=BUILD_LIMIT).returncode == 0
        assert program.stat().st_ino != before == os.fstat(held.fileno()).st_ino
        assert held.read() == program.read_bytes()
    assert files(scratch) == installed()


@pytest.mark.parametrize(("arguments", "status", "words"), [
    ((), 2, "--prefix DIR"), (("--prefix",), 2, "needs a directory"), (("--nonsense",), 2, "--nonsense"),
    (("--prefix", "/etc/passwd"), 1, "not a directory"),
])
def test_says_what_is_wrong_with_its_use(arguments, status, words):
    result = install(*arguments)
    assert (result.returncode, result.stdout) == (status, "")
    assert words in result.stderr


@pytest.mark.parametrize(("missing", "words"), [
    ("swift", "https://www.swift.org/install"), ("strip", "binutils"), ("pkg-config", "pkg-config"),
])
def test_says_which_tool_is_missing_and_installs_nothing(scratch, missing, words):
    tools = scratch / "tools"
    tools.mkdir()
    for name in {"swift", "strip", "pkg-config", "dirname", "cat"} - {missing}:
        # What only has to be there is; a build would fail, and none is begun.
        (tools / name).symlink_to(shutil.which(name) or "/bin/true")
    there = scratch / "there"
    result = install("--prefix", str(there), path=tools)
    assert result.returncode == 1
    assert words in result.stderr
    assert not there.exists()


def test_says_which_packages_are_missing(scratch):
    tools = scratch / "tools"
    tools.mkdir()
    for name in {"strip", "dirname", "cat"}:
        (tools / name).symlink_to(shutil.which(name))
    (tools / "swift").symlink_to("/bin/true")
    (tools / "pkg-config").write_text("#!/bin/sh\n[ \"$2\" = libcap ]\n")
    (tools / "pkg-config").chmod(0o755)
    result = install("--prefix", str(scratch / "there"), path=tools)
    assert result.returncode == 1
    assert "apt-get install libseccomp-dev libyaml-dev\n" in result.stderr
