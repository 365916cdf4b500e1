"""A state directory of a test's own, and what both verifiers say of the logs in it."""

import collections
import importlib.util
import json
import pathlib

from support.records import records

# The reader of logs that shares nothing with Mews.
VERIFIER = pathlib.Path(__file__).resolve().parents[2] / "audit" / "verify.py"


def independent_verifier():
    specification = importlib.util.spec_from_file_location("independent_verifier", VERIFIER)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


class Logs:
    """Where the sessions of a sandbox are written to: a directory that nobody else uses."""

    def __init__(self, sandbox, state=None):
        self.sandbox = sandbox
        self.state = state or sandbox.base / "state"
        self.directory = self.state / "mews" / "audit"
        self.ledger = self.directory / "ledger.jsonl"
        self.state.mkdir(mode=0o700, exist_ok=True)
        sandbox.environment["XDG_STATE_HOME"] = str(self.state)

    def paths(self):
        """The logs, in the order in which their sessions began."""
        return sorted(path for path in self.directory.glob("*.jsonl") if path != self.ledger)

    def only(self):
        """The records of the only session."""
        (path,) = self.paths()
        return records(path)

    def entries(self):
        """The ledger's lines."""
        return records(self.ledger) if self.ledger.exists() else []

    def states(self):
        """The state of every session as both verifiers see it, which have to agree: {session: state}."""
        answered = self.sandbox.mews_itself("audit", "verify", "--all", "--json")
        assert answered.stdout, answered
        answer = json.loads(answered.stdout)
        ours = {session["session"]: session["state"] for session in answer["sessions"]}
        assert answer["ledger"] is None or answer["ledger"]["sound"], answer["ledger"]
        theirs, ledger = independent_verifier().verify_all(self.directory)
        assert ledger == []
        assert {name: state for name, (state, _) in theirs.items()} == ours
        return ours

    def counted(self):
        """How many sessions are in which state."""
        return collections.Counter(self.states().values())


def codes(lines):
    """The event codes of records."""
    return [line["metadata"]["event_code"] for line in lines]


def end(lines):
    """What the last record says that only Mews has names for."""
    assert codes(lines[-1:]) == ["session.end"], codes(lines)
    return lines[-1]["unmapped"]["mews"]


def lost(lines):
    """The acts that gaps tell of, by event code."""
    found = collections.Counter()
    for line in lines:
        if line["metadata"]["event_code"] == "audit.gap":
            found.update(line["unmapped"]["mews"]["lost"])
            assert sum(line["unmapped"]["mews"]["lost"].values()) == line["count"]
    return found


def acts(lines, code):
    """How many acts of a code the records stand for."""
    return sum(line.get("count", 1) for line in lines if line["metadata"]["event_code"] == code)
