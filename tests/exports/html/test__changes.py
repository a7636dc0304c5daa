"""The hand-over of a shift stands in the page too, as the terminal says it."""

import re
from typing import Any

import msgspec
import pytest
from tests.exports.building import AS_OF, healthy, report, verdict
from tests.exports.html.hostile import POLYGLOTS
from tests.exports.html.reading import Page

from abm_trace.core.changes import Changes
from abm_trace.core.nouns import Verdict
from abm_trace.exports import Report, Screen, render
from abm_trace.exports.html import _changes
from abm_trace.views.changes import changes

HOUR = 3_600_000_000


def shown(before: list[Verdict], after: list[Verdict], **changed: Any) -> Report:  # noqa: ANN401  # Whatever it takes.
    """A report that was asked what changed."""
    as_of = max((each.as_of for each in before), default=AS_OF)
    found = Changes(changed.pop("since", "last.ndjson"), as_of, len(before), changes(before, after))
    return report(*after, changes=found, **changed)


def page(before: list[Verdict], after: list[Verdict], **changed: Any) -> Page:  # noqa: ANN401  # As above.
    """Its page."""
    return Page(render("html", shown(before, after, **changed), Screen()))


def earlier(*verdicts: Verdict) -> list[Verdict]:
    """The same an hour before."""
    return [msgspec.structs.replace(each, as_of=AS_OF - HOUR) for each in verdicts]


BEFORE = earlier(healthy("A0"), verdict(serial="B0"), verdict(serial="C0"), healthy("D0"), verdict(serial="E0"))
AFTER = [
    verdict(serial="A0"), healthy("B0"), verdict(serial="C0", layer="L3"), verdict(serial="E0"),
    verdict(serial="F0", verdict="rejected"), verdict(serial="G0", verdict="in_progress", layer=None),
]  # fmt: skip


def test_it_says_what_the_terminal_says() -> None:
    """If this failed, two pages of one hand-over would give two numbers."""
    text = page(BEFORE, AFTER).text
    said = " ".join(render("text", shown(BEFORE, AFTER), Screen(width=400)).decode().split())
    first = re.match(r"✗ .*? stand failed \([^)]*\)", said)
    assert first
    assert first[0] in text.replace("\xa0", " ")
    for each in ("Newly failed", "Recovered", "New in the case", "Gone from the case", "Changed otherwise"):
        assert each in text
        assert each in said
    for each in (
        "vanished L6 identity → vanished L3 clock", "by new evidence", "Still open from before: 2 devices",
        "… 1 device in progress; the last deadline is",
    ):  # fmt: skip
        assert each in text.replace("\xa0", " ")
        assert each in said


def test_the_most_urgent_stands_first_and_leads_to_its_device() -> None:
    """If this failed, a tired reader would read what is well before what is not, or search for it by hand."""
    found = page(BEFORE, AFTER)
    text = found.text
    order = [text.index(each) for each in ("Newly failed", "New in the case", "Recovered", "Changed otherwise")]
    assert order == sorted(order)
    links = [at["href"] for tag, at in found.elements if tag == "a" and str(at["href"]).startswith("#device=")]
    wanted = ["#device=A0", "#device=F0", "#device=G0", "#device=B0", "#device=C0"]  # Steps lead to devices, too.
    assert wanted in [links[at : at + len(wanted)] for at in range(len(links))]
    assert "D0 clinic-01 Gone from the case no source of the case names it any more" in text
    assert ("a", {"href": "#changes"}) in found.elements


@pytest.mark.parametrize(("before", "after", "said"), [
    ([msgspec.structs.replace(healthy("A0"), as_of=AS_OF + 1)], healthy("A0"), "are they the right way round?"),
    (earlier(healthy("B0")), healthy("A0"), "is it the same rollout?"),
    (earlier(verdict(simulated=True)), healthy("F9FXQ1ABCD"), "SIMULATED: the lab made this case"),
    (earlier(verdict()), verdict(verdict="not_started", layer=None, last_rung="known", findings=()),
     "Of 1 device evidence went away: what is said better of them now is no recovery."),
])  # fmt: skip
def test_what_makes_it_doubtful_is_a_warning(before: list[Verdict], after: Verdict, said: str) -> None:
    """If this failed, files that were swapped, or a log that was lost, would look like a night full of recoveries."""
    assert said in page(before, [after]).text.replace("\xa0", " ")


def test_nothing_changed_and_nothing_asked() -> None:
    """If this failed, a quiet night would look alarming; or a page would speak of a comparison that nobody made."""
    assert "· 0 devices newly failed" in page(earlier(healthy("A0")), [healthy("A0")]).text.replace("\xa0", " ")
    assert "What changed" not in Page(render("html", report(healthy("A0")), Screen())).text


def test_thousands_are_counted_and_not_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a night in which everything changed would be a page that nobody can open."""
    monkeypatch.setattr(_changes, "_DEVICES_MAX", 3)
    text = page(earlier(*(healthy(f"A{n}") for n in range(9))), [verdict(serial=f"A{n}") for n in range(9)]).text
    assert "A2 clinic-01" in text
    assert "A3 clinic-01" not in text
    assert "and 6 more" in text.replace("\xa0", " ")


@pytest.mark.parametrize("text", POLYGLOTS)
def test_nothing_foreign_becomes_markup(text: str) -> None:
    """If this failed, an earlier verdict file could run in the browser of whoever takes over."""

    def found(said: str) -> Page:
        was = verdict(serial=said, site=said, layer=said, cause=said, verdict="vanished")
        return page(earlier(was), [msgspec.structs.replace(was, site="x", last_rung="known")], since=said, case=said)

    hostile, harmless = found(text), found("harmless")
    assert [tag for tag, _ in hostile.elements] == [tag for tag, _ in harmless.elements]
    assert all(str(at["href"]).startswith("#") for tag, at in hostile.elements if tag == "a")


def test_verdicts_are_words() -> None:
    """If this failed, the names of the NDJSON would stand before people, who read "half confirmed" elsewhere."""
    half = verdict(serial="A0", verdict="half_confirmed")
    text = page(earlier(healthy("A0")), [half]).text
    assert "(1 half confirmed)" in text
    assert "confirmed → half confirmed L6 identity" in text
