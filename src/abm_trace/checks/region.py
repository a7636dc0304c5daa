"""The region guard (SPEC G2): the region's health must say ok, and a token belongs to one region's endpoint alone."""

from collections.abc import Mapping
from typing import Final

import msgspec

from abm_trace.core.nouns import Finding, Origin

DO: Final[Mapping[str, str]] = {
    "region-unwell": "Stage nothing in this region until its health says ok.",
    "region-differs": "Use the token at the endpoint of its own region, or get one for this region.",
    "region-other": "See where the endpoint's name leads: another region answers.",
    "region-of-no-token": "Ask ABM of which region the token is: abm-trace check token --id ID --region REGION",
}
"""What to do about each finding."""


class _Health(msgspec.Struct):
    status: str
    region: str = ""


def health(region: str, status: int, body: bytes, origin: Origin) -> list[Finding]:
    """What is wrong with a region, by the answer of its `/v1/health`."""
    try:
        said = msgspec.json.decode(body, type=_Health) if status == 200 else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        said = None
    if said is None:
        text = f"/v1/health of {region} answers {status}, and not with its health"
        return [_finding("region-unwell", "L0", "apple_unavailable", text, origin)]
    found = []
    if said.status != "ok":
        text = f"/v1/health of {region} says {said.status[:80]!r}, not ok"
        found.append(_finding("region-unwell", "L0", "apple_unavailable", text, origin))
    if said.region and said.region.casefold() != region.casefold():
        found.append(
            _finding("region-other", "L4", "", f"the endpoint of {region} says that it is {said.region[:80]}", origin)
        )
    return found


def matches(token: str, region: str, token_region: str, origin: Origin) -> list[Finding]:
    """Whether a token is of the region at whose endpoint it is to be used."""
    if not token_region:
        text = f"nothing says of which region {token} is"
        return [Finding("region-of-no-token", "check", "", "warning", 100, (origin,), "", text)]
    if token_region.casefold() != region.casefold():
        return [_finding("region-differs", "L4", "", f"{token} is a token of {token_region}, not of {region}", origin)]
    return []


def _finding(rule: str, layer: str, cause: str, text: str, origin: Origin) -> Finding:
    return Finding(rule, "check", layer, "error", 100, (origin,), cause, text)
