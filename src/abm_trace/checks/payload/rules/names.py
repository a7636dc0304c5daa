"""How payloads are named."""

import re
from collections.abc import Iterator
from typing import Final

from abm_trace.checks.payload._interface import Asked, Complaint, Rule
from abm_trace.checks.payload.deviations import shown
from abm_trace.checks.payload.document import Document

_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\Z")


def _payload_uuid(document: Document, asked: Asked) -> Iterator[Complaint]:
    """A complaint a text that is none; a wrong type is another rule's."""
    for part in (document.top, *document.payloads) if document.kind == "profile" else ():
        node = part.items.get("PayloadUUID")
        if node and node.text is not None and not _UUID.match(node.text):
            yield Complaint(part.at("PayloadUUID"), f"{shown(node)} is no UUID", node.line)


PAYLOAD_UUID = Rule(
    id="payload-uuid",
    title="A PayloadUUID is no UUID",
    severity="warning",
    source="Apple, CommonPayloadKeys: PayloadUUID must be globally unique",
    means="Devices take any text, but one that a person made up comes again in another profile, and that one then "
    "replaces this one, or is refused (1007, 4002).",
    do="Make one with `uuidgen`.",
    bad=({"PayloadUUID": "my-profile"},),
    good=({"PayloadUUID": "0b0c7d5a-6c55-4b7e-8b0e-1f5b8a3c2d10"},),
    find=_payload_uuid,
)


def _payload_unique(document: Document, asked: Asked) -> Iterator[Complaint]:
    """A complaint a repetition."""
    for key in ("PayloadUUID", "PayloadIdentifier") if document.kind == "profile" else ():
        seen: dict[str, str] = {}
        for part in (document.top, *document.payloads):
            node = part.items.get(key)
            if not node or not node.text:
                continue
            name = node.text.casefold()
            if name in seen:
                text = f"{shown(node)} is the {key} of {seen[name] or 'the profile'} too"
                yield Complaint(part.at(key), text, node.line, "" if seen[name] else "warning")
            else:
                seen[name] = part.key


PAYLOAD_UNIQUE = Rule(
    id="payload-unique",
    title="Two payloads have the same name",
    severity="error",
    source="Apple, CommonPayloadKeys: PayloadIdentifier and PayloadUUID; MCProfileErrorDomain 1007, 1008",
    means="A device refuses the profile, or keeps one of the two payloads.",
    do="Give each payload a PayloadUUID (`uuidgen`) and a PayloadIdentifier of its own. A payload that shares one with "
    "the profile around it is a warning: devices take it.",
    layer="L0",
    cause="profile_rejected",
    bad=(
        {"PayloadContent": [{"PayloadType": "org.example.a", "PayloadUUID": "A"},
                            {"PayloadType": "org.example.b", "PayloadUUID": "A"}]},
        {"PayloadContent": [{"PayloadType": "org.example.a", "PayloadIdentifier": "a"},
                            {"PayloadType": "org.example.b", "PayloadIdentifier": "a"}]},
    ),
    good=(
        {"PayloadContent": [{"PayloadType": "org.example.a", "PayloadUUID": "A"},
                            {"PayloadType": "org.example.b", "PayloadUUID": "B"}]},
    ),
    find=_payload_unique,
)  # fmt: skip


RULES: Final = (PAYLOAD_UUID, PAYLOAD_UNIQUE)
