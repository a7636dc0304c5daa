"""Findings about payloads that others than the rules make: who compares two of them, who applies exceptions."""

from typing import Final

from abm_trace.checks.payload._interface import Rule

READBACK_CHANGED = Rule(
    id="readback-changed",
    title="The server did not keep what it was sent",
    severity="error",
    source="the field guide, L5: an MDM proxy or connector takes keys away",
    means="Devices get what was read back, not what was sent. A key that was only added is a note, a new UUID too.",
    do="Look between the two for the system that changed it, and send the payload again without it.",
    layer="L5",
)


ALLOW_UNUSED = Rule(
    id="allow-unused",
    title="An exception of abm-validate.toml allows nothing",
    severity="warning",
    source="ours: an exception that outlives its reason hides the next finding",
    means="No finding of this run has its id, path and key.",
    do="Remove the exception, or correct its path. It is no finding where only some of the files were validated.",
)


RULES: Final = (READBACK_CHANGED, ALLOW_UNUSED)
