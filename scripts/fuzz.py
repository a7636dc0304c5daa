"""Damages samples of every format and signature and gives them to their readers: only typed errors may come back.

`python scripts/fuzz.py [--minutes N | --hours N] [--only NAME] [--seed N]`. Each format gets an equal share of the
time: log formats through the whole reader of the pipeline, exports and payloads through their own `read` and then as
a file, archives in archives member by member, signatures through the rule reader. Seeds are the tests' data and the
files of cases of the lab. Each input as a file must also be accounted for: what is cited stands where the citation
says, what is named lies inside of the file, and rubbish behind its end is named. An input that breaks this, raises
something else, takes more than 10 s of CPU or more than 300 MB is kept in .fuzz/ with the seed that made it, and the
exit code is 1.
"""

import argparse
import gzip
import io
import random
import resource
import sys
import tarfile
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC
from hashlib import sha256
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.formats.fuzz_formats import SEEDS, TOKENS, damage  # noqa: E402  # Found beside this script's folder.
from tests.formats.logs.lines import SAMPLES  # noqa: E402

from abm_lab.case import write_case  # noqa: E402
from abm_trace import formats, signatures  # noqa: E402
from abm_trace.core import instants  # noqa: E402
from abm_trace.core.nouns import Blob, Fact, Reading, Skipped  # noqa: E402
from abm_trace.formats._interface import Content, FormatError, Head  # noqa: E402
from abm_trace.formats.logs._interface import Stamps  # noqa: E402
from abm_trace.pipeline.reading import Reader  # noqa: E402
from abm_trace.signatures import SignatureError, rule  # noqa: E402

KEPT = ROOT / ".fuzz"
SECONDS_MAX = 10
MEMORY_KB_MAX = 300 * 1024  # Both are CASE.md's bounds for a hostile file of any kind.
SIGNATURES = "signatures"
ARCHIVES = "archives"
SCENARIOS = ("apple-mixed", "apple-poisoned", "mixed-dialect", "poisoned")
"""Cases of the lab that hold files of every kind that it makes."""

LAB_BYTES_MAX = 64 * 1024
"""Larger files of the lab make no seeds: they say the same more often."""

RUBBISH = b'\n{"\xff\xfe": [\x00'
"""No format has this behind its end, so whoever reads all of a file names it."""

NOISY = frozenset({"depsyncer-log", "s-client"})
"""Lines that are none of their own are noise to these, whatever stands in them."""

OURS = "please report it"
"""What the pipeline says of an item on which abm-trace itself failed; no input may lead there."""

LOG_TOKENS = (
    b"9999-12-31 23:59:59.999999999", b"0000-00-00", b"+99:00", b"-18:59", b"Feb 29", b"9999999 <14>", b"<999>", b"\r",
    b"serial=", b"\x1b[31m", b"\xef\xbb\xbf", b"\xff\xfe", b"[" * 5000, b"x" * 70_000, b'"eventMessage":', b"\\u0000",
)  # fmt: skip
RULE_TOKENS = (
    b"(a+)+", b"(?=x)", b"\\1", b"|re", b"|all", b"|base64", b"|cidr", b"&a ", b"*a", b"!!python/name:os.system ",
    b"- ",
    b"[" * 3000, b"{" * 500, b"? ", b"|\n", b"condition: 1 of them", b"not " * 500, b"(" * 500, b"x{1,99999}", b"null",
)  # fmt: skip

Try = Callable[[bytes], Counter[str]]
Target = tuple[list[Try], list[bytes], tuple[bytes, ...]]
"""How an input is tried, the seeds that are damaged, and what is put into them."""


class TooMuchError(Exception):
    """An input took longer, or more memory, than a hostile file may."""


class UnaccountedError(Exception):
    """Some bytes of an input were neither used nor named, or are not those that are cited."""


