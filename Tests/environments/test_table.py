"""What mews does in each environment: it holds what it promises, or starts nothing and says which layer is missing."""

import os
import pathlib

import pytest

from support.environment import made_here
from support.table import BEGIN, END, PROFILES, lines, outcome

HERE = pathlib.Path(__file__).resolve().parent
CHECKOUT = pathlib.Path(os.environ.get("MEWS_CHECKOUT") or HERE.parent.parent)
NAMES = [entry["name"] for entry in made_here()]
BY_NAME = {entry["name"]: entry for entry in made_here()}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", NAMES)
def test_the_level_or_the_refusal_is_that_of_the_table(visits, name, profile):
    entry = BY_NAME[name]
    run = visits[name]["runs"][list(PROFILES).index(profile)]
    expected = outcome(entry, profile)
    assert run.outcome == expected, run
    if not expected.startswith("125"):
        assert (run.status, run.stdout) == (0, "ran\n"), run
        if expected != "full":
            # A lower level is never silent.
            assert any(line.startswith(f"mews: level {expected}: ") for line in run.stderr.splitlines()), run
    else:
        assert (run.status, run.stdout) == (125, ""), run
        # Of a profile all lines are listed that can't be held; else it is one.
        if "--require" not in profile and expected != "125 (lines)":
            (line,) = run.message.splitlines()
            assert entry["says"] in line, run


@pytest.mark.parametrize("name", NAMES)
def test_where_there_is_no_device_reads_are_denied_all_the_same(visits, name):
    entry = BY_NAME[name]
    if "reads" in entry:
        for run in visits[name]["runs"]:
            assert not entry["reads"] and run.summary["observed"]["reads"] is entry["reads"], run


def test_the_documentation_has_this_table():
    text = (CHECKOUT / "Tests" / "README.md").read_text(encoding="utf-8")
    assert text.split(BEGIN)[1].split(END)[0].strip().splitlines() == lines()
