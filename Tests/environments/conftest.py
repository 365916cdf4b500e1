"""Fixtures of the tests that make environments: each is made once, and asked everything that the tests want to know."""

import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from support.environment import Place, made_here  # noqa: E402
from support.table import PROFILES  # noqa: E402

pytest_plugins = ["installation"]


class Visits:
    """What came of mews in each environment, found out when it is first asked for."""

    def __init__(self, prefix):
        self.prefix = prefix
        self.answers = {}

    def __getitem__(self, name):
        if name not in self.answers:
            (entry,) = [entry for entry in made_here() if entry["name"] == name]
            place = Place(entry, self.prefix)
            try:
                self.answers[name] = place.ask(list(PROFILES.values()))
            finally:
                place.remove()
        return self.answers[name]


@pytest.fixture(scope="session")
def visits(prefix):
    return Visits(prefix)
