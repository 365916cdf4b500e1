"""Descriptors: nothing that Mews was started with opens a way out."""

import os
import subprocess

import pytest
from support.outcome import OUTSIDE_THE_VIEW, outcomes
from support.process import execute


def run_with(sandbox, number, descriptor, argv, **streams):
    """Runs `argv` with `descriptor` as its descriptor `number`."""
    script = f'exec {number}<&{descriptor}; exec "$@"'
    return execute(
        ["/bin/bash", "-c", script, "bash", *argv],
        env=sandbox.environment,
        cwd=sandbox.workspace,
        pass_fds=(descriptor,),
        **streams,
    )


@pytest.mark.parametrize("number", [3, 7, 9, 200])
@pytest.mark.parametrize("flags", [os.O_RDONLY | os.O_DIRECTORY, os.O_PATH], ids=["directory", "path"])
def test_fd_inherited_dir(sandbox, control, number, flags):
    """CVE-2024-21626: runc left a descriptor of a host directory open in the container."""
    descriptor = os.open("/", flags)
    act = ["descriptor_leads_up", number, str(sandbox.outside / "secret").lstrip("/")]
    outside = run_with(sandbox, number, descriptor, sandbox.attempting(act))
    assert outcomes([act], outside)[0].value == "secret\n"
    inside = run_with(
        sandbox, number, descriptor, sandbox.arguments(sandbox.attempting(act, ["descriptors"]))
    )
    leads_up, descriptors = outcomes([act, ["descriptors"]], inside)
    assert leads_up.refused("EBADF")
    assert set(descriptors.value) <= {"0", "1", "2"}
    os.close(descriptor)


def test_fd_listener_leak(sandbox, control):
    """Of Mews's own descriptors (notification listener, sync pipes, mounts) none is in the payload."""
    assert set(control.succeeds(["descriptors"])) == {"0", "1", "2"}
    assert set(sandbox.attempt(["descriptors"]).value) == {"0", "1", "2"}


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("flags", [os.O_RDONLY | os.O_DIRECTORY, os.O_PATH], ids=["directory", "path"])
def test_fd_bwrap_fd0(sandbox, number, flags):
    """A directory as a standard descriptor is refused: through it everything below would be open."""
    descriptor = os.open(sandbox.outside, flags)
    report = sandbox.workspace / "report"
    stream = ("stdin", "stdout", "stderr")[number]
    # The copy is made by a program that leaves the shell's own descriptors as they are.
    command = ["/bin/sh", "-c", f"cp /proc/$$/fd/{number}/secret report; :"]
    for argv, status in ((command, 0), (sandbox.arguments(command), 125)):
        result = execute(argv, env=sandbox.environment, cwd=sandbox.workspace, **{stream: descriptor})
        assert result.status == status
        assert report.exists() is (status == 0)
        report.unlink(missing_ok=True)
    assert result.messages or number == 2
    os.close(descriptor)


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/full"])
def test_another_device_as_a_standard_descriptor_is_refused(sandbox, device):
    with open(device, "rb", buffering=0) as stdin:
        result = execute(
            sandbox.arguments(["/bin/true"]), env=sandbox.environment, cwd=sandbox.workspace, stdin=stdin
        )
    assert result.refused_by_mews()


def test_fd_stdio_reopen(sandbox, control):
    """A log that stdout is appended to can be written to, but neither read nor cut short nor opened anew."""
    log = sandbox.outside / "log"
    acts = [["reopen", 1, "read"], ["reopen", 1, "write"]]
    for argv, refused in (
        (sandbox.attempting(*acts), False),
        (sandbox.arguments(sandbox.attempting(*acts)), True),
    ):
        log.write_text("earlier lines\n")
        with log.open("ab") as stdout:
            result = execute(argv, env=sandbox.environment, cwd=sandbox.workspace, stdout=stdout)
        assert result.status == 0, result
        report = log.read_text()
        if refused:
            assert report.startswith("earlier lines\n")
            assert report.count('"ok": false') == 2, report
        else:
            assert report.count('"ok": true') == 2, report
            assert report.startswith("[{"), "the control cut the file short and read it"


def test_a_regular_file_on_stdin_is_read_and_not_opened_anew(sandbox, control):
    file = sandbox.outside / "input"
    file.write_text("input\n")
    command = ["/bin/sh", "-c", "cat; : > /proc/self/fd/0"]
    with file.open("rb") as stdin:
        assert execute(command, env=sandbox.environment, cwd=sandbox.workspace, stdin=stdin).status == 0
    assert file.read_text() == ""
    file.write_text("input\n")
    with file.open("rb") as stdin:
        result = execute(
            sandbox.arguments(command), env=sandbox.environment, cwd=sandbox.workspace, stdin=stdin
        )
    assert result.stdout == "input\n"
    assert result.status != 0
    assert file.read_text() == "input\n"


def test_pipes_pass(sandbox):
    result = sandbox.run("/bin/sh", "-c", "cat; echo to stderr >&2", text="through\n")
    assert (result.stdout, result.stderr) == ("through\n", "to stderr\n")


@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"])
def test_a_closed_standard_descriptor_opens_the_sandboxs_null(sandbox, control, closed):
    """Else the next file that is opened would become stdin or stdout (CVE-2002-0766 and its kin)."""
    report = sandbox.workspace / "report"
    numbers = [int(part[0]) for part in closed.split()]
    # The links are read before the report is opened, which would take the number of a closed one.
    program = (
        "import os; links = [os.readlink(f'/proc/self/fd/{number}') for number in (0, 1, 2)];"
        " open('report', 'w').write('\\n'.join(links))"
    )
    command = ("/usr/bin/python3", "-S", "-c", program)
    close = ("/bin/sh", "-c", f'exec "$@" {closed}', "sh")
    control.run(*command, wrapper=close)
    assert not report.exists(), "outside, a closed descriptor has no link to read"
    result = sandbox.run(*command, wrapper=close)
    assert result.status == 0, result
    links = report.read_text().splitlines()
    assert len(links) == 3
    for number in numbers:
        assert links[number] == "/dev/null", links


def test_stdin_of_a_sandbox_is_not_held_by_mews(sandbox):
    """When the command has gone, a writer into its stdin gets EPIPE and doesn't wait for Mews."""
    process = sandbox.start("/bin/sh", "-c", "exec true", stdin=subprocess.PIPE)
    output, _ = process.communicate(timeout=10)
    assert (process.returncode, output) == (0, b"")


def test_a_path_descriptor_of_a_secret_is_closed(sandbox):
    descriptor = os.open(sandbox.outside / "secret", os.O_RDONLY)
    act = ["reopen", 8, "read"]
    assert outcomes([act], run_with(sandbox, 8, descriptor, sandbox.attempting(act)))[0].value == "secret\n"
    inside = run_with(sandbox, 8, descriptor, sandbox.arguments(sandbox.attempting(act)))
    assert outcomes([act], inside)[0].refused("EBADF", *OUTSIDE_THE_VIEW)
    os.close(descriptor)
