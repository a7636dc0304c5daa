"""What is wider than one device: probes, clocks of hosts, profiles, tokens, and how far each side was read."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from abm_trace.core.nouns import Fact, Origin
from abm_trace.verdict.settings import Thresholds, thresholds

ABM_DOMAIN: Final = ".abm.apple.com"
SIDES: Final[Mapping[str, tuple[str, ...]]] = {"apple": ("audit", "abm"), "mdm": ("mdm",)}
"""The sources of each side's confirmation (guide dialect)."""

_TRUST_CODES: Final = frozenset({"10", "18", "19", "20", "21", "23"})
"""openssl's verify codes of an expired, self-signed, unknown or revoked chain (openssl-verification-options(1))."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a side was read: up to `until` (None: not at all), in which blobs, and where each of them ends."""

    until: int | None = None
    interval: int = 0
    origins: tuple[Origin, ...] = ()


_UNREAD: Final = Reach()


@dataclass(frozen=True, slots=True)
class Context:
    """Everything that a verdict may look at beside its device's own facts. Build it once a case with `build`."""

    thresholds: Thresholds = field(default_factory=thresholds)
    reach: Mapping[str, Reach] = field(default_factory=dict)
    probes: Mapping[tuple[str, str], Sequence[Fact]] = field(default_factory=dict)
    clocks: Mapping[str, Sequence[Fact]] = field(default_factory=dict)
    profiles: Mapping[tuple[str, str], Sequence[Fact]] = field(default_factory=dict)
    tokens: Mapping[str, Fact] = field(default_factory=dict)
    weights: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    simulated: bool = False

    def side(self, name: str) -> Reach:
        """How far a side was read."""
        return self.reach.get(name, _UNREAD)

    def nearest(self, facts: Sequence[Fact], at: int | None) -> list[Fact]:
        """The undated facts and, of each endpoint, the dated one nearest to `at` within the segment window.

        `facts` are in order of time, undated first.
        """
        window = self.thresholds.us("segment_window_s")
        found: dict[str, tuple[int, Fact]] = {}
        undated = next((number for number, fact in enumerate(facts) if fact.at is not None), len(facts))
        if at is not None:
            first = bisect_left(facts, at - window, lo=undated, key=_time)
            for fact in facts[first:]:
                distance = abs(_time(fact) - at)
                if _time(fact) > at + window:
                    break
                endpoint = fact.attrs.get("endpoint", "")
                if endpoint not in found or distance <= found[endpoint][0]:
                    found[endpoint] = (distance, fact)
        return [*facts[:undated], *(fact for _, fact in found.values())]


def build(
    wide: Iterable[tuple[str, str, Fact]],
    reach: Mapping[str, Reach],
    limits: Thresholds,
    weights: Mapping[str, tuple[int, str]],
    *,
    simulated: bool = False,
) -> Context:
    """The context of a case from its facts that are wider than a device: (scope, name, fact)."""
    probes: dict[tuple[str, str], list[Fact]] = {}
    clocks: dict[str, list[Fact]] = {}
    profiles: dict[tuple[str, str], list[Fact]] = {}
    tokens: dict[str, Fact] = {}
    for kind, name, fact in wide:
        if fact.kind == "tls_probe":
            probes.setdefault((kind, name), []).append(fact)
        elif fact.kind == "clock_offset":
            clocks.setdefault(name, []).append(fact)
        elif fact.kind == "enrolment_profile":
            profiles.setdefault((kind, name), []).append(fact)
        elif fact.kind == "token":
            known = tokens.get(fact.value)
            tokens[fact.value] = (
                fact if known is None else max(known, fact, key=lambda each: sorted(each.attrs.items()))
            )
    for group in (*probes.values(), *clocks.values(), *profiles.values()):
        group.sort(key=lambda fact: (_time(fact), fact.value, sorted(fact.attrs.items())))
    return Context(limits, reach, probes, clocks, profiles, tokens, weights, simulated)


def _time(fact: Fact) -> int:
    return -(1 << 62) if fact.at is None else fact.at


def trust_problem(probe: Fact) -> str:
    """What a TLS probe proves of L1, "" if nothing: staple, chain or root of an ABM endpoint (SPEC, L1)."""
    attrs = probe.attrs
    endpoint = attrs.get("endpoint", "")
    if endpoint and not endpoint.endswith(ABM_DOMAIN):
        return ""
    if attrs.get("ocsp_status", "").casefold() == "revoked":
        return "the OCSP answer says revoked"
    if attrs.get("expired"):
        return f"expired in the chain: {attrs['expired']}"
    if attrs.get("verify_code") in _TRUST_CODES:
        return f"verify code {attrs['verify_code']}"
    if attrs.get("stapled") == "no":
        return "no OCSP staple"
    return ""


def profile_problem(profile: Fact) -> str:
    """What a decoded enrolment profile lost, "" if nothing (SPEC, L5)."""
    attrs = profile.attrs
    method = attrs.get("enrollment_method")
    if method is None:
        return "enrollmentMethod is missing"
    if method.casefold() == "none":
        return "enrollmentMethod is none"
    if not attrs.get("server_url"):
        return "serverUrl is missing"
    return ""


def region_of(endpoint: str) -> str:
    """The region in an ABM endpoint's host, "" for any other host."""
    return endpoint.removesuffix(ABM_DOMAIN) if endpoint.endswith(ABM_DOMAIN) else ""
