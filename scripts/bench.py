"""Ratios against ripgrep, ugrep and pySigma's DuckDB backend in one run, with the signatures; into docs/benchmarks.md.

`python scripts/bench.py [--scale F] [--runs N] [--only NAME,NAME] [--corpus DIR]`. Ours and the peers run in turn,
output to a file; a figure is the median.
CPU is user + system time of the whole tree of processes, memory their PSS summed.
"""

import argparse
import gzip
import json
import os
import platform
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from abm_trace import signatures, verdict
from abm_trace.core.nouns import Device, Fact, Origin

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/benchmarks.md"
DEVICES = 12_400
LOG_BYTES = 325_000
START = datetime(2026, 5, 17, 3, 5, tzinfo=UTC)
SUBSYSTEM = "com.apple.DeviceManagement.Enrollment [ABM]"
GOOD = (
    "Preparing for enrollment…", "enrollmentMethod=abm", "Clock offset: 0.012 s", "ABMRegistrationStarted",
    "deviceIdentifier={id}", "Sending enrollment request to https://eu-west.abm.apple.com/v1/devices",
    'ABM response: 202 {{"status":"accepted","requestId":"req_{id}","devices":[{{"device_id":"dev_{id}"}}]}}',
    "ABMRegistrationSucceeded", "ABMDeviceRegistered", "MDMProfileAssigned", "DEPDeviceSynced", "DEPDeviceEnrolled",
)  # fmt: skip
BAD = (
    *GOOD[:6], 'ABM response: 202 {{"status":"accepted","requestId":"req_{id}","devices":[]}}',
    'ABMRegistrationFailedWithErrorDomain: ABMErrorDomain Code=4001 "Device identifier rejected" UserInfo={{…}}',
    "TLS handshake failed: certificate not yet valid at device time",
)  # fmt: skip
WORDS = [
    "connection",
    "interface",
    "scan",
    "state",
    "changed",
    "client",
    "request",
    "with",
    "priority",
    "assertion",
    "process",
    "launched",
    "timer",
    "fired",
    "cache",
    "miss",
    "token",
    "refresh",
    "response",
    "code",
    "delivered",
    "queue",
    "depth",
    "channel",
    "power",
    "released",
    "background",
    "task",
]


@dataclass(frozen=True, slots=True)
class Run:
    """What one command took: seconds of wall and CPU, and the most memory (PSS, MB) where it was watched."""

    wall_s: float
    cpu_s: float
    memory_mb: float = 0.0


