"""The guide dialect: what the field guide asks of an enrolment profile (SPEC G1)."""

import re
from collections.abc import Iterator
from typing import Final

from abm_trace.checks.payload._interface import Asked, Complaint, Rule
from abm_trace.checks.payload.deviations import shown
from abm_trace.checks.payload.document import DEPRECATED, Document

_METHOD = "enrollmentMethod"


def _guide_method(document: Document, asked: Asked) -> Iterator[Complaint]:
    """A complaint a wrong value, or one for none in a profile that speaks the guide's dialect or has to."""
    found = [(part.at(_METHOD), part.items[_METHOD]) for part in document.parts if _METHOD in part.items]
    for key, node in found:
        if node.text != "abm":
            yield Complaint(key, f"{_METHOD} is {shown(node)}, and must be 'abm'", node.line)
    if not found and document.enrols(asked.region):
        yield Complaint(_METHOD, f"the profile has no {_METHOD}, which must be 'abm'", document.root.line)


GUIDE_METHOD = Rule(
    id="guide-method",
    title="enrollmentMethod is not abm",
    severity="error",
    source="the field guide: the keys of an enrolment profile, and the fault L5",
    means="A device that gets this profile never asks ABM to enrol it: no request, no error, no record (layer L5).",
    do="Put enrollmentMethod back to abm in the MDM, and look for the proxy or connector that took it away (--diff).",
    layer="L5",
    bad=(
        {"enrollmentMethod": "none", "serverUrl": "https://eu-west.abm.apple.com"},
        {"serverUrl": "https://eu-west.abm.apple.com"},
        {"enrollmentMethod": "", "serverUrl": "https://eu-west.abm.apple.com"},
        {"enrollmentMethod": "ABM", "serverUrl": "https://eu-west.abm.apple.com"},
        {"enrollmentMethod": True, "serverUrl": "https://eu-west.abm.apple.com"},
    ),
    good=({"enrollmentMethod": "abm", "serverUrl": "https://eu-west.abm.apple.com"}, {}),
    find=_guide_method,
)


_ENDPOINT: Final = re.compile(r"https://([a-z0-9]+(?:-[a-z0-9]+)*)\.abm\.apple\.com/?\Z")
_SERVER = "serverUrl"


def _guide_server_url(document: Document, asked: Asked) -> Iterator[Complaint]:
    """A complaint a wrong value, or one for none in a profile that speaks the guide's dialect or has to."""
    found = [(part.at(_SERVER), part.items[_SERVER]) for part in document.parts if _SERVER in part.items]
    for key, node in found:
        if not _ENDPOINT.match(node.text or ""):
            yield Complaint(key, f"{_SERVER} is {shown(node)}, and must be 'https://REGION.abm.apple.com'", node.line)
    if not found and document.enrols(asked.region):
        yield Complaint(
            _SERVER,
            f"the profile has no {_SERVER}, which must be 'https://REGION.abm.apple.com'",
            document.root.line,
        )


GUIDE_SERVER_URL = Rule(
    id="guide-server-url",
    title="serverUrl is not https://REGION.abm.apple.com",
    severity="error",
    source="the field guide: the keys of an enrolment profile, and the fault L5",
    means="A device that gets this profile does not reach ABM, so nothing registers it (layer L5).",
    do="Put serverUrl back in the MDM, and look for the proxy or connector that changed it (--diff).",
    layer="L5",
    bad=(
        {"enrollmentMethod": "abm", "serverUrl": "http://eu-west.abm.apple.com"},
        {"enrollmentMethod": "abm"},
        {"enrollmentMethod": "abm", "serverUrl": ""},
        {"enrollmentMethod": "abm", "serverUrl": "https://eu-west.abm.apple.com.example.org"},
        {"enrollmentMethod": "abm", "serverUrl": "https://mdm.example.org/eu-west.abm.apple.com"},
        {"enrollmentMethod": "abm", "serverUrl": "https://abm.apple.com"},
    ),
    good=(
        {"enrollmentMethod": "abm", "serverUrl": "https://eu-west.abm.apple.com"},
        {"enrollmentMethod": "abm", "serverUrl": "https://us-east.abm.apple.com/"},
        {},
    ),
    find=_guide_server_url,
)


_HOST: Final = re.compile(r"[a-z]+://([^/:?#]+)\.abm\.apple\.com(?![^/:?#])", re.IGNORECASE)


def _guide_region(document: Document, asked: Asked) -> Iterator[Complaint]:
    """A complaint a serverUrl of another region, where the token's is known."""
    for part in document.parts if asked.region else ():
        node = part.items.get("serverUrl")
        host = _HOST.match(node.text or "") if node else None
        if node and host and host[1].casefold() != asked.region.casefold():
            text = f"serverUrl is of the region {host[1][:60]}, the token of {asked.region}"
            yield Complaint(part.at("serverUrl"), text, node.line)


GUIDE_REGION = Rule(
    id="guide-region",
    title="serverUrl is of another region than the token",
    severity="error",
    source="the field guide: endpoints have regions, and the fault L4",
    means="A token of one region at another region's endpoint gets HTTP 204 and leaves no audit record (layer L4).",
    do="Use the endpoint of the token's region, or a token of the endpoint's.",
    layer="L4",
    bad=({"enrollmentMethod": "abm", "serverUrl": "https://us-east.abm.apple.com"},),
    good=({"enrollmentMethod": "abm", "serverUrl": "https://eu-west.abm.apple.com"}, {}),
    find=_guide_region,
)


def _guide_deprecated_key(document: Document, asked: Asked) -> Iterator[Complaint]:
    """A complaint a key."""
    for part in document.parts if document.kind == "profile" else ():
        for key in DEPRECATED:
            if key in part.items:
                yield Complaint(part.at(key), f"{key} is deprecated and must not be there", part.items[key].line)


GUIDE_DEPRECATED_KEY = Rule(
    id="guide-deprecated-key",
    title="A deprecated key",
    severity="error",
    source="the field guide: the keys of an enrolment profile",
    means="enrollmentType and mdmURL belong to the old payload. Where they stand beside the new keys, or in their "
    "place, a device may follow them and not reach ABM.",
    do="Remove the key; enrollmentMethod and serverUrl replace it.",
    layer="L5",
    bad=(
        {"enrollmentMethod": "abm", "serverUrl": "https://eu-west.abm.apple.com", "enrollmentType": "device"},
        {"enrollmentMethod": "abm", "serverUrl": "https://eu-west.abm.apple.com", "mdmURL": "https://mdm.example.org"},
    ),
    good=({"enrollmentMethod": "abm", "serverUrl": "https://eu-west.abm.apple.com"},),
    find=_guide_deprecated_key,
)


RULES: Final = (GUIDE_METHOD, GUIDE_SERVER_URL, GUIDE_REGION, GUIDE_DEPRECATED_KEY)
