"""The fold: one device, what is wider than it, and `as_of` give one verdict. Nothing else decides anything."""

from functools import lru_cache
from typing import Final, NamedTuple

from abm_trace.core.instants import render
from abm_trace.core.nouns import RUNGS, Device, Fact, Finding, Origin, Verdict
from abm_trace.verdict import causes, layers, settings, sightings
from abm_trace.verdict import state as states
from abm_trace.verdict.attempts import attempts
from abm_trace.verdict.context import ABM_SOURCES, Context
from abm_trace.verdict.layers import Rule
from abm_trace.verdict.proof import ALIKE_MAX, Proof, proofs_of
from abm_trace.verdict.state import State

_WITHOUT_LAYER: Final = frozenset({"confirmed", "in_progress", "not_started"})
_TROUBLE: Final = frozenset(
    {
        "error",
        "fetch_error",
        "mdm_error",
        "certificate_error",
        "assign_failed",
        "throttled",
        "registration_failed",
        "tls_failed",
        "response_204",
        "response_empty",
        "method_none",
        "log_loss",
        "checked_out",
    }
)
_NO_STEP: Final = frozenset({"booted", "clock_jump"})
"""What stands in a device's own log and is nothing that it did."""

_NO_RUNGS: Final[dict[str, Origin | None]] = dict.fromkeys(RUNGS)
_STARTED: Final = frozenset(RUNGS[RUNGS.index("booted") :])
_CERTAINTY: Final = {
    "confirmed": 98,
    "rejected": 97,
    "not_started": 93,
    "in_progress": 93,
    "half_confirmed": 94,
    "unknown": 85,
}
"""How surely a verdict follows where everything that it rests on was read. Origin: ours, see docs/confidence.md."""


def judge(device: Device, context: Context, as_of: int) -> Verdict:
    """The verdict of a device at `as_of`. It depends on the set of facts, the context and `as_of` alone."""
    state = states.build(device, context, as_of)
    verdict, missing = _verdict(state)
    proved = [] if verdict in _WITHOUT_LAYER else _proved(state)
    ahead = causes.ahead(state) if verdict == "not_started" else None
    risks = (
        layers.host_clock(state) if proved or verdict in {"vanished", "half_confirmed", "unknown", "rejected"} else []
    )
    primary = proved[0] if proved else None
    layer = primary[0].layer if primary else None
    contributing = [rule.layer for rule, _ in proved[1:]] + (["L3"] if risks else [])
    identifiers = states.identifiers(state)
    rung = states.last_rung(state)
    cause = (primary[1][0].cause or primary[0].cause or None) if primary and layer == "L0" else None
    proofs = primary[1] if primary else []
    ground = _Ground(verdict, layer, ahead[0] if ahead else cause, missing, _because(state, proofs))
    return Verdict(
        serial=device.serial,
        site=device.attrs.get("site", ""),
        verdict=verdict,
        last_rung=rung,
        last_rung_at=state.rungs[rung].at if rung else None,
        layer=layer,
        cause=cause,
        contributing=tuple(dict.fromkeys(each for each in contributing if each != layer)),
        confidence=_confidence(state, verdict, proofs),
        attempts=attempts(state),
        identifiers=tuple(sorted(identifiers)),
        first_seen=state.dated[0].at if state.dated else None,
        last_seen=_last_seen(state),
        missing=missing,
        findings=(*_findings(state, verdict, proved, risks), *_ahead(ahead), *sightings.in_use(state, verdict)),
        next_action=_action(state, ground),
        as_of=as_of,
        deadline_at=state.deadline,
        clock_offset_us=state.clock_offset,
        journeys=state.journeys,
        rungs={**_NO_RUNGS, **{each: fact.origin for each, fact in state.rungs.items()}},
        simulated=context.simulated,
        exposure=_exposure(state),
        dialects=layers.dialects(state),
        sighting=device.sightings[-1] if device.sightings else None,
        advice=_advice(ground),
    )


def _exposure(state: State) -> tuple[str, ...]:
    """The last that was said of each protection of the device."""
    if "posture" not in state.kinds:
        return ()
    last = {fact.attrs.get("item", fact.value): fact.value for fact in state.of("posture")}
    return tuple(last[item] for item in sorted(last))


