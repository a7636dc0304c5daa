"""Which dialect's evidence a device has, as far as the report holds its facts: what cannot occur is said to be so."""

from collections.abc import Mapping
from typing import Final

from abm_trace.core.nouns import Verdict
from abm_trace.exports._interface import Report

# From: SPEC section 2, the two columns of the ladder.
_APPLE: Final = frozenset({
    "dep_record", "pushed", "assigned", "unassigned", "released", "migration", "throttled", "assign_failed",
    "fetch_requested", "fetch_error", "certificate_error", "mdm_error", "authenticate", "token_update",
    "token_renewed", "profiles_null", "not_dep_enabled", "request_too_soon",
})  # fmt: skip
_GUIDE: Final = frozenset({
    "registered", "pending", "rejected", "accepted", "response_empty", "response_204", "identifier", "method",
})  # fmt: skip

GUIDE, APPLE = 1, 2
"""Bits: there is evidence of the guide dialect, of the Apple dialect."""


def of_devices(report: Report) -> Mapping[str, int]:
    """Serial → the dialects of the facts that name the device, or that stand in a capture which it alone cites."""
    owners = _owners(report.verdicts)
    found: dict[str, int] = {}
    for reading in report.readings:
        owner = owners.get(reading.path, "") if reading.captures else ""
        for fact in reading.facts:
            bits = GUIDE * (fact.kind in _GUIDE) | APPLE * (fact.kind in _APPLE)
            serial = fact.attrs.get("serial", owner) if bits else ""
            if serial:
                found[serial] = found.get(serial, 0) | bits
    return found


def _owners(verdicts: tuple[Verdict, ...]) -> dict[str, str]:
    owners: dict[str, str] = {}
    for verdict in verdicts:
        for path in {origin.path for origin in verdict.rungs.values() if origin is not None}:
            owners[path] = verdict.serial if owners.get(path, verdict.serial) == verdict.serial else ""
    return owners
