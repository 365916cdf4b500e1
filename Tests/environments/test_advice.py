"""What `mews doctor` says of an environment is what a launch finds there, and what it advises is what helps."""

import copy
import json
import os
import pathlib
import shlex

import jsonschema
import pytest
import yaml

from support.environment import Place, made_here
from support.table import PROFILES

HERE = pathlib.Path(__file__).resolve().parent
CHECKOUT = pathlib.Path(os.environ.get("MEWS_CHECKOUT") or HERE.parent.parent)
SCHEMA = json.loads((CHECKOUT / "Sources" / "mews-tools" / "Doctor" / "report.schema.json").read_text())
ENTRIES = made_here()
NAMES = [entry["name"] for entry in ENTRIES]
BY_NAME = {entry["name"]: entry for entry in ENTRIES}
# Without /proc nothing of Mews runs, and the doctor can't say more than a launch does.
EXAMINED = [name for name in NAMES if name != "no /proc"]


def report(visits, name):
    found = json.loads(visits[name]["doctor"].stdout)
    jsonschema.validate(found, SCHEMA)
    return found


@pytest.mark.parametrize("name", EXAMINED)
def test_the_doctor_and_a_launch_agree(visits, name):
    found, runs = report(visits, name), visits[name]["runs"]
    levels = {profile["name"]: profile["level"] for profile in found["profiles"]}
    for profile, run in zip(PROFILES, runs, strict=True):
        expected = "none" if run.status == 125 else run.summary["level"]
        if profile.startswith("none, "):
            continue
        said = found["level"] if profile == "none" else levels.get(profile, expected)
        if profile.endswith("--require landlock`"):
            (said,) = [each["least"] for each in found["profiles"] if each["name"] == "readonly"]
        assert said == expected, (profile, run)
    assert visits[name]["doctor"].status == (0 if found["level"] != "none" else 1)


@pytest.mark.parametrize("name", EXAMINED)
def test_what_the_log_can_tell_is_the_same(visits, name):
    (run, *_), found = visits[name]["runs"], report(visits, name)
    if found["level"] != "none":
        seen = run.summary["observed"]
        assert found["observed"] == {
            "reads": seen["reads"], "writes": seen["writes"], "connections": seen["packets"]}


@pytest.mark.parametrize("name", [name for name in EXAMINED if "remedy" in BY_NAME[name]])
def test_what_is_missing_has_a_remedy(visits, name):
    entry, found = BY_NAME[name], report(visits, name)
    told = [check["remedy"] for check in found["checks"]]
    told += [line for step in found["instructions"] for line in (step["title"], *step["lines"])]
    assert any(entry["remedy"] in text for text in told), told
    assert entry["default"]["missing"] in {missing["layer"] for missing in found["missing"]}
    table = visits[name]["table"]
    assert table.status == 1 and entry["remedy"] in table.stdout
    # To be pasted as they are: nothing stands before or behind them.
    for step in found["instructions"]:
        assert set(step["lines"]) <= set(table.stdout.splitlines())
    # More than is needed is no remedy.
    assert not any("--privileged" in line for step in found["instructions"] for line in step["lines"])


@pytest.mark.parametrize("name", [name for name in NAMES if "container" in BY_NAME[name]])
def test_the_engine_is_known(visits, name):
    assert report(visits, name)["container"] == BY_NAME[name]["container"]


@pytest.mark.skipif("no /proc" not in NAMES, reason="not made here")
def test_without_proc_the_doctor_cannot_decide(visits):
    found = visits["no /proc"]
    assert (found["doctor"].status, found["doctor"].stdout) == (3, "")
    assert "mount -t proc proc /proc" in found["doctor"].stderr


def opened(description, permission):
    """What an engine changes when it is given one of the flags or fields that the doctor names."""
    changed = copy.deepcopy(description)
    if permission in ("seccomp=unconfined", "seccompProfile"):
        changed.pop("refuse")
    elif permission in ("systempaths=unconfined", "unmask=ALL", "procMount"):
        changed.pop("proc")
    elif permission == "SETFCAP":
        changed["keep-capabilities"] = [*changed["keep-capabilities"], "SETFCAP"]
    elif permission != "hostUsers":
        raise AssertionError(f"nobody knows what {permission} changes")
    return changed


def permissions(step):
    """The flags of a docker or podman command line, or the fields of a pod."""
    if step["lines"][0].startswith("spec:"):
        pod = yaml.safe_load("\n".join(step["lines"]))["spec"]
        (container,) = pod["containers"]
        return [*container["securityContext"], *(name for name in pod if name == "hostUsers")]
    (line,) = step["lines"]
    words = shlex.split(line)
    assert words[1] == "run" and words[-1] == "…"
    assert {*words[2:-1:2]} <= {"--security-opt", "--cap-add"}, line
    return words[3:-1:2]


@pytest.mark.parametrize("name", [
    name for name in NAMES if "container" in BY_NAME[name] and "remedy" in BY_NAME[name]
    # Its filter is Docker's with SYS_ADMIN; what helps is what helps without.
    and "SYS_ADMIN" not in name])
def test_the_advice_helps_and_none_of_it_is_too_much(visits, prefix, name):
    steps = [step for step in report(visits, name)["instructions"] if "Docker" in step["title"]
             or "Podman" in step["title"] or "Kubernetes" in step["title"]]
    (step,) = steps
    wanted = [each for each in permissions(step) if each != "hostUsers"]

    def level(granted):
        entry = copy.deepcopy(BY_NAME[name])
        for permission in granted:
            entry["make"] = opened(entry["make"], permission)
        place = Place(entry, prefix)
        try:
            (run,) = place.ask([[]], doctor=False)["runs"]
        finally:
            place.remove()
        return run.outcome

    assert wanted and level(wanted) == "full", step
    for left_out in wanted:
        rest = [each for each in wanted if each != left_out]
        assert level(rest) != "full", f"{left_out} is more than is needed"


@pytest.mark.parametrize("name", [name for name in NAMES if "AppArmor" in name])
def test_the_profile_of_apparmor_is_for_the_installed_program(visits, name):
    (step,) = [step for step in report(visits, name)["instructions"] if "AppArmor" in step["title"]]
    text = "\n".join(step["lines"])
    assert text.startswith("cat > /etc/apparmor.d/mews <<'EOF'\nabi <abi/4.0>,\n")
    assert text.endswith("}\nEOF\napparmor_parser -r /etc/apparmor.d/mews")
    (head,) = [line for line in step["lines"] if line.startswith("profile ")]
    _, label, program, flags, _ = shlex.split(head)
    assert (label, flags) == ("mews", "flags=(unconfined)")
    assert program.endswith("/installation/bin/mews") and pathlib.Path(program).is_absolute()
    assert "  userns," in step["lines"]


@pytest.mark.skipif("user.max_user_namespaces is 0" not in NAMES, reason="not made here")
def test_the_line_of_sysctl_helps(visits, prefix):
    name = "user.max_user_namespaces is 0"
    (step,) = [step for step in report(visits, name)["instructions"] if "sysctl" in str(step["lines"])]
    setting = shlex.split(step["lines"][0])
    assert setting[:2] == ["sysctl", "-w"]
    variable, value = setting[2].split("=")
    entry = copy.deepcopy(BY_NAME[name])
    entry["make"]["switches"] = {variable.replace(".", "/"): value}
    place = Place(entry, prefix)
    try:
        (run,) = place.ask([[]], doctor=False)["runs"]
    finally:
        place.remove()
    assert run.outcome == "full"
