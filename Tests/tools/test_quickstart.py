"""`scripts/quickstart` shows what it says, leaves nothing behind, and fails when the sandbox doesn't hold."""

import os
import shutil

from checkout import ROOT


def quickstart(home, prefix):
    environment = home.environment | {"PREFIX": str(prefix)}
    return home.run(str(ROOT / "scripts" / "quickstart"), "--installed", env=environment, cwd=home.path)


def test_shows_the_main_job_and_cleans_up(home, prefix):
    before = home.files()
    for _ in range(2):
        result = quickstart(home, prefix)
        assert result.returncode == 0, result.stdout + result.stderr
        assert "$ mews run --timeout 2m -- make test" in result.stdout
        assert result.stdout.rstrip().splitlines()[-2] == "== done: every outcome was as it should be"
        # Once, by the control outside.
        assert result.stdout.count("correct horse") == 1
        assert home.files() == before


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
