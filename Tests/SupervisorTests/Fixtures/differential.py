"""Holds the foretold verdicts against the kernel: every call that changes a file, in every kind of place.

    differential.py TRIAL PROFILES BASE [notify|off]

A tree is made below BASE. The calls are made in it twice, by the same program: as it is, and in a sandbox in which
one directory can be written to, one only read, one is kept out, one protected with its ancestors held fast, and one
isn't there. What succeeds outside and fails inside is a denial and must have been recorded as one; nothing else may
be. Prints what differs, then a line of numbers; exit status 1 if anything did.
"""

import collections
import ctypes
import errno
import itertools
import json
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys

NUMBERS = {
    "open": 2, "openat": 257, "creat": 85, "unlink": 87, "unlinkat": 263, "rmdir": 84, "rename": 82,
    "renameat": 264, "renameat2": 316, "link": 86, "linkat": 265, "symlink": 88, "symlinkat": 266, "mkdir": 83,
    "mkdirat": 258, "mknod": 133, "mknodat": 259, "truncate": 76, "chmod": 90, "fchmod": 91, "fchmodat": 268,
    "fchmodat2": 452, "chown": 92, "fchown": 93, "lchown": 94, "fchownat": 260, "utime": 132, "utimes": 235,
    "futimesat": 261, "utimensat": 280, "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190, "removexattr": 197,
    "lremovexattr": 198, "fremovexattr": 199,
}  # fmt: skip
CWD = -100
libc = ctypes.CDLL(None, use_errno=True)

# What lies in each directory. The last ones are names that don't exist.
NAMES = ["file", "dir", "full", "link", "dangling", "fifo", "missing", "missing/below", "dir/", "file/"]
PAIRED = ["file", "dir", "missing"]
PLACES = ["ws", "ws/dir", "ws/a", "ws/a/b", "ws/a/b/prot", "ws/kept", "rw", "ro", "out"]
# Whole mounts, and paths whose way has links and dots in it.
WAYS = [
    "ws/a", "ws/a/b", "ws/a/b/prot", "ws/a/b/pfile", "ws/kept", "ws/keptfile", "ws/to-ro/file", "ws/to-out/file",
    "ws/to-ro/missing", "ws/to-out/missing", "ws/to-rw/file", "ws/abs-ro/file", "ws/dir/../../ro/file",
    "ws/to-ro/../rw/missing", "ws/./dir/.", "ws/dir/..", "ws/loop", "ws/loop/x", "ro/to-ws/file", "ro/to-ws/missing",
    "ws/link-ro", "ws/link-out", "ws/dangling-ro", "ws/dangling-out", "ws//a///b//pfile",
]  # fmt: skip


MAKERS = {
    "file": lambda path: path.write_text("text\n"),
    "dir": lambda path: path.mkdir(),
    "full": lambda path: (path.mkdir(), (path / "inner").touch()),
    "link": lambda path: path.symlink_to("file"),
    "dangling": lambda path: path.symlink_to("missing"),
    "fifo": lambda path: os.mkfifo(path),
}


def fill(directory):
    """Makes what every directory holds."""
    directory.mkdir(exist_ok=True)
    for name, make in MAKERS.items():
        make(directory / name)


def empty(directory, keep=()):
    for entry in os.scandir(directory):
        path = os.path.join(directory, entry.name)
        if path in keep:
            continue
        if entry.is_dir(follow_symlinks=False):
            os.chmod(path, 0o755)
            shutil.rmtree(path)
        else:
            os.unlink(path)


# What only the way of a path needs.
LINKS = {
    "ws/to-ro": "../ro", "ws/to-out": "../out", "ws/to-rw": "../rw", "ws/loop": "loop", "ws/link-ro": "../ro/file",
    "ws/link-out": "../out/file", "ws/dangling-ro": "../ro/missing", "ws/dangling-out": "../out/missing",
}  # fmt: skip


