"""What both benches need before they can measure: the C programs, a scratch directory, Mews, and who runs it."""

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .measure import Command, Identity, MeasurementFailed
from .view import below, parse_mounts

CHECKOUT = Path(__file__).resolve().parents[2]
SOURCES = CHECKOUT / "Benchmarks"


@dataclass(frozen=True)
class Stage:
    """Programs and directories of one run. Everything lies below `scratch` and goes away with it."""

    scratch: Path
    mews: Path
    spawn: Path
    floors: dict[str, Path]
    # Where logs are written, and the FUSE device if it isn't the usual one.
    logs: Path
    fuse: Path | None

    def for_identity(self, identity: Identity) -> "Person":
        """A home and a workspace, a git repository as nearly every real one is, that belong to `identity`."""
        home = self.scratch / f"home-{identity.name}"
        workspace = home / "project"
        state = self.logs / f"state-{identity.name}"
        workspace.mkdir(parents=True)
        state.mkdir()
        subprocess.run(["git", "init", "--quiet", str(workspace)], check=True, env={"HOME": str(home), "PATH": PATH})
        (home / READS_OFF).write_text("version: 1\nname: reads-off\nextends: [workspace]\naudit: {reads: off}\n")
        if identity.uid is not None:
            os.chown(state, identity.uid, identity.gid or 0)
            for directory, names, files in os.walk(home):
                for name in [".", *names, *files]:
                    os.chown(Path(directory, name), identity.uid, identity.gid or 0, follow_symlinks=False)
        return Person(identity, home, workspace, state)

    def run(self, *options: str) -> Command:
        """`mews run` with everything on: that denied reads are seen is demanded, not hoped for."""
        device = ["--fuse-device", str(self.fuse)] if self.fuse else []
        return [str(self.mews), "run", *device, *options]

    def run_without_reads(self, person: "Person", *options: str) -> Command:
        """The same with `audit: {reads: off}`."""
        return [str(self.mews), "run", "-p", str(person.home / READS_OFF), *options]


PATH = "/usr/local/bin:/usr/bin:/bin"
REALTIME = ("/usr/bin/chrt", "--fifo", "1")
READS_OFF = "reads-off.yaml"


@dataclass(frozen=True)
class Person:
    identity: Identity
    home: Path
    workspace: Path
    state: Path

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": PATH, "HOME": str(self.home), "LANG": "C.UTF-8", "XDG_STATE_HOME": str(self.state)}


def identities(wanted: str, realtime: bool) -> list[Identity]:
    """Who measures: the caller, and for root an unprivileged user as well, because that is how Mews is mostly run."""
    if os.geteuid() != 0:
        if wanted == "root" or realtime:
            raise MeasurementFailed("only root can measure as root, or with real-time priority")
        return [Identity("user")]
    before = REALTIME if realtime else ()
    user = unprivileged_user()
    number = (str(user.pw_uid), str(user.pw_gid))
    prefix = (*before, "/usr/bin/setpriv", "--reuid", number[0], "--regid", number[1], "--clear-groups", "--")
    available = {"user": Identity("user", prefix, user.pw_uid, user.pw_gid), "root": Identity("root", before)}
    return list(available.values()) if wanted == "both" else [available[wanted]]


def unprivileged_user() -> pwd.struct_passwd:
    for entry in sorted(pwd.getpwall(), key=lambda entry: entry.pw_uid):
        if 1000 <= entry.pw_uid < 60000:
            return entry
    return pwd.getpwnam("nobody")


def compile_program(target: Path, compiler: list[str], sources: list[str]) -> Path:
    command = [*compiler, "-O2", "-static", *(str(SOURCES / source) for source in sources), "-o", str(target)]
    subprocess.run(command, check=True, timeout=120)
    return target


def compile_floors(directory: Path) -> dict[str, Path]:
    """The floor with each C library at hand: glibc's start costs a few hundred microseconds on virtual machines (it
    asks the processor about itself by CPUID, which traps there), musl's next to nothing."""
    sources = ["floor.c", "floor-view.c", "floor-walls.c"]
    floors = {"floor-glibc": compile_program(directory / "floor-glibc", ["gcc"], sources)}
    if shutil.which("musl-gcc"):
        # musl-gcc hides the kernel's headers together with glibc's.
        headers = ["-idirafter", "/usr/include", "-idirafter", f"/usr/include/{os.uname().machine}-linux-gnu"]
        floors["floor-musl"] = compile_program(directory / "floor-musl", ["musl-gcc", *headers], sources)
    return floors


def install_mews(directory: Path) -> Path:
    install = CHECKOUT / "scripts" / "install"
    if not install.exists():
        raise MeasurementFailed(f"no Mews to measure: give --prefix or MEWS_PREFIX ({install} doesn't exist)")
    subprocess.run([str(install), "--prefix", str(directory)], check=True)
    return directory


def scratch_parent() -> str:
    """Where homes usually are: /tmp and /var/tmp are others inside, and a workspace below them costs more mounts."""
    candidates = ["/srv"] if os.geteuid() == 0 else [pwd.getpwuid(os.geteuid()).pw_dir]
    return next((path for path in candidates if os.access(path, os.W_OK)), "/var/tmp")


def fuse_device(given: str | None, scratch: Path) -> Path | None:
    """What everybody who measures can open: the device that was named, /dev/fuse, or a node that root makes."""
    if given:
        return Path(given)
    if os.geteuid() != 0:
        if not os.access("/dev/fuse", os.R_OK | os.W_OK):
            raise MeasurementFailed("denied reads can't be seen without /dev/fuse: name a node (--fuse-device)")
    elif os.stat("/dev/fuse").st_mode & 0o006 != 0o006:
        node = scratch / "fuse"
        os.mknod(node, 0o666 | stat.S_IFCHR, os.makedev(10, 229))
        node.chmod(0o666)
        return node
    return Path("/dev/fuse")


def file_system(path: Path) -> str:
    """The type of the file system that holds `path`."""
    mounts = parse_mounts(Path("/proc/self/mountinfo").read_text())
    return max((mount for mount in mounts if below(str(path), mount.point) is not None),
               key=lambda mount: len(mount.point)).type


@contextmanager
def stage(prefix: str | None, fuse: str | None, logs: str | None) -> Iterator[Stage]:
    """Compiles the programs, and installs Mews unless `prefix` names an installation."""
    scratch = Path(tempfile.mkdtemp(prefix="mews-bench-", dir=scratch_parent()))
    log_directory = Path(tempfile.mkdtemp(prefix="mews-bench-", dir=logs)) if logs else scratch / "logs"
    try:
        scratch.chmod(0o755)
        log_directory.mkdir(exist_ok=True)
        log_directory.chmod(0o755)
        print(f"logs go to {log_directory}, on {file_system(log_directory)}")
        installation = Path(prefix) if prefix else install_mews(scratch / "prefix")
        mews = installation.resolve() / "bin" / "mews"
        if not mews.exists():
            raise MeasurementFailed(f"{mews} doesn't exist")
        spawn = compile_program(scratch / "spawn", ["gcc"], ["spawn.c"])
        yield Stage(
            scratch, mews, spawn, compile_floors(scratch), log_directory, fuse_device(fuse, scratch))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.rmtree(log_directory, ignore_errors=True)
