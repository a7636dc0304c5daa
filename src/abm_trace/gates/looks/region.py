"""The region guard as a look: the region's own health, and the region of the token that is to be used (SPEC G2)."""

from abm_trace.checks import region as checks
from abm_trace.core.nouns import Fact
from abm_trace.gates.looks import Subject, live, untold
from abm_trace.gates.looks.tls import DO as UNREACHED
from abm_trace.net.allow import Allow
from abm_trace.net.http import Way
from abm_trace.net.reach import ReachError
from abm_trace.sources.probes import abm


def health(region: str, allow: Allow, way: Way) -> Subject:
    """What the region says of itself."""
    name = f"health of {region}"
    try:
        answer = abm.health(region, allow, way)
    except ReachError as error:
        return Subject(name, problem=str(error), do=error.hint or UNREACHED[error.why])
    if answer.status == 429 or 300 <= answer.status < 400:
        return untold(name, answer, "the region's health")
    found = tuple(checks.health(region, answer.status, answer.body, live(name, "region")))
    seen = f"{answer.status} after {answer.took_s * 1000:.0f} ms"
    return Subject(name, seen if found else f"ok, {seen}", found)


def token(fact: Fact, region: str) -> Subject:
    """Whether a token is of this region."""
    name, of = fact.attrs.get("token_id", "a token"), fact.attrs.get("region", "")
    return Subject(f"region of {name}", of or "not said", tuple(checks.matches(name, region, of, fact.origin)))