# Content and attributes may stay changed: nothing of it decides about the next call.
HARMLESS = ("chmod", "chown", "fch", "lchown", "utime", "futime", "set", "truncate", "open w ", "open rw ", "open trunc ")
TREES = ("ws", "rw", "ro", "out")


def build(base, inside, trees=TREES):
    """Makes these trees anew; inside only what can be changed there."""
    ws = base / "ws"
    if not inside:
        for tree in trees:
            shutil.rmtree(base / tree, ignore_errors=True)
            (base / tree).mkdir()
        for place in PLACES:
            if place != "ws/dir" and place.split("/")[0] in trees:
                (base / place).mkdir(parents=True, exist_ok=True)
                fill(base / place)
        if "ro" in trees:
            (base / "ro/to-ws").symlink_to("../ws")
        if "ws" not in trees:
            return
        (ws / "a/b/pfile").write_text("text\n")
        (ws / "keptfile").write_text("text\n")
    else:
        held = [base / place for place in ("ws/a", "ws/kept", "ws/keptfile")]
        empty(ws, set(map(str, held)))
        empty(ws / "a", {str(ws / "a/b")})
        empty(ws / "a/b", {str(ws / "a/b/prot"), str(ws / "a/b/pfile")})
        empty(base / "rw")
        for place in ("ws", "ws/a", "ws/a/b", "rw"):
            fill(base / place)
    fill(ws / "dir")
    for name, target in LINKS.items():
        os.symlink(target, base / name)
    os.symlink(base / "ro", ws / "abs-ro")


KINDS = {"file": 0o10, "dir": 0o4, "full": 0o4, "link": 0o12, "dangling": 0o12, "fifo": 0o1}
CHANGEABLE = ("ws", "ws/dir", "ws/a", "ws/a/b", "rw")
STANDING = [*LINKS, "ws/abs-ro", "ws/a/b/prot", "ws/a/b/pfile", "ws/kept", "ws/keptfile"]
OTHERS = {os.path.basename(name) for name in LINKS} | {"abs-ro", "a", "b", "kept", "keptfile", "prot", "pfile", "to-ws"}


def repair(base, name, inside):
    """Makes good what one call has changed, in the directories that its paths name."""
    paths = [word for word in name.split() if word.startswith(TREES)]
    places = [os.path.dirname(path.rstrip("/")) for path in paths]
    within = CHANGEABLE if inside else PLACES
    standing = [base / way for way in STANDING if not inside or way.split("/")[1] not in ("kept", "keptfile")]
    if not all(map(os.path.lexists, standing)) or any((base / place).is_symlink() for place in within):
        return build(base, inside)
    if not all(os.path.isdir(base / place) for place in within) or os.path.isdir(base / "ws/a/b/pfile"):
        return build(base, inside)
    if any(place not in PLACES or path in WAYS for place, path in zip(places, paths)):
        places = within
    for place in places:
        wanted = dict(KINDS)
        for entry in os.scandir(base / place):
            kind = entry.stat(follow_symlinks=False).st_mode >> 12
            if wanted.get(entry.name) == kind:
                del wanted[entry.name]
            elif entry.name not in OTHERS:
                remove(entry.path)
        for missing in wanted:
            MAKERS[missing](base / place / missing)


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)


def call(name, *arguments):
    """The error number of a system call; of one that opens, the descriptor is closed again."""
    converted = [
        ctypes.c_char_p(bytes(a)) if isinstance(a, (bytes, bytearray)) else ctypes.c_long(a) for a in arguments
    ]
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(NUMBERS[name]), *converted)
    if result < 0:
        return ctypes.get_errno()
    if name in ("open", "openat", "creat"):
        os.close(result)
    return 0


def times():
    return struct.pack("4q", 1, 0, 1, 0)


