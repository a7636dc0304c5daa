"""Logs for tests: the real writer on a folder, with a clock of the test's own."""

import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from abm_trace.core import instants
from abm_trace.evidence import blobs, store
from abm_trace.evidence._report import Options, Report
from abm_trace.evidence.entry import Entry
from abm_trace.evidence.note import VerifierKey
from abm_trace.evidence.places import Places
from abm_trace.evidence.store import Pending, Writer
from abm_trace.evidence.verify import verify

ORIGIN: Final = "abm-trace.example/evidence"
START: Final = instants.parse("2026-01-01T00:00:00Z")
DAY: Final = 86_400 * instants.SECOND


def said(kind: str, at: int, **fields: object) -> Entry:
    """An entry of a kind that keeps no bytes."""
    defaults: dict[str, object] = {"actor": "ann", "reason": "a test"}
    return Entry(1, instants.render(at), kind, **defaults | fields)  # type: ignore[arg-type]  # A shorthand.


def first(key: VerifierKey) -> Sequence[Pending]:
    """The entries that a log begins with."""
    return [
        Pending(said("key", START, act="add", key=str(key))),
        Pending(said("config", START, days_min=90)),
    ]


def line(number: int) -> bytes:
    """What the n-th input of a test holds."""
    return b"2026-01-01 00:00:00.%03d DEBUG boot of device %d\n" % (number % 1000, number)


def keep(writer: Writer, number: int, at: int = START) -> Pending:
    """The n-th input, stored and bound to a device."""
    binding = blobs.Binding(f"logs/F9FXQ{number:05d}.log", (blobs.Ids(f"F9FXQ{number:05d}"),), tokens=("tok_1",))
    return writer.keep("raw", io.BytesIO(line(number)), now=at, origin="folder", binding=binding)


def make(folder: Path, inputs: int = 0, *, batch: int = 1000) -> Places:
    """A log of two entries, and so many inputs behind them, a checkpoint a batch."""
    places = Places.of(folder / "log")
    store.create(places, ORIGIN, first)
    add(places, range(inputs), batch=batch)
    return places


def add(places: Places, numbers: range, *, at: int = START, batch: int = 1000) -> None:
    """Put these inputs behind the others."""
    with Writer(places) as writer, ThreadPoolExecutor(8) as pool:
        for begin in range(0, len(numbers), batch):
            some = numbers[begin : begin + batch]
            writer.append(list(pool.map(lambda number: keep(writer, number, at), some)))
            writer.checkpoint()


def check(places: Places, **options: object) -> Report:
    """The report on a log."""
    return verify(places, Options(**options))  # type: ignore[arg-type]  # A shorthand.


def where(report: Report) -> set[str]:
    """What the problems are about."""
    return {each.where for each in report.problems}
