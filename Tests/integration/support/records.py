"""Reads the log of a session: what was denied, with folded records taken apart."""

import collections
import dataclasses
import json

from support.expectation import Record


def records(path):
    """All records of a log."""
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@dataclasses.dataclass
class Denials:
    """The denials of a log as multisets: those that stand singly with their process, and of those that are
    counted together what they have in common; and how many acts have no record of their own."""

    single: collections.Counter
    folded: collections.Counter
    lost: int

    def differences(self, expected):
        """What is missing of what is expected, given with its process, and what is too much, in words."""
        missing, more = expected - self.single, self.single - expected
        folded = self.folded.copy()
        for (about, process), number in list(missing.items()):
            # What was counted has the process, and the call, of the first.
            found = min(number, folded[common(about)])
            folded[common(about)] -= found
            missing[about, process] -= found
        return [
            f"{word}: {about} x{number}"
            for word, entries in (("missing", +missing), ("too much", more), ("too much, counted", +folded))
            for about, number in sorted(entries.items(), key=str)
        ]

    def __len__(self):
        return self.single.total() + self.folded.total()


def common(about):
    """What denials that are counted together have in common."""
    return about._replace(call=about.call if about.activity == 4 and about.code == "syscall.denied" else None)


def denials(path):
    """The denials of a log."""
    found = Denials(collections.Counter(), collections.Counter(), 0)
    for line in records(path):
        code = line["metadata"]["event_code"]
        if code == "audit.gap":
            found.lost += line["count"]
        elif code.endswith(".denied"):
            about, process = summary(line)
            if "count" in line:
                found.folded[common(about)] += line["count"]
            else:
                found.single[about, process] += 1
    return found


def summary(line):
    """What a denial is about, and whose it is."""
    ours = line["unmapped"]["mews"]
    process = line.get("actor", {}).get("process", {})
    kind = ours.get("socket", {})
    about = Record(
        line["metadata"]["event_code"],
        line["activity_id"],
        f"{kind['family']}/{kind['type']}/{kind['protocol']}" if kind else line.get("file", {}).get("path"),
        line.get("file_result", {}).get("path"),
        ours.get("call") or line.get("kernel", {}).get("name"),
        ours["reason"],
    )
    return about, process.get("pid")
