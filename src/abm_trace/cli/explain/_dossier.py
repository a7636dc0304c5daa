"""Everything about one device on one page, each statement with the place that proves it."""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from abm_trace.checks import firmware
from abm_trace.cli._marks import Marks, right
from abm_trace.cli.explain import _timeline
from abm_trace.cli.explain._places import Places
from abm_trace.core.nouns import APPLES_OWN, RUNGS, Device, Fact, Finding, Origin, Verdict
from abm_trace.exports._interface import MARKS, SIDES, UNREAD, Screen, count, layer_name, moment, plain
from abm_trace.identity import canonical
from abm_trace.verdict import layers, meanings
from abm_trace.verdict import state as states

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from abm_trace.core.nouns import Skipped
    from abm_trace.pipeline.triage import Resolved

_BLOCKING: Final = ("L0", "L5", "L3", "L1", "L4", "L6", "L2", "L7")
"""The layers in the order in which they block; the last two diagnose silence."""

_NAMED_MAX: Final = 20
"""So many identifiers and conflicts are named; more are counted. Origin: ours."""


def lines(traced: "Resolved", number: int, case: Path, marks: Marks, screen: Screen) -> Iterator[str]:
    """The page of the device with this number among those of the case in the folder `case`.

    `marks` is what people said of its findings.
    """
    device = traced.devices[number]
    verdict, skipped = traced.judged(number)
    state = states.build(device, traced.context, traced.as_of)
    timeline = _timeline.entries(verdict, state)
    places = Places(_origins(verdict, timeline), traced.blobs)
    yield from _head(traced, verdict, state, screen)
    yield ""
    yield from screen.sentence(f"To do: {verdict.next_action}", style="bold")
    yield from _ladder(traced, verdict, state, places, screen)
    yield from _layers(verdict, screen)
    yield from _proof(traced, verdict, state, places, screen, marks=marks)
    yield from _exposure(verdict, screen)
    yield from _firmware(device, places, screen)
    yield from _timeline.lines(traced.case, timeline, places, screen)
    yield from _conflicts(device, screen)
    yield from _not_used(skipped, device, screen)
    yield ""
    again = f"abm-trace triage {plain(shlex.quote(str(case)))}"
    yield f"{screen.paint('next', 'bold')}  {again}   (when it is done, or more is fetched)"
    page = f"abm-trace explain {plain(_topic(verdict))}"
    yield f"{screen.paint('why', 'bold')}   {page}   (so for each layer, rung and signature above)"


def _topic(verdict: Verdict) -> str:
    """What most explains the verdict: its cause, where that has a page, its layer, else the verdict itself."""
    if verdict.cause in meanings.meanings()["cause"]:
        return verdict.cause or ""
    return verdict.layer or verdict.verdict


def _origins(verdict: Verdict, timeline: "Sequence[_timeline.Entry]") -> Iterator[Origin]:
    yield from (entry.origin for entry in timeline if entry.origin is not None)
    yield from (origin for origin in verdict.rungs.values() if origin is not None)
    yield from (origin for finding in verdict.findings for origin in finding.evidence)


def _head(traced: "Resolved", verdict: Verdict, state: states.State, screen: Screen) -> Iterator[str]:
    zone = traced.case.zone
    label = "  SIMULATED" if verdict.simulated else ""
    yield f"{screen.paint(plain(verdict.serial), 'bold')}  {plain(verdict.site or '(no site)')}{label}"
    layer = f" · {verdict.layer} {layer_name(verdict.layer, verdict.cause or '')}" if verdict.layer else ""
    also = f", contributing {', '.join(verdict.contributing)}" if verdict.contributing else ""
    lack = f" · missing: {' and '.join(verdict.missing)}" if verdict.missing else ""
    head = f"{MARKS[verdict.verdict]} {verdict.verdict}{layer}{also}{lack} · confidence {verdict.confidence} %"
    yield from screen.sentence(head, style=verdict.verdict)
    rows = [("last rung", verdict.last_rung or "none")]
    if verdict.last_rung_at is not None:
        rows.append(("reached", moment(verdict.last_rung_at, zone)))
    rows.append(("attempts", f"{verdict.attempts}"))
    rows += [("identifier", name) for name in verdict.identifiers[:_NAMED_MAX]]
    if len(verdict.identifiers) > _NAMED_MAX:
        rows.append(("", f"and {len(verdict.identifiers) - _NAMED_MAX:,} more: abm-trace triage --format ndjson"))
    if verdict.clock_offset_us is not None:
        offset = f"{verdict.clock_offset_us / 1e6:+.3f} s (device − reference)"
        rows.append(("clock", f"{offset}; its log times are corrected by it"))
    if state.assignment.server:
        rows.append(("MDM server", state.assignment.server))
    if verdict.journeys > 1:
        rows.append(("journeys", f"{verdict.journeys}; the verdict is the last one’s"))
    if verdict.sighting is not None:
        rows.append(("last seen", _sighting(verdict.sighting, zone)))
    names = {"apple": "DEP" if state.served else "ABM", "mdm": "MDM"}
    rows += [(name, _side(traced, state, side)) for side, name in names.items()]
    rows.append(("as of", moment(verdict.as_of, zone)))
    yield from screen.columns(rows)


