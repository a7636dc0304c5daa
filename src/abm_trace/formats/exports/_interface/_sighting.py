"""What the lists of a network share: that a device was seen, when, where, and under which addresses."""

from collections.abc import Mapping

from abm_trace.core import instants
from abm_trace.core.nouns import Fact, Origin

_TEXT_CHARS_MAX = 256


def sighting(
    attrs: Mapping[str, str], origin: Origin, *, at: int | None, place: str = "", until: int | None = None
) -> Fact:
    """That a device was seen: `at` (µs UTC; None where the source does not say when) at a place.

    `until` is when its lease ends, which says nothing of when it was seen.
    """
    said = {name: value[:_TEXT_CHARS_MAX] for name, value in attrs.items() if value}
    if until is not None and instants.FIRST <= until <= instants.LAST:
        said["until"] = instants.render(until)
    return Fact("sighting", at, "sighting", place[:_TEXT_CHARS_MAX], said, origin)
