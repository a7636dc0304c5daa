"""The layers: an ordered table of rules, the first that is proved is primary (SPEC section 2)."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import msgspec

from abm_trace.core.nouns import GUIDE_ONLY, Fact
from abm_trace.verdict import causes, settings
from abm_trace.verdict.causes import token_of
from abm_trace.verdict.clocks import offset_us
from abm_trace.verdict.context import (
    ABM_DOMAIN,
    ABM_SOURCES,
    CONFIGURATION_HOST,
    profile_problem,
    region_of,
    trust_problem,
)
from abm_trace.verdict.proof import Proof, proofs_of, weighed
from abm_trace.verdict.state import State, identifiers


class Rule(msgspec.Struct, frozen=True):
    """A layer (and the cause, for L0), and when it is proved. `silence` rules hold only where nothing above does."""

    layer: str
    cause: str
    when: Callable[[State], list[Proof]]
    silence: bool = False


def _errors(state: State, layer: str, *, but: frozenset[str] = frozenset()) -> list[Proof]:
    """The proofs by signatures of a layer, each with its signature's confidence."""
    found = state.layered.get(layer)
    if not found:
        return []
    return weighed(state, state.standing(fact for fact in found if fact.kind not in but))


def _rejections(state: State, layer: str) -> list[Proof]:
    if "rejected" not in state.kinds:
        return []
    found = [fact for fact in rejected(state) if settings.layer_of_reason(fact.value) == layer]
    return proofs_of(found, 92, f"ABM rejected it: {found[0].value or 'no reason given'}") if found else []


def rejected(state: State) -> list[Fact]:
    """The rejections that ABM itself recorded and no registration followed."""
    return state.standing(state.of("rejected")) if "rejected" in state.kinds else []


def payload(state: State) -> list[Proof]:
    """L5: the profile lost its method or server and no request was sent after it.

    Apple's own profiles never had the guide's keys: for a device of the Apple dialect, and for one that nothing but its
    MDM tells of, their absence says nothing.
    """
    if not (state.context.profiles or "L5" in state.layered) and _PAYLOAD.isdisjoint(state.kinds):
        return []
    requests = [fact.at for fact in state.of(*_REQUESTS)]
    dated = [at for at in requests if at is not None]
    proofs = []
    if not requests:
        for scope in _scopes(state):
            bound = state.of("enrolment_profile") if scope[0] == "device" else state.context.profiles.get(scope, ())
            if bound:
                meant = not state.apple and (state.start is not None or bool(state.context.side("apple").origins))
                guides = [fact for fact in bound if meant or not _apples_own(fact)]
                bad = [(fact, problem) for fact in guides if (problem := profile_problem(fact))]
                proofs += [Proof("profile-lost-keys", 85, problem, (fact.origin,)) for fact, problem in bad[:1]]
                break
    said = [
        fact for fact in state.standing(state.of("method_none")) if fact.at is None or not dated or max(dated) < fact.at
    ]
    proofs += proofs_of(said, state.context.weights.get("enrollment-method-none", (92, ""))[0])
    return [*proofs, *_errors(state, "L5", but=frozenset({"method_none"})), *_rejections(state, "L5")]


_REQUESTS: Final = (
    "requested", "fetch_requested", "fetch_error", "accepted", "pending", "pushed", "registered", "authenticate",
    "profile", "enrolled", "enrolled_by_hand", "mdm_command",
)  # fmt: skip
"""Facts of devices that asked, whoever tells it: nobody is in the MDM without having asked."""

_PAYLOAD: Final = frozenset({"enrolment_profile", "method_none", "rejected"})
"""What can prove L5 beside its signatures and the profiles that are wider than a device."""


def _apples_own(profile: Fact) -> bool:
    """Whether a profile enrols with an MDM and has none of the guide's keys."""
    attrs = profile.attrs
    return "apple_mdm" in attrs and "enrollment_method" not in attrs and "server_url" not in attrs


def clock(state: State) -> list[Proof]:
    """L3: the device's last clock sample is beyond the limit, or TLS was refused for a reason of time.

    A push shows that the clock did not matter, unless an error of time follows it.
    """
    limit = state.context.thresholds.us("clock_s")
    samples = state.standing(state.of("clock_offset"))
    if state.pushed_at is not None:
        samples = state.of("clock_offset") if state.standing(state.layered.get("L3", ())) else []
    proofs = []
    if samples and abs(offset := offset_us(samples[-1]) or 0) > limit:
        text = f"its clock is {offset / 1e6:.3f} s off, the limit is {limit / 1e6:g} s"
        proofs.append(Proof("clock-beyond-limit", 95, text, (samples[-1].origin,), samples[-1].at))
    return [*proofs, *_errors(state, "L3"), *_rejections(state, "L3")]


