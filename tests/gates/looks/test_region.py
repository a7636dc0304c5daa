"""The region guard as a look; the command's test has the whole of it."""

from tests.net import crooked

from abm_trace.core.nouns import Fact, Origin
from abm_trace.gates.looks import region
from abm_trace.net.http import Way
from abm_trace.sources.probes import abm


def test_silence_is_open_and_a_token_of_another_region_is_bad() -> None:
    """If this failed, silence would be an outage, or a token be used where it gets 204."""
    with crooked.serving(crooked.silent) as (at, _):
        found = region.health("eu-west", abm.allowed("eu-west", at, loopback=True), Way(at=at, timeout_s=0.3))
    assert found.state == "open"
    token = Fact("token", None, "token", "t", {"token_id": "t", "region": "us-east"}, Origin("x", "token"))
    assert (region.token(token, "eu-west").state, region.token(token, "us-east").state) == ("bad", "good")
