"""`mews why` says what a command would find, outside beforehand and inside as it is."""

import json
import pathlib

import pytest

PROFILE = """version: 1
name: mine
extends: [workspace]
filesystem:
  read: [~/data]
  deny: ["${workspace}/drafts", ~/nowhere]
  protect: [Makefile]
"""


@pytest.fixture
def mine(home):
    """A profile of the user's own, and what it speaks of."""
    for name in ["data/numbers.txt", "other/secret.txt", ".ssh/id_ed25519", "project/drafts/plan.txt"]:
        file = home.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("text\n")
    home.profile("mine", PROFILE)
    return home


def why(home, use, path, *options):
    """The answer as an object, with the status."""
    result = home.mews("why", use, str(path), "--json", "-p", "mine", *options)
    assert result.returncode in (0, 1), result.stderr
    answer = json.loads(result.stdout)
    assert (answer["verdict"] == "allowed") is (result.returncode == 0)
    return answer


def place(answer):
    rule = answer["rule"]
    return f"{pathlib.Path(rule['source']).name}:{rule['line']}:{rule['column']}"


def works(home, use, path, *options):
    """Whether a command in the sandbox can do it."""
    script = {"read": 'cat "$1" >/dev/null', "write": ': >>"$1"', "exec": '"$1" --version >/dev/null'}[use]
    return home.mews("run", "--quiet", "-p", "mine", *options, "-c", script, "sh", str(path)).returncode == 0


CASES = [
    ("read", "/usr/bin/env", "base.yaml"), ("exec", "/usr/bin/env", "base.yaml"), ("write", "/usr/bin/env", "base.yaml"),
    ("read", "main.c", "workspace.yaml"), ("write", "main.c", "workspace.yaml"), ("write", "new.txt", "workspace.yaml"),
    ("read", "~/data/numbers.txt", "mine.yaml:5:10"), ("write", "~/data/numbers.txt", "mine.yaml:5:10"),
    ("read", "drafts/plan.txt", "mine.yaml:6:10"), ("write", "drafts/plan.txt", "mine.yaml:6:10"),
    ("read", "Makefile", "workspace.yaml"), ("write", "Makefile", "mine.yaml:7:13"),
    ("read", "~/.ssh/id_ed25519", "built-in floor"), ("read", "~/nowhere", "mine.yaml:6:"),
    ("read", "~/other/secret.txt", None), ("write", "~/other/secret.txt", None), ("write", "~/other/new.txt", None),
    ("read", "/etc/passwd", "Mews's own"), ("write", "/etc/passwd", "Mews's own"),
    ("read", "/proc/self/status", "Mews's own"), ("write", "/dev/null", "Mews's own"),
    ("write", ".git/hooks/pre-commit", "git's own files"), ("read", ".git/HEAD", "workspace.yaml"),
    ("read", "/etc/shadow", "built-in floor"), ("read", "/run/mews/policy", "Mews's own"),
]


@pytest.mark.parametrize(("use", "path", "rule"), CASES)
def test_says_what_happens_and_by_which_line(mine, use, path, rule):
    path = str(mine.path / path[2:]) if path.startswith("~/") else path
    answer = why(mine, use, path)
    assert (answer["rule"] is not None and rule in place(answer)) if rule and "yaml" in rule else True
    if rule is None:
        assert answer.get("rule") is None
    elif "yaml" not in rule:
        assert answer["rule"]["source"] == rule
    assert works(mine, use, path) is (answer["verdict"] == "allowed")
    assert answer["reason"].endswith(".")


@pytest.mark.parametrize(("use", "path"), [
    ("read", "~/other/secret.txt"), ("write", "~/other/secret.txt"), ("write", "~/other/new.txt"),
    ("write", "~/data/numbers.txt"), ("read", "~/.ssh/id_ed25519"),
])
def test_the_fix_is_a_line_that_works(mine, use, path):
    path = mine.path / path[2:]
    fix = why(mine, use, path)["fix"]
    assert not works(mine, use, path)
    file = mine.profile("more", f"version: 1\nname: more\nextends: [mine]\n{fix}\n")
    assert works(mine, use, path, "-p", str(file))
    assert why(mine, use, path, "-p", str(file))["verdict"] == "allowed"


