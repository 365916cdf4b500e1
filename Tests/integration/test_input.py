"""Bad or odd input: each works or is one clear error, and none hangs."""

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile

import pytest
from support.process import execute
from support.sandbox import OWN_MOUNTS, is_root


def refused_once(result):
    """A refusal that is short enough to be read."""
    return result.refused_by_mews() and len(result.stderr.splitlines()) <= 4


GOOD = "version: 1\nname: given\nextends: [workspace]\n"


def test_the_control_of_the_bad_profiles(sandbox):
    path = sandbox.base / "good.yaml"
    path.write_text(GOOD)
    assert sandbox.run("/bin/true", profile=path).status == 0


@pytest.mark.parametrize(
    "kind", ["directory", "fifo", "socket", "missing", "not-utf-8", "nul", "empty", "huge", "deep"]
)
def test_a_profile_that_is_no_profile(sandbox, kind):
    path = sandbox.base / "bad.yaml"
    if kind == "directory":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "socket":
        socket.socket(socket.AF_UNIX).bind(str(path))
    elif kind == "not-utf-8":
        path.write_bytes(GOOD.encode() + b"description: \xff\xfe\n")
    elif kind == "nul":
        path.write_bytes(GOOD.encode() + b"description: a\0b\n")
    elif kind == "empty":
        path.write_text("")
    elif kind == "huge":
        with path.open("w") as file:
            file.write(GOOD)
            for _ in range(100):
                file.write(("# " + "x" * 1021 + "\n") * 1024)
    elif kind == "deep":
        path.write_text(GOOD + "filesystem: " + "[" * 20000 + "]" * 20000 + "\n")
    result = sandbox.run("/bin/true", profile=path)
    assert refused_once(result), result
    assert "bad.yaml" in result.stderr


def test_a_device_as_profile_is_refused(sandbox):
    assert refused_once(sandbox.run("/bin/true", profile="/dev/zero"))


def test_a_profile_with_a_byte_order_mark_is_read_or_refused_clearly(sandbox):
    path = sandbox.base / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    result = sandbox.run("/bin/true", profile=path)
    assert result.status == 0 or refused_once(result)


@pytest.mark.parametrize("mode", [0o666, 0o646, 0o777])
def test_a_profile_that_others_can_write_is_refused(sandbox, mode):
    path = sandbox.base / "open.yaml"
    path.write_text(GOOD)
    path.chmod(mode)
    assert refused_once(sandbox.run("/bin/true", profile=path))


@pytest.mark.skipif(not is_root(), reason="only root can give a profile to another user")
def test_a_profile_of_another_user_is_refused(sandbox):
    path = sandbox.base / "other.yaml"
    path.write_text(GOOD)
    os.chown(path, 12345, 12345)
    assert refused_once(sandbox.run("/bin/true", profile=path))


@pytest.mark.parametrize(
    "chain", [["a", "a"], ["a", "b", "a"], ["a", "b", "c", "a"]], ids=["itself", "two", "three"]
)
def test_extends_in_a_cycle(sandbox, chain):
    for name, following in zip(chain, chain[1:], strict=False):
        (sandbox.base / "profiles" / f"{name}.yaml").write_text(
            f"version: 1\nname: {name}\nextends: [./{following}.yaml]\n"
        )
    result = sandbox.run("/bin/true", profile=sandbox.base / "profiles" / "a.yaml")
    assert result.refused_by_mews(f"{chain[-2]}.yaml:3:", "a.yaml -> ")


YAML_TRICKS = {
    "anchor": "description: &a text\n",
    "alias": "filesystem: {read: &r [/usr], write: *r}\n",
    "tag": "description: !!str text\n",
    "merge": "filesystem: {<<: {read: [/usr]}}\n",
    "duplicate": "description: a\ndescription: b\n",
    "unknown": "filesytem: {read: []}\n",
    "two-documents": "---\nname: second\n",
    "dots": "filesystem: {read: [/usr/../root]}\n",
    "number": "process: {limits: {processes: 1e3}}\n",
    "boolean": "filesystem: {hide: yes please}\n",
    "unit": "filesystem: {tmp: 1GB}\n",
    "version": "version: 2\n",
    "tab": "filesystem:\n\tread: []\n",
}


@pytest.mark.parametrize("name", YAML_TRICKS)
def test_what_the_restricted_language_leaves_out_is_an_error(sandbox, name):
    path = sandbox.base / "trick.yaml"
    path.write_text(GOOD + YAML_TRICKS[name])
    assert sandbox.run("/bin/true", profile=path).refused_by_mews("trick.yaml:")


def test_all_errors_are_reported_at_once(sandbox):
    profile = sandbox.profile("filesystem:\n  read: [/a/../b]\n  tmp: much\n  nonsense: 1\nnetwrok: {}\n")
    result = sandbox.run("/bin/true", profile=profile)
    assert result.refused_by_mews(*[f"{profile.name}:{line}:" for line in (5, 6, 7, 8)])