def timed(command: Sequence[str], *, watch: bool = False) -> Run:
    """Run a command to its end. Raises CalledProcessError for any exit code but 0 and 1."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    peak = [0.0]
    with tempfile.TemporaryFile() as out, subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL) as child:
        if watch:
            threading.Thread(target=_watch, args=(child, peak), daemon=True).start()
        code = child.wait()
    if code not in {0, 1}:
        raise subprocess.CalledProcessError(code, command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(time.perf_counter() - begun, cpu, peak[0])


def _watch(child: subprocess.Popen[bytes], peak: list[float]) -> None:
    while child.poll() is None:
        begun = time.perf_counter()
        peak[0] = max(peak[0], sum(_pss_mb(pid) for pid in _tree(child.pid)))
        time.sleep(max(0.02, 10 * (time.perf_counter() - begun)))  # To look at gigabytes stops who uses them.


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for each in children:
            yield from _tree(int(each))


def _pss_mb(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith("Pss:")), 0.0)


def noise(dice: random.Random, size: int) -> bytes:
    """Lines of other processes."""
    lines: list[str] = []
    held = 0
    at = START + timedelta(seconds=dice.random() * 60)
    while held < size:
        at += timedelta(seconds=dice.random() * 0.02)
        words = " ".join(dice.choice(WORDS) for _ in range(dice.randint(5, 14)))
        stamp = at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
        lines.append(f"{stamp} INFO com.apple.{dice.choice(WORDS)} {words} 0x{dice.getrandbits(32):08x}\n")
        held += len(lines[-1])
    return "".join(lines).encode()


def make_case(case: Path, devices: int, log_bytes: int, facts: int, *, packed: bool = False) -> None:
    """A case with one log a device in which `facts` lines carry facts; three devices of four are healthy."""
    dice = random.Random(1)  # noqa: S311  # Repeatable.
    blocks = [noise(dice, 16_000) for _ in range(200)]
    (case / "logs").mkdir(parents=True)
    manifest, audit, inventory = (
        ["serial,site,region"],
        [],
        ["serial_number,created_at,enrolled_at,enrollmentMethod,abmTokenId"],
    )
    for number in range(devices):
        serial, good = f"F9FX{number:06d}", number % 4 != 0
        shape = GOOD if good else BAD
        said = [
            shape[n % len(shape)].format(id=f"{dice.getrandbits(64):016x}" if n < len(shape) else f"{number:016x}")
            for n in range(facts)
        ]
        if not good:
            said = [*said[:-3], *(each.format(id=f"{number:016x}") for each in BAD[-3:])][:facts]
        stamps = [(START + timedelta(minutes=2, seconds=n)).strftime("%Y-%m-%d %H:%M:%S") for n in range(facts)]
        lines = [f"{at}.883 DEBUG {SUBSYSTEM} {each}\n".encode() for at, each in zip(stamps, said, strict=True)]
        parts = max(log_bytes // 16_000, 1)
        body: list[bytes] = []
        for part in range(parts):
            body.append(dice.choice(blocks))
            body += lines[part * facts // parts : (part + 1) * facts // parts]
        data = b"".join(body)
        name = f"{serial}.log.gz" if packed else f"{serial}.log"
        (case / "logs" / name).write_bytes(gzip.compress(data, 4) if packed else data)
        manifest.append(f"{serial},clinic-{number % 47:02d},eu-west")
        event = {"id": f"evt_{number}", "event_type": "device_registered" if good else "device_enrollment_requested"}
        audit.append(json.dumps({**event, "occurred_at": "2026-05-17T03:08:00Z", "serial_number": serial}))
        inventory.append(f"{serial},2026-05-17T03:08:00Z,{'2026-05-17T03:08:09Z' if good else ''},abm,tok_1")
    for name, rows in (("manifest.csv", manifest), ("audit.ndjson", audit), ("mdm.csv", inventory)):
        (case / name).write_text("\n".join([*rows, ""]))


def as_json_lines(case: Path, into: Path, size_bytes: int) -> None:
    """Some logs of a case as `log --style ndjson` would write them, in all about so many bytes."""
    (into / "logs").mkdir(parents=True)
    held = 0
    for path in sorted((case / "logs").iterdir()):
        rows = []
        for line in path.read_text().splitlines():
            day, clock, _, subsystem, message = line.split(" ", 4)
            event = {
                "timestamp": f"{day} {clock}000+0000",
                "eventMessage": message.removeprefix("[ABM] "),
                "subsystem": subsystem,
            }
            rows.append(json.dumps({**event, "processImagePath": "/usr/libexec/teslad", "machTimestamp": 1}))
        data = "\n".join([*rows, ""]).encode()
        (into / "logs" / path.name).write_bytes(data)
        held += len(data)
        if held > size_bytes:
            return


def patterns(folder: Path) -> Path:
    """The anchors of all signatures, an expression a line."""
    texts = sorted({text for rule in signatures.load()[0] for text, _ in rule.anchors})
    path = folder / "patterns.txt"
    path.write_text(
        "".join(f"{''.join(c if c.isalnum() or c in ' =:_' else chr(92) + c for c in text)}\n" for text in texts)
    )
    return path


def contest(commands: dict[str, list[str]], runs: int) -> dict[str, Run]:
    """The median run of each command, all of them in turn after one warm-up."""
    found: dict[str, list[Run]] = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, command in commands.items():
            run = timed(command)
            if turn:
                found[name].append(run)
    return {
        name: Run(statistics.median(each.wall_s for each in taken), statistics.median(each.cpu_s for each in taken))
        for name, taken in found.items()
    }


def peers(case: Path, work: Path) -> dict[str, list[str]]:
    """Ours, and the peers that are on this machine."""
    listed = str(patterns(work))
    commands = {"abm-trace": ours(case, work)}
    if rg := shutil.which("rg"):
        commands["rg"] = [rg, "-j2", "--no-unicode", "-f", listed, str(case / "logs")]
    if ugrep := shutil.which("ugrep"):
        commands["ugrep"] = [ugrep, "-J2", "-r", "-f", listed, str(case / "logs")]
    return commands


PEER_PACKAGES = ("pysigma-backend-duckdb==0.1.4", "duckdb==2.0.1")
"""What scripts/peer_duckdb.py wants; not of our own environment, for its pySigma is older than ours."""


def duckdb(case: Path, work: Path) -> list[str] | None:
    """A peer over JSON lines: pySigma's DuckDB backend, in an environment made for it; None if it cannot be fetched."""
    python, rules = str(work / "peer/bin/python"), str(work / "rules")
    if not Path(python).exists():
        venv.create(work / "peer", with_pip=True)
        fetch = [python, "-m", "pip", "install", "--quiet", *PEER_PACKAGES]
        if subprocess.run(fetch, check=False, stderr=subprocess.DEVNULL).returncode:
            shutil.rmtree(work / "peer")
            return None
    mine = str(Path(sys.executable).with_name("abm-trace"))
    subprocess.run([mine, "signatures", "convert", "--to", "sigma", "--out", rules], check=True, capture_output=True)
    return [python, str(ROOT / "scripts/peer_duckdb.py"), rules, str(case / "logs"), str(work / "peer.tsv")]


