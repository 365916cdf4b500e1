"""Compilers and build tools: the same projects build inside as outside, offline, and leave the same files."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from c_project import write_c_project
from place import SEARCH_PATH, Denied, Normalisation, Place, compare, toolchain

HERE = Path(__file__).resolve().parent
# SwiftPM keeps settings in the home, where nothing is written unasked, and goes on without.
SETTINGS = Denied("file.denied", "swift-*", "~/.swiftpm")
DURATION = Normalisation(r"\b\d+\.\d+ ?s\b", "N s", "how long it took")


def copy_of(project: str):
    def prepare(place: Place) -> None:
        shutil.copytree(HERE / "projects" / project, place.workspace, dirs_exist_ok=True)
    return prepare


def test_make_of_sixty_c_files_on_two_jobs(place, needs):
    needs("gcc", "make")
    outcome = compare(
        place, ["/bin/sh", "-c", "make -s -j2 check && make -s clean && make -s -j2 program && ls | wc -l"],
        lambda place: write_c_project(place.workspace), timeout=180)
    assert outcome.status == 0
    assert outcome.stdout.endswith("\n123\n"), "60 sources, 60 objects, header, Makefile, program"


def test_make_reports_an_error_in_a_source_as_outside(place, needs):
    needs("gcc", "make")

    def prepare(place: Place) -> None:
        write_c_project(place.workspace, files=5)
        (place.workspace / "module_3.c").write_text("int broken(void) { return undeclared; }\n")

    assert compare(place, ["make", "-k"], prepare).status == 2


def test_cargo_builds_tests_and_runs_a_project_offline(place, needs):
    needs("cargo")
    commands = "cargo build --offline && cargo test --offline --quiet && cargo run --offline --quiet"
    outcome = compare(
        place, ["/bin/sh", "-c", commands], copy_of("cargo"), normalisations=[DURATION], ignore=["target"], timeout=240,
        writes=[".cargo"])
    assert outcome.status == 0
    assert outcome.stdout.endswith("42\n")


def test_go_builds_vets_tests_and_runs_a_project(place, needs):
    needs("go")
    commands = "go vet ./... && go test -count=1 ./... && go build -o greeting . && ./greeting"
    outcome = compare(
        place, ["/bin/sh", "-c", commands], copy_of("go"), normalisations=[DURATION], timeout=240,
        writes=[".cache"])
    assert outcome.status == 0
    assert outcome.stdout.endswith("42\n/asked\nfrom a child\n<nil>\n")


def test_a_repository_of_others_is_built_and_its_own_tests_pass(place, needs):
    """The command line library pflag, whose source and tests Debian packages, as a git repository."""
    needs("go", "git")
    source = Path("/usr/share/gocode/src/github.com/spf13/pflag")
    if not source.exists():
        pytest.skip("golang-github-spf13-pflag-dev isn't installed")

    def prepare(place: Place) -> None:
        shutil.copytree(source, place.workspace, dirs_exist_ok=True)
        environment = {"PATH": SEARCH_PATH, "HOME": str(place.home)}
        for arguments in (["init", "--quiet"], ["add", "."], [
                "-c", "user.name=Tester", "-c", "user.email=tester@example.org", "commit", "--quiet", "-m", "Take it"]):
            subprocess.run(["git", *arguments], cwd=place.workspace, env=environment, check=True, timeout=60)

    # Its tests are older than a check of this go vet.
    commands = "go build ./... && go test -vet=off -count=1 -v ./... && git status --short"
    outcome = compare(
        place, ["/bin/sh", "-c", commands], prepare, normalisations=[DURATION], timeout=240, writes=[".cache"])
    assert outcome.status == 0
    assert outcome.stdout.count("--- PASS") > 100


def test_swift_builds_and_runs_a_package(place):
    programs = toolchain("swift")
    if programs is None:
        pytest.skip("swift isn't installed")
    place.variables["PATH"] = f"{programs}:{SEARCH_PATH}"
    # No --disable-sandbox: SwiftPM's own sandbox is macOS's, and on Linux there is none to nest.
    command = ["/bin/sh", "-c", "swift build --jobs 2 2>&1 | tail -1 && .build/debug/greet"]
    outcome = compare(
        place, command, copy_of("swift"), options=["--read", str(programs.parents[1])], normalisations=[DURATION],
        ignore=[".build"], denied=[SETTINGS], writes=[".cache", ".swiftpm"], timeout=400)
    assert outcome.status == 0
    assert outcome.stdout.endswith("Hello, sandbox!\n")


def test_compiler_caches_are_mews_s_and_are_kept_from_one_run_to_the_next(place, needs):
    """The build caches inside are below Mews's directory, and the next run in the same workspace finds them there."""
    needs("go")
    copy_of("go")(place)
    show = "go env GOCACHE && go build -o greeting . && ls \"$(go env GOCACHE)\" | wc -l"
    first = place.inside(["/bin/sh", "-c", show], timeout=240)
    assert first.status == 0, first
    cache = Path(first.stdout.split()[0])
    assert cache.is_relative_to(place.home / ".cache/mews")
    assert cache.is_dir() and cache.stat().st_uid == os.getuid()
    again = "rm greeting && go build -x -o greeting . 2>&1 | grep -c /compile"
    built = place.inside(["/bin/sh", "-c", again], timeout=240)
    assert built.stdout == "0\n", "nothing had to be compiled again"
