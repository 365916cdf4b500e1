"""Where the tests stand."""

import os
import pathlib

HERE = pathlib.Path(__file__).resolve().parent

# A user who can't reach the checkout runs a copy of the tests, and MEWS_CHECKOUT tells where the rest is: README.md,
# profiles and scripts. The build directory needn't be there.
ROOT = pathlib.Path(os.environ.get("MEWS_CHECKOUT") or HERE.parent.parent)

# No command of a test takes longer, in seconds.
TIME_LIMIT = 120
