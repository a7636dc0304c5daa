"""How bad a difference from Apple's schema is."""

from typing import Any

import pytest
from tests.checks.payload import building
from tests.checks.payload.building import check, found

GUIDE = {"enrollmentMethod": "abm", "serverUrl": "https://eu-west.abm.apple.com"}


@pytest.mark.parametrize(
    ("kind", "changes", "severity", "rule"),
    [
        ("mdm", {"Topic": None}, "error", "apple-missing-key"),
        ("mdm", {"SignMessage": 1}, "error", "apple-type"),
        ("mdm", {"ServerURL": "http://mdm.example.org"}, "error", "apple-value"),
        ("mdm", {"ServerCapabilities": ["com.apple.mdm.new"]}, "warning", "apple-value"),
        ("mdm", {"ServerUrl": "https://x"}, "warning", "apple-unknown-key"),
        ("mdm", {"Vendor": "x"}, "note", "apple-unknown-key"),
        ("mdm", {"ManagedAppleID": "a@example.org"}, "warning", "apple-removed-key"),
        ("profile", {"PayloadContent": None, **GUIDE}, "warning", "apple-missing-key"),
        ("dep-profile", {"is_mandatory": 1}, "error", "apple-type"),
        ("dep-profile", {"url": None, "configuration_web_url": "https://x"}, "error", "apple-missing-key"),
        ("dep-profile", {"url": "http://x"}, "error", "apple-value"),
        ("dep-profile", {"is_supervized": True}, "warning", "apple-unknown-key"),
    ],
)  # fmt: skip
def test_severity(kind: str, changes: dict[str, Any], severity: str, rule: str) -> None:
    """If this failed, a rollout would be stopped for what a newer system knows, or not for what no device takes."""
    path = "a.json" if kind == "dep-profile" else "a.mobileconfig"
    assert [(how, name) for how, name, _ in found(check(building.written(kind, changes), path))] == [(severity, rule)]
