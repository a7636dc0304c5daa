"""What a device's facts come to: corrected times, journeys, the ladder, attempts, the two sides."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Final

import msgspec
from msgspec.structs import replace

from abm_trace.core.instants import ALWAYS, NEVER
from abm_trace.core.nouns import RUNGS, Device, Fact
from abm_trace.core.placeholders import is_placeholder
from abm_trace.verdict import assignment, clocks, journeys
from abm_trace.verdict.assignment import Assignment
from abm_trace.verdict.context import Context

_PROVES: Final[Mapping[str, str]] = {
    **{rung: rung for rung in RUNGS},
    "pending": "requested",
    "preparing": "booted",
    "fetch_requested": "requested",
    "fetch_error": "requested",  # It answers a request.
    "pushed": "accepted",
    "authenticate": "registered",
    "token_update": "profile",
}
"""Which rung a kind of fact proves."""

_LEVEL: Final = {rung: number for number, rung in enumerate(RUNGS)}
_STARTS: Final = frozenset({"booted", "requested", "accepted", "registered"})
"""Rungs from which the deadline counts: the boot, else the first of the others."""

_SERVED: Final = frozenset(
    {"dep_record", "pushed", "assigned", "unassigned", "released", "migration", "throttled", "assign_failed"}
)
"""Apple-dialect evidence of ABM or DEP: such a device has 15 minutes instead of 63 s (SPEC section 2)."""

_APPLE: Final = _SERVED | {
    "fetch_requested", "fetch_error", "certificate_error", "mdm_error", "authenticate", "token_update",
    "token_renewed", "connected", "profiles_null", "not_dep_enabled", "request_too_soon", "mdm_command",
}  # fmt: skip
"""Apple-dialect evidence of any kind."""

MDM_STEP: Final = "mdm_error"
"""Errors of talking to the MDM: a push comes before them, so that one without a time does not overcome them."""

_WRAPPERS: Final = frozenset({"1009", "4001"})
"""Codes of a profile that say no more than that an installation failed; what they wrap says why."""

_ANSWERS: Final = frozenset({"rejected", "response_empty"})
"""What ABM itself answered: its own registration or a push takes that back, and no record of an MDM."""

_LIFECYCLE: Final = "lifecycle"
"""The format of ABM's answer about one device: it says nothing of the others."""

_MODELS: Final = (
    *((name, "computer") for name in ("Mac", "iMac")),
    *((name, "mobile") for name in ("iPad", "iPhone", "iPod", "Apple TV", "AppleTV", "Apple Vision", "RealityDevice")),
)
"""How the names and identifiers of models begin, and which of Jamf's two lists such a device stands in."""

_CONFIRMS: Final = frozenset({"audit", "log"})
_BY_HAND: Final = ("enrolled_by_hand", "enrolled_without_token")
_SIDED: Final = frozenset(
    {
        "registered", "profile", "enrolled", "pushed", "token_update", "token_renewed", "connected", "authenticate",
        "mdm_command", *_BY_HAND,
    }
)  # fmt: skip
"""Without any of these nothing confirms a side, and no error was overcome: so it is of most rows of a large table."""

LEFT_OUT: Final = "left_out"
"""That not all facts of a device are judged."""


_NONE: Final[list[Fact]] = []


