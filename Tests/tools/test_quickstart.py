"""`scripts/quickstart` shows what it says, leaves nothing behind, and fails when the sandbox doesn't hold."""

import os
import shutil

import pytest

from checkout import ROOT


def quickstart(home, prefix):
    environment = home.environment | {"PREFIX": str(prefix)}
    return home.run(str(ROOT / "scripts" / "quickstart"), "--installed", env=environment, cwd=home.path)


def shown(home, prefix):
    """What it printed, having found everything as it should be and left nothing behind."""
    before = home.files()
    result = quickstart(home, prefix)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "$ mews run --timeout 2m -- make test" in result.stdout
    assert result.stdout.rstrip().splitlines()[-2] == "== done: every outcome was as it should be"
    # Once, by the control outside.
    assert result.stdout.count("correct horse") == 1
    assert home.files() == before
    return result.stdout


def test_shows_the_main_job_and_cleans_up(home, prefix):
    for _ in range(2):
        shown(home, prefix)


def test_ends_with_what_was_denied_and_its_log(home, prefix):
    with_fuse = home.see_reads()
    if not home.observes("reads") or not home.observes("writes"):
        pytest.skip("what is denied can't be seen here; mews doctor says why")
    text = shown(home, with_fuse)
    assert "not written down" not in text
    assert "mews:   cat may not read" in text and "mews:   sh may not create" in text
    log = text[text.index("$ mews audit show"):]
    assert "file.denied" in log and ".git/hooks/post-checkout" in log and "session.end" in log
    assert "UNANCHORED" in log and "mews.checkpoint.v1" in log


def test_says_so_where_denied_reads_are_not_seen(home, prefix):
    """No FUSE device for anybody: the read is denied without a record, the write has one."""
    blind = blinded(home, prefix)
    text = shown(home, blind)
    assert "denied reads aren't seen on this host" in text
    assert "mews:   cat may not read" not in text
    assert "mews:   sh may not create" in text


@pytest.mark.parametrize("forgotten", ["explained", "written down"])
def test_fails_when_a_denial_is_not_told(home, prefix, forgotten):
    """The control: silence about what was denied must not pass, at the end of a run or in the log."""
    with_fuse = home.see_reads()
    if not home.observes("reads"):
        pytest.skip("what is denied can't be seen here; mews doctor says why")
    silent = home.path / "silent"
    (silent / "bin").mkdir(parents=True)
    program = silent / "bin" / "mews"
    change = {
        "explained": '[ "$1" = run ] && { shift; exec "$mews" run --quiet "$@"; }\n',
        "written down": '[ "$1 $2" = "audit show" ] && exit 0\n',
    }[forgotten]
    program.write_text(f"#!/bin/sh\nmews={with_fuse}/bin/mews\n{change}exec $mews \"$@\"\n")
    program.chmod(0o755)
    result = quickstart(home, silent)
    assert result.returncode == 1
    told = {"explained": "what was denied is not explained", "written down": "has no record of"}[forgotten]
    assert told in result.stderr


def blinded(home, prefix):
    """An installation whose sandboxes find a device that isn't one."""
    blind = home.path / "blind"
    (blind / "bin").mkdir(parents=True)
    program = blind / "bin" / "mews"
    program.write_text(
        "#!/bin/sh\n"
        f"PATH={home.environment['PATH']}\n"
        f"[ \"$1\" = doctor ] && {{ shift; exec {prefix}/bin/mews doctor --fuse-device /dev/null \"$@\"; }}\n"
        "[ \"$1\" = run ] || exec " f"{prefix}/bin/mews \"$@\"\n"
        "shift\n"
        f"exec {prefix}/bin/mews run -p {blind}/off.yaml \"$@\"\n")
    program.chmod(0o755)
    (blind / "off.yaml").write_text("version: 1\nname: off\nextends: [workspace]\naudit: {reads: off}\n")
    return blind


def test_fails_when_nothing_is_held_back(home, prefix):
    """The control: a `mews` that runs everything outside must not pass."""
    fake = home.path / "fake"
    shutil.copytree(prefix / "libexec", fake / "libexec")
    (fake / "bin").mkdir()
    program = fake / "bin" / "mews"
    program.write_text(
        "#!/bin/sh\n"
        "[ \"$1\" = run ] || exit 0\n"
        "while [ \"$1\" != -- ]; do shift; done\n"
        "shift\n"
        "exec \"$@\"\n")
    program.chmod(0o755)
    result = quickstart(home, fake)
    assert result.returncode == 1
    assert "THE SECRET WAS READ" in result.stderr
    assert not [name for name in os.listdir(home.path) if name.startswith("mews-quickstart")]