def trust(state: State) -> list[Proof]:
    """L1: a probe of the device's own segment and endpoint, or its own TLS error."""
    proofs = []
    if state.start is not None and (state.context.probes or "tls_probe" in state.kinds):
        asked = endpoints(state)
        for scope in (("site", _site(state)), ("host", _host(state)), ("case", "")):
            probes = state.context.nearest(state.context.probes.get(scope, ()), _staged(state))
            # One that names neither its server nor a segment may be of anything.
            proofs += _probes([each for each in probes if scope[1] or each.attrs.get("endpoint")], asked)
        proofs += _probes(state.of("tls_probe"), asked)
    if not _BEYOND.isdisjoint(state.rungs) or state.pushed_at is not None:
        proofs = []
    return [*proofs[:1], *_errors(state, "L1"), *_rejections(state, "L1")]


def _probes(probes: list[Fact], asked: frozenset[str]) -> list[Proof]:
    return [
        Proof("tls-probe", 85, problem, (probe.origin,), probe.at)
        for probe in probes
        if (problem := trust_problem(probe))
        and (not asked or _is_of(probe.attrs.get("endpoint", ""), asked))
        and (asked or probe.attrs.get("endpoint") != CONFIGURATION_HOST)
    ]


def _is_of(endpoint: str, asked: frozenset[str]) -> bool:
    """Whether a probe of this endpoint may be of one that was asked: one without a name, or with that of a certificate
    for all hosts of a domain, which is all that a transcript may say. From: RFC 6125, 6.4.3.
    """
    if endpoint.startswith("*."):
        return any(each.partition(".")[2] == endpoint[2:] for each in asked)
    return not endpoint or endpoint in asked


def region(state: State) -> list[Proof]:
    """L4: a 204, or a token of another region than the endpoint that was asked."""
    answers = _errors(state, "L4")
    captured = state.standing(fact for fact in state.of("response_204") if not fact.layer)
    proofs = proofs_of(captured, 92, "the endpoint answered 204")
    token = token_of(state)
    own = token.attrs.get("region", "") if token else ""
    for fact in state.standing(state.of("requested", "accepted", "response_204", "response_empty")):
        asked = region_of(fact.attrs.get("endpoint", ""))
        held = fact.attrs.get("token_region") or own
        if asked and held and asked.casefold() != held.casefold():
            evidence = (fact.origin, *((token.origin,) if token and held == own else ()))
            text = f"a token of {held} was used at the endpoint of {asked}"
            proofs.append(Proof("token-region", 88, text, evidence, fact.at))
            break
    return [*answers, *proofs, *_rejections(state, "L4")]


def identity(state: State) -> list[Proof]:
    """L6: ABM rejected the identifier, or the device showed two."""
    proofs = _errors(state, "L6")
    named = identifiers(state)
    values = sorted(named)  # One with which the next begins was cut.
    whole = {value for value, after in zip(values, [*values[1:], ""], strict=False) if not after.startswith(value)}
    seen = [fact for value, fact in named.items() if value in whole]
    if len(seen) > 1 and state.standing(seen):
        evidence = tuple(fact.origin for fact in seen[:4])
        proofs.append(Proof("unstable-identifier", 88, f"{len(seen)} identifiers for one device", evidence))
    return [*proofs, *_rejections(state, "L6")]


def unexplained(state: State) -> list[Proof]:
    """L0: a rejection whose reason names no layer, or a signature of the user with a cause of its own."""
    own = [fact for fact in state.layered.get("L0", ()) if fact.cause not in _CAUSES]
    return [*weighed(state, state.standing(own)), *_rejections(state, "L0")]


def ambiguity(state: State) -> list[Proof]:
    """L2: a 202 that named no device, and no registration after it; or a push and no check-in at all."""
    if "L2" not in state.layered and _SILENT.isdisjoint(state.kinds):
        return []
    empty = state.standing(state.of("response_empty"))
    read = state.context.side("apple", "", ABM_SOURCES).origins
    weight = 88 if read else 70
    proofs = proofs_of(empty, weight, "202 without a device, and no registration followed")
    proofs = [Proof(each.id, each.confidence, each.text, (*each.evidence, *read[:2]), each.at) for each in proofs]
    return [*proofs, *_no_checkin(state), *_errors(state, "L2", but=frozenset({"response_empty"}))]


_SILENT: Final = frozenset({"response_empty", "pushed"})


