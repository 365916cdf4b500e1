"""Every denial leaves exactly one record, and nothing else leaves any.

A script of acts (records/acts.yaml) is performed at every kind of place (records/places.yaml) in one session, and
its log is compared, as a whole, with what follows from what each act does (support/expectation.py).
"""

import collections
import dataclasses
import json
import pathlib
import shutil
import tempfile
import time

import pytest
from support.acts import Scene, table
from support.expectation import Record, Setting, answers, record
from support.records import denials, records
from support.sandbox import PYTHON
from support.skips import SKELETON
from test_syscalls import ABSENT, DANGEROUS

PROFILE = """
audit: {{reads: {reads}}}
filesystem:
  hide: {hide}
  read: ["~", "{base}/granted"]
  write: ["{base}/other"]
  deny: ["${{workspace}}/denied", "${{workspace}}/pinned/denied"]
  protect: [kept]
"""
EVERYTHING = """
filesystem:
  write: ["{base}", "~/.ssh"]
"""
# Where nothing can be granted: git's hooks, and what Mews itself has in the place.
NEVER_GRANTED = ("repository", "private-tmp", "name of pinned-repository")
PATIENCE = 300


@dataclasses.dataclass
class Session:
    """What came of a script: the answers with the processes, and the log."""

    answers: list
    log: pathlib.Path

    def of(self, attempts):
        return list(zip(attempts, self.answers, strict=True))


