"""The causes of L0: what keeps a device from asking, or from getting past the answer, outside the seven layers.

A recorded state (the organisation's, the DEP service's, an MDM server's) is surer than an error code or a missing row,
and goes before it (SPEC section 2).
"""

from collections.abc import Callable, Iterable
from typing import Final

from msgspec.structs import replace

from abm_trace.core import instants
from abm_trace.core.nouns import Fact
from abm_trace.verdict.proof import Proof, proofs_of, weighed
from abm_trace.verdict.state import State

BEFORE_ASKING: Final = (
    "not_assigned", "released", "no_profile", "profile_removed", "terms_not_accepted", "token_expired",
    "cursor_expired", "throttled",
)  # fmt: skip
AFTER_ASKING: Final = (
    "apple_unavailable", "network_blocked", "mdm_refused", "mdm_unreachable", "push_unavailable", "profile_rejected",
    "not_activated", "identity_certificate", "checkin_incomplete", "enrolled_by_hand", "rejected",
)  # fmt: skip
"""The closed list, in the order in which they block."""

AHEAD: Final = ("released", "not_assigned", "no_profile", "profile_removed")
"""Those that stand in a record before the device is booted, and that somebody can mend before."""

_OF_THE_SERVER: Final = frozenset({"terms_not_accepted", "token_expired", "cursor_expired", "throttled"})
_TO_THE_END: Final = frozenset({"apple_unavailable", "network_blocked"})
"""What may pass by itself: it counts only if nothing else came after it."""


def any_possible(state: State) -> bool:
    """Whether there is anything at all that a cause could rest on; most devices of the guide dialect have nothing."""
    return state.apple or "L0" in state.layered or not _GROUNDS.isdisjoint(state.kinds)


_GROUNDS: Final = frozenset({"enrolled_by_hand", "rejected", "response_401", "http_error"})


def proofs(state: State, cause: str) -> list[Proof]:
    """What proves a cause of the closed list."""
    own = _RECORDED.get(cause)
    found = own(state) if own else []
    if cause in _OF_THE_SERVER and state.served:
        found += _server(state, cause)
    errors = [fact for fact in state.layered.get("L0", ()) if fact.cause == cause]
    if errors:
        found += weighed(state, _ending(state, errors) if cause in _TO_THE_END else state.standing(errors))
    return [replace(proof, cause=cause) for proof in found]


def _ending(state: State, errors: Iterable[Fact]) -> list[Fact]:
    """The errors after which no answer of another kind came; an error that says nothing more is no answer."""
    errors = state.standing(errors)
    others = [
        fact.at
        for fact in state.of("fetch_error", "mdm_error")
        if errors and fact.cause != errors[0].cause and (fact.cause or fact.layer)
    ]
    last = max((at for at in others if at is not None), default=None)
    return [fact for fact in errors if last is None or (fact.at is not None and fact.at >= last)]


def ahead(state: State) -> tuple[str, Proof] | None:
    """What somebody recorded that will stop a device as soon as it is booted: (cause, proof); None if nothing."""
    for cause in AHEAD:
        if found := [proof for proof in proofs(state, cause) if proof.recorded]:
            return cause, found[0]
    return None


def _recorded(id_: str, confidence: int, text: str, *facts: Fact) -> list[Proof]:
    return [Proof(id_, confidence, text, tuple(fact.origin for fact in facts), facts[0].at, recorded=True)]


_IN_ORGANISATION: Final = frozenset({"registered", "pending"})
"""What happens to none but the organisation's devices, whoever says it, beside ABM's list of them."""


def _not_assigned(state: State) -> list[Proof]:
    """Unassigned, or deleted by the DEP service, while still in the organisation; or no row of it at all."""
    assigned = state.assignment
    if assigned.released:
        return []
    if fact := assigned.unassigned:
        text = (
            "the DEP service deleted it from its MDM server"
            if fact.value == "deleted"
            else "it is assigned to no MDM server"
        )
        return _recorded("unassigned", 92, text, fact)
    org = state.context.side("org")
    if assigned.listed or not state.apple or org.until is None or (state.start is not None and org.until < state.start):
        return []
    if state.kinds.keys() & _IN_ORGANISATION or any(fact.source == "abm" for fact in state.of("known")):
        return []
    return [
        Proof("no-organisation-row", 75, "the organisation's device list has no row of it", org.origins[:2], org.until)
    ]


