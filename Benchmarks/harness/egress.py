"""What the door costs: tunnels, bytes, names, idle tunnels, decisions, the first connection, and a launch that doesn't
use it; beside relays that decide less."""

import os
import statistics
import subprocess
import time
from pathlib import Path

from .measure import Ratio, Series, measure, table
from .stage import REALTIME, Person, Stage
from .tunnels import NAME, Relays, Row, anonymous_kib, compile_programs, popen, processor_nanoseconds

# A door lets 256 new connections begin at once and 64 in each second after (and 200 questions in a second), so what is
# measured at it stays below that, and between rounds it gets the time to fill up again.
LATENCIES, CONNECTIONS, AT_ONCE, MIB, IDLE, QUESTIONS = 40, 200, 16, 512, 400, 150
REFILL_SECONDS = 4.2
FLOOR, RECORDED, WATCHED = "C epoll+splice", "C, recorded", "C, recorded, watched"
BAR_TUNNEL = BAR_PROCESSOR = 1.25
BAR_IDLE_KIB = 2.0
BAR_FIRST_MILLISECONDS = 15.0
BAR_DECIDE = 1.25
BAR_LAUNCH = 1.05


def profile(person: Person, name: str, port: int, more: list[str] | None = None) -> Path:
    """Allows the origin by a name of its own."""
    path = person.home / f"{name}.yaml"
    lines = [
        "version: 1",
        f"name: {name}",
        "extends: [workspace]",
        f"filesystem: {{read: [{person.home}/egress-client]}}",
        "network:",
        f"  hosts: {{{NAME}: 127.0.0.1}}",
        "  allow:",
        f"    - {{host: {NAME}, ports: [{port}], protocol: tcp}}",
    ]
    path.write_text("\n".join([*lines, *(f"    - {rule}" for rule in more or [])]) + "\n")
    return path


def wide_profiles(person: Person, port: int, count: int) -> list[Path]:
    """As many names more, in as many files as they need."""
    # Files of their own: the sandbox before may still be reading its.
    found = [profile(person, f"wide{count}", port)]
    for start in range(0, count, 20_000):
        path = person.home / f"wide{count}-{start}.yaml"
        names = "\n".join(f"    - h{number}.wide.test" for number in range(start, min(count, start + 20_000)))
        path.write_text(f"version: 1\nname: wide{count}-{start}\nnetwork:\n  allow:\n{names}\n")
        found.append(path)
    return found


class Bench:
    """All rows of one run."""

    def __init__(self, stage: Stage, person: Person, relays: Relays):
        self.stage, self.person, self.relays = stage, person, relays
        programs = compile_programs(stage.scratch)
        self.client = person.home / "egress-client"
        self.client.write_bytes(programs["client"].read_bytes())
        self.client.chmod(0o755)
        _, self.origin = relays.program([programs["origin"]])
        self.rows = [Row("direct", self.outside(self.origin, "plain"))]
        floor, port = relays.program([programs["relay"]])
        self.rows.append(Row(FLOOR, self.outside(port, "connect"), floor.pid))
        self.rows += self.recording(programs)
        usual = profile(person, "egress", self.origin)
        self.profile = usual
        for name, target, mode in (
            ("mews, CONNECT", ["127.0.0.1", "3128"], "connect"),
            ("mews, transparent", [NAME, str(self.origin)], "plain"),
        ):
            self.rows.append(self.inside(name, [usual], target, mode))
        for name, (process, port) in relays.available(self.origin).items():
            mode = "plain" if name == "nginx stream" else "connect"
            self.rows.append(Row(name, self.outside(port, mode), process.pid))

    def recording(self, programs: dict[str, Path]) -> list[Row]:
        """The floor with what a record takes: another process is told of the tunnel, writes a line and answers; and the
        same with a client whose connect(2) that process is asked about before."""
        place = str(self.stage.scratch / "recorder")
        recorder, _ = self.relays.program([programs["recorder"], place, self.stage.logs / "recorder.log"])
        relay, port = self.relays.program([programs["relay"], place])
        watched = popen([programs["watched"], place, *self.outside_command(port, "connect")])
        return [
            Row(RECORDED, self.outside(port, "connect"), relay.pid, recorder=recorder.pid),
            Row(WATCHED, watched, relay.pid, recorder=recorder.pid),
        ]

    def outside_command(self, port: int, mode: str) -> list[str]:
        return [str(self.client), "127.0.0.1", str(port), "127.0.0.1", str(self.origin), mode]

    def outside(self, port: int, mode: str) -> subprocess.Popen:
        return popen(self.outside_command(port, mode))

    def inside(self, name: str, profiles: list[Path], target: list[str], mode: str) -> Row:
        given = [word for path in profiles for word in ("-p", str(path))]
        command = self.stage.run(
            *given, "--quiet", "--summary", "none", "--", str(self.client), *target, NAME, str(self.origin), mode
        )
        process = popen(self.person.identity.command(command), env=self.person.environment, cwd=self.person.workspace)
        return Row(name, process, process.pid, is_mews=True)

    def end(self) -> None:
        for row in self.rows:
            row.end()

    def round(self, first: int) -> None:
        for row in self.rows[first:] + self.rows[:first]:
            if row.is_mews:
                time.sleep(max(0.0, row.used + REFILL_SECONDS - time.monotonic()))
            one_round(row)
            row.used = time.monotonic()


