"""The table of Tests/README.md that compares Mews with Claude Code's own sandbox."""

import pathlib
import shutil

import pytest

import compare

DOCUMENT = pathlib.Path(__file__).resolve().parents[1] / "README.md"


@pytest.mark.usefixtures("reads_are_seen")
def test_each_row_is_what_comes_of_the_script(new_home, world):
    for program in ("bwrap", "socat", "rg"):
        assert shutil.which(program), f"Claude Code's own sandbox needs {program}; packages.txt names its package"
    told = DOCUMENT.read_text().split("<!-- comparison: begin -->\n")[1].split("\n<!-- comparison: end -->")[0]
    assert compare.table(new_home, world) == told.splitlines()