@pytest.mark.parametrize(("use", "path"), [
    ("read", "drafts/plan.txt"), ("write", "Makefile"), ("read", "~/.config/mews/profiles/mine.yaml"),
    ("read", "~/.local/state/mews/audit"), ("write", ".git/hooks/x"), ("write", "/etc/passwd"), ("write", "~/new"),
])
def test_there_is_no_fix_where_a_line_must_go_or_nobody_may(mine, use, path):
    path = str(mine.path / path[2:]) if path.startswith("~/") else path
    answer = why(mine, use, path)
    assert answer["verdict"] == "denied" and answer.get("fix") is None


def test_takes_the_options_of_run(mine):
    secret = mine.path / "other" / "secret.txt"
    assert why(mine, "read", secret, "--read", str(secret))["rule"]["source"] == "--read"
    assert why(mine, "read", "main.c", "--deny", "main.c")["reason"].endswith("leave out --deny.")
    assert why(mine, "write", secret, "-w", str(secret.parent))["rule"]["kind"] == "workspace"


NETWORK = """version: 1
name: net
extends: [workspace]
network:
  allow:
    - api.example.com
    - {host: "*.corp.example", ports: [5432], addresses: private}
    - {address: 10.2.3.4, ports: [6379], protocol: tcp}
  deny: [gist.example.com]
  hosts: {db.corp.example: 10.9.9.9}
  loopback: {connect: [8080]}
"""

HOSTS = [
    ("api.example.com", "net.yaml:6:7", "tls"), ("API.example.com:443", "net.yaml:6:7", "tls"),
    ("api.example.com:22", "net.yaml:6:7", None), ("x.corp.example:5432", "net.yaml:7:7", "auto"),
    ("db.corp.example:5432", "net.yaml:7:7", "auto"), ("10.2.3.4:6379", "net.yaml:8:7", "tcp"),
    ("gist.example.com", "net.yaml:9:10", None), ("localhost:8080", "net.yaml:11:24", "tcp"), ("localhost:81", None, None),
    ("evil.example", None, None), ("8.8.8.8:53", None, None), ("169.254.169.254:80", None, None),
    ("metadata.google.internal:80", None, None),
]


class TestConnect:
    @pytest.mark.parametrize(("host", "rule", "protocol"), HOSTS)
    def test_says_by_which_line_a_host_is_reached(self, home, host, rule, protocol):
        home.profile("net", NETWORK)
        result = home.mews("why", "connect", host, "--json", "-p", "net")
        answer = json.loads(result.stdout)
        assert (result.returncode, result.stderr) == (0 if protocol else 1, "")
        assert (answer["verdict"], answer.get("protocol")) == ("allowed" if protocol else "denied", protocol)
        assert (place(answer) if answer.get("rule") else None) == rule
        assert answer["reason"].endswith(".")

    @pytest.mark.parametrize("host", ["api.example.com:22", "evil.example", "10.0.0.9:80", "localhost:81"])
    def test_the_fix_is_a_line_that_allows_it(self, home, host):
        home.profile("net", NETWORK)
        fix = json.loads(home.mews("why", "connect", host, "--json", "-p", "net").stdout)["fix"]
        file = home.profile("more", f"version: 1\nname: more\nextends: [net]\n{fix}\n")
        assert home.mews("why", "connect", host, "-p", str(file)).returncode == 0

    def test_takes_the_options_of_run(self, home):
        assert home.mews("why", "connect", "a.example").returncode == 1
        answer = home.mews("why", "connect", "a.example", "--allow", "a.example", "--json")
        assert json.loads(answer.stdout)["rule"]["source"] == "--allow"
        (home.project / ".mews.yaml").write_text("version: 1\nnetwork: {allow: []}\n")
        narrowed = home.mews("why", "connect", "a.example", "--allow", "a.example")
        assert narrowed.returncode == 1 and f"{home.project}/.mews.yaml:2:18" in narrowed.stdout
        assert "fix:" not in narrowed.stdout

    def test_tells_which_ports_are_taken_inside(self, home):
        home.profile("net", NETWORK)
        text = home.mews("why", "connect", "api.example.com", "-p", "net").stdout
        assert "note: a program that binds port 443 inside gets EADDRINUSE: Mews listens there\n" in text
        assert "note:" not in home.mews("why", "connect", "api.example.com:444", "-p", "net").stdout

    def test_a_path_is_a_socket(self, home):
        denied = home.mews("why", "connect", "/run/docker.sock")
        assert denied.returncode == 1 and "built-in floor" in denied.stdout and "fix:" not in denied.stdout
        assert home.mews("why", "connect", "./dev.sock").returncode == 0

    def test_answers_inside_as_outside(self, home):
        home.profile("net", NETWORK)
        for host, _, protocol in HOSTS:
            outside = home.mews("why", "connect", host, "--json", "-p", "net")
            inside = home.mews("run", "--quiet", "-p", "net", "--", "mews", "why", "connect", host, "--json")
            assert inside.returncode == (0 if protocol else 1), inside.stderr
            answer = json.loads(inside.stdout)
            assert answer.pop("inside") is True
            expected = json.loads(outside.stdout)
            assert expected.pop("inside") is False
            assert answer == expected, host


