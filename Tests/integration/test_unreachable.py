"""What Mews can't look at isn't taken as not there: a command owns its directories, and takes their permissions away in
one session to give them back in the next."""

import pathlib
import subprocess

import pytest
from support.process import PATIENCE
from support.sandbox import is_root

DENY = 'filesystem:\n  deny: ["${{workspace}}/{path}"]\n'
PLACES = {
    "a path": "sub/deep/secret",
    "a wildcard": "**/secret",
    "a wildcard in it": "sub/deep/s*",
}


def closed(sandbox, place, mode=0o000):
    """What the first session does: nobody may look into the directory any more."""
    assert sandbox.shell(f"chmod {mode:o} {place}").status == 0
    return sandbox.workspace / place


def opens_and(act, place):
    return f"chmod 755 {place} && {act}"


def held(sandbox, result, directory):
    """Whoever looks past permissions sees what is there, and everybody else refuses."""
    if is_root():
        assert result.status not in (0, 125), result
        return
    assert (result.status, result.stdout) == (125, ""), result
    assert len(result.messages) == 1, result
    assert str(directory) in result.messages[0] and "; " in result.messages[0], result


@pytest.fixture
def reopened(sandbox):
    """Gives directories their permissions back."""
    yield
    subprocess.run(["chmod", "-R", "u+rwX", sandbox.workspace], check=True, timeout=PATIENCE)


@pytest.mark.parametrize("path", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("mode", [0o000, 0o300], ids=["closed", "passed through"])
@pytest.mark.usefixtures("reopened")
def test_what_is_denied_in_a_closed_directory_stays_denied(sandbox, path, mode):
    """Found by failing each call of a launch: with `chmod 000` on the way a deny line held nothing."""
    (sandbox.workspace / "sub" / "deep").mkdir(parents=True)
    (sandbox.workspace / "sub" / "deep" / "secret").write_text("top\n")
    act = opens_and("cat sub/deep/secret", "sub")
    directory = closed(sandbox, "sub", mode)
    without = sandbox.shell(act)
    assert (without.status, without.stdout) == (0, "top\n")
    closed(sandbox, "sub", mode)
    result = sandbox.shell(act, profile=sandbox.profile(DENY.format(path=path)))
    assert "top" not in result.stdout
    if path == PLACES["a wildcard"] or mode == 0:
        held(sandbox, result, directory)
    else:
        # Where it can be passed through a path is looked up as ever.
        assert result.status != 0


@pytest.mark.parametrize(
    "place", [".git", ".git/modules", ".git/modules/lib"], ids=["the repository", "its modules", "one of them"])
@pytest.mark.usefixtures("reopened")
def test_a_closed_repository_is_no_unprotected_one(sandbox, place):
    """The hooks could be written, and what had always been there was moved aside afterwards as if it were new."""
    (sandbox.workspace / ".git" / "modules" / "lib").mkdir(parents=True)
    (sandbox.workspace / ".git" / "modules" / "lib" / "hooks").mkdir()
    (sandbox.workspace / ".git" / "modules" / "lib" / "HEAD").write_text("ref: refs/heads/main\n")
    hooks = ".git/hooks" if place == ".git" else ".git/modules/lib/hooks"
    names = sorted((sandbox.workspace / hooks).parent.iterdir())
    directory = closed(sandbox, place)
    held(sandbox, sandbox.shell(opens_and(f"echo evil > {hooks}/pre-commit", place)), directory)
    directory.chmod(0o755)
    assert not (sandbox.workspace / hooks / "pre-commit").exists()
    assert sorted((sandbox.workspace / hooks).parent.iterdir()) == names


def test_a_closed_workspace_is_none(sandbox):
    """Nobody knows whether it is a repository, and has a profile of its own."""
    before = sandbox.workspace.stat().st_mode
    sandbox.workspace.chmod(0o600)
    try:
        result = sandbox.shell("true", cwd=sandbox.home, options=("-w", str(sandbox.workspace)))
    finally:
        sandbox.workspace.chmod(before)
    if not is_root():
        assert result.status == 125, result
        assert len(result.messages) == 1, result


@pytest.mark.usefixtures("reopened")
def test_what_appeared_in_a_closed_directory_is_told(sandbox):
    """Closed at the end of a run it was passed over, as if nothing had appeared."""
    (sandbox.workspace / "conf").mkdir()
    profile = sandbox.profile("filesystem:\n  protect: [conf/hook]\n")
    opened = sandbox.shell("echo evil > conf/hook", profile=profile)
    assert opened.status == 0 and any("conf/hook appeared" in line for line in opened.messages), opened
    (sandbox.workspace / "conf" / "hook").unlink()
    result = sandbox.shell("echo evil > conf/hook; chmod 000 conf", profile=profile)
    assert result.status == 0, result
    said = "appeared" if is_root() else "can't be looked at"
    assert any("conf/hook" in line and said in line for line in result.messages), result


def test_a_directory_of_somebody_else_is_in_nobodys_way(sandbox):
    """The command can open it as little as whoever started it."""
    # Debian's, which is root's alone.
    assert pathlib.Path("/var/cache/ldconfig").stat().st_mode & 0o7777 == 0o700
    profile = sandbox.profile('filesystem:\n  read: ["/var/cache"]\n  deny: ["/var/cache/**/secret"]\n')
    result = sandbox.shell("ls /var/cache/ldconfig", profile=profile)
    assert result.status != 125 and (is_root() or result.status != 0), result


def test_what_is_denied_in_a_closed_tree_that_can_only_be_read_stays_denied(sandbox):
    """Where there are no mounts nothing keeps a command from giving its directories their permissions back."""
    drafts = sandbox.home / "data" / "drafts"
    drafts.mkdir(parents=True)
    (drafts / "secret").write_text("top\n")
    profile = sandbox.profile(f"filesystem:\n  read: [{drafts.parent}]\n  deny: [{drafts}/secret]\n")
    result = sandbox.shell(f"cat {drafts}/secret", profile=profile)
    assert result.status not in (0, 125), result
    drafts.chmod(0)
    try:
        held(sandbox, sandbox.shell(f"chmod 755 {drafts}; cat {drafts}/secret", profile=profile), drafts)
    finally:
        drafts.chmod(0o755)
