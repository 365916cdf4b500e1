"""Projects of others, built and tested as a job of a build server: inside as outside, and denied nothing."""

import json
import re

import pytest

from playing import denials, records
from sources import PROJECTS, unpack


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_a_job_passes_as_outside_and_is_denied_nothing(project, archives, new_place):
    said, summary = [], None
    for way in ("outside", "inside"):
        home = new_place()
        unpack(archives[project.name], home.workspace)
        job, environment = ["/bin/sh", "-c", project.job], {}
        if way == "inside":
            summary, page = home.home / "summary.json", home.home / "page.md"
            page.touch(0o600)
            environment["GITHUB_STEP_SUMMARY"] = str(page)
            options = ("--fail-on", "denied", "--summary", f"json:{summary}")
            job = home.inside(job, "ci", *options, verb="ci")
        finished = home.run(job, environment=environment)
        assert finished.returncode == 0, f"{way}: {finished.stdout[-3000:]} {finished.stderr[-3000:]}"
        found = re.findall(project.passed, finished.stdout)
        assert found, f"{way}: {finished.stdout[-3000:]}"
        said.append(found)
    assert said[0] == said[1], "the same tests pass"
    assert denials(records(home.log), home.home) == set(), finished.stderr
    report = json.loads(summary.read_text())
    assert report["ended"] == "exit" and report["policy"]["name"] == "ci" and report["written"]["total"] > 0, report
    assert report["denied"]["total"] == 0 and report["network"]["contacted"] == [], report
    assert report["policy"]["digest"] in page.read_text()
