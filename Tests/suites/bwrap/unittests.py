"""Runs the methods of a unittest file one by one, and prints the same lines as tap.bash: `unittests.py FILE`."""

import importlib.util
import os
import pathlib
import sys
import unittest

unmet = pathlib.Path(os.environ["MEWS_SHIM_NOTES"], "unmet")
specification = importlib.util.spec_from_file_location("tested", sys.argv[1])
module = importlib.util.module_from_spec(specification)
specification.loader.exec_module(module)
for name in unittest.defaultTestLoader.getTestCaseNames(module.Test):
    unmet.write_text("", encoding="utf-8")
    result = unittest.TestResult()
    module.Test(name).run(result)
    problems = [text for _, text in result.failures + result.errors]
    if reasons := unmet.read_text(encoding="utf-8"):
        found, why = "needs", ";".join(sorted(set(reasons.splitlines()))) + ";"
    elif problems:
        found, why = "fails", problems[0].strip().splitlines()[-1]
    else:
        found, why = ("skips", result.skipped[0][1]) if result.skipped else ("passes", "")
    os.write(9, f"{name}\t{found}\t{why}\n".encode())
