"""Each byte of each file of a log, changed by itself: `python -m tests.evidence.flips FOLDER [--sample N]`.

The files are held in memory, and the check reads them there. First what the changed file touches is looked at, with the
check's own parts (256 records and their hashes; the one record of a private line or of a kept file): they look at
nothing else, and what they name the whole check names. Where they name nothing, and for one byte in some hundreds, the
whole check runs. A change is found when the record that it is in, or the file, is named.
"""

import argparse
import contextlib
import functools
import io
import multiprocessing
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from cryptography import x509
from tests.evidence import building
from tests.evidence.authority import Authority

from abm_trace.evidence import blobs, bundle, stamp, stamping, tiles
from abm_trace.evidence._report import Options, Report
from abm_trace.evidence.bundle_check import verify_bundle
from abm_trace.evidence.bundle_contents import lines_path
from abm_trace.evidence.bundle_file import Bundle
from abm_trace.evidence.files import Folder
from abm_trace.evidence.note import VerifierKey
from abm_trace.evidence.places import Places
from abm_trace.evidence.store import Writer
from abm_trace.evidence.verify import ahead, check
from abm_trace.evidence.verify import entries as records
from abm_trace.evidence.verify._log import Log
from abm_trace.evidence.verify.kept import Kept

_BLOCK: Final = 512
_CHUNK: Final = 4096
_WHOLE_EVERY: Final = 499
_STAGING: Final = "private/staging.db"


class Stretch(NamedTuple):
    """Bytes `first` to `end` of a file, and what a report must name when one of them is changed: one of `names`."""

    first: int
    end: int
    names: tuple[str, ...]


def flipped(data: bytes, at: int) -> bytes:
    """The bytes with one bit of one of them changed: which one, the place says."""
    return data[:at] + bytes([data[at] ^ 1 << at * 7 % 8]) + data[at + 1 :]


def is_named(report: Report, names: tuple[str, ...]) -> bool:
    """Whether the report names one of these: a record, a file, or a byte."""
    return any(each.where in names or each.text.startswith(names) for each in report.problems)


def entries(path: str, data: bytes) -> Iterator[Stretch]:
    """The records of an entry bundle, their lengths with them."""
    at, base = 0, _base(path)
    for number, entry in enumerate(tiles.unbundle(data)):
        end = at + tiles.LENGTH_BYTES + len(entry)
        yield Stretch(at, end, (f"record {base + number}",))
        at = end