def mutated(generator: random.Random, seeds: list[bytes], tokens: tuple[bytes, ...]) -> bytes:
    """One seed, damaged; sometimes spliced with another, cut, doubled, or put into another encoding."""
    data = damage(generator, generator.choice(seeds))
    if generator.random() < 0.3:
        other = generator.choice(seeds)
        data = data[: generator.randint(0, len(data))] + other[generator.randint(0, len(other)) :]
    if generator.random() < 0.5:
        place = generator.randint(0, len(data))
        data = data[:place] + generator.choice(tokens) + data[place:]
    kind = generator.random()
    if kind < 0.05:
        data = data.decode("latin-1").encode(generator.choice(("utf-16", "utf-16-be", "utf-8-sig")))
    elif kind < 0.1:
        data = gzip.compress(data, 1)
        data = data[: len(data) - generator.choice((0, 1, 8, 30))] + generator.choice((b"", b"", b"\0\0", b"more"))
    elif kind < 0.12:
        data = data * generator.randint(2, 200)
    return data[: 4 * 1024 * 1024]


def as_file(reader: Reader, folder: Path) -> Try:
    """The whole way of one file through the pipeline: recognised, or forced to its format."""

    def run(data: bytes) -> Counter[str]:
        path = folder / "input"
        path.write_bytes(data)
        reading = reader.read(Blob("input", str(path), len(data)))
        accounted(reading, data)
        return Counter(facts=len(reading.facts), named=len(reading.skipped), recognised=bool(reading.format))

    return run


def demand(holds: object, what: object) -> None:
    """Raise UnaccountedError unless it holds."""
    if not holds:
        raise UnaccountedError(str(what))


def accounted(reading: Reading, data: bytes) -> None:
    """Raise UnaccountedError where a reading is not honest about the bytes it is made of."""
    demand(reading.format or reading.skipped, "neither read nor named")
    for skipped in reading.skipped:
        demand(OURS not in skipped.reason, skipped.reason)
        demand(skipped.reason, "named without a reason")
        demand(skipped.line is None or skipped.line >= 1, skipped)
        demand(skipped.offset is None or skipped.offset >= 0, skipped)
    plain = is_plain(data)
    for fact in reading.facts:
        if fact.at is not None:
            instants.render(fact.at)
        origin = fact.origin
        if plain and origin.offset is not None and origin.length:
            cited = data[origin.offset : origin.offset + origin.length]
            demand(len(cited) == origin.length, f"cited beyond the end: {origin}")
            demand(not origin.sha256 or sha256(cited).hexdigest() == origin.sha256, f"cited otherwise: {origin}")
    if plain:
        lines = data.count(b"\n") + data.count(b"\r") + 1  # A file may have either at its lines' ends, or both.
        for skipped in reading.skipped:
            demand(skipped.line is None or skipped.line <= lines, skipped)
            demand(skipped.offset is None or skipped.offset <= len(data), skipped)


def is_plain(data: bytes) -> bool:
    """Whether the bytes are read as they stand: not expanded, no other encoding than UTF-8, no byte left out."""
    return b"\0" not in data and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x1f\x8b"))


def with_rubbish(reader: Reader, folder: Path) -> Try:
    """A file with rubbish behind its end: that must be named."""

    def run(data: bytes) -> Counter[str]:
        if not is_plain(data):
            return Counter()
        path = folder / "input"
        path.write_bytes(data + RUBBISH)
        reading = reader.read(Blob("input", str(path), len(data) + len(RUBBISH)))
        demand(reading.skipped or reading.format in NOISY, f"rubbish behind the end is not named ({reading.format})")
        return Counter(rubbish=1)

    return run


def as_archive(reader: Reader, folder: Path) -> Try:
    """Every member of an archive, as of a case."""

    def run(data: bytes) -> Counter[str]:
        path = folder / "input"
        path.write_bytes(data)
        counts: Counter[str] = Counter()
        readings = reader.readings(Blob("input", str(path), len(data)))
        demand(readings, "neither read nor named")
        for reading in readings:
            demand(f"{reading.path}/".startswith("input/"), reading.path)
            # Beyond so many things named, an archive counts the reasons and a member has its own in `why`.
            demand(reading.format or reading.skipped or reading.why, f"neither read nor named: {reading.path}")
            for skipped in reading.skipped:
                demand(OURS not in skipped.reason, skipped.reason)
            counts += Counter(members=1, facts=len(reading.facts), named=len(reading.skipped))
        return counts

    return run


