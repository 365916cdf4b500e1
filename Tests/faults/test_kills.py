"""SIGKILL of any of Mews's processes at any moment leaves nothing but true logs."""

import os
import pathlib
import tempfile

from kills import Kills

# `scripts/faults --kills N` takes more.
NUMBER = int(os.environ.get("MEWS_TEST_KILLS") or "240")


def test_nothing_is_left_of_what_is_killed(prefix, scratch):
    kills = Kills(prefix, pathlib.Path(tempfile.mkdtemp(prefix="kills-", dir=scratch)))
    kills.run(NUMBER)
    print(kills.report())
