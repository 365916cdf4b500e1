"""What git would later run outside can't be written, while git itself works."""

import os
import shutil

import pytest
from support.outcome import OUTSIDE_THE_VIEW, READ_ONLY
from support.sandbox import is_root

COMMIT = (
    "git",
    "-c",
    "user.name=Test",
    "-c",
    "user.email=test@example.org",
    "commit",
    "--quiet",
    "--allow-empty",
    "-m",
    "inside",
)


def test_fs_rename_ancestor(sandbox, control):
    """Measured: with .git/hooks alone read-only, moving .git away and making a new one walks around it."""
    acts = [
        ["rename", ".git", ".git2"],
        ["make_directories", ".git/hooks"],
        ["write", ".git/hooks/pre-commit"],
    ]
    control.succeeds(*acts, cwd=control.copy())
    moved, _, written = sandbox.attempt(*acts)
    assert moved.refused("EBUSY")
    assert written.refused(*READ_ONLY)
    assert not (sandbox.workspace / ".git/hooks/pre-commit").exists()


def test_fs_rename_ancestor_exchange(sandbox, control):
    (sandbox.workspace / "other" / "hooks").mkdir(parents=True)
    control.succeeds(["exchange", ".git", "other"], cwd=control.copy())
    assert sandbox.attempt(["exchange", ".git", "other"]).refused("EBUSY")
    assert sandbox.attempt(["exchange", "other", ".git"]).refused("EBUSY")


def test_every_ancestor_of_a_protected_path_is_pinned(sandbox, control):
    (sandbox.workspace / "a" / "b" / "c").mkdir(parents=True)
    (sandbox.workspace / "a" / "b" / "c" / "kept").write_text("kept\n")
    moves = [
        ["rename", "a/b/c/kept", "a/b/c/k"],
        ["rename", "a/b/c", "a/b/x"],
        ["rename", "a/b", "a/x"],
        ["rename", "a", "x"],
    ]
    for move in moves:
        control.succeeds(move, cwd=control.copy())
    profile = sandbox.profile("filesystem:\n  protect: [a/b/c/kept]\n")
    for outcome in sandbox.attempt(*moves, profile=profile):
        assert outcome.refused("EBUSY")


@pytest.mark.parametrize(
    "path",
    [
        ".git/hooks/post-checkout",
        ".git/config",
        ".git/info/attributes",
        ".git/modules/sub/config",
        ".git/modules/sub/hooks/post-checkout",
    ],
)
def test_persist_git_hook_new(sandbox, control, path):
    """Each of these makes git run a program of the sandbox's choice, or read objects of another
    repository."""
    sub = sandbox.workspace / ".git" / "modules" / "sub"
    (sub / "hooks").mkdir(parents=True)
    (sub / "config").write_text("[core]\n")
    control.succeeds(["write", path], cwd=control.copy())
    before = (sandbox.workspace / path).exists() and (sandbox.workspace / path).read_bytes()
    assert sandbox.attempt(["write", path]).refused(*READ_ONLY)
    assert ((sandbox.workspace / path).exists() and (sandbox.workspace / path).read_bytes()) == before


@pytest.mark.parametrize(
    "path", [".git/objects/info/alternates", ".git/config.worktree", ".git/commondir"]
)
def test_what_git_would_follow_is_moved_aside(sandbox, control, path):
    """Nothing can be mounted where nothing is, so it is looked at when everything inside has ended."""
    control.succeeds(["write", path], cwd=control.copy())
    result = sandbox.shell(f"echo ../evil > {path}; setsid sleep 60 &")
    assert result.status == 0, result
    place = sandbox.workspace / path
    assert not place.exists()
    aside = [name for name in place.parent.iterdir() if name.name.startswith(f"{place.name}.refused-")]
    assert [name.read_text() for name in aside] == ["../evil\n"]
    assert any("moved aside" in line and path in line for line in result.messages), result
    # A second run finds nothing to say.
    assert sandbox.run("/bin/true").messages == []


