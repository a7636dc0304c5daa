"""Enrolment profiles, whole and broken: XML, binary, and CMS-signed ones that were made beforehand."""

import plistlib
from collections.abc import Callable
from importlib import resources

_TOP = {
    "PayloadType": "Configuration",
    "PayloadVersion": 1,
    "PayloadIdentifier": "lab.example.abm.enrollment",
    "PayloadUUID": "7A1F3C0E-52B1-4C5B-9A53-0F6F7C2D9B11",
    "PayloadDisplayName": "Automated enrolment (simulated by abm-lab)",
}


def good(endpoint: str) -> bytes:
    """An XML profile with both keys at its top."""
    return _xml({**_TOP, "enrollmentMethod": "abm", "serverUrl": f"https://{endpoint}"})


def good_binary(endpoint: str) -> bytes:
    """A binary profile with both keys inside a payload."""
    content = [{**_inner(), "enrollmentMethod": "abm", "serverUrl": f"https://{endpoint}"}]
    return plistlib.dumps({**_TOP, "PayloadContent": content}, fmt=plistlib.FMT_BINARY, sort_keys=True)


def unrelated() -> bytes:
    """A Wi-Fi profile, which says nothing about enrolment."""
    wifi = {
        "PayloadType": "com.apple.wifi.managed",
        "PayloadVersion": 1,
        "PayloadIdentifier": "lab.example.wifi",
        "PayloadUUID": "0B0C7D5A-6C55-4B7E-8B0E-1F5B8A3C2D10",
        "SSID_STR": "staging",
        "EncryptionType": "WPA2",
    }
    return _xml({**_TOP, "PayloadIdentifier": "lab.example.network", "PayloadContent": [wifi]})


def method_lost(endpoint: str) -> bytes:
    """A profile without enrollmentMethod."""
    return _xml({**_TOP, "serverUrl": f"https://{endpoint}"})


def method_none(endpoint: str) -> bytes:
    """A profile whose enrollmentMethod became `none`, in a binary profile, inside a payload."""
    content = [{**_inner(), "enrollmentMethod": "none", "serverUrl": f"https://{endpoint}"}]
    return plistlib.dumps({**_TOP, "PayloadContent": content}, fmt=plistlib.FMT_BINARY, sort_keys=True)


def server_lost(endpoint: str) -> bytes:
    """A profile without serverUrl."""
    return _xml({**_TOP, "enrollmentMethod": "abm"})


def signed_server_lost(endpoint: str) -> bytes:
    """A profile without serverUrl, signed by a connector (CMS, DER)."""
    return _asset("server_lost.der.mobileconfig")


def signed_method_lost(endpoint: str) -> bytes:
    """A profile without enrollmentMethod, signed (CMS, PEM)."""
    return _asset("method_lost.pem.mobileconfig")


BROKEN: tuple[Callable[[str], bytes], ...] = (
    method_lost,
    method_none,
    server_lost,
    signed_server_lost,
    signed_method_lost,
)


def _inner() -> dict[str, object]:
    return {
        "PayloadType": "com.apple.mdm",
        "PayloadVersion": 1,
        "PayloadIdentifier": "lab.example.abm.mdm",
        "PayloadUUID": "C5A0C7F2-1D0F-4B87-9A4B-2B1A6F0E7D55",
    }


def _xml(content: dict[str, object]) -> bytes:
    return plistlib.dumps(content, fmt=plistlib.FMT_XML, sort_keys=True)


def _asset(name: str) -> bytes:
    return resources.files("abm_lab").joinpath("assets", name).read_bytes()
