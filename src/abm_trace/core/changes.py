"""What a later judgement says otherwise than an earlier one: the nouns that views make and exports render."""

from dataclasses import dataclass
from typing import Final

from abm_trace.core.nouns import Origin, Verdict

KINDS: Final = ("failed", "new", "recovered", "changed", "gone")
"""What may have happened to a device, in the order in which people should see it; a device that stands in none of
these is unchanged."""

WHY: Final = ("evidence", "time", "withdrawn", "judgement")
"""Why: new evidence is cited; a deadline passed and nothing else; evidence is cited no more; or the same evidence is
judged otherwise, by other limits, signatures or another version."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Something that one verdict rests on and the other does not cite.

    `id` is that of a finding, or a rung; `kind` is the finding's own, `rung`, or `side` for a side that is not read
    far enough any more (it has no place). `at` is µs UTC; `origin` is where it stands, None where nothing is cited.
    """

    id: str
    kind: str
    text: str
    at: int | None = None
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A device of which something is said otherwise: what happened (of KINDS), and why (of WHY).

    `earlier` is None for a new device, `later` for one that is gone. `fields` are the parts of the verdict that differ;
    `cited` is what the later verdict rests on and the earlier did not cite, `dropped` the reverse.
    """

    kind: str
    serial: str
    site: str
    earlier: Verdict | None
    later: Verdict | None
    fields: tuple[str, ...] = ()
    why: str = "evidence"
    cited: tuple[Ground, ...] = ()
    dropped: tuple[Ground, ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """All changes since an earlier judgement: `since` is the path that the user named, `as_of` (µs UTC) is its moment.

    `before` is how many devices that one had. `items` stand in the order of KINDS, the worst of each first.
    """

    since: str
    as_of: int
    before: int
    items: tuple[Change, ...]
