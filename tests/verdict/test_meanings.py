"""What the names mean: each has its entry, and what the entry refers to is there."""

from string import Formatter

import pytest

from abm_trace.core.nouns import RUNGS, VERDICTS
from abm_trace.verdict import state
from abm_trace.verdict.layers import RULES
from abm_trace.verdict.meanings import Meaning, known, meanings
from abm_trace.verdict.settings import thresholds

NAMES = {
    "layer": {rule.layer for rule in RULES},
    "cause": {rule.cause for rule in RULES if rule.cause},
    "verdict": set(VERDICTS),
    "rung": set(RUNGS),
}
ENTRIES = [(kind, name, each) for kind, table in meanings().items() for name, each in table.items()]


def test_every_name_has_a_meaning_and_no_other_has() -> None:
    """If this failed, somebody would look up a name of the output and find nothing, or one that is never said."""
    assert {kind: set(table) for kind, table in meanings().items()} == NAMES


def test_causes_stand_in_the_order_of_blocking() -> None:
    """If this failed, the list of causes would be in no order that a reader could learn."""
    order = [rule.cause for rule in RULES if rule.cause]
    assert list(meanings()["cause"]) == order


@pytest.mark.parametrize(("kind", "name", "meaning"), ENTRIES)
def test_an_entry_is_whole(kind: str, name: str, meaning: Meaning) -> None:
    """If this failed, a page would be empty, or name a limit, an origin or a page that is not there."""
    texts = (meaning.means, *meaning.proof, *meaning.never)
    assert meaning.proof
    assert meaning.never
    assert all(text.endswith(".") for text in texts)
    used = {key for text in texts for _, key, _, _ in Formatter().parse(text) if key}
    assert used <= thresholds().items.keys()
    assert not any(brace in meaning.means for brace in "{}")
    assert meaning.known in known()
    assert set(meaning.related) <= set().union(*NAMES.values()) - {name}


def test_the_facts_of_a_rung_are_those_that_prove_it() -> None:
    """If this failed, the page of a rung would name evidence that the ladder does not take, or leave some out."""
    proved = {rung: {kind for kind, each in state._PROVES.items() if each == rung} for rung in RUNGS}
    assert {rung: set(each.facts) for rung, each in meanings()["rung"].items()} == proved


def test_every_limit_that_decides_something_is_told() -> None:
    """If this failed, a limit would decide verdicts and stand on no page."""
    texts = [text for _, _, each in ENTRIES for text in (*each.proof, *each.never)]
    assert {key for text in texts for _, key, _, _ in Formatter().parse(text) if key} == thresholds().items.keys()
