"""The nouns that the stages exchange.

They are msgspec structs: a frozen dataclass costs several times as much to make and to send, and some ms to define
[docs/adr/0003-msgspec-in-core.md].
"""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final

import msgspec

RUNGS: Final = (
    "known", "assigned", "synced", "booted", "requested", "accepted", "registered", "profile", "enrolled", "configured",
)  # fmt: skip
"""The ladder of SPEC section 2, lowest rung first."""

APPLES_OWN: Final = "configured"
"""The rung that no evidence of the guide dialect shows (SPEC section 2)."""

GUIDE_ONLY: Final = frozenset({"L4", "L7"})
"""Layers that cannot occur outside the guide dialect: it alone has regions and Pending (SPEC section 2)."""

FAILED: Final = ("vanished", "rejected", "half_confirmed")
"""The verdicts that are failures, worst first."""

VERDICTS: Final = (*FAILED, "unknown", "in_progress", "not_started", "confirmed")
"""Every verdict, in the order in which people should see them."""

NO_ATTRS: Final[dict[str, str]] = {}


class Blob(msgspec.Struct, frozen=True):
    """Bytes as received: a file of the case, or one member of it.

    `path` is how the case names it (relative, `/` between parts, members as `archive.gz`); `location` is where the
    bytes are; `size_bytes` and `modified_at` (µs UTC) are what the file system said of it when it was found.
    """

    path: str
    location: str
    size_bytes: int
    modified_at: int = 0


class Origin(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The way back from a fact to the bytes that say it.

    `by` is the id of the format or signature that read it. `line` counts from 1, `record` from 0; `offset` and
    `length` are bytes of the (decompressed) blob. `sha256` is the digest of the cited line without its line ending,
    or of the record's own bytes; "" (and `line` None) where a log line has not been cited yet: the pipeline fills
    both in for what a verdict cites.
    """

    path: str
    by: str
    offset: int | None = None
    length: int = 0
    line: int | None = None
    record: int | None = None
    sha256: str = ""


class Fact(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One time-stamped statement about a device, a site, an MDM server or the case.

    `kind` is a rung or one of the kinds of docs/facts.md; `at` is int µs UTC as the source's own clock said it, None
    where the statement has no time; `source` is the family that says it (`log`, `audit`, `abm`, `mdm`, `manifest`,
    `clock`, `tls`, `token`, `profile`, `capture`); `attrs` are the identity keys and properties that it carries, in
    CASE.md's names. `layer` and `cause` are what the signature that matched proves, "" where it proves none.
    """

    kind: str
    at: int | None
    source: str
    value: str
    attrs: dict[str, str]
    origin: Origin
    layer: str = ""
    cause: str = ""


class Record(msgspec.Struct, frozen=True):
    """One line of a log, parsed. `at` is µs UTC; "" is what the format or the line does not say."""

    at: int
    message: str
    process: str = ""
    subsystem: str = ""
    category: str = ""
    level: str = ""
    host: str = ""
    attrs: dict[str, str] = NO_ATTRS


class Skipped(msgspec.Struct, frozen=True, array_like=True):
    """Something of the input that was not used in full: where, and why. `line` from 1, `offset` in bytes."""

    path: str
    reason: str
    line: int | None = None
    offset: int | None = None


BootOfLog = tuple[str, int, int, int, int, int]
"""The boot that a log is of: its UUID, the number of its tick in `pipeline.boots.TICKS_NS` (−1 if that is not known),
ticks and time (µs UTC) of its first record that has both, and of its last."""


class Reading(msgspec.Struct, frozen=True, array_like=True):
    """What one blob gave: its facts, what was not used, and how it was read (the row of `--files`).

    `captures` is True for a log, unless it is a server's own and says nothing of a device: `first_at` and `last_at` are
    then the times of its first and last line, else those of its facts, and `host` the host of both, "" where they
    differ. `yearless` says that the format has no year: its times stand in 2000 and still need theirs. `boot` is the
    one boot that the log is of, where it says so.
    """

    path: str
    format: str
    why: str
    lines: int = 0
    facts: Sequence[Fact] = ()
    skipped: tuple[Skipped, ...] = ()
    first_at: int | None = None
    last_at: int | None = None
    size_bytes: int = 0
    captures: bool = False
    yearless: bool = False
    host: str = ""
    boot: BootOfLog | None = None

    @property
    def sights(self) -> bool:
        """Whether it is a list of sightings: they say where devices are now, and judge nothing."""
        return not self.captures and any(fact.kind == "sighting" for fact in islice(self.facts, 1))


class Device(msgspec.Struct, frozen=True):
    """One physical unit: what it is called, what the manifest says of it, and its facts in order of time.

    `sightings` stand beside the facts, the last one at the end, so that nothing which judges can see them.
    """

    serial: str
    attrs: Mapping[str, str]
    facts: tuple[Fact, ...]
    conflicts: tuple[Fact, ...] = ()
    sightings: tuple[Fact, ...] = ()


class Finding(msgspec.Struct, frozen=True, array_like=True):
    """Something that a signature, a rule or a check says, on evidence. `confidence` is 0 to 100."""

    id: str
    kind: str
    layer: str
    severity: str
    confidence: int
    evidence: tuple[Origin, ...]
    cause: str = ""
    text: str = ""
    at: int | None = None


class Verdict(msgspec.Struct, frozen=True, array_like=True):
    """Our statement about a device (SPEC section 2). Times are µs UTC, confidence is 0 to 100."""

    serial: str
    site: str
    verdict: str
    last_rung: str | None
    last_rung_at: int | None
    layer: str | None
    cause: str | None
    contributing: tuple[str, ...]
    confidence: int
    attempts: int
    identifiers: tuple[str, ...]
    first_seen: int | None
    last_seen: int | None
    missing: tuple[str, ...]
    findings: tuple[Finding, ...]
    next_action: str
    as_of: int
    deadline_at: int | None = None
    clock_offset_us: int | None = None
    journeys: int = 1
    rungs: dict[str, Origin | None] = {}  # msgspec copies the default for each verdict.
    simulated: bool = False
    exposure: tuple[str, ...] = ()
    """What is known of the device's protection (SPEC T14): shown, never judged."""
    dialects: tuple[str, ...] = ()
    """Whose evidence there is of the device, `guide`, `apple` or both: what cannot occur there is not applicable."""
    sighting: Fact | None = None
    """Where the device was seen last (SPEC T16): shown, never judged."""
    advice: str = ""
    """The next action as it holds for every device with this verdict, layer, cause and missing side: it names none."""
