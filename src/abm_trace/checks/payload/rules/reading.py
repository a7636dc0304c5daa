"""What can be said of a payload before its keys are looked at."""

from collections.abc import Iterator
from typing import Final

from abm_trace.checks.payload._interface import Asked, Complaint, Rule
from abm_trace.checks.payload.document import Document

PAYLOAD_DAMAGED = Rule(
    id="payload-damaged",
    title="The payload cannot be read",
    severity="error",
    source="Apple MDM Protocol Reference, Error Codes: MCProfileErrorDomain 1000, MCInstallationErrorDomain 4000",
    means="The file is cut off, is no property list or JSON, or is built to harm who reads it. A device refuses it.",
    do="Export it again from the MDM; if it was sent through another system, compare the sizes on both sides.",
    layer="L0",
    cause="profile_rejected",
)


PAYLOAD_TOO_LARGE = Rule(
    id="payload-too-large",
    title="The payload is too large to be one",
    severity="error",
    source="ours: real profiles have some kilobytes, with fonts some megabytes; 32 MiB are read, of JSON 4 MiB",
    means="It was not read, so nothing is known of what it holds.",
    do="Look at what swells it (`ls -l`, the <data> elements), and split the profile.",
)


def _payload_encrypted(document: Document, asked: Asked) -> Iterator[Complaint]:
    """One complaint where there is sealed content."""
    sealed = document.root.items.get("EncryptedPayloadContent") if document.kind == "profile" else None
    if sealed:
        yield Complaint("EncryptedPayloadContent", "the payloads are encrypted and were not checked", sealed.line)


PAYLOAD_ENCRYPTED = Rule(
    id="payload-encrypted",
    title="The payloads are encrypted and were not checked",
    severity="warning",
    source="Apple, TopLevel: EncryptedPayloadContent",
    means="Only the device has the key. What the profile says about enrolment is not known.",
    do="Validate the profile before it is encrypted.",
    find=_payload_encrypted,
)


def _repeated_key(document: Document, asked: Asked) -> Iterator[Complaint]:
    """One complaint a repetition, at the later one."""
    for key, line in document.repeated:
        yield Complaint(key, f"{key.rpartition('.')[2][:80]} comes twice in one dictionary", line)


REPEATED_KEY = Rule(
    id="repeated-key",
    title="A key comes twice in one dictionary",
    severity="error",
    source="Apple, plist(5): the keys of a dictionary are unique; RFC 8259 section 4 for JSON",
    means="Which of the two values counts is up to who reads it: a reviewer may see another one than the device.",
    do="Remove one of them.",
    layer="L0",
    cause="profile_rejected",
    find=_repeated_key,
)


def _trailing_bytes(document: Document, asked: Asked) -> Iterator[Complaint]:
    """One complaint where something follows."""
    if document.trailing:
        yield Complaint("", document.trailing)


TRAILING_BYTES = Rule(
    id="trailing-bytes",
    title="Something follows the end of the payload",
    severity="warning",
    source="ours: nothing that writes profiles does so",
    means="Two files were joined, or a file was overwritten by a shorter one. No signature covers what follows.",
    do="Export the profile again.",
    find=_trailing_bytes,
)


RULES: Final = (PAYLOAD_DAMAGED, PAYLOAD_TOO_LARGE, PAYLOAD_ENCRYPTED, REPEATED_KEY, TRAILING_BYTES)