OPENS = {
    "w": os.O_WRONLY, "rw": os.O_RDWR, "creat-w": os.O_CREAT | os.O_WRONLY, "creat-r": os.O_CREAT | os.O_RDONLY,
    "excl": os.O_CREAT | os.O_EXCL | os.O_WRONLY, "trunc": os.O_TRUNC | os.O_RDONLY,
    "shell": os.O_CREAT | os.O_WRONLY | os.O_TRUNC, "nofollow": os.O_WRONLY | os.O_NOFOLLOW,
    "creat-nofollow": os.O_CREAT | os.O_WRONLY | os.O_NOFOLLOW, "tmpfile": os.O_TMPFILE | os.O_RDWR,
    "directory": os.O_WRONLY | os.O_DIRECTORY, "path": os.O_PATH | os.O_WRONLY | os.O_CREAT,
    "excl-only": os.O_EXCL | os.O_WRONLY,
}  # fmt: skip


def single():
    """All acts on one path, by name: functions of the path."""
    acts = {}
    for name, flags in OPENS.items():
        flags |= os.O_NONBLOCK
        acts[f"open {name}"] = lambda p, f=flags: call("open", p, f, 0o644)
        acts[f"openat {name}"] = lambda p, f=flags: call("openat", CWD, p, f, 0o644)
    # It would wait for a reader of a pipe.
    acts["creat"] = lambda p: None if p.endswith(b"fifo") else call("creat", p, 0o644)
    acts["unlink"] = lambda p: call("unlink", p)
    acts["unlinkat"] = lambda p: call("unlinkat", CWD, p, 0)
    acts["unlinkat dir"] = lambda p: call("unlinkat", CWD, p, 0x200)
    acts["rmdir"] = lambda p: call("rmdir", p)
    acts["symlink"] = lambda p: call("symlink", b"file", p)
    acts["symlinkat"] = lambda p: call("symlinkat", b"file", CWD, p)
    acts["mkdir"] = lambda p: call("mkdir", p, 0o755)
    acts["mkdirat"] = lambda p: call("mkdirat", CWD, p, 0o755)
    acts["mknod"] = lambda p: call("mknod", p, 0o100644, 0)
    acts["mknodat fifo"] = lambda p: call("mknodat", CWD, p, 0o010644, 0)
    acts["truncate"] = lambda p: call("truncate", p, 1)
    acts["chmod"] = lambda p: call("chmod", p, 0o755)
    acts["fchmodat"] = lambda p: call("fchmodat", CWD, p, 0o755)
    acts["fchmodat2"] = lambda p: call("fchmodat2", CWD, p, 0o755, 0)
    acts["chown"] = lambda p: call("chown", p, -1, -1)
    acts["lchown"] = lambda p: call("lchown", p, -1, -1)
    acts["fchownat"] = lambda p: call("fchownat", CWD, p, -1, -1, 0)
    acts["fchownat nofollow"] = lambda p: call("fchownat", CWD, p, -1, -1, 0x100)
    acts["utime"] = lambda p: call("utime", p, 0)
    acts["utimes"] = lambda p: call("utimes", p, times())
    acts["futimesat"] = lambda p: call("futimesat", CWD, p, times())
    acts["utimensat"] = lambda p: call("utimensat", CWD, p, times(), 0)
    acts["utimensat nofollow"] = lambda p: call("utimensat", CWD, p, times(), 0x100)
    acts["setxattr"] = lambda p: call("setxattr", p, b"user.mews", b"x", 1, 0)
    acts["removexattr"] = lambda p: by_attribute(p, lambda: call("removexattr", p, b"user.mews"))
    for name in ("fchmod", "fchown", "utimensat fd", "fsetxattr", "fchownat fd", "fchmodat2 fd"):
        acts[name] = lambda p, n=name: by_descriptor(p, n)
    acts["bind"] = bind
    acts["connect"] = connect
    acts["openat dirfd"] = lambda p: at_directory(p, lambda d, n: call("openat", d, n, os.O_WRONLY | 0o4100, 0o644))
    acts["unlinkat dirfd"] = lambda p: at_directory(p, lambda d, n: call("unlinkat", d, n, 0))
    acts["mkdirat dirfd"] = lambda p: at_directory(p, lambda d, n: call("mkdirat", d, n, 0o755))
    acts["mkdir relative"] = lambda p: in_directory(p, lambda n: call("mkdir", n, 0o755))
    acts["unlink relative"] = lambda p: in_directory(p, lambda n: call("unlink", n))
    acts["open self"] = lambda p: at_directory(
        p, lambda d, n: call("open", b"/proc/self/fd/%d/%s" % (d, n), os.O_WRONLY | 0o4100, 0o644)
    )
    acts["open cwd"] = lambda p: in_directory(
        p, lambda n: call("open", b"/proc/self/cwd/" + n, os.O_WRONLY | 0o4100, 0o644)
    )
    return acts


