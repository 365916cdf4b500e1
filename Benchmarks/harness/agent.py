"""`scripts/bench agent`: what each way of holding Claude Code adds to one shell command of a session.

The real program plays a script of commands that do nothing. What is measured is the time from when it has been told to
run one until it asks the model again with the result: the model is a stand-in, so nothing else is in between.
"""

import http.server
import json
import os
import pathlib
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

from .measure import MeasurementFailed
from .stage import CHECKOUT, REALTIME, Person, Stage

sys.path.insert(0, str(CHECKOUT / "Tests" / "agents"))

# The first ones of a session begin what later ones find.
CALLS, WARM_UP = 14, 3
BAR = 6.0
PATIENCE = 120


@dataclass
class Clock:
    """When the agent was told to run something, and when it came back."""

    told: float | None = None
    took: list[float] = field(default_factory=list)


class Service(http.server.ThreadingHTTPServer):
    """The stand-in, at a port of the host's loopback."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.model, self.clock = None, Clock()
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Else the end of an answer waits for 40 ms until the agent has acknowledged what came before.
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        import messages
        from internet_of_agents import send, stream

        arrived = time.monotonic()
        request = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        clock = self.server.clock
        plays = bool(request.get("tools")) and request.get("stream")
        if plays and clock.told is not None:
            clock.took.append(1000 * (arrived - clock.told))
        if not request.get("stream"):
            send(self, b"{}", "application/json", 404)
            return
        stream(self, messages.events(self.server.model, request))
        self.wfile.flush()
        if plays:
            clock.told = time.monotonic()

    do_GET = do_HEAD = do_POST

    def log_message(self, *arguments: object) -> None:
        pass


def agent(stage: Stage, person: Person, rounds: int) -> list[str]:
    """Plays a session in each way in turn, prints, and returns the bars that were missed."""
    import bundled
    from model import Model

    try:
        claude = bundled.program(bundled.CLAUDE)
    except bundled.Unavailable as reason:
        raise MeasurementFailed(f"Claude Code can't be downloaded: {reason}") from None
    program = install(person, claude)
    if REALTIME[0] in person.identity.prefix:
        # What stands in for the model is a part of what is measured.
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    service = Service()
    ways = commands(stage, person, program, service.server_address[1])
    print(f"\n== agent, as {person.identity.name}: {rounds} sessions of {CALLS - WARM_UP} shell commands each ==")
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, (command, environment) in ways.items():
            steps = [{"name": str(n), "tool": "Bash", "input": {"command": "echo done"}} for n in range(CALLS)]
            service.model, service.clock = Model({"bench": steps}), Clock()
            finished = subprocess.run(
                person.identity.command(command), cwd=person.workspace, env=environment, capture_output=True, text=True,
                timeout=PATIENCE, stdin=subprocess.DEVNULL)
            done = [result.text.startswith("done") for result in service.model.results.values()]
            if finished.returncode != 0 or done != [True] * CALLS:
                raise MeasurementFailed(f"{name}: {finished.stdout[-500:]} {finished.stderr[-500:]}")
            times[name].append(statistics.median(service.clock.took[WARM_UP:]))
    return report(times)


def report(times: dict[str, list[float]]) -> list[str]:
    """Prints what each way takes and adds, in milliseconds; the bars that were missed."""
    missed = []
    print(f"  {'':24}{'median':>9}{'least':>9}{'added, paired':>16}")
    for name, series in times.items():
        added = statistics.median(one - plain for one, plain in zip(series, times["none"], strict=True))
        line = f"  {name:24}{statistics.median(series):9.1f}{min(series):9.1f}{added:16.1f}"
        if name in ("mews, whole session", "mews-shell"):
            least = min(series) - min(times["none"])
            kept = added <= BAR and least <= BAR
            line += f"   bar: <= {BAR} ms  {'met' if kept else 'between' if min(added, least) <= BAR else 'MISSED'}"
            missed += [name] if added > BAR and least > BAR else []
        print(line)
    return missed


def install(person: Person, claude: pathlib.Path) -> pathlib.Path:
    """Puts the program where its installer does."""
    place = person.home / ".local/share/claude/versions/measured"
    place.parent.mkdir(parents=True)
    subprocess.run(["cp", "--reflink=auto", str(claude), str(place)], check=True, timeout=60)
    place.chmod(0o755)
    if person.identity.uid is not None:
        subprocess.run(
            ["chown", "-R", f"{person.identity.uid}:{person.identity.gid}", str(person.home / ".local")], check=True)
    return place


def commands(stage: Stage, person: Person, program: pathlib.Path, port: int) -> dict:
    """The ways, each a command and its environment."""
    plain = [
        str(program), "--print", "Please play [script bench]", "--output-format=json", "--dangerously-skip-permissions",
    ]
    own = [*plain, "--settings=" + json.dumps({"sandbox": {"enabled": True, "failIfUnavailable": True}})]
    environment = person.environment | {
        "ANTHROPIC_API_KEY": "sk-ant-api03-of-the-bench",
        "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{port}",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "SHELL": "/bin/bash",
    }
    profile = person.home / "agent.yaml"
    profile.write_text(
        "version: 1\nname: agent-bench\nextends: [claude-code]\nnetwork:\n  hosts: {api.anthropic.com: 127.0.0.1}\n"
        f"  allow: [{{host: api.anthropic.com, ports: [{port}], protocol: http}}]\n"
        f"process:\n  env: {{set: {{ANTHROPIC_BASE_URL: 'http://api.anthropic.com:{port}'}}}}\n")
    if person.identity.uid is not None:
        os.chown(profile, person.identity.uid, person.identity.gid or 0)
    ways = {
        "none": (plain, environment),
        "mews, whole session": (stage.run("--quiet", "-p", str(profile), "--", *plain), environment),
        "its own sandbox": (own, environment),
    }
    wired = wire(stage, person)
    if wired:
        # Both as it was set up, in the directory that was settled: elsewhere the command may not read the snapshot of
        # the shell, and what is measured is a denial and how it is told.
        settled = environment | {"CLAUDE_CONFIG_DIR": str(wired)}
        ways["mews-shell"] = ([*plain, "--settings=" + json.dumps({"disableAllHooks": True})], settled)
        ways["its hooks as well"] = (plain, settled)
    return ways


def wire(stage: Stage, person: Person) -> pathlib.Path | None:
    """Has Mews wire itself into a Claude Code of the person's, and gives the directory of its settings. What was
    settled lies in the home of the account, which is therefore another one from here on: only root can do that."""
    if os.geteuid() != 0:
        print("  (mews-shell is measured by root alone)")
        return None
    from internet_of_agents import kernel

    accounts = stage.scratch / "passwd"
    number = str(person.identity.uid or 0)
    fields = [line.split(":") for line in pathlib.Path("/etc/passwd").read_text().splitlines()]
    for account in fields:
        if account[2] == number:
            account[5] = str(person.home)
    accounts.write_text("".join(":".join(account) + "\n" for account in fields))
    accounts.chmod(0o644)
    kernel.unshare(kernel.CLONE_NEWNS)
    kernel.mount("none", "/", kernel.MS_REC | kernel.MS_SLAVE)
    kernel.mount(accounts, "/etc/passwd", kernel.MS_BIND)
    settings = person.home / "wired"
    device = ["--fuse-device", str(stage.fuse)] if stage.fuse else []
    subprocess.run(
        person.identity.command([str(stage.mews), "agent", "install", "claude-code", *device]), cwd=person.workspace,
        env=person.environment | {"CLAUDE_CONFIG_DIR": str(settings)}, check=True, timeout=60, capture_output=True)
    return settings
