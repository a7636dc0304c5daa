"""Where payloads differ from Apple's schema."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.checks.payload import building

from abm_trace.checks.payload import open_document
from abm_trace.checks.payload.deviations import Deviation, deviations, shown
from abm_trace.checks.payload.document import Node


def of(kind: str, payload: str, **changes: Any) -> list[Deviation]:  # noqa: ANN401  # Whatever a payload holds.
    """The deviations of a kind in a sound payload with these changes."""
    path = "a.json" if payload == "dep-profile" else "a.mobileconfig"
    document = open_document(building.written(payload, changes), path)
    assert document is not None
    return list(deviations(document, kind))


def keys(found: list[Deviation]) -> list[str]:
    """Their key paths."""
    return [each.key for each in found]


def test_missing() -> None:
    """If this failed, a profile that no device takes would pass."""
    assert keys(of("missing", "mdm", ServerURL=None, Topic=None)) == [
        "PayloadContent[2].ServerURL",
        "PayloadContent[2].Topic",
    ]
    assert keys(of("missing", "dep-profile", url=None)) == ["url"]


def test_missing_in_the_guides_dialect() -> None:
    """If this failed, the guide's own profiles, which lack Apple's keys, would be refused."""
    found = of("missing", "profile", PayloadContent=None, enrollmentMethod="abm")
    assert [(each.key, each.lenient) for each in found] == [("PayloadContent", True)]


def test_sealed_content() -> None:
    """If this failed, an encrypted profile would be told to lack what it holds."""
    assert of("missing", "profile", PayloadContent=None, IsEncrypted=True, EncryptedPayloadContent=b"x") == []


def test_profile_service() -> None:
    """If this failed, Apple's over-the-air profiles, whose content is a dictionary, would be refused."""
    changes: dict[str, Any] = {"PayloadType": "Profile Service", "PayloadContent": {"URL": "https://example.org"}}
    for kind in ("missing", "type", "value", "unknown"):
        assert of(kind, "profile", **changes) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("SignMessage", 1),
        ("SignMessage", "true"),
        ("AccessRights", "8191"),
        ("AccessRights", 8191.0),
        ("AccessRights", True),
        ("Topic", b"com.apple.mgmt.x"),
        ("ServerCapabilities", "com.apple.mdm.token"),
        ("PayloadVersion", "1"),
    ],
)
def test_type(key: str, value: object) -> None:
    """If this failed, a value that a device refuses would pass for one that it takes."""
    assert keys(of("type", "mdm", **{key: value})) == [f"PayloadContent[2].{key}"]
    assert of("value", "mdm", **{key: value}) == []  # One fault, one finding.


def test_type_of_members() -> None:
    """If this failed, what stands in a list would not be looked at."""
    found = of("type", "mdm", ServerCapabilities=["com.apple.mdm.token", 1])
    assert keys(found) == ["PayloadContent[2].ServerCapabilities[1]"]


def test_whole_numbers_are_real_ones() -> None:
    """If this failed, 60 would have to be written as 60.0."""
    assert of("type", "profile", DurationUntilRemoval=60, RemovalDate=datetime(2027, 1, 1, tzinfo=UTC)) == []
    assert keys(of("type", "profile", RemovalDate="2027-01-01")) == ["RemovalDate"]


def test_value() -> None:
    """If this failed, a value that Apple does not have would pass."""
    assert keys(of("value", "mdm", ServerURL="http://example.org", EnrollmentMode="ADE")) == [
        "PayloadContent[2].EnrollmentMode",
        "PayloadContent[2].ServerURL",
    ]
    assert keys(of("value", "dep-profile", org_magic="x" * 257, url="http://a")) == ["url", "org_magic"]


def test_value_of_members_is_lenient() -> None:
    """If this failed, what a newer system knows would be an error."""
    [found] = of("value", "mdm", ServerCapabilities=["com.apple.mdm.tokens"])
    assert found.lenient


def test_versions_of_other_payloads_are_lenient() -> None:
    """If this failed, a payload of another type could have no second version."""
    [found] = of("value", "profile", PayloadContent=[building.part("org.example", 1, PayloadVersion=2)])
    assert found.lenient


def test_unknown() -> None:
    """If this failed, a misspelled key would go unseen, or other types would be full of findings."""
    [far, near] = of("unknown", "mdm", serverURL="x", Shoe=1, ServerURL=None, serverUrl="y")
    assert (near.key, near.lenient) == ("PayloadContent[2].serverURL", False)
    assert "did you mean ServerURL?" in near.text
    assert (far.key, far.lenient) == ("PayloadContent[2].Shoe", True)
    assert of("unknown", "profile", PayloadContent=[building.part("com.apple.wifi.managed", 1, SSID_STR="x")]) == []


@pytest.mark.parametrize("type_", ["TopLevel", "dep-profile", "CommonPayloadKeys", ""])
def test_types_that_name_parts_of_the_schema(type_: str) -> None:
    """If this failed, a payload could choose by its type to be held against the keys of something else."""
    part = {**building.part("x", 1), "PayloadType": type_, "url": "http://x"}
    for kind in ("missing", "type", "value", "unknown"):
        assert of(kind, "profile", PayloadContent=[part]) == []


def test_removed() -> None:
    """If this failed, nobody would learn that a key does nothing any more."""
    [found] = of("removed", "mdm", ManagedAppleID="a@example.org")
    assert "iOS 18.0" in found.text


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (Node("string", "a" * 100), "'" + "a" * 58 + "…"),
        (Node("data", b"secret"), "data"),
        (Node("string", "http://me:secret@mdm.example.org/enroll"), "'http://…@mdm.example.org/enroll'"),
        (Node("string", "http://mdm.example.org/enroll?token=secret"), "'http://mdm.example.org/enroll?…'"),
        (Node("string", "http://mdm.example.org/?mail=a@b"), "'http://mdm.example.org/?…'"),
        (Node("array", []), "an array"),
        (Node("boolean", True), "True"),
        (Node("null", None), "None"),
    ],
)
def test_shown(node: Node, text: str) -> None:
    """If this failed, a finding would hold a whole payload, or a secret."""
    assert shown(node) == text
