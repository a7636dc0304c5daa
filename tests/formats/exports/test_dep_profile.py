"""DEP profiles and the answers to their assignment."""

import json

import pytest
from tests.formats.exports.apple import assert_hostile, assert_split, claims
from tests.formats.exports.reading import head, read, reasons, said
from tests.samples import sample

from abm_trace.formats.exports import dep_profile

PROFILE = {
    "profile_name": "iPads",
    "profile_uuid": "P1",
    "url": "https://mdm.example.com/enroll?token=secret",
    "configuration_web_url": "https://mdm.example.com/web#secret",
    "is_mandatory": True,
    "is_mdm_removable": False,
    "skip_setup_items": ["AppleID", "Android"],
}
ATTRS = {
    "profile_name": "iPads",
    "profile_uuid": "P1",
    "url": "https://mdm.example.com/enroll",
    "configuration_web_url": "https://mdm.example.com/web",
    "is_mandatory": "yes",
    "is_mdm_removable": "no",
}
ANSWER = {"profile_uuid": "P1", "devices": {"A1": "SUCCESS", "B2": "THROTTLED", "C3": "FAILED", "D4": "NOT_ACCESSIBLE"}}


@pytest.mark.parametrize("more", [{}, {"devices": ["A1", "B2"]}, {"devices": []}])
def test_a_profile(more: dict[str, object]) -> None:
    """If this fails, what a device is given is not known, or a secret of a URL is kept."""
    data = json.dumps(PROFILE | more).encode()
    assert claims(data) == "dep-profile"
    facts, skipped = read(dep_profile, data)
    assert said(facts) == [("dep_profile", None, "iPads", ATTRS)]
    assert facts[0].source == "profile"
    assert not skipped


def test_an_assignment() -> None:
    """If this fails, a device that Apple refused a profile is not told from one that has it."""
    data = json.dumps(ANSWER).encode()
    assert claims(data) == "dep-profile"
    facts, skipped = read(dep_profile, data)
    assert said(facts) == [
        ("assigned", None, "", {"serial": "A1", "profile_uuid": "P1"}),
        ("throttled", None, "THROTTLED", {"serial": "B2", "profile_uuid": "P1"}),
        ("assign_failed", None, "FAILED", {"serial": "C3", "profile_uuid": "P1"}),
        ("assign_failed", None, "NOT_ACCESSIBLE", {"serial": "D4", "profile_uuid": "P1"}),
    ]
    assert not skipped


def test_a_result_of_another_request_is_named() -> None:
    """If this fails, a device that could not be disowned is said to have no profile."""
    data = json.dumps({"devices": {"A1": "FAILED", "B2": "THROTTLED", "C3": "ODD"}}).encode()
    assert claims(data) == "dep-profile"
    facts, skipped = read(dep_profile, data)
    assert [(fact.kind, fact.attrs) for fact in facts] == [("throttled", {"serial": "B2"})]
    assert reasons(skipped) == [
        (1, "a result does not say that it is of an assignment, it is not used: A1 FAILED"),
        (1, "a result is none of those that are known: C3 ODD"),
    ]


def test_splitting_and_hostile() -> None:
    """If this fails, a verdict depends on how answers were saved, or a wrong value breaks the reader."""
    assert_split(dep_profile, [PROFILE, ANSWER, PROFILE | {"devices": ["A1"]}, PROFILE | {"profile_uuid": "P2"}])
    assert_hostile(dep_profile, PROFILE)
    assert_hostile(dep_profile, ANSWER)


def test_a_miss() -> None:
    """If this fails, another record is taken for a profile."""
    for data in (
        b'{"url":"x","status":1,"method":"GET"}',
        b'{"devices":{"A":{}}}',
        b'{"devices":{}}',
        b'{"profile_uuid":"P1"}',
    ):
        assert dep_profile.score(head(data)) == 0
    facts, skipped = read(dep_profile, b'{"a":1}')
    assert not facts
    assert reasons(skipped) == [(1, "a record is no DEP profile and is not used")]


def test_sample() -> None:
    """If this fails, what Apple really sent is not read."""
    data = sample("dep/fetch_profile_response.json")
    assert claims(data) == "dep-profile"
    facts, skipped = read(dep_profile, data)
    assert facts[0].attrs["is_mandatory"] == "no"
    assert not skipped