class State(msgspec.Struct):
    """A device at `as_of`: its last journey's facts by kind, in order of time, and what follows from them.

    `layered` are the journey's facts whose signature names a layer, by that layer; `journey` those with a time;
    `dated` are those of all journeys. `apple` says that there is Apple-dialect evidence, `served` that some of it is of
    ABM or DEP. `pushed_at` is when the device fetched its profile (its boot where no time is given).
    `overcome` is up to when errors were followed by success, `overcome_mdm` the same of errors of the MDM's step,
    `overcome_answer` of what ABM answered. `until` is how far each side was read for the device. `managed` are an MDM's
    commands in its own log since the push.
    """

    device: Device
    context: Context
    as_of: int
    dated: list[Fact]
    journey: list[Fact] = msgspec.field(default_factory=list)
    kinds: dict[str, list[Fact]] = msgspec.field(default_factory=dict)
    layered: dict[str, list[Fact]] = msgspec.field(default_factory=dict)
    journeys: int = 1
    rungs: dict[str, Fact] = msgspec.field(default_factory=dict)
    start: int | None = None
    deadline: int | None = None
    due: dict[str, int] = msgspec.field(default_factory=dict)
    apple: bool = False
    served: bool = False
    assignment: Assignment = msgspec.field(default_factory=Assignment)
    pushed_at: int | None = None
    overcome: int = NEVER
    overcome_mdm: int = NEVER
    overcome_answer: int = NEVER
    managed: Sequence[Fact] = ()
    sides: dict[str, str] = msgspec.field(default_factory=dict)
    until: dict[str, int | None] = msgspec.field(default_factory=dict)
    clock_offset: int | None = None

    def of(self, *kinds: str) -> list[Fact]:
        """The journey's facts of these kinds, in order of time."""
        if len(kinds) == 1:
            return self.kinds.get(kinds[0], _NONE)
        found = [facts for kind in kinds if (facts := self.kinds.get(kind))]
        if len(found) > 1:
            return sorted((fact for facts in found for fact in facts), key=_undated_first)
        return found[0] if found else []

    def standing(self, facts: Iterable[Fact]) -> list[Fact]:
        """Those of the facts that no later success overcame; an undated one is overcome by any."""
        if self.overcome == self.overcome_mdm == NEVER:
            return list(facts)
        special = {MDM_STEP: self.overcome_mdm, **dict.fromkeys(_ANSWERS, self.overcome_answer)}
        return [
            fact
            for fact in facts
            if (NEVER + 1 if fact.at is None else fact.at) > special.get(fact.kind, self.overcome)
        ]


def build(device: Device, context: Context, as_of: int) -> State:
    """The state of a device. The order of its facts, and how often each stands there, does not matter."""
    facts, offset = clocks.corrected(device.facts)
    undated = [fact for fact in facts if fact.at is None]
    dated = sorted([fact for fact in facts if fact.at is not None], key=_order)
    begin, count = journeys.last(dated, context.thresholds.us("journey_gap_s"))
    state = State(device, context, as_of, dated, journeys=count, clock_offset=offset)
    if undated:
        _admit(state, sorted(undated, key=_unordered))
    if begin > NEVER:
        dated = [fact for fact in dated if (fact.at or 0) >= begin or fact.kind in journeys.STANDING]
    state.journey = _admit(state, dated)
    _ladder(state)
    _sides(state)
    _unwrap(state)
    return state


def _admit(state: State, facts: Iterable[Fact]) -> list[Fact]:
    """Sort facts that are in order into their kinds and layers; a repeat of the one before it adds nothing."""
    kinds, layered = state.kinds, state.layered
    admitted: list[Fact] = []
    last: Fact | None = None
    for fact in facts:
        kind = fact.kind
        if last is not None and last.kind == kind and _repeats(last, fact):
            continue
        admitted.append(fact)
        last, same = fact, kinds.get(kind)
        if same is None:
            kinds[kind] = [fact]
        else:
            same.append(fact)
        if fact.layer:
            layered.setdefault(fact.layer, []).append(fact)
    return admitted


def _unwrap(state: State) -> None:
    """Take the layer from installations that failed for a reason which another error of the MDM's step names."""
    errors = state.kinds.get(MDM_STEP, _NONE)
    if not any(map(_wraps, errors)) or not state.standing(f for f in errors if f.layer and not _wraps(f)):
        return
    state.kinds[MDM_STEP] = [replace(fact, layer="", cause="") if _wraps(fact) else fact for fact in errors]
    state.layered["L0"] = [fact for fact in state.layered["L0"] if not _wraps(fact)]


def _wraps(fact: Fact) -> bool:
    return fact.kind == MDM_STEP and fact.cause == "profile_rejected" and fact.attrs.get("code") in _WRAPPERS


_order = attrgetter("at", "kind", "value", "source")
"""By time, then by what is said and who says it."""

_unordered = attrgetter("kind", "value", "source")


def _undated_first(fact: Fact) -> tuple[int, str, str]:
    return (NEVER if fact.at is None else fact.at), fact.kind, fact.value


def _repeats(one: Fact, other: Fact) -> bool:
    return (
        one.at == other.at and one.value == other.value and one.source == other.source
        and one.origin.by == other.origin.by
        and one.attrs.get("server") == other.attrs.get("server")
        and one.attrs.get("request_id") == other.attrs.get("request_id")
        and one.attrs.get("device_identifier") == other.attrs.get("device_identifier")
    )  # fmt: skip


