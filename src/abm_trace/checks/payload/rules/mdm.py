"""The com.apple.mdm payload, beyond what its schema says of single keys."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from abm_trace.checks.payload import apple
from abm_trace.checks.payload._interface import Asked, Complaint, Rule
from abm_trace.checks.payload.deviations import shown
from abm_trace.checks.payload.document import Document, Part

_IDENTITIES: Final = frozenset(
    {
        "com.apple.security.scep", "com.apple.security.acme", "com.apple.security.pkcs12",
        "com.apple.ADCertificate.managed",
    }
)  # fmt: skip
_IDENTITY: Final = "IdentityCertificateUUID"


def _mdm_identity(document: Document, asked: Asked) -> Iterator[Complaint]:
    """A complaint where it names nothing, another kind of payload, or differs in capitals alone (a warning)."""
    payloads = {uuid.text: each for each in document.payloads if (uuid := each.items.get("PayloadUUID")) and uuid.text}
    folded = {uuid.casefold() for uuid in payloads if uuid}
    for mdm in document.of_type("com.apple.mdm"):
        node = mdm.items.get(_IDENTITY)
        if node is None or not node.text:
            continue
        named = payloads.get(node.text)
        if named is not None:
            if named.type not in _IDENTITIES:
                text = f"{shown(node)} is {named.key}, whose type is {named.type[:80] or 'not known'}: no identity"
                yield Complaint(mdm.at(_IDENTITY), text, node.line)
        elif node.text.casefold() in folded:
            text = f"{shown(node)} differs in capitals from the PayloadUUID that it names"
            yield Complaint(mdm.at(_IDENTITY), text, node.line, "warning")
        else:
            yield Complaint(
                mdm.at(_IDENTITY), f"{shown(node)} is the PayloadUUID of no payload of this profile", node.line
            )


MDM_IDENTITY = Rule(
    id="mdm-identity",
    title="IdentityCertificateUUID names no identity of this profile",
    severity="error",
    source="Apple, com.apple.mdm: IdentityCertificateUUID; MCMDMErrorDomain 12005, 12016",
    means="The device has no certificate to show to the MDM, and its enrolment fails.",
    do="Put the PayloadUUID of the SCEP, ACME or PKCS #12 payload of this profile there.",
    layer="L0",
    cause="profile_rejected",
    kind="mdm",
    bad=(
        {"IdentityCertificateUUID": "00000000-0000-4000-8000-000000000000"},
        {"IdentityCertificateUUID": "22222222-2222-4222-8222-222222222222"},
    ),
    good=({},),
    find=_mdm_identity,
)


_PINNED: Final = ("ServerURLPinningCertificateUUIDs", "CheckInURLPinningCertificateUUIDs")


def _mdm_pinning(document: Document, asked: Asked) -> Iterator[Complaint]:
    """A complaint a UUID that no payload has."""
    known = {
        uuid.text.casefold() for each in document.payloads if (uuid := each.items.get("PayloadUUID")) and uuid.text
    }
    for mdm in document.of_type("com.apple.mdm"):
        for key in _PINNED:
            node = mdm.items.get(key)
            for number, each in enumerate(node.members if node else ()):
                if each.text is not None and each.text.casefold() not in known:
                    where = f"{mdm.at(key)}[{number}]"
                    yield Complaint(where, f"{shown(each)} is the PayloadUUID of no payload of this profile", each.line)


MDM_PINNING = Rule(
    id="mdm-pinning",
    title="A pinned certificate is not in this profile",
    severity="error",
    source="Apple, com.apple.mdm: ServerURLPinningCertificateUUIDs, CheckInURLPinningCertificateUUIDs",
    means="The device trusts the MDM server on the word of that certificate alone, and cannot find it.",
    do="Add the certificate as a payload, or correct the UUID.",
    layer="L0",
    cause="profile_rejected",
    kind="mdm",
    bad=({"ServerURLPinningCertificateUUIDs": ["00000000-0000-4000-8000-000000000000"]},),
    good=({"ServerURLPinningCertificateUUIDs": ["22222222-2222-4222-8222-222222222222"]},),
    find=_mdm_pinning,
)


_RIGHTS_ALL: Final = 8191
_RIGHTS_NEED: Final = ((2, 1, "install and remove profiles", "inspect profiles"),
                 (128, 64, "install and remove provisioning profiles", "inspect provisioning profiles"))  # fmt: skip


def _mdm_access_rights(document: Document, asked: Asked) -> Iterator[Complaint]:
    """A complaint a contradiction."""
    for mdm in document.of_type("com.apple.mdm"):
        node = mdm.items.get("AccessRights")
        rights = node.number if node else None
        if node is None or rights is None:
            continue
        if not 0 < rights <= _RIGHTS_ALL:
            yield Complaint(mdm.at("AccessRights"), f"it is {rights}, and must be 1 to {_RIGHTS_ALL}", node.line)
            continue
        for right, needed, what, needs in _RIGHTS_NEED:
            if rights & right and not rights & needed:
                text = f"it has {right} ({what}) without {needed} ({needs})"
                yield Complaint(mdm.at("AccessRights"), text, node.line)


MDM_ACCESS_RIGHTS = Rule(
    id="mdm-access-rights",
    title="AccessRights do not go together",
    severity="error",
    source="Apple, com.apple.mdm: AccessRights; MCMDMErrorDomain 12000",
    means="A device refuses the payload: 0 asks for nothing, 2 needs 1, 128 needs 64, and the highest right is 4096.",
    do="Add the right that is needed; 8191 asks for all of them.",
    layer="L0",
    cause="profile_rejected",
    kind="mdm",
    bad=({"AccessRights": 0}, {"AccessRights": 2}, {"AccessRights": 128}, {"AccessRights": 8192}, {"AccessRights": -1}),
    good=({"AccessRights": 8191}, {"AccessRights": 3}, {"AccessRights": 192}, {"AccessRights": None}),
    find=_mdm_access_rights,
)


_TOPICS = "com.apple.mgmt."


def _mdm_topic(document: Document, asked: Asked) -> Iterator[Complaint]:
    """A complaint a topic."""
    for mdm in document.of_type("com.apple.mdm"):
        node = mdm.items.get("Topic")
        if node and node.text is not None and (not node.text.startswith(_TOPICS) or node.text == _TOPICS):
            yield Complaint(mdm.at("Topic"), f"it is {shown(node)}, and must begin with {_TOPICS}", node.line)


MDM_TOPIC = Rule(
    id="mdm-topic",
    title="Topic is none of a push certificate",
    severity="error",
    source="Apple, com.apple.mdm: Topic must begin with com.apple.mgmt.; MCMDMErrorDomain 12022",
    means="The MDM cannot push to the device: it enrols, if at all, and is never heard of again.",
    do="Copy the UID of the push certificate's subject (com.apple.mgmt.External.…).",
    layer="L0",
    cause="push_unavailable",
    kind="mdm",
    bad=({"Topic": "com.example.push"}, {"Topic": "com.apple.mgmt."}, {"Topic": ""}),
    good=({"Topic": "com.apple.mgmt.External.7a1f3c0e-52b1-4c5b-9a53-0f6f7c2d9b11"},),
    find=_mdm_topic,
)


def _mdm_repeated(document: Document, asked: Asked) -> Iterator[Complaint]:
    """A complaint a payload behind the first."""
    types = apple.facts().types
    seen: set[str] = set()
    for payload in document.payloads:
        type_ = payload.type
        if type_ in seen:
            yield Complaint(payload.key, f"it is another {type_}, of which a profile can have one", payload.node.line)
        if type_ in types and types[type_].single:
            seen.add(type_)


MDM_REPEATED = Rule(
    id="mdm-repeated",
    title="A payload of which there can be one comes again",
    severity="error",
    source="Apple, com.apple.mdm: supportedOS.multiple is false; MCMDMErrorDomain 12001",
    means="A device has one MDM, and refuses a profile with two.",
    do="Remove all but one of them.",
    layer="L0",
    cause="profile_rejected",
    bad=({"PayloadContent": [{"PayloadType": "com.apple.mdm"}, {"PayloadType": "com.apple.mdm"}]},),
    good=({"PayloadContent": [{"PayloadType": "com.apple.mdm"}]},),
    find=_mdm_repeated,
)


_MDM_URLS: Final = ("ServerURL", "CheckInURL")
_DEP_URLS: Final = ("url", "configuration_web_url")


def _url_host(document: Document, asked: Asked) -> Iterator[Complaint]:
    """A complaint a URL; what does not begin with https:// is another rule's."""
    parts = [(document.top, _DEP_URLS)] if document.kind == "dep-profile" else []
    parts += [(mdm, _MDM_URLS) for mdm in document.of_type("com.apple.mdm")]
    for part, keys in parts:
        yield from _in(part, keys)


