"""Read many blobs: in this process, or in one process a core, the largest first. The order of results never matters."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import tzinfo
from pathlib import Path
from typing import Final

import msgspec

from abm_trace import signatures
from abm_trace.core.nouns import Blob, Fact, Reading, Skipped
from abm_trace.core.packed import Packed
from abm_trace.core.spill import Spill
from abm_trace.pipeline.accounting import unread
from abm_trace.pipeline.crew import Crew, can_fork
from abm_trace.pipeline.members import Member
from abm_trace.pipeline.reading import Reader, Scanned, complete
from abm_trace.pipeline.text import block_buffer
from abm_trace.pipeline.told import packed_facts

ALONE_BYTES_MAX: Final = 16 * 1024 * 1024
"""Up to here a second process costs more than it saves. Origin: measured."""

KILLED: Final = "the process that read it was killed"
"""What is named of a file over which that happened twice; another time it may be read."""

HELD_BYTES_MAX: Final = 160_000_000
"""How much the facts of all readings may take at hand; where they take more, or some come packed, all are, which
doubles the time that they take. Origin: ours, for 300 MB in all."""

_FACT_BYTES: Final = 240
_SAID_BYTES: Final = 250
"""What a fact takes, and what it says: its value and its attributes each. A fleet says much alike, which is held once
[signatures.facts]. Origin: measured, Python 3.11 on 64 bits."""

_BATCH_BYTES = 24 * 1024 * 1024
_BATCH_BLOBS = 256

_reader: Reader | None = None
_apart = msgspec.msgpack.Decoder(list[msgspec.Raw])
_decoder = msgspec.msgpack.Decoder(Scanned)


def cores() -> int:
    """How many processes may run at once here."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def buffer() -> bytearray:
    """The buffer of this process's reader, which has no use for it while something else is done; else a new one."""
    return _reader.buffer if _reader else block_buffer()


@contextmanager
def crew(blobs: Sequence[Blob], reader: Reader, folders: Sequence[Path], jobs: int) -> Iterator[Crew | None]:
    """The processes that read these blobs, of which one later reads again what is cited; None where one does it all."""
    global _reader  # noqa: PLW0603  # Forked workers inherit the compiled signatures instead of reading them again.
    jobs = min(jobs, len(blobs))
    if jobs < 2 or sum(blob.size_bytes for blob in blobs) <= ALONE_BYTES_MAX:
        yield None
        return
    _reader = reader if can_fork() else None
    try:
        with Crew(jobs, _start, reader.zone, reader.forced, reader.count_lines, tuple(folders)) as found:
            yield found
    finally:
        _reader = None


def read_all(
    blobs: Sequence[Blob], reader: Reader, crew: Crew | None, done: Callable[[int, int], None]
) -> tuple[list[Reading], list[Member]]:
    """The readings of all blobs, in order of path, and the members among them.

    `done(blobs, bytes)` is told what was read since the last call.
    """
    rules = {signature.id: signature for signature in reader.signatures}
    files = {blob.path: blob for blob in blobs}
    readings: list[Reading] = []
    alike, held, packing, spill = signatures.Alike(), 0, False, Spill()
    members: list[Member] = []
    for each, count, size in _in_processes(blobs, crew) if crew else _alone(blobs, reader):
        for scanned in each:
            made = alike.made
            reading = complete(scanned, rules, alike, spill)
            held += _bytes(reading, scanned.reading.facts, 2 * (alike.made - made))
            readings.append(_packed(reading, spill) if packing else reading)
            if not packing and (held > HELD_BYTES_MAX or isinstance(reading.facts, Packed)):
                packing = True
                readings = [_packed(each, spill) for each in readings]
            if scanned.archive:
                members.append(_member(scanned, files[scanned.archive]))
        done(count, size)
    if crew:  # Where there is very much, this process cites alone: another one holds 60 MB.
        crew.shrink(0 if packing else 1)
    return sorted(readings, key=lambda reading: reading.path), members


def _bytes(reading: Reading, told: Sequence[Fact], made: int) -> int:
    """What the facts of a reading take at hand, about: what it told itself, and so many things `made` for the rest."""
    if isinstance(reading.facts, Packed):
        return 0
    said = {id(part) for fact in told for part in (fact.value, fact.attrs)}
    return len(reading.facts) * _FACT_BYTES + (len(said) + made) * _SAID_BYTES


def _packed(reading: Reading, spill: Spill) -> Reading:
    if not reading.facts or isinstance(reading.facts, Packed):
        return reading
    return msgspec.structs.replace(reading, facts=packed_facts(reading.facts, spill))


def _member(scanned: Scanned, archive: Blob) -> Member:
    reading = scanned.reading
    return Member(
        reading.path,
        archive.location,
        reading.size_bytes,
        archive.modified_at,
        archive.path,
        archive.size_bytes,
        scanned.first_sha256,
        frozenset(scanned.names),
    )


def _alone(blobs: Sequence[Blob], reader: Reader) -> Iterator[tuple[Iterable[Scanned], int, int]]:
    for blob in blobs:
        yield reader.scan(blob), 1, blob.size_bytes


def _in_processes(blobs: Sequence[Blob], crew: Crew) -> Iterator[tuple[Iterable[Scanned], int, int]]:
    for batch, answer in crew.answers(_read, _batches(blobs)):
        if answer is not None:
            yield _scanned(answer), len(batch), sum(blob.size_bytes for blob in batch)
            continue
        for blob in batch:
            again = crew.alone(_read, [blob])
            yield _scanned(again) if again else [_killed(blob)], 1, blob.size_bytes


def _scanned(answer: bytes) -> Iterator[Scanned]:
    """What a process answered, one reading at hand after the other."""
    return map(_decoder.decode, _apart.decode(answer))


def _killed(blob: Blob) -> Scanned:
    reason = f"not used: {KILLED}, which happens when memory is short: cut the file into several"
    return Scanned(unread(blob, Skipped(blob.path, reason)), [])


def _batches(blobs: Sequence[Blob]) -> Iterator[list[Blob]]:
    """Batches of some size, the largest blobs first, so that no core is left with a large one at the end."""
    batch: list[Blob] = []
    size = 0
    for blob in sorted(blobs, key=lambda blob: (-blob.size_bytes, blob.path)):
        batch.append(blob)
        size += blob.size_bytes
        if size >= _BATCH_BYTES or len(batch) >= _BATCH_BLOBS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _start(zone: tzinfo, forced: str, count_lines: bool, folders: tuple[Path, ...]) -> None:  # noqa: FBT001
    global _reader  # noqa: PLW0603
    if _reader is None:
        found, _ = signatures.load(folders)
        _reader = Reader(found, zone, forced, count_lines)


def _read(batch: list[Blob]) -> bytes:
    if _reader is None:
        message = "the worker was not started"
        raise RuntimeError(message)
    return msgspec.msgpack.encode([each for blob in batch for each in _reader.scan(blob)])
