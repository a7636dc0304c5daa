"""SARIF 2.1.0, which GitHub's code scanning and most editors read.

From: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from typing import Final
from urllib.parse import quote

import msgspec

from abm_trace import __version__
from abm_trace.checks.payload import NOT_KNOWN, Hit, catalogue
from abm_trace.cli.validate._outcome import Outcome
from abm_trace.core.instants import render
from abm_trace.core.nouns import Skipped
from abm_trace.exports import plain
from abm_trace.exports._interface import encode

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


class _Sarif(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """An object of SARIF; what is left out is not written."""


class _Text(_Sarif, frozen=True):
    text: str


class _Level(_Sarif, frozen=True):
    level: str


class _Rule(_Sarif, frozen=True):
    id: str
    name: str
    short_description: _Text
    full_description: _Text
    help: _Text
    default_configuration: _Level
    properties: dict[str, str]


class _File(_Sarif, frozen=True):
    uri: str


class _Region(_Sarif, frozen=True):
    start_line: int


class _Physical(_Sarif, frozen=True):
    artifact_location: _File
    region: _Region | None = None


class _Logical(_Sarif, frozen=True):
    fully_qualified_name: str
    kind: str = msgspec.field(name="kind")


class _Location(_Sarif, frozen=True):
    physical_location: _Physical
    logical_locations: list[_Logical] | None = None


class _Suppression(_Sarif, frozen=True):
    kind: str
    justification: str


class _Result(_Sarif, frozen=True):
    rule_id: str
    rule_index: int = msgspec.field(name="ruleIndex")
    level: str
    message: _Text
    locations: list[_Location]
    partial_fingerprints: dict[str, str]
    suppressions: list[_Suppression] | None = None
    kind: str | None = None


class _Notification(_Sarif, frozen=True):
    level: str
    message: _Text
    locations: list[_Location]


class _Invocation(_Sarif, frozen=True):
    execution_successful: bool
    end_time_utc: str
    tool_execution_notifications: list[_Notification] | None = None


class _Driver(_Sarif, frozen=True):
    name: str
    version: str
    rules: list[_Rule]


class _Tool(_Sarif, frozen=True):
    driver: _Driver


class _Run(_Sarif, frozen=True):
    tool: _Tool
    invocations: list[_Invocation]
    results: list[_Result]


class _Log(_Sarif, frozen=True):
    schema: str = msgspec.field(name="$schema")
    version: str
    runs: list[_Run]


def document(outcome: Outcome, as_of: int) -> bytes:
    """One run: the rules that found something, the results, and what was not read as notifications.

    What an exception allows is a suppressed result with the exception's reason.
    """
    found = [(hit, "") for hit in outcome.hits] + [(hit, allowance.reason) for hit, allowance in outcome.allowed]
    names = sorted({hit.finding.id for hit, _ in found})
    skipped = [_notification(each) for each in outcome.skipped] or None
    run = _Run(
        tool=_Tool(_Driver("abm-validate", __version__, [_rule(name) for name in names])),
        invocations=[
            _Invocation(execution_successful=True, end_time_utc=render(as_of), tool_execution_notifications=skipped)
        ],
        results=[_result(hit, names.index(hit.finding.id), reason) for hit, reason in found],
    )
    return encode(_Log(_SCHEMA, "2.1.0", [run]))


def _rule(name: str) -> _Rule:
    rule = catalogue()[name]
    properties = {"source": rule.source, "docs": f"docs/validate.md#{rule.id}"}
    if rule.layer:
        properties["layer"] = rule.layer
    return _Rule(
        rule.id,
        "".join(part.capitalize() for part in rule.id.split("-")),
        _Text(rule.title),
        _Text(rule.means),
        _Text(rule.do),
        _Level(rule.severity),
        properties,
    )


def _result(hit: Hit, index: int, reason: str) -> _Result:
    finding = hit.finding
    origin = finding.evidence[0]
    logical = [_Logical(plain(hit.key), "member")] if hit.key else None
    place = _Location(_Physical(_File(_uri(origin.path)), _Region(origin.line) if origin.line else None), logical)
    # The same finding in a file that changed elsewhere stays the same alert.
    prints = {"keyPath/v1": f"{finding.id}:{plain(hit.key)}"}
    suppressions = [_Suppression("external", plain(reason))] if reason else None
    # From: SARIF 2.1.0, section 3.27.9: `open` is what could not be decided, and then the level is `none`.
    level, kind = ("none", "open") if finding.id == NOT_KNOWN else (finding.severity, None)
    return _Result(finding.id, index, level, _Text(plain(finding.text)), [place], prints, suppressions, kind)


def _notification(skipped: Skipped) -> _Notification:
    text = f"not read: {skipped.reason}"
    return _Notification("warning", _Text(plain(text)), [_Location(_Physical(_File(_uri(skipped.path))))])


def _uri(path: str) -> str:
    """A path as a URI reference, relative where the path is."""
    return quote(path.replace("\\", "/").removeprefix("./").encode("utf-8", "backslashreplace"), safe="/~")
