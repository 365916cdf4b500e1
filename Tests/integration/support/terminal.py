"""Terminals for the tests: a bare one, and one with an interactive shell on it. Neither can hang a test."""

import os
import pty
import select
import shlex
import signal
import time

import pexpect

PATIENCE = 15


class Bare:
    """A program with a new terminal as its controlling one, and nothing between the test and the terminal."""

    def __init__(self, argv, *, env, cwd):
        self.argv = list(map(str, argv))
        self.process, self.descriptor = pty.fork()
        if self.process == 0:
            try:
                os.chdir(cwd)
                os.execve(self.argv[0], self.argv, env)
            finally:
                os._exit(70)
        self.output = b""

    def type(self, keys):
        os.write(self.descriptor, keys)

    def hang_up(self):
        os.close(self.descriptor)
        self.descriptor = None

    def read_until(self, text, seconds=PATIENCE):
        """Reads until `text` came, or to the end if it is None."""
        deadline = time.monotonic() + seconds
        while text is None or text not in self.output:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.descriptor], [], [], left)[0]:
                self.abandon()
                raise AssertionError(f"{self.argv} wrote only {self.output!r} in {seconds} s, not {text!r}")
            try:
                part = os.read(self.descriptor, 4096)
            except OSError:
                part = b""
            if not part:
                if text is None:
                    return
                raise AssertionError(f"{self.argv} ended after {self.output!r}, without {text!r}")
            self.output += part

    def finish(self, seconds=PATIENCE):
        """Waits for the program's end; its wait status and what it wrote."""
        if self.descriptor is not None:
            self.read_until(None, seconds)
            os.close(self.descriptor)
            self.descriptor = None
        status = wait_for(self.process, seconds)
        return status, self.output.decode("utf-8", "replace")

    def abandon(self):
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)


def wait_for(process, seconds=PATIENCE):
    """The wait status of a child that ends in time; one that doesn't is killed and fails the test."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            return status
        time.sleep(0.01)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    raise AssertionError(f"process {process} was still there after {seconds} s")


class Shell:
    """A terminal with an interactive bash on it, from which commands are started as a person does."""

    PROMPT = "mews-case> "

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.spawned = pexpect.spawn(
            "/bin/bash",
            ["--norc", "--noprofile", "-i"],
            env=sandbox.environment | {"PS1": self.PROMPT},
            cwd=str(sandbox.workspace),
            timeout=PATIENCE,
            encoding="utf-8",
            echo=False,
            dimensions=(30, 100),
        )
        self.prompted()
        self.line("bind 'set enable-bracketed-paste off' 2>/dev/null; stty -echo; PS2=")

    def prompted(self):
        """Waits for the prompt and gives what came before it."""
        self.spawned.expect_exact(self.PROMPT)
        return self.spawned.before.replace("\r\n", "\n")

    def line(self, command):
        """Runs a line and gives what it wrote."""
        self.spawned.sendline(command)
        return self.prompted()

    def start(self, command):
        self.spawned.sendline(command)

    def expect(self, text):
        self.spawned.expect_exact(text)

    def status(self):
        return int(self.line("echo $?"))

    def inside(self, *command):
        """The line that runs a command in the sandbox."""
        return shlex.join(self.sandbox.arguments(command))

    def close(self):
        self.spawned.close(force=True)