def _sighting(seen: Fact, zone: "tzinfo") -> str:
    """Where and when a network saw the device; a lease without a time says only until when it holds."""
    where = seen.value or "at a place that is not said"
    if seen.at is not None:
        return f"{where}, {moment(seen.at, zone)}"
    until = seen.attrs.get("until")
    return f"{where}, at a time that is not said{f'; its lease ends {until}' if until else ''}"


def _side(traced: "Resolved", state: states.State, side: str) -> str:
    """What one side of the confirmation says, and how far its sources were read."""
    until = traced.context.side(side, state.assignment.server).until
    how = state.sides.get(side, "unread")
    if until is None:
        why = UNREAD[traced.context.held.get(side, "")]
        return why if how == "unread" else f"{how}; {why}"
    return f"{how}; read up to {moment(until, traced.case.zone)}"


def _ladder(traced: "Resolved", verdict: Verdict, state: states.State, places: Places, screen: Screen) -> Iterator[str]:
    yield ""
    yield screen.paint("Ladder", "bold")
    top = RUNGS.index(verdict.last_rung) if verdict.last_rung else -1
    rows: list[tuple[str, ...]] = []
    for number, rung in reversed(list(enumerate(RUNGS))):
        fact = state.rungs.get(rung)
        if fact is not None:
            at = "" if fact.at is None else moment(fact.at, traced.case.zone)
            rows.append(("✓", rung, "proved", places.where(fact.origin), at))
        elif number < top:
            rows.append(("·", rung, "inferred", "the rungs above imply it", ""))
        elif rung == APPLES_OWN and "apple" not in verdict.dialects:
            rows.append(("–", rung, "not applicable", "no evidence of the guide shows it", ""))
        else:
            rows.append(("○", rung, "not reached", "", ""))
    if screen.width < 110:
        rows = [row[:4] for row in rows]
    yield from screen.columns(rows)


def _layers(verdict: Verdict, screen: Screen) -> Iterator[str]:
    """What was found of each layer; one that cannot occur here is said to be so, and none is said to be good."""
    yield ""
    yield screen.paint("Layers, in the order in which they block", "bold")
    proved = {finding.layer for finding in verdict.findings if finding.severity != "info"}
    rows = []
    for layer in _BLOCKING:
        if layer == verdict.layer:
            rows.append(("✗", layer, layer_name(layer, verdict.cause or ""), "proved, the first that blocks"))
        elif layer in verdict.contributing:
            rows.append(("✗", layer, layer_name(layer), "contributes"))
        elif not layers.applicable(verdict.dialects, layer):
            rows.append(("–", layer, layer_name(layer), "not applicable outside the guide dialect"))
        elif layer in _BLOCKING[-2:] and verdict.layer:
            rows.append(("·", layer, layer_name(layer), "not asked: it speaks only where nothing above is proved"))
        elif layer in proved:
            rows.append(("·", layer, layer_name(layer), "a sign of it, no proof"))
        else:
            rows.append(("○", layer, layer_name(layer), "nothing in the evidence proves it"))
    yield from screen.columns(rows)


def _exposure(verdict: Verdict, screen: Screen) -> Iterator[str]:
    if not verdict.exposure:
        return
    yield ""
    yield screen.paint("Exposure (shown, not judged)", "bold")
    yield from (line for text in verdict.exposure for line in screen.sentence(text, indent="  "))