def test_a_link_in_the_place_of_a_directory_moves_nothing_elsewhere(sandbox):
    """The directory that is looked at again is not followed through a link that the command left."""
    outside = sandbox.outside
    (outside / "alternates").write_text("keep\n")
    (sandbox.workspace / ".git/objects/info").mkdir(exist_ok=True)
    result = sandbox.shell(f"rmdir .git/objects/info && ln -s {outside} .git/objects/info")
    assert (result.status != 0) or (outside / "alternates").read_text() == "keep\n"
    assert (outside / "alternates").read_text() == "keep\n"


@pytest.mark.parametrize("path", [".git/hooks", ".git/config", ".git/info"])
def test_protected_parts_of_git_cannot_be_replaced(sandbox, control, path):
    (sandbox.workspace / "evil").mkdir()
    acts = [["rename", path, f"{path}.old"], ["exchange", "evil", path], ["run", "rm", "-rf", path]]
    for act in acts:
        control.succeeds(act, cwd=control.copy())
    moved, exchanged, removed = sandbox.attempt(*acts)
    assert moved.refused("EBUSY")
    # EXDEV: the pinned .git is another mount than the directory that `evil` is in.
    assert exchanged.refused("EBUSY", "EXDEV")
    assert removed.value["status"] != 0
    assert (sandbox.workspace / path).exists()


def test_git_config_says_that_it_cannot_write(sandbox, control):
    command = ("git", "config", "core.fsmonitor", "./evil")
    assert control.run(*command, cwd=control.copy()).status == 0
    before = (sandbox.workspace / ".git/config").read_text()
    assert sandbox.run(*command).status != 0
    assert (sandbox.workspace / ".git/config").read_text() == before


def test_git_works_inside(sandbox):
    script = """set -e
    echo more >> notes.txt; git add notes.txt
    git -c user.name=T -c user.email=t@example.org commit --quiet -m inside
    git checkout --quiet -b topic; git tag v1; git stash list
    git gc --quiet; git pack-refs --all; git log --oneline"""
    result = sandbox.shell(script)
    assert (result.status, result.stdout.count("\n")) == (0, 2), result
    assert "inside" in sandbox.git("log", "--oneline")
    assert sandbox.git("status", "--porcelain") == ""
    assert sandbox.git("fsck", "--strict", "--no-dangling").strip() in (
        "",
        "notice: HEAD points to an unborn branch",
    )


def test_persist_git_add_inside(sandbox, control):
    """Placeholders that are character devices or stub files make `git add .` fail or add them."""
    script = "git status --porcelain && git add . && git status --porcelain"
    assert control.run("/bin/sh", "-c", script).stdout == ""
    result = sandbox.shell(script)
    assert (result.status, result.stdout) == (0, "")


@pytest.fixture
def worktree(sandbox):
    """A second working tree of a repository that is not itself in the view: its .git is a file."""
    main = sandbox.home / "main"
    shutil.move(sandbox.workspace, main)
    sandbox.git("worktree", "add", "--quiet", str(sandbox.workspace), "-b", "topic", cwd=main)
    (main / "secret").write_text("secret\n")
    return main


def test_persist_git_worktree(sandbox, control, worktree):
    assert control.run(*COMMIT).status == 0
    result = sandbox.run(*COMMIT)
    assert result.status == 0, result
    assert sandbox.git("log", "--format=%s", "-1").strip() == "inside"
    assert sandbox.attempt(["read", str(worktree / "secret")]).refused(*OUTSIDE_THE_VIEW)


def test_what_git_runs_in_a_worktree_is_protected(sandbox, control, worktree):
    common = worktree / ".git"
    gitdir = common / "worktrees" / "project"
    paths = [
        sandbox.workspace / ".git",
        gitdir / "gitdir",
        gitdir / "commondir",
        gitdir / "config.worktree",
        common / "config",
        common / "hooks" / "post-checkout",
        common / "info" / "attributes",
        common / "objects" / "info" / "alternates",
        common / "HEAD",
    ]
    copy = control.copy(sandbox.home)
    control.succeeds(*[["write", str(copy / path.relative_to(sandbox.home))] for path in paths])
    before = {path: path.exists() and path.read_bytes() for path in paths}
    for path, outcome in zip(paths, sandbox.attempt(*[["write", str(path)] for path in paths]), strict=True):
        # What isn't there can't be held; it is moved aside when the run is over.
        assert outcome.refused(*READ_ONLY, "ENOENT") or before[path] is False, path
    assert {path: path.exists() and path.read_bytes() for path in paths} == before


