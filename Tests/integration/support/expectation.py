"""Which record an act must leave: derived from what the act does and what the place is.

Written from what is promised to users, not from the code: every denial has exactly one record, and nothing else has
any. The rules, in the order in which they are asked:

1. What the filter refuses is `syscall.denied` or `socket.denied`, wherever it points; a call that is answered as by a
   kernel without it is none.
2. An act that would have done nothing outside either (`fails`), or only looks, is none.
3. Reading is denied where the place isn't in the view or is kept out, and seen only with the skeleton, or where the
   same call could have changed something.
4. A change is denied where the place isn't writable; of two places the first that refuses is the reason.
5. Names of two mounts can't be linked or moved onto each other.
6. A name that a rule holds can't be taken away or moved.
"""

import collections
import dataclasses

ACTIVITIES = {"create": 1, "write": 3, "delete": 4, "rename": 5, "attributes": 6, "read": 14}
REASONS = {"read-only": "read-only", "masked": "masked", "outside": "outside-view"}
# What the kernel answers where a place refuses; the kernel, not Mews, decides which wall speaks first.
REFUSALS = {
    "read-only": {"EROFS", "EACCES", "EXDEV", "EBUSY"},
    "masked": {"EACCES", "EROFS", "ENOENT", "EXDEV", "EBUSY"},
    "outside-view": {"EACCES", "ENOENT", "EROFS", "EXDEV"},
    "across-mounts": {"EXDEV"},
    "pinned": {"EBUSY"},
}


@dataclasses.dataclass(frozen=True)
class Setting:
    """How a run sees: whether the skeleton is the root of the view, and whether it hides."""

    skeleton: bool
    hides: bool = False


Record = collections.namedtuple("Record", "code activity path second call reason")


def record(attempt, setting):
    """The record that an attempt on files leaves; None for none."""
    does = attempt.act["does"]
    if does == "look" or "fails" in attempt.act or attempt.region == "absent":
        return None
    reason = refusal(attempt)
    if reason is None:
        return None
    path = attempt.real
    # A call that would make what isn't there is told of before it goes on, so that nobody has to walk anywhere.
    is_told = does not in ("read", "connect") or attempt.name == "read-or-create"
    if setting.hides and attempt.region == "outside" and not is_told:
        # The walk ends at the first name that isn't in the view. What lies behind it is known when the caller's
        # own words say so: not behind a link, nor in the memory of a message.
        if attempt.path != attempt.real or attempt.call == "sendmsg":
            path = attempt.hidden
    if does == "connect":
        # A message's address lies in memory that only the skeleton's question tells of.
        if attempt.call == "sendmsg" and not setting.skeleton:
            return None
        return Record("socket.denied", 14, path, None, attempt.call, reason)
    if not is_told and not setting.skeleton:
        return None
    return Record("file.denied", ACTIVITIES[does], path, attempt.second, attempt.call, reason)


def refusal(attempt):
    """Why the view refuses an attempt; None when it doesn't."""
    does = attempt.act["does"]
    here, there = REASONS.get(attempt.region), REASONS.get(attempt.second_region)
    if does in ("read", "connect"):
        return here if here != "read-only" else None
    if attempt.act.get("links"):
        # What a link would name has to be in the view; what it would be called, writable.
        if there in ("masked", "outside-view"):
            return there
        return here or (None if attempt.same_mount else "across-mounts")
    if does == "rename":
        return here or there or (None if attempt.same_mount else "across-mounts") or attempt.held
    return here or (attempt.held if does == "delete" else None)


def answers(attempt, setting):
    """The answers that are right for an attempt; None is success."""
    reason = refusal(attempt)
    natural = {None, *attempt.act.get("answers", ())}
    if attempt.region == "absent":
        return {"ENOENT", "EXDEV"}
    if "fails" in attempt.act:
        return {attempt.act["fails"]} | (REFUSALS[reason] if reason else set())
    if attempt.act["does"] == "look":
        # What is outside may be seen to be there, or not; what is missing isn't.
        hidden = {"EACCES", "ENOENT"} if attempt.region in ("outside", "masked") else set()
        return hidden | ({"ENOENT"} if attempt.kind == "missing" else natural)
    if reason is None:
        return natural
    if attempt.act["does"] == "read" and attempt.region == "outside":
        # Nothing is there; with O_CREAT that is a try to make it.
        return {"EACCES"} if setting.skeleton and not setting.hides else {"ENOENT", "EROFS"}
    return REFUSALS[reason]
