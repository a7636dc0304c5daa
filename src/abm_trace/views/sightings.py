"""Where are the vanished now? What the lists of the network say of them, in a few sentences (SPEC T16)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from abm_trace.core.macs import is_private
from abm_trace.core.nouns import Device, Reading, Verdict

PLACES_MAX: Final = 5
IN_USE: Final = "in-use-not-enrolled"


@dataclass(frozen=True, slots=True)
class Sighted:
    """What was seen: how many rows there are, and of how many nobody of the case is the owner.

    `private` of those have an address that the device made up, so that it may be anybody. `vanished` devices vanished,
    and `seen` of them were seen; `places` are the last places of these with their number, the commonest first.
    `in_use` are the devices that are in use and never enrolled.
    """

    rows: int = 0
    strange: int = 0
    private: int = 0
    vanished: int = 0
    seen: int = 0
    places: tuple[tuple[str, int], ...] = ()
    in_use: int = 0


def sighted(verdicts: Sequence[Verdict], devices: Iterable[Device], readings: Iterable[Reading]) -> Sighted:
    """The sightings of a case, all zero where it has none."""
    rows = [fact for reading in readings if reading.sights for fact in reading.facts]
    if not rows:
        return Sighted()
    owned = {fact.origin for device in devices for fact in device.sightings}
    strange = [fact for fact in rows if fact.origin not in owned]
    vanished = [verdict for verdict in verdicts if verdict.verdict == "vanished"]
    places = Counter(verdict.sighting.value for verdict in vanished if verdict.sighting is not None)
    return Sighted(
        len(rows),
        len(strange),
        sum(is_private(mac) for fact in strange if (mac := fact.attrs.get("mac"))),
        len(vanished),
        places.total(),
        tuple(sorted(places.items(), key=lambda item: (-item[1], item[0]))),
        sum(any(finding.id == IN_USE for finding in verdict.findings) for verdict in verdicts),
    )


def sentences(found: Sighted) -> tuple[str, ...]:
    """What to tell people of it; nothing where the case holds no list of a network."""
    if not found.rows:
        return ()
    told = [f"{found.seen:,} of {found.vanished:,} vanished stand in a network's lists{_places(found)}"]
    if found.in_use:
        devices = f"{found.in_use:,} device{'s' * (found.in_use != 1)}"
        told.append(f"In use and never enrolled, a matter of security: {devices}")
    private = f", {found.private:,} of them under a private address, which may hide any device" if found.private else ""
    told.append(f"Of {found.rows:,} rows {found.strange:,} are of no device of this case{private}")
    return tuple(told)


def _places(found: Sighted) -> str:
    if not found.places:
        return ""
    named = [f"{place or 'no place said'} ({number:,})" for place, number in found.places[:PLACES_MAX]]
    more = len(found.places) - len(named)
    return f": {', '.join(named)}{f' and {more:,} more places' if more else ''}"
