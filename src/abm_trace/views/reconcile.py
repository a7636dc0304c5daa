"""Who knows which device? The set differences of manifest, ABM, DEP and MDM, by name (SPEC T11, C3).

A device differs where one source names it and another one, which was read as a whole for it, does not. What was not
read, or was read before the thing could stand there, is never a difference: it is said to be not compared.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from functools import cached_property
from typing import Final

from abm_trace.core import instants
from abm_trace.core.nouns import Device, Fact, Verdict

MANIFEST, ABM, FETCH, SYNC, MDM = "manifest", "abm", "fetch", "sync", "mdm"
SOURCES: Final = {
    MANIFEST: "manifest",
    ABM: "Apple Business Manager",
    FETCH: "DEP full fetch",
    SYNC: "DEP sync stream",
    MDM: "MDM",
}
"""The sources, in the order in which a device comes through them."""

DEP, REQUESTS = "dep", "audit"
NAMES: Final = {**SOURCES, DEP: "DEP", REQUESTS: "guide's audit"}
"""The same, and two more sides of a comparison: the fetch or the sync stream, and the audit of requests."""

_CHECK_INS: Final = ("authenticate", "token_update", "token_renewed", "checked_out", "configured")
_RECORDS: Final = ("enrolled", "enrolled_by_hand", "enrolled_without_token", "mdm_row")
_ENROLLED: Final = _RECORDS[:-1]
_OF_A_SERVER: Final = frozenset({FETCH, SYNC, MDM})


@dataclass(frozen=True, slots=True)
class Listing:
    """A source that was read as a whole up to `until` (µs UTC), for the devices of an MDM server ("": of all).

    `source` is one of SOURCES, or REQUESTS for an audit that tells who asked.
    """

    source: str
    until: int
    server: str = ""


@dataclass(frozen=True)
class Seen:
    """A device as the sources see it. `server` is the MDM server that it is assigned to, "" where none is known;
    `released`, `unassigned` and `record` are the standing words of ABM and DEP about it, None where there are none.
    """

    device: Device
    verdict: Verdict | None = None
    server: str = ""
    released: Fact | None = None
    unassigned: Fact | None = None
    record: Fact | None = None

    @cached_property
    def kinds(self) -> Mapping[str, list[Fact]]:
        """The device's facts by kind; what its own log says is left out but for its boots."""
        found: dict[str, list[Fact]] = {}
        for fact in self.device.facts:
            if fact.source != "log" or fact.kind == "booted":
                found.setdefault(fact.kind, []).append(fact)
        return found

    @cached_property
    def sources(self) -> frozenset[str]:
        """The sources that name the device; ABM no longer does where it was released."""
        found = {MANIFEST for fact in self.device.facts if fact.source == "manifest"}
        if not self.released and any(fact.source in {"abm", "audit"} for fact in self.device.facts):
            found.add(ABM)
        if any(fact.source == "mdm" and fact.kind in {*_CHECK_INS, *_RECORDS} for fact in self.device.facts):
            found.add(MDM)
        listed = [fact for fact in self.kinds.get("dep_record", ()) if fact.value != "deleted"]
        if any(fact.attrs.get("phase") == "fetch" for fact in listed):
            found.add(FETCH)
        if any(fact.attrs.get("phase") != "fetch" for fact in (*listed, *self.kinds.get("synced", ()))):
            found.add(SYNC)
        return frozenset(found)

    def first(self, *kinds: str) -> Fact | None:
        """The earliest fact of these kinds, one without a time last."""
        facts = [fact for kind in kinds for fact in self.kinds.get(kind, ())]
        return min(facts, key=lambda fact: (fact.at is None, fact.at or 0, fact.kind, fact.value), default=None)

    @cached_property
    def assigned(self) -> Fact | None:
        """ABM's own last word that the device is assigned to a server."""
        if self.released or self.unassigned:
            return None
        facts = [fact for fact in self.kinds.get("assigned", ()) if fact.source in {"abm", "audit"}]
        return max(facts, key=lambda fact: (fact.at or 0, fact.source, fact.value), default=None)


