"""Makes schema.json, the part of the published OCSF schema that the tests compare records with.

    git clone https://github.com/ocsf/ocsf-schema
    python3 extract.py ocsf-schema/.git

Inheritance, included profiles and the dictionary are resolved as OCSF's own server does; captions of
enumerations stay, descriptions don't. What isn't listed below is left out, and a record that uses it fails the
test until it is listed.
"""

import json
import pathlib
import subprocess
import sys

VERSION = "1.8.0"
# The end of upstream's branch v1.8.0.
COMMIT = "6fa6499a0f8c9f449d342816e90e5f687c224b0a"

CLASSES = [
    "application_lifecycle", "detection_finding", "device_config_state_change", "dns_activity",
    "entity_management", "event_log_activity", "file_activity", "kernel_activity", "network_activity",
    "process_activity",
]
OBJECTS = [
    "actor", "device", "dns_query", "feature", "file", "finding_info", "fingerprint", "firewall_rule", "kernel",
    "managed_entity", "metadata", "network_connection_info", "network_endpoint", "network_proxy", "network_traffic",
    "os", "policy", "process", "product", "rule", "session", "user",
]


class Upstream:
    """The files of the pinned commit."""

    def __init__(self, repository):
        self.git = ["git", f"--git-dir={repository}"]
        names = self.run("ls-tree", "-r", "--name-only", COMMIT).splitlines()
        self.files = {}
        for name in names:
            if name.startswith(("events/", "objects/")) and name.endswith(".json"):
                self.files[(name.split("/")[0], pathlib.PurePath(name).stem)] = name
        assert self.read("version.json") == {"version": VERSION}
        self.dictionary = self.read("dictionary.json")
        self.categories = self.read("categories.json")["attributes"]

    def run(self, *arguments):
        return subprocess.run([*self.git, *arguments], check=True, capture_output=True, text=True).stdout

    def read(self, name):
        return json.loads(self.run("show", f"{COMMIT}:{name}"))

    def definition(self, kind, name):
        """A class or object with what it inherits."""
        own = self.read(self.files[(kind, name)])
        own["attributes"] = self.include(own.get("attributes", {}))
        parent = own.get("extends")
        if parent is None:
            return own
        inherited = self.definition(kind, parent)
        merged = merge(inherited, own)
        merged["profiles"] = sorted({*inherited.get("profiles", []), *own.get("profiles", [])})
        # A constraint is replaced, not added to.
        merged["constraints"] = own.get("constraints", merged.get("constraints", {}))
        return merged

    def include(self, attributes):
        included = {}
        paths = attributes.pop("$include", [])
        for path in [paths] if isinstance(paths, str) else paths:
            part = self.read(path)
            for name, attribute in self.include(part["attributes"]).items():
                if part.get("meta") == "profile":
                    attribute = {"profile": part["name"], **attribute}
                included[name] = merge(included.get(name, {}), attribute)
        return merge(included, attributes)

    def attribute(self, name, attribute):
        """What the tests need to know of one attribute."""
        known = self.dictionary["attributes"][name]
        kind = attribute.get("type", known["type"])
        result = {"requirement": attribute.get("requirement") or "optional"}
        if kind in self.dictionary["types"]["attributes"]:
            known_type = self.dictionary["types"]["attributes"][kind]
            result["type"] = known_type.get("type", kind)
            if "range" in known_type:
                result["range"] = known_type["range"]
        else:
            result["object"] = kind
        if known.get("is_array"):
            result["array"] = True
        if attribute.get("profile"):
            result["profile"] = attribute["profile"]
        if "@deprecated" in known or "@deprecated" in attribute:
            result["deprecated"] = True
        enumeration = merge(known.get("enum", {}), attribute.get("enum", {}))
        # What the numbers of a class have to be follows from the class; upstream's hold only what they begin from.
        if enumeration and name not in ("category_uid", "class_uid", "type_uid"):
            result["enum"] = {key: value["caption"] for key, value in enumeration.items()}
        return result

    def extract(self, kind, name):
        definition = self.definition(kind, name)
        return {
            "constraints": definition.get("constraints", {}),
            "attributes": {
                name: self.attribute(name, attribute)
                for name, attribute in definition["attributes"].items() if attribute is not None
            },
        }

    def extract_class(self, name):
        definition = self.definition("events", name)
        category = self.categories[definition["category"]]["uid"]
        uid = category * 1000 + definition["uid"]
        return str(uid), {
            "name": name, "category_uid": category, "profiles": definition["profiles"], **self.extract("events", name)}


def merge(base, own):
    """Members of `own` over those of `base`, mappings member by member."""
    if not isinstance(base, dict) or not isinstance(own, dict):
        return own
    return {**base, **{key: merge(base[key], value) if key in base else value for key, value in own.items()}}


def main(repository):
    upstream = Upstream(repository)
    schema = {
        "version": VERSION, "source": "https://github.com/ocsf/ocsf-schema", "commit": COMMIT,
        "classes": dict(upstream.extract_class(name) for name in CLASSES),
        "objects": {name: upstream.extract("objects", name) for name in OBJECTS},
    }
    directory = pathlib.Path(__file__).parent
    (directory / "schema.json").write_text(json.dumps(schema, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    (directory / "LICENSE").write_text(upstream.run("show", f"{COMMIT}:LICENSE"))
    (directory / "NOTICE").write_text(upstream.run("show", f"{COMMIT}:NOTICE"))


if __name__ == "__main__":
    main(sys.argv[1])
