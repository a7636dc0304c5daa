"""Which servers a payload names, and what it brings for them."""

import plistlib
from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from tests.checks.payload import building

from abm_trace.checks.payload import Endpoint

GUIDE = {"enrollmentMethod": "abm", "serverUrl": "https://eu-west.abm.apple.com"}
ROOT = building.signer("root", authority=True).certificate.public_bytes(Encoding.DER)


def endpoints(kind: str, path: str = "a.mobileconfig", **changes: object) -> tuple[Endpoint, ...]:
    """Those of a sound payload with these keys."""
    return building.check(building.written(kind, changes), path, endpoints=True).endpoints


@pytest.mark.parametrize(
    ("kind", "changes", "expected"),
    [
        ("profile", GUIDE, [("serverUrl", GUIDE["serverUrl"])]),
        ("profile", {"serverUrl": "http://x"}, []),
        ("profile", {"serverUrl": 1}, []),
        (
            "mdm",
            {"CheckInURL": "HTTPS://mdm.example.org/in"},
            [
                ("PayloadContent[2].CheckInURL", "HTTPS://mdm.example.org/in"),
                ("PayloadContent[2].ServerURL", "https://mdm.example.org/mdm"),
            ],
        ),
        ("dep-profile", {}, [("url", "https://mdm.example.org/enroll")]),
        (
            "dep-profile",
            {"configuration_web_url": "https://web.example.org"},
            [("configuration_web_url", "https://web.example.org"), ("url", "https://mdm.example.org/enroll")],
        ),
    ],
)
def test_who_is_named(kind: str, changes: dict[str, object], expected: list[tuple[str, str]]) -> None:
    """If this failed, a server that devices are sent to would not be looked at, or one that they are not."""
    path = "a.json" if kind == "dep-profile" else "a.mobileconfig"
    assert sorted((each.key, each.url) for each in endpoints(kind, path, **changes)) == expected


def test_the_place_is_that_of_the_value() -> None:
    """If this failed, a finding about a server would lead to another line."""
    text = building.written("profile", GUIDE)
    (found,) = building.check(text, endpoints=True).endpoints
    assert found.origin.line is not None
    assert b"serverUrl" in text.splitlines()[found.origin.line - 1]
    (binary,) = building.check(building.written("profile", GUIDE, plistlib.FMT_BINARY), endpoints=True).endpoints
    assert binary.origin.line is None
    assert len(binary.origin.sha256) == 64


def test_not_unless_they_are_asked_for() -> None:
    """If this failed, every validation would pay for what it does not use."""
    assert building.check(building.written("mdm", {})).endpoints == ()


def test_what_it_brings() -> None:
    """If this failed, an MDM with an authority of its own would be called intercepted."""
    root = building.part("com.apple.security.root", 1, PayloadContent=ROOT)
    data = plistlib.dumps({**building.TOP, "PayloadContent": [root, building.mdm()]})
    (found,) = building.check(data, endpoints=True).endpoints
    assert found.brought == (ROOT,)
    anchors = [b64encode(ROOT).decode(), "-----BEGIN", 1]
    (found,) = endpoints("dep-profile", "a.json", anchor_certs=anchors)
    assert found.brought == (ROOT,)


def test_no_more_than_a_payload_can_mean() -> None:
    """If this failed, one profile could have us shake hands with thousands."""
    parts = [building.part("x", 1, serverUrl=f"https://h{number}.example.org") for number in range(1000)]
    data = plistlib.dumps({**building.TOP, "PayloadContent": parts})
    assert len(building.check(data, endpoints=True).endpoints) == 20
