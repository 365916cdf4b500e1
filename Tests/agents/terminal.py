"""A terminal with an agent on it, as a person sees it."""

import os
import time

import pexpect
import pyte

PATIENCE = 90
ENTER, DOWN = "\r", "\x1b[B"


class Terminal:
    """Types, and reads the screen by a terminal emulator: what a program writes isn't what is seen."""

    def __init__(self, command, *, env, cwd, rows=30, columns=100):
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.output = b""
        self.spawned = pexpect.spawn(
            command[0], command[1:], env=env, cwd=str(cwd), timeout=1, dimensions=(rows, columns)
        )

    def _read(self):
        """Takes what has been written; False at the end."""
        try:
            part = self.spawned.read_nonblocking(65536, timeout=0.2)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.output += part
        self._stream.feed(part)
        return True

    def wait(self, condition, what):
        """Reads until a condition of the lines on the screen holds."""
        deadline = time.monotonic() + PATIENCE
        while not condition(self.screen.display):
            alive = self._read()
            assert alive and time.monotonic() < deadline, f"{what}: {os.linesep.join(self.screen.display)}"

    def has(self, text):
        """Whether a line on the screen has a text."""
        return any(text in line for line in self.screen.display)

    def shows(self, text):
        self.wait(lambda _: self.has(text), text)

    def type(self, keys):
        self.spawned.send(keys)

    def read_for(self, seconds):
        """Reads so long, or to the end."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self._read():
            pass

    def press(self, keys, text):
        """Types keys until a text is seen: what has only just come up may not take them."""
        deadline = time.monotonic() + PATIENCE
        while not self.has(text):
            assert time.monotonic() < deadline, self.text
            self.type(keys)
            again = time.monotonic() + 10
            while not self.has(text) and time.monotonic() < again:
                assert self._read() or self.has(text), self.text

    def choose(self, answer):
        """Moves down a list of answers to one, and takes it."""
        self.shows(answer)
        self._mark(answer)
        self.type(ENTER)

    def _mark(self, answer):
        before = None
        while True:
            # Between two keys it is drawn anew, a piece at a time.
            self.wait(lambda _, before=before: self.marked not in (None, before), f"another answer than {before}")
            if answer in self.marked:
                return
            before = self.marked
            self.type(DOWN)

    @property
    def marked(self):
        """The answer at which a list of answers stands."""
        found = [line for line in self.screen.display if line.strip().startswith("❯ ")]
        return found[0].strip() if len(found) == 1 else None

    @property
    def text(self):
        """What is seen."""
        return os.linesep.join(self.screen.display)

    def resize(self, rows, columns):
        self.screen.resize(rows, columns)
        self.spawned.setwinsize(rows, columns)

    def end(self):
        """Reads to the end, and gives the exit status, or the signal's negative number."""
        deadline = time.monotonic() + PATIENCE
        while self._read():
            assert time.monotonic() < deadline, os.linesep.join(self.screen.display)
        self.spawned.close()
        return -self.spawned.signalstatus if self.spawned.signalstatus else self.spawned.exitstatus

    def abandon(self):
        self.spawned.close(force=True)
