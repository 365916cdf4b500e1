"""A user's home with a project in it."""

import json
import os
import pwd
import shutil
import subprocess

from checkout import HERE, TIME_LIMIT


class Home:
    """A home directory of a test's own, with a Git repository in it, and ways to run commands there."""

    def __init__(self, path, prefix):
        self.path = path
        self.prefix = prefix
        self.project = path / "project"
        self.environment = {
            "HOME": str(path), "PATH": f"{prefix}/bin:/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8",
            "USER": pwd.getpwuid(os.getuid()).pw_name, "GIT_CONFIG_NOSYSTEM": "1",
        }
        shutil.copytree(HERE / "sample", self.project, ignore=shutil.ignore_patterns("__pycache__"))
        self.run("git", "init", "-q", "-b", "main", check=True)
        self.run("git", "add", ".", check=True)
        self.run(
            "git", "-c", "user.name=Sample", "-c", "user.email=sample@example.org", "commit", "-q", "-m", "Count words",
            check=True)

    def run(self, *arguments, check=False, **options):
        """Runs a command in the project and returns how it ended."""
        options.setdefault("env", self.environment)
        options.setdefault("cwd", self.project)
        return subprocess.run(
            arguments, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=check, timeout=TIME_LIMIT,
            **options)

    def mews(self, *arguments, **options):
        """Runs mews in the project."""
        return self.run("mews", *arguments, **options)

    def see_reads(self):
        """Puts a `mews` first in PATH that uses the tests' own FUSE device, where there is one, as if it were /dev/fuse.

        Its directory, which holds `bin`.
        """
        device = os.environ.get("MEWS_TEST_FUSE")
        if not device:
            return self.prefix
        directory = self.path / ".with-fuse"
        (directory / "bin").mkdir(parents=True)
        program = directory / "bin" / "mews"
        real = self.prefix / "bin" / "mews"
        # Inside, the view has the real one only.
        program.write_text(
            "#!/bin/sh\n"
            f"PATH={self.environment['PATH']}\n"
            "case $1 in\n"
            "run | shell | ci | doctor) verb=$1; shift ;;\n"
            "--) verb=run ;;\n"
            f"*) exec {real} \"$@\" ;;\n"
            "esac\n"
            f"exec {real} \"$verb\" --fuse-device {device} \"$@\"\n")
        program.chmod(0o755)
        self.environment["PATH"] = f"{directory}/bin:{self.environment['PATH']}"
        return directory

    def has_device(self):
        """Whether a FUSE device can be opened here: the tests' own, else the host's."""
        device = os.environ.get("MEWS_TEST_FUSE") or "/dev/fuse"
        try:
            os.close(os.open(device, os.O_RDWR))
        except OSError:
            return False
        return True

    def observes(self, what):
        """Whether denied `reads` or `writes` are seen here, as `mews doctor` says."""
        return json.loads(self.mews("doctor", "--json").stdout)["observed"][what]

    def files(self):
        """Every path below the home directory."""
        return sorted(str(path.relative_to(self.path)) for path in self.path.rglob("*"))

    def profile(self, name, text):
        """Writes a profile of the user's own and returns its file."""
        directory = self.path / ".config" / "mews" / "profiles"
        directory.mkdir(parents=True, exist_ok=True)
        file = directory / f"{name}.yaml"
        file.write_text(text)
        return file
