"""What stands in for a model: it plays scripts, a tool call at a time, over whichever interface it is asked.

It keeps no place in a script. A request carries the whole conversation, so where the script stands follows from it:
what the user said first names the script, and as many steps have been taken as tool calls stand in it. A request that
is sent again is therefore answered again in the same way, and conversations of several agents don't disturb each
other.
"""

import dataclasses
import re

# Stands in the first message of a conversation that is played.
NAMED = re.compile(r"\[script ([a-z-]+)\]")


@dataclasses.dataclass(frozen=True)
class Result:
    """What became of a tool call, as the agent tells the model."""

    text: str
    is_error: bool = False


class Model:
    """The scripts, and what came of their steps."""

    def __init__(self, scripts):
        # {name: [step]}, a step being a mapping with name, tool and input.
        self.scripts = scripts
        # {(script, step): Result}
        self.results = {}
        # What steps keep of their results for later ones, by name.
        self.kept = {}
        self.requests = []
        # With which keys or tokens it was asked.
        self.keys = set()

    def script(self, texts):
        """The name of the script that a conversation is to play, by what its user said; None for what agents ask by
        themselves, such as titles."""
        found = next(filter(None, map(NAMED.search, texts)), None)
        return found[1] if found and found[1] in self.scripts else None

    def note(self, script, number, result):
        """Keeps what came of a step, as it is told first: later requests repeat it."""
        step = self.scripts[script][number]
        if (script, step["name"]) in self.results:
            return
        self.results[script, step["name"]] = result
        for name, pattern in step.get("keep", {}).items():
            found = re.search(pattern, result.text)
            self.kept[name] = found[1] if found else ""

    def step(self, script, number):
        """A step with what earlier ones kept; None behind the last."""
        if number >= len(self.scripts[script]):
            return None
        step = self.scripts[script][number]
        given = step["input"]
        for name, value in self.kept.items():
            given = {
                key: text.replace("{" + name + "}", value) if isinstance(text, str) else text
                for key, text in given.items()
            }
        return {**step, "input": given}
