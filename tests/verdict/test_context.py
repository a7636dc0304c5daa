"""What is wider than a device: which probe speaks for whom, what a probe or a profile proves, how far a side goes."""

from itertools import permutations

import pytest
from tests.verdict.facts import HOUR, at, clock, context, probe, profile, token

from abm_trace.verdict import build as build_context
from abm_trace.verdict import thresholds
from abm_trace.verdict.context import Reach, profile_problem, region_of, trust_problem


def test_a_side_that_nobody_read_has_no_reach() -> None:
    """If this failed, a missing export would be an error, or count as read."""
    assert context(mdm=None).side("mdm") == Reach()
    assert context(mdm=None).side("mdm").until is None
    assert context(apple=HOUR).side("apple").until == at(HOUR)


def test_nearest_takes_one_probe_an_endpoint_and_all_undated() -> None:
    """If this failed, an endpoint's probe would hide another's, or an undated transcript would be lost."""
    undated = probe(None, stapled="no")
    far, near = probe(-3 * HOUR, verify_code="10"), probe(-HOUR)
    other = probe(-2 * HOUR, endpoint="eu-west.abm.apple.com")
    case = context(wide=[("site", "s", each) for each in (near, undated, other, far)])
    found = case.nearest(case.probes["site", "s"], at(0))
    assert undated in found
    assert near in found
    assert other in found
    assert far not in found


def test_nearest_without_an_instant_takes_the_undated_alone() -> None:
    """If this failed, a device that nobody saw booting would get some probe of some day."""
    undated, dated = probe(None), probe(-HOUR)
    case = context(wide=[("site", "s", undated), ("site", "s", dated)])
    assert case.nearest(case.probes["site", "s"], None) == [undated]


APPLES = "C = US, O = Apple Inc., OU = Certification Authority, CN = Apple Server Authentication CA"


@pytest.mark.parametrize("code", ["18", "19", "20", "21"])
@pytest.mark.parametrize("issuer", [APPLES, "/CN=Apple Server Authentication CA/O=Apple Inc./C=US"])
def test_apple_s_own_root_is_unknown_to_openssl_and_no_problem(code: str, issuer: str) -> None:
    """A Mac admin's first transcript, of a sound network, would order him not to stage there."""
    for endpoint in ("", "iprofiles.apple.com"):
        assert not trust_problem(probe(endpoint=endpoint, verify_code=code, issuer=issuer, stapled="yes"))
        assert trust_problem(probe(endpoint=endpoint, verify_code=code, issuer="O = Zscaler Inc.", stapled="yes"))
        assert trust_problem(probe(endpoint=endpoint, verify_code="10", issuer=issuer, stapled="yes"))
    assert trust_problem(probe(endpoint="us-east.abm.apple.com", verify_code=code, issuer=issuer, stapled="yes"))


def test_build_does_not_mind_the_order() -> None:
    """If this failed, the order of files would choose the probe or the token that speaks."""
    wide = [
        ("site", "s", probe(-HOUR)),
        ("site", "s", probe(-HOUR, stapled="no")),
        ("case", "", token()),
        ("case", "", token(region="eu-west")),
        ("host", "m", clock(8.0)),
        ("host", "m", clock(7.0)),
    ]
    made = [context(wide=order) for order in permutations(wide)]
    assert all(each == made[0] for each in made)


@pytest.mark.parametrize(
    ("says", "bad"),
    [
        ({}, False),
        ({"stapled": "no"}, True),
        ({"verify_code": "10"}, True),
        ({"verify_code": "9"}, False),
        ({"expired": "CN=Old"}, True),
        ({"ocsp_status": "revoked"}, True),
        ({"ocsp_status": "good"}, False),
        ({"stapled": "no", "endpoint": "gdmf.apple.com"}, False),
    ],
)
def test_what_a_probe_proves(says: dict[str, str], bad: bool) -> None:
    """If this failed, L1 would be proved by a good chain, by a certificate "not yet valid", or by another host."""
    assert bool(trust_problem(probe(**says))) is bad


@pytest.mark.parametrize(
    ("keys", "bad"),
    [
        ({"enrollment_method": "abm", "server_url": "https://us-east.abm.apple.com"}, False),
        ({"enrollment_method": "abm"}, True),
        ({"server_url": "https://us-east.abm.apple.com"}, True),
        ({"enrollment_method": "NONE", "server_url": "https://us-east.abm.apple.com"}, True),
    ],
)
def test_what_a_profile_proves(keys: dict[str, str], bad: bool) -> None:
    """If this failed, a complete profile would be blamed, or an emptied one pass."""
    assert bool(profile_problem(profile(**keys))) is bad


def test_the_region_is_the_endpoints_first_label() -> None:
    """If this failed, hosts outside ABM would have a region to mismatch."""
    assert region_of("eu-west.abm.apple.com") == "eu-west"
    assert region_of("iprofiles.apple.com") == ""


@pytest.mark.parametrize(
    ("server", "kind", "until"),
    [("", "", 3), ("Jamf", "", 3), ("Jamf", "mobile", 2), ("Jamf", "computer", 3), ("Intune", "", 1), ("North", "", 3)],
)
def test_a_list_was_read_for_the_devices_that_may_stand_in_it(server: str, kind: str, until: int) -> None:
    """An iPad would vanish for the list of the computers, or a device of one product for the list of another."""
    lists = (
        Reach(1, source="mdm", product="intune"),
        Reach(2, source="mdm", product="jamf", kind="mobile"),
        Reach(3, source="mdm", product="jamf", kind="computer"),
    )
    case = build_context((), {"mdm": lists}, thresholds(), {})
    assert case.side("mdm", server, kind=kind).until == until
    assert case.counts_apart()
    assert not context().counts_apart()
