"""Whichever call fails while a sandbox is made, the command has all its walls or doesn't run."""

import collections
import concurrent.futures
import itertools
import os
import pathlib
import re
import tempfile
import threading

import pytest
import rig
from support.sandbox import Sandbox

PLACES = int(os.environ.get("MEWS_TEST_FAULT_PLACES", "2"))
# Every fault, as `scripts/faults` wants it, instead of some of every kind.
IS_WHOLE = os.environ.get("MEWS_TEST_FAULTS") == "all"
# A file to which each fault is written with what came of it.
REPORT = os.environ.get("MEWS_TEST_FAULT_REPORT")
# What a supervisor does while it waits isn't the same in each run, so that some calls aren't made again.
MOST_UNREACHED = 0.05
SCENARIOS = rig.table("scenarios.yaml")
OPERATIONS = pathlib.Path(__file__).resolve().parents[2] / "Sources" / "Sandbox" / "Plan" / "Operation.swift"


@pytest.fixture
def places(prefix, tools, scratch):
    """Gives a scenario several places, each of which has one run at a time."""
    made = []

    def make(name):
        for _ in range(PLACES):
            base = pathlib.Path(tempfile.mkdtemp(prefix="case-", dir=scratch))
            base.chmod(0o755)
            scenario = rig.Scenario(name, Sandbox(prefix, base, tools), tools)
            made.append(scenario)
            scenario.run()
        return made

    yield make
    for scenario in made:
        scenario.close()


def try_all(places, faults):
    """Runs each fault in one of the places: every fault with its verdict and its run."""
    numbers = itertools.count()
    lock = threading.Lock()

    def work(scenario):
        judge, found = rig.Judge(scenario), []
        while True:
            with lock:
                number = next(numbers)
            if number >= len(faults):
                return found
            run = scenario.run("--fault", faults[number].option)
            verdict = judge.judge(faults[number], run)
            found.append((faults[number], verdict, run))
            # What one run spoils would be taken for the outcome of those that follow.
            if verdict.complaints:
                again = scenario.run()
                assert scenario.found(again) == scenario.expected, f"{faults[number]} spoiled the place: {run}\n{again}"
            if REPORT:
                with lock, open(f"{REPORT}-{scenario.name}", "a", encoding="utf-8") as file:
                    file.write(f"{faults[number]} | {verdict.kind} | {', '.join(verdict.complaints)} | {run}\n")

    with concurrent.futures.ThreadPoolExecutor(len(places)) as pool:
        return list(itertools.chain.from_iterable(pool.map(work, places)))


# In each scenario of a part of all faults that many: of the first one more, in which most operations are.
@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_every_fault_is_held(places, name):
    made = places(name)
    plan = made[0].plan()
    calls = rig.set_up(made[0].trace(), made[0].has_door)
    errnos = rig.table("errnos.yaml")
    unknown = {call.name for call in calls} - set(errnos)
    assert not unknown, f"errnos.yaml doesn't say how these can fail: {sorted(unknown)}"
    is_main = name == "whole"
    faults = rig.faults(calls, errnos) if IS_WHOLE else rig.sample(calls, errnos, is_main)
    tried = try_all(made, faults)
    kinds = collections.Counter(verdict.kind for _, verdict, _ in tried)
    wrong = [f"{fault}: {', '.join(verdict.complaints)}: {run}" for fault, verdict, run in tried if verdict.complaints]
    print(f"{name}: {len(calls)} calls, {len(tried)} faults, {dict(kinds)}")
    assert not wrong, f"{len(wrong)} of {len(tried)}:\n" + "\n".join(wrong[:40])
    assert kinds["not reached"] <= MOST_UNREACHED * len(tried), kinds
    if is_main or IS_WHOLE:
        every_operation_failed(plan, [run for _, verdict, run in tried if verdict.kind == "refused"], IS_WHOLE)


def every_operation_failed(plan, refused, one_by_one):
    """Holds that for each operation of the plan there was a fault whose refusal names it."""
    table = rig.table("operations.yaml")
    # The places differ by their names.
    place = re.compile(r"\bcase-\w+")
    said = place.sub("case", "\n".join(message for run in refused for message in run.messages))
    plan = [place.sub("case", line) for line in plan]
    missing = collections.defaultdict(list)
    seen = collections.Counter()
    for line in plan:
        matches = [(kind, re.fullmatch(entry["line"], line)) for kind, entry in table.items()]
        kinds = [(kind, match) for kind, match in matches if match]
        assert len(kinds) == 1, f"operations.yaml has {len(kinds)} entries for {line!r}"
        kind, match = kinds[0]
        words = match.expand(table[kind]["says"]) if match.groups() else table[kind]["says"]
        either = "|".join(map(re.escape, words.split("|")))
        if re.search(f"({either})(:|$)", said, re.MULTILINE):
            seen[kind] += 1
        else:
            missing[kind].append(line)
    print(f"{sum(seen.values())} of {len(plan)} operations were seen to fail: {dict(seen)}")
    if one_by_one:
        assert not missing, dict(missing)
    assert set(missing) <= set(seen), f"never failed: {sorted(set(missing) - set(seen))}"


def test_every_operation_has_a_case():
    """One that somebody adds to the plan is one here."""
    source = OPERATIONS.read_text(encoding="utf-8").partition("public enum Operation")[2].partition("\n}\n")[0]
    assert set(re.findall(r"^    case (\w+)", source, re.MULTILINE)) == set(rig.table("operations.yaml"))


def test_every_operation_is_in_some_plan(places):
    """Together the scenarios have all operations, or some would be tried by no fault."""
    table = rig.table("operations.yaml")
    lines = [line for name in SCENARIOS for line in places(name)[-1].plan()]
    unseen = [
        kind for kind, entry in table.items()
        if not any(re.fullmatch(entry["line"], line) for line in lines) and "untried" not in entry]
    # Where no FUSE device can be opened, the root is made without it.
    assert set(unseen) <= {"makeSkeletonRoot"}
