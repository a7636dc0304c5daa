"""The layers and causes in words, and what stopped a device, by the name that every picture gives it."""

from typing import Final

from abm_trace.core.nouns import Verdict

LAYERS: Final = {
    "L0": ("other", "a cause outside the seven layers"),
    "L1": ("trust", "TLS chain, root or OCSP staple"),
    "L2": ("ambiguity", "accepted, but no device named, or no check-in"),
    "L3": ("clock", "the device's time is off"),
    "L4": ("region", "token and endpoint differ in region"),
    "L5": ("payload", "the profile lost its method or server"),
    "L6": ("identity", "identifier unstable, duplicate or not certified"),
    "L7": ("limbo", "Pending too long, nothing else is proved"),
}
"""Layer → its word, and what it means."""

CAUSES: Final = {
    "not_assigned": "no MDM server has it in ABM",
    "released": "it left the organisation",
    "no_profile": "the MDM gave Apple no profile for it",
    "profile_removed": "its enrolment profile was taken away",
    "terms_not_accepted": "Apple’s new terms wait for an administrator",
    "token_expired": "the token is past its expiry",
    "cursor_expired": "the MDM’s sync with Apple stands still",
    "throttled": "Apple held the requests back",
    "apple_unavailable": "Apple’s service did not answer",
    "network_blocked": "it did not reach iprofiles.apple.com",
    "mdm_refused": "the MDM server turned it away",
    "mdm_unreachable": "it did not reach the MDM server",
    "push_unavailable": "it cannot be pushed to (APNs)",
    "profile_rejected": "it refused the MDM’s profile",
    "not_activated": "it is not activated",
    "identity_certificate": "it got no certificate (SCEP, ACME)",
    "checkin_incomplete": "it began its check-in and did not end it",
    "enrolled_by_hand": "somebody enrolled it by hand",
    "rejected": "ABM rejected it, no layer explains why",
}
"""Cause of an L0 → what it means."""

SIDES: Final = {"apple": "ABM or DEP", "mdm": "MDM inventory"}
"""The two sides of a confirmation, and what speaks for each."""

UNREAD: Final = {
    "": "not read, the case holds none",
    "part": "not read in full, the case holds some records but no whole list",
    "untold": "not read, what the case holds does not say how the devices stand",
}
"""What is said of a side that was not read, by what the case holds of it."""

NO_LAYER: Final = "no layer proved"

UNPROVED: Final = {
    "vanished": NO_LAYER,
    "rejected": "rejected by ABM",
    "half_confirmed": "half confirmed",
    "half_confirmed_mdm": "half confirmed: the MDM has no record",
    "half_confirmed_apple": "half confirmed: ABM or DEP has no record",
    "unknown": "undecided: not read far enough",
}
"""What is known of devices without a layer: by verdict, of the half confirmed by the side that lacks."""

LEGEND: Final = (
    ("vanished", "it booted or asked, its deadline has passed, and neither ABM or DEP nor the MDM shows it"),
    ("half confirmed", "one of the two shows it, the other was read and does not"),
    ("unknown", "past its deadline, and a source was not read far enough to say"),
    ("layer", "what stopped it: L1 to L7, or L0 with a cause by name; the first that blocks counts"),
)
"""The words that a reader meets first, each in one line."""


def layer_name(layer: str, cause: str = "") -> str:
    """The word of a layer, the cause's own where there is one."""
    if cause:
        return cause.replace("_", " ")
    return LAYERS[layer][0] if layer in LAYERS else NO_LAYER


def what(layer: str, cause: str) -> str:
    """A layer and its word; of a cause its name goes first, for L0 is many causes."""
    if not layer:
        return NO_LAYER
    return f"{layer_name(layer, cause)} ({layer})" if cause else f"{layer} {layer_name(layer)}"


def meaning(layer: str, cause: str) -> str:
    """What the word of a layer or cause means; "" of one that nobody here knows."""
    return CAUSES.get(cause, "") if cause else LAYERS.get(layer, ("", ""))[1]


def stopped_by(verdict: Verdict) -> str:
    """What stopped a device, "" where nothing did: its layer or cause, else what its verdict leaves known.

    A cause that is the verdict's own name says no more than the verdict.
    """
    if verdict.layer and verdict.cause != verdict.verdict:
        return what(verdict.layer, verdict.cause or "")
    lacking = f"{verdict.verdict}_{verdict.missing[0]}" if verdict.missing else ""
    return UNPROVED.get(lacking) or UNPROVED.get(verdict.verdict, "")
