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
}
BEGIN = "<!-- environments: begin -->"
END = "<!-- environments: end -->"


def outcome(entry, profile):
    """The level without --require, or the refusal with what is missing."""
    found = entry.get("but", {}).get(profile, entry["default"])
    return found if isinstance(found, str) else f"125 ({found['missing']})"


def lines():
    """The table."""
    users = {"ordinary": "a user", "root": "root", "root-inside": "its root"}
    found = ["| environment | as | " + " | ".join(PROFILES) + " |"]
    found.append("|" + "---|" * (len(PROFILES) + 2))
    for entry in all_environments():
        cells = [outcome(entry, profile) for profile in PROFILES]
        found.append(f"| {entry['name']} | {users[entry['user']]} | " + " | ".join(cells) + " |")
    return found


if __name__ == "__main__":
    print("\n".join(lines()))
