"""The comparisons: each is one row that says who is looked for, and where."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from abm_trace.core import instants
from abm_trace.core.nouns import Fact
from abm_trace.views.reconcile import _reasons as reasons
from abm_trace.views.reconcile._seen import (
    ABM,
    CHECK_INS,
    DEP,
    ENROLLED,
    FETCH,
    MANIFEST,
    MDM,
    NAMES,
    SOURCES,
    SYNC,
    Book,
    Row,
    Seen,
    row_of,
    the_source,
)


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
class Spec:
    """A comparison: who of the left is looked for (`moment`: since when), whether the right has it, and why not.

    `whole` says that the right must have been read as a whole before its silence says anything.
    """

    id: str
    left: str
    right: str
    title: str
    moment: Callable[[Seen], Fact | None]
    lacks: Callable[[Seen, Book], bool]
    reason: Callable[[Seen], str]
    whole: bool = True


def compared(spec: Spec, seen: Sequence[Seen], book: Book) -> Difference:
    made = Difference(spec.id, spec.left, spec.right, spec.title)
    for name in (spec.left, spec.right):
        state = book.state(name)
        if state == "not read" or (state == "in part" and name == spec.right and spec.whole):
            return _not_read(made, name, state)
    devices, not_compared = [], []
    for each in seen:
        fact = spec.moment(each)
        if fact is None or not spec.lacks(each, book):
            continue
        until = book.until(spec.right, each.server) if spec.whole else fact.at or 0
        if until is None:
            whose = f" of {each.server}" if each.server else ""
            not_compared.append(row_of(each, f"the {NAMES[spec.right]}{whose} was not read"))
        elif spec.whole and fact.at is not None and fact.at > until:
            reason = f"it came after the {NAMES[spec.right]} was read ({instants.render(until)})"
            not_compared.append(row_of(each, reason))
        elif spec.right not in {MANIFEST, ABM} and each.verdict and each.verdict.verdict == "in_progress":
            not_compared.append(row_of(each, "in progress: its time is not over"))
        else:
            devices.append(row_of(each, spec.reason(each)))
    return Difference(spec.id, spec.left, spec.right, spec.title, tuple(devices), tuple(not_compared))


def _not_read(made: Difference, source: str, state: str) -> Difference:
    why = "was not read" if state == "not read" else "was read in part"
    return Difference(made.id, made.left, made.right, made.title, unread=f"{the_source(source)} {why}")


def mdm_only(seen: Sequence[Seen], book: Book) -> Difference:
    made = Difference("mdm-only", MDM, ABM, "in the MDM alone")
    others = [name for name in SOURCES if name != MDM]
    whole = [name for name in others if book.state(name) == "read"]
    if book.state(MDM) == "not read" or not whole:
        unread = "the MDM was not read" if whole else "none of manifest, Apple Business Manager and DEP was read whole"
        return Difference(made.id, made.left, made.right, made.title, unread=unread)
    rest = [SOURCES[name] for name in others if name not in whole]
    doubt = f" (not read as a whole: {', '.join(rest)})" if rest else ""
    rows = [
        row_of(each, f"{reasons.mdm_reason(each)}{doubt}")
        for each in seen
        if each.sources == {MDM} and each.released is None
    ]
    return Difference(made.id, made.left, made.right, made.title, tuple(rows))


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


SPECS: Final = (
    Spec(
        "manifest-not-abm",
        MANIFEST,
        ABM,
        "in the manifest, not in ABM",
        _known(MANIFEST),
        lambda seen, _: ABM not in seen.sources,
        reasons.not_in_abm,
    ),
    Spec(
        "abm-not-manifest",
        ABM,
        MANIFEST,
        "in ABM, not in the manifest",
        _known(ABM),
        lambda seen, _: MANIFEST not in seen.sources,
        reasons.not_in_manifest,
    ),
    Spec(
        "assigned-not-fetched",
        ABM,
        FETCH,
        "assigned in ABM, never in the fetch",
        lambda seen: seen.assigned,
        lambda seen, _: FETCH not in seen.sources,
        reasons.not_fetched,
    ),
    Spec(
        "assigned-not-synced",
        ABM,
        SYNC,
        "assigned in ABM, never in the sync stream",
        lambda seen: seen.assigned,
        lambda seen, _: SYNC not in seen.sources,
        reasons.not_synced,
    ),
    Spec(
        "fetched-not-synced",
        FETCH,
        SYNC,
        "in the fetch, never in the sync stream",
        lambda seen: seen.first("dep_record") if FETCH in seen.sources else None,
        lambda seen, _: SYNC not in seen.sources,
        reasons.not_synced,
    ),
    Spec(
        "synced-without-profile",
        DEP,
        DEP,
        "synced, without a profile (empty)",
        lambda seen: _last_record(seen, "empty", "removed"),
        lambda seen, _: "pushed" not in seen.kinds,
        reasons.no_profile,
        whole=False,
    ),
    Spec(
        "profile-not-pushed",
        DEP,
        DEP,
        "profile assigned, never pushed",
        lambda seen: _last_record(seen, "assigned"),
        lambda seen, _: "pushed" not in seen.kinds,
        reasons.not_pushed,
        whole=False,
    ),
    Spec(
        "pushed-no-check-in",
        DEP,
        MDM,
        "pushed, never checked in",
        lambda seen: seen.first("pushed"),
        lambda seen, _: not any(kind in seen.kinds for kind in (*CHECK_INS, *ENROLLED)),
        reasons.no_check_in,
    ),
    Spec(
        "registered-not-enrolled",
        ABM,
        MDM,
        "registered in ABM, not enrolled in the MDM",
        _registered,
        lambda seen, _: not any(kind in seen.kinds for kind in (*CHECK_INS, *ENROLLED)),
        reasons.not_enrolled,
    ),
    Spec(
        "check-in-no-record",
        MDM,
        MDM,
        "checked in, no MDM record",
        lambda seen: seen.first("authenticate", "token_update"),
        lambda seen, book: not book.recorded(seen),
        reasons.no_record,
    ),
)
