"""Configuration profiles: whether one says how a device enrols, and where."""

from collections.abc import Iterator

from abm_trace.core.nouns import Fact, Origin, Skipped
from abm_trace.formats._interface import Content, Format, FormatError, Head
from abm_trace.formats.payloads._interface import (
    A_TEXT,
    PAYLOAD_BYTES_MAX,
    Kinds,
    Node,
    in_clear,
    is_cms,
    is_mail,
    open_cms,
    parse_plist,
    refused,
)

FORMAT = Format(
    id="profile",
    title="Configuration profile (XML or binary plist, plain or CMS-signed)",
    reference="https://developer.apple.com/documentation/devicemanagement/configuring-multiple-devices-using-profiles",
)

_KEYS = {"enrollment_method": "enrollmentMethod", "server_url": "serverUrl"}
_NAMES = {key: name for name, key in _KEYS.items()}
_CONTENT = "PayloadContent"
_DEPRECATED = ("enrollmentType", "mdmURL")
_SIGNS = (b"PayloadType", b"PayloadContent", b"enrollmentMethod", b"serverUrl")
_APPLE_MDM = "com.apple.mdm"
_PAYLOADS_MAX = 10_000
_MAILED = (
    "a profile is signed as mail (S/MIME), and devices take it in DER alone: sign it again with"
    " openssl smime -sign -nodetach -outform der"
)
_OTHER = (
    "a property list is of no kind that is read: it is no profile, MDM message, command's answer, MachineInfo or"
    " CloudConfigurationDetails.plist"
)


def score(head: Head) -> float:
    """Sure of a property list with a profile's keys; any other property list is taken to say what it is not."""
    data = head.data
    kind = is_cms(data)
    if kind == "signed_data":
        return 0.9 if any(sign in data for sign in (*_SIGNS, b"<plist", b"bplist")) else 0.5
    if in_clear(data) is not None:
        return 0.9 if any(sign in data for sign in _SIGNS) else 0.0
    begins = data.lstrip()[:1024]
    if kind or not (data.startswith(b"bplist") or (begins.startswith(b"<") and b"<plist" in data)):
        return 0.0
    hint = 0.05 if head.path.lower().endswith(".mobileconfig") else 0.0
    return (0.9 if any(sign in data for sign in _SIGNS) else 0.3) + hint


def read(content: Content) -> Iterator[Fact | Skipped]:
    """One `enrolment_profile`, where the profile has one of the guide's keys or a com.apple.mdm payload.

    A value of a wrong type is named, and a profile that has no other under that key proves nothing.
    """
    kinds = Kinds(*_KEYS.values(), _CONTENT)
    try:
        root, signed, trailing = _open(content.data, kinds)
    except FormatError as error:
        yield refused(content, error)
        return
    if trailing:
        yield Skipped(content.path, trailing)
    if signed and (is_mail(content.data) or in_clear(content.data) is not None):
        yield Skipped(content.path, _MAILED)
    if not isinstance(root, dict):
        yield Skipped(content.path, "a property list is no dictionary")
        return
    if "EncryptedPayloadContent" in root:
        yield Skipped(
            content.path, "a profile's payloads are encrypted, they cannot be opened without the device's key"
        )
    parts = _parts(root)
    attrs = _says(parts, kinds)
    wrong = [*_wrong(parts, kinds)]
    for key, what, line, others in wrong:
        reason = f"the value of {key} is {what}, no {'list' if key == _CONTENT else 'text'}: nothing follows from it"
        reason += f", nor from {others:,} more like it" if others else ""
        yield Skipped(content.path, reason, None if signed else line)
    if any(key == _CONTENT or _NAMES[key] not in attrs for key, *_ in wrong):
        return
    if _enrols(parts):
        attrs["signed"] = "yes" if signed else "no"
        digest = content.digest(0, len(content.data))
        origin = Origin(content.path, FORMAT.id, content.offset, len(content.data), 1, 0, digest)
        yield Fact("enrolment_profile", None, "profile", "", attrs, origin)
    elif "PayloadType" not in root and "PayloadContent" not in root:
        yield Skipped(content.path, _OTHER)


def _open(data: bytes, kinds: Kinds) -> tuple[Node, bool, str]:
    """(root, whether it came signed, what follows its end); raises FormatError."""
    if len(data) > PAYLOAD_BYTES_MAX:
        raise FormatError(f"a profile of {len(data):,} bytes is too large to be one")
    if (clear := in_clear(data)) is not None:
        root, trailing = parse_plist(clear, kinds=kinds)
        return root, True, trailing
    if not is_cms(data):
        root, trailing = parse_plist(data, kinds=kinds)
        return root, False, trailing
    envelope = open_cms(data)
    root, trailing = parse_plist(envelope.content, kinds=kinds)
    if envelope.trailing_bytes:
        trailing = f"{envelope.trailing_bytes:,} bytes follow the CMS message"
    return root, True, trailing


def _parts(root: dict[str, Node]) -> list[dict[str, Node]]:
    """The dictionaries in which keys count: the top, its payloads, and what these carry as their content."""
    payloads = _dictionaries(root.get("PayloadContent"))
    return [root, *payloads, *(inner for payload in payloads for inner in _dictionaries(payload.get("PayloadContent")))]


def _dictionaries(node: Node) -> list[dict[str, Node]]:
    if isinstance(node, dict):
        return [node]
    return [item for item in node[:_PAYLOADS_MAX] if isinstance(item, dict)] if isinstance(node, list) else []


def _enrols(parts: list[dict[str, Node]]) -> bool:
    """Whether this is an enrolment profile: a key of the guide, be it empty, or a com.apple.mdm payload."""
    keys = (*_KEYS.values(), *_DEPRECATED)
    return any(part.get("PayloadType") == _APPLE_MDM or any(key in part for key in keys) for part in parts)


def _wrong(parts: list[dict[str, Node]], kinds: Kinds) -> Iterator[tuple[str, str, int | None, int]]:
    """(key, what it is, line) of the first value of each key that is of a wrong type, and how many more there are."""
    if _CONTENT in parts[0] and not isinstance(parts[0][_CONTENT], dict | list):
        yield _CONTENT, *kinds.found[id(parts[0]), _CONTENT], 0
    for key in _NAMES:
        found = [kinds.found[id(part), key] for part in parts if key in part]
        other = [each for each in found if each[0] != A_TEXT]
        for what, line in other[:1]:
            yield key, what, line, len(other) - 1


def _says(parts: list[dict[str, Node]], kinds: Kinds) -> dict[str, str]:
    """What the parts say about enrolment; a key that is empty is as good as none, one of no text says nothing."""
    attrs = {}
    for name, key in _KEYS.items():
        texts = (part.get(key) for part in parts if kinds.found.get((id(part), key), ("",))[0] == A_TEXT)
        value = next((text for found in texts if isinstance(found, str) and (text := found.strip())), "")
        if value:
            attrs[name] = value[:2000]
    if any(part.get("PayloadType") == _APPLE_MDM for part in parts):
        attrs["apple_mdm"] = "yes"
    deprecated = [key for key in _DEPRECATED if any(key in part for part in parts)]
    if deprecated:
        attrs["deprecated"] = " ".join(deprecated)
    return attrs