def _verdict(state: State) -> tuple[str, tuple[str, ...]]:
    """The verdict, the first that fits (SPEC section 2), and the sides that it lacks."""
    apple, mdm = state.sides["apple"], state.sides["mdm"]
    if apple == mdm == "confirmed":
        return "confirmed", ()
    hand = bool(states.by_hand(state))
    started = not _STARTED.isdisjoint(state.rungs)
    if layers.rejected(state):
        return "rejected", ()
    if not started and "confirmed" not in state.sides.values() and not hand:
        return "not_started", ()
    if _in_progress(state):
        return "in_progress", ()
    if hand:
        return "half_confirmed", ("mdm",) if apple == "confirmed" else ("apple",)
    unread = tuple(side for side, how in state.sides.items() if how == "unread")
    if {apple, mdm} == {"confirmed", "absent"}:
        return "half_confirmed", ("apple",) if apple == "absent" else ("mdm",)
    if "confirmed" not in (apple, mdm):
        if "absent" in (apple, mdm):
            return "vanished", unread
        if _died(state):
            return "vanished", unread
    return "unknown", unread


def _last_seen(state: State) -> int | None:
    """The time of the last fact; where a capture begins is one only if the device has no other."""
    said = next((fact.at for fact in reversed(state.dated) if fact.kind != "booted"), None)
    return said if said is not None else state.dated[-1].at if state.dated else None


def _in_progress(state: State) -> bool:
    if state.deadline is None:
        return False
    if state.as_of <= state.deadline:
        return True
    intervals = state.context.thresholds.value("source_intervals")
    return any(
        reach.interval and reach.until is not None and reach.until < state.deadline
        and state.as_of - state.deadline <= intervals * reach.interval
        for reach in (state.context.side(side, state.assignment.server) for side in ("apple", "mdm"))
    )  # fmt: skip


def _died(state: State) -> bool:
    """Whether the last fact of the journey in the device's own log is an error with a layer, a 204 or an empty 202."""
    own = [fact for fact in state.journey if fact.source == "log" and fact.kind not in _NO_STEP]
    return any(fact.layer for fact in own if fact.at == own[-1].at)


def _proved(state: State) -> list[tuple[Rule, list[Proof]]]:
    """The rules that are proved, one a layer, in the order in which the layers block.

    Of the causes of L0 the first that somebody recorded stands for all, else the first (SPEC section 2).
    """
    proved: dict[str, tuple[Rule, list[Proof]]] = {}
    caused = causes.any_possible(state)
    for rule in layers.RULES:
        if rule.silence and proved:
            break
        if rule.layer == "L0" and not caused:
            continue
        proofs = rule.when(state)
        if not proofs:
            continue
        known = proved.get(rule.layer)
        if known is None:
            proved[rule.layer] = (rule, proofs)
        elif rule.layer == "L0" and not _recorded(known[1]) and _recorded(proofs):
            proved[rule.layer] = (rule, [each for each in proofs if each.recorded])
    return list(proved.values())


def _recorded(proofs: list[Proof]) -> bool:
    return any(proof.recorded for proof in proofs)


def _confidence(state: State, verdict: str, proofs: list[Proof]) -> int:
    """How sure the statement is: the verdict's certainty, times how surely its layer is proved (docs/confidence.md)."""
    if verdict == "vanished":
        certainty = {0: 97, 1: 88}.get(sum(how == "unread" for how in state.sides.values()), 60)
    else:
        certainty = _CERTAINTY[verdict]
    if verdict == "confirmed" and _by_its_own_word(state):
        certainty = 92
    doubt = 1.0
    for proof in proofs:
        doubt *= 1 - proof.confidence / 100
    if proofs:
        return round(certainty * (1 - doubt))
    return round(certainty * 0.9) if verdict == "vanished" else certainty


def _by_its_own_word(state: State) -> bool:
    """Whether Apple's side is confirmed by nothing but the device's own log."""
    if "pushed" in state.kinds or state.assignment.row is not None:
        return False
    return all(fact.source == "log" for kind in ("registered", "profile") for fact in state.kinds.get(kind, ()))