def ours(case: Path, work: Path) -> list[str]:
    """The whole triage, verdicts to a file."""
    out = str(work / "verdicts.ndjson")
    return [str(Path(sys.executable).with_name("abm-trace")), "triage", str(case), "--format", "ndjson", "--out", out]


Row = tuple[str, str, str, bool | None]
"""What was measured, the figure, the reach, and whether it was reached."""


def ratios(title: str, found: dict[str, Run], reach: dict[str, float]) -> list[Row]:
    """A row for each peer: ours against it."""
    mine = found["abm-trace"]
    rows: list[Row] = []
    for name, limit in reach.items():
        if name not in found:
            rows.append((f"{title} against {name}", "not on this machine", f"≤ {limit:g} ×", None))
            continue
        wall, cpu = mine.wall_s / found[name].wall_s, mine.cpu_s / found[name].cpu_s
        text = f"{wall:.2f} × wall, {cpu:.2f} × CPU ({mine.wall_s:.2f} s against {found[name].wall_s:.2f} s)"
        rows.append((f"{title} against {name}", text, f"≤ {limit:g} ×", wall <= limit and cpu <= limit))
    return rows


def bench_triage(work: Path, scale: float, runs: int) -> list[Row]:
    """4 GB of plain logs in 12,400 files."""
    case = work / "plain"
    if not case.exists():
        make_case(case, int(DEVICES * scale), LOG_BYTES, 20)
    alone = [sys.executable, str(ROOT / "scripts/scan_alone.py"), str(case / "logs")]
    found = contest({**peers(case, work), "alone": alone}, runs)
    rows = ratios("whole triage of 4 GB, 20 facts a device,", found, {"rg": 0.6, "ugrep": 0.9})
    floor = ratios("of it, reading and scanning alone", {**found, "abm-trace": found["alone"]}, {"rg": 1})
    rows += [(*row[:2], "", None) for row in floor]
    memory = timed(ours(case, work), watch=True).memory_mb
    return [*rows, ("memory of all its processes (PSS)", f"{memory:.0f} MB", "≤ 300 MB", memory <= 300)]


def bench_dense(work: Path, scale: float, runs: int) -> list[Row]:
    """The same where every tenth line is a hit."""
    case = work / "dense"
    if not case.exists():
        make_case(case, int(2000 * scale), LOG_BYTES, 300)
    return ratios("whole triage at 10 % of lines hit", contest(peers(case, work), runs), {"rg": 1.5})


