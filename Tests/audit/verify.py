#!/usr/bin/env python3
"""Checks logs of Mews with nothing of Mews: written from Sources/Audit/README.md, standard library only.

    verify.py LOG [--ledger FILE] [--session NAME] [--checkpoint FILE]... [--anchor SEQUENCE:HASH]...
    verify.py --all DIRECTORY [--checkpoint FILE]...

Prints the state and what was found; the exit status is that of `mews audit verify`.
"""

import argparse
import base64
import hashlib
import json
import pathlib
import re
import sys

# In the order in which they count.
STATUS = {
    "TAMPERED": 1, "FORKED": 1, "UNTRUSTED-KEY": 1, "MISSING": 5, "TRUNCATED": 5, "UNCLOSED": 4, "GAPS": 6,
    "UNANCHORED": 0, "OK": 0,
}
ORDER = list(STATUS)
LONGEST = 65535
DEEPEST = 8
ZEROS = "0" * 64
LETTERS = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
ESCAPED = re.compile('["\\\\\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]')
NAME = re.compile("[a-z0-9_.-]+")
HASH = re.compile("[0-9a-f]{64}")
SESSION = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


class Wrong(Exception):
    """A line isn't what it has to be."""


def canonical(value, depth=1):
    """The one way to write a value."""
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int):
        if abs(value) > 2**53:
            raise Wrong("a number out of range")
        return str(value)
    if isinstance(value, str):
        return '"' + ESCAPED.sub(lambda match: LETTERS.get(match[0]) or f"\\u{ord(match[0]):04x}", value) + '"'
    if depth > DEEPEST:
        raise Wrong("too deep")
    if isinstance(value, list):
        return "[" + ",".join(canonical(item, depth + 1) for item in value) + "]"
    if isinstance(value, dict):
        if not all(NAME.fullmatch(name) for name in value):
            raise Wrong("not a name of a member")
        return "{" + ",".join(f'"{name}":{canonical(value[name], depth + 1)}' for name in sorted(value)) + "}"
    raise Wrong("a value that doesn't occur")


def refuse(text):
    raise Wrong(f"{text} doesn't occur")


def unique(pairs):
    if len({name for name, _ in pairs}) != len(pairs):
        raise Wrong("a doubled name")
    return dict(pairs)


def parse(line):
    """The object that a line is, if it is in canonical form."""
    if len(line) > LONGEST:
        raise Wrong("too long")
    try:
        value = json.loads(line.decode(), object_pairs_hook=unique, parse_float=refuse, parse_constant=refuse)
        same = isinstance(value, dict) and canonical(value).encode() == line
    except (ValueError, RecursionError) as error:
        raise Wrong(f"not JSON: {error}") from error
    if not same:
        raise Wrong("not in canonical form")
    return value


def digest(domain, value, holder):
    """The hash of a line: of all of it but the member `hash` of `holder`, which is a part of `value`."""
    own = holder.pop("hash")
    found = hashlib.sha256(domain + canonical(value).encode()).hexdigest()
    holder["hash"] = own
    return found


def member(value, path, kind):
    """A member that has to be there."""
    for name in path.split("."):
        if type(value) is not dict or name not in value:
            raise Wrong(f"no {path}")
        value = value[name]
    if type(value) is not kind:
        raise Wrong(f"{path} isn't of its type")
    return value


def positive(value):
    if type(value) is not int or value < 1:
        raise Wrong("acts that can't be counted")
    return value


