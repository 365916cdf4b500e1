"""Node inside: child processes, worker threads, an HTTP server, sockets and file watching."""

import shutil
from pathlib import Path

from place import compare

HERE = Path(__file__).resolve().parent


def test_child_processes_workers_http_and_watching(place, needs):
    needs("node")
    outcome = compare(
        place, ["node", "node-all.js"], lambda place: shutil.copy(HERE / "scripts/node-all.js", place.workspace))
    assert outcome.status == 0
    assert "http 200 GET /path?query test" in outcome.stdout and "workers 10" in outcome.stdout
