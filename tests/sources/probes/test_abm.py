"""What is asked of a region's endpoint."""

import pytest

from abm_trace.net.http import Way
from abm_trace.net.reach import Place, ReachError
from abm_trace.sources.probes import abm


def test_only_the_region_is_allowed() -> None:
    """If this failed, a token could be sent to another host than the region's."""
    allow = abm.allowed("eu-west", Place("proxy.example", 3128), None)
    allow.host("eu-west.abm.apple.com")
    allow.host("proxy.example")
    for other in ("us-east.abm.apple.com", "abm.apple.com", "evil.org"):
        with pytest.raises(ReachError):
            allow.host(other)


@pytest.mark.parametrize("region", ["", "a/b", "eu-west.evil.org", "EU", "a" * 60, "eu\nwest", "@evil.org"])
def test_what_is_no_region(region: str) -> None:
    """If this failed, a region's name could lead to another host."""
    with pytest.raises(ReachError):
        abm.host(region)


@pytest.mark.parametrize("name", ["", "a/../b", "a?b", "a b", "x" * 200])
def test_what_is_no_token(name: str) -> None:
    """If this failed, a token's id could ask for another path; and its secret would stand in the error."""
    with pytest.raises(ReachError) as error:
        abm.token("eu-west", abm.Bearer(name, "secret"), abm.allowed("eu-west"), Way())
    assert "secret" not in str(error.value)
    assert "secret" not in repr(abm.Bearer(name, "secret"))