def forge(sandbox, kind):
    """Makes the workspace's .git a file that claims a git directory which isn't the workspace's."""
    foreign = sandbox.base / "foreign"
    sandbox.git("init", "--quiet", str(foreign))
    sandbox.commit("foreign", cwd=foreign)
    common = foreign / ".git"
    gitdir = common / "worktrees" / "project"
    gitdir.mkdir(parents=True)
    (gitdir / "commondir").write_text("../..\n")
    (gitdir / "HEAD").write_text("ref: refs/heads/main\n")
    git_file = sandbox.workspace / ".git"
    shutil.rmtree(git_file)
    link, claimed = str(git_file), gitdir
    if kind == "no-back-link":
        link = None
    elif kind == "back-link-to-another":
        link = str(sandbox.base / "elsewhere" / ".git")
    elif kind == "back-link-is-a-link":
        (sandbox.base / "back").write_text(f"{git_file}\n")
        (gitdir / "gitdir").symlink_to(sandbox.base / "back")
        link = None
    elif kind == "gitdir-is-a-link":
        claimed = common / "worktrees" / "linked"
        claimed.symlink_to("project")
    elif kind == "through-a-link":
        (sandbox.base / "way").symlink_to(foreign)
        claimed = sandbox.base / "way" / ".git" / "worktrees" / "project"
    elif kind == "not-below-worktrees":
        claimed = common / "elsewhere" / "project"
        shutil.move(common / "worktrees", common / "elsewhere")
    elif kind == "deeper-below-worktrees":
        claimed = gitdir / "deeper"
        shutil.copytree(gitdir, claimed)
        (claimed / "gitdir").write_text(f"{git_file}\n")
    elif kind == "the-repository-itself":
        claimed = common
    elif kind == "commondir-elsewhere":
        (gitdir / "commondir").write_text(f"{sandbox.home}/.ssh\n")
    elif kind == "any-directory":
        claimed = sandbox.home / ".ssh"
    elif kind == "another-owner":
        os.chown(gitdir, 12345, 12345)
    if link is not None:
        (claimed / "gitdir").write_text(f"{link}\n")
    git_file.write_text(f"gitdir: {claimed}\n")
    return common, claimed


FORGERIES = [
    "no-back-link",
    "back-link-to-another",
    "back-link-is-a-link",
    "gitdir-is-a-link",
    "through-a-link",
    "not-below-worktrees",
    "deeper-below-worktrees",
    "the-repository-itself",
    "commondir-elsewhere",
    "any-directory",
    pytest.param(
        "another-owner",
        marks=pytest.mark.skipif(not is_root(), reason="only root can give a directory to another user"),
    ),
]


@pytest.mark.parametrize("kind", FORGERIES)
def test_a_forged_gitdir_grants_nothing(sandbox, control, kind):
    """A repository's own .git file must not be able to open another directory of the user's."""
    common, claimed = forge(sandbox, kind)
    acts = [
        ["read", str(common / "HEAD")],
        ["write", str(common / "refs" / "planted")],
        ["write", str(claimed / "planted")],
        ["read", str(sandbox.home / ".ssh" / "id_rsa")],
        ["listing", str(common / "objects")],
    ]
    copied = control.copy(sandbox.base / "foreign")
    control.succeeds(
        ["read", str(copied / ".git/HEAD")], ["write", str(copied / ".git/refs/planted")], acts[3], acts[4]
    )
    result = sandbox.run(*sandbox.attempting(*acts))
    if result.status == 125:
        assert result.refused_by_mews()
    else:
        for outcome in sandbox.attempt(*acts):
            assert outcome.refused(*OUTSIDE_THE_VIEW, "EROFS")
    assert not (common / "refs" / "planted").exists()
    assert not (claimed / "planted").exists()


