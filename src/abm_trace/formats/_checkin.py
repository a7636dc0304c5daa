"""What a device says to its MDM: check-in messages and answers to commands, bare or inside a webhook.

From: developer.apple.com/documentation/devicemanagement (authenticate, tokenupdate, checkout; DeviceInformation,
SecurityInfo, DeviceConfigured). A message on the user channel, or of a user's own enrolment, says nothing of a device.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from abm_trace.core.placeholders import is_no_serial
from abm_trace.formats._interface import FormatError
from abm_trace.formats._plist import Node, parse_plist

MESSAGES: Final = frozenset({"Authenticate", "TokenUpdate", "CheckOut"})

_ATTRS: Final = {
    "serial": "SerialNumber",
    "udid": "UDID",
    "model": "ProductName",
    "os_version": "OSVersion",
    "build": "BuildVersion",
    "imei": "IMEI",
    "meid": "MEID",
    "wifi_mac": "WiFiMAC",
    "ethernet_mac": "EthernetMAC",
}
_USER: Final = ("UserID", "UserShortName", "UserLongName", "EnrollmentUserID")
_ATTR_CHARS_MAX: Final = 256
# SecurityInfo's keys, and those of its Firewall dictionary; developer.apple.com/documentation/devicemanagement.
_POSTURES: Final = {
    "FDE_Enabled": "FileVault",
    "SystemIntegrityProtectionEnabled": "SIP",
    "PasscodePresent": "passcode",
    "IsSupervised": "supervision",
}


class Said(NamedTuple):
    """One statement of a message: the kind of fact, its value, and the attributes beside the device's."""

    kind: str
    value: str
    attrs: dict[str, str]


class Message(NamedTuple):
    """A message: who sent it, what it states, and what of it is not used ("" if all is).

    A check-in of a user enrolment (`personal`) names no device, and states nothing.
    """

    attrs: dict[str, str]
    said: tuple[Said, ...]
    trailing: str = ""
    personal: bool = False


def nodes_max(data: bytes) -> int:
    """How many objects a message of this size may have: a list that refers to itself costs what its bytes allow."""
    return min(64 + len(data) // 3, 50_000)


def message(data: bytes, *, tally: int = 0, request: str = "") -> Message:
    """What a message says; raises FormatError for what is no property list or no dictionary.

    `tally` is how many TokenUpdates the server has counted, 0 where it does not say; `request` the type of the command
    that this answers, where somebody says it.
    """
    root, trailing = parse_plist(data, nodes_max=nodes_max(data))
    if not isinstance(root, dict):
        raise FormatError("a property list is no dictionary")
    attrs = texts(root, _ATTRS)
    kind = root.get("MessageType")
    if any(root.get(name) for name in _USER):
        return Message({}, (), trailing)
    if "EnrollmentID" in root and "udid" not in attrs:
        return Message({}, (), trailing, personal=isinstance(kind, str) and kind.strip() in MESSAGES)
    said = _checked_in(kind.strip(), root, tally) if isinstance(kind, str) else _answered(root, request)
    inner = root.get("QueryResponses")
    if isinstance(inner, dict):
        attrs = texts(inner, _ATTRS) | attrs
    if masked := without_mask(attrs):
        trailing = f"{trailing}; {masked}" if trailing else masked
    return Message(attrs, tuple(said), trailing)


def _checked_in(kind: str, root: Mapping[str, Node], tally: int) -> Iterator[Said]:
    """What a check-in message states; unknown ones (bootstrap tokens, declarations) state nothing."""
    if kind == "Authenticate":
        yield Said("authenticate", "", {})
    elif kind == "TokenUpdate":
        waits = root.get("AwaitingConfiguration")
        attrs = {"awaiting_configuration": "yes" if waits == "true" else "no"} if waits in {"true", "false"} else {}
        yield Said("token_renewed" if tally > 1 else "token_update", "", attrs)
        if tally > 1 and waits == "false":
            yield Said("configured", "", {})
    elif kind == "CheckOut":
        yield Said("checked_out", "", {})


def _answered(root: Mapping[str, Node], request: str) -> Iterator[Said]:
    """What the answer to a command states: that set-up is over, and how the device is protected."""
    status = root.get("Status")
    if not isinstance(status, str) or status.strip() != "Acknowledged":
        return
    asked = root.get("RequestType")
    uuid = root.get("CommandUUID")
    words = (request, asked if isinstance(asked, str) else "", uuid if isinstance(uuid, str) else "")
    answers, security = root.get("QueryResponses"), root.get("SecurityInfo")
    waits = answers.get("AwaitingConfiguration") if isinstance(answers, dict) else None
    if any("deviceconfigured" in word[:_ATTR_CHARS_MAX].lower() for word in words) or waits == "false":
        yield Said("configured", "", {})
    if isinstance(answers, dict) and texts(answers, _ATTRS):
        yield Said("device_information", "", {})
    for part in (answers, security):
        if isinstance(part, dict):
            for key, item in _POSTURES.items():
                yield from _posture(item, part.get(key))
            wall = part.get("FirewallSettings")
            if isinstance(wall, dict):
                yield from _posture("firewall", wall.get("FirewallEnabled"))


def _posture(item: str, node: Node) -> Iterator[Said]:
    if node in {"true", "false"}:
        state = "on" if node == "true" else "off"
        yield Said("posture", f"{item} {state}", {"item": item, "state": state})


def without_mask(attrs: dict[str, str]) -> str:
    """Take what stands for a serial number that was left out from the attributes, and say so; "" if nothing does."""
    if "serial" not in attrs or not is_no_serial(attrs["serial"]):
        return ""
    return f"a serial number is not used, it stands for one that was left out: {attrs.pop('serial')[:40]}"


def texts(part: Mapping[str, Node], names: Mapping[str, str]) -> dict[str, str]:
    """The texts under these keys, without blanks; what is longer than any such identifier is none."""
    found = {}
    for name, key in names.items():
        value = part.get(key)
        if isinstance(value, str) and (text := value.strip()) and len(text) <= _ATTR_CHARS_MAX:
            found[name] = text
    return found
