"""`mews doctor` tells what is missing, and what to do, when something really is missing."""

import json
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import time

import jsonschema
import pytest

from checkout import HERE, ROOT, TIME_LIMIT

SCHEMA = json.loads((ROOT / "Sources" / "mews-tools" / "Doctor" / "report.schema.json").read_text())

WHOLE = "the whole sandbox"
LOG = "the log"
READS = "denied reads are seen"
WRITES = "denied writes and system calls are seen"
CONNECTIONS = "connections to where nobody listens are seen"
OWNERS = "whose a connection is can be told"


def answer(result):
    assert result.stderr == "", result
    report = json.loads(result.stdout)
    jsonschema.validate(report, SCHEMA)
    for check in report["checks"]:
        # What isn't seen is no reason to run nothing; what can't be had may be one.
        assert check["state"] in ("yes", "not seen" if check["name"] in (READS, WRITES, CONNECTIONS, OWNERS) else "no"), check
        assert check["ok"] is (check["state"] == "yes")
    had = {check["name"] for check in report["checks"] if check["ok"]}
    assert report["observed"] == {
        "reads": READS in had, "writes": WRITES in had, "connections": CONNECTIONS in had}
    assert (report["level"], result.returncode) in [("full", 0), ("none", 1)]
    # The default profile's line says what the whole says.
    (default,) = [profile for profile in report["profiles"] if profile["name"] == "workspace"] or [report]
    assert default["level"] == report["level"]
    return report


def failed(report):
    return {check["name"]: check for check in report["checks"] if not check["ok"]}


def under_filter(home, reply, calls, *command):
    return home.run(sys.executable, str(HERE / "refuse.py"), reply, calls, "mews", *command)


def inside(home, script):
    """Runs a script as root of a user and mount namespace of its own."""
    return home.run("unshare", "-Urm", "sh", "-ec", script)


def without_remark(report):
    """What failed, but for what is unseen because the tests' host keeps /dev/fuse from this user."""
    return set(failed(report)) - {READS}


def test_everything_can_be_had_here(home):
    home.see_reads()
    report = answer(home.mews("doctor", "--json"))
    assert report["level"] == "full"
    # On a kernel before 6.14 the limit of processes is the host's; nothing else may be missing.
    assert without_remark(report) <= {"kernel.pid_max of the PID namespace"}
    if home.has_device():
        assert report["observed"] == {"reads": True, "writes": True, "connections": True}


def test_the_table_says_the_same(home):
    report = answer(home.mews("doctor", "--json"))
    table = home.mews("doctor")
    assert table.returncode == 0
    lines = table.stdout.splitlines()
    for check in report["checks"]:
        assert any(line.startswith(check["name"] + "  ") and f" {check['state']}  " in line for line in lines)
    for profile in report["profiles"]:
        assert any(line.split()[:3] == [profile["name"], profile["level"], profile["least"]] for line in lines)
    assert lines[-1].endswith("level full" if report["observed"]["reads"] else "level full; denied reads aren't seen")


def test_it_leaves_nothing_behind(home):
    before = home.files()
    with subprocess.Popen(
            ["mews", "doctor", "--json"], cwd=home.project, env=home.environment, stdout=subprocess.PIPE) as doctor:
        # Others may call a doctor at the same time; this one's directory has its number in its name.
        made = f"mews-doctor-{doctor.pid}-"
        doctor.communicate(timeout=TIME_LIMIT)
    assert doctor.returncode == 0
    assert home.files() == before
    for place in ("/tmp", "/var/tmp", "/dev/shm"):
        assert not list(pathlib.Path(place).glob(made + "*"))


def test_its_directory_is_named_for_it(home):
    """The control of the test above: the name that it looks for is the one that is made."""
    trace = home.path / "trace"
    home.run("strace", "-f", "-qq", "-o", str(trace), "-e", "trace=mkdir,mkdirat,execve", "mews", "doctor")
    lines = trace.read_text().splitlines()
    process = lines[0].split()[0]
    assert any(f"/mews-doctor-{process}-" in line for line in lines if line.startswith(process))