def _firmware(device: Device, places: Places, screen: Screen) -> Iterator[str]:
    """That the device's model is said to need a fix (SPEC G7, L3): a risk, no proof, on somebody's word."""
    needs = {need.id: need for need in firmware.needs()}
    (checked,) = firmware.check([device], tuple(needs.values()))
    if checked.state != firmware.NEEDS_FIX or not checked.build:
        return
    need = needs[checked.need]
    yield ""
    yield screen.paint(f"Firmware risk (shown, not judged; on the word of: {need.origin})", "bold")
    yield from screen.sentence(f"{plain(checked.model)}, build {plain(checked.build)}: {checked.why}.", indent="  ")
    yield from screen.sentence(f"Apple: {need.apple}", indent="  ")
    yield from (f"      {plain(places.where(origin))}" for origin in checked.evidence[:2])


def _proof(
    traced: "Resolved", verdict: Verdict, state: states.State, places: Places, screen: Screen, *, marks: Marks
) -> Iterator[str]:
    if not verdict.findings:
        return
    yield ""
    yield screen.paint("Proof", "bold")
    server = state.assignment.server
    ends = {origin for side in SIDES for origin in traced.context.side(side, server).origins}
    for finding in verdict.findings:
        claim = f"{_role(verdict, finding)}{finding.id}, {finding.confidence} %: {finding.text}"
        yield from screen.sentence(claim, indent="  ")
        yield from _marked(verdict, finding, marks, screen)
        for origin in finding.evidence:
            # Silence cites how far it was read, not what another device did there; a conflict cites just that.
            if origin in ends and not finding.id.startswith("identity-"):
                yield f"      {plain(places.where(origin))}   (read to here, and beyond it nothing)"
                continue
            yield f"      {plain(places.where(origin))}"
            if text := places.text(origin):
                yield from (screen.paint(line, "faint") for line in screen.sentence(f"> {text}", indent="      "))


def _marked(verdict: Verdict, finding: Finding, marks: Marks, screen: Screen) -> Iterator[str]:
    """What a person said of the finding last, and how often it was right; the verdict is the machine's all the same."""
    if mark := marks.of(verdict.serial, finding):
        said = "right" if mark.judgement == "confirmed" else "a FALSE POSITIVE"
        text = f"MARKED: {mark.by} called it {said} ({mark.at}): {mark.why}; the verdict does not change by this"
        yield from screen.sentence(text, indent="      ", style="bold")
    if finding.id in (judged := marks.judged()):
        yield from screen.sentence(f"marked right so far: {right(finding.id, judged)}", indent="      ", style="faint")


def _role(verdict: Verdict, finding: Finding) -> str:
    """What the finding is for the verdict: its layer, a contribution, or something that was overcome."""
    if not finding.layer:
        return ""
    name = f"{finding.layer} {layer_name(finding.layer, finding.cause)}"
    if finding.severity == "info":
        return f"{name} (overcome): "
    return f"{name} ({'primary' if finding.layer == verdict.layer else 'contributing'}): "


def _conflicts(device: Device, screen: Screen) -> Iterator[str]:
    if device.conflicts:
        yield ""
        yield screen.paint("Conflicts of identity", "bold")
        told = list(dict.fromkeys(conflict.value for conflict in device.conflicts))
        for text in told[:_NAMED_MAX]:
            yield from screen.sentence(text, indent="  ")
        if len(told) > _NAMED_MAX:
            yield f"  and {len(told) - _NAMED_MAX:,} more"


def _not_used(skipped: "Sequence[Skipped]", device: Device, screen: Screen) -> Iterator[str]:
    """What was not used of the files that speak of the device, or are named after it."""
    paths = {fact.origin.path for fact in device.facts}
    key = canonical(device.serial)
    mine = [each for each in skipped if each.path in paths or key in canonical(each.path.rpartition("/")[2])]
    yield ""
    yield screen.paint("Not used, of the files that speak of it", "bold")
    if not mine:
        yield "  nothing was left out"
    for each in mine:
        where = each.path if each.line is None else f"{each.path}:{each.line}"
        yield from screen.sentence(f"{where}: {each.reason}", indent="  ")
    others = len(skipped) - len(mine)
    if others:
        yield f"  elsewhere in the case: {count(others, 'thing')} not used"
