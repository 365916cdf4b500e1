"""Source archives of other people's projects: a package of PyPI and one of Debian, each by the registry's own client,
which checks what it gets."""

import dataclasses
import fcntl
import pathlib
import subprocess
import sys
import tarfile

from bundled import Unavailable, cache

HERE = pathlib.Path(__file__).resolve().parent
ARCHIVE = "http://deb.debian.org/debian"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
NAMES = {"simplejson": "simplejson-*.tar.gz", "zlib": "zlib_*.orig.tar.*"}


@dataclasses.dataclass(frozen=True)
class Project:
    """How a project is built and tested, and what its suite says when it passes."""

    name: str
    job: str
    passed: str


PROJECTS = (
    Project(
        "simplejson",
        "python3 setup.py --quiet build_ext --inplace && python3 -m unittest discover -s simplejson/tests -t . 2>&1",
        r"Ran \d+ tests",
    ),
    Project("zlib", "./configure && make -j2 && make check", r"\*\*\* zlib test OK \*\*\*"),
)


def run(*command, cwd=None):
    ended = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if ended.returncode != 0:
        raise Unavailable(f"{command[0]}: {(ended.stderr.strip().splitlines() or ['failed'])[-1]}")


def from_pypi(directory):
    options = [
        "--quiet",
        "--no-deps",
        "--no-cache-dir",
        "--no-binary=:all:",
        "--no-build-isolation",
        "--require-hashes",
    ]
    run(sys.executable, "-m", "pip", "download", *options, "--dest", directory, "--requirement", HERE / "projects.txt")


def from_debian(directory):
    """apt as any user: with lists and a cache of its own, and nothing of the host's but the archive's keys."""
    (directory / "lists/partial").mkdir(parents=True)
    (directory / "cache/archives/partial").mkdir(parents=True)
    sources = directory / "sources.list"
    sources.write_text(f"deb-src [signed-by={KEYRING}] {ARCHIVE} bookworm main\n")
    options = {
        "Dir::Etc::SourceList": sources,
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State::Lists": directory / "lists",
        "Dir::Cache": directory / "cache",
        "APT::Sandbox::User": "",
        "Debug::NoLocking": 1,
    }
    given = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    run("apt-get", "-qq", *given, "update")
    run("apt-get", "-qq", *given, "source", "--download-only", "zlib", cwd=directory)


def archives():
    """{project: archive}, downloaded when they aren't there yet."""
    kept = cache() / "sources"
    kept.mkdir(parents=True, exist_ok=True)
    with open(kept / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name, fetch in (("simplejson", from_pypi), ("zlib", from_debian)):
            if not list(kept.glob(NAMES[name])):
                scratch = kept / f"scratch-{name}"
                subprocess.run(["rm", "-rf", scratch], check=True, timeout=60)
                scratch.mkdir()
                fetch(scratch)
                (found,) = scratch.glob(NAMES[name])
                found.rename(kept / found.name)
                subprocess.run(["rm", "-rf", scratch], check=True, timeout=60)
        return {name: next(kept.glob(pattern)) for name, pattern in NAMES.items()}


def unpack(archive, directory):
    """Puts what is in the archive's only directory into this one."""
    with tarfile.open(archive) as opened:
        top = opened.getnames()[0].partition("/")[0]
        for member in opened.getmembers():
            assert (member.name + "/").startswith(f"{top}/"), member
            member.name = member.name.removeprefix(top).lstrip("/") or "."
            opened.extract(member, directory, set_attrs=True)
