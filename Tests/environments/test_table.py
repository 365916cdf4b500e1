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
    wanted = outcome(entry, profile)
    assert run.outcome == wanted, run
    if wanted == "full":
        assert (run.status, run.stdout) == (0, "ran\n"), run
    elif profile in entry.get("but", ()):
        assert (run.status, run.stdout) == (125, "") and entry["says"] in run.message, run
    else:
        assert (run.status, run.stdout) == (125, ""), run
        (line,) = run.message.splitlines()
        assert entry["says"] in line, run


@pytest.mark.parametrize("name", NAMES)
def test_where_there_is_no_device_reads_are_denied_all_the_same(visits, name):
    entry = BY_NAME[name]
    if "reads" in entry:
        for run in visits[name]["runs"]:
            assert run.summary["observed"]["reads"] is entry["reads"], run


def test_the_documentation_has_this_table():
    text = (CHECKOUT / "Tests" / "README.md").read_text(encoding="utf-8")
    assert text.split(BEGIN)[1].split(END)[0].strip().splitlines() == lines()
