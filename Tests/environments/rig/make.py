"""Makes an environment as a description says, and runs a program in it.

    make.py DESCRIPTION PROGRAM [ARG...]

DESCRIPTION is a JSON object; README.md beside this directory lists its members. Only this process and its children
are changed: mounts are made in a mount namespace of their own, switches of the kernel in a user namespace of their
own, and both are gone with the program. The status is the program's; 100 if the environment can't be made, with the
reason on standard error.
"""

import json
import os
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import capabilities  # noqa: E402
import filters  # noqa: E402
import kernel  # noqa: E402
import mounts  # noqa: E402

CANNOT = 100
KNOWN = {
    "user", "namespaces", "map", "root", "proc", "hide", "read-only", "noexec", "writable", "switches", "files",
    "keep-capabilities", "refuse", "first-process",
}


def map_users(pid, mapping, user):
    """From outside, where a mapping of more than one user is allowed."""
    if mapping == "all":
        lines = {"uid_map": "0 0 4294967295", "gid_map": "0 0 4294967295"}
    elif mapping == "same":
        lines = {"uid_map": f"{user} {os.getuid()} 1", "gid_map": f"{user} {os.getgid()} 1"}
    elif mapping == "root":
        lines = {"uid_map": f"0 {os.getuid()} 1", "gid_map": f"0 {os.getgid()} 1"}
    else:
        raise ValueError(f"there is no map {mapping}")
    if mapping != "all":
        pathlib.Path(f"/proc/{pid}/setgroups").write_text("deny")
    for name, line in lines.items():
        pathlib.Path(f"/proc/{pid}/{name}").write_text(line)


def enter_namespaces(description):
    """Into new ones, as their owner; a second process, which stays outside, writes the maps."""
    wanted = set(description.get("namespaces", ()))
    if "user" in wanted:
        ready, done = os.pipe(), os.pipe()
        parent = os.getpid()
        helper = os.fork()
        if helper == 0:
            os.read(ready[0], 1)
            try:
                map_users(parent, description.get("map", "same"), os.getuid())
            except OSError as error:
                os.write(done[1], str(error).encode())
            os._exit(0)
        os.close(done[1])
        kernel.unshare(wanted)
        os.write(ready[1], b"x")
        os.waitpid(helper, 0)
        trouble = os.read(done[0], 1000)
        for descriptor in (*ready, done[0]):
            os.close(descriptor)
        if trouble:
            raise OSError(f"cannot map users: {trouble.decode()}")
    elif wanted:
        kernel.unshare(wanted)


def follow(child):
    """Ends as the child does; a signal that ends the child ends this process."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda received, _: os.kill(child, received))
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        os._exit(code)
    signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
    os._exit(128 - code)


def become_first_process(is_the_program):
    """In a PID namespace of its own: as its init, which reaps, or with the program itself as process 1."""
    child = os.fork()
    if child:
        follow(child)
    kernel.end_with_parent()
    if is_the_program:
        return
    child = os.fork()
    if child == 0:
        return
    # The program's status is told as a number: process 1 isn't ended by a signal that it sends to itself.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda received, _: os.kill(child, received))
    while True:
        ended, status = os.wait()
        if ended == child:
            code = os.waitstatus_to_exitcode(status)
            os._exit(code if code >= 0 else 128 - code)


def become(user):
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def make(description):
    unknown = set(description) - KNOWN
    if unknown:
        raise ValueError(f"there are no members {sorted(unknown)}")
    enter_namespaces(description)
    if "pid" in description.get("namespaces", ()):
        become_first_process(description.get("first-process", False))
    mounts.make(description)
    for name, value in description.get("switches", {}).items():
        pathlib.Path("/proc/sys", name).write_text(value)
    program = filters.program(description.get("refuse", {}))
    # Root without no_new_privs, as an engine does it; so set-user-ID programs stay what they are.
    is_loaded = bool(program) and kernel.load_filter(program)
    kept = description.get("keep-capabilities")
    if kept is not None:
        capabilities.keep_only(kept)
    if description.get("user") is not None:
        become(description["user"])
    if program and not is_loaded:
        kernel.refuse_new_privileges()
        if not kernel.load_filter(program):
            raise OSError("cannot load the filter")


def main():
    try:
        make(json.loads(sys.argv[1]))
    except (OSError, ValueError) as error:
        print(f"make.py: {error}", file=sys.stderr)
        os._exit(CANNOT)
    os.execvp(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
