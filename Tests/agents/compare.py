#!/usr/bin/python3
"""Plays the script of a session in every way in which Claude Code can be held, and prints what each stopped and told,
for the table of Tests/README.md.

    MEWS_PREFIX=DIR Tests/agents/compare.py

Claude Code's own sandbox needs bubblewrap, socat and ripgrep.
"""

import os
import pathlib
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True

import bundled  # noqa: E402
from home import Home  # noqa: E402
from internet_of_agents import MESSAGES, SERVICE, Internet  # noqa: E402
from playing import chosen, play, records  # noqa: E402

SCRIPTS = ("session", "errand")
OWN = {"enabled": True, "failIfUnavailable": True}
# With everything that it has against being left, and with only the hosts that are listed.
STRICT = {**OWN, "allowUnsandboxedCommands": False, "network": {"strictAllowlist": True}}


def played(way, home, world):
    """Plays the scripts in one way; gives the model, and the records of the log where there is one."""
    model = play(home, world, way, *SCRIPTS)
    command = home.claude("session")
    if way == "whole":
        home.seed()
        command = home.inside(command, home.profile(hosts={MESSAGES: SERVICE}))
    elif way == "command":
        logs = home.wire()
    elif way == "own":
        command = home.claude("session", settings={"sandbox": OWN})
    elif way == "own, strict":
        command = home.claude("session", settings={"sandbox": STRICT})
    home.run(command)
    if way == "command":
        return model, [line for log in logs.glob("*-*.jsonl") for line in records(log)]
    return model, records(home.log) if home.log.exists() else []


def refused(model):
    """The steps that some way refuses, as (script, step)."""
    return [
        (script, step)
        for script, steps in model.scripts.items()
        for step in steps
        if isinstance(step.get("says"), dict)
    ]


def became(model, script, step):
    """What became of an act: it is done when its result is what it is without any sandbox."""
    result = model.results.get((script, step["name"]))
    if result is None:
        return "not reached"
    done = chosen(step["says"], "outside") in result.text
    told = " and told to the model" if "sandbox_violations" in result.text else ""
    return ("**done**" if done else "stopped") + told


def main():
    prefix = pathlib.Path(os.environ["MEWS_PREFIX"]).resolve()
    claude = bundled.program(bundled.CLAUDE)
    parent = pathlib.Path.home()
    world = Internet(parent)
    base = pathlib.Path(tempfile.mkdtemp(prefix="mews-agents-", dir=parent))
    base.chmod(0o755)
    shutil.copytree(prefix, world.directory / "installation", symlinks=True)
    mews = world.directory / "installation/bin/mews"
    try:
        columns = {}
        for number, way in enumerate(("outside", "whole", "command", "own", "own, strict")):
            columns[way] = played(way, Home(base / f"home{number}", world, claude, mews), world)
        print("| act |", " | ".join(columns), "|")
        print("|---|", "---|" * len(columns), sep="")
        for script, step in refused(columns["outside"][0]):
            cells = [became(model, script, step) for model, _ in columns.values()]
            print(f"| {step['name']} |", " | ".join(cells), "|")
        denied = [
            sum(line["metadata"]["event_code"].endswith(".denied") for line in log) for _, log in columns.values()
        ]
        print("| records of denials |", " | ".join(map(str, denied)), "|")
    finally:
        shutil.rmtree(base, ignore_errors=True)
        shutil.rmtree(world.directory, ignore_errors=True)


if __name__ == "__main__":
    main()