def _ladder(state: State) -> None:
    boots: list[int] = []
    starts: list[int] = []
    for kind, facts in state.kinds.items():
        rung = _PROVES.get(kind)
        if rung is None:
            continue
        first = facts[0] if facts[0].at is not None else next((fact for fact in facts if fact.at is not None), facts[0])
        known = state.rungs.get(rung)
        if known is None or (first.at is None, first.at or 0) < (known.at is None, known.at or 0):
            state.rungs[rung] = first
        if rung in _STARTS and first.at is not None:
            (boots if rung == "booted" else starts).append(first.at)
    state.start = min(boots or starts, default=None)


def last_rung(state: State) -> str | None:
    """The highest rung that the last journey proves."""
    return max(state.rungs, key=lambda rung: _LEVEL[rung], default=None)


def _sides(state: State) -> None:
    get = state.kinds.get
    added = any(fact.source == "audit" for fact in get("known", _NONE))
    state.served = added or not _SERVED.isdisjoint(state.kinds)
    state.apple = state.served or not _APPLE.isdisjoint(state.kinds)
    if state.served:
        state.assignment = assignment.of(state.kinds)
    if _SIDED.isdisjoint(state.kinds):
        _deadline(state, ())
        _confirm(state, {"apple": (), "mdm": ()})
        return
    enrolled = get("enrolled", _NONE)
    if by_hand(state):  # A record says how; an event that does not is of the same enrolment.
        enrolled = [fact for fact in enrolled if "event" not in fact.attrs or "method" in fact.attrs]
    registered = [
        *get("registered", _NONE),
        *[fact for fact in get("profile", _NONE) if fact.source in _CONFIRMS],
        *[fact for fact in enrolled if fact.source == "audit"],
    ]
    pushed = get("pushed", _NONE)
    updates = get("token_update", _NONE) or _later_updates(state)
    mdm = [*[fact for fact in enrolled if fact.source == "mdm"], *updates]
    apple = [*registered, *pushed]
    by_ade = any(fact.kind != "connected" for fact in mdm)
    if by_ade and state.assignment.row:  # Intune, Mosyle and Fleet never show a push.
        apple.append(state.assignment.row)
    if registered:
        state.rungs.setdefault("registered", registered[0])
    if mdm:
        state.rungs.setdefault("enrolled", mdm[0])
    told = state.of("token_update", "token_renewed") if "token_update" in state.kinds else _NONE
    if done := _released(told):
        state.rungs.setdefault("configured", done)
    if pushed:
        state.pushed_at = max((fact.at for fact in pushed if fact.at is not None), default=state.start)
    commands = get("mdm_command", _NONE)
    since = NEVER if state.pushed_at is None else state.pushed_at
    state.managed = [fact for fact in commands if fact.at is None or fact.at >= since]
    if state.managed:
        state.rungs.setdefault("registered", state.managed[0])
    checkins = [*get("authenticate", _NONE), *get("token_update", _NONE)]
    _success(state, [*registered, *checkins], pushed, [*enrolled, *updates])
    state.overcome_mdm = max(state.overcome_mdm, _until(state.managed))  # Whoever is commanded has checked in.
    _deadline(state, (*apple, *mdm, *by_hand(state)))
    _confirm(state, {"apple": apple, "mdm": mdm})


def _later_updates(state: State) -> list[Fact]:
    """What only a device says that gave its token, of the enrolment that is under way: nobody kept its first update.

    It may be a later update, or that the device asked for commands: before its last push it did so for an earlier one.
    """
    if "token_renewed" not in state.kinds and "connected" not in state.kinds:
        return _NONE
    begun = [fact.at for fact in state.kinds.get("authenticate", _NONE) if fact.at is not None]
    since = max([*begun, *([] if state.start is None else [state.start])], default=None)
    pushed = [fact.at for fact in state.kinds.get("pushed", _NONE) if fact.at is not None]
    limits = {"token_renewed": since, "connected": max([*pushed, *([] if since is None else [since])], default=None)}
    return [
        fact
        for kind, limit in limits.items()
        for fact in state.kinds.get(kind, _NONE)
        if limit is None or (fact.at is not None and fact.at >= limit)
    ]


