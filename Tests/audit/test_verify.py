"""Whatever is done to a log shows: mews and a reader that shares nothing with it say the same state, and the right one.

What can't show in principle is said too: a tail that is cut or rewritten with all of its hashes is UNANCHORED at most
without ledger and checkpoint.
"""

import copy
import random

import pytest

import verify
from logs import SHAPES, LedgerMaker, LogMaker, busy, chain, is_closed, killed, line_of, session_name, short

SESSION = session_name(1)
OTHER = session_name(2)
EXIT = verify.STATUS


def check(host, content, state, ledger=None, checkpoints=(), session=SESSION):
    """Writes a log, and has both tell its state."""
    path = host.write(session, content)
    ledger_path = host.logs / "ledger.jsonl"
    ledger_path.unlink(missing_ok=True)
    if ledger is not None:
        ledger_path.write_bytes(ledger)
    options = []
    if checkpoints:
        kept = host.path / "checkpoints"
        kept.write_text("".join(f"mews.checkpoint.v1 {name} {count} {value}\n" for name, count, value in checkpoints))
        options = ["--checkpoint", kept]
    answer, status = host.verify(session, *options)
    ours, found = verify.verify(path, session=session, checkpoints=checkpoints)
    assert (answer["state"], ours) == (state, state), (answer, found)
    assert status == EXIT[state]
    return answer


def content_of(records):
    return b"".join(line_of(record) for record in records)


def ledger_of(records, session=SESSION, **more):
    maker = LedgerMaker().open(session, records)
    if is_closed(records):
        maker.close(session, records, **more)
    return content_of(maker.chained())


def checkpoint_of(records, count=None, session=SESSION):
    count = len(records) if count is None else count
    return session, count, records[count - 1]["unmapped"]["mews"]["hash"]


@pytest.fixture(params=SHAPES, ids=list(SHAPES))
def shape(request):
    make, alone, anchored = SHAPES[request.param]
    return make(SESSION), alone, anchored


def test_an_untouched_log(host, shape):
    records, alone, anchored = shape
    content = content_of(records)
    check(host, content, alone)
    check(host, content, alone, ledger=ledger_of(records))
    check(host, content, anchored, checkpoints=[checkpoint_of(records)])
    check(host, content, alone, checkpoints=[checkpoint_of(records, 1)])
    check(host, content, alone, checkpoints=[checkpoint_of(records, session=OTHER)])


def changes(record):
    """One record after each of many single changes that leave it in canonical form."""
    def paths(value, path=()):
        for name, part in value.items():
            yield (*path, name)
            if type(part) is dict:
                yield from paths(part, (*path, name))

    for path in paths(record):
        for kind in ("value", "name", "gone"):
            changed = copy.deepcopy(record)
            holder = changed
            for name in path[:-1]:
                holder = holder[name]
            value = holder.pop(path[-1])
            if kind == "value":
                holder[path[-1]] = (
                    not value if type(value) is bool else value + 1 if type(value) is int
                    else value + "x" if type(value) is str else [value] if type(value) is list else {"x": 1})
            elif kind == "name":
                holder[path[-1] + "x"] = value
            yield f"{kind} of {'.'.join(path)}", changed


@pytest.mark.parametrize("name", ["short", "gappy"])
def test_every_change_of_a_member_shows(host, name):
    """At every record; in one run of mews over many logs, because they are many."""
    records = SHAPES[name][0](SESSION)
    lines = [line_of(record) for record in records]
    cases = []
    for number, record in enumerate(records):
        for what, changed in changes(record):
            cases.append((f"{what} in record {number}", lines[:number] + [line_of(changed)] + lines[number + 1:]))
    assert len(cases) > 300
    states = {}
    for number, (_, changed) in enumerate(cases):
        host.write(session_name(number + 1), b"".join(changed))
    # Each under its own name is another session's; so they are read by their paths, in a directory of no user.
    elsewhere = host.path / "elsewhere"
    host.logs.rename(elsewhere)
    host.logs.mkdir()
    for number, (what, _) in enumerate(cases):
        path = elsewhere / f"{session_name(number + 1)}.jsonl"
        states[what] = verify.verify(path)[0]
        if number % 7 == 0:
            answer, status = host.verify(path)
            assert (answer["state"], status) == ("TAMPERED", 1), what
    assert set(states.values()) == {"TAMPERED"}, [what for what, state in states.items() if state != "TAMPERED"]


