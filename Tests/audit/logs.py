"""Makes logs and ledgers as Sources/Audit/README.md describes them, for the tests to spoil."""

import hashlib
import itertools

from verify import ZEROS, canonical

START = 1795255200000
DEVICE = {"hostname": "bench", "type_id": 0}
USER = {"name": "ada", "uid": "1000"}
PRODUCT = {"name": "Mews", "vendor_name": "Mews", "version": "0.1.0"}
CAT = {"pid": 7, "name": "cat", "file": {"name": "cat", "path": "/usr/bin/cat", "type_id": 1}}
RULE = {"text": "deny: [~/.ssh]", "origin": "/home/ada/.config/mews/profiles/mine.yaml:7:12"}
DENIED = {"action_id": 2, "disposition_id": 2, "status_id": 2}
ALLOWED = {"action_id": 1, "disposition_id": 1}
PROFILES = [{"name": "workspace", "path": "/usr/share/mews/profiles/workspace.yaml", "sha256": "a" * 64}]
POLICY = {"name": "workspace", "uid": "b" * 64, "is_applied": True}


def session_name(number):
    return f"0198c0de-0000-7000-8000-{number:012x}"


def line_of(value):
    return canonical(value).encode() + b"\n"


def seal(value, holder, domain):
    """Gives a line its hash."""
    holder.pop("hash", None)
    holder["hash"] = hashlib.sha256(domain + canonical(value).encode()).hexdigest()
    return holder["hash"]


def chain(records):
    """Numbers records and chains them anew, as somebody would who changes one."""
    previous = ZEROS
    for number, record in enumerate(records):
        record["metadata"]["sequence"] = number
        record["unmapped"]["mews"]["prev"] = previous
        previous = seal(record, record["unmapped"]["mews"], b"mews.audit.v1\n")
    return records


def chain_ledger(entries):
    previous = ZEROS
    for number, entry in enumerate(entries):
        entry["sequence"] = number
        entry["prev"] = previous
        previous = seal(entry, entry, b"mews.ledger.v1\n")
    return entries


def file_object(path, type_id=1):
    return {"name": path.rstrip("/").rsplit("/", 1)[-1] or "/", "path": path, "type_id": type_id}


