"""The processes of the egress bench: an origin, relays of which Mews is one, and the client that asks them."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from .measure import MeasurementFailed

PROGRAMS = Path(__file__).resolve().parents[1] / "egress"
NAME = "origin.test"
ANSWER_SECONDS = 120


def compile_programs(directory: Path) -> dict[str, Path]:
    """The origin, the floors and the client, static, so that the last one runs inside whatever the view is."""
    found = {}
    for name in ("origin", "relay", "recorder", "watched", "client"):
        found[name] = directory / f"egress-{name}"
        command = ["gcc", "-O2", "-static", "-w", "-o", str(found[name]), str(PROGRAMS / f"{name}.c")]
        subprocess.run(command, check=True, timeout=120, stderr=subprocess.DEVNULL)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port: int, process: subprocess.Popen, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise MeasurementFailed(f"{process.args[0]} ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise MeasurementFailed(f"{process.args[0]} doesn't listen after {seconds} s")


def descendants(pid: int) -> list[int]:
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for child in task.read_text().split():
                found += descendants(int(child))
        except OSError:
            continue
    return found


def program_name(pid: int) -> str:
    """The first word of its command line, without directories."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")[0].rpartition("/")[2]
    except OSError:
        return ""


def processor_nanoseconds(pids: list[int]) -> int:
    """What these processes have used of the processors: exactly, as far as their threads still run
    (proc_pid_schedstat(5)); of those that are over the process knows by hundredths of a second (proc_pid_stat(5))."""
    total = 0
    for pid in pids:
        running = 0
        for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            try:
                running += int(task.read_text().split()[0])
            except OSError:
                continue
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks = int(fields[11]) + int(fields[12])
        counted = ticks * 1_000_000_000 // os.sysconf("SC_CLK_TCK")
        # One thread that runs has all of it; the ticks would only be coarser.
        total += max(running, counted) if counted > running + 50_000_000 else running
    return total


def anonymous_kib(pids: list[int]) -> int:
    """The memory of these processes that is nobody else's and no file's."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                total += int(line.split()[1])
    return total


def peak_kib(pid: int) -> int:
    """The most that a process had in memory at once."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0


@dataclass
class Row:
    """A way from the client to the origin, and everything measured on it."""

    name: str
    client: subprocess.Popen
    # The relay's own process; None for the connection without one.
    relay: int | None = None
    is_mews: bool = False
    # Whom it tells of its tunnels.
    recorder: int | None = None
    latencies: list[int] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    connection_processor: list[float] = field(default_factory=list)
    door_processor: list[float] = field(default_factory=list)
    speeds: list[float] = field(default_factory=list)
    byte_processor: list[float] = field(default_factory=list)
    idle_kib: float = 0
    base_kib: int = 0
    used: float = 0

    def ask(self, command: str) -> str:
        """Has the client do something."""
        assert self.client.stdin and self.client.stdout
        self.client.stdin.write(command + "\n")
        self.client.stdin.flush()
        answer = self.client.stdout.readline()
        if not answer or answer.startswith("failed"):
            raise MeasurementFailed(f"{self.name}: {command}: {answer.strip() or 'no answer'}")
        return answer.strip()

    def processes(self) -> list[int]:
        """What relays: of Mews its supervisor and its door, not what runs in the sandbox."""
        if self.relay is None:
            return []
        if not self.is_mews:
            return descendants(self.relay) + ([self.recorder] if self.recorder else [])
        return [self.relay, *self.doors()]

    def doors(self) -> list[int]:
        return doors(self.relay) if self.is_mews and self.relay else []

    def end(self) -> None:
        if self.client.stdin:
            self.client.stdin.close()
        try:
            self.client.wait(20)
        except subprocess.TimeoutExpired:
            self.client.kill()
            self.client.wait()


def doors(pid: int) -> list[int]:
    return [child for child in descendants(pid) if program_name(child) == "mews-egress"]


