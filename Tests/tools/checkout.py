"""Where the tests stand."""

import pathlib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent

# No command of a test takes longer, in seconds.
TIME_LIMIT = 120