def by_attribute(path, act):
    return act()


def by_descriptor(path, name):
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return None  # reading is somebody else's business
    try:
        return {
            "fchmod": lambda: call("fchmod", descriptor, 0o755),
            "fchown": lambda: call("fchown", descriptor, -1, -1),
            "utimensat fd": lambda: call("utimensat", descriptor, 0, times(), 0),
            "fsetxattr": lambda: call("fsetxattr", descriptor, b"user.mews", b"x", 1, 0),
            "fchownat fd": lambda: call("fchownat", descriptor, b"", -1, -1, 0x1000),
            "fchmodat2 fd": lambda: call("fchmodat2", descriptor, b"", 0o755, 0x1000),
        }[name]()
    finally:
        os.close(descriptor)


def at_directory(path, act):
    parent, name = os.path.split(path.rstrip(b"/"))
    try:
        descriptor = os.open(parent, os.O_PATH | os.O_DIRECTORY)
    except OSError:
        return None
    try:
        return act(descriptor, name)
    finally:
        os.close(descriptor)


def in_directory(path, act):
    parent, name = os.path.split(path.rstrip(b"/"))
    try:
        os.chdir(parent)
    except OSError:
        return None
    try:
        return act(name)
    finally:
        os.chdir("/")


def bind(path):
    with socket.socket(socket.AF_UNIX) as made:
        try:
            made.bind(path)
        except OSError as error:
            return error.errno
    return 0


def connect(path):
    with socket.socket(socket.AF_UNIX) as made:
        made.setblocking(False)
        try:
            made.connect(path)
        except OSError as error:
            return error.errno
    return 0


def double():
    return {
        "rename": lambda a, b: call("rename", a, b),
        "renameat": lambda a, b: call("renameat", CWD, a, CWD, b),
        "renameat2 noreplace": lambda a, b: call("renameat2", CWD, a, CWD, b, 1),
        "renameat2 exchange": lambda a, b: call("renameat2", CWD, a, CWD, b, 2),
        "link": lambda a, b: call("link", a, b),
        "linkat": lambda a, b: call("linkat", CWD, a, CWD, b, 0),
        "linkat follow": lambda a, b: call("linkat", CWD, a, CWD, b, 0x400),
    }


def cases(base):
    """Everything that is tried: a name and a function of nothing."""
    ones = [f"{place}/{name}" for place in PLACES for name in NAMES] + WAYS
    for name, act in single().items():
        for path in ones:
            yield f"{name} {path}", lambda a=act, p=path: a(os.fsencode(f"{base}/{p}"))
    pairs = [f"{place}/{name}" for place in PLACES for name in PAIRED] + ["ws/a", "ws/kept", "ws/keptfile", "ws/a/b/pfile"]
    for index, (name, act) in enumerate(double().items()):
        every = itertools.product(pairs, pairs)
        # The variants share what they do with rename and link.
        for one, other in every if name in ("rename", "link") else itertools.islice(every, index, None, 7):
            yield f"{name} {one} {other}", lambda a=act, p=one, q=other: a(
                os.fsencode(f"{base}/{p}"), os.fsencode(f"{base}/{q}")
            )


