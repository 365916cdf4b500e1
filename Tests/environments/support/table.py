"""The table of environments, as it stands in Tests/README.md."""

from support.environment import all_environments

# The options behind each column. A layer that is made to be extended has no workspace in its view.
PROFILES = {
    "none": [],
    "base": ["-p", "base", "--cwd", "/usr"],
    "readonly": ["-p", "readonly"],
    "workspace": ["-p", "workspace"],
    "base, git": ["-p", "base", "-p", "git", "--cwd", "/usr"],
    "agent": ["-p", "agent"],
    "claude-code": ["-p", "claude-code"],
    "ci": ["-p", "ci"],
    "none, `--require namespaces`": ["--require", "namespaces"],
    "none, `--require landlock`": ["--require", "landlock"],
    "readonly, `--require landlock`": ["-p", "readonly", "--require", "landlock"],
}
BEGIN = "<!-- environments: begin -->"
END = "<!-- environments: end -->"


def outcome(entry, column):
    """The level, or the refusal with what is missing."""
    found = entry.get("besides", {}).get(column, entry["default"])
    if isinstance(found, str):
        return found
    refusal = f"125 ({found['missing']})"
    # What a lower level does without; the log is written at each.
    if found["missing"] == "landlock" and "--require" in column:
        return entry.get("lower", "namespaces")
    if found["missing"] == "namespaces" and "--require landlock" in column:
        return entry.get("lower", "landlock")
    return refusal


def lines():
    """The table."""
    users = {"ordinary": "a user", "root": "root", "root-inside": "its root"}
    found = ["| environment | as | " + " | ".join(PROFILES) + " |"]
    found.append("|" + "---|" * (len(PROFILES) + 2))
    for entry in all_environments():
        cells = [outcome(entry, column) for column in PROFILES]
        found.append(f"| {entry['name']} | {users[entry['user']]} | " + " | ".join(cells) + " |")
    return found


if __name__ == "__main__":
    print("\n".join(lines()))