class Ledger:
    """The entries of the ledger, as far as they are sound."""

    def __init__(self, content):
        self.sessions = {}
        self.findings = []
        self.opened = 0
        *lines, rest = content.split(b"\n")
        previous = ZEROS
        for number, line in enumerate(lines):
            try:
                previous = self.take(parse(line), number, previous)
            except Wrong as wrong:
                self.findings.append(("TAMPERED", f"ledger:{number + 1}: {wrong}"))
                return
        if len(rest) > LONGEST:
            self.findings.append(("TAMPERED", "ledger: too long"))

    def take(self, entry, number, previous):
        kind = member(entry, "entry", str)
        if member(entry, "sequence", int) != number:
            raise Wrong("sequence")
        if member(entry, "prev", str) != previous:
            raise Wrong("prev")
        if member(entry, "hash", str) != digest(b"mews.ledger.v1\n", entry, entry):
            raise Wrong("hash")
        if kind == "open":
            self.open(entry)
        elif kind == "close":
            self.close(entry)
        return entry["hash"]

    def open(self, entry):
        session = member(entry, "session", str)
        if not SESSION.fullmatch(session) or session in self.sessions:
            raise Wrong("session")
        if member(entry, "number", int) != self.opened + 1 or member(entry, "opened", int) != self.opened + 1:
            raise Wrong("number")
        if not HASH.fullmatch(member(entry, "start", str)):
            raise Wrong("start")
        log = entry.get("log")
        if "log_b64" in entry:
            try:
                log = base64.b64decode(member(entry, "log_b64", str), validate=True)
            except ValueError as error:
                raise Wrong("log_b64") from error
            if base64.b64encode(log).decode() != entry["log_b64"]:
                raise Wrong("log_b64")
            log = log.decode(errors="surrogateescape")
        self.opened += 1
        self.sessions[session] = {"number": self.opened, "start": entry["start"], "log": log, "close": None}

    def close(self, entry):
        known = self.sessions.get(member(entry, "session", str))
        if known is None or known["close"]:
            raise Wrong("a close without its open, or a second one")
        if member(entry, "number", int) != known["number"] or member(entry, "opened", int) != self.opened:
            raise Wrong("number")
        if member(entry, "records", int) < 1 or not HASH.fullmatch(member(entry, "last", str)):
            raise Wrong("records or last")
        known["close"] = entry


class Log:
    """The records of a log, as far as they are sound, and what is wrong with them."""

    def __init__(self, content, session=None):
        self.session = session
        self.hashes = []
        self.codes = {}
        self.closed = False
        self.findings = []
        *lines, self.rest = content.split(b"\n")
        for number, line in enumerate(lines):
            try:
                self.take(parse(line))
            except Wrong as wrong:
                self.findings.append(("TAMPERED", f"log:{number + 1}: {wrong}"))
                return
        if self.rest and (self.closed or len(self.rest) > LONGEST):
            self.findings.append(("TAMPERED", "log: bytes behind the last newline"))

    def take(self, record):
        session = member(record, "metadata.correlation_uid", str)
        self.session = self.session or session
        if session != self.session:
            raise Wrong("another session's")
        if member(record, "metadata.sequence", int) != len(self.hashes):
            raise Wrong("sequence")
        if member(record, "unmapped.mews.prev", str) != (self.hashes or [ZEROS])[-1]:
            raise Wrong("prev")
        own = member(record, "unmapped.mews.hash", str)
        if own != digest(b"mews.audit.v1\n", record, record["unmapped"]["mews"]):
            raise Wrong("hash")
        code = member(record, "metadata.event_code", str)
        if self.closed:
            raise Wrong("behind session.end")
        if (code == "session.start") != (not self.hashes):
            raise Wrong("session.start is the first record, and no other")
        self.count(code, record)
        self.hashes.append(own)
        if code == "session.end":
            self.closed = True
            if member(record, "unmapped.mews.records", int) != len(self.hashes):
                raise Wrong("records")
            if member(record, "unmapped.mews.totals", dict) != self.codes:
                raise Wrong("totals")

    def count(self, code, record):
        totals = self.codes.setdefault(code, {"acts": 0, "records": 0, "lost": 0})
        acts = positive(record.get("count", 1))
        totals["records"] += 1
        totals["acts"] += 1 if code == "audit.gap" else acts
        if code == "audit.gap":
            lost = record["unmapped"]["mews"].get("lost", {})
            if type(lost) is not dict:
                raise Wrong("lost")
            for other, number in lost.items():
                totals = self.codes.setdefault(other, {"acts": 0, "records": 0, "lost": 0})
                totals["lost"] += positive(number)
                totals["acts"] += number