@pytest.mark.parametrize(("reply", "calls", "names", "remedy"), [
    ("EPERM", "clone3", {"user namespace", "all namespaces at once"}, "unprivileged_userns_clone"),
    ("ENOSYS", "landlock_create_ruleset", {"Landlock", "Landlock in force"}, "CONFIG_SECURITY_LANDLOCK"),
    ("EOPNOTSUPP", "landlock_create_ruleset", {"Landlock", "Landlock in force"}, "lsm="),
    ("ENOSYS", "mount_setattr", {"private mounts"}, "5.12"),
    ("ENOSYS", "fsopen", {"tmpfs by fsopen", "devpts"}, "5.12"),
    ("EPERM", "open_tree", {"open_tree, mount_setattr, move_mount"}, "container"),
    ("EPERM", "pivot_root", {"pivot_root"}, "container"),
    ("EINVAL", "seccomp", {"seccomp filter in force"}, "CONFIG_SECCOMP_FILTER"),
], ids=lambda value: value if isinstance(value, str) else None)
def test_a_refused_call_is_named_with_its_remedy(home, reply, calls, names, remedy):
    report = answer(under_filter(home, reply, calls, "doctor", "--json"))
    assert report["level"] == "none"
    missing = failed(report)
    assert names | {WHOLE} <= set(missing)
    for name in names:
        assert remedy in missing[name]["remedy"], missing[name]
    # The filter of the test refuses this and nothing else, so what doesn't need it still works.
    assert "no new privileges" not in missing


@pytest.mark.parametrize(("reply", "call"), [("EPERM", "clone3"), ("ENOSYS", "landlock_create_ruleset")])
def test_a_launch_fails_with_the_same_words(home, reply, call):
    report = answer(under_filter(home, reply, call, "doctor", "--json"))
    run = under_filter(home, reply, call, "run", "--", "true")
    assert run.returncode == 125
    check = failed(report)[WHOLE]
    assert run.stderr == f"mews: {check['answer']}; {check['remedy']}\n"


def test_a_filter_that_refuses_nothing_needed_changes_nothing(home):
    """The control of the tests above."""
    # clone(2) does what clone3(2) can't.
    for call in ("io_uring_setup", "clone3"):
        assert answer(under_filter(home, "ENOSYS", call, "doctor", "--json"))["level"] == "full"


def test_no_user_namespaces_are_left(home):
    report = answer(inside(home, "echo 0 > /proc/sys/user/max_user_namespaces; exec mews doctor --json"))
    missing = failed(report)
    assert report["level"] == "none"
    assert {"user.max_user_namespaces", "user namespace", WHOLE} <= set(missing)
    assert "raise user.max_user_namespaces" in missing["user.max_user_namespaces"]["remedy"]
    assert "No space left on device" in missing["user namespace"]["answer"]


def test_a_covered_proc_is_told_apart(home):
    """As in a container: parts of its /proc are masked, and the kernel then gives no new one."""
    report = answer(inside(home, "mount -t tmpfs none /proc/driver; exec mews doctor --json"))
    missing = failed(report)
    assert report["level"] == "none"
    assert "systempaths=unconfined" in missing["proc"]["remedy"]
    assert "pivot_root" not in missing


def test_a_managed_policy_is_told(home):
    script = "mount -t tmpfs none /etc; mkdir /etc/mews; touch /etc/mews/policy.yaml; exec mews doctor --json"
    report = answer(inside(home, script))
    assert report["level"] == "none"
    assert "/etc/mews/policy.yaml" in failed(report)["managed policy"]["answer"]


def test_missing_profiles_are_told(home, prefix):
    copy = home.path / "copy"
    shutil.copytree(prefix / "bin", copy / "bin")
    shutil.copytree(prefix / "libexec" / "mews", copy / "libexec" / "mews")
    report = answer(home.run(str(copy / "bin" / "mews"), "doctor", "--json"))
    assert report["level"] == "none"
    assert "install Mews again" in failed(report)["profiles"]["remedy"]


