"""The table of cases is whole: each number has tests that are marked with it, or says why it needs none."""

import ast
import pathlib

import pytest
import yaml

HERE = pathlib.Path(__file__).resolve().parent
# What was collected of bad inputs and ways around; a number that isn't here was merged into another.
NUMBERS = {
    1,
    2,
    4,
    5,
    7,
    8,
    10,
    11,
    13,
    14,
    16,
    17,
    19,
    20,
    22,
    23,
    25,
    26,
    28,
    29,
    31,
    32,
    34,
    35,
    37,
    38,
    40,
    41,
    43,
    44,
    46,
    47,
    49,
    50,
    52,
    53,
    55,
    56,
    58,
    59,
    61,
    62,
    64,
    65,
    67,
    68,
    70,
    71,
    73,
    74,
    76,
    77,
    79,
    80,
    82,
    83,
    85,
    86,
    88,
    89,
    91,
    92,
    94,
    95,
}


def marked():
    """The tests by the numbers of their mark."""
    found = {}
    for path in HERE.glob("test_*.py"):
        for function in ast.parse(path.read_text()).body:
            for mark in getattr(function, "decorator_list", []):
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.case":
                    for number in mark.args:
                        found.setdefault(number.value, []).append(f"{path.name}::{function.name}")
    return found


TABLE = yaml.safe_load((HERE / "cases.yaml").read_text())


def test_every_number_has_a_line_and_no_other():
    assert set(TABLE) == NUMBERS
    assert set(marked()) <= NUMBERS


@pytest.mark.parametrize("number", sorted(NUMBERS))
def test_each_is_tested_or_says_why_not(number):
    line, tests = TABLE[number], marked().get(number, [])
    assert set(line) in ({"case"}, {"none"}, {"case", "unit"}), line
    if "none" in line:
        assert not tests and len(line["none"]) > 20 or line["none"] == "the same", line
        return
    sources = "".join(path.read_text() for path in HERE.parent.glob("*Tests/**/*.swift"))
    assert tests or (line.get("unit") and all(name in sources for name in line["unit"])), f"{number} has no test"


def test_test_names_are_functions_of_these_files():
    """A mark on something that pytest doesn't collect would count for nothing."""
    assert all(name.partition("::")[2].startswith("test_") for tests in marked().values() for name in tests)
