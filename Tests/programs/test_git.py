"""git works inside as it does outside, except that its configuration and hooks can't be written."""

import subprocess

import pytest

from place import SEARCH_PATH, Denied, Normalisation, Place, compare, shell

DATES = {"GIT_AUTHOR_DATE": "2024-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2024-01-01T00:00:00Z"}

# Inside, the profile sets branch.autoSetupMerge=false, because git ends with an error when it can't write the tracking
# branch into the configuration, which is protected. So its message about it is missing there.
NO_TRACKING = Normalisation(
    r"^(branch '.*' set up to track .*|Your branch is .*|  \(use \"git (pull|push)\" to .*\))\n", "",
    "the tracking branch is configuration, which is protected inside")

# `git branch -d` and `git worktree remove` take the section of a branch out of the configuration, and rewrite it even
# when there is no such section. They go on when that fails, with this warning.
NO_SECTION_REMOVED = Normalisation(
    r"^(error: could not (write|lock) config file .git/config: .*|warning: Update of config-file failed)\n", "",
    "the configuration is protected inside")

# Deleting a ref, which rebase does with its own, locks packed-refs, which git replaces by renaming another file over
# it. Of a linked worktree's repository the file is writable and the directory that holds it isn't.
NO_LOCK_OF_PACKED_REFS = Normalisation(
    r"^error: Unable to create '.*/packed-refs.lock': Read-only file system\n", "",
    "a linked worktree's repository isn't writable as a whole")


# What the messages above are about, and what git does by itself in another way.
CONFIGURATION = Denied("file.denied", "git", "~/project/.git/config.lock")
PACKED_REFS = Denied("file.denied", "git", "~/main/.git/packed-refs.lock")
LINKED_OBJECTS = Denied("file.denied", "git", "~/project/.git/modules/library/objects/*")


def git(place: Place, *arguments: str, directory: str = ".") -> str:
    """Runs git outside, to prepare what a test works on."""
    finished = subprocess.run(
        ["/usr/bin/git", *arguments], cwd=place.workspace / directory, capture_output=True, text=True, timeout=60,
        env={"PATH": SEARCH_PATH, "HOME": str(place.home), **DATES})
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def configure(place: Place) -> None:
    (place.home / ".gitconfig").write_text(
        "[user]\n\tname = Tester\n\temail = tester@example.org\n[init]\n\tdefaultBranch = main\n"
        "[pack]\n\tthreads = 1\n[advice]\n\tdetachedHead = false\n")


def make_repository(place: Place, directory: str = ".", name: str = "first.txt", text: str = "one\n") -> None:
    (place.workspace / directory).mkdir(parents=True, exist_ok=True)
    git(place, "init", "--quiet", directory)
    (place.workspace / directory / name).write_text(text)
    git(place, "add", ".", directory=directory)
    git(place, "commit", "--quiet", "-m", f"Begin with {name}", directory=directory)


@pytest.fixture(autouse=True)
def configured(place: Place, needs) -> None:
    needs("git")
    configure(place)


def test_everyday_work_gives_the_same_commits_messages_and_files(place, scripts):
    outcome = compare(place, shell(scripts / "git-everyday.sh"), make_repository, normalisations=[NO_SECTION_REMOVED],
        denied=[CONFIGURATION])
    assert outcome.status == 0
    assert "is the first bad commit" in outcome.stdout


def make_clone_of_changed_remote(place: Place, remote: str) -> None:
    """A clone of the bare repository `remote`, made before the remote's branches changed."""
    subprocess.run(["rm", "-rf", remote], check=True, timeout=30)
    make_repository(place, "source")
    git(place, "branch", "gone", directory="source")
    git(place, "clone", "--quiet", "--bare", "source", remote)
    git(place, "init", "--quiet", ".")
    git(place, "remote", "add", "origin", remote)
    git(place, "fetch", "--quiet", "origin")
    git(place, "checkout", "--quiet", "main")
    (place.workspace / "source" / "first.txt").write_text("changed\n")
    git(place, "commit", "--quiet", "-am", "Go on", directory="source")
    git(place, "checkout", "--quiet", "-b", "new", directory="source")
    git(place, "commit", "--quiet", "--allow-empty", "-m", "Begin a branch", directory="source")
    git(place, "push", "--quiet", "--prune", remote, "+refs/heads/main:refs/heads/main",
        "+refs/heads/new:refs/heads/new", directory="source")
    git(place, "update-ref", "-d", "refs/heads/gone", directory=remote)
    subprocess.run(["rm", "-rf", str(place.workspace / "source")], check=True, timeout=30)


