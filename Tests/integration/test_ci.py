"""`mews ci`: what a reviewer of a build reads, where it goes, and what of a token the build can't see."""

import base64
import html.parser
import json
import os

import pytest
from support.sandbox import is_root

HEADER = "AUTHORIZATION: basic " + base64.b64encode(b"x-access-token:not-a-token").decode()
SECRETS = (HEADER.split()[-1], "not-a-token", "hunter22")
CONFIGURATION = 'http.https://github.com/.extraheader'
REFUSED_WRITE = "echo x >/usr/new 2>/dev/null; true"


@pytest.fixture
def ci(sandbox):
    """Runs a shell's command line under `mews ci`."""

    def run(script, *options, env=None, profile="workspace"):
        own = () if profile is None else ("-p", profile)
        arguments = ("ci", *own, *sandbox.skeleton_options, *options, "-c", script)
        return sandbox.mews_itself(*arguments, env=env)

    return run


@pytest.fixture
def step(sandbox):
    """The file of a step's summary, outside of what the command sees, and the variable that names it."""
    file = sandbox.base / "step.md"
    file.write_text("before")
    return file, {"GITHUB_STEP_SUMMARY": str(file)}


class Page(html.parser.HTMLParser):
    """The elements and the texts of a piece of HTML."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        assert not attributes, (tag, attributes)
        self.tags.append(tag)

    def handle_data(self, data):
        self.texts.append(data)


def test_without_a_profile_it_is_that_of_a_build_server(ci):
    said = json.loads(ci("true", "--summary", "json", profile=None).stderr.splitlines()[-1])
    assert said["policy"]["name"] == "ci"


def test_the_status_is_the_commands_own(ci):
    assert [ci(f"exit {status}").status for status in (0, 1, 7)] == [0, 1, 7]
    assert ci("kill -USR1 $$").status == 138
    assert ci("true", "-p", "no-such-profile").status == 125


@pytest.mark.parametrize(
    ("script", "option", "status"),
    [
        (REFUSED_WRITE, "none", 0),
        (REFUSED_WRITE, "denied", 1),
        (REFUSED_WRITE + "; exit 3", "denied", 3),
        ("true", "denied", 0),
    ],
)
def test_a_denial_fails_a_job_only_when_asked_and_never_hides_another_status(ci, script, option, status):
    ended = ci(script, "--fail-on", option, "--summary", "json")
    assert ended.status == status
    said = json.loads(ended.stderr.splitlines()[-1])
    assert said["status"] == status and said["ended"] == "exit"
    assert said.get("failed_on") == ("denied" if status == 1 else None)


def test_another_word_than_denied_or_none_starts_nothing(ci, sandbox):
    assert ci("touch ran", "--fail-on", "sometimes").refused_by_mews("--fail-on")
    assert sandbox.mews_itself("run", "--fail-on", "denied", "--", "true").refused_by_mews("--fail-on")
    assert not (sandbox.workspace / "ran").exists()


def test_it_tells_what_was_denied_contacted_and_written(ci, sandbox):
    (sandbox.workspace / "old").write_text("old\n")
    (sandbox.workspace / "gone").write_text("gone\n")
    ended = ci(f"echo more >>old; rm gone; mkdir d; echo new >d/new; {REFUSED_WRITE}")
    for line in (
        "mews: denied: 1 write",
        "mews: contacted: nobody",
        "mews: written in the workspace: 2 created, 1 changed, 1 removed",
        "mews:   changed old",
        "mews:   removed gone",
        "mews:   created d/",
        "mews:   created d/new",
    ):
        assert any(said.startswith(line) for said in ended.messages), (line, ended.messages)


def test_a_change_shows_although_the_file_has_its_old_size_and_time_again(ci, sandbox):
    file = sandbox.workspace / "same"
    file.write_text("one\n")
    os.utime(file, ns=(10**18, 10**18))
    said = ci("echo two >same; touch -d @1000000000 same", "--summary", "json")
    assert (file.read_text(), file.stat().st_mtime_ns) == ("two\n", 10**18)
    written = json.loads(said.stderr.splitlines()[-1])["written"]
    assert written["changes"] == [{"kind": "changed", "path": "same"}]
    assert written["complete"] is True


def test_the_same_is_appended_to_the_page_of_the_step(ci, step):
    file, variable = step
    assert ci(f"echo new >new; {REFUSED_WRITE}", env=variable).status == 0
    text = file.read_text()
    assert text.startswith("before\n### Mews: 1 denied\n")
    assert [line for line in text.splitlines() if line.startswith("#")] == ["### Mews: 1 denied"]
    page = Page(text)
    for part in ("policy", "level", "full", "created", "new", "checkpoint"):
        assert part in page.texts, (part, page.texts)
    assert any("may not create /usr/new" in said for said in page.texts)


def test_nothing_from_inside_is_markup_on_the_page(ci, step):
    file, variable = step
    names = ["</code></table>\\n\\n# title", "<script>x", "`@me` [a](http://x)", "$x$ &lt; *y*", "\\u202e"]
    script = "; ".join(f"""printf x >"$(printf '{name}x')" """ for name in names)
    assert ci(script, env=variable).status == 0
    text = file.read_text()
    page = Page(text)
    assert set(page.tags) == {"table", "tr", "th", "td", "code", "details", "summary"}
    assert [line for line in text.splitlines() if line.startswith("# ")] == []
    for character in ("@", "`", "$", "*", "["):
        assert character not in text, character
    assert "<script>xx" in page.texts
    # Within an HTML block Markdown begins again only behind an empty line.
    for block in text.split("<table>")[1:]:
        assert "\n\n" not in block.split("</table>")[0]


@pytest.mark.parametrize("kind", ["link", "directory", "fifo", "missing", "relative", "hard link"])
def test_a_page_that_is_no_file_of_the_users_own_is_not_written(ci, sandbox, kind):
    target = sandbox.base / "target"
    target.write_text("kept")
    place = sandbox.base / "page"
    if kind == "link":
        place.symlink_to(target)
    elif kind == "directory":
        place.mkdir()
    elif kind == "fifo":
        os.mkfifo(place)
    elif kind == "hard link":
        os.link(target, place)
    value = "page" if kind == "relative" else str(place)
    ended = ci("true", env={"GITHUB_STEP_SUMMARY": value})
    assert ended.status == 0
    assert any("no step summary: " in line for line in ended.messages), ended.messages
    assert target.read_text() == "kept"


def test_a_page_that_the_command_can_write_is_not_written(ci, sandbox):
    page = sandbox.workspace / "page.md"
    page.write_text("")
    ended = ci("true", env={"GITHUB_STEP_SUMMARY": str(page)})
    assert any("the command can write" in line for line in ended.messages), ended.messages
    assert page.read_text() == ""


@pytest.mark.skipif(is_root(), reason="root may write the runner's file from a container")
def test_a_page_of_somebody_else_is_not_written(ci):
    ended = ci("true", env={"GITHUB_STEP_SUMMARY": "/dev/null"})
    assert any("no step summary: " in line for line in ended.messages), ended.messages


def test_a_token_of_the_checkout_is_not_seen_inside_and_git_works(ci, sandbox, control):
    """The checkout step of a build server writes its token into the repository's configuration."""
    sandbox.git("config", CONFIGURATION, HEADER)
    sandbox.git("config", "remote.origin.url", "https://user:hunter22@example.org/x.git")
    sandbox.git("config", "branch.main.description", 'with "quotes", a \\ and a\nnew line')
    before = (sandbox.workspace / ".git/config").read_bytes()
    look = "cat .git/config; git config --list; git remote -v; git status --short; git config branch.main.description"
    seen = control.run("/bin/sh", "-c", look).stdout
    assert all(secret in seen for secret in (SECRETS[0], SECRETS[2])), "the control sees no token"
    ended = ci(look + "; git -c user.name=T -c user.email=t@e commit -q --allow-empty -m inside", "--summary", "json")
    assert ended.status == 0
    assert not any(secret in ended.stdout + ended.stderr for secret in SECRETS)
    assert "https://example.org/x.git" in ended.stdout
    assert 'with "quotes", a \\ and a\nnew line' in ended.stdout
    assert any("holds credentials" in line and "extraheader" in line for line in ended.stderr.splitlines())
    (masked,) = json.loads(ended.stderr.splitlines()[-1])["masked"]
    assert masked["path"] == str(sandbox.workspace / ".git/config")
    assert masked["settings"].split() == [CONFIGURATION, "remote.origin.url"]
    assert (sandbox.workspace / ".git/config").read_bytes() == before
    assert sandbox.git("log", "-1", "--format=%s").strip() == "inside"


