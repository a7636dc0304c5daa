"""What a server made of a payload."""

from typing import Any

import pytest
from tests.checks.payload import building

from abm_trace.checks.payload import open_document
from abm_trace.checks.payload.document import Document
from abm_trace.checks.payload.readback import changes


def document(kind: str, keys: dict[str, Any], path: str = "a.mobileconfig") -> Document:
    """A sound payload with these keys."""
    found = open_document(building.written(kind, keys), "a.json" if kind == "dep-profile" else path)
    assert found is not None
    return found


def told(kind: str, sent: dict[str, Any], back: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(severity, key path, text) of each change."""
    return [(each.severity, each.key, each.text) for each in changes(document(kind, sent), document(kind, back))]


@pytest.mark.parametrize("kind", ["profile", "mdm", "dep-profile"])
def test_nothing_changed(kind: str) -> None:
    """If this failed, every read-back would be a finding."""
    assert told(kind, {}, {}) == []


def test_a_lost_key() -> None:
    """If this failed, the fault of layer L5 would not be found where it can be seen: between two systems."""
    sent = {"enrollmentMethod": "abm", "serverUrl": "https://eu-west.abm.apple.com"}
    assert told("profile", sent, {"enrollmentMethod": "none"}) == [
        ("", "enrollmentMethod", "it was 'abm' when it was sent, and is 'none'"),
        ("", "serverUrl", "it was 'https://eu-west.abm.apple.com' when it was sent, and is gone"),
    ]


def test_a_changed_type() -> None:
    """If this failed, a server could make 1 of true unseen."""
    assert told("dep-profile", {"is_mandatory": True}, {"is_mandatory": 1}) == [
        ("", "is_mandatory", "it was True when it was sent, and is 1")
    ]


def test_what_servers_do() -> None:
    """If this failed, a new UUID or an added key would stop a rollout."""
    assert [each[0] for each in told("mdm", {}, {"PayloadUUID": "x", "SignMessage": True})] == ["note", "note"]
    assert told("dep-profile", {}, {"profile_uuid": "C1F1"}) == [("note", "profile_uuid", "it was added: 'C1F1'")]


def test_payloads_are_matched_by_type() -> None:
    """If this failed, a server that sorts its payloads would change all of them."""
    parts = [
        building.part("org.example.a", 1),
        building.part("org.example.b", 2),
        building.part("org.example.b", 3, x=1),
    ]
    sent = {"PayloadContent": parts}
    assert told("profile", sent, {"PayloadContent": parts[::-1]}) == []
    assert told("profile", sent, {"PayloadContent": [*parts[1:], building.part("org.example.c", 1)]}) == [
        ("", "PayloadContent[0]", "the payload 'org.example.a' is gone"),
        ("note", "PayloadContent[2]", "the payload 'org.example.c' was added"),
    ]


def test_lists() -> None:
    """If this failed, a list that lost its end would be the same list."""
    sent, back = {"skip_setup_items": ["Location", "AppleID"]}, {"skip_setup_items": ["Location"]}
    assert told("dep-profile", sent, back) == [("", "skip_setup_items[1]", "'AppleID' is gone")]


def test_secrets_are_not_told() -> None:
    """If this failed, a password would stand in the log of a CI."""
    sent = {"PayloadContent": [building.part("org.example.a", 1, Challenge="hunter2")]}
    [(_, _, text)] = told("profile", sent, {"PayloadContent": [building.part("org.example.a", 1, Challenge="x")]})
    assert "hunter2" not in text


def test_another_kind() -> None:
    """If this failed, a profile would be compared with a DEP profile key by key."""
    [found] = changes(document("profile", {}), document("dep-profile", {}))
    assert "a profile was sent" in found.text
