"""`mews doctor` tells what is missing, and what to do, when something really is missing."""

import json
import pathlib
import shutil
import subprocess
import sys
import time

import pytest

from checkout import HERE, TIME_LIMIT

WHOLE = "the whole sandbox"


def answer(result):
    assert result.stderr == "", result
    report = json.loads(result.stdout)
    assert set(report) == {"version", "kernel", "level", "checks"}
    for check in report["checks"]:
        assert set(check) == {"name", "ok", "answer", "remedy"}
        assert check["answer"], check
    assert (report["level"], result.returncode) in [("full", 0), ("none", 1)]
    return report


def failed(report):
    return {check["name"]: check for check in report["checks"] if not check["ok"]}


def under_filter(home, reply, calls, *command):
    return home.run(sys.executable, str(HERE / "refuse.py"), reply, calls, "mews", *command)


def inside(home, script):
    """Runs a script as root of a user and mount namespace of its own."""
    return home.run("unshare", "-Urm", "sh", "-ec", script)


def test_everything_can_be_had_here(home):
    report = answer(home.mews("doctor", "--json"))
    assert report["level"] == "full"
    # On a kernel before 6.14 the limit of processes is the host's; nothing else may be missing.
    assert set(failed(report)) <= {"kernel.pid_max of the PID namespace"}


def test_the_table_says_the_same(home):
    report = answer(home.mews("doctor", "--json"))
    table = home.mews("doctor")
    assert table.returncode == 0
    lines = table.stdout.splitlines()
    for check in report["checks"]:
        (line,) = [line for line in lines if line.startswith(check["name"] + "  ")]
        assert (" yes  " in line) == check["ok"]
    assert lines[-1].endswith("level full")


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
    ("ENOSYS", "clone3", {"user namespace", "all namespaces at once"}, "clone3"),
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


@pytest.mark.parametrize(("reply", "call"), [("ENOSYS", "clone3"), ("ENOSYS", "landlock_create_ruleset")])
def test_a_launch_fails_with_the_same_words(home, reply, call):
    report = answer(under_filter(home, reply, call, "doctor", "--json"))
    run = under_filter(home, reply, call, "run", "--", "true")
    assert run.returncode == 125
    check = failed(report)[WHOLE]
    assert run.stderr == f"mews: {check['answer']}; {check['remedy']}\n"


def test_a_filter_that_refuses_nothing_needed_changes_nothing(home):
    """The control of the tests above."""
    assert answer(under_filter(home, "ENOSYS", "io_uring_setup", "doctor", "--json"))["level"] == "full"


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
