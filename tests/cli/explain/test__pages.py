"""The pages of the reference: one for every name, made of the data, and complete."""

from pathlib import Path

import pytest

from abm_trace import signatures
from abm_trace.cli.explain._pages import KINDS, Topic, find, heading, names, near, page
from abm_trace.exports._interface import LAYERS
from abm_trace.verdict.meanings import meanings
from abm_trace.verdict.settings import actions, reasons, thresholds

ROOT = Path(__file__).parents[3]
RULES = signatures.load()[0]
TOPICS = [Topic(kind, name) for kind, each in names().items() for name in each]


def text(topic: Topic) -> str:
    """All that the page says, in one string."""
    made = page(topic, RULES)
    parts = [made.title, made.lead]
    for each in made.sections:
        parts += [each.title, *each.texts, *each.quotes, *(f"{about.name} {note}" for about, note in each.topics)]
    return "\n".join(parts)


@pytest.mark.parametrize("topic", TOPICS)
def test_every_name_has_a_whole_page(topic: Topic) -> None:
    """If this failed, a name of the output would have no page, an empty part, or a place-holder in it."""
    made = page(topic, RULES)
    assert made.lead
    assert topic.name.replace("_", " ") in made.title.replace("_", " ")
    for section in made.sections:
        assert section.texts or section.topics or section.quotes, section.title
        assert {about for about, _ in section.topics} <= set(TOPICS)
        if topic.kind != "signature":
            assert not any(brace in said for said in section.texts for brace in "{}")


def test_each_signature_of_a_layer_stands_on_its_page() -> None:
    """If this failed, a rule could prove a layer or cause whose page does not name it."""
    for rule in RULES:
        if rule.layer and rule.layer != "L0":
            assert f"{rule.id} {rule.confidence} %" in text(Topic("layer", rule.layer))
        if rule.cause:
            assert f"{rule.id} {rule.confidence} %" in text(Topic("cause", rule.cause))


def test_the_sentences_are_the_datas() -> None:
    """If this failed, a page would say something else than the tracer does."""
    clock = text(Topic("layer", "L3"))
    limit = thresholds().items["clock_s"]
    assert f"`clock_s` = {limit.value:g} s, origin {limit.origin}: {limit.meaning}" in clock
    assert all(f"`{word}`" in clock for layer, words in reasons() if layer == "L3" for word in words)
    assert "after L5 payload, before L1 trust" in clock
    released = actions()["cause"]["released"]
    assert released.removeprefix("{serial}") in text(Topic("cause", "released"))
    for key in ("half_confirmed_mdm", "half_confirmed_apple"):
        assert actions()["verdict"][key].partition("{serial}")[2] in text(Topic("verdict", "half_confirmed"))


def test_a_signature_shows_its_rule_and_its_examples() -> None:
    """If this failed, the page of a rule would not say what it matches, or what comes near and does not count."""
    (rule,) = (each for each in RULES if each.id == "abm-identifier-rejected")
    said = text(Topic("signature", rule.id))
    assert "message|cased|startswith: ABMRegistrationFailedWithErrorDomain" in said
    for example in rule.examples:
        assert example.message in said
    assert all(reference in said for reference in rule.references)
    assert actions()["proof"]["mdm-untrusted"].partition("{site}")[2] in text(Topic("signature", "mdm-untrusted"))


def test_the_facts_that_pages_name_are_facts() -> None:
    """If this failed, a page would send its reader to a kind of fact that nothing makes."""
    documented = (ROOT / "docs/facts.md").read_text(encoding="utf-8")
    made = {rule.fact for rule in RULES} | {"booted"}  # A capture's own beginning.
    named = {fact for table in meanings().values() for each in table.values() for fact in each.facts}
    assert {fact for fact in named if fact not in made and f"`{fact}`" not in documented} == set()


@pytest.mark.parametrize(
    ("word", "topics"),
    [
        ("l3", [Topic("layer", "L3")]),
        ("CLOCK", [Topic("layer", "L3")]),
        ("Token-Expired", [Topic("cause", "token_expired")]),
        ("half confirmed", [Topic("verdict", "half_confirmed")]),
        ("rejected", [Topic("cause", "rejected"), Topic("verdict", "rejected")]),
        ("mdm_unreachable", [Topic("cause", "mdm_unreachable")]),
        ("mdm-unreachable", [Topic("signature", "mdm-unreachable")]),
        ("F9FXQ1ABCD", []),
    ],
)
def test_a_word_finds_its_topics(word: str, topics: list[Topic]) -> None:
    """If this failed, a name as people write it would find nothing, or more than was meant."""
    assert find(word, names()) == topics


def test_a_typing_error_finds_its_neighbours() -> None:
    """If this failed, a slip would lead nowhere, or any serial would be taken for a name."""
    assert near("vanishd", names())[0] == "vanished"
    assert set(near("L9", names())) <= set(LAYERS)
    assert near("F9FXQ1ABCD", names()) == []
    assert near("expired", names())[:2] == ["token_expired", "cursor_expired"]
    assert near("clok", names()) == ["clock-offset"]
    assert near("DMPXKQWRTZ", names()) == []


def test_the_kinds_are_those_of_the_names() -> None:
    """If this failed, a whole kind of names would have no list."""
    assert tuple(names()) == KINDS
    assert heading(Topic("rung", "known"), {}) == "known: rung 1 of 10"
