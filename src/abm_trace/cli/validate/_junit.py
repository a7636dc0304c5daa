"""JUnit XML as Ant writes it, which every CI reads: a test a finding, and one for a payload without any.

From: https://github.com/windyroad/JUnit-Schema (a test case has one outcome, times have no zone)
"""

from xml.etree import ElementTree as ET

from abm_trace.checks.payload import NOT_KNOWN, SEVERITIES, Hit, catalogue
from abm_trace.cli.validate._allow import Allowance
from abm_trace.cli.validate._outcome import Outcome
from abm_trace.core.instants import SECOND, render
from abm_trace.exports import plain


def document(outcome: Outcome, as_of: int, fail_on: str) -> bytes:
    """One suite. A finding at or above `fail_on` is a failure, one below it passes; one that is allowed, and what
    is not known, is skipped.
    """
    worst = SEVERITIES[: SEVERITIES.index(fail_on) + 1] if fail_on in SEVERITIES else ()
    cases = [_case(hit, worst) for hit in outcome.hits]
    cases += [_allowed(hit, allowance) for hit, allowance in outcome.allowed]
    cases += [
        _element("testcase", name="payload", classname=each.path, time="0") for each in outcome.checked if not each.hits
    ]
    suite = _element(
        "testsuite",
        name="abm-validate",
        package="abm-validate",
        id="0",
        hostname="localhost",
        timestamp=render(as_of - as_of % SECOND).removesuffix("Z"),
        tests=str(len(cases)),
        failures=str(sum(case.find("failure") is not None for case in cases)),
        errors="0",
        skipped=str(sum(case.find("skipped") is not None for case in cases)),
        time="0",
    )
    suite.append(_element("properties"))
    suite.extend(cases)
    below = [f"{hit.finding.severity}: {hit.finding.id}: {hit.finding.text}" for hit in outcome.hits
             if hit.finding.severity not in worst and hit.finding.id != NOT_KNOWN]  # fmt: skip
    skipped = [f"not read: {each.path}: {each.reason}" for each in outcome.skipped]
    for name, lines in (("system-out", below), ("system-err", skipped)):
        suite.append(_element(name))
        suite[-1].text = "\n".join(map(plain, lines))
    suites = _element("testsuites")
    suites.append(suite)
    ET.indent(suites)
    data: bytes = ET.tostring(suites, encoding="utf-8", xml_declaration=True)
    return data + b"\n"


def _case(hit: Hit, worst: tuple[str, ...]) -> ET.Element:
    finding = hit.finding
    case = _named(hit)
    if finding.id == NOT_KNOWN:
        case.append(_element("skipped", message=f"not known: {finding.text}"))
    elif finding.severity in worst:
        failure = _element("failure", type=finding.id, message=finding.text)
        origin = finding.evidence[0]
        where = origin.path if origin.line is None else f"{origin.path}:{origin.line}"
        failure.text = plain(f"{where}: {finding.severity}: {finding.text}") + f"\n{catalogue()[finding.id].do}"
        case.append(failure)
    return case


def _allowed(hit: Hit, allowance: Allowance) -> ET.Element:
    case = _named(hit)
    case.append(_element("skipped", message=f"allowed: {allowance.reason}"))
    return case


def _named(hit: Hit) -> ET.Element:
    name = f"{hit.finding.id} {hit.key}" if hit.key else hit.finding.id
    return _element("testcase", name=name, classname=hit.finding.evidence[0].path, time="0")


def _element(name: str, /, **attributes: str) -> ET.Element:
    """An element; nothing in its attributes is forbidden in XML or obeyed by a terminal."""
    return ET.Element(name, {key: plain(value) for key, value in attributes.items()})
