"""What would settle most? The sources that lack, ranked by the devices that they would settle (SPEC T18)."""

from collections.abc import Iterable
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
_NAMES: Final = {
    "audit": "the ABM audit",
    "dep": "the DEP device list",
    "mdm": "the MDM inventory",
    "log": "a device log",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A source that lacks, how many devices it would settle, up to when it must reach (µs UTC), and how to get it."""

    source: str
    name: str
    devices: int
    until: int | None
    how: str


def wanted(verdicts: Iterable[Verdict], devices: Iterable[Device]) -> list[Wanted]:
    """The sources, the most useful first.

    A side that was not read far enough, and the log of a device for which nothing is proved and that has none.
    """
    lacking: dict[str, list[Verdict]] = {}
    for verdict, device in zip(verdicts, devices, strict=True):
        if verdict.verdict not in _OPEN:
            continue
        if verdict.verdict != "half_confirmed":  # Its missing side was read, and lacks it.
            for side in verdict.missing:
                lacking.setdefault(_source(side, device), []).append(verdict)
        if verdict.layer is None and not any(fact.source == "log" for fact in device.facts):
            lacking.setdefault("log", []).append(verdict)
    found = [
        Wanted(
            source,
            _NAMES[source],
            len(each),
            None if source == "log" else max((one.deadline_at for one in each if one.deadline_at), default=None),
            _HOW[source],
        )
        for source, each in lacking.items()
    ]
    return sorted(found, key=lambda one: (-one.devices, one.source))


def _source(side: str, device: Device) -> str:
    if side == "mdm":
        return "mdm"
    return "dep" if any(fact.kind in _DEP_KINDS for fact in device.facts) else "audit"
