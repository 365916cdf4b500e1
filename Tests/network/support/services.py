"""Real servers on the internet of the tests: sshd, PostgreSQL, repositories and a package index."""

import contextlib
import os
import pathlib
import pwd
import signal
import socket
import subprocess
import time
import zipfile

from support import kernel

HOST = "git.example.com"


def run(*arguments, **options):
    subprocess.run(
        list(map(str, arguments)),
        check=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **options,
    )


def make_repository(directory):
    """A bare repository with one commit, for git-http-backend and ssh."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(directory),
        "GIT_AUTHOR_NAME": "T",
        "GIT_AUTHOR_EMAIL": "t@example.com",
        "GIT_COMMITTER_NAME": "T",
        "GIT_COMMITTER_EMAIL": "t@example.com",
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    work, bare = directory / "work", directory / "project.git"
    run("git", "init", "-q", "-b", "main", work, env=environment)
    (work / "greeting.txt").write_text("hello from the repository\n")
    run("git", "-C", work, "add", ".", env=environment)
    run("git", "-C", work, "commit", "-q", "-m", "Greet", env=environment)
    run("git", "clone", "-q", "--bare", work, bare, env=environment)
    return bare


def make_index(files):
    """A package index with one wheel, as pip reads it."""
    index = files / "simple" / "greeting"
    index.mkdir(parents=True)
    name, about = "greeting-1.0-py3-none-any.whl", "greeting-1.0.dist-info"
    with zipfile.ZipFile(index / name, "w") as wheel:
        wheel.writestr("greeting.py", "word = 'hello'\n")
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n")
        wheel.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{about}/RECORD", "")
    (index / "index.html").write_text(f'<a href="{name}">{name}</a>\n')


def wait_for_port(network, port, process, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert process.poll() is None, f"{process.args[0]} ended with {process.returncode}"
        with contextlib.suppress(OSError), kernel.within(network):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens at {port} after {seconds} s")


@contextlib.contextmanager
def running(world, arguments, port, user=None, **options):
    """A server in the internet, until the end."""

    def prepare():
        kernel.enter_network(world.networks.internet)
        if user:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)

    with open(world.directory / f"server{port}.log", "ab") as log:
        process = subprocess.Popen(
            list(map(str, arguments)),
            preexec_fn=prepare,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            **options,
        )
    try:
        wait_for_port(world.networks.internet, port, process)
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextlib.contextmanager
def ssh_server(world):
    """OpenSSH's sshd at port 22, for the user of the tests. Gives the user's key and a known_hosts line."""
    directory = world.directory / "ssh"
    directory.mkdir(mode=0o700)
    for name in ("host", "user"):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", directory / name)
    (directory / "authorized").write_text((directory / "user.pub").read_text())
    (directory / "config").write_text(
        f"Port 22\nHostKey {directory}/host\nAuthorizedKeysFile {directory}/authorized\nStrictModes no\nUsePAM no\n"
        "PasswordAuthentication no\nPermitRootLogin yes\nPidFile none\nSubsystem sftp internal-sftp\n"
    )
    if os.getuid() == 0:
        # Where sshd locks up the part of it that strangers talk to; Debian's service makes it at its start.
        pathlib.Path("/run/sshd").mkdir(exist_ok=True)
    line = f"{HOST} {(directory / 'host.pub').read_text()}"
    with running(world, ["/usr/sbin/sshd", "-D", "-e", "-f", directory / "config"], 22):
        yield directory / "user", line


@contextlib.contextmanager
def postgresql(world):
    """PostgreSQL at port 5432. It refuses to be run by root; then it is Debian's user for it."""
    programs = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
    data = world.directory / "postgresql"
    data.mkdir(mode=0o700)
    user = None
    prefix = []
    if os.getuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(data, user.pw_uid, user.pw_gid)
        prefix = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    run(
        *prefix,
        programs / "initdb",
        "-D",
        data / "base",
        "-U",
        "tester",
        "--no-sync",
        "-A",
        "trust",
        env=environment,
        cwd="/",
    )
    with open(data / "base" / "pg_hba.conf", "a", encoding="ascii") as file:
        file.write("host all all all trust\n")
    arguments = [
        programs / "postgres",
        "-D",
        data / "base",
        "-p",
        "5432",
        "-c",
        "listen_addresses=*",
        "-c",
        "fsync=off",
        "-c",
        f"unix_socket_directories={data}",
    ]
    with running(world, arguments, 5432, user, env=environment, cwd="/"):
        yield
