"""What became of one act of a payload, and of one run of a program."""

import dataclasses
import json

# How the view answers for what it does not hold: without a skeleton that knows better, as for what does
# not exist.
OUTSIDE_THE_VIEW = ("ENOENT", "EACCES")
READ_ONLY = ("EROFS", "EACCES")


@dataclasses.dataclass(frozen=True)
class Outcome:
    """One act: let through with a value, or refused with the name of an error number."""

    act: tuple
    ok: bool
    value: object = None
    errno: str | None = None

    def refused(self, *names):
        """Whether it was refused, with one of these error numbers when any is named."""
        return not self.ok and (not names or self.errno in names)


@dataclasses.dataclass(frozen=True)
class Completed:
    """One run of a program: its arguments, status and output."""

    argv: tuple
    status: int
    stdout: str
    stderr: str

    @property
    def messages(self):
        """The lines of stderr that Mews wrote."""
        return [line for line in self.stderr.splitlines() if line.startswith("mews: ")]

    def refused_by_mews(self, *mentioned):
        """Whether the command was not started and the reason, on stderr alone, mentions all of these."""
        return (
            self.status == 125
            and self.stdout == ""
            and bool(self.messages)
            and all(text in self.stderr for text in mentioned)
        )


def outcomes(acts, completed):
    """Reads what payloads/attempt.py printed about `acts`; anything else than its report is a failure."""
    assert completed.status == 0, f"the payload did not report: {completed}"
    answers = json.loads(completed.stdout.splitlines()[-1])
    assert len(answers) == len(acts), completed
    return [
        Outcome(tuple(act), answer["ok"], answer.get("value"), answer.get("errno"))
        for act, answer in zip(acts, answers, strict=True)
    ]
