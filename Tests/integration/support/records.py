"""Reads the log of a session: what was denied, with folded records taken apart."""

import collections
import json

from support.expectation import Record


def records(path):
    """All records of a log."""
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def denials(path):
    """The denials of a log as a multiset of what they are about, and how many acts have no record of their own."""
    found = collections.Counter()
    lost = 0
    for line in records(path):
        code = line["metadata"]["event_code"]
        if code == "audit.gap":
            lost += line["count"]
        if code.endswith(".denied"):
            found[summary(line)] += line.get("count", 1)
    return found, lost


def summary(line):
    ours = line["unmapped"]["mews"]
    process = line.get("actor", {}).get("process", {})
    about = Record(
        line["metadata"]["event_code"],
        line["activity_id"],
        line.get("file", {}).get("path"),
        line.get("file_result", {}).get("path"),
        ours.get("call") or line.get("kernel", {}).get("name"),
        ours["reason"],
    )
    return about, process.get("pid")
