"""What is known from outside of a log when it is checked, and what the check found."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from cryptography import x509

from abm_trace.evidence.errors import EvidenceError
from abm_trace.evidence.note import Checkpoint, VerifierKey
from abm_trace.evidence.stamp import Stamp


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was signed. `where` names records by index, or a file."""

    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Options:
    """What is known from outside of the log, and how much is looked at.

    `keys` are those that are trusted (none: the log's own first key is, which is said); `earlier` are checkpoints
    that somebody kept; `roots` certificates of time-stamping authorities. `raw` False leaves out the kept bytes.
    `now` is the time by the clock of who looks (µs UTC): nothing in the log can be of later.
    """

    keys: Sequence[VerifierKey] = ()
    earlier: Sequence[bytes] = ()
    roots: Sequence[x509.Certificate] = ()
    raw: bool = True
    now: int | None = None


@dataclass(slots=True)
class Shown:
    """What a bundle says of itself, and how much of the log it shows: records by line, their lines, those withheld."""

    at: str
    actor: str
    reason: str
    redacted: bool
    by_line: int = 0
    lines: int = 0
    lines_withheld: int = 0


@dataclass(slots=True)
class Report:
    """What was found. The log is whole where there are no problems; `remarks` say how far that goes."""

    head: Checkpoint | None = None
    looked_at: int = 0
    """How many records there were to look at: those of the head, or as many as can stand on the disk."""

    is_known: bool = True
    """Whether a trusted key signed anything of it, where keys were given."""

    problems: list[Problem] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    anchor: tuple[Stamp, int, bool] | None = None
    """The newest time stamp, how many entries it is over, and whether its authority was verified."""

    kept: int = 0
    kept_bytes: int = 0
    purged: int = 0
    withheld: int = 0
    """Records that keep something which a bundle does not show as it is stored."""

    shown: Shown | None = None
    signers: list[VerifierKey] = field(default_factory=list)

    @contextmanager
    def naming(self, where: str) -> Iterator[None]:
        """Notes what cannot be read, or is not what it should be, and goes on behind it."""
        try:
            yield
        except EvidenceError as error:
            self.problem(where, str(error))

    def problem(self, where: str, text: str) -> None:
        """Note something that is not as it was signed."""
        self.problems.append(Problem(where, text.removeprefix(f"{where}: ")))


def counted(count: int, noun: str) -> str:
    """A number of things for people."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def span(first: int, last: int) -> str:
    """The records from one index to another, as a sentence names them."""
    return f"record {first}" if first >= last else f"records {first} to {last}"


def plain(text: str) -> str:
    """The text with nothing in it that a terminal obeys."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