def popen(command: list[str], **options) -> subprocess.Popen:
    return subprocess.Popen(
        [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options
    )


@dataclass
class Relays:
    """Starts relays and ends them."""

    scratch: Path
    started: list[subprocess.Popen] = field(default_factory=list)

    def program(self, command: list[str]) -> tuple[subprocess.Popen, int]:
        """A program of ours, which prints its port."""
        process = popen(command)
        self.started.append(process)
        assert process.stdout
        return process, int(process.stdout.readline())

    def server(self, command: list[str], port: int, seconds: float = 30) -> subprocess.Popen:
        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
        )
        self.started.append(process)
        wait_for_port(port, process, seconds)
        return process

    def end(self) -> None:
        for process in self.started:
            process.terminate()
        for process in self.started:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for segment in Path("/dev/shm").glob(f"bench{os.getpid()}-*"):
            segment.unlink()

    def tinyproxy(self) -> tuple[subprocess.Popen, int]:
        port = free_port()
        configuration = self.scratch / "tinyproxy.conf"
        configuration.write_text(
            f"Port {port}\nListen 127.0.0.1\nMaxClients 2000\nTimeout 600\nAllow 127.0.0.1\nLogLevel Critical\n"
        )
        return self.server(["tinyproxy", "-d", "-c", configuration], port), port

    def squid(self) -> tuple[subprocess.Popen, int]:
        port = free_port()
        configuration = self.scratch / "squid.conf"
        # It doesn't run as root.
        user = "proxy" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        configuration.write_text(
            f"http_port 127.0.0.1:{port}\nhttp_access allow all\ncache deny all\naccess_log none\ncache_log /dev/null\n"
            "pid_filename none\nmax_filedescriptors 8192\nshutdown_lifetime 0 seconds\npinger_enable off\n"
            f"netdb_filename none\ncoredump_dir /\ncache_effective_user {user}\n"
        )
        # The name is that of its shared memory, which one that was killed leaves behind.
        return self.server(["squid", "-N", "-n", f"bench{os.getpid()}", "-f", configuration], port), port

    def nginx(self, origin: int) -> tuple[subprocess.Popen, int]:
        port = free_port()
        configuration = self.scratch / "nginx.conf"
        module = "/usr/lib/nginx/modules/ngx_stream_module.so"
        configuration.write_text(
            f"load_module {module};\ndaemon off;\nmaster_process off;\npid {self.scratch}/nginx.pid;\n"
            f"error_log /dev/null;\nworker_rlimit_nofile 8192;\nevents {{ worker_connections 8000; }}\n"
            f"stream {{ server {{ listen 127.0.0.1:{port}; proxy_pass 127.0.0.1:{origin}; }} }}\n"
        )
        return self.server(["nginx", "-c", configuration, "-e", "/dev/null"], port), port

    def mitmproxy(self) -> tuple[subprocess.Popen, int]:
        """From PyPI, in a virtual environment that is kept for the next time."""
        place = Path(f"/var/tmp/mews-bench-mitmproxy-{os.geteuid()}")
        program = place / "bin" / "mitmdump"
        if not program.exists():
            print("bench: installing mitmproxy from PyPI", file=sys.stderr)
            subprocess.run(["/usr/bin/python3", "-m", "venv", str(place)], check=True, timeout=120)
            subprocess.run([str(place / "bin" / "pip"), "-q", "install", "mitmproxy"], check=True, timeout=400)
        port = free_port()
        command = [
            program,
            "-q",
            "--listen-host",
            "127.0.0.1",
            "-p",
            port,
            "--ignore-hosts",
            ".*",
            "--set",
            f"confdir={self.scratch / 'mitm'}",
        ]
        return self.server(command, port, 60), port

    def available(self, origin: int) -> dict[str, tuple[subprocess.Popen, int]]:
        """The relays of others that are installed; of the others it is said that they aren't."""
        found = {}
        for name, program, start in (
            ("tinyproxy", "tinyproxy", self.tinyproxy),
            ("squid", "squid", self.squid),
            ("nginx stream", "nginx", lambda: self.nginx(origin)),
            ("mitmproxy", "python3", self.mitmproxy),
        ):
            path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
            os.environ["PATH"] = path
            if shutil.which(program) is None:
                print(f"bench: {program} isn't installed: no row of it", file=sys.stderr)
                continue
            try:
                found[name] = start()
            except (MeasurementFailed, subprocess.SubprocessError, OSError) as failure:
                print(f"bench: {name} doesn't start: {failure}", file=sys.stderr)
        return found