@pytest.mark.parametrize("given", ["/", "~", "ancestor", "missing", "file", "dots"])
def test_a_workspace_that_is_refused(sandbox, given):
    path = {
        "/": "/",
        "~": str(sandbox.home),
        "ancestor": str(sandbox.base),
        "missing": str(sandbox.base / "nothing"),
        "file": str(sandbox.workspace / "notes.txt"),
        "dots": "",
    }[given]
    assert refused_once(sandbox.run("/bin/true", options=("--workspace", path)))


@pytest.mark.parametrize("where", ["config", "state", "data"])
def test_a_workspace_that_holds_mewss_own_state_is_refused(sandbox, where):
    """What is written there decides about later runs."""
    variable, default = {
        "config": ("XDG_CONFIG_HOME", ".config"),
        "state": ("XDG_STATE_HOME", ".local/state"),
        "data": ("XDG_DATA_HOME", ".local/share"),
    }[where]
    moved = sandbox.workspace / "xdg"
    (moved / "mews").mkdir(parents=True)
    result = sandbox.run("/bin/true", env={variable: str(moved)})
    if where == "data":
        # Data holds the agents' own directories; only what decides about Mews must be out of reach.
        assert result.status in (0, 125)
    else:
        assert refused_once(result), result
    inside = sandbox.home / default / "mews" / "project"
    inside.mkdir(parents=True)
    result = sandbox.run("/bin/true", options=("--workspace", str(inside)), cwd=inside)
    assert where == "data" or refused_once(result), result


@pytest.mark.parametrize("kind", ["outside", "missing", "denied"])
def test_a_cwd_that_is_not_in_the_view(sandbox, kind):
    (sandbox.workspace / "secret").mkdir()
    path = {
        "outside": sandbox.outside,
        "missing": sandbox.workspace / "nothing",
        "denied": sandbox.workspace / "secret",
    }[kind]
    options = ("--cwd", str(path), "--deny", str(sandbox.workspace / "secret"))
    assert refused_once(sandbox.run("/bin/true", options=options))


def test_the_cwd_of_the_caller_must_be_in_the_view(sandbox):
    result = sandbox.run("/bin/true", options=("--workspace", str(sandbox.workspace)), cwd=sandbox.outside)
    assert refused_once(result)


def test_a_deleted_cwd_is_one_clear_error(sandbox):
    gone = sandbox.workspace / "gone"
    gone.mkdir()
    remove = ("/bin/sh", "-c", 'rmdir "$PWD"; exec "$@"', "sh")
    assert refused_once(sandbox.run("/bin/true", wrapper=remove, cwd=gone))


def test_a_cwd_on_another_mount_that_was_covered(sandbox, control):
    """The directory under the caller isn't what its path names: Mews must not take the one for the other."""
    cover = (*OWN_MOUNTS, "/bin/sh", "-c", 'mount -t tmpfs none "$PWD"; exec "$@"', "sh")
    assert control.run("/bin/ls", wrapper=cover).stdout == "notes.txt\n"
    sandbox.own_installation()
    result = sandbox.run("/bin/ls", wrapper=cover)
    assert result.stdout == "" and result.status in (0, 125)


@pytest.mark.parametrize("disposition", ["IGNORE", "BLOCK"])
def test_a_parent_that_ignores_or_blocks_signals(sandbox, disposition):
    """Erlang and others start programs with SIGCHLD ignored: a wait would then lose the status."""
    script = (
        "import os, signal, sys\n"
        "numbers = [signal.SIGCHLD, signal.SIGPIPE, signal.SIGTERM, signal.SIGINT, signal.SIGWINCH]\n"
        "if sys.argv[1] == 'BLOCK': signal.pthread_sigmask(signal.SIG_BLOCK, numbers)\n"
        "else: [signal.signal(number, signal.SIG_IGN) for number in numbers]\n"
        "os.execv(sys.argv[2], sys.argv[2:])\n"
    )
    result = sandbox.shell(
        "sleep 0.1; true & wait; exit 9", wrapper=("/usr/bin/python3", "-S", "-c", script, disposition)
    )
    assert (result.status, result.stderr) == (9, "")


@pytest.mark.skipif(not is_root(), reason="only root can become a user without a passwd entry")
def test_a_user_without_a_passwd_entry(sandbox, prefix):
    stranger = ("setpriv", "--reuid", "54321", "--regid", "54321", "--clear-groups", "--")
    place = pathlib.Path(tempfile.mkdtemp(prefix="mews-case-", dir="/var/tmp"))
    try:
        (place / "home" / "project").mkdir(parents=True)
        for directory in (place, place / "home", place / "home" / "project"):
            os.chown(directory, 54321, 54321)
            directory.chmod(0o755)
        environment = sandbox.environment | {"HOME": str(place / "home")}
        result = execute(
            [*stranger, str(prefix / "bin" / "mews"), "run", "--", "/usr/bin/id", "-u"],
            env=environment,
            cwd=place / "home" / "project",
        )
        assert (result.status, result.stdout) == (0, "54321\n"), result
    finally:
        shutil.rmtree(place)


