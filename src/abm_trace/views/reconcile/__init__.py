"""Who knows which device? The set differences of manifest, ABM, DEP and MDM, by name (SPEC T11, C3).

A device differs where one source names it and another one, which was read as a whole for it, does not. What was not
read, or was read before the thing could stand there, is never a difference: it is said to be not compared.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from abm_trace.views.reconcile._audit import Audit, audited
from abm_trace.views.reconcile._comparisons import SPECS, Difference, compared, mdm_only
from abm_trace.views.reconcile._seen import (
    ABM,
    FETCH,
    MANIFEST,
    MDM,
    NAMES,
    REQUESTS,
    SOURCES,
    SYNC,
    Book,
    Listing,
    Row,
    Seen,
    Source,
)

__all__ = [
    "ABM", "FETCH", "MANIFEST", "MDM", "NAMES", "REQUESTS", "SOURCES", "SYNC", "Audit", "Difference", "Listing",
    "Reconciliation", "Row", "Seen", "Source", "reconcile",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """All of it."""

    sources: tuple[Source, ...]
    differences: tuple[Difference, ...]
    audit: Audit = field(default_factory=Audit)

    @property
    def differing(self) -> int:
        """How many devices stand in a difference."""
        return len({row.serial for each in self.differences for row in each.devices})


def reconcile(
    seen: Sequence[Seen], listings: Iterable[Listing], *, confirmation_us: int, zone: tzinfo = UTC
) -> Reconciliation:
    """The differences, in the order of SOURCES, each with its devices in the order of `seen`.

    `confirmation_us` is how long after the last staging the staging window still lasts; `zone` is that of a
    `staged_at` that names none.
    """
    book = Book(seen, listings)
    differences = [compared(spec, seen, book) for spec in SPECS]
    return Reconciliation(
        book.summary(), (*differences, mdm_only(seen, book)), audited(seen, book, confirmation_us, zone)
    )
