"""The examples of README.md that set Mews up for Claude Code, run in an empty home by a user whose account has it."""

import os
import pathlib
import pwd
import shutil
import subprocess

import pytest

import console
from checkout import HERE, ROOT, TIME_LIMIT

COVERED = HERE.parent / "integration" / "payloads" / "covered.py"
OWN = ("mews agent ", "mews-shell ")


def test_the_commands_of_the_documentation_set_claude_code_up_and_take_it_back(home, prefix):
    home.see_reads()
    if not home.observes("reads"):
        pytest.skip("the examples show a host on which what is denied is seen; mews doctor says why it isn't here")
    # In a user namespace the files of root are nobody's, and Mews takes no profile from nobody.
    own = home.path / "installation"
    shutil.copytree(prefix, own, symlinks=True)
    account = pwd.getpwuid(os.getuid())
    passwd = home.path / "passwd"
    passwd.write_text(f"{account.pw_name}:x:{account.pw_uid}:{account.pw_gid}::{home.path}:/bin/sh\n")
    (home.path / ".ssh").mkdir(mode=0o700)
    (home.path / ".ssh" / "id_ed25519").write_text("not a key\n")
    environment = home.environment | {"PATH": f"{own}/bin:/usr/local/bin:/usr/bin:/bin"}
    device = os.environ.get("MEWS_TEST_FUSE")
    commands = [
        command
        for block in console.blocks((ROOT / "README.md").read_text()) if block.words == ["console", "host"]
        for command in block.commands() if command.text.startswith(OWN)]
    assert len(commands) == 5
    broken = []
    for command in commands:
        text = command.text
        if device and text == "mews agent install claude-code":
            text += f" --fuse-device {device}"
        result = subprocess.run(
            ["/usr/bin/python3", "-S", str(COVERED), str(passwd), "/etc/passwd", "bash", "-c", text], cwd=home.project,
            env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=TIME_LIMIT)
        if "covered.py:" in result.stdout:
            pytest.skip(result.stdout)
        if result.returncode != command.status or not console.matches(command.output, result.stdout):
            broken.append(f"README.md:{command.line}: $ {text}\n{result.stdout}[exit {result.returncode}]")
    assert not broken, "\n\n".join(broken)
    assert not (pathlib.Path(home.path) / ".claude" / "settings.json").exists()
