"""What analysts say of findings: an append-only file of marks, each bound to the digests of the lines it judges.

Nothing of a case is touched, and no verdict hangs on a mark. Whoever changes their mind marks again: the last counts.
"""

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import click
import msgspec

from abm_trace.cli._terminal import OutputError
from abm_trace.core import instants
from abm_trace.core.nouns import Finding, Skipped
from abm_trace.identity import canonical

JUDGEMENTS: Final = ("confirmed", "false-positive")
_LINE_BYTES_MAX: Final = 64 * 1024
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
    """The file of marks: as the user named it, else in the user's data folder (XDG Base Directory Specification)."""
    if given is not None:
        return given
    home = environment.get("XDG_DATA_HOME", "")
    base = Path(home) if Path(home).is_absolute() else Path.home() / ".local" / "share"
    return base / "abm-trace" / "marks.ndjson"


def digests_of(finding: Finding) -> tuple[str, ...]:
    """What a mark of the finding is bound to: its lines' digests; that of its text where it cites nothing."""
    found = tuple(dict.fromkeys(origin.sha256 for origin in finding.evidence if origin.sha256))
    return found or (sha256(f"{finding.id}\n{finding.text}".encode(errors="surrogatepass")).hexdigest(),)


def now() -> str:
    """The moment of a mark, to the second."""
    at = instants.from_datetime(datetime.now(UTC), UTC)  # noqa: TID251  # A person judges now; no stage reads this.
    return instants.render(at - at % instants.SECOND)


def append(path: Path, mark: Mark) -> None:
    """Write a mark behind the others, on the disk when this returns. Raises OutputError.

    The line is written under a lock in one piece; what a crash left half written is closed first, and stays there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            with _locked(descriptor):
                size = os.fstat(descriptor).st_size
                data = msgspec.json.encode(mark) + b"\n"
                if size and os.lseek(descriptor, -1, os.SEEK_END) and os.read(descriptor, 1) != b"\n":
                    data = b"\n" + data
                while data:
                    data = data[os.write(descriptor, data) :]
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if not size:
            _sync_folder(path.parent)
    except OSError as error:
        message = f"{path}: the mark cannot be kept: {error.strerror}"
        raise OutputError(message, hint="Name a file in a folder that can be written: --marks FILE") from error


@contextlib.contextmanager
def _locked(descriptor: int) -> Iterator[None]:
    """Alone with the file, among all who mark; where the system has no such locks, O_APPEND alone keeps lines whole."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def _sync_folder(folder: Path) -> None:
    """Make the new file's name last as well, where folders can be synced."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def read(path: Path) -> Marks:
    """The marks of the file; none where it does not exist. Lines that are no marks are named and left out."""
    try:
        with path.open("rb") as file:
            lines = iter(lambda: file.readline(_LINE_BYTES_MAX), b"")
            found = [(number, _mark(line)) for number, line in enumerate(lines, 1) if line.strip()]
    except FileNotFoundError:
        return Marks()
    except OSError as error:
        return Marks(skipped=(Skipped(str(path), f"the marks cannot be read: {error.strerror}"),))
    marks = tuple(each for _, each in found if isinstance(each, Mark))
    return Marks(marks, tuple(Skipped(str(path), each, number) for number, each in found if isinstance(each, str)))


def _mark(line: bytes) -> Mark | str:
    """The mark of a line, or why it is none."""
    try:
        mark = msgspec.json.decode(line, type=Mark)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return f"no mark that this abm-trace reads, not counted: {error}"
    if mark.judgement not in JUDGEMENTS:
        return f"{mark.judgement[:40]!r} is no judgement, not counted"
    return mark
