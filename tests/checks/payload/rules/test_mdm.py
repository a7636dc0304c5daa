"""The com.apple.mdm payload."""

from tests.checks.payload import building
from tests.checks.payload.building import CERTIFICATE, IDENTITY, check, found


def test_identity_in_other_capitals() -> None:
    """If this failed, a name that most systems take would stop a rollout."""
    parts = [
        building.part("com.apple.security.scep", 1, PayloadUUID="ABCDEF00-2222-4222-8222-222222222221"),
        building.mdm(IdentityCertificateUUID="abcdef00-2222-4222-8222-222222222221"),
    ]
    checked = check(building.written("profile", {"PayloadContent": parts}))
    assert found(checked) == [("warning", "mdm-identity", "PayloadContent[1].IdentityCertificateUUID")]


def test_identity_of_another_kind() -> None:
    """If this failed, a root certificate would pass for the identity of a device."""
    [hit] = [
        hit
        for hit in check(building.written("mdm", {"IdentityCertificateUUID": CERTIFICATE})).hits
        if hit.finding.id == "mdm-identity"
    ]
    assert "com.apple.security.root" in hit.finding.text


def test_identity_without_a_payload() -> None:
    """If this failed, an MDM payload without an identity would pass."""
    checked = check(building.written("profile", {"PayloadContent": [building.mdm(IdentityCertificateUUID=IDENTITY)]}))
    assert [name for _, name, _ in found(checked)] == ["mdm-identity"]
