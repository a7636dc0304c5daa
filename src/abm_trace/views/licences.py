"""What do the seats cost? Seats that were consumed, against the devices that registered (SPEC F1).

A seat of the MDM is consumed when the device is synced to it, and again by each retry that left an identifier or an
MDM record of its own. It is leaked where the device never registered. ABM itself is free.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from abm_trace.core.nouns import Device, Verdict
from abm_trace.views.registration import registered

PRICE_USD: Final = 2.99
"""What a seat costs a device and year. Origin: guide (SPEC F1)."""

_PROVES: Final = ("synced", "accepted", "registered", "profile", "enrolled", "configured")
"""Rungs that no device reaches without a seat; a request in its own log needs none."""

FROM_FACTS: Final = frozenset({"mdm", "mdm_id"})
"""What is looked at of the attributes of facts."""

_RECORDS: Final = frozenset({"enrolled", "enrolled_by_hand", "enrolled_without_token", "mdm_row"})


@dataclass(frozen=True, slots=True)
class Seats:
    """The seats of some devices.

    `synced` are the seats of devices, one each: of them `used` are of devices that one side confirms (registered with
    Apple, or enrolled, if by hand), `leaked` of those that never registered, `waiting` of devices that may still come,
    and of `unknown` the side that would say it was not read. `retries` are further seats of devices that tried again.
    """

    devices: int = 0
    synced: int = 0
    used: int = 0
    leaked: int = 0
    waiting: int = 0
    unknown: int = 0
    retries: int = 0

    @property
    def consumed(self) -> int:
        """All seats."""
        return self.synced + self.retries

    @property
    def lost(self) -> int:
        """The seats that nobody has any use of: leaked, or of a retry."""
        return self.leaked + self.retries

    @property
    def over_provisioned(self) -> float | None:
        """The lost seats as a share of those that are in use; None where none is."""
        return self.lost / self.used if self.used else None


@dataclass(frozen=True, slots=True)
class Licences:
    """The seats of a case in all, and by site and (where the manifest has that column) by batch, the most lost first.

    `price` is USD a device and year.
    """

    price: float
    total: Seats
    groups: Mapping[str, Mapping[str, Seats]]


def licences(verdicts: Iterable[Verdict], devices: Iterable[Device], price: float = PRICE_USD) -> Licences:
    """The seats of the devices, which stand in the order of their verdicts."""
    kinds: dict[str, dict[str, Counter[Seats]]] = {"site": {}, "batch": {}}
    for verdict, device in zip(verdicts, devices, strict=True):
        seats = _seats(verdict, device)
        for name, kind in kinds.items():
            kind.setdefault(device.attrs.get(name, ""), Counter())[seats] += 1
    groups = {name: {value: _sum(counted) for value, counted in kind.items()} for name, kind in kinds.items()}
    total = _sum(Counter(groups["site"].values()))
    if groups["batch"].keys() <= {""}:
        del groups["batch"]
    ranked = {
        name: dict(sorted(group.items(), key=lambda item: (-item[1].lost, item[0]))) for name, group in groups.items()
    }
    return Licences(price, total, ranked)


def _sum(counted: Counter[Seats]) -> Seats:
    return Seats(*(sum(getattr(each, name) * times for each, times in counted.items()) for name in Seats.__slots__))


def _seats(verdict: Verdict, device: Device) -> Seats:
    rows = [fact.attrs for fact in device.facts if fact.source == "mdm" and fact.kind in _RECORDS]
    records = {(row.get("mdm", ""), row["mdm_id"]) for row in rows if "mdm_id" in row}
    if not (rows or any(verdict.rungs.get(rung) is not None for rung in _PROVES)):
        return Seats(devices=1)
    retries = max(len(verdict.identifiers) - 1, len(records) - 1, 0)
    came = registered(verdict)
    if came or verdict.verdict == "half_confirmed":  # What was enrolled by hand is in use as well.
        return Seats(1, 1, used=1, retries=retries)
    if came is None:
        waiting = verdict.verdict in {"not_started", "in_progress"}
        return Seats(1, 1, waiting=int(waiting), unknown=int(not waiting), retries=retries)
    if verdict.missing:
        return Seats(1, 1, unknown=1, retries=retries)
    return Seats(1, 1, leaked=1, retries=retries)


def sentence(found: Licences) -> str:
    """What is at stake, in one sentence with its numbers; "" where no seat is lost and none is unknown."""
    total = found.total
    if not (total.lost or total.unknown):
        return ""
    share = f" ({100 * total.lost / total.consumed:.1f} %; seats are licences, not devices)" if total.lost else ""
    by = [f"{total.leaked:,} held by devices that never registered"] if total.leaked else []
    by += [f"{total.retries:,} taken once more by retries"] if total.retries else []
    guide = "the guide's price of " if found.price == PRICE_USD else ""
    unknown = f"; of {total.unknown:,} seats it is not known" if total.unknown else ""
    without = total.devices - total.synced
    never = f"; {without:,} device{'s' * (without != 1)} never took one" if without else ""
    return (
        f"{total.lost:,} of {total.consumed:,} MDM seats are lost{share}{': ' * bool(by)}{', '.join(by)}; "
        f"${total.lost * found.price:,.2f} a year at {guide}${found.price:.2f}{unknown}{never}"
    )
