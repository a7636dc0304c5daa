"""The likely reason why one source names a device and another does not, told from what else is known of it."""

from typing import Final

from abm_trace.views.reconcile._seen import ENROLLED, Seen


def mdm_reason(seen: Seen) -> str:
    if "enrolled_by_hand" in seen.kinds:
        return "enrolled by hand: it is none of the organisation's devices, or was never added to it"
    if not any(kind in seen.kinds for kind in ENROLLED):
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


def not_in_abm(seen: Seen) -> str:
    if seen.released:
        return "released from the organisation"
    if "booted" in seen.kinds:
        return _because(seen, "it booted, and nothing of it reached Apple")
    return "not added to the organisation, or its serial number is mistyped in the manifest"


def not_in_manifest(seen: Seen) -> str:
    if seen.unassigned:
        return "in the organisation without a server: in stock, or of another rollout"
    return "of another rollout, or left out of the manifest"


def not_fetched(seen: Seen) -> str:
    if any(fact.value == "deleted" for fact in seen.kinds.get("dep_record", ())):
        return "the DEP service said `deleted` of it: it was assigned elsewhere in between"
    return _because(seen, "the server has not asked since, or asks with the token of another server", _BEFORE_THE_SYNC)


def not_synced(seen: Seen) -> str:
    if any(fact.value == "deleted" for fact in seen.kinds.get("dep_record", ())):
        return "the sync stream says `deleted` last: it was taken from this server"
    return _because(seen, "the stream begins after its assignment, or the server stopped asking", _BEFORE_THE_SYNC)


def no_profile(seen: Seen) -> str:
    if seen.released:
        return "released from the organisation"
    if seen.record is not None and seen.record.value == "removed":
        return "its profile was removed"
    if refused := seen.first("throttled", "assign_failed"):
        return f"the assignment of its profile was answered {refused.value}"
    return "no profile was assigned: the server has no default profile, or none for this device"


def not_pushed(seen: Seen) -> str:
    if "booted" not in seen.kinds:
        return "no boot is in the evidence: it may still be in its box"
    return _because(seen, "it booted and did not take its profile")


def no_check_in(seen: Seen) -> str:
    return _because(seen, "it took its profile and did not reach the MDM")


def no_record(seen: Seen) -> str:
    if "token_update" not in seen.kinds:
        return "Authenticate without TokenUpdate: the enrolment broke off"
    return "it checked in, and its record is gone: deleted, or in another inventory"


def not_enrolled(seen: Seen) -> str:
    waits = "its MDM record waits" if "mdm_row" in seen.kinds else "the MDM has no record of it"
    return _because(seen, waits)