@dataclass(frozen=True, slots=True)
class Row:
    """A device of a difference, with the likely reason; or one that was not compared, and why not."""

    serial: str
    site: str
    server: str
    reason: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What `left` says and `right` does not: the devices by name. `unread` says why nothing was compared at all."""

    id: str
    left: str
    right: str
    title: str
    devices: tuple[Row, ...] = ()
    not_compared: tuple[Row, ...] = ()
    unread: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """What was read of a source: `state` is `read`, `in part` or `not read`; `devices` how many it names."""

    id: str
    state: str
    devices: int
    until: int | None = None


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


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """All of it."""

    sources: tuple[Source, ...]
    differences: tuple[Difference, ...]
    audit: Audit = field(default_factory=Audit)

    @property
    def differing(self) -> int:
        """How many devices stand in a difference."""
        return len({row.serial for each in self.differences for row in each.devices})


@dataclass(frozen=True, slots=True)
class _Spec:
    """A comparison: who of the left is looked for (`moment`: since when), whether the right has it, and why not.

    `whole` says that the right must have been read as a whole before its silence says anything.
    """

    id: str
    left: str
    right: str
    title: str
    moment: Callable[[Seen], Fact | None]
    lacks: Callable[[Seen, "_Book"], bool]
    reason: Callable[[Seen], str]
    whole: bool = True


class _Book:
    """What was read, and for whom."""

    def __init__(self, seen: Sequence[Seen], listings: Iterable[Listing]) -> None:
        self._listings: dict[str, list[Listing]] = {name: [] for name in (*SOURCES, REQUESTS)}
        for listing in listings:
            self._listings[listing.source].append(listing)
        self.named = {name: sum(name in each.sources for each in seen) for name in SOURCES}
        self._records = any("dep_record" in each.kinds for each in seen)
        self._inventories = {_server(each, *_RECORDS) for each in seen} - {""}
        if any(each.released for each in seen):
            self.named[ABM] = max(self.named[ABM], 1)

    def until(self, source: str, server: str = "") -> int | None:
        """Up to when a source was read as a whole for the devices of a server; None if it was not."""
        found = [
            each.until
            for each in self._listings[source]
            if source not in _OF_A_SERVER or not (each.server and server) or each.server == server
        ]
        return max(found, default=None)

    def recorded(self, seen: Seen) -> bool:
        """Whether the MDM has a record of a device. Where no inventory of its server is read, NanoMDM's way, the first
        TokenUpdate is its enrolment.
        """
        if any(kind in seen.kinds for kind in _RECORDS):
            return True
        return "token_update" in seen.kinds and _server(seen, "token_update") not in self._inventories

    def state(self, source: str) -> str:
        """`read`, `in part` (devices are named, but no list is whole) or `not read`."""
        if source == DEP:
            if not (self._records or self._listings[FETCH] or self._listings[SYNC]):
                return "not read"
            return min((self.state(name) for name in (FETCH, SYNC)), key=("read", "in part", "not read").index)
        return "read" if self._listings[source] else "in part" if self.named[source] else "not read"

    def summary(self) -> tuple[Source, ...]:
        """The sources in their order."""
        return tuple(Source(name, self.state(name), self.named[name], self.until(name)) for name in SOURCES)


def _server(seen: Seen, *kinds: str) -> str:
    """The MDM server that facts of these kinds name, else the device's; "" where there is no such fact."""
    fact = seen.first(*kinds)
    return fact.attrs.get("server", seen.server) if fact else ""