class LogMaker:
    """One session's records."""

    def __init__(self, session):
        self.session = session
        self.records = []
        self.clock = itertools.count(START, 17)

    def add(self, code, class_uid, activity, severity, profiles=(), mews=None, actor=None, device=None, **members):
        time = next(self.clock)
        record = {
            "activity_id": activity, "category_uid": class_uid // 1000, "class_uid": class_uid,
            "type_uid": class_uid * 100 + activity, "severity_id": severity, "status_id": 1, "time": time,
            "message": f"{code} number {len(self.records)}", "actor": {"user": USER, **(actor or {})},
            "device": {**DEVICE, **(device or {})},
            "metadata": {
                "correlation_uid": self.session, "event_code": code, "log_name": "mews.audit", "log_version": "1",
                "product": PRODUCT, "version": "1.8.0",
                **({"profiles": list(profiles)} if profiles else {})},
            "unmapped": {"mews": {"elapsed_ms": time - START, **(mews or {})}}, **members}
        self.records.append(record)
        return self

    def start(self):
        return self.add(
            "session.start", 6002, 3, 1, ["host", "security_control"], app=PRODUCT, policy=POLICY,
            device={"os": {"name": "Linux", "type_id": 200, "kernel_release": "6.12.0"}},
            mews={
                "argv": ["sh", "-c", "cat \u00fc"], "cwd": "/home/ada/p", "workspace": "/home/ada/p", "level": "full",
                "landlock_abi": 7, "observed": {"reads": "fuse", "writes": "notify"}, "durability": "process",
                "on_failure": "stop", "nonce": "c" * 64, "profiles": PROFILES,
                "repository": {"url": "https://example.org/p.git", "commit": "d" * 40, "branch": "main", "dirty": False}})

    def policy(self):
        return self.add(
            "policy.loaded", 5019, 1, 1, ["host", "security_control"], policy=POLICY, state_id=2,
            mews={"profiles": PROFILES, "notes": ["read /opt/x: not there"]})

    def command(self):
        return self.add(
            "command.exec", 1007, 1, 1, ["security_control"], **ALLOWED, mews={"host_pid": 4711},
            process={
                "pid": 2, "name": "sh", "file": file_object("/bin/sh"), "cmd_line": "sh -c 'cat ü'",
                "working_directory": "/home/ada/p"})

    def program(self, parent=2):
        """A program that the command runs, to its end in a way that nobody saw."""
        process = {
            "pid": 8, "name": "make", "file": file_object("/usr/bin/make"),
            "parent_process": {"name": "sh", "pid": parent}}
        self.add(
            "command.exec", 1007, 1, 1, ["security_control"], **ALLOWED, mews={"host_pid": 4720},
            process={**process, "cmd_line": "make -j2", "working_directory": "/home/ada/p"})
        return self.add(
            "command.exit", 1007, 2, 1, process=process, duration=90, status_id=0, mews={"host_pid": 4720})

    def command_exit(self, status=0):
        return self.add(
            "command.exit", 1007, 2, 1, process={"pid": 2, "name": "sh", "file": file_object("/bin/sh")},
            exit_code=status, duration=90, status_id=2 if status else 1,
            mews={"host_pid": 4711, "peak_memory_kib": 2048})

    def file_denied(self, path="/home/ada/.ssh/id_ed25519", activity=14, count=None, second=None, **more):
        folded = {} if count is None else {"count": count, "start_time": START + 1, "end_time": START + 4000}
        other = {} if second is None else {"file_result": file_object(second)}
        return self.add(
            "file.denied", 1001, activity, 3, ["security_control"], **{**DENIED, **folded, **other, **more},
            actor={"process": CAT}, file={**file_object(path), **more.pop("file", {})}, status_code="EACCES",
            mews={
                "call": "openat", "host_pid": 4712, "reason": "masked", "rule": RULE, "fix": f"read: [{path}]"})

    def socket_path_denied(self):
        return self.add(
            "socket.denied", 1001, 14, 3, ["security_control"], **DENIED, actor={"process": CAT},
            file=file_object("/run/docker.sock", 5), status_code="EACCES",
            mews={"call": "connect", "host_pid": 4712, "reason": "outside-view", "rule": {"text": "", "origin": "default"}})

    def socket_denied(self):
        return self.add(
            "socket.denied", 1003, 4, 3, ["security_control"], **DENIED, actor={"process": CAT},
            kernel={"name": "socket", "system_call": "socket", "type_id": 2}, status_code="EAFNOSUPPORT",
            mews={
                "call": "socket", "reason": "filter", "rule": {"text": "sockets", "origin": "built-in filter"},
                "socket": {"family": 38, "family_name": "AF_ALG", "type": 5, "protocol": 0}})

    def call_denied(self):
        return self.add(
            "syscall.denied", 1003, 4, 2, ["security_control"], **DENIED, actor={"process": CAT},
            kernel={"name": "keyctl", "system_call": "keyctl", "type_id": 2}, status_code="ENOSYS",
            mews={
                "call": "keyctl", "reason": "filter", "rule": {"text": "syscalls", "origin": "built-in filter"},
                "fix": "syscalls: {allow: [keyctl]}", "arguments": ["0x0", "0xffffffff"]})

    def network(self, code, class_uid, activity, severity, mews, **members):
        port = 53 if class_uid == 4003 else 443
        return self.add(
            code, class_uid, activity, severity, ["host", "security_control"], actor={"process": CAT},
            src_endpoint={"ip": "127.0.0.1", "port": 40312}, mews={"host_pid": 4712, **mews},
            connection_info={
                "direction_id": 2, "protocol_name": "tcp", "protocol_num": 6, "protocol_ver_id": 4},
            **{"dst_endpoint": {"hostname": "api.example.com", "port": port}, **members})

    def network_allowed(self, activity=1, **members):
        mews = {
            "dialled": "198.18.7.9:443", "door": "transparent", "protocol": "tls", "server_name": "api.example.com",
            "rule": {"text": "network.allow: api.example.com", "origin": RULE["origin"]}}
        status = {"status_id": 2, "status_code": "ECONNREFUSED"} if activity == 4 else {}
        return self.network(
            "network.allowed", 4001, activity, 1, mews, **ALLOWED, **status, **members,
            dst_endpoint={"hostname": "api.example.com", "ip": "203.0.113.7", "port": 443})

    def network_denied(self, **members):
        mews = {
            "dialled": "[2001:db8::7]:443", "door": "transparent", "reason": "address-literal",
            "rule": {"text": "what no rule names is denied", "origin": "default"},
            "fix": "network: {allow: [{address: \"2001:db8::7\", ports: [443]}]}"}
        return self.network(
            "network.denied", 4001, 5, 3, mews, **DENIED, dst_endpoint={"ip": "2001:db8::7", "port": 443}, **members)

    def name_denied(self, **members):
        mews = {
            "door": "dns", "reason": "not-allowed", "rule": {"text": "what no rule names is denied", "origin": "default"},
            "fix": "network: {allow: [evil.example.com]}"}
        return self.network(
            "dns.denied", 4003, 1, 2, mews, **DENIED, dst_endpoint={"ip": "127.0.0.53", "port": 53},
            query={"hostname": "evil.example.com", "type": "A"}, **members)

    def limit(self):
        return self.add(
            "limit.exceeded", 2004, 1, 3, ["host", "security_control"], action_id=2, disposition_id=2,
            finding_info={"title": "limit exceeded: time", "uid": f"{self.session}/{len(self.records)}"},
            mews={"limit": {"name": "time", "threshold": 1000, "unit": "ms", "value": 1003},
                  "rule": {"origin": "team.yaml:3:9", "text": "process.limits.time: 1s"}})

    def gap(self, reason="rate", **lost):
        lost = {name.replace("_", "."): count for name, count in lost.items()} or {"file.denied": 12}
        return self.add(
            "audit.gap", 1008, 99, 4, status_id=2, activity_name="Gap", log_name="mews.audit",
            count=sum(lost.values()), start_time=START + 1, end_time=START + 9, mews={"lost": lost, "reason": reason})

    def end(self, ended="exit", status=0):
        totals = {}
        for record in self.records:
            code = record["metadata"]["event_code"]
            total = totals.setdefault(code, {"acts": 0, "records": 0, "lost": 0})
            total["records"] += 1
            total["acts"] += 1 if code == "audit.gap" else record.get("count", 1)
            for name, lost in record["unmapped"]["mews"].get("lost", {}).items():
                total = totals.setdefault(name, {"acts": 0, "records": 0, "lost": 0})
                total["lost"] += lost
                total["acts"] += lost
        totals["session.end"] = {"acts": 1, "records": 1, "lost": 0}
        return self.add(
            "session.end", 6002, 4, 1, ["host"], app=PRODUCT, duration=170, mews={
                "ended": ended, "status": status, "records": len(self.records) + 1, "totals": totals,
                "allowed_probes": 3})

    def chained(self):
        return chain(self.records)


