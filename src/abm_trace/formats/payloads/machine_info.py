"""MachineInfo: what a device posts to its MDM when it asks for the enrolment profile, CMS-signed or as it was opened.

A device that does so has fetched its configuration from Apple, or was sent there by hand (account-driven): it has
asked. Whether it was answered stands elsewhere, and when it asked nowhere.
From: apple/device-management, other/machineinfo.yaml; the header `x-apple-aspen-deviceinfo` holds it in base64.
"""

import binascii
from base64 import b64decode
from collections.abc import Iterator
from typing import Final

from abm_trace.core.nouns import Fact, Origin, Skipped
from abm_trace.formats._checkin import nodes_max, texts, without_mask
from abm_trace.formats._interface import Content, Format, FormatError, Head
from abm_trace.formats.payloads._interface import PAYLOAD_BYTES_MAX, Node, is_cms, open_cms, parse_plist, refused

FORMAT = Format(
    id="machine-info",
    title="MachineInfo of a device (plist, CMS-signed, or the header x-apple-aspen-deviceinfo)",
    reference="https://developer.apple.com/documentation/devicemanagement/machineinfo",
)

_ATTRS: Final = {
    "serial": "SERIAL",
    "udid": "UDID",
    "model": "PRODUCT",
    "os_version": "OS_VERSION",
    "build": "VERSION",
    "imei": "IMEI",
    "meid": "MEID",
}
_OWN: Final = ("LANGUAGE", "OS_VERSION", "MDM_CAN_REQUEST_SOFTWARE_UPDATE", "SOFTWARE_UPDATE_DEVICE_ID")
"""Keys that the answers of a Profile Service (over-the-air profile delivery), alike otherwise, do not have."""

_CHALLENGE: Final = "CHALLENGE"
_ALIKE: Final = (b"PRODUCT", b"VERSION")
_OTHERS: Final = (b"PayloadType", b"PayloadContent", b"MessageType", b"CommandUUID")
_HEADER: Final = b"x-apple-aspen-deviceinfo"
_BARE: Final = b"<dict>"
_BEGINS: Final = (b"MI", b'"MI')
"""How the base64 of any longer DER begins."""


def score(head: Head) -> float:
    """Sure of a property list with its keys, also inside of a CMS message or of the header's base64."""
    data = head.data
    if not data.startswith((b"bplist", b"0")):
        begins = data.lstrip()[:32]
        if begins.startswith(_BEGINS) or begins.lower().startswith(_HEADER):
            data = _unwrapped(data) if head.whole else b""
        elif not begins.startswith(b"<") or not (b"<plist" in data or begins.startswith(_BARE)):
            return 0.0
    if not all(word in data for word in _ALIKE) or not (b"SERIAL" in data or b"UDID" in data or b"LANGUAGE" in data):
        return 0.0
    return 0.0 if any(word in data for word in _OTHERS) else 0.95


def read(content: Content) -> Iterator[Fact | Skipped]:
    """That the device asked its MDM for the enrolment profile, or, of an answer to a Profile Service, who it is."""
    try:
        root, trailing = _open(content.data)
    except FormatError as error:
        yield refused(content, error)
        return
    if trailing:
        yield Skipped(content.path, trailing)
    if not isinstance(root, dict) or "PRODUCT" not in root:
        yield Skipped(content.path, "a property list is no MachineInfo")
        return
    attrs = texts(root, _ATTRS)
    if masked := without_mask(attrs):
        yield Skipped(content.path, masked)
    if "serial" not in attrs and "udid" not in attrs:
        yield Skipped(content.path, "a MachineInfo is not used, it names no device (one of a user's own names none)")
        return
    digest = content.digest(0, len(content.data))
    origin = Origin(content.path, FORMAT.id, content.offset, len(content.data), 1, 0, digest)
    if _CHALLENGE not in root and any(key in root for key in _OWN):
        yield Fact("fetch_requested", None, "mdm", "it asked its MDM for the enrolment profile", attrs, origin)
    else:
        yield Fact("device_information", None, "mdm", "", attrs, origin)


def _open(data: bytes) -> tuple[Node, str]:
    """(root, what follows its end) of a MachineInfo in any of its forms; raises FormatError."""
    if len(data) > PAYLOAD_BYTES_MAX:
        raise FormatError(f"a MachineInfo of {len(data):,} bytes is too large to be one")
    data = _unwrapped(data) or data
    after = 0
    if is_cms(data):
        data, after = (envelope := open_cms(data)).content, envelope.trailing_bytes
    if data.lstrip().startswith(_BARE):  # As somebody copied it, without what stands around it.
        data = b"<plist>" + data.strip() + b"</plist>"
    root, trailing = parse_plist(data, nodes_max=nodes_max(data))
    return root, f"{after:,} bytes follow the CMS message" if after else trailing


def _unwrapped(data: bytes) -> bytes:
    """The bytes of the header's base64, with or without its name; b"" for anything else."""
    text = data.strip()
    if text[: len(_HEADER)].lower() == _HEADER:
        text = text[len(_HEADER) :].lstrip(b" \t:=")
    if not text.startswith(_BEGINS):
        return b""
    try:
        return b64decode(b"".join(text.strip(b'"').split()), validate=True)
    except (binascii.Error, ValueError):
        return b""