def one_round(row: Row) -> None:
    row.latencies += [int(word) for word in row.ask(f"latency {LATENCIES}").split()]
    before, before_in_door = processor_nanoseconds(row.processes()), processor_nanoseconds(row.doors())
    row.rates.append(CONNECTIONS / (int(row.ask(f"rate {CONNECTIONS} {AT_ONCE}")) / 1e9))
    time.sleep(0.02)
    between, in_door = processor_nanoseconds(row.processes()), processor_nanoseconds(row.doors())
    row.connection_processor.append((between - before) / CONNECTIONS / 1000)
    row.door_processor.append((in_door - before_in_door) / CONNECTIONS / 1000)
    time.sleep(0.1)
    before = processor_nanoseconds(row.processes())
    row.speeds.append(MIB / 1024 / (int(row.ask(f"down {MIB}")) / 1e9))
    row.byte_processor.append((processor_nanoseconds(row.processes()) - before) / 1e9 / (MIB / 1024))


def idle(row: Row) -> None:
    if row.relay is None:
        return
    row.base_kib = anonymous_kib(row.processes())
    row.ask(f"idle {IDLE}")
    time.sleep(0.3)
    row.idle_kib = (anonymous_kib(row.processes()) - row.base_kib) / IDLE
    row.ask("close")


def percentile(values: list[int], percent: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] / 1000


def print_rows(rows: list[Row], rounds: int) -> None:
    print(f"\ntunnels, {rounds} rounds, all rows in each; us of connect, request and one byte there and back:")
    print(
        f"  {'':<21}{'min':>7}{'p50':>7}{'p99':>8}{'conn/s':>9}{'CPU us':>8}{'of door':>8}{'GB/s':>7}{'CPU s/GB':>10}{'KiB idle':>10}{'base KiB':>10}"
    )
    for row in rows:
        print(
            f"  {row.name:<21}{min(row.latencies) / 1000:>7.0f}{percentile(row.latencies, 50):>7.0f}"
            f"{percentile(row.latencies, 99):>8.0f}{max(row.rates):>9.0f}{min(row.connection_processor):>8.0f}"
            f"{min(row.door_processor):>8.0f}"
            f"{max(row.speeds):>7.2f}{min(row.byte_processor):>10.3f}{row.idle_kib:>10.2f}{row.base_kib:>10}"
        )


def paired(left: Row, right: Row, figure: str) -> Ratio:
    """By rounds, so that the machine's drift is taken out."""

    def series(row: Row) -> Series:
        values = getattr(row, figure)
        if figure == "latencies":
            values = [statistics.median(values[at : at + LATENCIES]) for at in range(0, len(values), LATENCIES)]
        return Series(row.name, list(values))

    return Ratio.of(series(left), series(right))


def bar(text: str, ratio: Ratio, limit: float, missed: list[str]) -> None:
    verdict = ratio.verdict(limit)
    print(f"  {text:<58} <= {limit:<5} {ratio.median:>7.3f}{ratio.minima:>8.3f}  {verdict}")
    if verdict == "MISSED":
        missed.append(text)


def without_bar(text: str, ratio: Ratio) -> None:
    print(f"  {text:<58}    {'':<5} {ratio.median:>7.3f}{ratio.minima:>8.3f}")


def absolute(text: str, value: float, limit: float, missed: list[str]) -> None:
    print(f"  {text:<58} <= {limit:<5} {value:>7.3f}{'':>8}  {'met' if value <= limit else 'MISSED'}")
    if value > limit:
        missed.append(text)


