"""DEP profiles."""

import json
from base64 import b64encode

from cryptography.hazmat.primitives.serialization import Encoding
from tests.checks.payload import building
from tests.checks.payload.building import check, found, signer


def test_a_certificate() -> None:
    """If this failed, sound anchor certificates would be refused."""
    der = signer().certificate.public_bytes(Encoding.DER)
    for text in (b64encode(der).decode(), b64encode(der).decode()[:64] + "\n" + b64encode(der).decode()[64:]):
        assert found(check(building.written("dep-profile", {"anchor_certs": [text]}), "a.json")) == []


def test_place() -> None:
    """If this failed, nobody would see which of fifty panes is misspelled."""
    data = json.dumps({**building.DEP, "skip_setup_items": ["AppleID", "Locaton"]}, indent=1).encode()
    [hit] = check(data, "a.json").hits
    assert hit.key == "skip_setup_items[1]"
    assert "did you mean Location?" in hit.finding.text
    line = hit.finding.evidence[0].line
    assert line is not None
    assert b"Locaton" in data.splitlines()[line - 1]


def test_rules_of_profiles_hold_no_dep_profile() -> None:
    """If this failed, a DEP profile would have to be signed."""
    assert check(building.written("dep-profile", {}), "a.json").hits == ()