def own_places():
    """Places of the sandbox's own: what is tried and whether it is a denial."""
    return [
        ("mkdir /tmp/new", lambda: call("mkdir", b"/tmp/new", 0o755), False),
        ("open /tmp/new/file", lambda: call("open", b"/tmp/new/file", 0o1101, 0o644), False),
        ("symlink /tmp/out", lambda: call("symlink", b"/usr", b"/tmp/out"), False),
        ("open /tmp/out/evil", lambda: call("open", b"/tmp/out/evil", 0o101, 0o644), True),
        # EXDEV, as on a host whose /tmp is a file system of its own: nothing is denied.
        ("rename /tmp/new /var/tmp/new", lambda: call("rename", b"/tmp/new", b"/var/tmp/new"), False),
        ("rename /tmp/new /tmp/moved", lambda: call("rename", b"/tmp/new", b"/tmp/moved"), False),
        ("rename /tmp/new /var/tmp/new (gone)", lambda: call("rename", b"/tmp/new", b"/var/tmp/new"), False),
        ("mkdir /dev/shm/new", lambda: call("mkdir", b"/dev/shm/new", 0o755), False),
        ("mkdir /dev/new", lambda: call("mkdir", b"/dev/new", 0o755), True),
        ("unlink /dev/null", lambda: call("unlink", b"/dev/null"), True),
        ("open /dev/null", lambda: call("open", b"/dev/null", 0o1101, 0o644), False),
        ("open /dev/stderr", lambda: call("open", b"/dev/fd/2", 0o1, 0), None),
        ("open /dev/missing", lambda: call("open", b"/dev/missing", 0o1, 0), False),
        ("creat /dev/missing", lambda: call("creat", b"/dev/missing", 0o644), True),
        ("open /proc/self/comm", lambda: call("open", b"/proc/self/comm", 0o1, 0), False),
        ("open /proc/self/oom_score_adj", lambda: call("open", b"/proc/self/oom_score_adj", 0o1001, 0), False),
        ("open /proc/sys", lambda: call("open", b"/proc/sys/kernel/core_pattern", 0o1, 0), True),
        ("mkdir /evil", lambda: call("mkdir", b"/evil", 0o755), True),
        ("mkdir /", lambda: call("mkdir", b"/", 0o755), False),
        ("rmdir /tmp", lambda: call("rmdir", b"/tmp"), True),
        ("chmod /", lambda: call("chmod", b"/", 0o755), True),
        ("mkdir /usr/evil", lambda: call("mkdir", b"/usr/evil", 0o755), True),
        ("mkdir /usr", lambda: call("mkdir", b"/usr", 0o755), False),
        ("mkdir /bin/evil", lambda: call("mkdir", b"/bin/evil", 0o755), True),
        ("open /usr/missing", lambda: call("open", b"/usr/missing", 0o1, 0), False),
        ("unlink /usr/missing", lambda: call("unlink", b"/usr/missing"), False),
        ("open /nowhere/x", lambda: call("open", b"/nowhere/x", 0o101, 0o644), False),
        ("open /etc/shadow", lambda: call("open", b"/etc/shadow", 0o1, 0), True),
        ("open /etc/passwd", lambda: call("open", b"/etc/passwd", 0o1, 0), True),
        ("open (no path)", lambda: call("open", b"", 0o101, 0o644), False),
        ("open (no memory)", lambda: call("open", 8, 0o101, 0o644), False),
        ("open (too long)", lambda: call("open", b"/" + b"x/" * 3000, 0o101, 0o644), False),
        ("mkdir (long)", lambda: call("mkdir", b"/usr" + b"/." * 1900 + b"/evil", 0o755), True),
        ("fchmod of nothing", lambda: call("fchmod", 99, 0o644), False),
    ]


def mark(number):
    """A refused call whose record says which case comes next."""
    try:
        socket.socket(40, number, 0)
    except OSError as error:
        return error.errno


def payload(base, inside):
    """Makes all calls and prints their error numbers."""
    os.umask(0o022)
    answers = {}
    build(base, inside)
    os.chdir("/")
    for number, (name, act) in enumerate(cases(base)):
        if inside:
            mark(number)
        answers[name] = act()
        if inside:
            mark(1 << 20)
        if answers[name] == 0 and not name.startswith(HARMLESS):
            repair(base, name, inside)
    if inside:
        for number, (name, act, _) in enumerate(own_places()):
            mark((1 << 21) + number)
            answers["own " + name] = act()
            mark(1 << 20)
    json.dump(answers, sys.stdout)


