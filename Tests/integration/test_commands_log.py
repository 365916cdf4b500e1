"""At audit.level commands, each program that runs inside has a record of its start and one of its end.

What really ran is told by strace(1), which follows the same command outside the sandbox.
"""

import collections
import json
import os
import pathlib
import re
import shutil
import signal
import tempfile

import pytest
from support.process import wait_until
from support.records import records

COMMANDS = "audit: {level: commands, redact: [hunter2]}\n"
STARTED = re.compile(r'^execve\("((?:[^"\\]|\\.)*)".*= 0$')
EXITED = re.compile(r"^\+\+\+ exited with (\d+) \+\+\+$")
KILLED = re.compile(r"^\+\+\+ killed by (SIG\w+)(?: \(core dumped\))? \+\+\+$")

SCRIPTS = {
    "pipeline": "seq 5 | sort -r | head -2 | wc -l",
    "background": "sleep 0.05 & true & wait; wait $!",
    "status": "sh -c 'exit 3'; (exit 4); false; true",
    "subshells": "(true; (true)); echo $(basename /a/b) >/dev/null; : ; test 1 = 1",
    "search": "env true; nosuchprogram; env nosuchprogram; PATH=/nonexistent:/usr/bin:/bin env true",
    "not-executable": "./notes.txt; env ./notes.txt; ./nothing; /usr; true",
    "chain": "env -i /bin/sh -c 'exec env /bin/sh -c \"exec true\"'; exec env true",
    "killed": "sh -c 'kill -KILL $$'; sh -c 'kill -TERM $$'; {programs} crash; true",
    "script": "./script one; true",
    "script-of-script": "./outer; true",
    "no-interpreter": "./plain; env ./plain; true",
    "broken-interpreter": "./broken; {programs} try ./broken /bin/true; true",
    "no-program": "{programs} try ./garbage ./notes.txt /usr ./nothing /bin/true; true",
    "threads": "{programs} last-thread; {programs} exit-in-thread; true",
    "plain-exit": "{programs} plain-exit; true",
    "spawn": "{programs} spawn /bin/true; {programs} vfork /bin/sh -c 'exit 7'; {programs} fork; true",
    "double-fork": "{programs} double-fork /bin/sleep 0.05; true",
    "links": "ln -s /bin/true link; ./link; ln -s ../project/link other; ./other; true",
    "xargs": "seq 30 | xargs -n 1 -P 4 echo | wc -l",
    "python": "python3 -S -c 'import os, subprocess; subprocess.run([\"true\"]); os.posix_spawn(\"/bin/true\", "
    "[\"x\"], {{}}); os.wait(); subprocess.run(\"true; true\", shell=True)'; true",
}


