"""A user's home with a project in it."""

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