# What fails outside for what the verdict doesn't look at: whether a directory is empty, a pipe has a reader, a file
# has this attribute or may have any.
UNSEEN = {errno.ENOTEMPTY, errno.ENXIO, errno.ENODATA}


def is_unseen(name, before):
    return before in UNSEEN or ("xattr" in name and before == errno.EPERM)



def compare(base, outside, inside, acts, prints=print):
    """Counts what differs."""
    denied = collections.defaultdict(list)
    current = None
    for act in acts:
        if act.get("socket", [0])[0] == 40:
            current = act["socket"][1] & ~socket.SOCK_CLOEXEC
        elif "call" in act:
            denied[current].append(act)
    wrong = 0
    for number, (name, _) in enumerate(cases(base)):
        before, after, records = outside[name], inside[name], denied[number]
        if before is None or after is None:
            expected = None
        elif is_unseen(name, before):
            expected = None
        else:
            expected = before == 0 and after != 0
        if expected is not None and len(records) != int(expected):
            wrong += 1
            word = lambda code: errno.errorcode.get(code, code)
            prints(f"{name}: {word(before)} outside, {word(after)} inside, recorded {records}")
    for number, (name, _, expected) in enumerate(own_places()):
        records = denied[(1 << 21) + number]
        failed = inside["own " + name] != 0
        if expected is not None and (len(records) != int(expected) or expected and not failed):
            wrong += 1
            prints(f"own {name}: {inside['own ' + name]} inside, recorded {records}")
    return wrong, sum(map(len, denied.values()))


def main(trial, profiles, base, mode="notify"):
    base = pathlib.Path(base).resolve()
    for name in ("ws", "rw", "ro", "out"):
        shutil.rmtree(base / name, ignore_errors=True)
    (base / "prefix/bin").mkdir(parents=True, exist_ok=True)
    shutil.copy(trial, base / "prefix/bin/trial")
    shutil.copytree(profiles, base / "prefix/share/mews/profiles", dirs_exist_ok=True)
    script = base / "differential.py"
    shutil.copy(__file__, script)
    profile = base / "difference.yaml"
    profile.write_text(
        f"version: 1\nname: difference\nextends: [workspace]\nfilesystem:\n"
        f"  read: [{base}/ro, {script}]\n  write: [{base}/rw]\n"
        f"  deny: [{base}/ws/kept, {base}/ws/keptfile]\n  protect: [{base}/ws/a/b/prot, {base}/ws/a/b/pfile]\n"
    )
    command = ["/usr/bin/python3", "-B", "-S", str(script), "payload", str(base)]
    outside = json.loads(subprocess.run([*command, "outside"], check=True, stdout=subprocess.PIPE).stdout)
    build(base, False)
    # With links in it that lead elsewhere the workspace would be refused: they are made inside.
    for name in [*LINKS, "ws/abs-ro"]:
        os.unlink(base / name)
    run = [str(base / "prefix/bin/trial"), str(base / "acts"), mode, "--profile", str(profile), "--", *command, "inside"]
    (base / "acts").unlink(missing_ok=True)
    found = subprocess.run(run, cwd=base / "ws", stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=500)
    assert found.returncode == 0, found
    inside = json.loads(found.stdout)
    acts = [json.loads(line) for line in (base / "acts").read_text().splitlines()]
    if mode == "off":
        assert [act for act in acts if "call" in act] == [], "recorded without a listener"
        print(f"{len(inside)} calls without a listener")
        return 0
    wrong, records = compare(base, outside, inside, acts)
    print(f"{len(inside)} calls, {records} denials recorded, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    if sys.argv[1] == "payload":
        payload(pathlib.Path(sys.argv[2]), sys.argv[3] == "inside")
    else:
        sys.exit(main(*sys.argv[1:]))
