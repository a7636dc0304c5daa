"""Names of payloads."""

import pytest
from tests.checks.payload import building
from tests.checks.payload.building import TOP, check, found, part


@pytest.mark.parametrize(
    ("key", "value", "severity"),
    [
        ("PayloadUUID", TOP["PayloadUUID"], "warning"),
        ("PayloadIdentifier", TOP["PayloadIdentifier"], "warning"),
        ("PayloadUUID", "22222222-2222-4222-8222-222222222222", "error"),
        ("PayloadIdentifier", "ORG.example.profile.2", "error"),
    ],
)
def test_shared_names(key: str, value: str, severity: str) -> None:
    """If this failed, a profile that devices refuse would pass, or one that they take be refused."""
    parts = [part("org.example.b", 2), part("org.example.a", 1, **{key: value})]
    checked = check(building.written("profile", {"PayloadContent": parts}))
    assert found(checked) == [(severity, "payload-unique", f"PayloadContent[1].{key}")]
