"""Projects of others, built and tested as a job of a build server: inside as outside, and denied nothing."""

import dataclasses
import re

import pytest

from playing import denials, records
from sources import unpack


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


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_a_job_passes_as_outside_and_is_denied_nothing(project, archives, new_place):
    said = []
    for way in ("outside", "inside"):
        home = new_place()
        unpack(archives[project.name], home.workspace)
        job = ["/bin/sh", "-c", project.job]
        finished = home.run(job if way == "outside" else home.inside(job, "ci"))
        assert finished.returncode == 0, f"{way}: {finished.stdout[-3000:]} {finished.stderr[-3000:]}"
        found = re.findall(project.passed, finished.stdout)
        assert found, f"{way}: {finished.stdout[-3000:]}"
        said.append(found)
    assert said[0] == said[1], "the same tests pass"
    assert denials(records(home.log), home.home) == set(), finished.stderr
