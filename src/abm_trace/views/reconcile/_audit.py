"""Audit ↔ inventory (SPEC C3): who asked, and whose MDM record waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from abm_trace.core import instants
from abm_trace.core.nouns import Fact
from abm_trace.views.reconcile._seen import ENROLLED, MDM, REQUESTS, Book, Row, Seen, row_of, the_source


@dataclass(frozen=True, slots=True)
class Audit:
    """Audit ↔ inventory (SPEC C3): who asked, and the MDM rows that wait, made within the staging window.

    `requests` counts the audit's `device_enrollment_requested`; `undated` are waiting rows without a time, which may
    be of another rollout. `unread` names what was not read, "" where both were.
    """

    window: tuple[int, int] | None = None
    requests: int = 0
    requested: tuple[Row, ...] = ()
    waiting: tuple[Row, ...] = ()
    undated: tuple[Row, ...] = ()
    unread: str = ""

    @property
    def both(self) -> int:
        """How many devices are in both sets."""
        return len({row.serial for row in self.requested} & {row.serial for row in self.waiting})


def audited(seen: Sequence[Seen], book: Book, confirmation_us: int, zone: tzinfo) -> Audit:
    """Audit ↔ inventory. The staging window goes from the first request or `staged_at` to the last, and what may
    follow it; device clocks have no say, they can be years off.
    """
    requests = {each.device.serial: _asked(each) for each in seen}
    if not any(requests.values()) and book.until(REQUESTS) is None:
        return Audit(unread=f"{the_source(REQUESTS)} of who asked was not read")
    if book.state(MDM) == "not read":
        return Audit(unread=f"{the_source(MDM)} was not read")
    moments = [fact.at for facts in requests.values() for fact in facts if fact.at is not None]
    moments += [at for each in seen if (at := _staged(each, zone)) is not None]
    if not moments:
        return Audit(unread="no request and no `staged_at` says when the devices were staged")
    window = (min(moments), max(moments) + confirmation_us)
    asked, waiting, undated = [], [], []
    for each in seen:
        if found := requests[each.device.serial]:
            asked.append(row_of(each, f"asked {len(found)} time{'s' * (len(found) != 1)}"))
        row = None if any(kind in each.kinds for kind in ENROLLED) else each.first("mdm_row")
        if row is None:
            continue
        also = "asked too" if found else "never asked, as far as the audit goes"
        if row.at is None:
            undated.append(row_of(each, also))
        elif window[0] <= row.at <= window[1]:
            waiting.append(row_of(each, also))
    return Audit(window, sum(map(len, requests.values())), tuple(asked), tuple(waiting), tuple(undated))


def _asked(seen: Seen) -> list[Fact]:
    """The audit's requests of a device, one that stands in two exports once."""
    found = {
        (fact.at, fact.attrs.get("request_id"), fact.attrs.get("device_identifier")): fact
        for fact in seen.kinds.get("requested", ())
        if fact.source == "audit"
    }
    return list(found.values())


def _staged(seen: Seen, zone: tzinfo) -> int | None:
    try:
        return instants.parse(seen.device.attrs.get("staged_at", ""), zone)
    except ValueError:
        return None