@pytest.fixture
def logs(scratch_parent):
    """A directory for logs that no grant holds."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix="mews-logs-", dir=scratch_parent))
    yield directory
    shutil.rmtree(directory)


def write_program(path, content):
    path.write_text(content)
    path.chmod(0o755)


@pytest.fixture
def place(sandbox):
    """A workspace with programs of all kinds, and programs that are none."""
    write_program(sandbox.workspace / "script", "#!/bin/sh\nbasename /a/b >/dev/null\nexit 5\n")
    write_program(sandbox.workspace / "outer", "#! ./script with argument\n")
    write_program(sandbox.workspace / "plain", "true\n/bin/true\n")
    write_program(sandbox.workspace / "broken", "#!/nonexistent/interpreter\n")
    write_program(sandbox.workspace / "garbage", "\x7fELF and nothing more\n")
    return sandbox


def log_of(sandbox, logs, *command, profile=COMMANDS, **options):
    log = logs / "log"
    log.unlink(missing_ok=True)
    done = sandbox.run(
        *command,
        profile=sandbox.profile(profile),
        options=("--audit-log", str(log), *options.pop("options", ())),
        **options,
    )
    assert log.exists(), done
    return done, records(log)


def of(log, code):
    return [record for record in log if record["metadata"]["event_code"] == code]


def path_of(record, base):
    """The program of a record as a path without links."""
    path = record["process"]["file"]["path"]
    return os.path.realpath(shutil.which(path) if "/" not in path else os.path.join(base, path))


def outcome(record):
    ours = record["unmapped"]["mews"]
    return signal.Signals(ours["signal"]).name if "signal" in ours else record.get("exit_code", "unknown")


def traced(control, directory, *command):
    """The programs that ran, and how each process that had run one ended, by strace."""
    directory.mkdir()
    control.run("strace", "-ff", "-q", "-e", "trace=execve", "-s", "4096",
                "-o", str(directory / "t"), *command, timeout=120)
    programs, ends = collections.Counter(), collections.Counter()
    for file in directory.iterdir():
        current = None
        for line in file.read_text(errors="replace").splitlines():
            if started := STARTED.match(line):
                current = os.path.realpath(os.path.join(control.sandbox.workspace, started[1]))
                programs[current] += 1
            elif (ended := EXITED.match(line)) and current:
                ends[current, int(ended[1])] += 1
            elif (ended := KILLED.match(line)) and current:
                ends[current, ended[1]] += 1
    return programs, ends


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_programs_are_those_that_strace_sees(place, control, logs, name):
    command = ("/bin/sh", "-c", SCRIPTS[name].format(programs=place.payload("programs")))
    programs, ends = traced(control, logs / "trace", *command)
    for link in ("link", "other"):
        (place.workspace / link).unlink(missing_ok=True)
    done, log = log_of(place, logs, *command)
    executed = collections.Counter(path_of(record, place.workspace) for record in of(log, "command.exec"))
    ended = collections.Counter((path_of(record, place.workspace), outcome(record)) for record in of(log, "command.exit"))
    assert executed == programs, done.stderr
    assert ended == ends, done.stderr
    # A comparison of nothing with nothing would hold as well.
    assert programs.total() > 1
    assert not of(log, "audit.gap")


def test_each_end_belongs_to_the_last_start_of_its_process(place, logs):
    _, log = log_of(place, logs, "/bin/sh", "-c", SCRIPTS["chain"] + "; " + SCRIPTS["pipeline"])
    running = {}
    for record in log:
        code = record["metadata"]["event_code"]
        if code == "command.exec":
            running[record["process"]["pid"]] = path_of(record, place.workspace)
        elif code == "command.exit":
            assert running.pop(record["process"]["pid"]) == path_of(record, place.workspace)
    assert not running


def test_a_record_says_who_started_what_where(place, logs):
    script = "cd /usr && env --unset=X /bin/sh -c '/bin/true --password=abc hunter2; :'; :"
    _, log = log_of(place, logs, "/bin/sh", "-c", script)
    first, *others = of(log, "command.exec")
    assert "parent_process" not in first["process"]
    environment = next(record for record in others if "--unset=X" in record["process"]["cmd_line"])
    secret = next(record for record in others if record["process"]["name"] == "true")
    assert environment["process"]["parent_process"] == {"name": "sh", "pid": first["process"]["pid"]}
    assert environment["process"]["working_directory"] == "/usr"
    assert secret["process"]["cmd_line"] == "/bin/true '--password=[redacted]' '[redacted]'"
    # env became that shell without another process.
    assert secret["process"]["parent_process"]["pid"] == environment["process"]["pid"]
    assert "hunter2" not in json.dumps(others).replace(script, "")
    for record in others + [record for record in of(log, "command.exit") if "parent_process" in record["process"]]:
        assert record["unmapped"]["mews"]["host_pid"] != record["process"]["pid"]


def test_the_most_memory_and_the_time_are_measured(place, logs):
    programs = place.payload("programs")
    _, log = log_of(place, logs, "/bin/sh", "-c", f"{programs} memory 50; {programs} memory 1; sleep 0.3; :")
    large, small, sleep = of(log, "command.exit")[:3]
    assert 50 * 1024 <= large["unmapped"]["mews"]["peak_memory_kib"] < 60 * 1024
    assert 1024 <= small["unmapped"]["mews"]["peak_memory_kib"] < 10 * 1024
    assert 290 <= sleep["duration"] < 3000


def test_long_arguments_are_cut(place, logs):
    _, log = log_of(place, logs, "/bin/sh", "-c", "/bin/true $(seq 100000 103000); env X= $(seq -f V%g=1 300) true; :")
    long, many = [record for record in of(log, "command.exec") if record["process"]["name"] in ("true", "env")][:2]
    assert long["process"]["cmd_line"].startswith("/bin/true 100000 100001 ")
    assert long["metadata"]["is_truncated"]
    assert len(long["process"]["cmd_line"]) <= 4096
    assert many["process"]["cmd_line"] == " ".join(["env", "X=", *(f"V{number}=1" for number in range(1, 301)), "true"])


def test_a_thread_may_run_a_program_in_the_place_of_all(place, logs):
    programs = place.payload("programs")
    _, log = log_of(place, logs, "/bin/sh", "-c", f"{programs} exec-in-thread /bin/sh -c 'exit 3'; :")
    _, before, after = of(log, "command.exec")
    assert before["process"]["pid"] == after["process"]["pid"]
    end = of(log, "command.exit")[0]
    assert (path_of(end, "/"), outcome(end)) == (os.path.realpath("/bin/sh"), 3)


def test_a_link_to_oneself_is_the_program_that_it_leads_to(place, logs):
    _, log = log_of(place, logs, "/bin/bash", "-c", "env /proc/self/exe; (exec /proc/self/exe -c 'exit 3'); :")
    first, env, again, shell = (path_of(record, place.workspace) for record in of(log, "command.exec"))
    assert [again, shell] == [env, first]


def test_what_has_no_name_is_recorded(place, logs):
    _, log = log_of(place, logs, "/bin/sh", "-c", f"{place.payload('programs')} nameless /bin/true; :")
    assert [record["process"]["file"]["path"] for record in of(log, "command.exec")][-1] == "/memfd:nameless (deleted)"
    assert outcome(of(log, "command.exit")[0]) == 0


def test_a_program_that_goes_on_is_recorded_soon(place, logs):
    process = place.start(
        "/bin/sh", "-c", "sleep 30; :",
        profile=place.profile(COMMANDS), options=("--audit-log", str(logs / "log")))
    wait_until(lambda: (logs / "log").exists() and "sleep 30\"" in (logs / "log").read_text(), "the start of sleep")
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=30)


def test_what_is_left_at_the_end_has_its_record_before_the_sessions(place, logs):
    _, log = log_of(place, logs, "/bin/sh", "-c", "setsid sh -c 'trap \"\" TERM; sleep 60; sleep 60' & sleep 0.2; exit 3")
    assert log[-1]["metadata"]["event_code"] == "session.end"
    ends = collections.Counter((record["process"]["name"], outcome(record)) for record in of(log, "command.exit"))
    starts = collections.Counter(record["process"]["name"] for record in of(log, "command.exec"))
    assert ends["sh", 3] == 1
    assert starts.total() - starts["setsid"] == ends.total()
    assert ends["dash", "SIGKILL"] == 1, ends


def test_a_search_leaves_only_what_is_found(place, logs):
    _, log = log_of(place, logs, "/bin/sh", "-c", "env nosuch; PATH=/a:/b:/usr/bin env true; :")
    assert [record["process"]["name"] for record in of(log, "command.exec")] == ["sh", "env", "env", "true"]


def test_many_short_programs_are_all_recorded(place, logs):
    _, log = log_of(place, logs, "/bin/sh", "-c", "for i in $(seq 500); do /bin/true $i; done; :", timeout=120)
    assert sum(record["process"]["name"] == "true" for record in of(log, "command.exec")) == 500
    assert sum(record["process"]["name"] == "true" for record in of(log, "command.exit")) == 500


def test_a_build_is_recorded_whole(place, control, logs):
    for number in range(6):
        (place.workspace / f"f{number}.c").write_text(f"int f{number}(void) {{ return {number}; }}\n")
    makefile = "all: $(patsubst %.c,%.o,$(wildcard f*.c))\n%.o: %.c\n\tgcc -O1 -c -o $@ $<\n"
    (place.workspace / "Makefile").write_text(makefile)
    programs, ends = traced(control, logs / "trace", "make", "-j2")
    for file in place.workspace.glob("*.o"):
        file.unlink()
    done, log = log_of(place, logs, "make", "-j2", timeout=120)
    assert done.status == 0, done.stderr
    executed = collections.Counter(path_of(record, place.workspace) for record in of(log, "command.exec"))
    assert executed == programs
    ended = collections.Counter((path_of(record, place.workspace), outcome(record)) for record in of(log, "command.exit"))
    assert ended == ends


@pytest.mark.parametrize("where", ["user", "repository"])
def test_the_repository_may_ask_for_it(place, logs, where):
    if where == "repository":
        (place.workspace / ".mews.yaml").write_text("version: 1\naudit: {level: commands}\n")
    profile = COMMANDS if where == "user" else ""
    _, log = log_of(place, logs, "/bin/sh", "-c", "true; /bin/true; :", profile=profile)
    assert len(of(log, "command.exec")) == 2
    assert log[0]["unmapped"]["mews"]["observed"]["commands"] == "notify"


def test_without_it_only_the_command_itself_is_recorded(place, logs):
    _, log = log_of(place, logs, "/bin/sh", "-c", "true; /bin/true; env true", profile="")
    assert [len(of(log, code)) for code in ("command.exec", "command.exit")] == [1, 1]
    assert "commands" not in log[0]["unmapped"]["mews"]["observed"]
