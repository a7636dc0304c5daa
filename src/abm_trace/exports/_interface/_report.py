"""What an export is, and what it renders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from abm_trace.core.changes import Changes
from abm_trace.core.nouns import Origin, Reading, Skipped, Verdict


@dataclass(frozen=True, slots=True)
class Export:
    """One way to hand over a traced case: its id is its file's name, `reference` says who defines its form."""

    id: str
    title: str
    reference: str
    since: str = "0.1"


@dataclass(frozen=True, slots=True)
class Telling:
    """What sets devices that failed apart from the healthy ones: a condition, and how many of both it holds for.

    The failed are those of `layer` and `cause`, or all where `layer` is None. `low` and `high` bound the difference of
    the two shares (95 %); `chance` is how likely it would come by chance.
    """

    layer: str | None
    cause: str
    condition: str
    failed: int
    failed_of: int
    healthy: int
    healthy_of: int
    low: float
    high: float
    chance: float


@dataclass(frozen=True, slots=True)
class Missing:
    """A source that lacks: the devices that it would settle, up to when it must reach (µs UTC), and how to get it.

    `sides` are those that it shows (`apple`, `mdm`): it may clear devices that failed. One of none only explains them.
    """

    name: str
    verdicts: Sequence[Verdict]
    until: int | None
    how: str
    sides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What an export renders.

    `case` is the path as the user gave it, `as_of` and `reach` (side → how far it was read) are µs UTC, `held` what
    there is of a side that was not (a key of `UNREAD`); `files` says that how each file was read is wanted too;
    `shared` are sentences that say what the failed have in common, `left_out` how many of them were not read far enough
    to be compared, `wanted` the sources that would settle most, `servers` the MDM server of each serial that has one,
    `reaches` how far a side was read for one of them: (side, server) → µs UTC, None for not at all; `limits` the
    thresholds that held: (name, value in seconds, origin, meaning). `changes` is what is said otherwise than by the
    verdicts of `--since`, None where that was not asked. `contrast` is what `shared` rests on, column by column;
    `quotes` what stands where evidence points, on one line, "" where silence cites how far was read. `notes` are more
    sentences about the whole case, each with its label. `runbooks` are the steps for a verdict, layer or cause by its
    name: (title, steps) of each part, a command between backticks, in which SERIAL and CASE stand for a device and the
    case. `brief` are the verdicts without their proofs, where there are too many to be decoded each time.
    """

    case: str
    verdicts: Sequence[Verdict]
    readings: tuple[Reading, ...]
    skipped: tuple[Skipped, ...]
    as_of: int
    zone: tzinfo = UTC
    zone_name: str = "UTC"
    simulated: bool = False
    reach: Mapping[str, int | None] = field(default_factory=dict)
    held: Mapping[str, str] = field(default_factory=dict)
    files: bool = False
    shared: tuple[str, ...] = ()
    left_out: int = 0
    wanted: tuple[Missing, ...] = ()
    servers: Mapping[str, str] = field(default_factory=dict)
    reaches: Mapping[tuple[str, str], int | None] = field(default_factory=dict)
    limits: tuple[tuple[str, float, str, str], ...] = ()
    changes: Changes | None = None
    contrast: tuple[Telling, ...] = ()
    quotes: Mapping[Origin, str] = field(default_factory=dict)
    notes: tuple[tuple[str, str], ...] = ()
    runbooks: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = field(default_factory=dict)
    brief: Sequence[Verdict] = ()

    @property
    def told(self) -> Sequence[Verdict]:
        """The verdicts as a summary reads them, again and again: at hand and without their proofs, where there are."""
        return self.brief or self.verdicts
