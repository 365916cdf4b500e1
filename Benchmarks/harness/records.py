"""How fast records are written: Benchmarks/records, into memory."""

import json
import subprocess
import tempfile
from pathlib import Path

from harness.measure import MeasurementFailed

PACKAGE = Path(__file__).resolve().parents[1] / "records"
COUNT = 100_000
BAR = 100_000


def records(rounds: int) -> list[str]:
    """Prints records a second and bytes a record; the bars that were missed."""
    build = ["swift", "build", "-c", "release", "--package-path", str(PACKAGE)]
    if subprocess.run(build, stdout=subprocess.DEVNULL, check=False).returncode != 0:
        raise MeasurementFailed("Benchmarks/records can't be built")
    results = [one_round() for _ in range(rounds)]
    best = max(COUNT * 1_000_000_000 // result["nanoseconds"] for result in results)
    size = results[0]["bytes"] // results[0]["records"]
    met = best >= BAR
    print(f"audit: {best} records a second, {size} bytes a record, best of {rounds} rounds"
          f" (bar {BAR}: {'met' if met else 'missed'})")
    return [] if met else ["audit"]


def one_round() -> dict[str, int]:
    with tempfile.TemporaryDirectory(prefix="mews-bench-", dir="/dev/shm") as directory:
        command = [str(PACKAGE / ".build" / "release" / "records"), directory, str(COUNT)]
        finished = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if finished.returncode != 0:
        raise MeasurementFailed(f"{command[0]}: {finished.stderr.strip()}")
    return json.loads(finished.stdout)
