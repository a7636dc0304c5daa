"""Reports made by hand, for exports that are tested without a case."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from abm_trace.core.instants import from_datetime
from abm_trace.core.nouns import Finding, Origin, Reading, Skipped, Verdict
from abm_trace.exports import Report

AS_OF = from_datetime(datetime(2026, 5, 17, 8, 47, 12, 883000, UTC), UTC)
DIGEST = "ac39df0593812a16944283498933c09cca111d8508e789c4ed619a54d06d565e"
POLYGLOT = "\x1b]0;pwned\x07\x1b[31m\u009b31m\u202eevil\u2066\u2028\r\u200b<b>{{7*7}}[bold]\udc80"
"""What evidence may hold to deceive a reader: escapes, C1, marks that reorder or hide, markup, a lone surrogate."""

_ORIGIN = Origin("logs/F9FXQ1ABCD.log", "abm-identifier-rejected", 565, 70, 41, None, DIGEST)
_FINDING = Finding(
    "abm-identifier-rejected", "signature", "L6", "high", 92, (_ORIGIN,), "", "rejected", AS_OF - 60_000_000
)
_VERDICT = Verdict(
    serial="F9FXQ1ABCD",
    site="clinic-01",
    verdict="vanished",
    last_rung="requested",
    last_rung_at=AS_OF - 60_000_000,
    layer="L6",
    cause=None,
    contributing=("L3",),
    confidence=97,
    attempts=2,
    identifiers=("9C1E",),
    first_seen=AS_OF - 90_000_000,
    last_seen=AS_OF - 60_000_000,
    missing=(),
    findings=(_FINDING,),
    next_action="Erase F9FXQ1ABCD and reimage it once.",
    as_of=AS_OF,
    deadline_at=AS_OF - 27_000_000,
    clock_offset_us=19_345_000,
)


def verdict(**changes: Any) -> Verdict:  # noqa: ANN401  # Whatever a field takes.
    """A vanished device, with changes."""
    return msgspec.structs.replace(_VERDICT, **changes)


def healthy(serial: str, site: str = "clinic-01") -> Verdict:
    """A confirmed device."""
    return verdict(
        serial=serial,
        site=site,
        verdict="confirmed",
        last_rung="enrolled",
        layer=None,
        contributing=(),
        attempts=1,
        findings=(),
    )


def reading(path: str = "logs/F9FXQ1ABCD.log", **changes: Any) -> Reading:  # noqa: ANN401  # As above.
    """How a log was read, with changes."""
    values = {
        "path": path,
        "format": "article",
        "why": "its first lines fit it",
        "lines": 66,
        "last_at": AS_OF,
        **changes,
    }
    return Reading(**values)


def report(*verdicts: Verdict, **changes: Any) -> Report:  # noqa: ANN401  # As above.
    """A report of Chicago with these verdicts, with changes."""
    values: dict[str, Any] = {
        "case": "case",
        "verdicts": verdicts or (_VERDICT,),
        "readings": (reading(),),
        "skipped": (Skipped("audit.ndjson", "not valid JSON", 3, 120),),
        "as_of": AS_OF,
        "zone": ZoneInfo("America/Chicago"),
        "zone_name": "America/Chicago",
        "reach": {"apple": AS_OF, "mdm": None},
        **changes,
    }
    return Report(**values)
