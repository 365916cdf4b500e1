"""Thousands of tunnels that end in every odd way leave nothing in the door: `scripts/bench soak` with fewer of them."""

import os
import pathlib
import sys

import pytest

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(CHECKOUT / "Benchmarks"))

from harness.soak import WAYS, print_soak, soak  # noqa: E402

CONNECTIONS, SANDBOXES = 4000, 8


@pytest.mark.case(88)
def test_odd_ends_leave_no_descriptor_and_no_memory(sandbox, base, capsys):
    doors = soak(
        [sandbox.mews, "run", *sandbox.options],
        base,
        sandbox.home,
        sandbox.workspace,
        sandbox.environment,
        int(os.environ.get("MEWS_TEST_SOAK", CONNECTIONS)),
        SANDBOXES,
    )
    wrong = print_soak(doors)
    assert not wrong, (wrong, capsys.readouterr().out)
    assert all(sum(door.ended[index] for door in doors) > 100 for index in range(len(WAYS)))
