"""The findings for people: how many of how many first, each with its place, then what to do about each rule."""

from collections.abc import Iterator
from typing import Final

from abm_trace.checks.payload import NOT_KNOWN, SEVERITIES, Hit
from abm_trace.checks.payload import catalogue as rules
from abm_trace.cli.validate._outcome import Outcome
from abm_trace.exports import MARKS as STATES
from abm_trace.exports import Screen
from abm_trace.exports._interface import count

MARKS: Final = {"error": "✗", "warning": "◐", "note": "·"}
_STYLES: Final = {"error": "bad", "warning": "failed", "note": "faint"}
_VERDICTS: Final = {"good": "confirmed", "bad": "vanished", "open": "unknown"}
"""The verdict of a device whose mark and colour the state of a server has."""


def page(outcome: Outcome, screen: Screen) -> bytes:
    """The page; a terminal gets some of the notes, a pipe or a file all of them."""
    return screen.finish(_lines(outcome, screen))


def _lines(outcome: Outcome, screen: Screen) -> Iterator[str]:
    yield from _headline(outcome, screen)
    shown = outcome.hits
    if screen.rows is not None:
        shown = [hit for hit in shown if hit.finding.severity != "note" or hit.finding.id == NOT_KNOWN][: screen.rows]
    for number, hit in enumerate(shown):
        if not number or hit.finding.evidence[0].path != shown[number - 1].finding.evidence[0].path:
            yield ""
        yield from _finding(hit, screen)
    if len(shown) < len(outcome.hits):
        yield ""
        yield f"and {count(len(outcome.hits) - len(shown), 'more finding')}: abm-validate … > findings.txt"
    for hit, allowance in outcome.allowed:
        yield ""
        text = f"allowed: {place(hit)}: {hit.finding.id}: {allowance.reason}"
        yield from screen.sentence(text, style="faint")
    yield from _endpoints(outcome, screen)
    yield from _to_do(shown, screen)


def _endpoints(outcome: Outcome, screen: Screen) -> Iterator[str]:
    """Each server that hands were shaken with, and what it showed."""
    if outcome.endpoints:
        yield ""
        yield screen.paint("Endpoints", "bold")
    for each in outcome.endpoints[: screen.rows]:
        verdict = _VERDICTS[each.state]
        text = f"{STATES[verdict]} {each.name}: {each.seen}" if each.seen else f"{STATES[verdict]} {each.problem}"
        yield from screen.sentence(text, indent="  ", style=verdict)
    if screen.rows is not None and len(outcome.endpoints) > screen.rows:
        yield f"  and {len(outcome.endpoints) - screen.rows:,} more: --format json"


def _headline(outcome: Outcome, screen: Screen) -> Iterator[str]:
    numbers = [count(outcome.count(severity), severity) for severity in SEVERITIES if outcome.count(severity)]
    payloads = [each for each in outcome.checked if each.kind != "allow"]
    signed = sum("CMS" in each.form for each in payloads)
    parts = [f"{', '.join(numbers) or 'no findings'} in {count(len(payloads), 'payload')} ({signed:,} signed)"]
    if outcome.allowed:
        parts.append(f"{count(len(outcome.allowed), 'finding')} allowed")
    if outcome.skipped:
        parts.append(f"{count(len(outcome.skipped), 'file')} not read")
    if outcome.passed_over:
        parts.append(f"{count(outcome.passed_over, 'other file')} passed over")
    if outcome.stapled:
        silent = sum(each.state == "open" for each in outcome.endpoints)
        asked = f"{count(len(outcome.endpoints), 'endpoint')} asked" if outcome.endpoints else "no endpoint to ask"
        parts.append(asked + f", {silent:,} not known" * bool(silent))
    unknown = any(hit.finding.id == NOT_KNOWN for hit in outcome.hits)
    errors, warnings = outcome.count("error"), outcome.count("warning")
    mark = MARKS["error"] if errors else MARKS["warning"] if warnings else "?" if unknown else "✓"
    style = "bad" if errors else "failed" if warnings else "unknown" if unknown else "confirmed"
    yield from screen.sentence(f"{mark} {'; '.join(parts)}", style=style)


def _finding(hit: Hit, screen: Screen) -> Iterator[str]:
    finding = hit.finding
    unknown = finding.id == NOT_KNOWN
    mark, said = ("?", "not known") if unknown else (MARKS[finding.severity], finding.severity)
    style = "unknown" if unknown else _STYLES[finding.severity]
    yield from screen.sentence(f"{mark} {place(hit)}: {said}: {finding.text}", style=style)
    where = f"{finding.id} at {hit.key}" if hit.key else finding.id
    yield from screen.sentence(where, indent="    ", style="faint")


def place(hit: Hit) -> str:
    """Where a finding stands: `path:line`, or the path alone where the format has no lines."""
    origin = hit.finding.evidence[0]
    return origin.path if origin.line is None else f"{origin.path}:{origin.line}"


def _to_do(shown: list[Hit], screen: Screen) -> Iterator[str]:
    """What each rule that found something means, and what to do; notes speak for themselves."""
    found = dict.fromkeys(
        hit.finding.id for hit in shown if hit.finding.severity != "note" or hit.finding.id == NOT_KNOWN
    )
    for number, name in enumerate(found):
        rule = rules()[name]
        if not number:
            yield ""
            yield screen.paint("What to do", "bold")
        yield from screen.sentence(f"{name}: {rule.means}", indent="  ")
        yield from screen.sentence(f"→ {rule.do}", indent="    ")


def catalogue(screen: Screen) -> bytes:
    """The rules: id, severity, layer, title."""
    rows = [("id", "severity", "layer", "title")]
    rows += [(each.id, each.severity, each.layer or "–", each.title) for each in rules().values()]
    return screen.finish(screen.columns(rows, indent=""))
