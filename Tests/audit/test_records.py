"""Each kind of record, against the schema that users get and against OCSF; and that both refuse what isn't one."""

import copy
import json
import pathlib

import jsonschema
import pytest

import ocsf
from logs import SHAPES, busy, session_name

SESSION = session_name(1)
ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "Sources/Audit/record.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
EXAMPLES = [record for make, _, _ in SHAPES.values() for record in make(SESSION)]
CODES = {record["metadata"]["event_code"] for record in EXAMPLES}


def name_of(record):
    return f"{record['metadata']['event_code']}-{record['class_uid']}-{record['activity_id']}"


BY_KIND = {name_of(record): record for record in EXAMPLES}


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_there_is_an_example_of_every_code():
    known = {
        code["properties"]["metadata"]["properties"]["event_code"]["const"] for name, code in SCHEMA["$defs"].items()
        if "class_uid" in code.get("properties", {})}
    assert CODES == known


@pytest.mark.parametrize("record", EXAMPLES, ids=name_of)
def test_an_example_is_a_record(record):
    VALIDATOR.validate(record)
    assert ocsf.problems(record) == []


def without(record, path):
    changed = copy.deepcopy(record)
    *holders, name = path.split(".")
    for holder in holders:
        changed = changed[holder]
    value = changed.pop(name)
    return changed, value


def changed(record, path, value):
    copied = copy.deepcopy(record)
    holder = copied
    *holders, name = path.split(".")
    for part in holders:
        holder = holder[part]
    holder[name] = value
    return copied


@pytest.mark.parametrize("kind", BY_KIND)
@pytest.mark.parametrize("path, value", [
    ("class_uid", 1002), ("category_uid", 9), ("type_uid", 1), ("severity_id", 9), ("activity_id", 77),
    ("surprise", 1), ("metadata.surprise", 1), ("time", "now"), ("metadata", {})])
def test_both_refuse_a_record_of_no_class(kind, path, value):
    record = changed(BY_KIND[kind], path, value)
    assert not VALIDATOR.is_valid(record)
    assert ocsf.problems(record)


@pytest.mark.parametrize("path, value", [
    ("file", {"path": "/x", "type_id": 1}), ("file.type_id", 70), ("actor", {}), ("device", {"type_id": 0}),
    ("metadata.product", {}), ("action_id", 8), ("disposition_id", 99999), ("actor.process", {"name": "x"}),
    ("metadata.profiles", []), ("count", "many")])
def test_ocsf_has_a_say_in_objects(path, value):
    record = changed(BY_KIND["file.denied-1001-14"], path, value)
    assert ocsf.problems(record)
    assert not VALIDATOR.is_valid(record)


@pytest.mark.parametrize("kind", BY_KIND)
def test_what_is_ours_is_closed(kind):
    assert not VALIDATOR.is_valid(changed(BY_KIND[kind], "unmapped.mews.surprise", 1))
    assert not VALIDATOR.is_valid(changed(BY_KIND[kind], "unmapped.surprise", 1))


def test_bytes_stand_beside_their_text_only():
    record = BY_KIND["file.denied-1001-14"]
    beside = changed(record, "file.path_b64", "L2hvbWUv/w==")
    assert VALIDATOR.is_valid(beside) and ocsf.problems(beside) == []
    for path, value in [("file.path_b64", "?"), ("file.type_id_b64x", "L2E="), ("file.size_b64", "L2E=")]:
        assert not VALIDATOR.is_valid(changed(record, path, value))
    assert ocsf.problems(changed(record, "file.size_b64", "L2E="))


def test_a_caption_is_that_of_its_number():
    record = changed(busy(SESSION)[3], "status", "Success")
    assert "status" in " ".join(ocsf.problems(record))
    assert ocsf.problems(changed(record, "status", "Failure")) == []


def test_the_extract_is_of_the_release_that_records_name():
    assert ocsf.VERSION == SCHEMA["properties"]["metadata"]["properties"]["version"]["const"] == "1.8.0"
