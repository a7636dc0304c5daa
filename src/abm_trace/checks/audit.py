"""Audit ↔ inventory as a check (SPEC C3): who asked, and whose MDM row still waits. Pure."""

from collections.abc import Mapping
from typing import Final

from abm_trace.core.nouns import Finding, Origin

DO: Final[Mapping[str, str]] = {
    "audit-waiting": "See where each of them stopped: abm-trace explain SERIAL --case CASE",
    "audit-never-asked": "Look at what kept the device from asking: abm-trace explain SERIAL --case CASE",
}
"""What to do about each finding."""


def waiting(serial: str, reason: str, *, asked: bool, late: bool, origin: Origin) -> Finding:
    """That the MDM's row of a device, made in the staging window, has no `enrolled_at`; `late` past its deadline."""
    rule = "audit-waiting" if asked else "audit-never-asked"
    text = f"the MDM row of {serial} has no enrolled_at ({reason})"
    return Finding(rule, "check", "", "error" if late else "note", 90, (origin,), "", text)
