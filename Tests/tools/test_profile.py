"""`mews profile` tells what holds and where it was written, and changes nothing."""

import hashlib
import json
import os
import re

import pytest

BUILT_IN = {
    "base", "workspace", "readonly", "git", "c", "python", "node", "rust", "swift", "agent", "ci", "claude-code",
    "claude-code-command", "codex", "crates", "debian", "gemini", "github", "npm", "pypi",
}


def sections(text):
    """The report as a mapping from title to lines."""
    found = {}
    for part in text.split("\n\n"):
        title, _, rest = part.partition(":\n")
        found[title] = rest.splitlines()
    return found


def test_list_names_every_profile_with_its_kind_and_sentence(home):
    home.profile("mine", "version: 1\nname: mine\ndescription: Mine.\nextends: [workspace]\n")
    result = home.mews("profile", "list", check=True)
    rows = [re.split(r"  +", line) for line in result.stdout.splitlines()]
    assert {row[0] for row in rows if row[1] == "built-in"} == BUILT_IN
    assert rows[0] == ["mine", "user", "Mine."]
    assert all(row[2] for row in rows)


def test_schema_is_a_json_schema_of_the_whole_format(home):
    schema = json.loads(home.mews("profile", "schema", check=True).stdout)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert {"version", "name", "extends", "filesystem", "network", "process"} <= set(schema["properties"])


class TestCheck:
    def test_finds_nothing_wrong_with_the_built_in_profiles(self, home):
        result = home.mews("profile", "check")
        assert (result.returncode, result.stderr) == (0, "")

    def test_tells_every_mistake_with_its_place(self, home):
        file = home.profile(
            "bad", "version: 1\nname: bad\nfilesystm: {}\nfilesystem:\n  read: [../up]\n  tmp: 1GB\n")
        result = home.mews("profile", "check", "bad")
        places = [line.split(": ", 1)[0] for line in result.stdout.splitlines()]
        assert result.returncode == 1
        assert places == [f"{file}:3:1", f"{file}:5:10", f"{file}:6:8"]
        assert all("; " in line for line in result.stdout.splitlines())

    def test_follows_what_a_profile_extends(self, home):
        home.profile("one", "version: 1\nname: one\nextends: [two]\n")
        home.profile("two", "version: 1\nname: two\nextends: [one]\n")
        result = home.mews("profile", "check", "one")
        assert result.returncode == 1
        assert "circle" in result.stdout

    def test_tells_a_grant_below_a_denial(self, home):
        file = home.profile(
            "both", "version: 1\nname: both\nextends: [base]\nfilesystem:\n  read: [~/a/b]\n  deny: [~/a]\n")
        result = home.mews("profile", "check", str(file))
        assert result.returncode == 1
        assert f"{file}:5:" in result.stdout and f"{file}:6:" in result.stdout

    def test_tells_a_mistake_once_however_often_it_is_reached(self, home):
        home.profile("low", "version: 1\nname: low\nnonsense: 1\n")
        home.profile("high", "version: 1\nname: high\nextends: [low]\n")
        result = home.mews("profile", "check", "low", "high")
        assert result.stdout.count("nonsense") == 1

    def test_takes_the_file_of_a_repository_as_one(self, home):
        file = home.project / ".mews.yaml"
        file.write_text("version: 1\nfilesystem:\n  deny: [drafts]\n")
        assert home.mews("profile", "check", ".mews.yaml").returncode == 0
        file.write_text("version: 1\nprocess: {debug: true}\n")
        result = home.mews("profile", "check", "./.mews.yaml")
        assert (result.returncode, result.stdout.startswith(f"{file}:2:")) == (1, True)
        file.unlink()
        assert home.mews("profile", "check", ".mews.yaml").returncode == 1

    @pytest.mark.parametrize("kind", ["missing", "directory", "fifo", "large", "writable", "unreadable", "bytes"])
    def test_answers_at_once_for_what_is_no_profile(self, home, kind):
        file = home.project / "profile.yaml"
        if kind == "directory":
            file.mkdir()
        elif kind == "fifo":
            os.mkfifo(file)
        elif kind == "large":
            with open(file, "wb") as stream:
                stream.truncate(100 << 20)
        elif kind == "bytes":
            file.write_bytes(b"version: 1\nname: \xff\n")
        elif kind != "missing":
            file.write_text("version: 1\nname: profile\nextends: [base]\n")
            file.chmod(0o666 if kind == "writable" else 0)
        result = home.mews("profile", "check", "profile.yaml")
        if kind == "unreadable" and os.geteuid() == 0:
            # Root reads what it owns, so there is nothing wrong.
            assert result.returncode == 0
            return
        assert result.returncode == 1
        assert len(result.stdout.splitlines()) == 1
        assert "profile.yaml" in result.stdout

    def test_says_what_name_was_meant(self, home):
        result = home.mews("profile", "check", "workspce")
        assert result.returncode == 1
        assert result.stdout.startswith("workspce: there is no profile 'workspce'; did you mean workspace?")


