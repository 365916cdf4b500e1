"""A person at a terminal with Claude Code: answers its first questions, asks for something, and leaves."""

from accounts import CODE
from terminal import ENTER, Terminal

TRUSTED = "Yes, I trust this folder"


def on_a_terminal(command, home, script, *, is_new=False, logs_in=False, environment=None):
    """A session that plays a script, as a person has it who trusts the project. A new one chooses the theme before, and
    perhaps logs in; `command` gives the command of each attempt."""
    for slowness in range(1, 11):
        terminal = Terminal(command(), env=home.environment if environment is None else environment, cwd=home.workspace)
        try:
            greet(terminal, is_new=is_new and slowness == 1, logs_in=logs_in)
            if not trust(terminal, slowness):
                continue
            ask(terminal, f"Please play [script {script}]")
            terminal.shows(f"The script {script} has ended")
            ask(terminal, "/exit")
            assert terminal.end() == 0, terminal.text
            return
        finally:
            terminal.abandon()
    raise AssertionError(f"the project can't be trusted: {terminal.text}")


def ask(terminal, text):
    """Types a line, and hands it in once it is there."""
    terminal.type(text)
    terminal.shows(text)
    terminal.type(ENTER)


def greet(terminal, *, is_new, logs_in):
    """What comes before the question whether the project is trusted."""
    terminal.wait(lambda _: terminal.has(TRUSTED) or terminal.has("Let's get started"), "start")
    assert terminal.has("Let's get started") is is_new, terminal.text
    if is_new:
        terminal.choose("Dark mode")
        if logs_in:
            log_in(terminal)
        terminal.shows("Security notes:")
        terminal.press(ENTER, TRUSTED)


def log_in(terminal):
    """By the code of a page that a browser would show."""
    terminal.shows("Select login method")
    terminal.press(ENTER, "Paste code here")
    terminal.type(f"{CODE}#some-state")
    # It shows the end of it alone.
    terminal.shows("-state")
    terminal.press(ENTER, "Login successful")
    terminal.press(ENTER, "Security notes:")


def trust(terminal, slowness):
    """Trusts the project; False when that was too quick for Claude Code. It takes no answer in the first moments, after
    which the question stands at its first answer again, which is to leave."""
    terminal.read_for(slowness)
    terminal.choose(TRUSTED)
    ready = "shift+tab to cycle"
    terminal.wait(lambda _: terminal.has(ready) or terminal.has("didn't start because"), ready)
    return terminal.has(ready)