def names(row: Row, rounds: int) -> None:
    """Questions for an allowed name at the sandbox's own name server."""
    times: list[int] = []
    used = []
    for _ in range(rounds):
        before = processor_nanoseconds(row.processes())
        times += [int(word) for word in row.ask(f"names {QUESTIONS}").split()]
        used.append((processor_nanoseconds(row.processes()) - before) / QUESTIONS / 1000)
        time.sleep(1.0)
    seconds = sum(sorted(times)[: len(times) // 2]) / (len(times) // 2) / 1e9
    print(
        f"\nquestions for names: min {min(times) / 1000:.0f} us, p50 {percentile(times, 50):.0f}, p99 {percentile(times, 99):.0f};"
        f" one after the other {1 / seconds:.0f} a second, CPU {min(used):.0f} us each"
    )


def decisions(bench: Bench, rounds: int, missed: list[str]) -> None:
    """New tunnels with ten names in the policy and with a hundred thousand."""
    few = bench.inside("10 names", wide_profiles(bench.person, bench.origin, 10), ["127.0.0.1", "3128"], "connect")
    many = bench.inside(
        "100,000 names", wide_profiles(bench.person, bench.origin, 100_000), ["127.0.0.1", "3128"], "connect"
    )
    try:
        series = {row.name: Series(row.name) for row in (few, many)}
        for number in range(rounds * 2):
            for row in ((few, many), (many, few))[number % 2]:
                times = [int(word) for word in row.ask(f"latency {LATENCIES}").split()]
                series[row.name].times.append(statistics.median(times) / 1000)
            time.sleep(1.3)
        print(f"\nnew tunnels by the number of names allowed, us, medians of {LATENCIES}:")
        print(table(series, few.name))
        bar("new tunnel, 100,000 names / 10", Ratio.of(series[many.name], series[few.name]), BAR_DECIDE, missed)
    finally:
        few.end()
        many.end()


def first_connection(bench: Bench, rounds: int, missed: list[str]) -> None:
    """The first connection of a session starts the door."""
    added = []
    for _ in range(rounds):
        row = bench.inside("first", [bench.profile], ["127.0.0.1", "3128"], "connect")
        try:
            first, *later = [int(word) / 1e6 for word in row.ask("latency 6").split()]
            added.append(first - statistics.median(later))
        finally:
            row.end()
    print(
        f"\nthe first connection of a session, {rounds} sessions, ms more than a later one:"
        f" min {min(added):.2f}, median {statistics.median(added):.2f}, most {max(added):.2f}"
    )
    absolute("first connection, ms dearer, median", statistics.median(added), BAR_FIRST_MILLISECONDS, missed)


def launches(bench: Bench, before: str | None, rounds: int, missed: list[str]) -> None:
    """Launches that use no network: with no rule, with rules, and with an installation of before."""
    run = bench.stage.run
    commands = {"no-rules": run("--", "/bin/true"), "rules": run("-p", str(bench.profile), "--", "/bin/true")}
    if before:
        commands["before"] = [str(Path(before) / "bin" / "mews"), *run("--", "/bin/true")[1:]]
    series = measure(
        bench.stage.spawn, bench.person.identity, commands, bench.person.environment, bench.person.workspace, rounds
    )
    print(f"\nlaunches without a connection, {rounds} rounds:")
    print(table(series, "before" if before else "no-rules"))
    if before:
        bar(
            "launch, before the network was held / now",
            Ratio.of(series["no-rules"], series["before"]),
            BAR_LAUNCH,
            missed,
        )
    bar("launch with network rules / without", Ratio.of(series["rules"], series["no-rules"]), BAR_LAUNCH, missed)


def egress(stage: Stage, person: Person, rounds: int, before: str | None) -> list[str]:
    """Prints everything; the bars that were missed."""
    if person.identity.prefix[: len(REALTIME)] == REALTIME:
        # All rows alike: the relays of others and their clients are children of this process.
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    relays, missed = Relays(stage.scratch), []
    try:
        bench = Bench(stage, person, relays)
        try:
            for row in bench.rows:
                row.ask("latency 5")
            for number in range(rounds):
                bench.round(number % len(bench.rows))
            time.sleep(REFILL_SECONDS)
            for row in bench.rows:
                idle(row)
            print_rows(bench.rows, rounds)
            by_name = {row.name: row for row in bench.rows}
            names(by_name["mews, transparent"], rounds)
            print("\nbars (median of paired ratios, ratio of minima):")
            floor = by_name[FLOOR]
            for name in (RECORDED, WATCHED):
                without_bar(f"{name}: new tunnel / C", paired(by_name[name], floor, "latencies"))
            for name in ("mews, CONNECT", "mews, transparent"):
                bar(f"{name}: new tunnel / C", paired(by_name[name], floor, "latencies"), BAR_TUNNEL, missed)
                bar(f"{name}: CPU per GB / C", paired(by_name[name], floor, "byte_processor"), BAR_PROCESSOR, missed)
                without_bar(f"{name}: new tunnel / {WATCHED}", paired(by_name[name], by_name[WATCHED], "latencies"))
                absolute(f"{name}: KiB per idle tunnel", by_name[name].idle_kib, BAR_IDLE_KIB, missed)
        finally:
            bench.end()
        decisions(bench, rounds, missed)
        first_connection(bench, max(10, rounds), missed)
        launches(bench, before, rounds * 6, missed)
    finally:
        relays.end()
    return missed