def _in(part: Part, keys: tuple[str, ...]) -> Iterator[Complaint]:
    for key in keys:
        node = part.items.get(key)
        if node and (node.text or "").startswith("https://") and not _leads(node.text or ""):
            yield Complaint(part.at(key), f"{shown(node)} is no URL that leads anywhere", node.line)


def _leads(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0 and parts.username is None and not any(map(str.isspace, url))
    except ValueError:
        return False


URL_HOST = Rule(
    id="url-host",
    title="A URL has no host, or holds what none can",
    severity="error",
    source="RFC 3986 section 3; MCMDMErrorDomain 12030, DEP service CONFIG_URL_INVALID",
    means="The device cannot reach the MDM, or the DEP service refuses the profile.",
    do="Write the whole URL, without blanks and without a name and password in it.",
    layer="L0",
    cause="profile_rejected",
    kind="mdm",
    bad=({"ServerURL": "https://"}, {"ServerURL": "https://mdm example.org/"}, {"CheckInURL": "https://[::1/"},
         {"ServerURL": "https://mdm.example.org:port/"}),
    good=({"ServerURL": "https://mdm.example.org:8443/mdm?x=1", "CheckInURL": "https://[2001:db8::1]/checkin"},),
    find=_url_host,
)  # fmt: skip


RULES: Final = (MDM_IDENTITY, MDM_PINNING, MDM_ACCESS_RIGHTS, MDM_TOPIC, MDM_REPEATED, URL_HOST)