def reconcile(
    seen: Sequence[Seen], listings: Iterable[Listing], *, confirmation_us: int, zone: tzinfo = UTC
) -> Reconciliation:
    """The differences, in the order of SOURCES, each with its devices in the order of `seen`.

    `confirmation_us` is how long after the last staging the staging window still lasts; `zone` is that of a
    `staged_at` that names none.
    """
    book = _Book(seen, listings)
    differences = [_compared(spec, seen, book) for spec in _SPECS]
    return Reconciliation(
        book.summary(), (*differences, _mdm_only(seen, book)), _audit(seen, book, confirmation_us, zone)
    )


def _compared(spec: _Spec, seen: Sequence[Seen], book: _Book) -> Difference:
    made = Difference(spec.id, spec.left, spec.right, spec.title)
    for name in (spec.left, spec.right):
        state = book.state(name)
        if state == "not read" or (state == "in part" and name == spec.right and spec.whole):
            return _unread(made, name, state)
    devices, not_compared = [], []
    for each in seen:
        fact = spec.moment(each)
        if fact is None or not spec.lacks(each, book):
            continue
        until = book.until(spec.right, each.server) if spec.whole else fact.at or 0
        if until is None:
            whose = f" of {each.server}" if each.server else ""
            not_compared.append(_row(each, f"the {NAMES[spec.right]}{whose} was not read"))
        elif spec.whole and fact.at is not None and fact.at > until:
            reason = f"it came after the {NAMES[spec.right]} was read ({instants.render(until)})"
            not_compared.append(_row(each, reason))
        elif spec.right not in {MANIFEST, ABM} and each.verdict and each.verdict.verdict == "in_progress":
            not_compared.append(_row(each, "in progress: its time is not over"))
        else:
            devices.append(_row(each, spec.reason(each)))
    return Difference(spec.id, spec.left, spec.right, spec.title, tuple(devices), tuple(not_compared))


def _unread(made: Difference, source: str, state: str) -> Difference:
    why = "was not read" if state == "not read" else "was read in part"
    return Difference(made.id, made.left, made.right, made.title, unread=f"{_the(source)} {why}")


def _the(source: str) -> str:
    return NAMES[source] if source in {ABM, DEP} else f"the {NAMES[source]}"


def _row(seen: Seen, reason: str) -> Row:
    return Row(seen.device.serial, seen.device.attrs.get("site", ""), seen.server, reason)


def _mdm_only(seen: Sequence[Seen], book: _Book) -> Difference:
    made = Difference("mdm-only", MDM, ABM, "in the MDM alone")
    others = [name for name in SOURCES if name != MDM]
    whole = [name for name in others if book.state(name) == "read"]
    if book.state(MDM) == "not read" or not whole:
        unread = "the MDM was not read" if whole else "none of manifest, Apple Business Manager and DEP was read whole"
        return Difference(made.id, made.left, made.right, made.title, unread=unread)
    rest = [SOURCES[name] for name in others if name not in whole]
    doubt = f" (not read as a whole: {', '.join(rest)})" if rest else ""
    rows = [
        _row(each, f"{_mdm_reason(each)}{doubt}") for each in seen if each.sources == {MDM} and each.released is None
    ]
    return Difference(made.id, made.left, made.right, made.title, tuple(rows))


def _mdm_reason(seen: Seen) -> str:
    if "enrolled_by_hand" in seen.kinds:
        return "enrolled by hand: it is none of the organisation's devices, or was never added to it"
    if not any(kind in seen.kinds for kind in _ENROLLED):
        return "a record that waits for a device that no other source knows: mistyped, or left over"
    return "enrolled, and no source of Apple's knows it: of another organisation, or released since"


def _stopped(seen: Seen) -> str:
    """What the verdict says that it stopped at, "" where it says nothing."""
    verdict = seen.verdict
    if verdict is None or verdict.layer is None:
        return ""
    return f"{verdict.layer} {verdict.cause.replace('_', ' ')}" if verdict.cause else verdict.layer


