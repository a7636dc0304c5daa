"""Tests of abm_trace.signatures.condition: Sigma's conditions, as tests of a record."""

from pathlib import Path
from typing import Any

import pytest
from tests.signatures.building import read_detection, record

from abm_trace.signatures import SignatureError
from abm_trace.signatures.condition import ANCHOR_LENGTH_MIN, REGEX_SIZE_MAX, check_regex, check_size, regex_literals

ABCD = {
    "alpha": {"message|contains": "alpha"},
    "beta": {"message|contains": "beta"},
    "other": {"message|contains": "gamma"},
}

# condition, messages for which it holds, messages for which it does not
CONDITIONS: list[tuple[str, list[str], list[str]]] = [
    ("alpha and beta", ["alpha beta", "beta alpha"], ["alpha", "beta", ""]),
    ("alpha or beta", ["alpha", "beta", "both alpha beta"], ["gamma"]),
    ("alpha and not beta", ["alpha", "alpha gamma"], ["alpha beta", "gamma"]),
    ("alpha and not (beta or other)", ["alpha"], ["alpha beta", "alpha gamma", "beta"]),
    ("(alpha or beta) and other", ["alpha gamma", "gamma beta"], ["alpha beta", "gamma"]),
    ("1 of them", ["alpha", "beta", "gamma"], ["delta"]),
    ("all of them", ["alpha beta gamma"], ["alpha beta", "gamma"]),
    ("1 of al*", ["alpha"], ["beta", "gamma"]),
    ("all of *a", ["alpha beta"], ["alpha", "alpha gamma"]),
    ("alpha and 1 of b*", ["alpha beta"], ["alpha", "beta"]),
]

# what stands under `selection`, messages that match, messages that do not
SELECTIONS: list[tuple[Any, list[str], list[str]]] = [
    ({"message": "hello world"}, ["hello world", "HELLO World"], ["hello worlds", "say hello world"]),
    ({"message|startswith": "hello"}, ["hello world", "Hello"], ["say hello"]),
    ({"message|endswith": "world"}, ["hello world", "hello WORLD"], ["hello world!"]),
    ({"message|contains": "lo wo"}, ["hello world", "HELLO WORLD"], ["hello_world"]),
    ({"message|contains": ["hello", "world"]}, ["hello", "the world"], ["neither"]),
    ({"message|contains|all": ["hello", "world"]}, ["world hello"], ["hello", "world"]),
    ({"message|cased|contains": "Hello"}, ["say Hello"], ["say hello", "HELLO"]),
    ({"message|cased|startswith": "Hello"}, ["Hello x"], ["hello x", "x Hello"]),
    ({"message": "hello*world"}, ["hello, my world", "helloworld"], ["hello world!", "x hello world"]),
    ({"message": "hel?o world"}, ["helLo world", "helto world"], ["helo world"]),
    ({"message": r"what\? hello"}, ["what? hello"], ["whats hello"]),
    ({"message": r"5 \* hello"}, ["5 * hello"], ["5 x hello"]),
    ({"message|contains": "a.c hello"}, ["a.c hello"], ["abc hello"]),
    ({"message|re": "^hello [0-9]{2,3}$"}, ["hello 12", "hello 123"], ["hello 1", "hello 1234", "Hello 12"]),
    ({"message|re": "hello|hallo"}, [], []),
    ({"message|re|i": "hello [a-z]"}, ["HELLO X", "say hello x"], ["hello 1"]),
    ({"message|contains": "hello", "level": "error"}, [], ["hello"]),
    ([{"message|contains": "hello"}, {"message|contains": "world"}], ["hello", "world"], ["neither"]),
    ({"message|contains": "größe ok"}, ["die Größe OK"], ["groesse ok"]),
    ({"message|contains": 'say "hello"'}, ['he says: say "hello"'], ["say hello"]),
]


@pytest.mark.parametrize(("condition", "matching", "missing"), CONDITIONS, ids=[each[0] for each in CONDITIONS])
def test_a_condition_combines_its_selections(
    tmp_path: Path, condition: str, matching: list[str], missing: list[str]
) -> None:
    """A rule would say something else than Sigma says of it."""
    test = read_detection(tmp_path, {**ABCD, "condition": condition}).test
    assert [message for message in [*matching, *missing] if test(record(message))] == matching


@pytest.mark.parametrize(("selection", "matching", "missing"), SELECTIONS, ids=[str(each[0]) for each in SELECTIONS])
def test_a_selection_means_what_sigma_says(
    tmp_path: Path, selection: object, matching: list[str], missing: list[str]
) -> None:
    """A modifier, a wildcard or the case of letters would be read differently here than in other Sigma tools."""
    if not matching and not missing:
        with pytest.raises(SignatureError, match="fixes no text"):
            read_detection(tmp_path, {"selection": selection, "condition": "selection"})
        return
    test = read_detection(tmp_path, {"selection": selection, "condition": "selection"}).test
    assert [message for message in [*matching, *missing] if test(record(message))] == matching


@pytest.mark.parametrize("keywords", [["hello", "world"], ["HELLO"]])
def test_keywords_stand_anywhere_in_the_message(tmp_path: Path, keywords: list[str]) -> None:
    """A rule without fields would match nothing."""
    test = read_detection(tmp_path, {"keywords": keywords, "condition": "keywords"}).test
    assert test(record("say hello twice"))
    assert not test(record("say goodbye"))