def _released(updates: Sequence[Fact]) -> Fact | None:
    """The token update that no longer waits for its configuration, after one that did (Apple: absent means false)."""
    waited = False
    for fact in updates:
        waits = fact.attrs.get("awaiting_configuration") == "yes"
        if waited and not waits:
            return fact
        waited = waited or waits
    return None


def _success(state: State, registered: Sequence[Fact], pushed: Sequence[Fact], records: Sequence[Fact]) -> None:
    """Up to when errors were followed by success; one without a time overcomes any error.

    A push without a time, which is dated by the boot, overcomes none of the MDM's step from there on: where one opens
    a shared log, it is the boot. An MDM's record implies the rungs below it.
    """
    state.overcome_answer = max(_until(registered), _until(pushed))
    state.overcome = max(state.overcome_answer, _until(records))
    before = NEVER if state.pushed_at is None else state.pushed_at - 1
    steps = [before if fact.at is None else fact.at for fact in pushed]
    state.overcome_mdm = max([_until(registered), _until(records), *steps])


def _until(facts: Iterable[Fact]) -> int:
    """The time of the last of the facts; without a time it is always, without a fact never."""
    return max([ALWAYS if fact.at is None else fact.at for fact in facts], default=NEVER)


def _deadline(state: State, proofs: Sequence[Fact]) -> None:
    """When Apple's side, and then the MDM, had to have confirmed.

    What has no time at all stood there when its file was read: who was not read as far knows nothing of it.
    """
    limit = state.context.thresholds.us("apple_confirmation_s" if state.served else "confirmation_s")
    first = state.start
    if first is None:
        first = min((fact.at for fact in proofs if fact.at is not None), default=None)
    if first is None:
        if proofs:
            read = max(state.as_of if (at := state.context.read_until(fact.origin)) is None else at for fact in proofs)
            state.due = dict.fromkeys(("apple", "mdm"), read)
        return
    state.due = {"apple": first + limit, "mdm": (first if state.pushed_at is None else state.pushed_at) + limit}
    state.deadline = state.due["apple"] if state.pushed_at is None else state.due["mdm"]


def _confirm(state: State, proofs: Mapping[str, Sequence[Fact]]) -> None:
    for side, confirmed in proofs.items():
        kind = _counted_as(state.device) if side == "mdm" and state.context.counts_apart() else ""
        until = state.context.side(side, state.assignment.server, kind=kind).until
        if side == "apple" and not confirmed and proofs["mdm"]:
            until = state.context.apple_read_for(proofs["mdm"][0], state.assignment.server)
        if until is None and side == "mdm" and "mdm_row" in state.kinds:  # Its own record: the MDM was read for it.
            until = state.as_of
        if side == "mdm" and "enrolment_untold" in state.kinds and "mdm_row" not in state.kinds:
            until = None  # It has a record there, which does not say how the device stands.
        if side == "apple":
            until = max([*([] if until is None else [until]), *_answered(state)], default=None)
        state.until[side] = until
        due = state.due.get(side)
        if confirmed:
            state.sides[side] = "confirmed"
        elif until is None or (due is not None and until < due):
            state.sides[side] = "unread"
        else:
            state.sides[side] = "absent"


def _counted_as(device: Device) -> str:
    """Whether an MDM with two lists has a device among the computers or the mobile devices, as its model says."""
    for fact in device.facts:
        for name, kind in _MODELS:
            if fact.attrs.get("model", "").startswith(name):
                return kind
    return ""


def _answered(state: State) -> Iterator[int]:
    """How far ABM was read for the device alone, by what it answered about it."""
    for fact in state.kinds.get("pending", _NONE):
        if fact.origin.by == _LIFECYCLE:
            read = state.context.read_until(fact.origin)
            yield state.as_of if read is None else read


def by_hand(state: State) -> list[Fact]:
    """The MDM records of the journey that stand for no enrolment through ABM."""
    return state.of(*_BY_HAND)


def identifiers(state: State) -> dict[str, Fact]:
    """The device identifiers of the journey, upper case → the first fact that names it."""
    found: dict[str, Fact] = {}
    for fact in state.journey:
        if fact.attrs and (value := fact.attrs.get("device_identifier")) and not is_placeholder(value):
            found.setdefault(value.upper(), fact)
    return found