def _because(seen: Seen, otherwise: str, among: frozenset[str] | None = None) -> str:
    """The reason that the verdict knows, if its cause is `among` those that can be one here, else the usual one."""
    stopped = _stopped(seen)
    if not stopped or (among is not None and (seen.verdict is None or seen.verdict.cause not in among)):
        return otherwise
    return f"stopped at {stopped}"


_BEFORE_THE_SYNC: Final = frozenset(
    {"not_assigned", "terms_not_accepted", "token_expired", "cursor_expired", "throttled"}
)
"""The causes of L0 that keep a server from hearing of a device."""


def _not_in_abm(seen: Seen) -> str:
    if seen.released:
        return "released from the organisation"
    if "booted" in seen.kinds:
        return _because(seen, "it booted, and nothing of it reached Apple")
    return "not added to the organisation, or its serial number is mistyped in the manifest"


def _not_in_manifest(seen: Seen) -> str:
    if seen.unassigned:
        return "in the organisation without a server: in stock, or of another rollout"
    return "of another rollout, or left out of the manifest"


def _not_fetched(seen: Seen) -> str:
    if any(fact.value == "deleted" for fact in seen.kinds.get("dep_record", ())):
        return "the DEP service said `deleted` of it: it was assigned elsewhere in between"
    return _because(seen, "the server has not asked since, or asks with the token of another server", _BEFORE_THE_SYNC)


def _not_synced(seen: Seen) -> str:
    if any(fact.value == "deleted" for fact in seen.kinds.get("dep_record", ())):
        return "the sync stream says `deleted` last: it was taken from this server"
    return _because(seen, "the stream begins after its assignment, or the server stopped asking", _BEFORE_THE_SYNC)


def _no_profile(seen: Seen) -> str:
    if seen.released:
        return "released from the organisation"
    if seen.record is not None and seen.record.value == "removed":
        return "its profile was removed"
    if refused := seen.first("throttled", "assign_failed"):
        return f"the assignment of its profile was answered {refused.value}"
    return "no profile was assigned: the server has no default profile, or none for this device"


def _not_pushed(seen: Seen) -> str:
    if "booted" not in seen.kinds:
        return "no boot is in the evidence: it may still be in its box"
    return _because(seen, "it booted and did not take its profile")


def _no_check_in(seen: Seen) -> str:
    return _because(seen, "it took its profile and did not reach the MDM")


def _no_record(seen: Seen) -> str:
    if "token_update" not in seen.kinds:
        return "Authenticate without TokenUpdate: the enrolment broke off"
    return "it checked in, and its record is gone: deleted, or in another inventory"


def _not_enrolled(seen: Seen) -> str:
    waits = "its MDM record waits" if "mdm_row" in seen.kinds else "the MDM has no record of it"
    return _because(seen, waits)


def _registered(seen: Seen) -> Fact | None:
    """The first word of ABM, not of the device, that it is registered."""
    facts = [fact for fact in seen.kinds.get("registered", ()) if fact.source in {"abm", "audit"}]
    return min(facts, key=lambda fact: (fact.at is None, fact.at or 0, fact.source), default=None)


def _last_record(seen: Seen, *values: str) -> Fact | None:
    return seen.record if seen.record is not None and seen.record.value in values else None


def _known(source: str) -> Callable[[Seen], Fact | None]:
    """The earliest fact of a source, for a device that it names."""
    families = {MANIFEST: ("manifest",), ABM: ("abm", "audit"), FETCH: ("dep",)}[source]

    def moment(seen: Seen) -> Fact | None:
        if source not in seen.sources:
            return None
        facts = (fact for fact in seen.device.facts if fact.source in families)
        return min(facts, key=lambda fact: (fact.at is None, fact.at or 0, fact.kind), default=None)

    return moment