def test_an_attempt_that_hangs_is_given_up(home):
    start = time.monotonic()
    report = answer(under_filter(home, "hang", "landlock_restrict_self", "doctor", "--json"))
    assert time.monotonic() - start < 60
    assert "no answer" in failed(report)["Landlock in force"]["answer"]
    assert report["level"] == "none"


def test_a_wrong_use_is_2(home):
    result = home.mews("doctor", "--nonsense")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("mews: ")


def seen(home, *options):
    """The report of a doctor that finds the sandbox sound, and the check of denied reads."""
    report = answer(home.mews("doctor", "--json", *options))
    assert report["level"] == "full"
    (check,) = [check for check in report["checks"] if check["name"] == READS]
    return check


def test_denied_reads_are_really_read_and_found_in_a_log(home):
    home.see_reads()
    if not home.has_device():
        pytest.skip("no FUSE device can be opened here, and none made for the tests")
    check = seen(home)
    assert check["ok"] and "was refused and written down" in check["answer"]


@pytest.mark.parametrize(("make", "found", "remedy"), [
    (lambda path: None, "No such file or directory", "--device /dev/fuse"),
    (lambda path: path.write_text(""), "isn't the FUSE device", "modprobe fuse"),
], ids=["missing", "another file"])
def test_a_missing_fuse_device_is_a_remark_with_a_remedy(home, make, found, remedy):
    device = home.path / "fuse"
    make(device)
    check = seen(home, "--fuse-device", str(device))
    assert (check["state"], found in check["answer"], remedy in check["remedy"]) == ("not seen", True, True)
    # What isn't seen is denied: nobody may take this for a hole.
    assert "denied all the same" in check["remedy"]


def test_a_device_that_only_root_may_open_has_another_remedy(home):
    """As a container often has it: the node is there, and its mode keeps users out."""
    if os.getuid() == 0:
        pytest.skip("root may open it")
    if not os.path.exists("/dev/fuse"):
        pytest.skip("there is none here")
    if not stat.S_ISCHR(os.stat("/dev/fuse").st_mode) or os.access("/dev/fuse", os.R_OK | os.W_OK):
        pytest.skip("everybody may open it here")
    check = seen(home)
    assert "Permission denied" in check["answer"] and "chmod 666 /dev/fuse" in check["remedy"]
    table = home.mews("doctor")
    assert table.returncode == 0
    assert table.stdout.splitlines()[-1].endswith("level full; denied reads aren't seen")


def test_a_mount_that_is_refused_is_told_apart_from_the_device(home):
    """fsopen alone is refused: all else of the sandbox needs it too, so no run is sound, and the device isn't blamed."""
    home.see_reads()
    if not home.has_device():
        pytest.skip("no FUSE device can be opened here, and none made for the tests")
    report = answer(under_filter(home, "EPERM", "fsopen", "doctor", "--json"))
    missing = failed(report)
    assert {READS, WHOLE, "tmpfs by fsopen"} <= set(missing)
    assert "/fuse" not in missing[READS]["answer"]


@pytest.mark.parametrize(("reply", "remedy"), [("EBUSY", "start mews outside"), ("EINVAL", "gVisor")])
def test_a_filter_without_a_listener_is_a_remark(home, reply, remedy):
    report = answer(under_filter(home, reply, "seccomp+listener", "doctor", "--json"))
    missing = failed(report)
    assert report["level"] == "full"
    assert remedy in missing[WRITES]["remedy"] and "denied all the same" in missing[WRITES]["remedy"]
    assert report["observed"]["writes"] is False


def test_inside_a_sandbox_that_listens_there_is_no_second_listener(home):
    """The kernel's own answer, where the test above makes it up: a filter around this one has the listener."""
    report = answer(under_filter(home, "listen", "io_uring_setup", "doctor", "--json"))
    assert report["level"] == "full"
    assert "busy" in failed(report)[WRITES]["answer"]
    # And a launch says so too, and runs.
    run = under_filter(home, "listen", "io_uring_setup", "run", "--summary", "json", "--", "true")
    assert run.returncode == 0
    assert json.loads(run.stderr.splitlines()[-1])["observed"]["writes"] is False