class TestShow:
    def test_names_the_place_of_every_entry(self, home, prefix):
        file = home.profile(
            "mine", "version: 1\nname: mine\nextends: [workspace]\nfilesystem:\n  deny: [main.c]\n  protect: [Makefile]\n"
            "process:\n  limits: {time: 3m}\n  env: {set: {CI: one}}\ntests: [deny read main.c]\n")
        result = home.mews("profile", "show", "-p", "mine", "--read", "/opt", check=True)
        found = sections(result.stdout)
        for title, lines in {
            "denied": [rf"main.c .*# {file}:5:10"], "protected": [rf"Makefile .*# {file}:6:13"],
            "limits": [rf"time +180000 ms .*# {file}:8:18"], "environment": [rf"set +CI=one .*# {file}:9:"],
            "tests": [rf"deny read main.c +# {file}:10:9"],
            "granted": [r"read +/opt +.*# --read", rf"write +the workspace +{home.project} +# .*workspace.yaml:7:14"],
            "mounts of the view": [
                rf"mask +{home.project}/main.c +# {file}:5:10", rf"protect +{home.project}/Makefile +# {file}:6:13",
                rf"pin +{home.project}/.git +# git's own files", rf"protect +{home.project}/.git/hooks ",
                r"own +/tmp +# Mews's own", rf"read +/usr +# {prefix}/share/mews/profiles/base.yaml:\d+:\d+",
            ],
        }.items():
            for line in lines:
                assert any(re.search(line, shown) for shown in found[title]), (title, line, found[title])

    def test_lists_what_names_nothing_with_the_reason(self, home):
        home.profile(
            "mine", "version: 1\nname: mine\nextends: [workspace]\nfilesystem:\n  read: [~/nowhere]\n"
            "  deny: [later.txt, \"${workspace}/**/nothing\"]\n")
        found = sections(home.mews("profile", "show", "-p", "mine", check=True).stdout)
        skipped = "\n".join(found["skipped"])
        assert re.search(r"~/nowhere +No such file or directory +# .*mine.yaml:5:", skipped)
        assert re.search(r"\*\*/nothing +nothing matches +# .*mine.yaml:6:", skipped)
        assert any("later.txt" in line for line in found["looked at after the run, because nothing can be mounted there"])

    def test_shows_the_links_that_paths_go_through(self, home):
        (home.path / "real").mkdir()
        (home.path / "link").symlink_to("real")
        result = home.mews("profile", "show", "--read", str(home.path / "link"), check=True)
        found = sections(result.stdout)
        assert any(re.fullmatch(rf"  {home.path}/link +-> real", line) for line in found["links in the view"])
        assert any(re.search(rf"read +{home.path}/real +# --read", line) for line in found["mounts of the view"])

    def test_says_what_this_version_does_not_do(self, home):
        text = home.mews("profile", "show", check=True).stdout
        assert "`tests:` are checked for their syntax only" in text
        assert text.endswith("No line allows a host: the command has a loopback interface of its own and nothing else.\n")

    def test_shows_what_can_be_reached(self, home):
        assert "network" not in sections(home.mews("profile", "show", check=True).stdout)
        file = home.profile("net", """version: 1
name: net
network:
  allow:
    - Api.example.com
    - {host: "*.corp.example", ports: [5432, 80], addresses: private}
    - {address: 10.2.3.4, ports: [6379], protocol: tcp}
  deny: [gist.example.com, "10.0.0.1:80"]
  hosts: {db.corp.example: 10.2.3.4}
  loopback: {connect: [5432]}
  unix: [/run/postgresql/.s.PGSQL.5432]
""")
        text = home.mews("profile", "show", "-p", "net", "--allow", "github.com:22", check=True).stdout
        lines = [re.sub(" +", " ", line.strip()) for line in sections(text)["network"]]
        assert lines == [
            f"allow api.example.com 443 tls # {file}:5:7",
            f"allow *.corp.example 5432 auto, 80 http private addresses too # {file}:6:7",
            f"allow 10.2.3.4 6379 tcp # {file}:7:7",
            "allow github.com 22 auto # --allow",
            f"deny gist.example.com any port # {file}:8:10",
            f"deny 10.0.0.1 80 # {file}:8:28",
            f"hosts db.corp.example is 10.2.3.4 # {file}:9:11",
            f"loopback 127.0.0.1 5432 the host's # {file}:10:24",
            f"unix /run/postgresql/.s.PGSQL.5432 # {file}:11:10",
        ]

    def test_shows_what_is_logged_and_not_what_is_replaced(self, home):
        file = home.profile(
            "mine", "version: 1\nname: mine\nextends: [workspace]\naudit: {level: commands, redact: [hunter2]}\n")
        text = home.mews("profile", "show", "-p", "mine", check=True).stdout
        lines = "\n".join(sections(text)["audit"])
        assert re.search(rf"level +commands +# {file}:4:16", lines)
        assert re.search(rf"redact +a text of 7 characters +# {file}:4:35", lines) and "hunter2" not in text
        assert re.search(r"retain +at least 7776000000 ms \(90 days\); nothing deletes logs in this version", lines)

    def test_makes_nothing_and_says_what_a_launch_would_make(self, home):
        (home.project / ".git" / "hooks").rename(home.project / "hooks-away")
        before = home.files()
        text = home.mews("profile", "show", check=True).stdout
        assert home.mews("run", "--dry-run", "--", "true").returncode == 0
        assert home.files() == before
        made = [line for line in sections(text)["skipped"] if "would be made" in line]
        assert len(made) == 2 and "${cache}" in made[1 - ("hooks" in made[1])] and any("hooks" in line for line in made)
        # The control: a launch makes both.
        assert home.mews("run", "--", "true").returncode == 0
        assert (home.project / ".git" / "hooks").is_dir() and (home.path / ".cache" / "mews").is_dir()

    def test_decides_as_a_launch_does(self, home):
        """The mounts are those of the plan, when everything that would be made is there."""
        home.mews("run", "--", "true", check=True)
        shown = sections(home.mews("profile", "show", check=True).stdout)["mounts of the view"]
        plan = home.mews("run", "--dry-run", "--", "true", check=True).stdout.splitlines()
        attached = {line.split()[1] for line in plan if line.startswith("attach ")} | {"/proc", "/dev"}
        assert {line.split()[1] for line in shown} == attached

    def test_has_one_digest_for_one_effect(self, home):
        def digest(*options):
            text = home.mews("profile", "show", *options, check=True).stdout
            return re.search(r"^  sha-256 +([0-9a-f]{64})$", text, re.MULTILINE)[1]

        assert digest() == digest("-p", "workspace") != digest("--deny", "main.c")
        assert digest() != hashlib.sha256(b"").hexdigest()

    def test_announces_the_file_of_a_repository(self, home):
        (home.project / ".mews.yaml").write_text("version: 1\nfilesystem:\n  deny: [main.c]\n")
        result = home.mews("profile", "show", check=True)
        assert result.stderr == f"mews: {home.project}/.mews.yaml applies\n"
        assert re.search(r"main.c .*# .*/\.mews\.yaml:3:10", "\n".join(sections(result.stdout)["denied"]))

    @pytest.mark.parametrize(("options", "status"), [
        (("-p", "nonsense"), 2), (("--timeout", "5x"), 2), (("--require", "most"), 2), (("--nonsense",), 2),
        (("--allow", "https://example.org"), 2), (("-w", "/"), 1),
    ])
    def test_refuses_what_a_launch_refuses(self, home, options, status):
        result = home.mews("profile", "show", *options)
        assert (result.returncode, result.stdout) == (status, "")
        assert all(line.startswith("mews: ") for line in result.stderr.splitlines()) and result.stderr
        assert home.mews("run", *options, "--", "true").returncode == 125

    def test_a_wrong_file_is_an_answer(self, home):
        home.profile("bad", "version: 1\nname: bad\nnonsense: 1\n")
        result = home.mews("profile", "show", "-p", "bad")
        assert (result.returncode, result.stdout) == (1, "")


@pytest.mark.parametrize("verb", ["diff", "test", "learn", "trust", "new"])
def test_a_planned_verb_says_so(home, verb):
    result = home.mews("profile", verb)
    assert (result.returncode, result.stderr) == (2, f"mews: `mews profile {verb}` is not in this version\n")


def test_both_programs_have_one_version(home):
    assert home.mews("profile", "--version").stdout == home.mews("--version").stdout != ""


def test_an_argument_that_is_not_utf_8_is_a_wrong_use(home):
    result = home.run(b"mews", b"profile", b"show", b"--read", b"/\xff")
    assert result.returncode == 2
    assert "\\xff" in result.stderr
