"""A runbook for everything that occurs, for the devices of this case, and as text whatever they are called."""

import pytest
from tests.exports.building import POLYGLOT, healthy, report, verdict
from tests.exports.html.reading import Page

from abm_trace.exports import Report, Screen
from abm_trace.exports.html import render
from abm_trace.exports.html._runbooks import books
from abm_trace.remedies.runbook import runbooks
from abm_trace.verdict.settings import actions

BOOKS = {name: tuple(book.parts()) for name, book in runbooks(actions()).items()}
ERASE = {"advice": "Erase the device."}
HALF = {"verdict": "half_confirmed", "layer": None, "contributing": (), "missing": ("mdm",)}


def shown(**changes: object) -> Report:
    """A report in which four verdicts occur, two layers and a cause."""
    return report(
        verdict(serial="A1", **ERASE), verdict(serial="A2", confidence=10, **ERASE),
        verdict(serial="B1", layer="L0", cause="token_expired"), verdict(serial="C1", layer=None),
        verdict(serial="D1", **HALF), healthy("H1"), verdict(serial="W1", verdict="not_started", layer=None),
        runbooks=BOOKS, case="my case", **changes,
    )  # fmt: skip


def test_each_verdict_layer_and_cause_that_occurs_has_one() -> None:
    """If this failed, somebody would have a device with a name and no steps, or steps for what never happened."""
    found = Page(render(shown(), Screen()))
    names = [
        attributes["data-name"] for tag, attributes in found.elements if tag == "details" and "data-name" in attributes
    ]
    assert sorted(str(each) for each in names) == [
        "L6 identity", "confirmed", "half confirmed: the MDM has no record", "no layer proved", "not_started",
        "token expired (L0)",
    ]  # fmt: skip
    assert "Runbooks" not in Page(render(report(), Screen())).text, "a report without them says nothing of them"


def test_its_steps_are_those_of_this_case() -> None:
    """If this failed, a tired person would type SERIAL and CASE, or do another thing than the report advises."""
    found = Page(render(shown(), Screen()))
    codes = found.inside("code")
    for command in (
        "abm-trace explain A1 --case 'my case'",
        "idevicesyslog > A1.log",
        "abm-trace explain token_expired",
    ):
        assert command in codes
    assert not [each for each in codes if "SERIAL" in each or "CASE" in each]
    text = found.text
    book = text[text.index("L6 identity · 2 vanished show the 2 devices Abort") :].split("Try one, then go on")[0]
    assert "Rebuild Erase the device. ! This cannot be undone. Look at one device first." in book
    assert actions()["layer"]["L6"].format(serial="SERIAL") not in text


def test_its_steps_are_numbered_through() -> None:
    """If this failed, two people could not say on the phone which step they are at."""
    (device,) = [verdict(serial="A1")]
    found = Page(render(report(device, runbooks=BOOKS), Screen()))
    starts = [
        int(str(attributes["start"])) for tag, attributes in found.elements if tag == "ol" and "start" in attributes
    ]
    lengths = [len(steps) for _, steps in BOOKS["L6"]]
    assert starts == [1 + sum(lengths[:at]) for at in range(len(lengths))]


def test_every_step_leads_to_its_runbook() -> None:
    """If this failed, the way from "what next" to its steps would be a search."""
    found = Page(render(shown(), Screen()))
    links = [attributes["href"] for tag, attributes in found.elements if attributes.get("class") == "runbook"]
    anchors = {f"#{attributes['id']}" for _, attributes in found.elements if "id" in attributes}
    assert set(links) <= anchors
    assert links[0] == f"#{books(shown())['L6 identity'].anchor}", "the first is of the headline's action"
    assert set(links) == {f"#{book.anchor}" for book in books(shown()).values() if book.step is not None}


@pytest.mark.parametrize(
    "hostile", [POLYGLOT, "`; rm -rf ~ #", "</details><script>alert(1)</script>"], ids=["polyglot", "shell", "markup"]
)
def test_whatever_a_device_or_case_is_called(hostile: str) -> None:
    """If this failed, a serial could end a command and begin another, or become an element of the page."""
    device = verdict(serial=hostile)
    found = Page(render(report(device, case=hostile, runbooks=BOOKS), Screen()))
    known = Page(render(report(verdict(serial="A1"), case="case", runbooks=BOOKS), Screen()))
    assert [tag for tag, _ in found.elements] == [tag for tag, _ in known.elements]
    if hostile.startswith("`"):
        assert "abm-trace explain '`; rm -rf ~ #' --case '`; rm -rf ~ #'" in found.inside("code")
