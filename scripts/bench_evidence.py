"""How fast the evidence log appends and is checked, and in how much memory: `bench_evidence.py [ENTRIES [LOGS]]`.

Times are of the processor, for the disk is not ours; wall time stands beside it. Nothing here fails: it prints figures.
"""

import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final

from abm_lab.case import write_case
from abm_trace.core import instants
from abm_trace.evidence import blobs, bundle, store
from abm_trace.evidence.adding import Input, add
from abm_trace.evidence.entry import VERSION, Entry, commitment
from abm_trace.evidence.note import VerifierKey
from abm_trace.evidence.places import Places
from abm_trace.evidence.redaction import Mask, cited
from abm_trace.evidence.store import Pending, Writer

BATCH: Final = 1_000
INPUTS: Final = 2_000
AT: Final = instants.parse("2026-01-01T00:00:00Z")
LARGE, LARGE_BYTES = 512, 2 * 1024 * 1024
CHECK_BUNDLE: Final = r"""
import re, sys, time
from pathlib import Path
from abm_trace.evidence.bundle_check import verify_bundle
from abm_trace.evidence._report import Options
begin = time.process_time()
report = verify_bundle(Path(sys.argv[1]), Options())
took = time.process_time() - begin
print(len(report.problems), took, int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""
CHECK: Final = """
import resource, sys, time
from pathlib import Path
from abm_trace.evidence.places import Places
from abm_trace.evidence._report import Options
from abm_trace.evidence.verify import verify
begin = time.process_time()
report = verify(Places.of(Path(sys.argv[1])), Options(raw=sys.argv[2] == "raw"))
print(report.head.size, len(report.problems), time.process_time() - begin,
      resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the processor and of the wall that some work takes."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


def memory() -> int:
    """The most memory of this process so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def first(key: VerifierKey) -> Sequence[Pending]:
    """What a log begins with."""
    said = {"v": VERSION, "t": instants.render(AT), "actor": "bench", "reason": "bench"}
    return [
        Pending(Entry(kind="key", act="add", key=str(key), **said)),  # type: ignore[arg-type]  # A shorthand.
        Pending(Entry(kind="config", days_min=90, **said)),  # type: ignore[arg-type]  # As above.
    ]


def append(places: Places, count: int) -> None:
    """Entries, all of one kept input, acknowledged and under a checkpoint a thousand."""
    binding = blobs.Binding("logs/F9FXQ1ABCD.log", (blobs.Ids("F9FXQ1ABCD"),))
    with Writer(places) as writer:
        kept = blobs.Secret.parse(writer.keep("raw", io.BytesIO(b"x"), now=AT, origin="bench", binding=binding).secret)
        if kept is None:
            raise RuntimeError("nothing was kept")
        for begin in range(0, count, BATCH):
            batch = []
            for number in range(begin, min(begin + BATCH, count)):
                secret = kept._replace(nonce=number.to_bytes(32, "big"))
                digest = commitment(secret.nonce, b"x")
                entry = Entry(
                    VERSION, instants.render(AT), "raw", c=digest, size_bytes=1, stored=digest,
                    binds=blobs.binding_commitment(secret), source="bench",
                )  # fmt: skip
                batch.append(Pending(entry, secret.render()))
            writer.append(batch)
            writer.checkpoint()


def keep(places: Places) -> None:
    """Inputs of 4 KB each, kept on the disk."""
    inputs = [Input(str(n), partial(io.BytesIO, b"%06d" % n * 680), blobs.Binding(str(n))) for n in range(INPUTS)]
    with Writer(places) as writer:
        for each in add(writer, inputs, kind="raw", origin="bench", now=AT):
            if each.record is None:
                raise RuntimeError(each.reason)


def check(places: Places, what: str) -> str:
    """The figures of a check in a process of its own."""
    words = [sys.executable, "-c", CHECK, str(places.store), what]
    begin = time.perf_counter()
    size, problems, cpu, most = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    wall = time.perf_counter() - begin
    return f"{int(size):,} entries in {float(cpu):.2f} s ({wall:.2f} of the wall), {most} MB, {problems} problems"


def random() -> Iterator[Input]:
    """1 GB that does not compress."""
    for number in range(LARGE):
        yield Input(f"{number}", lambda: io.BytesIO(os.urandom(LARGE_BYTES)), blobs.Binding(f"{number}"))


def logs(folder: Path) -> Iterator[Input]:
    """The logs of a folder, until they are 1 GB."""
    left = LARGE * LARGE_BYTES
    for path in sorted(folder.rglob("*.log")):
        left -= path.stat().st_size
        if left < 0:
            return
        yield Input(path.name, partial(io.FileIO, path), blobs.Binding(path.name))


def bundled(what: str, folder: Path, inputs: Iterable[Input], key: bytes = b"") -> None:
    """A bundle of the inputs, as they are stored or, with a key, by line, and its check."""
    places, out = Places.of(folder / what), folder / f"{what}.tar"
    store.create(places, "bench.example/evidence", first)
    with Writer(places) as writer:
        for each in add(writer, inputs, kind="raw", origin="bench", now=AT):
            if each.record is None:
                raise RuntimeError(each.reason)
        size = sum(entry.size_bytes or 0 for _, entry, _ in writer.published.keeping(writer.size)) / 1e6
        asked = bundle.Asked("bench", "bench", AT, key=key)
        cpu, wall = timed(lambda: bundle.make(writer, out, asked))
    print(f"bundle   {what}: {size:,.0f} MB in {out.stat().st_size / 1e6:,.0f} MB, {rates(size, cpu, wall)}")
    words, begin = [sys.executable, "-c", CHECK_BUNDLE, str(out)], time.perf_counter()
    problems, seconds, memory = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    speed = rates(size, float(seconds), time.perf_counter() - begin)
    print(f"verify   {what}: {speed}, {memory} MB of memory, {problems} problems")


def rates(size: float, cpu: float, wall: float) -> str:
    """Megabytes in seconds of the processor and of the wall."""
    return f"{size / cpu:,.0f} MB/s of the processor, {size / wall:,.0f} with the disk"


def redacted(folder: Path) -> None:
    """The lines of the logs of a simulated rollout, looked through for a bundle."""
    case = write_case(folder, "chicago", 600, 20, 3, 20)
    files = [path.read_bytes().splitlines(keepends=True) for path in sorted(case.glob("logs/**/*.log"))]
    texts = [lines for lines in files if lines and not lines[0].startswith(b"\x1f")]
    truth = json.loads((folder / "truth.json").read_bytes())
    mask = Mask(bytes(32), names={each["serial"]: each["serial"] for each in truth["devices"]})
    digests = {sha256(lines[len(lines) // 2].rstrip(b"\r\n")).hexdigest(): () for lines in texts}  # One a log is cited.
    cpu, _ = timed(lambda: [cited(lines, mask, digests) for lines in texts])
    count, size = sum(map(len, texts)), sum(len(line) for lines in texts for line in lines) / 1e6
    print(f"redact   {size / cpu:,.1f} MB/s of the processor, {size:,.1f} MB, {count:,} lines")


def main(count: int, source: Path | None = None) -> None:
    """Print the figures; with the logs of a folder, up to 1 GB, also those of bundles of them."""
    with tempfile.TemporaryDirectory() as folder:
        records, inputs = Places.of(Path(folder) / "records"), Places.of(Path(folder) / "inputs")
        for places in (records, inputs):
            store.create(places, "bench.example/evidence", first)
        cpu, wall = timed(lambda: append(records, count))
        print(f"append   {count / cpu:,.0f} entries/s of the processor, {count / wall:,.0f} with the disk")
        print(f"         {memory()} MB")
        print(f"verify   {check(records, 'records')}")
        cpu, wall = timed(lambda: keep(inputs))
        print(f"keep     {INPUTS / cpu:,.0f} inputs/s of the processor, {INPUTS / wall:,.0f} with the disk, 4 KB each")
        print(f"verify   {check(inputs, 'raw')}, their bytes too")
        bundled("random", Path(folder), random())
        if source is not None:
            bundled("logs", Path(folder), logs(source))
            bundled("by-line", Path(folder), logs(source), bytes(32))
        print(f"         {memory()} MB, the most of all of this")
        redacted(Path(folder) / "case")


if __name__ == "__main__":
    main(int((sys.argv[1:2] or ["200000"])[0]), *map(Path, sys.argv[2:3]))