def _released(state: State) -> list[Proof]:
    fact = state.assignment.released
    return _recorded("released", 95, "it was released from the organisation", fact) if fact else []


def _status(word: str, text: str) -> Callable[[State], list[Proof]]:
    """Proves that the last DEP record has this profile status, and no push came after it."""

    def proved(state: State) -> list[Proof]:
        record = state.assignment.record
        if record is None or record.value != word or state.assignment.unassigned or state.assignment.released:
            return []
        pushed = [fact.at for fact in state.of("pushed") if fact.at is not None]
        if record.at is not None and pushed and max(pushed) > record.at:
            return []
        return _recorded(f"profile-{word}", 93, text, record)

    return proved


def _server(state: State, cause: str) -> list[Proof]:
    """What stops the whole MDM server of a device that this server never synced, if it still did at the end."""
    name = state.assignment.server or _sole_server(state)
    server = state.context.servers.get(name)
    if server is None or state.assignment.synced or state.assignment.unassigned or state.assignment.released:
        return []
    failure = server.failing()
    if failure is None or failure.cause != cause:
        return []
    text = f"{name} fails to sync: {failure.value}"
    if cause != "token_expired":
        return _recorded("server-sync-failed", 93, text, failure)
    token = server.token
    expires = _expiry(token)
    if token is None or expires is None or expires > (state.as_of if failure.at is None else failure.at):
        return []
    return _recorded("server-token-expired", 93, f"{text}, with an expired token", failure, token)


def _sole_server(state: State) -> str:
    """The case's only MDM server, for a device that is assigned to one that is not named."""
    return next(iter(state.context.servers)) if state.assignment.row and len(state.context.servers) == 1 else ""


def _token_expired(state: State) -> list[Proof]:
    """ABM answered 401 and the device's token is past its expiry (guide dialect)."""
    refused = state.standing([*state.of("response_401"), *(f for f in state.of("http_error") if f.value == "401")])
    token = token_of(state)
    expires = _expiry(token)
    if not refused or token is None or expires is None or expires > (refused[-1].at or state.as_of):
        return []
    text = "401 with an expired token"
    return [Proof("token-expired", 92, text, (refused[-1].origin, token.origin), refused[-1].at, recorded=True)]


def _expiry(token: Fact | None) -> int | None:
    try:
        return instants.parse(token.attrs.get("expires_at", "")) if token else None
    except ValueError:
        return None


def token_of(state: State) -> Fact | None:
    """The device's token: the manifest's, else the one that ABM's own rows name."""
    if not state.context.tokens:
        return None
    named = state.device.attrs.get("token_id") or next(
        (name for each in state.kinds.values() for fact in each if (name := fact.attrs.get("token_id"))), ""
    )
    return state.context.tokens.get(named)


def _throttled(state: State) -> list[Proof]:
    facts = [] if state.of("pushed") else state.of("throttled")
    return _recorded("throttled", 85, "the assignment of its profile was throttled", facts[-1]) if facts else []


def _checkin_incomplete(state: State) -> list[Proof]:
    """Authenticate, no TokenUpdate after it, and the MDM was read past its deadline."""
    begun = [fact for fact in state.of("authenticate") if fact.source == "mdm"]
    done = state.of("token_update", "token_renewed", "mdm_command")  # No MDM can command a device before.
    if not begun or state.sides["mdm"] != "absent":
        return []
    if any(fact.at is None or begun[-1].at is None or fact.at >= begun[-1].at for fact in done):
        return []
    read = state.context.side("mdm", state.assignment.server).origins
    evidence = (begun[-1].origin, *read[:2])
    return [Proof("checkin-incomplete", 90, "Authenticate, and no TokenUpdate after it", evidence, begun[-1].at)]


def _enrolled_by_hand(state: State) -> list[Proof]:
    found = proofs_of(state.of("enrolled_by_hand"), 90, "the MDM record is no automated enrolment")
    return [replace(proof, recorded=True) for proof in found]


_RECORDED: Final[dict[str, Callable[[State], list[Proof]]]] = {
    "not_assigned": _not_assigned,
    "released": _released,
    "no_profile": _status("empty", "the DEP service has no profile for it"),
    "profile_removed": _status("removed", "its profile was removed"),
    "token_expired": _token_expired,
    "throttled": _throttled,
    "checkin_incomplete": _checkin_incomplete,
    "enrolled_by_hand": _enrolled_by_hand,
}