def _findings(state: State, verdict: str, proved: list[tuple[Rule, list[Proof]]], risks: list[Proof]) -> list[Finding]:
    findings = [
        Finding(
            proof.id,
            _kind(state, proof),
            rule.layer,
            "high",
            proof.confidence,
            proof.evidence,
            proof.cause or rule.cause,
            proof.text,
            proof.at,
        )
        for rule, proofs in proved
        for proof in proofs
    ]
    findings += [
        Finding(each.id, "rule", "L3", "low", each.confidence, each.evidence, "", each.text, each.at) for each in risks
    ]
    for fact, more in _trouble(state, findings):
        weight, _ = state.context.weights.get(fact.origin.by, (60, "medium"))
        overcome, confirmed = not state.standing([fact]), verdict == "confirmed"
        text = fact.value or fact.kind
        text += " (overcome by a later success)" if overcome else " (the device is confirmed all the same)" * confirmed
        text += f"; {more:,} more like it before it are not listed" if more else ""
        findings.append(
            Finding(
                fact.origin.by,
                "signature",
                fact.layer,
                "info" if overcome or confirmed else "medium",
                weight,
                (fact.origin,),
                fact.cause,
                text,
                fact.at,
            )
        )
    if verdict in {"vanished", "half_confirmed"}:
        for side, how in state.sides.items():
            if how == "absent":
                name, until, ends = _silent(state, side)
                text = f"{name} was read up to {_rendered(until or 0)} and {_lacks(state, side)}"
                evidence = ends[:3] or tuple(fact.origin for fact in state.of(*_OWN[side])[-1:])
                findings.append(Finding(f"{side}-silent", "check", "", "high", 90, evidence, "", text, until))
    if state.managed and verdict not in _WITHOUT_LAYER:
        findings += [
            Finding(each.id, "signature", "", "info", 90, each.evidence, "", f"an MDM manages it: {each.text}", each.at)
            for each in proofs_of(state.managed)
        ]
    findings += [
        Finding(fact.origin.by, "check", "", "low", 100, (fact.origin,), "", fact.value, None)
        for fact in state.of(states.LEFT_OUT)
    ]
    lines: dict[tuple[str, str], list[Origin]] = {}
    for conflict in state.device.conflicts:
        lines.setdefault((conflict.kind, conflict.value), []).append(conflict.origin)
    for (kind, text), origins in lines.items():
        severity = "medium" if kind == "conflict" else "low"
        findings.append(Finding(f"identity-{kind}", "rule", "", severity, 80, tuple(origins), "", text, None))
    return findings


def _ahead(ahead: tuple[str, Proof] | None) -> list[Finding]:
    """What will stop a device that has not been booted: it is no layer of it yet."""
    if ahead is None:
        return []
    cause, proof = ahead
    text = f"it will not enrol: {proof.text}"
    return [Finding(f"ahead-{cause}", "rule", "", "medium", proof.confidence, proof.evidence, "", text, proof.at)]


_OWN: Final = {"apple": ("dep_record", "pending"), "mdm": ("mdm_row",)}
"""What a side that confirms nothing may say of the device all the same."""

_APPLES: Final = (("Apple's DEP service", ("dep",)), ("ABM", ABM_SOURCES))


_rendered = lru_cache(maxsize=1024)(render)
"""How far a side was read is the same for most devices of a case."""


def _silent(state: State, side: str) -> tuple[str, int | None, tuple[Origin, ...]]:
    """Who was read past the deadline and does not show the device, how far and where; its own dialect goes first."""
    server, until, due = state.assignment.server, state.until[side] or 0, state.due.get(side, 0)
    if side == "mdm":
        return "the MDM", until, state.context.side(side, server).origins
    for name, sources in _APPLES if state.served else reversed(_APPLES):
        read = state.context.side(side, server, sources)
        if read.until is not None and read.until >= due:
            return name, min(read.until, until), read.origins
    return "ABM", until, ()


