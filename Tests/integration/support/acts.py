"""The script of acts as data, and the trees on which it is performed."""

import dataclasses
import os
import pathlib
import shutil
import socket
import tempfile

import yaml

RECORDS = pathlib.Path(__file__).resolve().parent.parent / "records"


def table(name):
    """One of the data files."""
    return yaml.safe_load((RECORDS / name).read_text(encoding="utf-8"))


@dataclasses.dataclass(frozen=True)
class Place:
    """A directory of a case, with what the profile makes of it."""

    name: str
    directory: pathlib.Path
    kind: str

    def target(self, act, kind, role=""):
        """Where the target of an act lies."""
        return self.directory / f"{act}.{kind}{role}"


@dataclasses.dataclass(frozen=True)
class Attempt:
    """One act at one place: what the payload is told, and what the expectation follows from."""

    name: str
    place: str
    act: dict
    call: str | int
    path: str
    real: str
    kind: str
    region: str
    second: str | None = None
    second_kind: str | None = None
    second_region: str | None = None
    same_mount: bool = True
    held: str | None = None
    # The first name on the way that isn't in the view, where one isn't.
    hidden: str | None = None

    def told(self):
        return {
            "call": self.call,
            "with": self.act["with"],
            "path": self.path,
            "second": self.second,
            "opens": self.act.get("opens"),
        }

    def on_copy(self):
        """The same act on a directory of its own, where it isn't refused and would take the place away."""
        if not self.place.startswith("name of "):
            return self
        copy = f"{self.path}.{self.name}.copy"
        second = self.second and copy + ".second"
        return dataclasses.replace(self, path=copy, real=copy, second=second)

    def __str__(self):
        return f"{self.name} ({self.kind}) at {self.place}"


class Scene:
    """The trees of all places below a case's directory, and the attempts on them."""

    def __init__(self, base, home, workspace):
        self.tmp = pathlib.Path(tempfile.mkdtemp(prefix="mews-acts-", dir="/tmp"))
        self.roots = {"base": base, "home": home, "workspace": workspace, "tmp": self.tmp}
        self.acts = table("acts.yaml")
        self.data = table("places.yaml")
        self.names = self.data.pop("names")
        self.listeners = []

    def directory(self, text):
        head, _, rest = text.partition("/")
        return self.roots[head] / rest if head in self.roots else pathlib.Path(text)

    def place(self, name):
        data = self.data[name]
        return Place(name, self.directory(data["at"]), data["is"])

    def attempts(self):
        """All of them, in a fixed order."""
        found = []
        for place in self.data:
            for name, act in self.acts["files"].items():
                found += self.attempts_at(place, name, act)
        for place, data in self.names.items():
            found += [self.on_name(place, data, name) for name in data["acts"]]
        return found

    def attempts_at(self, place, name, act):
        data = self.data[place]
        if data.get("two", False) and "to" not in act or "link" in data and not act.get("follows"):
            return []
        # What a link leads to has to be there.
        unlinked = ("directory", "missing") if "link" in data else ()
        return [self.attempt(place, name, act, kind) for kind in act["on"] if kind not in unlinked]

    def attempt(self, place, name, act, kind):
        data, here = self.data[place], self.place(place)
        label = f"{place}.{name}" if data.get("two") else name
        path = here.target(label, kind)
        real = self.place(data["link"]).target(f"linked.{name}", kind) if "link" in data else path
        second = second_region = None
        there = here
        if "to" in act:
            there = self.place(data["to"]) if "to" in data else here
            second = str(there.target(label, act["to"], "." + kind + ".second"))
            second_region = there.kind
        return Attempt(
            name=name,
            place=place,
            act=act,
            call=act.get("call", name),
            path=str(path),
            real=str(real),
            kind=kind,
            region=here.kind,
            second=second,
            second_kind=act.get("to"),
            second_region=second_region,
            same_mount=self.mount_of(here) == self.mount_of(there),
            hidden=self.hidden(str(real)),
        )

    def hidden(self, path):
        """The case's directory holds mount points; what else is in it is outside."""
        base = str(self.roots["base"]) + "/"
        return base + path.removeprefix(base).partition("/")[0] if path.startswith(base) else None

    def on_name(self, place, data, name):
        act = self.acts["files"][name]
        path = str(self.directory(data["at"]))
        second = path + "." + name if "to" in act else None
        return Attempt(
            name=name,
            place=f"name of {place}",
            act=act,
            call=act.get("call", name),
            path=path,
            real=path,
            kind="directory",
            region="writable",
            second=second,
            second_kind=act.get("to"),
            second_region="writable",
            held=data["reason"],
        )

    def mount_of(self, place):
        """Places of the workspace are one mount, but for those that are held."""
        if place.kind == "writable" and self.roots["workspace"] in place.directory.parents:
            return "pinned" if place.directory.name == "pinned" else "workspace"
        return place.directory

    def crosses(self, attempt):
        """Whether two places lie in different grants, each of which is a mount, whatever else is granted."""
        workspace = str(self.roots["workspace"]) + "/"
        inside = {path.startswith(workspace) for path in (attempt.path, attempt.second) if path}
        return len(inside) > 1

    def build(self, attempts):
        """Makes every target, with somebody listening at each socket."""
        for attempt in attempts:
            if attempt.place.startswith("name of "):
                (pathlib.Path(attempt.path) / "held").mkdir(parents=True, exist_ok=True)
                if attempt.second_kind not in (None, "missing"):
                    self.make(attempt.second, "directory")
                continue
            if attempt.path == attempt.real:
                self.make(attempt.path, attempt.kind)
            else:
                self.make(attempt.real, attempt.kind)
                pathlib.Path(attempt.path).parent.mkdir(parents=True, exist_ok=True)
                os.symlink(attempt.real, attempt.path)
            if attempt.second is not None:
                self.make(attempt.second, attempt.second_kind)

    def make(self, path, kind):
        path = pathlib.Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        if kind == "file":
            path.write_text("content\n", encoding="utf-8")
        elif kind == "directory":
            path.mkdir()
        elif kind == "link":
            path.with_name(path.name + ".aim").write_text("content\n", encoding="utf-8")
            os.symlink(path.name + ".aim", path)
        elif kind == "program":
            shutil.copy("/bin/true", path)
        elif kind in ("socket", "datagram-socket"):
            self.listen(path, socket.SOCK_STREAM if kind == "socket" else socket.SOCK_DGRAM)
        else:
            assert kind == "missing", kind

    def listen(self, path, kind):
        """A socket at a path that may be longer than its address may be: bound in its directory."""
        made = socket.socket(socket.AF_UNIX, kind)
        here = os.open(".", os.O_RDONLY)
        try:
            os.chdir(path.parent)
            made.bind(path.name)
        finally:
            os.fchdir(here)
            os.close(here)
        if kind == socket.SOCK_STREAM:
            made.listen(4)
        self.listeners.append(made)

    def close(self):
        for made in self.listeners:
            made.close()
        shutil.rmtree(self.tmp, ignore_errors=True)
