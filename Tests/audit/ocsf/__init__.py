"""Compares a record with the published OCSF schema (schema.json, made by extract.py)."""

import json
import pathlib

SCHEMA = json.loads((pathlib.Path(__file__).parent / "schema.json").read_text())
VERSION = SCHEMA["version"]

# OCSF's basic types as Python reads them from JSON. A bool is an int to isinstance, never to type().
TYPES = {"string_t": str, "integer_t": int, "long_t": int, "boolean_t": bool}


def problems(record):
    """Everything in which a record isn't what its class says; empty when it is."""
    uid = str(record.get("class_uid"))
    if uid not in SCHEMA["classes"]:
        return [f"class_uid: no class {uid} in schema.json"]
    definition = SCHEMA["classes"][uid]
    found = []
    if record.get("category_uid") != definition["category_uid"]:
        found.append(f"category_uid: {record.get('category_uid')}, not {definition['category_uid']}")
    if record.get("type_uid") != record["class_uid"] * 100 + record.get("activity_id", 0):
        found.append(f"type_uid: {record.get('type_uid')} isn't of the class and activity")
    applied = record.get("metadata", {}).get("profiles", [])
    found += [
        f"metadata.profiles: {name} isn't one of {definition['name']}" for name in applied
        if name not in definition["profiles"]]
    return found + _object(record, definition, applied, definition["name"])


def _object(value, definition, applied, place):
    found = []
    attributes = definition["attributes"]
    for name, attribute in attributes.items():
        applies = attribute.get("profile") in (None, *applied)
        if applies and attribute["requirement"] == "required" and name not in value:
            found.append(f"{place}.{name}: required")
    for name, given in value.items():
        attribute = attributes.get(name)
        if attribute is None and name.endswith("_b64") and name.removesuffix("_b64") in value:
            # The one addition to OCSF's objects: the bytes of the member beside it, where they aren't text.
            continue
        if attribute is None:
            found.append(f"{place}.{name}: not in OCSF")
        elif attribute.get("deprecated"):
            found.append(f"{place}.{name}: deprecated")
        elif attribute.get("profile") not in (None, *applied):
            found.append(f"{place}.{name}: belongs to the profile {attribute['profile']}, which isn't applied")
        elif attribute.get("array"):
            if type(given) is not list:
                found.append(f"{place}.{name}: not an array")
            else:
                for index, item in enumerate(given):
                    found += _value(item, attribute, applied, f"{place}.{name}[{index}]")
        else:
            found += _value(given, attribute, applied, f"{place}.{name}")
    for kind, names in definition["constraints"].items():
        present = [name for name in names if name in value]
        if not present or (kind == "just_one" and len(present) > 1):
            found.append(f"{place}: {kind} of {', '.join(names)}")
    return found + _siblings(value, attributes, place)


def _value(value, attribute, applied, place):
    if "object" in attribute:
        if type(value) is not dict:
            return [f"{place}: not an object"]
        if attribute["object"] == "object":
            return []
        definition = SCHEMA["objects"].get(attribute["object"])
        if definition is None:
            return [f"{place}: the object {attribute['object']} isn't in schema.json"]
        return _object(value, definition, applied, place)
    if type(value) is not TYPES.get(attribute["type"]):
        return [f"{place}: {value!r} isn't {attribute['type']}"]
    if "enum" in attribute and str(value) not in attribute["enum"]:
        return [f"{place}: {value} isn't one of its enumeration"]
    low, high = attribute.get("range", (value, value))
    return [] if low <= value <= high else [f"{place}: {value} is out of range"]


def _siblings(value, attributes, place):
    """A caption beside a number has to be that number's."""
    found = []
    for name, given in value.items():
        captions = attributes.get(name, {}).get("enum", {})
        caption = value.get(name.removesuffix("_id"))
        if name.endswith("_id") and caption is not None and given != 99 and captions.get(str(given)) != caption:
            found.append(f"{place}.{name.removesuffix('_id')}: {caption!r} isn't the caption of {given}")
    return found
