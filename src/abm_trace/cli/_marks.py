"""What analysts say of findings: an append-only file of marks, each bound to the digests of the lines it judges.

Nothing of a case is touched, and no verdict hangs on a mark. Whoever changes their mind marks again: the last counts.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import click
import msgspec

from abm_trace.cli import _appended
from abm_trace.core import instants
from abm_trace.core.nouns import Finding, Skipped
from abm_trace.identity import canonical

JUDGEMENTS: Final = ("confirmed", "false-positive")
_VARIABLE: Final = "ABM_TRACE_MARKS"

option = click.option(
    "--marks",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar=_VARIABLE,
    metavar="FILE",
    help=f"Where marks are kept; else ${_VARIABLE}, else $XDG_DATA_HOME/abm-trace/marks.ndjson.",
)


class Mark(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/mark/1"):
    """One judgement of one finding of one device. `digests` are those of the lines or records that prove it."""

    at: str
    by: str
    serial: str
    finding: str
    judgement: str
    why: str
    digests: tuple[str, ...]
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of a file, in the order in which they were made, and what of the file could not be read."""

    items: tuple[Mark, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    def of(self, serial: str, finding: Finding) -> Mark | None:
        """The last mark of a device's finding: one of the same lines, wherever they stand now."""
        digests, key = digests_of(finding), canonical(serial)
        for mark in reversed(self.items):
            if (
                mark.finding == finding.id
                and canonical(mark.serial) == key
                and not set(mark.digests).isdisjoint(digests)
            ):
                return mark
        return None

    def judged(self) -> dict[str, tuple[int, int]]:
        """Finding id → (how many of it were judged, how many of them were right), each by its last mark."""
        later: dict[tuple[str, str], set[str]] = {}
        counts: dict[str, tuple[int, int]] = {}
        for mark in reversed(self.items):
            known = later.setdefault((canonical(mark.serial), mark.finding), set())
            if known.isdisjoint(mark.digests):
                judged, right = counts.get(mark.finding, (0, 0))
                counts[mark.finding] = (judged + 1, right + (mark.judgement == "confirmed"))
            known.update(mark.digests)
        return counts


def right(name: str, judged: Mapping[str, tuple[int, int]]) -> str:
    """How often a finding was right, with its 95 % interval: a share alone would say the same of 1 and of 1,000."""
    from abm_trace.views.contrast import wilson

    of, confirmed = judged.get(name, (0, 0))
    if not of:
        return "not judged"
    low, high = wilson(confirmed, of)
    return f"{confirmed:,} of {of:,} ({100 * confirmed / of:.0f} %, {100 * low:.0f}–{100 * high:.0f})"


def path_of(given: Path | None, environment: Mapping[str, str] = os.environ) -> Path:
    """The file of marks: as the user named it, else in the user's data folder."""
    return _appended.path_of(given, "marks.ndjson", environment)


def digests_of(finding: Finding) -> tuple[str, ...]:
    """What a mark of the finding is bound to: its lines' digests; that of its text where it cites nothing."""
    found = tuple(dict.fromkeys(origin.sha256 for origin in finding.evidence if origin.sha256))
    return found or (sha256(f"{finding.id}\n{finding.text}".encode(errors="surrogatepass")).hexdigest(),)


def now() -> str:
    """The moment of a mark, to the second."""
    at = instants.from_datetime(datetime.now(UTC), UTC)  # noqa: TID251  # A person judges now; no stage reads this.
    return instants.render(at - at % instants.SECOND)


def append(path: Path, mark: Mark) -> None:
    """Write a mark behind the others, on the disk when this returns. Raises OutputError."""
    _appended.append(path, mark, hint="Name a file in a folder that can be written: --marks FILE")


def read(path: Path) -> Marks:
    """The marks of the file; none where it does not exist. Lines that are no marks are named and left out."""
    items, skipped = _appended.read(path, Mark, _flaw)
    return Marks(tuple(items), tuple(skipped))


def _flaw(mark: Mark) -> str:
    return "" if mark.judgement in JUDGEMENTS else f"{mark.judgement[:40]!r} is no judgement"