@pytest.fixture
def logs(scratch_parent):
    """A directory for logs that no grant holds."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix="mews-logs-", dir=scratch_parent))
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def scene(sandbox):
    made = Scene(sandbox.base, sandbox.home, sandbox.workspace)
    (sandbox.workspace / "pinned" / "denied").mkdir(parents=True)
    (sandbox.base / "granted").mkdir()
    (sandbox.base / "other").mkdir()
    yield made
    made.close()


def script(sandbox, told):
    file = sandbox.workspace / "script.json"
    file.write_text(json.dumps(told), encoding="utf-8")
    return (PYTHON, "-B", "-S", str(sandbox.payloads / "script.py"), str(file))


def perform(sandbox, told, log, profile):
    """Performs a script in the sandbox."""
    done = sandbox.run(
        *script(sandbox, told),
        profile=sandbox.profile(profile),
        options=("--audit-log", str(log)),
        timeout=PATIENCE,
    )
    assert done.status == 0, done.stderr
    return Session(json.loads(done.stdout.splitlines()[-1]), log)


def perform_outside(control, told):
    done = control.run(*script(control.sandbox, told), timeout=PATIENCE)
    assert done.status == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def compare(session, attempts, setting):
    expected = collections.Counter()
    wrong = []
    for attempt, (answer, process) in session.of(attempts):
        if isinstance(answer, list):
            wrong.append(f"{attempt}: could not be tried: {answer}")
            continue
        if answer not in answers(attempt, setting):
            wrong.append(f"{attempt}: {answer}, not one of {sorted(map(str, answers(attempt, setting)))}")
        about = record(attempt, setting)
        if about is not None:
            expected[about, process] += 1
    found = denials(session.log)
    assert not found.lost, f"{found.lost} acts have no record of their own"
    wrong += found.differences(expected)
    assert not wrong, f"{len(wrong)} differences:\n" + "\n".join(wrong)
    # A comparison of nothing with nothing would hold as well.
    assert sum(expected.values()) > len(attempts) / 3


def can_be_tried(attempt, setting):
    """Whether what an act needs to be open can be opened at its place."""
    if "opens" in attempt.act:
        return attempt.region in ("writable", "read-only")
    if attempt.act.get("from-directory"):
        if attempt.region == "outside":
            return setting.skeleton and not setting.hides or attempt.place == "skeleton"
        return attempt.region != "absent"
    return True


@pytest.mark.parametrize(
    "setting",
    [Setting(True), Setting(False), Setting(True, hides=True)],
    ids=["with-skeleton", "without-skeleton", "hiding"],
)
def test_every_denied_act_on_files_has_one_record(sandbox, scene, logs, setting):
    if setting.skeleton and not sandbox.has_skeleton:
        pytest.skip(SKELETON)
    attempts = [attempt for attempt in scene.attempts() if can_be_tried(attempt, setting)]
    scene.build(attempts)
    profile = PROFILE.format(
        base=sandbox.base, reads="fuse" if setting.skeleton else "off", hide=str(setting.hides).lower()
    )
    session = perform(sandbox, [attempt.told() for attempt in attempts], logs / "log", profile)
    compare(session, attempts, setting)


def test_the_same_acts_succeed_outside(control, scene):
    """Nothing but the sandbox refuses them."""
    attempts = [attempt.on_copy() for attempt in scene.attempts()]
    scene.build(attempts)
    for attempt, (answer, _) in zip(
        attempts, perform_outside(control, [attempt.told() for attempt in attempts]), strict=True
    ):
        natural = {None, *attempt.act.get("answers", ()), attempt.act.get("fails")}
        if attempt.act["does"] == "look" and attempt.kind == "missing":
            natural.add("ENOENT")
        if attempt.place.startswith("name of "):
            # A directory that isn't empty, whose name nobody holds.
            natural.add("ENOTEMPTY")
        assert answer in natural, f"{attempt}: {answer}"


@pytest.mark.parametrize("reads", ["fuse", "off"])
def test_the_same_acts_leave_no_record_where_everything_is_granted(sandbox, scene, logs, reads):
    if reads == "fuse" and not sandbox.has_skeleton:
        pytest.skip(SKELETON)
    attempts = [
        dataclasses.replace(
            attempt.on_copy(),
            region="writable",
            held=None,
            same_mount=True,
            second_region=attempt.second_region and "writable",
        )
        for attempt in scene.attempts()
        if attempt.place not in NEVER_GRANTED and not scene.crosses(attempt)
    ]
    scene.build(attempts)
    profile = f"audit: {{reads: {reads}}}\n" + EVERYTHING.format(base=sandbox.base)
    session = perform(sandbox, [attempt.told() for attempt in attempts], logs / "log", profile)
    wrong = []
    for attempt, (answer, _) in session.of(attempts):
        natural = answers(attempt, Setting(reads == "fuse"))
        if attempt.place.startswith("name of "):
            natural |= {"ENOTEMPTY"}
        if answer not in natural:
            wrong.append(f"{attempt}: {answer}")
    found = denials(session.log)
    wrong += found.differences(collections.Counter())
    assert not wrong and not found.lost, "\n".join(wrong)


def words(arguments):
    """The arguments of test_syscalls.py in the words of the script."""
    texts = {str: "text:{}".format, type(None): lambda _: "nothing"}
    return [texts.get(type(value), lambda number: number)(value) for value in arguments]


def calls(scene):
    """The acts that the filter refuses: (name, what the payload is told, the answer, the record, what lifts it)."""
    acts = table("acts.yaml")
    place = scene.place("writable")
    found = []
    for name, arguments in (DANGEROUS | ABSENT).items():
        told = {"call": name, "with": words(arguments[0] if name in DANGEROUS else arguments)}
        errno = "EPERM" if name in DANGEROUS else "ENOSYS"
        found.append((name, told, errno, None, acts["liftable"].get(name)))
    for name, act in acts["arguments"].items():
        path = place.target(f"argument.{name}", act.get("on", "missing"))
        scene.make(path, act.get("on", "missing"))
        told = {"call": act["call"], "with": act["with"], "path": str(path), "opens": act.get("opens")}
        found.append((name, told, act["errno"], None, act.get("allowed")))
    for name, act in acts["sockets"].items():
        call = act.get("call", "socket")
        arguments = [*act["is"], "zeros"] if call == "socketpair" else act["is"]
        kind = "/".join(map(str, act.get("seen-as", act["is"])))
        found.append((name, {"call": call, "with": arguments}, act.get("errno"), kind, None))
    return found


def refused(call, answer, kind):
    """The record of a call that the filter answers."""
    if answer in (None, "ENOSYS"):
        return None
    code = "syscall.denied" if kind is None else "socket.denied"
    return Record(code, 4, kind, None, call, "filter")


def test_every_refused_call_has_one_record(sandbox, scene, logs):
    acts = calls(scene)
    session = perform(sandbox, [told for _, told, *_ in acts], logs / "log", "")
    expected = collections.Counter()
    wrong = []
    for (name, told, errno, kind, _), (answer, process) in session.of(acts):
        if answer != errno:
            wrong.append(f"{name}: {answer}, not {errno}")
        about = refused(told["call"], errno, kind)
        if about is not None:
            expected[about, process] += 1
    found = denials(session.log)
    wrong += found.differences(expected)
    assert not wrong and not found.lost, "\n".join(wrong)


def test_a_call_that_the_profile_allows_has_no_record(sandbox, scene, logs):
    acts = [act for act in calls(scene) if act[4]]
    names = sorted(name for name, *_, lifted in acts if lifted == "syscalls")
    profile = f"process:\n  debug: true\n  syscalls: {{allow: [{', '.join(names)}]}}\n"
    session = perform(sandbox, [told for _, told, *_ in acts], logs / "log", profile)
    found = denials(session.log)
    assert not len(found) and not found.lost


def test_many_equal_denials_are_counted_exactly(sandbox, scene, logs):
    """The first three stand singly, the others together; no act is lost."""
    path = sandbox.base / "granted" / "file"
    path.write_text("content\n", encoding="utf-8")
    write = {"call": "openat", "with": ["here", "path", "O_WRONLY"], "path": str(path)}
    session = perform(
        sandbox, [write] * 300, logs / "log", f'filesystem: {{read: ["{sandbox.base}/granted"]}}\n'
    )
    lines = [line for line in records(session.log) if line["metadata"]["event_code"] == "file.denied"]
    assert sum(line.get("count", 1) for line in lines) == 300
    assert ["count" in line for line in lines[:3]] == [False] * 3
    assert all("count" in line for line in lines[3:]) and len(lines) < 12
    totals = records(session.log)[-1]["unmapped"]["mews"]["totals"]["file.denied"]
    assert totals["acts"] == 300 and totals["lost"] == 0


def test_the_root_lists_itself_and_its_parent(sandbox):
    listed = sandbox.run("/bin/ls", "-a", "/")
    assert listed.stdout.split()[:2] == [".", ".."]


def test_mews_waits_without_working(sandbox):
    """A descriptor that only hangs up, of which there is one for each process that ends, doesn't keep it busy."""
    process = sandbox.start("/bin/sh", "-c", "cat /nothing; echo ready; sleep 1.5")
    assert process.stdout.readline() == b"ready\n"
    before = used(process.pid)
    time.sleep(1)
    assert used(process.pid) - before <= 5
    assert process.wait(PATIENCE) == 0


def used(process):
    """Processor time of a process, in hundredths of a second."""
    fields = pathlib.Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def all_attempts(scene):
    named = {f"{attempt.name} at {attempt.place}" for attempt in scene.attempts()}
    return named | {name for name, *_ in calls(scene)}


def test_each_case_is_in_the_script_or_says_why_not(scene):
    """What must be refused is in the script, so that it must leave a record as well."""
    known = all_attempts(scene)
    for case, entry in table("cases.yaml").items():
        assert set(entry) in ({"acts"}, {"none"}), case
        for act in entry.get("acts", ()):
            assert act in known, f"{case}: no act of the script is called `{act}`"


def test_each_trap_has_a_test_or_says_why_not():
    """The ways in which the parts disturb each other are held by tests that exist."""
    tests = pathlib.Path(__file__).resolve().parents[1]
    texts = [path.read_text(encoding="utf-8") for path in tests.rglob("*.py")]
    for trap, entry in table("traps.yaml").items():
        assert set(entry) in ({"tests"}, {"none"}), trap
        for test in entry.get("tests", ()):
            assert any(f"def {test}(" in text for text in texts), f"{trap}: there is no test `{test}`"
