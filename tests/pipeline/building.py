"""Blobs and readers made for tests of the pipeline. Readers here have a small block, so that short texts cross it."""

import gzip
from collections.abc import Iterable
from datetime import UTC, tzinfo
from functools import cache
from pathlib import Path

from abm_trace.core.nouns import Blob, Fact, Origin, Reading
from abm_trace.pipeline.reading import Reader
from abm_trace.signatures import Signature, load

SUBSYSTEM = "com.apple.DeviceManagement.Enrollment"
BLOCK = 4096


@cache
def rules() -> list[Signature]:
    """The shipped signatures."""
    return load()[0]


def line(message: str, second: int = 0, minute: str = "2026-05-17 03:47") -> str:
    """A line of the article's log."""
    return f"{minute}:{second:02d}.000 DEBUG {SUBSYSTEM} [ABM] {message}"


def noise(count: int, minute: str = "2026-05-17 03:47") -> list[str]:
    """Lines without a fact."""
    return [f"{minute}:{n % 60:02d}.000 INFO com.apple.network connection {n} changed state" for n in range(count)]


def text(lines: Iterable[str], end: str = "\n") -> bytes:
    """The lines as bytes, each with its end."""
    return "".join(f"{each}{end}" for each in lines).encode()


def blob(folder: Path, data: bytes, name: str = "a.log") -> Blob:
    """A blob of these bytes."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return Blob(name, str(path), len(data))


def reader(zone: tzinfo = UTC, block: int = BLOCK, forced: str = "") -> Reader:
    """A reader of the shipped signatures with a small block."""
    return Reader(rules(), zone, forced, buffer=bytearray(block))


def read(folder: Path, data: bytes, zone: tzinfo = UTC, block: int = BLOCK) -> Reading:
    """The reading of a blob of these bytes."""
    return reader(zone, block).read(blob(folder, data))


def kinds(reading: Reading) -> list[str]:
    """The kinds of a reading's facts, in order."""
    return [fact.kind for fact in reading.facts]


def reasons(reading: Reading) -> str:
    """Everything that was named as not used, as one text."""
    return "\n".join(each.reason for each in reading.skipped)


def cut_gzip(data: bytes, bytes_off: int) -> bytes:
    """A gzip of the data whose last bytes are missing."""
    return gzip.compress(data)[:-bytes_off]


def fact(kind: str, at: int | None, source: str = "log", path: str = "a.log", **attrs: str) -> Fact:
    """A fact of this kind."""
    return Fact(kind, at, source, "", attrs, Origin(path, "x", 0, 1))