class LedgerMaker:
    """A user's ledger."""

    def __init__(self):
        self.entries = []
        self.numbers = {}

    def open(self, session, records, **more):
        self.numbers[session] = len(self.numbers) + 1
        return self.add("open", session, start=records[0]["unmapped"]["mews"]["hash"], **more)

    def close(self, session, records, **more):
        return self.add(
            "close", session, ended="exit", records=len(records), last=records[-1]["unmapped"]["mews"]["hash"], **more)

    def add(self, kind, session, **members):
        self.entries.append({
            "entry": kind, "session": session, "number": self.numbers[session], "opened": len(self.numbers),
            "time": START + len(self.entries), **members})
        return self

    def chained(self):
        return chain_ledger(self.entries)


def short(session):
    return LogMaker(session).start().policy().command().command_exit().end().chained()


def busy(session):
    maker = LogMaker(session).start().policy().command()
    for number in range(3):
        maker.file_denied(f"/home/ada/.ssh/key{number}")
    maker.file_denied(count=41).file_denied("/etc/x", 5, second="/etc/y").socket_path_denied().socket_denied()
    traffic = {"bytes_in": 5120, "bytes_out": 517}
    maker.network_allowed().network_allowed(2, traffic=traffic, duration=44).network_allowed(4, duration=10_000)
    maker.network_denied().name_denied().name_denied(count=9, start_time=START + 1, end_time=START + 4000)
    return maker.program().call_denied().limit().command_exit(1).end().chained()


def gappy(session):
    maker = LogMaker(session).start().command().file_denied()
    return maker.gap(file_denied=3, syscall_denied=9).gap("size").command_exit().end().chained()


def killed(session):
    return LogMaker(session).start().policy().command().file_denied().file_denied("/etc/shadow", 3).chained()


# What a log can look like, and the state that it has without and with a checkpoint of its last record.
SHAPES = {
    "short": (short, "UNANCHORED", "OK"), "busy": (busy, "UNANCHORED", "OK"), "gappy": (gappy, "GAPS", "GAPS"),
    "killed": (killed, "UNCLOSED", "UNCLOSED"),
}


def is_closed(records):
    return records[-1]["metadata"]["event_code"] == "session.end"