def bench_packed(work: Path, scale: float, runs: int) -> list[Row]:
    """The rate on gzip and on JSON lines against that on plain text."""
    plain, packed, lines = work / "plain-part", work / "packed", work / "json"
    for case, is_packed in ((plain, False), (packed, True)):
        if not case.exists():
            make_case(case, int(2000 * scale), LOG_BYTES, 20, packed=is_packed)
    if not lines.exists():
        as_json_lines(plain, lines, int(400e6 * scale))
    commands = {"plain": ours(plain, work), "gz": ours(packed, work), "json": ours(lines, work)}
    if peer := duckdb(lines, work):
        commands["duckdb"] = peer
    found = contest(commands, runs)
    rate = found["plain"].wall_s / found["gz"].wall_s
    sizes = {
        name: sum(path.stat().st_size for path in (case / "logs").iterdir())
        for name, case in (("plain", plain), ("json", lines))
    }
    speed = {name: sizes[name] / found[name].wall_s / 1e6 for name in sizes}
    return [
        ("gz against the plain rate", f"{rate:.2f} ×", "≥ 0.5 ×", rate >= 0.5),
        ("JSON lines, 400 MB", f"{speed['json']:.0f} MB/s (plain: {speed['plain']:.0f} MB/s)", "", None),
        _faster("the same against pySigma's DuckDB backend", found),
        ("the same against Zircolite", "in no package registry", "≥ 40 ×", None),
    ]


def _faster(title: str, found: dict[str, Run]) -> Row:
    if "duckdb" not in found:
        return title, "could not be fetched", "≥ 5 ×", None
    mine, peer = found["json"], found["duckdb"]
    times = peer.wall_s / mine.wall_s
    times_cpu = peer.cpu_s / mine.cpu_s
    text = f"{times:.1f} × wall, {times_cpu:.1f} × CPU ({mine.wall_s:.2f} s against {peer.wall_s:.2f} s)"
    return title, text, "≥ 5 ×", times >= 5


def fleet(count: int) -> Iterator[Device]:
    """Devices with 20 facts each, a quarter of them failing."""
    for number in range(count):
        kinds = (
            "booted",
            "preparing",
            "requested",
            "identifier",
            "accepted",
            "registered",
            "profile",
            "enrolled",
            "synced",
            "method",
        )
        facts = [
            Fact(
                kinds[n % 10] if number % 4 or n % 10 < 4 else "method",
                10**15 + n * 10**6,
                "log" if n < 15 else "mdm",
                "",
                {},
                Origin("a", "x", n, 9),
            )
            for n in range(20)
        ]
        yield Device(f"F9F{number:07d}", {}, tuple(facts))


def bench_judge(_work: Path, scale: float, runs: int) -> list[Row]:
    """Judging alone, and how it grows."""
    context = verdict.Context(reach={side: (verdict.Reach(2 * 10**15),) for side in ("apple", "mdm")})
    few, many = int(DEVICES * scale), int(1_000_000 * scale)

    def took(count: int) -> float:
        spent = 0.0
        for device in fleet(count):
            begun = time.perf_counter()
            verdict.judge(device, context, 2 * 10**15)
            spent += time.perf_counter() - begun
        return spent

    before = [took(few) for _ in range(runs)]
    most = took(many)
    after = [took(few) for _ in range(runs)]  # What the machine does in the meantime stands on both sides.
    usual = statistics.median(before + after)
    growth = most / many / (usual / few)
    return [
        (
            "12,400 devices × 20 facts judged, one process",
            f"{usual / scale:.2f} s",
            "≤ 0.5 s",
            usual / scale <= 0.5,
        ),
        (f"time a device at {many:,} against {few:,}", f"{growth:.2f} ×", "about 1 ×", 0.7 <= growth <= 1.4),
    ]


def bench_help(_work: Path, _scale: float, runs: int) -> list[Row]:
    """What `--help` costs."""
    command = [str(Path(sys.executable).with_name("abm-trace")), "--help"]
    cpu = contest({"help": command}, max(runs, 5))["help"].cpu_s * 1000
    return [("abm-trace --help", f"{cpu:.0f} ms of CPU", "≤ 100 ms", cpu <= 100)]


