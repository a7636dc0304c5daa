"""What would settle most? The sources that lack, ranked by the devices that they would settle (SPEC T18)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from abm_trace.core.nouns import Device, Verdict

_OPEN: Final = frozenset({"unknown", "vanished", "half_confirmed"})
_DEP_KINDS: Final = frozenset({"dep_record", "assigned", "unassigned", "released", "pushed"})
_HOW: Final = {
    "audit": "export ABM's audit events into CASE/audit/",
    "dep": "save the DEP device list of its MDM server (POST /server/devices, or the MDM's own list) into CASE/dep/",
    "mdm": "export the MDM's inventory into CASE/mdm/",
    "log": "capture the boot of each: idevicesyslog --no-colors > CASE/logs/SERIAL.log",
}
_SIDES: Final = {"audit": "apple", "dep": "apple", "mdm": "mdm"}
_BEFORE: Final = {
    "terms_not_accepted": "have Apple's new terms accepted (until then Apple refuses the list)",
    "token_expired": "renew the server's token (until then Apple refuses the list)",
}
"""Cause → what comes before the DEP device list can be had. Source: the errors of the DEP API, 403 and 401."""

_NAMES: Final = {
    "audit": "the ABM audit",
    "dep": "the DEP device list",
    "mdm": "the MDM inventory",
    "log": "a device log",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A source that lacks, the devices that it would settle, up to when it must reach (µs UTC), and how to get it.

    Where several sources would settle the very same devices, they are one: `source` has `+` between them. `sides` are
    those that it shows: what shows none explains a failure, and cannot clear it.
    """

    source: str
    name: str
    verdicts: tuple[Verdict, ...]
    until: int | None
    how: str

    @property
    def sides(self) -> tuple[str, ...]:
        """The sides of a confirmation that the source shows."""
        return tuple(dict.fromkeys(_SIDES[each] for each in self.source.split("+") if each in _SIDES))

    @property
    def devices(self) -> int:
        """How many devices."""
        return len(self.verdicts)


def wanted(verdicts: Iterable[Verdict], devices: Iterable[Device]) -> list[Wanted]:
    """The sources, the most useful first.

    A side that was not read far enough, and the log of a device for which nothing is proved and that has none.
    """
    judged: dict[int, Verdict] = {}
    lacking = defaultdict[str, list[int]](list)
    for number, (verdict, device) in enumerate(zip(verdicts, devices, strict=True)):
        if verdict.verdict not in _OPEN:
            continue
        judged[number] = verdict
        if verdict.verdict != "half_confirmed":  # Its missing side was read, and lacks it.
            for side in verdict.missing:
                lacking[_source(side, device)].append(number)
        if verdict.layer is None and not any(fact.source == "log" for fact in device.facts):
            lacking["log"].append(number)
    alike: dict[tuple[int, ...], list[str]] = {}
    for source, numbers in sorted(lacking.items()):
        alike.setdefault(tuple(numbers), []).append(source)
    found = [_wanted(sources, [judged[number] for number in numbers]) for numbers, sources in alike.items()]
    return sorted(found, key=lambda one: (-one.devices, one.source))


def _wanted(sources: Sequence[str], verdicts: Sequence[Verdict]) -> Wanted:
    until = max((one.deadline_at for one in verdicts if one.deadline_at), default=None)
    cause, number = Counter(one.cause or "" for one in verdicts).most_common(1)[0]
    before = [_BEFORE[cause]] if "dep" in sources and cause in _BEFORE and number * 2 > len(verdicts) else []
    return Wanted(
        "+".join(sources),
        " and ".join(_NAMES[source] for source in sources),
        tuple(verdicts),
        None if list(sources) == ["log"] else until,
        "; ".join((*before, *(_HOW[source] for source in sources))),
    )


def _source(side: str, device: Device) -> str:
    if side == "mdm":
        return "mdm"
    return "dep" if any(fact.kind in _DEP_KINDS for fact in device.facts) else "audit"
