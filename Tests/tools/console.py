"""Reads the examples of a Markdown file and compares what they promise with what happens.

A block ```console holds commands (`$ COMMAND`, further lines of it as `> …`), each with the lines that it prints, standard output and error together;
`…` stands for any text within a line, and alone for any number of lines. `[exit N]` is its status, else 0. The
commands of all blocks run one after another in one project.

A block ```console host holds commands that build or change the host; other tests run them, and are named for them.

A block ```yaml is a profile; with a file name behind the word it is written there. Without `version:` it is a part
of one. When it begins with `# Not in this version.`, a check has to say so of every line that it finds fault with.
"""

import dataclasses
import re


@dataclasses.dataclass
class Command:
    line: int
    text: str
    output: list
    status: int = 0


@dataclasses.dataclass
class Block:
    line: int
    words: list
    lines: list

    @property
    def is_later(self):
        """Whether it shows what isn't built yet."""
        return self.lines[:1] == ["# Not in this version."]

    def commands(self):
        """The commands of a console block, in order."""
        found = []
        for offset, line in enumerate(self.lines, 1):
            status = re.fullmatch(r"\[exit (\d+)\]", line)
            if line.startswith("$ "):
                found.append(Command(self.line + offset, line[2:], []))
            elif line.startswith("> ") and found and not found[-1].output:
                found[-1].text += "\n" + line[2:]
            elif not found:
                raise ValueError(f"line {self.line + offset}: output before the first command")
            elif status:
                found[-1].status = int(status[1])
            else:
                found[-1].output.append(line)
        return found


def blocks(text):
    """The fenced blocks of a Markdown text."""
    found = []
    inside = None
    for number, line in enumerate(text.splitlines(), 1):
        if inside is None and line.startswith("```"):
            inside = Block(number, line[3:].split(), [])
        elif inside is not None and line == "```":
            found.append(inside)
            inside = None
        elif inside is not None:
            inside.lines.append(line)
    if inside is not None:
        raise ValueError(f"line {inside.line}: the block has no end")
    return found


def matches(promised, printed):
    """Whether printed lines are those that an example promises."""
    pattern = ""
    for line in promised:
        if line == "…":
            pattern += r"(?:[^\n]*\n)*"
        else:
            pattern += r"[^\n]*".join(re.escape(part) for part in line.split("…")) + r"\n"
    text = printed if not printed or printed.endswith("\n") else printed + "\n"
    return re.fullmatch(pattern, text) is not None
