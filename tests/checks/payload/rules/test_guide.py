"""The guide's rules, where its examples do not reach."""

from typing import Any

import pytest
from tests.checks.payload import building
from tests.checks.payload.building import check, found, mdm, part

URL = "https://eu-west.abm.apple.com"


def rules(changes: dict[str, Any], region: str = "") -> list[tuple[str, str]]:
    """(rule, key path) of the guide's findings in a profile."""
    hits = found(check(building.written("profile", changes), region=region))
    return [(name, key) for _, name, key in hits if name.startswith("guide-")]


def test_keys_inside_of_payloads() -> None:
    """If this failed, keys would count at the top alone, where few MDMs put them."""
    inner = part("org.example.a", 1, PayloadContent={"enrollmentMethod": "none", "serverUrl": URL})
    assert rules({"PayloadContent": [inner]}) == [("guide-method", "PayloadContent[0].PayloadContent.enrollmentMethod")]
    assert rules({"PayloadContent": [part("org.example.a", 1, enrollmentMethod="abm", serverUrl=URL)]}) == []


def test_a_region_asks_for_the_keys() -> None:
    """If this failed, a profile that lost both keys would pass for one of Apple's dialect."""
    assert rules({"PayloadContent": [mdm()]}) == []
    lost = [("guide-method", "enrollmentMethod"), ("guide-server-url", "serverUrl")]
    assert rules({"PayloadContent": [mdm()]}, "eu-west") == lost
    assert rules({}, "eu-west") == []  # It does not enrol.


@pytest.mark.parametrize(
    ("url", "finds"),
    [
        (URL, []),
        ("https://EU-WEST.abm.apple.com", ["guide-server-url"]),
        ("https://us-east.abm.apple.com", ["guide-region"]),
        ("https://us-east.abm.apple.com:443/x", ["guide-region", "guide-server-url"]),
        ("https://us-east.abm.apple.com.example.org", ["guide-server-url"]),
    ],
)
def test_region(url: str, finds: list[str]) -> None:
    """If this failed, a token would be used where nobody answers it, or a right one be refused."""
    assert sorted(name for name, _ in rules({"enrollmentMethod": "abm", "serverUrl": url}, "eu-west")) == finds


def test_no_region_no_finding() -> None:
    """If this failed, a profile would be of the wrong region where no token was named."""
    assert rules({"enrollmentMethod": "abm", "serverUrl": "https://us-east.abm.apple.com"}) == []
