"""A PostgreSQL server inside: shared memory, semaphores, many processes, a Unix socket and the loopback address."""

import os
import pwd
import subprocess
from pathlib import Path

import pytest

from place import Denied, Normalisation, Place, compare, shell

# It asks whether it could log in by Kerberos, of which nothing is granted, and goes on.
KERBEROS = Denied("file.denied", "psql", "/etc/gss/mech.d")
ANNOUNCEMENT = Normalisation(r"^mews: running as .*\n", "", "Mews says as whom it runs the command")


@pytest.fixture
def unprivileged(place: Place) -> Place:
    """PostgreSQL refuses to run as root. As root the workspace is somebody else's, and Mews becomes its owner."""
    if os.geteuid() == 0:
        owner = owner_of_the_workspace()
        number = str(owner.pw_uid), str(owner.pw_gid)
        place.outside_prefix = (
            "/usr/bin/setpriv", "--reuid", number[0], "--regid", number[1], "--clear-groups", "--")
        subprocess.run(["chown", "-R", ":".join(number), str(place.home)], check=True, timeout=30)
    return place


def owner_of_the_workspace() -> pwd.struct_passwd:
    """An ordinary user with a home of its own, where Mews keeps its caches for it."""
    for entry in sorted(pwd.getpwall(), key=lambda entry: entry.pw_uid):
        if 1000 <= entry.pw_uid < 60000 and Path(entry.pw_dir).is_dir():
            return entry
    raise AssertionError("no ordinary user with a home")


def give_away(place: Place) -> None:
    if os.geteuid() == 0:
        owner = owner_of_the_workspace()
        os.chown(place.workspace, owner.pw_uid, owner.pw_gid)


def test_a_server_is_made_started_used_and_stopped(unprivileged, scripts):
    if not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        pytest.skip("postgresql isn't installed")
    outcome = compare(
        unprivileged, shell(scripts / "postgresql.sh"), give_away, timeout=240,
        ignore=["data", "initdb.log", "server.log"], normalisations=[ANNOUNCEMENT] if os.geteuid() == 0 else [],
        denied_reads=[KERBEROS] if Path("/etc/gss/mech.d").exists() else [])
    assert outcome.status == 0
    assert outcome.stdout.count("1000 | 500500 | name 999") == 2
