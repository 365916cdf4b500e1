"""How fast records are written and verified: Benchmarks/records, into memory."""

import json
import subprocess
import tempfile
import time
from pathlib import Path

from harness.measure import MeasurementFailed

PACKAGE = Path(__file__).resolve().parents[1] / "records"
COUNT = 100_000
BAR = 100_000


def records(mews: Path, before: tuple[str, ...], rounds: int) -> list[str]:
    """Prints records a second, bytes a record and the speed of `mews audit verify`; the bars that were missed."""
    build = ["swift", "build", "-c", "release", "--package-path", str(PACKAGE)]
    if subprocess.run(build, stdout=subprocess.DEVNULL, check=False).returncode != 0:
        raise MeasurementFailed("Benchmarks/records can't be built")
    results = [one_round(mews, before) for _ in range(rounds)]
    best = max(COUNT * 1_000_000_000 // result["nanoseconds"] for result in results)
    size = results[0]["bytes"] // results[0]["records"]
    met = best >= BAR
    print(f"audit: {best} records a second, {size} bytes a record, best of {rounds} rounds"
          f" (bar {BAR}: {'met' if met else 'missed'})")
    seconds = min(result["verification"] for result in results)
    print(f"audit verify: {results[0]['bytes'] / seconds / 1e6:.0f} MB/s, start of the program included")
    return [] if met else ["audit"]


def one_round(mews: Path, before: tuple[str, ...]) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="mews-bench-", dir="/dev/shm") as directory:
        command = [*before, str(PACKAGE / ".build" / "release" / "records"), directory, str(COUNT)]
        finished = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if finished.returncode != 0:
            raise MeasurementFailed(f"{PACKAGE.name}: {finished.stderr.strip()}")
        result = json.loads(finished.stdout)
        start = time.monotonic()
        # The log alone: the ledger of the directory has no entry of it.
        verified = subprocess.run(
            [*before, str(mews), "audit", "verify", result["log"]], capture_output=True, text=True, timeout=120, check=False)
        result["verification"] = time.monotonic() - start
        if verified.returncode != 0:
            raise MeasurementFailed(f"audit verify: {verified.returncode}, {verified.stdout}{verified.stderr}")
    return result