def judge(log, ledger=None, checkpoints=(), session=None, known=False):
    """The state of a log and everything that was found.

    log is None when there is none; checkpoints are (session or None, records, hash); known says that the log lies
    beside the ledger, which then has to know it.
    """
    session = session or (log.session if log else None)
    entry = ledger.sessions.get(session) if ledger else None
    if log is None:
        return decide([("MISSING", "there is no log")], False)
    found = list(log.findings)
    own = [(records, value) for name, records, value in checkpoints if name in (None, session)] if session else []
    held = own + ([(1, entry["start"])] if entry else [])
    close = entry["close"] if entry else None
    if close:
        held.append((close["records"], close["last"]))
    count = len(log.hashes)
    for records, value in held:
        if records <= count and log.hashes[records - 1] != value:
            found.append(("FORKED", f"another record {records - 1} than is known elsewhere"))
    sound = not log.findings
    if sound:
        if any(records > count for records, _ in held):
            found.append(("TRUNCATED", f"{count} records, and more are known elsewhere"))
        if close and count > close["records"]:
            found.append(("TAMPERED", "more than the ledger closed"))
        if close and type(close.get("lost")) is int and close["lost"] > 0:
            found.append(("GAPS", "acts were lost"))
        if not log.closed:
            found.append(("UNCLOSED", f"no session.end; {len(log.rest)} bytes behind the last record"))
        if "audit.gap" in log.codes and log.codes["audit.gap"]["records"]:
            found.append(("GAPS", "audit.gap"))
    if known and ledger and not ledger.findings and not entry and "command.exec" in log.codes:
        found.append(("MISSING", "the ledger doesn't know it"))
    return decide(found, sound and count > 0 and (count, log.hashes[-1]) in own)


def decide(found, anchored):
    quiet = "OK" if anchored else "UNANCHORED"
    return min([state for state, _ in found] + [quiet], key=ORDER.index), found


def read(path):
    try:
        return pathlib.Path(path).read_bytes()
    except FileNotFoundError:
        return None


def verify(path, ledger=None, session=None, checkpoints=()):
    """The state of one log with the ledger beside it, or another one."""
    content = read(path)
    beside = read(pathlib.Path(path).parent / "ledger.jsonl") if ledger is None else read(ledger)
    entries = Ledger(beside) if beside is not None else None
    log = Log(content, session) if content is not None else None
    state, found = judge(log, entries, checkpoints, session, known=ledger is None)
    if entries and entries.findings:
        return decide(found + entries.findings, state == "OK")
    return state, found


def verify_all(directory, checkpoints=()):
    """The state of every session, and what is wrong with the ledger."""
    directory = pathlib.Path(directory)
    content = read(directory / "ledger.jsonl")
    ledger = Ledger(content) if content is not None else None
    names = {path.stem for path in directory.glob("*.jsonl") if SESSION.fullmatch(path.stem)}
    names |= set(ledger.sessions if ledger else ()) | {name for name, _, _ in checkpoints}
    found = {}
    for name in sorted(names):
        path = directory / f"{name}.jsonl"
        elsewhere = ledger.sessions.get(name, {}).get("log") if ledger else None
        if elsewhere and not path.exists():
            path = pathlib.Path(elsewhere)
        content = read(path)
        log = Log(content, name) if content is not None else None
        found[name] = judge(log, ledger, checkpoints, name, known=path.parent == directory)
    return found, ledger.findings if ledger else []


def checkpoint(line):
    version, session, records, value = line.split(" ")
    assert version == "mews.checkpoint.v1" and HASH.fullmatch(value), line
    return session, int(records), value


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log", nargs="?")
    parser.add_argument("--all", metavar="DIRECTORY")
    parser.add_argument("--ledger")
    parser.add_argument("--session")
    parser.add_argument("--checkpoint", action="append", default=[])
    parser.add_argument("--anchor", action="append", default=[])
    options = parser.parse_args()
    checkpoints = [
        checkpoint(line) for file in options.checkpoint for line in pathlib.Path(file).read_text().splitlines()]
    for anchor in options.anchor:
        sequence, value = anchor.split(":")
        checkpoints.append((None, int(sequence) + 1, value))
    if options.all:
        results, ledger = verify_all(options.all, checkpoints)
    elif options.log:
        results, ledger = {
            options.log: verify(options.log, options.ledger, options.session, checkpoints)}, []
    else:
        parser.error("name a log, or a directory with --all")
    if not results:
        sys.exit(3)
    for name, (state, found) in results.items():
        print(state, name, *(f"\n  {state}: {words}" for state, words in found))
    for state, words in ledger:
        print(state, words)
    states = [state for state, _ in results.values()] + [state for state, _ in ledger]
    sys.exit(STATUS[min(states, key=ORDER.index)])


if __name__ == "__main__":
    main()
