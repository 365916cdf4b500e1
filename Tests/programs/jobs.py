"""Ordinary work, job by job: what it needs, what it begins with, and which denials are right to be recorded."""

import io
import json
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from c_project import write_c_project
from place import SEARCH_PATH, Place

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Job:
    """A script of `scripts/jobs`, run inside with the default profile."""

    name: str
    needs: tuple[str, ...] = ()
    prepare: Callable[[Place], None] = lambda place: None
    # What a profile of the job's own adds to the default one.
    profile: str = ""
    # A program of a toolchain that comes as an archive.
    toolchain: str = ""
    timeout: int = 120


def c_project(place: Place) -> None:
    write_c_project(place.workspace, files=20)


def python_project(place: Place) -> None:
    """A wheel in an index of files, as pip reads it."""
    index = place.workspace / "index" / "greeting"
    index.mkdir(parents=True)
    name = "greeting-1.0-py3-none-any.whl"
    about = "greeting-1.0.dist-info"
    with zipfile.ZipFile(index / name, "w") as wheel:
        wheel.writestr("greeting.py", "word = 'hello'\n\n\ndef main():\n    print(word)\n")
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/entry_points.txt", "[console_scripts]\ngreet = greeting:main\n")
        files = ("greeting.py", *(f"{about}/{file}" for file in ("METADATA", "WHEEL", "entry_points.txt", "RECORD")))
        wheel.writestr(f"{about}/RECORD", "".join(f"{file},,\n" for file in files))
    (index / "index.html").write_text(f'<a href="{name}">{name}</a>\n')


def unit_tests(place: Place) -> None:
    (place.workspace / "test_sum.py").write_text(
        "import unittest\n\n\nclass TestSum(unittest.TestCase):\n    def test(self):\n        self.assertEqual(1 + 1, 2)\n")


def node_program(place: Place) -> None:
    shutil.copy(HERE / "scripts/node-all.js", place.workspace)


def node_package(place: Place) -> None:
    """A project, and beside it the tarball of another package, as `npm pack` makes it."""
    with tarfile.open(place.workspace / "greeting-1.0.0.tgz", "w:gz") as tarball:
        for name, text in (
                ("package.json", json.dumps({"name": "greeting", "version": "1.0.0", "main": "index.js"})),
                ("index.js", "module.exports = 'hello';\n")):
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(text)
            tarball.addfile(entry, io.BytesIO(text.encode()))
    (place.workspace / "package.json").write_text(json.dumps({
        "name": "project", "version": "1.0.0", "scripts": {"test": "node -e \"console.log(require('greeting'))\""}}))


def project(name: str) -> Callable[[Place], None]:
    return lambda place: shutil.copytree(HERE / "projects" / name, place.workspace, dirs_exist_ok=True)


def crashing_program(place: Place) -> None:
    subprocess.run(
        ["gcc", "-g", "-O0", "-o", "crash", str(HERE / "scripts/crash.c")], cwd=place.workspace, check=True, timeout=60)


def repository(place: Place) -> None:
    """pflag, whose source and tests Debian packages, as a git repository that the job clones."""
    source = Path("/usr/share/gocode/src/github.com/spf13/pflag")
    shutil.copytree(source, place.workspace / "pflag")
    environment = {"PATH": SEARCH_PATH, "HOME": str(place.home)}
    for arguments in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "Take it"]):
        subprocess.run(["git", *arguments], cwd=place.workspace / "pflag", env=environment, check=True, timeout=60)


DEBUGGING = "process:\n  debug: true\n"

JOBS = [
    Job("c-build", ("gcc", "make"), c_project),
    Job("git", ("git",)),
    Job("repository", ("git", "go"), repository, timeout=240),
    Job("pip", (), python_project),
    Job("python-unittest", (), unit_tests),
    Job("swift", (), project("swift"), toolchain="swift", timeout=400),
    Job("node", ("node",), node_program),
    Job("npm", ("npm",), node_package),
    Job("cargo", ("cargo",), project("cargo"), timeout=240),
    Job("go", ("go",), project("go"), timeout=240),
    Job("small-tools", ("perl", "vim", "less", "man", "curl", "ssh", "openssl")),
    Job("debugger", ("gdb", "gcc"), crashing_program, profile=DEBUGGING),
]
