"""The hand-over of a shift, on one page."""

from typing import Any

import msgspec
import pytest
from tests.exports.building import AS_OF, POLYGLOT, healthy, report, verdict

from abm_trace.core.changes import Changes
from abm_trace.core.nouns import Verdict
from abm_trace.exports import Screen, render
from abm_trace.views.changes import changes

HOUR = 3_600_000_000
SCREEN = Screen(width=120)


def page(before: list[Verdict], after: list[Verdict], screen: Screen = SCREEN, **changed: Any) -> str:  # noqa: ANN401
    """The page of these two."""
    as_of = max((each.as_of for each in before), default=AS_OF)
    since = changed.pop("since", "last.ndjson")
    found = Changes(since, as_of, len(before), changes(before, after))
    return render("text", report(*after, changes=found, **changed), screen).decode()


def earlier(*verdicts: Verdict) -> list[Verdict]:
    """The same an hour before."""
    return [msgspec.structs.replace(each, as_of=AS_OF - HOUR) for each in verdicts]


def test_the_first_sentence_has_the_numbers() -> None:
    """If this failed, whoever takes over would have to count."""
    before = earlier(healthy("A0"), verdict(serial="B0"), verdict(serial="C0"), healthy("D0"), healthy("E0"))
    after = [verdict(serial="A0"), healthy("B0"), verdict(serial="C0", layer="L3"), healthy("E0"),
             verdict(serial="F0", verdict="rejected")]  # fmt: skip
    text = " ".join(page(before, after).split())
    assert "✗ 2 devices newly failed since 2026-05-17 07:47:12 UTC (02:47:12 CDT) (1 vanished, 1 rejected), " in text
    assert "1 recovered, 1 changed otherwise, 1 new, 1 gone, 1 unchanged; now 3 of 5 devices stand failed" in text


def test_what_must_be_looked_at_stands_first() -> None:
    """If this failed, a tired reader would read what is well before what is not."""
    before = earlier(healthy("A0"), verdict(serial="B0"), verdict(serial="C0"), verdict(serial="D0", site="x"))
    after = [verdict(serial="A0"), healthy("B0"), verdict(serial="C0", layer="L3"), verdict(serial="D0", site="x")]
    lines = page(before, after).splitlines()
    titles = [line for line in lines if line and not line.startswith((" ", "✗"))]
    assert titles == [
        "Newly failed: 1 device", "Recovered: 1 device", "Changed otherwise: 1 device",
        "Still open from before: 2 devices", "next  abm-trace explain A0 --case case",
        "then  abm-trace triage case --format ndjson --out verdicts.ndjson   (for the next hand-over's --since)",
    ]  # fmt: skip
    assert "  ✗ vanished L6 identity → vanished L3 clock · 1 device" in lines


def test_why_and_where_stand_beside_each() -> None:
    """If this failed, a newly failed device would have to be believed."""
    rows = page(earlier(healthy("A0")), [verdict(serial="A0")])
    assert "1 by new evidence" in rows
    assert "A0  clinic-01  enrolled → requested  logs/F9FXQ1ABCD.log:41  abm-identifier-rejected: L6 rejected" in rows


def test_evidence_that_went_away_is_no_recovery() -> None:
    """If this failed, a log that was lost would look like good news."""
    after = verdict(verdict="not_started", layer=None, last_rung="known", findings=())
    text = page(earlier(verdict()), [after])
    assert "Of 1 device evidence went away: what is said better of them now is no recovery." in text


@pytest.mark.parametrize(("before", "said"), [
    ([msgspec.structs.replace(healthy("A0"), as_of=AS_OF + 1)], "are they the right way round?"),
    (earlier(healthy("B0")), "is it the same rollout?"),
])  # fmt: skip
def test_a_comparison_that_makes_no_sense_says_so(before: list[Verdict], said: str) -> None:
    """If this failed, two files that were swapped would be handed over as a night full of recoveries."""
    assert said in page(before, [healthy("A0")])


def test_nothing_changed() -> None:
    """If this failed, a quiet night would have no page, or an alarming one."""
    text = page(earlier(healthy("A0")), [healthy("A0")])
    assert text.startswith("· 0 devices newly failed")
    assert "Still open from before: 0 devices" in text


def test_a_terminal_gets_some_of_each_group() -> None:
    """If this failed, one group of a thousand would push all others off the screen; or a file would lack some."""
    before = earlier(*(healthy(f"A{number:03d}") for number in range(100)))
    after = [verdict(serial=f"A{number:03d}") for number in range(100)]
    assert "and 62 more" in page(before, after, Screen(width=120, rows=40))
    assert sum("abm-identifier-rejected" in line for line in page(before, after).splitlines()) == 100


def test_foreign_text_is_not_obeyed() -> None:
    """If this failed, an earlier file could write on the screen of whoever compares with it."""
    finding = msgspec.structs.replace(verdict().findings[0], text=POLYGLOT, id=POLYGLOT)
    hostile = verdict(serial=POLYGLOT, site=POLYGLOT, cause=POLYGLOT, layer="L0", findings=(finding,))
    text = page(earlier(hostile, verdict()), [healthy("A0"), healthy("F9FXQ1ABCD")], since=POLYGLOT)
    assert "\\u202e" in text
    assert not set(text) & set("\x1b\x07\u009b\u202e\u2066\u2028\r\u200b")


def test_verdicts_are_words() -> None:
    """If this failed, the names of the NDJSON would stand before people, who read "half confirmed" elsewhere."""
    half = verdict(serial="A0", verdict="half_confirmed", missing=("mdm",))
    for before in (half, healthy("A0")):
        text = page(earlier(before), [half])
        assert "◐  half confirmed" in text or "→ half confirmed" in text
        assert "half_confirmed" not in text
