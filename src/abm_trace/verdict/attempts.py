"""How often a device asked: the enrolment requests of its last journey, told apart (CASE.md, `attempts`)."""

from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter
from typing import Final

import msgspec

from abm_trace.core.nouns import Fact
from abm_trace.core.placeholders import is_placeholder
from abm_trace.verdict.state import State

_ASKED: Final = frozenset({"requested", "fetch_requested", "fetch_error", "accepted", "response_empty", "pending"})
_ASKING: Final = frozenset({"requested", "identifier", "accepted", "response_empty", "registered", "pending"})


def attempts(state: State) -> int:
    """Distinct enrolment requests of the journey: by requestId, else deviceIdentifier, else time (CASE.md).

    The device's log says when it asked; the ids stand in the answers and in what the servers recorded.
    """
    gap = state.context.thresholds.us("attempt_gap_s")
    if _ASKED.isdisjoint(state.kinds):
        return 0
    asked = _asked(state, gap)
    served: dict[str, Fact] = {}
    unnamed: list[int] = []
    place = 0
    for fact in (*(fact for fact in state.of("pending") if fact.at is None), *state.journey):
        if fact.kind not in _ASKING:
            continue
        request, name = _names(fact)
        if fact.source != "log":
            if fact.kind not in {"registered", "identifier"}:
                if request or name:
                    served.setdefault(request or name, fact)
                elif fact.at is None or not unnamed or fact.at - unnamed[-1] > gap:
                    unnamed.append(fact.at or 0)
                else:
                    unnamed[-1] = fact.at
        elif request or name:
            while place + 1 < len(asked) and asked[place + 1].first <= (fact.at or 0):
                place += 1
            if asked and asked[place].first <= (fact.at or 0):
                asked[place].name(request, name)
            elif request:
                served.setdefault(request, fact)
    by_request = {request: each for each in reversed(asked) for request in each.requests}
    for key, fact in list(served.items()):  # What a server recorded is the device's own attempt with that id or time.
        if asked and (key in by_request or _nearest(asked, fact).answers(key, fact)):
            del served[key]
    known = {name for each in asked for name in each.requests or sorted(each.names)[:1]}
    known |= set(served)
    return len(known) + sum(not (each.requests or each.names) for each in asked) or len(unnamed)


def _asked(state: State, gap: int) -> list["_Attempt"]:
    """The requests that the device's own log tells, also by the error that answers one.

    An error answers the request before it; where that was answered it tells of one that nobody logged.
    """
    asked: list[_Attempt] = []
    for fact in state.of("requested", "fetch_requested", "fetch_error"):
        if fact.source != "log" or fact.at is None:
            continue
        error = fact.kind == "fetch_error"
        last = asked[-1] if asked else None
        if last and error and (last.answered is None or fact.at - last.answered <= gap):
            last.answered = fact.at
        elif last and not error and fact.at - last.last <= gap:
            last.last = fact.at
        else:
            asked.append(_Attempt(fact.at, fact.at, fact.at if error else None))
    return asked


class _Attempt(msgspec.Struct):
    first: int
    last: int
    answered: int | None = None
    requests: set[str] = msgspec.field(default_factory=set)
    names: set[str] = msgspec.field(default_factory=set)

    def name(self, request: str, name: str) -> None:
        """It has these identifiers, "" for none."""
        if request:
            self.requests.add(request)
        if name:
            self.names.add(name)

    def answers(self, key: str, fact: Fact) -> bool:
        """Whether a server's record may be of this attempt, the nearest in time: one request answers one attempt."""
        _, name = _names(fact)
        if self.requests or (name and self.names and name not in self.names):
            return False
        if "request_id" in fact.attrs:
            self.requests.add(key)
        return True


def _names(fact: Fact) -> tuple[str, str]:
    """The request and the device, in upper case, that a fact names; `N/A` is neither."""
    attrs = fact.attrs
    if not attrs:
        return "", ""
    request, name = attrs.get("request_id", ""), attrs.get("device_identifier", "")
    return (
        "" if request and is_placeholder(request) else request,
        "" if name and is_placeholder(name) else name.upper(),
    )


def _nearest(asked: Sequence[_Attempt], fact: Fact) -> _Attempt:
    """The attempt whose beginning is nearest in time; the first for a record without a time."""
    if fact.at is None:
        return asked[0]
    place = bisect_left(asked, fact.at, key=attrgetter("first"))
    return min(asked[max(place - 1, 0) : place + 1], key=lambda each: abs(each.first - (fact.at or 0)))