@pytest.mark.parametrize("where", ["granted for reading", "in the workspace"])
def test_fetch_prune_and_checkout_of_a_remote_branch(place, scripts, where):
    remote = str(place.home / "remote.git" if where == "granted for reading" else place.workspace / "remote.git")
    options = ["--read", remote] if where == "granted for reading" else []
    outcome = compare(
        place, shell(scripts / "git-remote.sh"), lambda place: make_clone_of_changed_remote(place, remote),
        options=options, normalisations=[NO_TRACKING], ignore=["remote.git"])
    assert outcome.status == 0
    assert "Begin a branch" in outcome.stdout and "origin/gone" not in outcome.stdout


def test_a_remote_that_no_rule_grants_cannot_be_fetched(place):
    remote = str(place.home / "remote.git")
    make_clone_of_changed_remote(place, remote)
    outcome = place.inside(["git", "fetch", "origin"])
    assert outcome.status == 128
    assert "does not appear to be a git repository" in outcome.stderr or "Permission denied" in outcome.stderr


def test_push_to_a_bare_repository_granted_for_writing(place):
    remote = str(place.home / "remote.git")

    def prepare(place: Place) -> None:
        subprocess.run(["rm", "-rf", remote], check=True, timeout=30)
        make_repository(place)
        git(place, "init", "--quiet", "--bare", remote)
        git(place, "remote", "add", "origin", remote)

    outcome = compare(
        place, ["/bin/sh", "-c", "git push origin main && git ls-remote origin && git rev-parse origin/main"], prepare,
        options=["--write", remote], writes=["remote.git"])
    assert outcome.status == 0
    assert git(place, "rev-parse", "refs/heads/main", directory=remote) == git(place, "rev-parse", "HEAD")


def test_worktrees_in_the_workspace(place, scripts):
    outcome = compare(
        place, shell(scripts / "git-worktree.sh"), make_repository, normalisations=[NO_SECTION_REMOVED],
        denied=[CONFIGURATION])
    assert outcome.status == 0


def make_linked_worktree(place: Place) -> None:
    main = str(place.home / "main")
    subprocess.run(["rm", "-rf", main], check=True, timeout=30)
    place.workspace.rmdir()
    place.home.joinpath("main").mkdir()
    for arguments in (["init", "--quiet"], ["commit", "--quiet", "--allow-empty", "-m", "Begin"], [
            "worktree", "add", "--quiet", "-b", "side", str(place.workspace)]):
        subprocess.run(
            ["/usr/bin/git", *arguments], cwd=main, check=True, timeout=60, capture_output=True,
            env={"PATH": SEARCH_PATH, "HOME": str(place.home), **DATES})


def test_a_workspace_that_is_a_linked_worktree_can_be_committed_to(place, scripts):
    """Its repository lies outside the workspace; what commits need there is granted without any rule."""
    outcome = compare(
        place, shell(scripts / "git-linked-worktree.sh"), make_linked_worktree, writes=["main"],
        normalisations=[NO_LOCK_OF_PACKED_REFS], denied=[PACKED_REFS])
    assert outcome.status == 0
    assert "Commit in the linked worktree" in outcome.stdout
    assert git(place, "log", "-1", "--format=%s", "side", directory=str(place.home / "main")) == (
        "Commit in the linked worktree\n")


@pytest.mark.parametrize(
    "command", [["branch", "-D", "copy"], ["pack-refs", "--all"], ["gc"]], ids=lambda words: words[0])
