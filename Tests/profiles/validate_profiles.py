"""The built-in profiles and the fixtures against profiles/schema.json, by a YAML reader and a JSON Schema
validator that have nothing to do with Mews. Run: /usr/bin/python3 -m pytest Tests/profiles/validate_profiles.py
(Debian: python3-jsonschema, python3-yaml, python3-pytest)."""

import copy
import json
import pathlib

import jsonschema
import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "Tests/ProfileTests/Fixtures"
SCHEMA = json.loads((ROOT / "profiles/schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

# Fixtures that are wrong in a way that JSON Schema can express; the others are wrong as YAML, or as lines
# that depend on one another or on this version of Mews.
REFUSED = ["unknown-keys", "types", "numbers", "paths", "later", "names", "root-list", "empty"]

# Single slips, each put into an otherwise sound profile.
SLIPS = [
    {"filesytem": {}},
    {"version": 2},
    {"extends": "base"},
    {"filesystem": {"workspace": "rw"}},
    {"filesystem": {"read": ["/usr/../etc"]}},
    {"filesystem": {"read": ["/srv/**/x"]}},
    {"filesystem": {"deny": ["/**/x"]}},
    {"filesystem": {"read": ["$HOME/x"]}},
    {"filesystem": {"write": [{"path": "~/out", "create": "file"}]}},
    {"filesystem": {"write": [{"create": "dir"}]}},
    {"filesystem": {"tmp": "1GB"}},
    {"network": {"allow": ["*.com"]}},
    {"network": {"allow": ["https://example.com"]}},
    {"network": {"allow": [{"host": "a.example", "address": "10.0.0.1"}]}},
    {"network": {"allow": [{"address": "10.0.0.1", "addresses": "private"}]}},
    {"network": {"loopback": {"connect": [70000]}}},
    {"process": {"env": {"pass": ["*"]}}},
    {"process": {"env": {"set": {"MEWS": "1"}}}},
    {"process": {"limits": {"time": "90"}}},
    {"process": {"limits": {"open-files": 3}}},
    {"process": {"debug": "on"}},
    {"tests": ["permit read /x"]},
]


def load(path):
    return yaml.safe_load(path.read_text())


def test_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", sorted((ROOT / "profiles").glob("*.yaml")), ids=lambda path: path.stem)
def test_built_in_profile_is_valid(path):
    VALIDATOR.validate(load(path))


@pytest.mark.parametrize("path", sorted((FIXTURES / "good").glob("*.yaml")), ids=lambda path: path.stem)
def test_sound_fixture_is_valid(path):
    VALIDATOR.validate(load(path))


@pytest.mark.parametrize("name", REFUSED)
def test_bad_fixture_is_refused(name):
    assert not VALIDATOR.is_valid(load(FIXTURES / "bad" / f"{name}.yaml"))


@pytest.mark.parametrize("slip", SLIPS, ids=json.dumps)
def test_slip_is_refused(slip):
    sound = {"version": 1, "filesystem": {"read": ["/usr"]}}
    VALIDATOR.validate(sound)
    assert not VALIDATOR.is_valid({**copy.deepcopy(sound), **slip})


def test_there_are_profiles():
    assert len(list((ROOT / "profiles").glob("*.yaml"))) >= 9
