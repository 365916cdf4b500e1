"""Sets the stage for a script, has it played, and holds what came of it against what the script says."""

import json
import pathlib
import re
from fnmatch import fnmatchcase

import yaml

import messages
from model import Model

SCRIPTS = pathlib.Path(__file__).resolve().parent / "scripts"
ACTIVITIES = {
    "file.denied": {1: "create", 3: "write", 4: "delete", 5: "rename", 6: "attributes", 14: "read"},
    "network.denied": {4: "fail", 5: "refuse"},
}


def read_scripts(names, variables):
    """Scripts with their variables filled in."""
    return {name: yaml.safe_load(filled((SCRIPTS / f"{name}.yaml").read_text(), variables)) for name in names}


def filled(text, variables):
    for name, value in variables.items():
        text = text.replace("{" + name + "}", str(value))
    return text


def play(home, world, way, *names, api=messages, **variables):
    """A model that plays these scripts in a home, already answering."""
    filled_in = {
        "home": home.home,
        "workspace": home.workspace,
        "token": home.token,
        # What can't come isn't waited for.
        "patience": 100 if way in ("outside", "whole") else 1,
        **variables,
    }
    model = Model(read_scripts(names, filled_in))
    api.serve(world, model)
    return model


def chosen(entry, way):
    """What an entry of a script says for one way; for all when it isn't a mapping."""
    if not isinstance(entry, dict):
        return entry
    return entry.get(way, entry.get("inside") if way in ("whole", "command") else None)


def differences(model, way):
    """What came of the steps of all scripts, where it isn't what they say."""
    found = []
    for name, steps in model.scripts.items():
        for step in steps:
            result = model.results.get((name, step["name"]))
            if result is None:
                found.append(f"{name}/{step['name']} was never played")
                continue
            wanted, unwanted = chosen(step.get("says"), way), chosen(step.get("never"), way)
            if wanted is not None and wanted not in result.text:
                found.append(f"{name}/{step['name']}: not {wanted!r} but {result.text!r}")
            if unwanted is not None and unwanted in result.text:
                found.append(f"{name}/{step['name']}: {unwanted!r} in {result.text!r}")
    return found


def expected_records(model, way):
    """The records that the scripts say are left in one way."""
    return {
        record
        for steps in model.scripts.values()
        for step in steps
        for record in chosen(step.get("records"), way) or ()
    }


def records(log):
    """All records of a log."""
    return [json.loads(line) for line in pathlib.Path(log).read_text(encoding="utf-8").splitlines()]


def misfits(found, expected, possible=()):
    """The records that are neither expected nor possible, and the expected ones that are missing; in these `*` stands
    for anything."""
    known = (*expected, *possible)
    more = [f"not expected: {one}" for one in sorted(found) if not any(fnmatchcase(one, like) for like in known)]
    return more + [f"missing: {like}" for like in sorted(expected) if not any(fnmatchcase(one, like) for one in found)]


def denials(lines, home):
    """The denials of a log in the words of the scripts, each once however often it was tried."""
    found = set()
    for line in lines:
        code = line["metadata"]["event_code"]
        assert code != "audit.gap", line
        if not code.endswith(".denied"):
            continue
        activity = ACTIVITIES.get(code, {}).get(line["activity_id"], "query" if code == "dns.denied" else "")
        endpoint = line.get("dst_endpoint", {})
        target = (
            line["unmapped"]["mews"].get("call", "")
            if code == "syscall.denied"
            else line.get("file", {}).get("path", "").replace(str(home), "~")
            or line.get("query", {}).get("hostname")
            or f"{endpoint.get('hostname') or endpoint.get('ip')}:{endpoint.get('port')}"
        )
        program = line.get("actor", {}).get("process", {}).get("name")
        found.add(re.sub(r" +", " ", f"{code} {activity} {program} {target}"))
    return found