def _lacks(state: State, side: str) -> str:
    """What a side that was read does not show of the device; it may show other things of it."""
    if side == "mdm" and states.by_hand(state):
        return "shows no automated enrolment of it"
    if side == "mdm" and state.journeys > 1 and any(fact.source == "mdm" for fact in state.dated):
        return "shows no enrolment of it in its last journey"
    shown = (*_OWN[side], *(() if side == "mdm" else ("assigned", "known")))
    return f"{'shows no enrolment of' if any(f.source != 'manifest' for f in state.of(*shown)) else 'does not show'} it"


def _trouble(state: State, findings: list[Finding]) -> list[tuple[Fact, int]]:
    """What went wrong and no finding cites: the first, then the last of each kind and how many came between them."""
    if not state.layered and _TROUBLE.isdisjoint(state.kinds):
        return []
    cited = {origin for finding in findings for origin in finding.evidence}
    named = [fact for each in state.layered.values() for fact in each]
    named += [fact for kind in _TROUBLE & state.kinds.keys() for fact in state.kinds[kind] if not fact.layer]
    found = [fact for fact in named if fact.origin not in cited]
    found.sort(key=lambda fact: (fact.at or 0, fact.kind, fact.value))
    rest: dict[tuple[str, str, str], list[Fact]] = {}
    for fact in found[ALIKE_MAX:]:
        rest.setdefault((fact.origin.by, fact.layer, fact.cause), []).append(fact)
    return [*((fact, 0) for fact in found[:ALIKE_MAX]), *((each[-1], len(each) - 1) for each in rest.values())]


def _kind(state: State, proof: Proof) -> str:
    return "signature" if proof.id in state.context.weights else "rule"


class _Ground(NamedTuple):
    """What the next action rests on; `because` are the ids of the layer's proofs, else what stands against a layer."""

    verdict: str
    layer: str | None
    cause: str | None
    missing: tuple[str, ...]
    because: tuple[str, ...]


def _because(state: State, proofs: list[Proof]) -> tuple[str, ...]:
    if proofs:
        return tuple(dict.fromkeys(each.id for each in proofs))
    unborne = state.managed and state.sides["mdm"] != "confirmed" and not states.by_hand(state)
    return ("managed",) if unborne else ()


def _action(state: State, ground: _Ground) -> str:
    sentence = _sentence(ground)
    if "{" not in sentence:
        return sentence
    attrs = state.device.attrs
    return sentence.format(
        serial=state.device.serial,
        site=attrs.get("site") or _ANY["site"],
        host=attrs.get("staging_host") or _ANY["host"],
        missing=_lacking(ground.missing),
        endpoint=min(layers.endpoints(state), default=_ANY["endpoint"]) if "{endpoint}" in sentence else "",
    )


@lru_cache(maxsize=1024)
def _advice(ground: _Ground) -> str:
    """The action as it holds for every device of the same kind: it names none."""
    sentence = _sentence(ground).format(**_ANY, missing=_lacking(ground.missing))
    return sentence[:1].upper() + sentence[1:]


_ANY: Final = {
    "serial": "the device", "site": "its site", "host": "its staging host", "endpoint": "its ABM endpoint",
}  # fmt: skip
_SOURCES: Final = {"apple": "an ABM audit export or device list", "mdm": "the MDM inventory"}


def _sentence(ground: _Ground) -> str:
    verdict, layer, cause, missing, because = ground
    catalogue = settings.actions()
    key = f"{verdict}_{missing[0]}" if verdict == "half_confirmed" and missing else verdict
    if verdict == "not_started":
        return catalogue["verdict"][f"{verdict}_{cause}" if cause else verdict]
    if cause and cause in catalogue["cause"]:
        return catalogue["cause"][cause]
    if layer and layer in catalogue["layer"]:
        own = [catalogue["proof"].get(each) for each in because]
        return own[0] if own and own[0] and all(own) else catalogue["layer"][layer]
    if verdict in {"vanished", "half_confirmed"} and because == ("managed",):
        return catalogue["verdict"]["managed"]
    return catalogue["verdict"].get(key) or catalogue["verdict"].get(verdict, "")


def _lacking(missing: tuple[str, ...]) -> str:
    return " and ".join(_SOURCES.get(each, each) for each in missing) or "the missing source"