def archives(files: list[bytes]) -> list[bytes]:
    """Archives of these files of each kind, and each kind inside of the others."""
    generator = random.Random(1)  # noqa: S311  # Repeatable, not secret.
    plain = [(f"{number}.log", data) for number, data in enumerate(files)]
    made: list[bytes] = []
    for depth in range(3):
        pool = plain + [(f"{number}.bin", data) for number, data in enumerate(made)] * (depth > 0)
        for _ in range(4):
            members = generator.sample(pool, min(4, len(pool)))
            made += (zipped(members, generator.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))), tarred(members))
            made.append(gzip.compress(tarred(members), 1, mtime=0))
    return made


def zipped(members: list[tuple[str, bytes]], method: int) -> bytes:
    """A zip of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


def tarred(members: list[tuple[str, bytes]]) -> bytes:
    """A tar of these members."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def lab_files(folder: Path) -> dict[str, list[bytes]]:
    """The small files of some cases of the lab, by the format that reads them."""
    found: dict[str, list[bytes]] = {}
    for number, scenario in enumerate(SCENARIOS):
        write_case(folder / str(number), scenario, 120, 2, 1, 2, jobs=1)
        for path in sorted((folder / str(number) / "case").rglob("*")):
            data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
            if not 0 < len(data) <= LAB_BYTES_MAX:
                continue
            known = formats.recognise(Head(path.name, data, whole=True))
            found.setdefault(known.id if known else "", []).append(data)
    return found


def as_content(module: ModuleType) -> Try:
    """What an export or a payload reads from its content alone."""

    def run(data: bytes) -> Counter[str]:
        counts: Counter[str] = Counter()
        module.score(Head("input", data[:65536], whole=len(data) <= 65536))
        try:
            for item in module.read(Content("input", data, UTC)):
                counts["facts"] += isinstance(item, Fact)
                counts["named"] += isinstance(item, Skipped)
                if isinstance(item, Fact) and item.at is not None:
                    instants.render(item.at)
        except FormatError:
            counts["refused"] += 1
        return counts

    return run


def as_rule(folder: Path) -> Try:
    """What the rule reader makes of a file; an accepted rule must also test a long line in bounded time."""
    line = signatures.load()[0][0].examples[0].message + "a" * 4000

    def run(data: bytes) -> Counter[str]:
        path = folder / "input.yml"
        path.write_bytes(data)
        try:
            signature = rule.read(path)
        except SignatureError as error:
            if error.line is None:
                raise
            return Counter(refused=1)
        record = formats.log_formats()["log-compact"].LAYOUT.frame(
            f"2026-05-17 03:47:12.883 Df teslad[1:1] {line}", Stamps(UTC)
        )
        signatures.match(record, [signature], 0, 0)
        return Counter(accepted=1)

    return run


def targets(folder: Path) -> dict[str, Target]:
    """What is fuzzed, by name."""
    rules = signatures.load()[0]
    messages = [each.message for signature in rules for each in signature.examples]
    files = {path: path.read_bytes() for path in sorted(SEEDS.glob("*/*/*")) if path.is_file()}
    of_lab = lab_files(folder / "lab")
    made: dict[str, Target] = {}
    for name, (family, module) in formats.formats().items():
        if family == "log":
            lines = SAMPLES[name]
            texts = [
                "\n".join((line, line.rpartition(" ")[0] + " " + message, line))
                for line in lines
                for message in messages
            ]
            reader = Reader(rules, UTC)
            ways = [as_file(reader, folder), as_file(Reader(rules, UTC, forced=name), folder)]
            ways.append(with_rubbish(reader, folder))
            made[name] = (ways, [text.encode() for text in texts] + of_lab.get(name, []) * 4, TOKENS + LOG_TOKENS)
        else:
            own = [data for path, data in files.items() if path.parent.name == name.replace("-", "_")]
            own += of_lab.get(name, [])[:40]
            reader = Reader(rules, UTC)
            ways = [as_content(module), as_file(reader, folder), with_rubbish(reader, folder)]
            made[name] = (ways, own * 4 + list(files.values()), TOKENS)
    members = [data for each in of_lab.values() for data in each[:2]]
    made[ARCHIVES] = ([as_archive(Reader(rules, UTC), folder)], archives(members) + of_lab.get("", []), TOKENS)
    shipped = [signature.path.read_bytes() for signature in rules]
    made[SIGNATURES] = ([as_rule(folder)], shipped, TOKENS + RULE_TOKENS)
    return made