def test_every_field_of_a_record_can_be_asked(tmp_path: Path) -> None:
    """A user could not choose by process, subsystem, category or level (CASE.md)."""
    selection = {
        "message|contains": "hello", "process": "trustd", "subsystem|startswith": "com.apple.security",
        "category": "trust", "level": "error",
    }  # fmt: skip
    test = read_detection(tmp_path, {"selection": selection, "condition": "selection"}).test
    assert test(record("hello", "trustd", "com.apple.securityd", "trust", "Error"))
    for changed in ({"process": "x"}, {"subsystem": "x"}, {"category": "x"}, {"level": "x"}, {"message": "x"}):
        fields = {
            "message": "hello", "process": "trustd", "subsystem": "com.apple.securityd", "category": "trust",
            "level": "Error",
        }  # fmt: skip
        assert not test(record(**{**fields, **changed}))


@pytest.mark.parametrize(
    "pattern",
    [
        "(?=x)abcd", "(?!x)abcd", "(?<=x)abcd", "(?<!x)abcd", r"(a)bcd\1", "(?P<x>a)bcd(?P=x)", "(a)?(?(1)b|c)",
        "[[a]bcd", "[a--b]cde",
        "(a+)+",
        "(a*)*", "(a+){2,}", "((ab)*c)+", "(a|b+)*", "(?:x(?:y{1,})z)*", "(unclosed", "a{1,999999999999}", "x" * 1001,
    ],
    ids=lambda pattern: pattern[:24],
)  # fmt: skip
def test_an_expression_that_cannot_be_matched_in_linear_time_or_warns_is_refused(pattern: str) -> None:
    """One user rule could hang the triage (PROMISES R23), or have Python print a warning into its output."""
    with pytest.raises(SignatureError):
        check_regex(pattern)


@pytest.mark.parametrize(
    "pattern", ["(ab){2,5}c+", "(a|b)+", "^x.*y$", "(a{1,3})+", "(?:ab)*c", r"\d+\.\d+", "(?i)abc"]
)
def test_an_ordinary_expression_is_allowed(pattern: str) -> None:
    """A bound would refuse what everybody writes."""
    check_regex(pattern)
    check_size(pattern)


@pytest.mark.parametrize(
    ("pattern", "size"),
    [
        ("abc", 3), ("a*b+", 2), ("a{7}", 7), ("a{3,}", 3), ("(ab){2,5}", 10), ("(a{10}|bc){3}?", 36), ("[a-z]{4}", 4),
        (".{4}", 32), ("[^a]{4}", 32), (r"\D[^\d]", 16), ("[à-ö]", 8), ("(){9}", 9), ("(?:a{99}){0}", 99),
    ],
)  # fmt: skip
def test_an_expression_is_as_long_as_its_counted_repeats_make_it(pattern: str, size: int) -> None:
    """`((a{1000}){1000}){1000}` took 28 s and 1.7 GB to be refused, and what is as long would be let through."""
    check_size(f"(?:{pattern}){{{REGEX_SIZE_MAX // size}}}")
    with pytest.raises(SignatureError, match="counted repeats"):
        check_size(f"(?:{pattern}){{{REGEX_SIZE_MAX // size + 1}}}")


def test_a_rule_of_many_expressions_without_counts_is_allowed() -> None:
    """A list of what somebody knows would be refused for its length, though it takes no time."""
    size = 0
    for _ in range(100):
        size = check_size("a.b.c.d" * 100, size)
    assert size == 0


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        ("hello", ["hello"]),
        ("^hello .* world$", ["hello ", " world"]),
        ("hello (big) world", ["hello ", "big", " world"]),
        ("hello|world", []),
        ("(hello|hallo) world", [" world"]),
        ("hello (big )?world", ["hello ", "world"]),
        ("hello[0-9]world", ["hello", "world"]),
        (r"hello\.world", ["hello.world"]),
    ],
)
def test_only_texts_that_every_match_holds_are_literals(pattern: str, texts: list[str]) -> None:
    """The scan would look for a text that a matching line need not hold, and miss the line."""
    found = "\0".join(text for text in regex_literals(pattern) if text)
    assert all(text.strip() in found for text in texts)
    if not texts:
        assert found == ""
    for text in found.split("\0"):
        assert text in pattern.replace("(", "").replace(")", "").replace("\\", "") or not text


@pytest.mark.parametrize(
    "detection",
    [
        {"selection": {"message|contains": "abc"}, "condition": "selection"},
        {"selection": {"level": "error"}, "condition": "selection"},
        {"selection": {"message|contains": "hello"}, "condition": "not selection"},
        {"selection": {"message|re": "[a-z]{4,9}"}, "condition": "selection"},
        {"a": {"message|contains": "hello"}, "b": {"message|contains": "abc"}, "condition": "a or b"},
        {"selection": {"message|contains": "ä" * 8}, "condition": "selection"},
        {"selection": {"message": "*"}, "condition": "selection"},
        {"selection": {"message": 4001}, "condition": "selection"},
    ],
    ids=str,
)
def test_a_rule_that_could_stand_in_any_line_is_refused(tmp_path: Path, detection: dict[str, Any]) -> None:
    """Every line of every log would have to be parsed in Python."""
    with pytest.raises(SignatureError, match=f"fixes no text of {ANCHOR_LENGTH_MIN} characters"):
        read_detection(tmp_path, detection)