def bench_lab(work: Path, scale: float, _runs: int) -> list[Row]:
    """What making a case costs."""
    lab, out = str(Path(sys.executable).with_name("abm-lab")), work / "lab"

    def row(title: str, devices: int, log_kb: int, limit_s: float) -> Row:
        options = {"devices": int(devices * scale), "sites": 47, "seed": 1, "log-kb": log_kb}
        shutil.rmtree(out, ignore_errors=True)
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        run = timed([lab, "case", str(out), *words], watch=True)
        seconds, held = run.wall_s / scale, run.memory_mb
        reached = seconds <= limit_s and held <= 500
        return title, f"{seconds:.0f} s, {held:.0f} MB", f"≤ {limit_s:.0f} s, ≤ 500 MB", reached

    rows = [
        row("abm-lab case, 12,400 devices × 100 kB", DEVICES, 100, 60),
        row("abm-lab case, 1 M devices without logs", 1_000_000, 0, 300),
    ]
    shutil.rmtree(out, ignore_errors=True)
    return rows


def bench_install(work: Path, _scale: float, _runs: int) -> list[Row]:
    """What the base install takes on disk, as files are long; without byte code, which Python makes as it needs it."""
    title, reach = "base install", "≤ 60 MB"
    place, uv = work / "base", Path(sys.executable).with_name("uv")
    shutil.rmtree(place, ignore_errors=True)
    venv.create(place, with_pip=False)
    fetch = [str(uv), "pip", "install", "--quiet", "--python", str(place / "bin/python"), str(ROOT)]
    if not uv.exists() or subprocess.run(fetch, check=False, stderr=subprocess.DEVNULL).returncode:
        return [(title, "could not be fetched", reach, None)]
    size = sum(path.stat().st_size for path in (place / "lib").rglob("*") if path.is_file()) / 1e6
    shutil.rmtree(place)
    return [(title, f"{size:.0f} MB", reach, size <= 60)]


BENCHES: dict[str, Callable[[Path, float, int], list[Row]]] = {
    "triage": bench_triage,
    "dense": bench_dense,
    "packed": bench_packed,
    "judge": bench_judge,
    "help": bench_help,
    "install": bench_install,
    "lab": bench_lab,
}


BEGIN, END = "<!-- make bench writes from here -->\n", "<!-- to here -->\n"


def page(rows: Sequence[Row], asked: argparse.Namespace, before: str) -> str:
    """The page with these figures in it; what stands around them is written by hand."""
    marks = {True: "reached", False: "**not reached**", None: "–"}
    lines = [f"| {what} | {figure} | {reach} | {marks[good]} |" for what, figure, reach, good in rows]
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    when = time.strftime("%Y-%m-%d", time.gmtime())
    table = "\n".join([
        f"`make bench ARGS='--scale {asked.scale:g} --runs {asked.runs}'`, {when}, {machine}.", "",
        "| what | figure | reach | |", "|---|---|---|---|", *lines, "",
    ])  # fmt: skip
    start, _, rest = before.partition(BEGIN)
    return start + BEGIN + table + END + rest.partition(END)[2]


def main() -> int:
    """Run the benches and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full corpora")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", help=f"some of {', '.join(BENCHES)}, with commas")
    parser.add_argument("--corpus", type=Path, help="keep the corpora here and use them again")
    asked = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="abm-trace-bench-") as scratch:
        work = asked.corpus or Path(scratch)
        work.mkdir(parents=True, exist_ok=True)
        for name in asked.only.split(",") if asked.only else BENCHES:
            found = BENCHES[name](work, asked.scale, asked.runs)
            rows += found
            for what, figure, reach, good in found:
                print(f"{what}: {figure} (reach {reach}){'' if good is not False else '  NOT REACHED'}", flush=True)
    if not asked.only:
        PAGE.write_text(page(rows, asked, PAGE.read_text()))
        print(f"written to {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