def _no_checkin(state: State) -> list[Proof]:
    pushed = state.of("pushed")
    if not pushed or state.sides["mdm"] != "absent" or state.of(*_CHECKINS) or not _BEYOND.isdisjoint(state.rungs):
        return []
    read = state.context.side("mdm", state.assignment.server).origins
    text = "it fetched its profile and never checked in with the MDM"
    return [Proof("no-check-in", 85, text, (pushed[-1].origin, *read[:2]), state.pushed_at)]


def limbo(state: State) -> list[Proof]:
    """L7: ABM itself says Pending, in its list or lifecycle, for longer than the limit.

    A request in the audit without a registration is no Pending: it is the vanishing itself, and proves no layer.
    """
    if "pending" not in state.kinds:
        return _errors(state, "L7")
    limit = state.context.thresholds.us("pending_s")
    until = min(state.as_of, state.until["apple"] or state.as_of)
    stuck = [fact for fact in state.of("pending") if fact.at is not None and until - fact.at > limit]
    if not stuck or "registered" in state.rungs:
        return _errors(state, "L7")
    age = (until - (stuck[0].at or 0)) / 1e6
    return [*proofs_of(stuck, 85, f"Pending for {age:,.0f} s, the limit is {limit / 1e6:g} s"), *_errors(state, "L7")]


_BEYOND: Final = frozenset({"registered", "profile", "enrolled", "configured"})
"""Rungs that nobody reaches without a check-in, whoever proves them."""

_CHECKINS = ("authenticate", "token_update", "token_renewed", "enrolled_by_hand")
_CAUSES = frozenset({*causes.BEFORE_ASKING, *causes.AFTER_ASKING} - {"rejected"})


def _cause(name: str) -> Rule:
    return Rule("L0", name, partial(causes.proofs, cause=name))


RULES: tuple[Rule, ...] = (
    *(_cause(name) for name in causes.BEFORE_ASKING),
    Rule("L5", "", payload),
    Rule("L3", "", clock),
    Rule("L1", "", trust),
    Rule("L4", "", region),
    Rule("L6", "", identity),
    *(_cause(name) for name in causes.AFTER_ASKING if name != "rejected"),
    Rule("L0", "rejected", unexplained),
    Rule("L2", "", ambiguity, silence=True),
    Rule("L7", "", limbo, silence=True),
)
"""In the order in which the layers block; the first that is proved is primary, later ones contribute."""


def applicable(dialects: Sequence[str], layer: str) -> bool:
    """Whether a layer can occur in these dialects at all; where there is evidence of neither, any can."""
    return layer not in GUIDE_ONLY or tuple(dialects) != ("apple",)


def dialects(state: State) -> tuple[str, ...]:
    """Whose evidence there is: `guide`, `apple`, both or neither."""
    said = {"guide": not _GUIDE.isdisjoint(state.kinds), "apple": state.apple}
    return tuple(dialect for dialect, holds in said.items() if holds)


_GUIDE: Final = frozenset(
    {
        "registered",
        "pending",
        "rejected",
        "accepted",
        "response_empty",
        "response_withheld",
        "response_204",
        "identifier",
        "method",
    }
)
"""Evidence that the guide dialect alone has."""


def host_clock(state: State) -> list[Proof]:
    """The clock of the staging host: a risk for its devices, no proof of L3 (SPEC section 2)."""
    samples = state.context.clocks.get(_host(state), ()) if _host(state) else ()
    if not samples:
        return []
    limit = state.context.thresholds.us("clock_s")
    # A host's clock drifts slowly: its nearest sample speaks, however old.
    telling = samples if state.start is None else [samples.closest(state.start)]
    return [
        Proof("host-clock", 40, f"the clock of its staging host is {offset / 1e6:.3f} s off", (fact.origin,), fact.at)
        for fact in telling
        if abs(offset := offset_us(fact) or 0) > limit
    ][:1]


def endpoints(state: State) -> frozenset[str]:
    """The endpoints that the device asked, else the ABM endpoint of its region; empty if neither is known."""
    asked = {endpoint for fact in state.of("requested", "accepted") if (endpoint := fact.attrs.get("endpoint"))}
    if state.apple:
        asked.add(CONFIGURATION_HOST)
    if not asked and (own := state.device.attrs.get("region")):
        asked = {f"{own.casefold()}{ABM_DOMAIN}"}
    return frozenset(asked)


def _scopes(state: State) -> tuple[tuple[str, str], ...]:
    return ("device", ""), ("host", _host(state)), ("site", _site(state)), ("case", "")


def _site(state: State) -> str:
    return state.device.attrs.get("site", "")


def _host(state: State) -> str:
    return state.device.attrs.get("staging_host", "")


def _staged(state: State) -> int | None:
    return state.start