def test_the_log_is_tried_where_it_will_be(home):
    state = home.path / "state"
    (check,) = [
        check for check in answer(home.mews("doctor", "--json", env=home.environment | {"XDG_STATE_HOME": str(state)}))
        ["checks"] if check["name"] == LOG]
    assert check["ok"] and str(state / "mews" / "audit") in check["answer"]
    assert not state.exists()


def spoil(state, how):
    """Makes a directory of state in which no log can be begun."""
    audit = state / "mews" / "audit"
    if how == "a file":
        state.mkdir()
        (state / "mews").write_text("")
    elif how == "others may write":
        audit.mkdir(parents=True)
        audit.chmod(0o777)
    elif how == "others may write above":
        (state / "mews").mkdir(parents=True)
        (state / "mews").chmod(0o777)
    elif how == "a damaged ledger":
        audit.mkdir(parents=True, mode=0o700)
        (audit / "ledger.jsonl").write_text("{}\n")
        (audit / "ledger.jsonl").chmod(0o600)
    elif how == "not to be written":
        audit.mkdir(parents=True)
        (audit / "ledger.jsonl").write_text("")
        (audit / "ledger.jsonl").chmod(0o600)
        audit.chmod(0o500)
    return audit


@pytest.mark.parametrize(("how", "remedy"), [
    ("a file", "move "), ("others may write", "chmod go-w "), ("others may write above", "chmod go-w "),
    ("a damaged ledger", "mews audit verify --all"), ("not to be written", "make "),
])
def test_no_log_is_a_failure_that_a_launch_has_too(home, how, remedy):
    if how == "not to be written" and os.getuid() == 0:
        pytest.skip("no mode keeps root out")
    state = home.path / "state"
    audit = spoil(state, how)
    environment = home.environment | {"XDG_STATE_HOME": str(state)}
    report = answer(home.mews("doctor", "--json", env=environment))
    check = failed(report)[LOG]
    assert report["level"] == "none"
    assert remedy in check["remedy"] and str(state / "mews") in check["answer"]
    run = home.mews("run", "--", "true", env=environment)
    assert run.returncode == 125 and "audit" in run.stderr
    if audit.exists():
        audit.chmod(0o700)


def test_a_home_that_is_not_there_has_no_log(home):
    """A mistake in the environment, which a launch refuses rather than filling / with it."""
    environment = home.environment | {"XDG_STATE_HOME": "/mews-no-such-place"}
    report = answer(home.mews("doctor", "--json", env=environment))
    assert "XDG_STATE_HOME" in failed(report)[LOG]["remedy"]
    assert home.mews("run", "--", "true", env=environment).returncode == 125


def test_a_ledger_that_was_changed_is_a_remark(home):
    """A session goes on from the last entry; that an earlier one was changed is for `mews audit verify` to find."""
    for _ in range(2):
        assert home.mews("run", "--", "true").returncode == 0
    ledger = home.path / ".local" / "state" / "mews" / "audit" / "ledger.jsonl"
    first, *rest = ledger.read_text().splitlines(keepends=True)
    ledger.write_text("".join([first.replace('"open"', '"opex"'), *rest]))
    report = answer(home.mews("doctor", "--json"))
    (check,) = [check for check in report["checks"] if check["name"] == LOG]
    assert check["ok"] and "mews audit verify --all" in check["answer"]
    assert home.mews("run", "--", "true").returncode == 0


def test_a_full_file_system_is_told(home):
    script = (
        "mkdir -p \"$HOME/state\"; mount -t tmpfs -o size=16k none \"$HOME/state\"; "
        "XDG_STATE_HOME=$HOME/state exec mews doctor --json")
    report = answer(inside(home, script))
    check = failed(report)[LOG]
    assert "No space left on device" in check["answer"] and "make room" in check["remedy"]