def test_follows_links_as_the_kernel_would(mine):
    (mine.project / "link").symlink_to("../data")
    (mine.path / "outside").symlink_to("data")
    answer = why(mine, "read", "link/numbers.txt")
    assert answer["path"] == str(mine.path / "data" / "numbers.txt") and answer["verdict"] == "allowed"
    assert answer["links"] == [{"path": str(mine.project / "link"), "target": "../data"}]
    assert works(mine, "read", "link/numbers.txt")
    # A link outside the view leads on where the supervisor answers for the root, and nowhere else.
    outside = mine.path / "outside" / "numbers.txt"
    assert (why(mine, "read", outside)["verdict"] == "allowed") is works(mine, "read", outside)
    for line in ["audit: {reads: off}", "filesystem: {hide: true}"]:
        blind = str(mine.profile("blind", f"version: 1\nname: blind\nextends: [mine]\n{line}\n"))
        assert why(mine, "read", outside, "-p", blind)["verdict"] == "denied"
        assert not works(mine, "read", outside, "-p", blind)
    text = mine.mews("why", "read", "link/numbers.txt", "-p", "mine").stdout
    assert f"link: {mine.project}/link -> ../data\n" in text
    (mine.project / "loop").symlink_to("loop")
    assert mine.mews("why", "read", "loop").returncode == 3


def test_is_text_for_people(mine):
    result = mine.mews("why", "write", "Makefile", "-p", "mine")
    assert (result.returncode, result.stderr) == (1, "")
    lines = result.stdout.splitlines()
    assert lines[0] == f"denied: write {mine.project}/Makefile"
    assert lines[1].startswith("reason: ") and lines[2].startswith("rule: protect: Makefile (")


@pytest.mark.parametrize(("arguments", "status", "message"), [
    (("why",), 2, "Missing"), (("why", "read"), 2, "Missing"), (("why", "peek", "/x"), 2, "read, write, exec or connect"),
    (("why", "connect", "https://example.org"), 2, "isn't HOST or HOST:PORT"), (("why", "connect", "a.example:0"), 2, "HOST"),
    (("why", "connect", "ä.example"), 2, "ASCII"), (("why", "connect", "127.1"), 2, "HOST"), (("why", "connect", ""), 2, ""),
    (("why", "read", "/x", "--nonsense"), 2, ""), (("why", "read", "/x", "-p", "nonsense"), 2, ""),
    (("why", "read", ""), 2, ""), (("why", "read", "/x", "-w", "/"), 3, ""),
])
def test_a_wrong_question_is_no_answer(home, arguments, status, message):
    result = home.mews(*arguments)
    assert (result.returncode, result.stdout) == (status, "")
    assert message in result.stderr


def test_a_wrong_profile_decides_nothing(home):
    home.profile("bad", "version: 1\nname: bad\nnonsense: 1\n")
    result = home.mews("why", "read", "/usr", "-p", "bad")
    assert (result.returncode, result.stdout) == (3, "") and ":3:1:" in result.stderr


