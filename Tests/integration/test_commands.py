"""The other verbs, and what isn't built yet: said, never silently accepted."""

import json

import pytest

NOT_YET = {
    "observe": (("run", "--observe", "--", "/bin/touch", "ran"), 125),
    "audit": (("audit", "export"), 2),
    "profile-learn": (("profile", "learn"), 2),
    "profile-trust": (("profile", "trust"), 2),
}


@pytest.mark.parametrize("name", NOT_YET)
def test_what_is_not_built_yet_says_so(sandbox, name):
    arguments, status = NOT_YET[name]
    result = sandbox.mews_itself(*arguments)
    assert "not in this version" in result.stderr
    assert result.stdout == ""
    assert result.status == status
    assert not (sandbox.workspace / "ran").exists()


@pytest.mark.parametrize(
    "body",
    [
        "filesystem:\n  workspace: cow\n",
        "network:\n  upstream: {url: \"http://proxy.example:3128\"}\n",
        "network:\n  loopback: {publish: [3000]}\n",
    ],
    ids=["cow", "upstream", "publish"],
)
def test_a_profile_key_that_is_not_built_yet_starts_nothing(sandbox, body):
    result = sandbox.run("/bin/touch", "ran", profile=sandbox.profile(body))
    assert result.refused_by_mews("not in this version")
    assert not (sandbox.workspace / "ran").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--nonsense", "--", "true"),
        ("run", "-x", "--", "true"),
        ("run",),
        ("run", "--"),
        ("run", "-p"),
        ("run", "--timeout", "soon", "--", "true"),
        ("run", "--timeout", "-1s", "--", "true"),
        ("run", "--require", "most", "--", "true"),
        ("run", "-p", "no-such-profile", "--", "true"),
        ("run", "--read", "a/../b", "--", "true"),
        ("run", "--env", "A B=c", "--", "true"),
        ("run", "--env", "=c", "--", "true"),
        ("run", "-c"),
    ],
    ids=lambda arguments: "_".join(arguments),
)
def test_a_usage_error_of_run_is_125(sandbox, arguments):
    result = sandbox.mews_itself(*arguments)
    assert result.refused_by_mews(), result


@pytest.mark.parametrize(
    "arguments",
    [("nonsense",), ("profile", "nonsense"), ("--nonsense",), ()],
    ids=lambda arguments: "_".join(arguments) or "none",
)
def test_a_usage_error_of_other_verbs_is_2(sandbox, arguments):
    result = sandbox.mews_itself(*arguments)
    assert (result.status, result.stdout) == (2, "")
    assert result.messages


@pytest.mark.parametrize(
    "verb",
    [(), ("run",), ("shell",), ("doctor",), ("profile",), ("profile", "check")],
    ids=lambda verb: "_".join(verb) or "none",
)
def test_help_works_everywhere(sandbox, verb):
    result = sandbox.mews_itself(*verb, "--help")
    assert (result.status, result.stderr) == (0, "")
    assert "mews" in result.stdout


@pytest.mark.parametrize("verb", [(), ("run",), ("profile",)], ids=lambda verb: "_".join(verb) or "none")
def test_version_works_everywhere(sandbox, verb):
    result = sandbox.mews_itself(*verb, "--version")
    assert result.status == 0
    assert result.stdout.startswith("mews ")
    assert len(result.stdout.splitlines()) == 1


def test_a_dry_run_prints_the_plan_and_starts_nothing(sandbox):
    granted = sandbox.base / "granted"
    granted.mkdir()
    result = sandbox.run("/bin/touch", "ran", options=("--dry-run", "--read", str(granted)))
    assert result.status == 0
    for part in (str(sandbox.workspace), str(granted), "/usr", "touch"):
        assert part in result.stdout + result.stderr
    assert not (sandbox.workspace / "ran").exists()
    assert sandbox.run("/bin/touch", "ran").status == 0
    assert (sandbox.workspace / "ran").exists()


def test_a_dry_run_makes_no_directory(sandbox):
    profile = sandbox.profile("filesystem:\n  write: [{path: ~/out, create: dir}]\n")
    assert sandbox.run("/bin/true", profile=profile, options=("--dry-run",)).status == 0
    assert not (sandbox.home / "out").exists()
    assert sandbox.attempt(["write", str(sandbox.home / "out" / "file")], profile=profile).ok
    assert (sandbox.home / "out").stat().st_mode & 0o777 == 0o700


def test_a_missing_path_is_skipped(sandbox):
    missing = sandbox.base / "nothing"
    assert sandbox.run("/bin/true", options=("--read", str(missing), "--write", str(missing))).status == 0
    shown = sandbox.run("/bin/true", options=("--dry-run", "--read", str(missing)))
    assert str(missing) in shown.stdout + shown.stderr
    assert not missing.exists()


def test_the_short_form_runs_a_command(sandbox):
    result = sandbox.mews_itself("--", "/bin/echo", "short")
    assert (result.status, result.stdout) == (0, "short\n")


def test_profile_check_accepts_a_sound_profile(sandbox):
    result = sandbox.mews_itself(
        "profile", "check", str(sandbox.profile("filesystem:\n  read: [/usr/share]\n"))
    )
    assert result.status == 0, result


def test_profile_check_names_each_error_with_its_place(sandbox):
    profile = sandbox.profile("filesystem:\n  read: [/a/../b]\n  nonsense: 1\n")
    result = sandbox.mews_itself("profile", "check", str(profile))
    assert result.status in (1, 2, 125)
    for line in (5, 6):
        assert f"{profile.name}:{line}:" in result.stdout + result.stderr


def test_profile_list_names_the_built_in_ones(sandbox):
    result = sandbox.mews_itself("profile", "list")
    assert result.status == 0
    for name in ("workspace", "base", "git"):
        assert name in result.stdout


def test_profile_show_says_what_is_granted(sandbox):
    result = sandbox.mews_itself("profile", "show", "-p", "workspace")
    assert result.status == 0
    assert "/usr" in result.stdout


def test_profile_schema_is_a_json_schema(sandbox):
    result = sandbox.mews_itself("profile", "schema")
    assert result.status == 0
    schema = json.loads(result.stdout)
    for key in ("filesystem", "network", "process", "extends"):
        assert key in schema["properties"]


def test_a_user_profile_with_a_built_in_name_is_an_error(sandbox):
    directory = sandbox.home / ".config" / "mews" / "profiles"
    directory.mkdir(parents=True)
    (directory / "own.yaml").write_text("version: 1\nname: own\nextends: [workspace]\n")
    assert sandbox.mews_itself("run", "-p", "own", "--", "/bin/true").status == 0
    (directory / "workspace.yaml").write_text("version: 1\nname: workspace\n")
    assert sandbox.mews_itself("run", "-p", "workspace", "--", "/bin/true").refused_by_mews("workspace")


def test_doctor_reports(sandbox):
    result = sandbox.mews_itself("doctor")
    assert result.status in (0, 1)
    assert result.stdout


def test_quiet_says_nothing(sandbox):
    result = sandbox.run("/bin/true", options=("--quiet",))
    assert (result.status, result.stdout, result.stderr) == (0, "", "")