def test_a_true_worktree_is_what_the_forgeries_imitate(sandbox):
    """The control of the forgeries: the same files with a true back-link do open the git directory."""
    common, claimed = forge(sandbox, "none")
    refs, own = sandbox.attempt(
        ["write", str(common / "refs" / "planted")], ["write", str(claimed / "ORIG_HEAD")]
    )
    assert refs.ok
    assert own.ok


def test_a_submodule_has_its_gitdir_below_the_superproject(sandbox, control):
    library = sandbox.home / "library"
    sandbox.git("init", "--quiet", str(library))
    sandbox.commit("library", cwd=library)
    sandbox.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library), "sub")
    sandbox.commit("with a submodule")
    copy = control.copy()
    assert control.run(*COMMIT, cwd=copy / "sub").status == 0
    options = ("--workspace", str(sandbox.workspace))
    result = sandbox.run(*COMMIT, options=options, cwd=sandbox.workspace / "sub")
    assert result.status == 0, result
    hook = sandbox.attempt(
        ["write", ".git/modules/sub/hooks/post-commit"], ["write", ".git/modules/sub/config"]
    )
    assert all(outcome.refused(*READ_ONLY) for outcome in hook)
    control.succeeds(["write", ".git/modules/sub/hooks/post-commit"], cwd=copy)


STARTUP_FILES = [
    ".bashrc",
    ".zshenv",
    ".profile",
    ".config/fish/config.fish",
    ".config/systemd/user/evil.service",
    ".config/autostart/evil.desktop",
    ".local/bin/git",
    ".ssh/authorized_keys",
    ".gitconfig",
    ".config/git/config",
]


@pytest.mark.parametrize("name", STARTUP_FILES)
def test_persist_shell_rc(sandbox, control, name):
    path = sandbox.home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    copy = control.copy(sandbox.home)
    control.succeeds(["append", str(copy / name)], ["unlink", str(copy / name)], ["write", str(copy / name)])
    for outcome in sandbox.attempt(["append", str(path)], ["unlink", str(path)], ["write", str(path)]):
        assert outcome.refused(*OUTSIDE_THE_VIEW, "EROFS", "EBUSY")
    assert path.read_text() == ""


TOOL_CACHES = [
    ".cargo/bin/cargo",
    ".npm/_cacache/index-v5/x",
    ".cache/go-build/00/x",
    ".cache/pip/http/x",
    ".local/lib/python3.11/site-packages/sitecustomize.py",
    "go/bin/gopls",
    ".gradle/init.gradle",
    ".m2/settings.xml",
]


@pytest.mark.parametrize("name", TOOL_CACHES)
def test_persist_toolcache(sandbox, control, name):
    path = sandbox.home / name
    path.parent.mkdir(parents=True)
    path.write_text("kept\n")
    control.succeeds(["write", str(control.copy(sandbox.home) / name)])
    sandbox.attempt(["write", str(path)])
    assert path.read_text() == "kept\n"


def test_persist_launcher_binary(sandbox, control, prefix):
    """CVE-2019-5736: a payload overwrote runc through /proc/self/exe of the process that started it."""
    (sandbox.home / ".config" / "mews" / "profiles").mkdir(parents=True)
    profiles = str(sandbox.home / ".config" / "mews" / "profiles")
    installed = str(prefix / "bin" / "mews")
    copy = control.copy(prefix / "bin")
    control.succeeds(
        ["open_for_writing", str(copy / "mews")],
        ["write", f"{profiles}/x.yaml"],
        ["unlink", f"{profiles}/x.yaml"],
    )
    acts = [
        ["open_for_writing", installed],
        ["rename", installed, f"{installed}.old"],
        ["open_for_writing", "/proc/1/exe"],
        ["read", "/proc/1/exe"],
        ["write", f"{profiles}/x.yaml"],
        ["make_directories", profiles + "/below"],
    ]
    for outcome in sandbox.attempt(*acts):
        # EBUSY: where nothing else grants it, the program is a mount of its own, for `mews why` inside.
        assert outcome.refused("EROFS", "ETXTBSY", "EACCES", "ENOENT", "EBUSY")
    assert os.listdir(profiles) == []
