"""The clock check (SPEC C5): what an offset means against the limit, with the error that it was measured with.

Pure: it is given offsets, as facts or as an interval, and gives findings.
"""

from collections.abc import Mapping
from typing import Final

from abm_trace.core.nouns import Fact, Finding, Origin

PRECISION_S: Final = 0.1
"""The error that a measurement may have. Origin: guide (SPEC C5)."""

JUMP_S: Final = 0.05
"""By how much a clock may part from the monotonic one meanwhile. Origin: ours; steering moves 0.5 ms a second."""

DO: Final[Mapping[str, str]] = {
    "clock-off": "Let the clock follow a time server (NTP), and measure again.",
    "clock-vague": "Name a time server that is nearer: --server HOST",
}
"""What to do about each finding."""


def check(offset_s: float, bound_s: float, limit_s: float, whose: str, origin: Origin) -> list[Finding]:
    """What is wrong with a clock that is off by `offset_s`, ± `bound_s`; `limit_s` is the limit and `whose` its origin.

    Nothing where all of it is within the limit; where the limit lies within the error, `is_open` says so.
    """
    found = []
    way = "ahead" if offset_s > 0 else "behind"
    if abs(offset_s) - bound_s > limit_s:
        text = f"the clock is {abs(offset_s):.3f} s {way} (± {bound_s:.3f} s); the limit is {limit_s:g} s ({whose})"
        found.append(Finding("clock-off", "check", "L3", "error", 100, (origin,), "", text))
    if bound_s > PRECISION_S:
        text = f"measured with an error of {bound_s:.3f} s, more than {PRECISION_S:g} s"
        found.append(Finding("clock-vague", "check", "", "warning", 100, (origin,), "", text))
    return found


def is_open(offset_s: float, bound_s: float, limit_s: float) -> bool:
    """Whether the error leaves it open on which side of the limit a clock is."""
    return abs(offset_s) - bound_s <= limit_s < abs(offset_s) + bound_s


def jumped(wall_s: float, monotonic_s: float) -> str:
    """What it means that a clock showed `wall_s` go by while `monotonic_s` did; "" if they agree."""
    by = wall_s - monotonic_s
    return f"this clock was set by {by:+.3f} s while it was measured" if abs(by) > JUMP_S else ""


def saved(sample: Fact, limit_s: float, whose: str) -> list[Finding]:
    """What is wrong with a saved sample (device − reference); its error is not known."""
    return check(float(sample.value), 0.0, limit_s, whose, sample.origin)