def memory_kb() -> int:
    """The largest memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def attempt(run: Try, data: bytes, base_kb: int) -> Counter[str]:
    """What an input gave. Raises TooMuchError beyond the bounds, and whatever the reader lets through."""
    began = time.process_time()  # Others may have the machine meanwhile; what hangs without work is seen by who waits.
    counts = run(data)
    seconds = time.process_time() - began
    if seconds > SECONDS_MAX or memory_kb() - base_kb > MEMORY_KB_MAX:
        message = f"{seconds:.1f} s, {(memory_kb() - base_kb) // 1024} MB"
        raise TooMuchError(message)
    return counts


def fuzz(name: str, target: Target, seconds: float, seed: int) -> bool:
    """Try damaged seeds for some seconds and print the counts; whether all went well."""
    ways, seeds, tokens = target
    counts: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    base_kb = memory_kb()
    end = time.monotonic() + seconds
    number = 0
    while time.monotonic() < end:
        number += 1
        generator = random.Random(f"{seed} {name} {number}")  # noqa: S311  # Repeatable, not secret.
        data = mutated(generator, seeds, tokens)
        for run in ways:
            try:
                counts += attempt(run, data, base_kb)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001  # Whatever comes is the finding.
                kind = f"{type(error).__name__} at {traceback.extract_tb(error.__traceback__)[-1].line}"
                failures[kind] += 1
                if failures[kind] <= 3:
                    keep(name, f"{seed}-{number}", data, error)
                base_kb = memory_kb()
    told = ", ".join(f"{count:,} {what}" for what, count in sorted(counts.items()))
    print(f"{name}: {number:,} inputs, {told}; {sum(failures.values())} failures", flush=True)
    for kind, count in failures.most_common():
        print(f"  {count:,} × {kind}", flush=True)
    return not failures


def keep(name: str, number: str, data: bytes, error: BaseException) -> None:
    """Write a failing input and its traceback to .fuzz/, where a person finds them."""
    KEPT.mkdir(exist_ok=True)
    path = KEPT / f"{name}-{number}"
    path.write_bytes(data)
    path.with_name(path.name + ".txt").write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    print(f"  kept {path.relative_to(ROOT)}: {type(error).__name__}: {str(error)[:100]}", file=sys.stderr, flush=True)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=3, help="in all (default: 3)")
    parser.add_argument("--hours", type=float, default=0, help="in all, instead of minutes")
    parser.add_argument(
        "--only", metavar="NAME", action="append", help=f"a format, {ARCHIVES} or {SIGNATURES}; may be repeated"
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="of the first input; another seed tries others (default: 1)"
    )
    return parser.parse_args()


def main() -> int:
    """Fuzz everything that was asked for; 1 if anything failed."""
    given = arguments()
    with tempfile.TemporaryDirectory() as folder:
        chosen = {name: each for name, each in targets(Path(folder)).items() if not given.only or name in given.only}
        if not chosen:
            print(f"fuzz: no format is called {' or '.join(given.only)}", file=sys.stderr)
            return 2
        seconds = (given.hours * 3600 or given.minutes * 60) / len(chosen)
        results = [fuzz(name, each, seconds, given.seed) for name, each in chosen.items()]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