def test_home_unset_is_taken_from_the_passwd_entry_or_refused(sandbox):
    result = sandbox.run("/usr/bin/env", env={"HOME": None})
    assert result.status == 0 or refused_once(result)


@pytest.mark.parametrize("home", ["", "relative", "/nonexistent/home", "/"])
def test_an_odd_home(sandbox, home):
    result = sandbox.run("/bin/true", env={"HOME": home})
    assert result.status == 0 or refused_once(result)


@pytest.mark.parametrize(
    "variable", ["XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"]
)
@pytest.mark.parametrize("value", ["relative/path", "/nonexistent/x", "/dev/null", ""])
def test_odd_xdg_directories(sandbox, variable, value):
    result = sandbox.run("/bin/true", env={variable: value})
    assert result.status == 0 or refused_once(result)


def test_stdout_closed_or_full_is_the_commands_affair(sandbox, control):
    closing = ("/bin/sh", "-c", 'exec "$@" >&-', "sh")
    assert sandbox.shell("exit 4", wrapper=closing).status == 4


def test_a_reader_that_went_away(sandbox):
    """`mews run -- yes | head -1` ends as `yes | head -1` does."""
    for first in ("yes", " ".join(map(repr, sandbox.arguments(["yes"])))):
        result = subprocess.run(
            ["/bin/bash", "-c", f"{first} | head -1; echo ${{PIPESTATUS[0]}}"],
            env=sandbox.environment,
            cwd=sandbox.workspace,
            capture_output=True,
            timeout=20,
            check=True,
        )
        assert result.stdout == b"y\n141\n"


@pytest.mark.parametrize(
    "limit", ["ulimit -n 16", "ulimit -u 400", "ulimit -f 100", "ulimit -v 4000000", "ulimit -s 512"]
)
def test_low_limits_of_the_caller(sandbox, limit):
    result = sandbox.run("/bin/true", wrapper=("/bin/bash", "-c", f'{limit}; exec "$@"', "bash"))
    assert result.status == 0 or refused_once(result)


def test_an_empty_environment(sandbox):
    result = sandbox.run("/bin/true", wrapper=("/usr/bin/env", "-i"))
    assert result.status == 0 or refused_once(result)


def test_an_empty_argv(sandbox):
    """Since Linux 5.18 the kernel itself puts one empty argument there (CVE-2021-4034 was pkexec without
    any)."""
    script = "import ctypes, sys; ctypes.CDLL(None).execv(sys.argv[1].encode(), (ctypes.c_char_p * 1)())"
    result = execute(
        ["/usr/bin/python3", "-S", "-c", script, sandbox.mews], env=sandbox.environment, cwd=sandbox.workspace
    )
    assert result.status in (2, 125)


def test_a_managed_policy_that_this_version_cannot_read_is_refused(sandbox):
    """Until the managed policy is built, its presence must not be passed over in silence."""
    sandbox.own_installation()
    swap = (
        'mkdir "$0/etc"; cp -a /etc/. "$0/etc/" 2>/dev/null; $1; mount --bind "$0/etc" /etc; shift; exec "$@"'
    )
    for number, (make, expected) in enumerate(
        [
            ("true", 0),
            ("install -D /dev/null {}/etc/mews/policy.yaml", 125),
            ("install -D /dev/null {}/etc/mews/policy.d/10-site.yaml", 125),
        ]
    ):
        place = sandbox.base / f"managed{number}"
        place.mkdir()
        wrapper = (*OWN_MOUNTS, "/bin/sh", "-c", swap, str(place), make.format(place))
        result = sandbox.run("/bin/true", wrapper=wrapper)
        assert result.status == expected, result
        if expected:
            assert refused_once(result)
            assert "/etc/mews" in result.stderr


def test_plat_no_silent_fallback(sandbox):
    """Where no user namespace can be made the command isn't started, whatever would be left."""
    sandbox.own_installation()

    def wrapper(limit):
        script = f'echo {limit} > /proc/sys/user/max_user_namespaces; exec "$@"'
        return (*OWN_MOUNTS, "/bin/sh", "-c", script, "sh")

    assert sandbox.shell("touch ran", wrapper=wrapper(10)).status == 0
    (sandbox.workspace / "ran").unlink()
    result = sandbox.shell("touch ran", wrapper=wrapper(0))
    assert refused_once(result)
    assert "namespace" in result.stderr
    assert not (sandbox.workspace / "ran").exists()