def test_a_token_in_a_file_that_the_configuration_includes_is_not_seen_either(ci, sandbox):
    """Newer checkout steps leave the token beside the workspace and include the file. Without the mask git would fail
    on a file that exists and can't be read."""
    file = sandbox.base / "credentials.config"
    sandbox.git("config", "--file", str(file), CONFIGURATION, HEADER)
    sandbox.git("config", f"includeIf.gitdir:{sandbox.workspace}/.git.path", str(file))
    assert HEADER in sandbox.git("config", "--list")
    ended = ci("git config --list && git status --short")
    assert ended.status == 0, ended.stderr
    assert SECRETS[0] not in ended.stdout + ended.stderr
    assert any("includeif" in line for line in ended.messages), ended.messages


def test_a_masked_configuration_can_not_be_changed(ci, sandbox):
    sandbox.git("config", CONFIGURATION, HEADER)
    ended = ci("echo x >>.git/config; git config a.b c; mv .git x; rm -f .git/config; test -e .git/config")
    assert ended.status == 0
    assert HEADER in sandbox.git("config", "--list")


def test_a_configuration_without_a_token_is_seen_as_it_is(ci, sandbox):
    sandbox.git("config", "remote.origin.url", "ssh://git@example.org/x.git")
    ended = ci("cat .git/config")
    assert ended.stdout == (sandbox.workspace / ".git/config").read_text()
    assert not any("credentials" in line for line in ended.messages)


def test_nothing_waits_for_an_answer(ci):
    assert ci("read answer || echo nobody").stdout.strip().endswith("nobody")


def test_what_could_not_be_started_is_on_the_page_too(ci, step):
    file, variable = step
    assert ci("true", "--read", "a/../b", env=variable).status == 125
    assert "### Mews: nothing was started" in file.read_text()