SPELLINGS = {
    "order": lambda line: line.replace(b'{"activity_id":', b'{"z":1,"activity_id":', 1),
    "blank": lambda line: line.replace(b":", b": ", 1),
    "leading blank": lambda line: b" " + line,
    "trailing blank": lambda line: line[:-1] + b" \n",
    "carriage return": lambda line: line[:-1] + b"\r\n",
    "empty line": lambda line: b"\n" + line,
    "doubled": lambda line: line.replace(b'"message":', b'"message":"a","message":', 1),
    "float": lambda line: line.replace(b'"severity_id":1', b'"severity_id":1.0', 1),
    "exponent": lambda line: line.replace(b'"severity_id":1', b'"severity_id":1e0', 1),
    "negative zero": lambda line: line.replace(b'"type_id":0', b'"type_id":-0', 1),
    "leading zero": lambda line: line.replace(b'"severity_id":1', b'"severity_id":01', 1),
    "null": lambda line: line.replace(b'"severity_id":1', b'"severity_id":null', 1),
    "escaped letter": lambda line: line.replace(b'"name":"Mews"', b'"name":"\\u004dews"', 1),
    "escaped slash": lambda line: line.replace(b"/", b"\\/", 1),
    "control character": lambda line: line.replace(b'"message":"', b'"message":"\x01', 1),
    "C1 control": lambda line: line.replace(b'"message":"', b'"message":"\xc2\x9b', 1),
    "raw bidirectional override": lambda line: line.replace(b'"message":"', '"message":"\u202e'.encode(), 1),
    "raw byte order mark": lambda line: b"\xef\xbb\xbf" + line,
    "not UTF-8": lambda line: line.replace(b'"message":"', b'"message":"\xff', 1),
    "overlong": lambda line: line.replace(b'"message":"', b'"message":"\xc0\xaf', 1),
    "surrogate": lambda line: line.replace(b'"message":"', b'"message":"\\ud83d\\ude00', 1),
    "NUL": lambda line: line.replace(b'"message":"', b'"message":"\x00', 1),
    "two values": lambda line: line[:-1] + b"{}\n",
    "not an object": lambda line: b"[" + line[:-1] + b"]\n",
    "a word": lambda line: b"true\n",
    "nothing": lambda line: b"{}\n",
    "an upper-case hash": lambda line: line.replace(b'"hash":"', b'"hash":"A', 1),
    "too long": lambda line: line.replace(b'"message":"', b'"message":"' + b"x" * 66000, 1),
    "too deep": lambda line: line.replace(b'"message":', b'"m":' + b"[" * 8 + b"]" * 8 + b',"message":', 1),
    "endless depth": lambda line: b"[" * 60000 + b"\n",
    "large number": lambda line: line.replace(b'"severity_id":1', b'"severity_id":9007199254740993', 1),
    "larger number": lambda line: line.replace(b'"severity_id":1', b'"severity_id":' + b"9" * 400, 1),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_record_has_one_spelling(host, spelling):
    lines = [line_of(record) for record in short(SESSION)]
    for number in (0, 2, len(lines) - 1):
        changed = SPELLINGS[spelling](lines[number])
        if changed != lines[number]:
            check(host, b"".join(lines[:number] + [changed] + lines[number + 1:]), "TAMPERED")
    assert SPELLINGS[spelling](lines[0]) != lines[0]


def test_what_may_be_escaped_is_sound(host):
    """The control: each kind of character, nested as deep and as long as may be."""
    text = "".join(map(chr, [*range(0x20), *range(0x7e, 0xa1), 0x61c, 0x61d, *range(0x2009, 0x2070), 0xfeff, 0xfffd, 0x1f600]))
    maker = LogMaker(SESSION).start()
    maker.records[0]["unmapped"]["mews"]["text"] = text
    deep = 1
    for _ in range(5):
        deep = [deep]
    maker.records[0]["unmapped"]["mews"]["deep"] = deep
    maker.records[0]["unmapped"]["mews"]["numbers"] = [0, -1, 2**53, -(2**53)]
    maker.file_denied()
    maker.records[1]["message"] = ""
    maker.end()
    chain(maker.records)
    maker.records[1]["message"] = "x" * (65535 - len(line_of(maker.records[1])) + 1)
    records = chain(maker.records)
    assert len(line_of(records[1])) == 65536
    check(host, content_of(records), "UNANCHORED")
    records[1]["message"] += "x"
    check(host, content_of(chain(records)), "TAMPERED")


def test_records_out_of_place(host, shape):
    records, _, _ = shape
    lines = [line_of(record) for record in records]
    last = len(lines) - 1
    for number in range(len(lines)):
        if number < last:
            swapped = lines[:number] + [lines[number + 1], lines[number]] + lines[number + 2:]
            check(host, b"".join(swapped), "TAMPERED")
            check(host, b"".join(lines[:number] + lines[number + 1:]), "TAMPERED")
        check(host, b"".join(lines[:number + 1] + lines[number:]), "TAMPERED")
        inserted = copy.deepcopy(records[number])
        inserted["message"] += " again"
        check(host, b"".join(lines[:number] + [line_of(inserted)] + lines[number:]), "TAMPERED")


def test_records_of_another_session(host):
    ours, others = busy(SESSION), busy(OTHER)
    for number in range(len(ours)):
        spliced = ours[:number] + [others[number]] + ours[number + 1:]
        check(host, content_of(spliced), "TAMPERED")
    check(host, content_of(others), "TAMPERED")
    check(host, content_of(others), "UNANCHORED", session=OTHER)


def test_a_cut_tail_is_never_sound(host, shape):
    records, _, _ = shape
    content = content_of(records)
    ledger = ledger_of(records)
    closed = is_closed(records)
    held = [checkpoint_of(records)]
    ends = [number + 1 for number, byte in enumerate(content) if byte == 0x0a]
    for end in [0, *ends[:-1]]:
        short_of = content[:end]
        check(host, short_of, "UNCLOSED")
        check(host, short_of, "TRUNCATED" if closed or end == 0 else "UNCLOSED", ledger=ledger)
        check(host, short_of, "TRUNCATED" if end else "TRUNCATED", checkpoints=held)
    for end in ends:
        for cut in (1, 2, 40):
            check(host, content[:end - cut], "UNCLOSED")
            check(host, content[:end - cut], "TRUNCATED", checkpoints=held) if end == ends[-1] else None
            if closed:
                check(host, content[:end - cut], "TRUNCATED", ledger=ledger)


def test_a_log_that_could_not_be_written_any_more_is_not_truncated(host):
    """The ledger's close tells how many records it had by then, and those are all there."""
    records = busy(SESSION)[:-1]
    ledger = content_of(LedgerMaker().open(SESSION, records).close(SESSION, records).chained())
    check(host, content_of(records), "UNCLOSED", ledger=ledger)
    check(host, content_of(records[:-1]), "TRUNCATED", ledger=ledger)


def test_bytes_behind_the_end(host):
    records = short(SESSION)
    check(host, content_of(records) + b"{", "TAMPERED")
    check(host, content_of(records) + b"\n", "TAMPERED")
    check(host, content_of(killed(SESSION)) + b"{" * 65535, "UNCLOSED")
    check(host, content_of(killed(SESSION)) + b"{" * 65536, "TAMPERED")
    check(host, b"\0" * 512, "UNCLOSED")


def test_a_tail_that_is_chained_anew(host, shape):
    """Sound in itself: only what is held elsewhere tells."""
    records, alone, _ = shape
    ledger, closed = ledger_of(records), is_closed(records)
    for number in range(len(records)):
        changed = copy.deepcopy(records)
        changed[number]["message"] += " not"
        content = content_of(chain(changed))
        check(host, content, alone)
        known = closed or number == 0
        check(host, content, "FORKED" if known else alone, ledger=ledger)
        check(host, content, "FORKED", checkpoints=[checkpoint_of(records)])
        check(host, content, "FORKED", checkpoints=[checkpoint_of(records, number + 1)])
        if number > 0:
            check(host, content, alone, checkpoints=[checkpoint_of(records, number)])
        # The ledger beside it can be written anew as well; a checkpoint can't.
        check(host, content, alone, ledger=ledger_of(changed))
        check(host, content, "FORKED", ledger=ledger_of(changed), checkpoints=[checkpoint_of(records)])


def test_a_record_taken_out_and_all_chained_anew(host):
    """What session.end counts has to be rewritten too, and then the ledger and a checkpoint still tell."""
    records = busy(SESSION)
    for number in range(3, 8):
        changed = copy.deepcopy(records)
        del changed[number]
        check(host, content_of(chain(changed)), "TAMPERED")
        maker = LogMaker(SESSION)
        maker.records = changed[:-1]
        rewritten = maker.end().chained()
        check(host, content_of(rewritten), "UNANCHORED")
        check(host, content_of(rewritten), "FORKED", checkpoints=[checkpoint_of(records, number + 1)])
        check(host, content_of(rewritten), "TRUNCATED", checkpoints=[checkpoint_of(records)])
        # Of the two states that hold, another `start` or record at the same place would go first.
        check(host, content_of(rewritten), "TRUNCATED", ledger=ledger_of(records))


def test_a_log_that_goes_on_behind_what_the_ledger_closed(host):
    records = killed(SESSION)
    ledger = LedgerMaker().open(SESSION, records).close(SESSION, records[:3])
    check(host, content_of(records), "TAMPERED", ledger=content_of(ledger.chained()))


@pytest.mark.parametrize("spoil", [
    lambda totals: totals["file.denied"].update(acts=1),
    lambda totals: totals["file.denied"].update(lost=1),
    lambda totals: totals["file.denied"].update(records=9),
    lambda totals: totals.pop("file.denied"),
    lambda totals: totals.update({"dns.denied": {"acts": 1, "records": 1, "lost": 0}}),
    lambda totals: totals["file.denied"].pop("lost"),
    lambda totals: totals["file.denied"].update(more=1),
    lambda totals: totals.update({"file.denied": 4}),
])
def test_totals_that_are_not_those_of_the_log(host, spoil):
    records = busy(SESSION)
    spoil(records[-1]["unmapped"]["mews"]["totals"])
    check(host, content_of(chain(records)), "TAMPERED")


@pytest.mark.parametrize("count", [0, -1, "2", True, [], 2**53])
def test_acts_that_cannot_be_counted(host, count):
    records = LogMaker(SESSION).start().file_denied(count=5).chained()
    records[1]["count"] = count
    check(host, content_of(chain(records)), "UNCLOSED" if count == 2**53 else "TAMPERED")


def test_events_and_members_of_later_versions(host):
    maker = LogMaker(SESSION).start().add("door.opened", 6002, 99, 1, profiles=["host"], activity_name="Door")
    maker.records[1]["unmapped"]["other"] = {"x": [1, {"y": True}]}
    check(host, content_of(maker.end().chained()), "UNANCHORED")


# The ledger.

def three_sessions():
    maker = LedgerMaker()
    logs = {session_name(number): short(session_name(number)) for number in (1, 2, 3)}
    first, second, third = logs
    maker.open(first, logs[first]).open(second, logs[second]).close(first, logs[first])
    maker.close(second, logs[second], lost=2).open(third, logs[third])
    return maker, logs


def test_a_ledger_that_was_changed(host):
    maker, logs = three_sessions()
    lines = [line_of(entry) for entry in maker.chained()]
    log = content_of(logs[SESSION])
    check(host, log, "UNANCHORED", ledger=b"".join(lines))
    check(host, log, "UNANCHORED", ledger=b"".join(lines) + b"torn")
    check(host, log, "TAMPERED", ledger=b"".join(lines) + b"torn\n")
    check(host, log, "TAMPERED", ledger=b"".join(lines) + b"x" * 65536)
    for number, line in enumerate(lines):
        for changed in (line.replace(b'"time":', b'"time":1', 1), b" " + line, b"", line + line):
            check(host, log, "TAMPERED", ledger=b"".join(lines[:number] + [changed] + lines[number + 1:])
                  ) if (number, changed) != (len(lines) - 1, b"") else None


LEDGER_LIES = {
    "a number twice": lambda entries: entries[1].update(number=1, opened=1),
    "a number left out": lambda entries: entries[1].update(number=3, opened=3),
    "opened without a number": lambda entries: entries[1].update(opened=3),
    "opened going back": lambda entries: entries[2].update(opened=1),
    "a close of another number": lambda entries: entries[2].update(number=2),
    "a second open": lambda entries: entries[1].update(session=SESSION),
    "a second close": lambda entries: entries[3].update(session=SESSION, number=1),
    "a close without open": lambda entries: entries[2].update(session=session_name(9)),
    "a way out of the directory": lambda entries: entries[1].update(session="../../../x"),
    "no start": lambda entries: entries[0].pop("start"),
    "records of none": lambda entries: entries[2].update(records=0),
    "a path that isn't base64": lambda entries: entries[1].update(log_b64="?"),
    "a path with bits left over": lambda entries: entries[1].update(log_b64="YR=="),
    "no session": lambda entries: entries[1].pop("session"),
}


@pytest.mark.parametrize("lie", LEDGER_LIES)
def test_a_ledger_that_contradicts_itself(host, lie):
    from logs import chain_ledger
    maker, logs = three_sessions()
    LEDGER_LIES[lie](maker.entries)
    check(host, content_of(logs[SESSION]), "TAMPERED", ledger=content_of(chain_ledger(maker.entries)))


def test_entries_of_later_versions(host):
    from logs import chain_ledger
    maker, logs = three_sessions()
    maker.entries.insert(2, {"entry": "tombstone", "opened": 2, "sessions": ["x"]})
    check(host, content_of(logs[SESSION]), "UNANCHORED", ledger=content_of(chain_ledger(maker.entries)))


def test_lost_acts_of_the_ledger(host):
    maker, logs = three_sessions()
    check(host, content_of(logs[OTHER]), "GAPS", ledger=content_of(maker.chained()), session=OTHER)


def test_a_session_that_the_ledger_does_not_know(host):
    ledger = ledger_of(short(OTHER), OTHER)
    check(host, content_of(short(SESSION)), "MISSING", ledger=ledger)
    refused = LogMaker(SESSION).start().end("refused", 125).chained()
    check(host, content_of(refused), "UNANCHORED", ledger=ledger)


# The whole directory.

def test_all_sessions(host):
    maker, logs = three_sessions()
    first, second, third = logs
    elsewhere = host.path / "elsewhere.jsonl"
    apart = session_name(4)
    kept = short(apart)
    elsewhere.write_bytes(content_of(kept))
    maker.open(apart, kept, log=str(elsewhere)).close(apart, kept)
    (host.logs / "ledger.jsonl").write_bytes(content_of(maker.chained()))
    host.write(first, content_of(logs[first]))
    host.write(third, content_of(logs[third]))
    unknown = session_name(7)
    host.write(unknown, content_of(busy(unknown)))
    (host.logs / "notes.txt").write_text("no log")

    answer, status = host.verify("--all")
    states = {session["session"]: session["state"] for session in answer["sessions"]}
    ours, damage = verify.verify_all(host.logs)
    # The third was never closed in the ledger, and its log has an end: nothing contradicts that.
    expected = {first: "UNANCHORED", second: "MISSING", third: "UNANCHORED", apart: "UNANCHORED", unknown: "MISSING"}
    assert states == expected == {name: state for name, (state, _) in ours.items()}
    assert (answer["state"], status, damage) == ("MISSING", 5, [])

    host.write(first, content_of(logs[first])[:-1])
    elsewhere.unlink()
    answer, status = host.verify("--all")
    states = {session["session"]: session["state"] for session in answer["sessions"]}
    assert states == {name: state for name, (state, _) in verify.verify_all(host.logs)[0].items()}
    assert (states[first], states[apart]) == ("TRUNCATED", "MISSING")


def test_all_with_a_checkpoint_of_a_session_that_left_no_trace(host):
    records = short(SESSION)
    kept = host.path / "kept"
    kept.write_text("mews.checkpoint.v1 {} {} {}\n".format(*checkpoint_of(records)))
    answer, status = host.verify("--all", "--checkpoint", kept)
    assert (answer["state"], status) == ("MISSING", 5)
    assert verify.verify_all(host.logs, [checkpoint_of(records)])[0][SESSION][0] == "MISSING"
    host.write(SESSION, content_of(records))
    answer, status = host.verify("--all", "--checkpoint", kept)
    assert (answer["state"], status) == ("OK", 0)


def test_no_session_at_all_is_no_yes(host):
    answer, status = host.verify("--all")
    assert (answer["sessions"], status) == ([], 3)


def test_what_cannot_be_read_is_not_decided(host):
    (host.logs / f"{SESSION}.jsonl").mkdir()
    answer, status = host.verify("--all")
    assert answer["sessions"][0].get("state") is None and status == 3
    assert host.audit("verify", host.path / "nothing.jsonl").returncode == 3


def test_the_printed_checkpoint_is_one(host):
    records = busy(SESSION)
    path = host.write(SESSION, content_of(records))
    answer, _ = host.verify(path)
    line = answer["sessions"][0]["checkpoint"]
    assert line == "mews.checkpoint.v1 {} {} {}".format(*checkpoint_of(records))
    assert line in host.audit("verify", path).stdout.decode()
    kept = host.path / "kept"
    kept.write_text(line + "\n")
    assert host.verify(path, "--checkpoint", kept)[0]["state"] == "OK"
    _, count, value = checkpoint_of(records)
    assert host.verify(path, "--anchor", f"{count - 1}:{value}")[0]["state"] == "OK"
    assert host.verify(path, "--anchor", f"{count - 2}:{value}")[0]["state"] == "FORKED"
    assert host.verify(path, "--anchor", f"{count}:{value}")[0]["state"] == "TRUNCATED"


@pytest.mark.parametrize("arguments", [
    ["--anchor", "1"], ["--anchor", "-1:" + "a" * 64], ["--anchor", "1:xyz"], ["--all", "x"],
    ["--all", "--anchor", "1:" + "a" * 64], ["--nonsense"], ["--checkpoint", "bad"]])
def test_a_wrong_use(host, arguments):
    host.write(SESSION, content_of(short(SESSION)))
    (host.path / "bad").write_text("mews.checkpoint.v1 x 1 y\n")
    assert host.audit("verify", *arguments).returncode == 2


def test_random_damage(host):
    """Bytes changed, taken out and put in anywhere, in log and ledger: the two readers agree, and nothing is OK."""
    chance = random.Random(20260316)
    records = busy(SESSION)
    held = [checkpoint_of(records)]
    files = {"log": content_of(records), "ledger": ledger_of(records)}
    seen = set()
    for _ in range(400):
        spoilt = {name: bytearray(content) for name, content in files.items()}
        target = chance.choice(["log", "log", "ledger"])
        content = spoilt[target]
        for _ in range(chance.choice([1, 1, 1, 3])):
            place = chance.randrange(len(content))
            act = chance.randrange(4)
            if act == 0:
                content[place] ^= 1 << chance.randrange(8)
            elif act == 1:
                del content[place:place + chance.choice([1, 2, 30])]
            elif act == 2:
                content[place:place] = chance.randbytes(chance.choice([1, 2]))
            else:
                del content[place:]
            if not content:
                break
        path = host.write(SESSION, bytes(spoilt["log"]))
        (host.logs / "ledger.jsonl").write_bytes(bytes(spoilt["ledger"]))
        expected, found = verify.verify(path, session=SESSION, checkpoints=held)
        kept = host.path / "kept"
        kept.write_text("mews.checkpoint.v1 {} {} {}\n".format(*held[0]))
        answer, status = host.verify(SESSION, "--checkpoint", kept)
        assert answer["state"] == expected, (answer, found)
        assert status == EXIT[expected]
        seen.add(expected)
        if target == "log":
            assert expected not in ("OK", "UNANCHORED", "GAPS")
    assert {"TAMPERED", "TRUNCATED"} <= seen