def test_makes_nothing(home):
    before = home.files()
    cache = home.mews("why", "write", str(home.path / ".cache" / "mews"))
    assert cache.returncode == 1
    assert home.mews("why", "read", "/usr").returncode == 0
    assert home.files() == before


class TestInside:
    def test_answers_as_outside(self, mine):
        for use, path, _ in CASES:
            path = str(mine.path / path[2:]) if path.startswith("~/") else path
            outside = why(mine, use, path)
            result = mine.mews("run", "--quiet", "-p", "mine", "--", "mews", "why", use, path, "--json")
            inside = json.loads(result.stdout)
            assert inside["inside"] and not outside["inside"]
            assert inside["verdict"] == outside["verdict"], (use, path)
            assert result.returncode == (0 if inside["verdict"] == "allowed" else 1)
            if path not in (str(mine.path / "nowhere"), "/proc/self/status"):
                # A line for what isn't in the view isn't told, and inside the link names this process.
                assert inside["reason"] == outside["reason"], (use, path)

    def test_takes_no_options(self, mine):
        result = mine.mews("run", "--quiet", "--", "mews", "why", "read", "/usr", "-p", "workspace")
        assert result.returncode == 2 and "given" in result.stderr

    def test_is_decided_by_the_kernel_and_not_by_variables(self, mine):
        environment = dict(mine.environment, MEWS="1", MEWS_SESSION="x")
        outside = mine.mews("why", "read", "/usr", "--json", env=environment)
        assert json.loads(outside.stdout)["inside"] is False
        result = mine.mews("run", "--quiet", "--", "env", "-u", "MEWS", "-u", "MEWS_SESSION", "mews", "why", "read", "/usr",
                           "--json")
        assert json.loads(result.stdout)["inside"] is True

    def test_the_files_can_be_read_and_not_changed(self, mine, prefix):
        script = (
            "set -e; cd /run/mews; cat session; test -s policy; test -f denials;"
            "for file in policy session denials; do ! { echo x >> $file; } 2>/dev/null; ! chmod 600 $file 2>/dev/null;"
            "! rm -f $file 2>/dev/null; done; ! touch new 2>/dev/null; ! mv /run/mews /run/other 2>/dev/null")
        result = mine.mews("run", "--quiet", "-p", "mine", "-c", script)
        assert result.returncode == 0, result.stderr
        session = json.loads(result.stdout)
        assert session["profile"] == "mine" and session["workspace"] == str(mine.project)
        shown = mine.mews("profile", "show", "-p", "mine").stdout
        assert session["digest"] in shown and session["version"] in mine.mews("--version").stdout

    def test_the_published_policy_keeps_secrets(self, mine):
        file = mine.profile("quiet", PROFILE.replace("name: mine", "name: quiet") + "audit: {redact: [redacted-text]}\n")
        text = mine.mews("run", "--quiet", "-p", str(file), "--", "cat", "/run/mews/policy").stdout
        assert "drafts" in text and "nowhere" not in text and "redacted-text" not in text and ".aws" not in text
        hidden = mine.mews(
            "run", "--quiet", "-p", str(mine.profile("hides", "version: 1\nname: hides\nextends: [mine]\n"
                                                     "filesystem: {hide: true}\n")), "--", "cat", "/run/mews/policy").stdout
        assert "\nhide\n" in hidden and "floor" not in hidden
        assert not [line for line in hidden.splitlines() if "drafts" in line and "hidden" not in line]

    def test_its_programs_are_there_and_cannot_be_changed(self, mine, prefix):
        script = f"mews --version && ! {{ echo x >> {prefix}/bin/mews; }} 2>/dev/null && " \
            f"! {{ echo x > {prefix}/libexec/mews/new; }} 2>/dev/null"
        assert mine.mews("run", "--quiet", "-c", script).returncode == 0

    def test_a_denied_installation_is_no_obstacle(self, mine, prefix):
        """Whoever denies the directory above needs no mews inside."""
        if str(prefix).startswith("/usr"):
            pytest.skip("the base profile grants it, and a grant below a deny is an error")
        assert mine.mews("run", "--quiet", "--deny", str(prefix), "--", "true").returncode == 0
        assert mine.mews("run", "--quiet", "--deny", str(prefix), "--", "mews", "--version").returncode == 127
