#!/usr/bin/python3
"""Takes bubblewrap's command line and runs the command in Mews, under a profile that says the same.

In the directory that MEWS_SHIM_NOTES names it notes each run (`runs`) and what Mews has nothing like (`unmet`), so that
whoever runs the shim can tell a test that isn't applicable, or tries nothing, from others. What is mapped to what says
options.yaml.
"""

import ctypes
import os
import pathlib
import signal
import sys
import tempfile

import yaml

HERE = pathlib.Path(__file__).resolve().parent
# Mews makes these itself.
OWN = ("/dev", "/proc")
PR_SET_PDEATHSIG = 1


class Unmet(Exception):
    """Something that Mews has nothing like."""


class Line:
    """One command line."""

    def __init__(self, words):
        self.table = yaml.safe_load((HERE / "options.yaml").read_text(encoding="utf-8"))
        self.grants = {"read": [], "write": []}
        self.protect, self.options, self.inside = [], [], []
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name.isidentifier() and not name.startswith("MEWS") and name != "_"
        }
        self.whole_root, self.has_private_tmp, self.dies_with_parent = None, False, False
        self.unmet = []
        self.command = self.read(words)

    def read(self, words):
        words = list(words)
        while words and words[0].startswith("--"):
            word = words.pop(0)
            if word == "--":
                break
            if word not in self.table:
                self.unmet.append(f"{word}: not an option that the shim knows")
                return []
            arguments = [words.pop(0) for _ in range(self.table[word]["takes"])]
            if word == "--args":
                with open(int(arguments[0]), encoding="utf-8", closefd=False) as file:
                    words[:0] = file.read().split("\0")[:-1]
            elif "unlike" in self.table[word]:
                self.unmet.append(word)
            else:
                try:
                    self.take(word.removeprefix("--").replace("-", "_"), arguments)
                except Unmet as reason:
                    self.unmet.append(f"{word} {reason}")
        return words

    def take(self, name, arguments):
        getattr(self, name, lambda *_: None)(*arguments)

    def grant(self, access, source, destination):
        if source != destination:
            raise Unmet("SOURCE at another place")
        if source == "/":
            self.whole_root = access
        elif source not in OWN:
            self.grants[access].append(source)

    def bind(self, source, destination):
        self.grant("write", source, destination)

    def ro_bind(self, source, destination):
        self.grant("read", source, destination)

    bind_try, ro_bind_try = bind, ro_bind

    def remount_ro(self, path):
        self.protect.append(path)

    def symlink(self, target, path):
        if not (os.path.islink(path) and os.readlink(path) == target):
            raise Unmet("that the host doesn't have")

    def proc(self, path):
        if path != "/proc":
            raise Unmet("elsewhere")

    def dev(self, path):
        if path != "/dev":
            raise Unmet("elsewhere")

    def tmpfs(self, path):
        if path != "/tmp":
            raise Unmet("elsewhere than at /tmp")
        self.has_private_tmp = True

    def chdir(self, path):
        self.options += ["--cwd", path]

    def clearenv(self):
        self.environment.clear()

    def setenv(self, name, value):
        self.environment[name] = value

    def unsetenv(self, name):
        self.environment.pop(name, None)

    def die_with_parent(self):
        self.dies_with_parent = True

    def lock_file(self, path):
        self.inside += ["lock", path]

    def seccomp(self, descriptor):
        try:
            program = os.pread(int(descriptor), 1 << 20, 0)
        except (OSError, ValueError):
            program = b""
        if not program or len(program) % 8:
            raise Unmet("that can't be read: the words of its errors")
        self.inside += ["filter", program.hex()]

    add_seccomp_fd = seccomp

    def profile(self):
        grants = {access: list(paths) for access, paths in self.grants.items()}
        if self.whole_root:
            left_out = {*OWN, "/tmp"} if self.has_private_tmp else {*OWN}
            for entry in sorted(os.scandir("/"), key=lambda entry: entry.name):
                # A file of the host's root is no grant that anybody writes, and a link follows its target.
                if entry.path not in left_out and entry.is_dir():
                    grants[self.whole_root].append(entry.path)
        workspace = "write" if self.whole_root == "write" else "read"
        return yaml.safe_dump({
            "version": 1,
            "name": "bwrap",
            "filesystem": {"workspace": workspace, **grants, "protect": self.protect},
        })

    def arguments(self, profile):
        device = os.environ.get("MEWS_SHIM_FUSE")
        found = [os.environ["MEWS_SHIM_MEWS"], "run", "--quiet", "-p", profile, "-w", os.getcwd(), *self.options]
        found += ["--fuse-device", device] if device else []
        for name, value in self.environment.items():
            found += ["--env", f"{name}={value}"]
        # Its text and not its path: that may lie in a /tmp that the view doesn't have.
        program = (HERE / "inside.py").read_text(encoding="utf-8")
        prelude = ["/usr/bin/python3", "-I", "-S", "-c", program, *self.inside, "--"]
        return [*found, "--", *(prelude if self.inside else []), *self.command]


def note(name, lines):
    with open(pathlib.Path(os.environ["MEWS_SHIM_NOTES"], name), "a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def main():
    line = Line(sys.argv[1:])
    note("runs", ["one"])
    if line.unmet:
        note("unmet", line.unmet)
        sys.exit(f"bwrap: Mews has nothing like {', '.join(line.unmet)}")
    if line.dies_with_parent:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    profile = tempfile.NamedTemporaryFile("w", suffix=".yaml", dir=os.environ["MEWS_SHIM_PROFILES"], delete=False)
    with profile:
        profile.write(line.profile())
    arguments = line.arguments(profile.name)
    os.execv(arguments[0], arguments)


if __name__ == "__main__":
    main()
