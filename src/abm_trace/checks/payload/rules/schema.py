"""Apple's published schema: keys, types, values."""

from collections.abc import Iterator
from typing import Final

from abm_trace.checks.payload._interface import Asked, Complaint, Rule
from abm_trace.checks.payload.deviations import deviations
from abm_trace.checks.payload.document import Document


def _apple_missing_key(document: Document, asked: Asked) -> Iterator[Complaint]:
    """A complaint a key."""
    for each in deviations(document, "missing"):
        yield Complaint(each.key, each.text, each.line, "warning" if each.lenient else "")


APPLE_MISSING_KEY = Rule(
    id="apple-missing-key",
    title="A key that Apple requires is missing",
    severity="error",
    source="Apple's schema (TopLevel, CommonPayloadKeys, com.apple.mdm; DEP profile: CONFIG_NAME_REQUIRED, "
    "CONFIG_URL_REQUIRED); MCProfileErrorDomain 1002",
    means="A device refuses the profile (1002, 2002), the DEP service the DEP profile. In a profile of the guide's "
    "dialect, which lives by other keys, it is a warning.",
    do="Add the key.",
    layer="L0",
    cause="profile_rejected",
    bad=({"PayloadUUID": None}, {"PayloadContent": None}, {"PayloadContent": [{"PayloadType": "com.apple.mdm"}]}),
    good=({},),
    find=_apple_missing_key,
)


def _apple_type(document: Document, asked: Asked) -> Iterator[Complaint]:
    """A complaint a value."""
    for each in deviations(document, "type"):
        yield Complaint(each.key, each.text, each.line)


APPLE_TYPE = Rule(
    id="apple-type",
    title="A value is of the wrong type",
    severity="error",
    source="Apple's schema (TopLevel, CommonPayloadKeys, com.apple.mdm, DEP profile); MCProfileErrorDomain 1003",
    means="A device refuses the profile (1003, 2003). The DEP service refuses 0 and 1 for a boolean, which many MDMs "
    "accept.",
    do="Write the value in its own type: true, not 'true' or 1.",
    layer="L0",
    cause="profile_rejected",
    bad=({"PayloadVersion": "1"}, {"PayloadRemovalDisallowed": 1}, {"PayloadContent": ["x"]}),
    good=({"PayloadRemovalDisallowed": True, "DurationUntilRemoval": 60},),
    find=_apple_type,
)


def _apple_value(document: Document, asked: Asked) -> Iterator[Complaint]:
    """A complaint a value; of a payload that the schema describes in part only (the common keys) a warning."""
    for each in deviations(document, "value"):
        yield Complaint(each.key, each.text, each.line, "warning" if each.lenient else "")


APPLE_VALUE = Rule(
    id="apple-value",
    title="A value that Apple does not allow",
    severity="error",
    source="Apple's schema (TopLevel, CommonPayloadKeys, com.apple.mdm, DEP profile); MCProfileErrorDomain 1001, 1010, "
    "MCMDMErrorDomain 12034",
    means="A device refuses the profile. In a list, whose members a newer system may know, it is a warning.",
    do="Use one of the values that the finding names.",
    layer="L0",
    cause="profile_rejected",
    bad=({"PayloadType": "Profile"}, {"PayloadVersion": 2}, {"PayloadScope": "Device"}),
    good=({"PayloadScope": "System"},),
    find=_apple_value,
)


def _apple_unknown_key(document: Document, asked: Asked) -> Iterator[Complaint]:
    """A complaint a key, with the nearest one that Apple has."""
    for each in deviations(document, "unknown"):
        yield Complaint(each.key, each.text, each.line, "note" if each.lenient else "")


APPLE_UNKNOWN_KEY = Rule(
    id="apple-unknown-key",
    title="A key that Apple does not document",
    severity="warning",
    source="Apple's schema of iOS 18.1 and macOS 15.1 (TopLevel, com.apple.mdm, DEP profile)",
    means="Devices ignore a key that they do not know, so a misspelled one says nothing. Where no known key is near, "
    "a newer system may know it: then this is a note.",
    do="Correct the spelling; keys count with their capitals.",
    bad=({"PayloadOrganisation": "Example"}, {"payloadScope": "System"}, {"Colour": "red"}),
    good=({"PayloadOrganization": "Example"},),
    find=_apple_unknown_key,
)


def _apple_removed_key(document: Document, asked: Asked) -> Iterator[Complaint]:
    """A complaint a key."""
    for each in deviations(document, "removed"):
        yield Complaint(each.key, each.text, each.line)


APPLE_REMOVED_KEY = Rule(
    id="apple-removed-key",
    title="A key that Apple has removed",
    severity="warning",
    source="Apple's schema: supportedOS.removed",
    means="Systems from that version on do not know it any more, and what it asked for does not happen.",
    do="Use what Apple has in its place: for ManagedAppleID, account-driven enrolment.",
    kind="mdm",
    bad=({"ManagedAppleID": "somebody@example.org"},),
    good=({},),
    find=_apple_removed_key,
)


RULES: Final = (APPLE_MISSING_KEY, APPLE_TYPE, APPLE_VALUE, APPLE_UNKNOWN_KEY, APPLE_REMOVED_KEY)
