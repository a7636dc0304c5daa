"""The facts of Apple's schema, as the rules ask for them."""

import pytest

from abm_trace.checks.payload import apple


def test_facts_name_their_origin() -> None:
    """If this failed, nobody could tell whose word the rules stand on, or under which licence it came."""
    facts = apple.facts()
    assert "github.com/apple/device-management" in facts.origin
    assert "MIT" in facts.origin
    assert "developer.apple.com" in facts.dep_origin


def test_keys() -> None:
    """If this failed, a payload would be held against the keys of another type."""
    assert apple.keys("com.apple.mdm")["Topic"].required
    assert apple.keys("com.apple.mdm")["PayloadUUID"].required
    assert "PayloadContent" in apple.keys("TopLevel")
    assert "PayloadContent" not in apple.keys("CommonPayloadKeys")
    required = {name for name, key in apple.keys("dep-profile").items() if key.required}
    assert required == {"profile_name", "url"}


def test_signs_of_a_dep_profile() -> None:
    """If this failed, any JSON with a url or a region would be taken for a DEP profile, or none would be."""
    assert {"profile_name", "is_supervised", "skip_setup_items", "anchor_certs"} <= apple.dep_signs()
    assert apple.dep_signs().isdisjoint({"url", "region", "language", "devices", "profile_uuid"})


@pytest.mark.parametrize(
    ("name", "near"),
    [("serverURL", "ServerURL"), ("ServerUrl", "ServerURL"), ("Topics", "Topic"), ("Colour", ""), ("S" * 10_000, "")],
)
def test_nearest(name: str, near: str) -> None:
    """If this failed, a misspelled key would go without the hint that mends it."""
    assert apple.nearest(name, apple.keys("com.apple.mdm")) == near


def test_pattern() -> None:
    """If this failed, formats would be compiled for every value again."""
    assert apple.pattern("^https://") is apple.pattern("^https://")
