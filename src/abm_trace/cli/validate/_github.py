"""Workflow commands of GitHub Actions: each finding becomes an annotation of its line.

From: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from collections.abc import Iterator
from typing import Final

from abm_trace.checks.payload import Hit
from abm_trace.cli.validate._outcome import Outcome
from abm_trace.exports import plain

_COMMANDS: Final = {"error": "error", "warning": "warning", "note": "notice"}


def commands(outcome: Outcome) -> bytes:
    """A line a finding; what is allowed is not annotated."""
    return "".join(f"{line}\n" for line in _lines(outcome)).encode("utf-8", "backslashreplace")


def _lines(outcome: Outcome) -> Iterator[str]:
    yield from map(_command, outcome.hits)
    for each in outcome.skipped:
        yield f"::warning file={_property(each.path)},title=not read::{_data(each.reason)}"


def _command(hit: Hit) -> str:
    finding = hit.finding
    origin = finding.evidence[0]
    line = f",line={origin.line}" if origin.line else ""
    text = f"{hit.key}: {finding.text}" if hit.key else finding.text
    place = f"file={_property(origin.path)}{line},title={_property(finding.id)}"
    return f"::{_COMMANDS[finding.severity]} {place}::{_data(text)}"


def _data(text: str) -> str:
    """Text that ends no command: its line ends are escaped already, by `plain`."""
    return plain(text.replace("%", "%25"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