_SPECS: Final = (
    _Spec(
        "manifest-not-abm",
        MANIFEST,
        ABM,
        "in the manifest, not in ABM",
        _known(MANIFEST),
        lambda seen, _: ABM not in seen.sources,
        _not_in_abm,
    ),
    _Spec(
        "abm-not-manifest",
        ABM,
        MANIFEST,
        "in ABM, not in the manifest",
        _known(ABM),
        lambda seen, _: MANIFEST not in seen.sources,
        _not_in_manifest,
    ),
    _Spec(
        "assigned-not-fetched",
        ABM,
        FETCH,
        "assigned in ABM, never in the fetch",
        lambda seen: seen.assigned,
        lambda seen, _: FETCH not in seen.sources,
        _not_fetched,
    ),
    _Spec(
        "assigned-not-synced",
        ABM,
        SYNC,
        "assigned in ABM, never in the sync stream",
        lambda seen: seen.assigned,
        lambda seen, _: SYNC not in seen.sources,
        _not_synced,
    ),
    _Spec(
        "fetched-not-synced",
        FETCH,
        SYNC,
        "in the fetch, never in the sync stream",
        lambda seen: seen.first("dep_record") if FETCH in seen.sources else None,
        lambda seen, _: SYNC not in seen.sources,
        _not_synced,
    ),
    _Spec(
        "synced-without-profile",
        DEP,
        DEP,
        "synced, without a profile (empty)",
        lambda seen: _last_record(seen, "empty", "removed"),
        lambda seen, _: "pushed" not in seen.kinds,
        _no_profile,
        whole=False,
    ),
    _Spec(
        "profile-not-pushed",
        DEP,
        DEP,
        "profile assigned, never pushed",
        lambda seen: _last_record(seen, "assigned"),
        lambda seen, _: "pushed" not in seen.kinds,
        _not_pushed,
        whole=False,
    ),
    _Spec(
        "pushed-no-check-in",
        DEP,
        MDM,
        "pushed, never checked in",
        lambda seen: seen.first("pushed"),
        lambda seen, _: not any(kind in seen.kinds for kind in (*_CHECK_INS, *_ENROLLED)),
        _no_check_in,
    ),
    _Spec(
        "registered-not-enrolled",
        ABM,
        MDM,
        "registered in ABM, not enrolled in the MDM",
        _registered,
        lambda seen, _: not any(kind in seen.kinds for kind in (*_CHECK_INS, *_ENROLLED)),
        _not_enrolled,
    ),
    _Spec(
        "check-in-no-record",
        MDM,
        MDM,
        "checked in, no MDM record",
        lambda seen: seen.first("authenticate", "token_update"),
        lambda seen, book: not book.recorded(seen),
        _no_record,
    ),
)


def _audit(seen: Sequence[Seen], book: _Book, confirmation_us: int, zone: tzinfo) -> Audit:
    """Audit ↔ inventory. The staging window goes from the first request or `staged_at` to the last, and what may
    follow it; device clocks have no say, they can be years off.
    """
    requests = {each.device.serial: _asked(each) for each in seen}
    if not any(requests.values()) and book.until(REQUESTS) is None:
        return Audit(unread=f"{_the(REQUESTS)} of who asked was not read")
    if book.state(MDM) == "not read":
        return Audit(unread=f"{_the(MDM)} was not read")
    moments = [fact.at for facts in requests.values() for fact in facts if fact.at is not None]
    moments += [at for each in seen if (at := _staged(each, zone)) is not None]
    if not moments:
        return Audit(unread="no request and no `staged_at` says when the devices were staged")
    window = (min(moments), max(moments) + confirmation_us)
    asked, waiting, undated = [], [], []
    for each in seen:
        if found := requests[each.device.serial]:
            asked.append(_row(each, f"asked {len(found)} time{'s' * (len(found) != 1)}"))
        row = None if any(kind in each.kinds for kind in _ENROLLED) else each.first("mdm_row")
        if row is None:
            continue
        also = "asked too" if found else "never asked, as far as the audit goes"
        if row.at is None:
            undated.append(_row(each, also))
        elif window[0] <= row.at <= window[1]:
            waiting.append(_row(each, also))
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