def test_a_linked_worktree_s_refs_cannot_be_deleted_or_packed_and_stay_whole(place, command):
    """They can be made and moved; for these git needs the repository's directory itself, which isn't granted."""
    make_linked_worktree(place)
    git(place, "branch", "copy")
    before = git(place, "for-each-ref")
    outcome = place.inside(["git", *command])
    assert outcome.status != 0
    assert "Read-only file system" in outcome.stderr
    assert git(place, "for-each-ref") == before
    git(place, "fsck")


def make_superproject(place: Place, library_is_there: bool) -> None:
    """A superproject whose submodule is registered, and, when it is there, one commit behind."""
    library = str(place.home / "library")
    subprocess.run(["rm", "-rf", library], check=True, timeout=30)
    make_repository(place, library, name="file.txt")
    make_repository(place)
    allow = ("-c", "protocol.file.allow=always")
    git(place, *allow, "submodule", "--quiet", "add", library, "library")
    git(place, "commit", "--quiet", "-m", "Use the library")
    if library_is_there:
        (place.home / "library" / "file.txt").write_text("two\n")
        git(place, "commit", "--quiet", "-am", "Improve the library", directory=library)
        git(place, *allow, "submodule", "--quiet", "update", "--remote")
        git(place, "commit", "--quiet", "-am", "Use the better library")
        git(place, "submodule", "--quiet", "deinit", "--force", "library")
        subprocess.run(["rm", "-rf", str(place.workspace / ".git/modules/library")], check=True, timeout=30)
        git(place, "checkout", "--quiet", "HEAD~1")
        git(place, *allow, "submodule", "--quiet", "update", "--init")
        git(place, "checkout", "--quiet", "main")
    else:
        git(place, "submodule", "--quiet", "deinit", "--force", "library")
        subprocess.run(["rm", "-rf", str(place.workspace / ".git/modules/library")], check=True, timeout=30)
        git(place, "submodule", "--quiet", "init")


@pytest.mark.parametrize("library_is_there", [False, True], ids=["cloned anew", "one commit behind"])
def test_submodules_are_cloned_updated_and_committed_to(place, scripts, library_is_there):
    script = "git-submodule-present.sh" if library_is_there else "git-submodule.sh"
    outcome = compare(
        place, shell(scripts / script), lambda place: make_superproject(place, library_is_there),
        options=["--read", str(place.home / "library")], denied=[] if library_is_there else [LINKED_OBJECTS])
    assert outcome.status == 0
    assert "Change the library" in outcome.stdout


def test_submodule_update_of_one_that_is_there_is_refused_and_breaks_nothing(place):
    """git rewrites core.worktree in the submodule's configuration, which is protected, at every update."""
    make_superproject(place, library_is_there=True)
    before = git(place, "submodule", "status")
    outcome = place.inside(["git", "submodule", "update"], ["--read", str(place.home / "library")])
    assert outcome.status == 128
    assert "could not set 'core.worktree'" in outcome.stderr
    assert git(place, "submodule", "status") == before


@pytest.mark.parametrize("command", [
    ["git", "config", "core.pager", "sh -c evil"],
    ["git", "config", "--unset", "core.bare"],
    ["git", "remote", "add", "other", "https://example.org/other.git"],
    ["/bin/sh", "-c", "echo evil > .git/hooks/post-checkout"],
    ["/bin/sh", "-c", "git config --file=evil core.pager sh && mv evil .git/config"],
], ids=lambda command: " ".join(command[:3]) if command[0] == "git" else command[2][:16])
def test_configuration_and_hooks_stay_as_they_were(place, command):
    make_repository(place)
    git_directory = place.workspace / ".git"
    before = (git_directory / "config").read_bytes(), sorted((git_directory / "hooks").iterdir())
    assert place.inside(command).status != 0
    assert ((git_directory / "config").read_bytes(), sorted((git_directory / "hooks").iterdir())) == before
    assert place.outside(command).status == 0, "the control: outside the same command works"