def leaves(path: str, data: bytes) -> Iterator[Stretch]:
    """The records of a tile of leaf hashes."""
    for number in range(len(data) // tiles.HASH_BYTES):
        at = number * tiles.HASH_BYTES
        yield Stretch(at, at + tiles.HASH_BYTES, (f"record {_base(path) + number}",))


def private(path: str, data: bytes) -> Iterator[Stretch]:
    """The records of private lines, their newlines with them."""
    at = 0
    for number, line in enumerate(data.split(b"\n")[:-1]):
        yield Stretch(at, at + len(line) + 1, (f"record {_base(path) + number}",))
        at += len(line) + 1
    yield Stretch(at - 1, at, (path,))  # Without its last newline a file is cut.


def _base(path: str) -> int:
    """The first record of a tile, entry bundle or private file."""
    digits = path.partition(".p/")[0].removeprefix("tile/entries/").removeprefix("tile/0/").removeprefix("private/")
    return int(digits.replace("x", "").replace("/", "")) * tiles.WIDTH


def stretches(path: str, data: bytes, keepers: dict[str, int], size: int) -> Iterator[Stretch]:
    """What a report must name for each byte of a file of a log of this size; `keepers` are records of kept files."""
    older = ".p/" in path and not path.endswith(f".p/{size % tiles.WIDTH}")
    if older:  # What a tile was, which other programs may still read, speaks for no record.
        yield Stretch(0, len(data), (path,))
    elif path.startswith("tile/entries/"):
        yield from entries(path, data)
    elif path.startswith("tile/0/"):
        yield from leaves(path, data)
    elif path.startswith("private/"):
        yield from private(path, data)
    elif path in keepers:
        yield Stretch(0, len(data), (f"record {keepers[path]}",))
    else:
        yield Stretch(0, len(data), (path,))


def size_of(checkpoint: bytes) -> int:
    """How many records a checkpoint is over."""
    return int(checkpoint.split(b"\n")[1])


def keepers(privates: Sequence[tuple[str, bytes]]) -> dict[str, int]:
    """The kept files and their records, as the private files have it."""
    found = {}
    for path, data in privates:
        for number, line in enumerate(blobs.lines_of(data)):
            if secret := blobs.Secret.parse(line):
                found[blobs.path_of(secret.sha256)] = _base(path) + number
    return found


def bundle_stretches(path: Path) -> Iterator[Stretch]:
    """What the report on a bundle must name for each byte: parts and records, else the place of a header or gap."""
    bundle = Bundle(path)
    parts = {name: bundle.read(name, 1 << 20) for name in bundle.members}
    kept = keepers([(f"private/{name[17:]}", data) for name, data in parts.items() if "/private/" in name])
    shown = {lines_path(index): f"record {index}" for index in range(tiles.WIDTH)}
    end = 0
    size = size_of(parts["evidence/checkpoint"])
    for name, (start, bytes_) in bundle.members.items():
        yield Stretch(start - _BLOCK, start, (f"byte {start - _BLOCK}:",))
        stretched: Iterator[Stretch] = iter([Stretch(0, bytes_, (name, shown.get(name, name)))])
        if name.startswith("evidence/") and "/checkpoints/" not in name and "/stamps/" not in name:
            stretched = stretches(name.removeprefix("evidence/"), parts[name], kept, size)
        for each in stretched:
            yield Stretch(start + each.first, start + each.end, each.names)
        end = start + bytes_ + -bytes_ % _BLOCK
        yield Stretch(start + bytes_, end, (f"byte {start + bytes_}:",))
    yield Stretch(end, path.stat().st_size, (f"byte {end}:",))


def unnamed(path: Path, first: int = 0, step: int = 1) -> list[int]:
    """Those of every so many bytes of a bundle whose change is not found, or not named as what it is."""
    if verify_bundle(path, Options()).problems:
        raise ValueError(f"{path}: is no whole bundle")
    data = path.read_bytes()
    names: list[tuple[str, ...]] = [()] * len(data)
    for each in bundle_stretches(path):
        for at in range(each.first, each.end):
            names[at] += each.names
    found = []
    with path.open("r+b", buffering=0) as file:
        for at in range(first, len(data), step):
            os.pwrite(file.fileno(), flipped(data, at)[at : at + 1], at)
            if not is_named(verify_bundle(path, Options()), names[at]):
                found.append(at)
            os.pwrite(file.fileno(), data[at : at + 1], at)
    return found


class Memory(Folder):
    """The files of a store, read from memory, one of them changed."""

    def __init__(self, files: dict[str, bytes], path: str, changed: bytes) -> None:
        super().__init__(Path("memory"))
        self.files, self.path, self.changed = files, path, changed

    def open(self, path: str) -> BinaryIO | None:
        """The file to read, None if there is none."""
        data = self.changed if path == self.path else self.files.get(path)
        return None if data is None else io.BytesIO(data)

    def below(self, folder: str) -> Iterator[str]:
        """The paths of all that is below a folder."""
        return (path for path in self.files if path.startswith(f"{folder}/"))


class Flips:
    """A log, in memory, whose bytes are changed one at a time."""

    def __init__(self, places: Places, keys: Sequence[VerifierKey]) -> None:
        self.places, self.keys = places, keys
        self.files = {
            str(path.relative_to(places.store)): path.read_bytes()
            for path in sorted(places.store.rglob("*"))
            if path.is_file() and not str(path.relative_to(places.store)).startswith(_STAGING)
        }
        self.keepers = keepers([each for each in self.files.items() if each[0].startswith("private/")])

    def is_found(self, path: str, at: int) -> bool:
        """Whether the change of one byte is found, and named as what it is."""
        data = self.files[path]
        names = tuple(name for each in self._stretches(path) if each.first <= at < each.end for name in each.names)
        changed = Memory(self.files, path, flipped(data, at))
        if at % _WHOLE_EVERY and is_named(self._touched(path, names[0], changed), names):
            return True
        return is_named(check(self._log(path, changed)), names)

    @functools.lru_cache(maxsize=4)  # noqa: B019  # It lives as long as the process.
    def _stretches(self, path: str) -> list[Stretch]:
        return list(stretches(path, self.files[path], self.keepers, self._size()))

    def _touched(self, path: str, name: str, folder: Memory) -> Report:
        """What the parts of the check that read the file say of it."""
        log = self._log(path, folder)
        kept = Kept(log)
        if log.raw:
            index = int(name.removeprefix("record "))
            number, at = divmod(index, tiles.WIDTH)
            records.take(log, kept, index, self._entries(number)[at], kept.lines(number, self._width(number)))
            for missed, gone in kept.missing:  # The whole check asks the ledger first; nothing is purged in this log.
                log.report.problem(f"record {missed}", f"{gone}: is missing")
        elif name.startswith("record "):
            number = _base(path) // tiles.WIDTH
            records.look(log, kept, number, self._width(number))
        else:
            check(log)
        return log.report

    def _log(self, path: str, folder: Memory) -> Log:
        log = Log(self.places, Options(keys=self.keys, raw=path.startswith(("raw/", "private/"))), folder)
        log.is_bundle = False
        return log

    def _width(self, number: int) -> int:
        return min(self._size() - number * tiles.WIDTH, tiles.WIDTH)

    @functools.lru_cache(maxsize=1)  # noqa: B019  # As above.
    def _size(self) -> int:
        return size_of(self.files["checkpoint"])

    @functools.lru_cache(maxsize=8)  # noqa: B019  # As above.
    def _entries(self, number: int) -> list[bytes]:
        return tiles.unbundle(self.files[tiles.path("entries", number, self._width(number))])


def stamped(places: Places, folder: Path) -> int:
    """Have the newest checkpoint stamped by an authority of its own in `folder`; the time of the stamp."""
    authority = Authority(folder)
    with Writer(places) as writer:
        answer = authority.answer(stamp.question(stamping.ask(writer), 7))
        roots = x509.load_pem_x509_certificates(authority.root.read_bytes())
        return stamping.keep(writer, answer, roots, now=stamp.parse(answer).at).at


_FLIPS: Flips


def _work(chunk: tuple[str, tuple[int, ...]]) -> tuple[str, int, list[int]]:
    path, places = chunk
    return path, len(places), [at for at in places if not _FLIPS.is_found(path, at)]


def _chunks(files: dict[str, bytes], only: Sequence[str], sample: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    rng = random.Random(7)
    for path, data in files.items():
        if only and path not in only:
            continue
        places: Sequence[int] = range(len(data))
        if 0 < sample < len(data):
            places = sorted(rng.sample(places, sample))
        yield from ((path, tuple(places[at : at + _CHUNK])) for at in range(0, len(places), _CHUNK))


def staging(places: Places) -> str:
    """What is said when each byte of the database of what waits is changed: it is no part of what is signed."""
    path = places.store / _STAGING
    before = path.read_bytes()
    said = {True: 0, False: 0}
    with path.open("r+b", buffering=0) as file:
        for at in range(0, len(before), max(1, len(before) // 4096)):
            os.pwrite(file.fileno(), bytes([before[at] ^ 1 << at % 8]), at)
            log = Log(places, Options(raw=False), None)
            ahead.waiting(log)
            said[bool(log.report.problems)] += 1
            os.pwrite(file.fileno(), before[at : at + 1], at)
    return f"{_STAGING}: {sum(said.values()):,} of its bytes: {said[True]:,} named, the others mean nothing"


def main(words: Sequence[str] | None = None) -> int:
    """Run it; 1 if a change was not found."""
    global _FLIPS  # noqa: PLW0603  # Forked workers find it here.
    parser = argparse.ArgumentParser(description="Change each byte of each file of a log, one at a time.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--records", type=int, default=2000)
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="so many bytes of each file, not all")
    parser.add_argument("--only", action="append", default=[], metavar="PATH", help="this file alone")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    typed = parser.parse_args(words)
    typed.folder.mkdir(parents=True)
    places = building.make(typed.folder, typed.records - 2, batch=256)
    stamped(places, typed.folder / "tsa")
    report = building.check(places)
    if report.problems:
        sys.stdout.write(f"the log is not whole: {report.problems}\n")
        return 1
    _FLIPS = Flips(places, report.signers)
    chunks = list(_chunks(_FLIPS.files, typed.only, typed.sample))
    total = sum(len(each) for _, each in chunks)
    begun, told = time.monotonic(), 0.0
    done, unseen = 0, 0
    with contextlib.closing(multiprocessing.get_context("fork").Pool(typed.jobs)) as pool:
        for path, count, missed in pool.imap_unordered(_work, chunks):
            done, unseen = done + count, unseen + len(missed)
            if missed:
                sys.stdout.write(f"NOT FOUND: {path}, bytes {', '.join(map(str, missed[:20]))}\n")
            if time.monotonic() - told > 10 or done == total:
                told = time.monotonic()
                sys.stdout.write(f"{done:,} of {total:,} bytes changed, {unseen} not found, {told - begun:,.0f} s\n")
                sys.stdout.flush()
        pool.terminate()
    if not typed.only:
        sys.stdout.write(f"{staging(places)}\n")
        out = typed.folder / "redacted.tar"
        with Writer(building.make(typed.folder / "small", 2)) as writer:
            bundle.make(writer, out, bundle.Asked("ann", "a test", building.START, key=bytes(32)))
        missed = unnamed(out, step=max(1, out.stat().st_size // typed.sample) if typed.sample else 1)
        unseen += len(missed)
        sys.stdout.write(f"a redacted bundle of {out.stat().st_size:,} bytes: {len(missed)} not found\n")
    return int(unseen > 0)


if __name__ == "__main__":
    sys.exit(main())
