"""The installation that the suites test."""

import os
import pathlib

import pytest


@pytest.fixture(scope="session")
def prefix():
    """The installation under test, from MEWS_PREFIX."""
    named = os.environ.get("MEWS_PREFIX")
    assert named, "MEWS_PREFIX names no installation (scripts/test sets it)"
    path = pathlib.Path(named)
    assert os.access(path / "bin" / "mews", os.X_OK), f"{path}/bin/mews cannot be executed"
    return path
