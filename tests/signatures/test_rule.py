"""Tests of abm_trace.signatures.rule: what a file must be to become a signature, and where it is refused."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.signatures.building import DETECTION_LINE, HEAD, read_text, record

from abm_trace.signatures import SignatureError, rule
from abm_trace.signatures._interface import SIZE_BYTES_MAX

GOOD = "  selection:\n    message|startswith: 'USERMARK seen'\n  condition: selection\n"
D = DETECTION_LINE

# text, the line that must be named, what the complaint must say
REFUSED: dict[str, tuple[str, int, str]] = {
    "a mapping as a key": (HEAD + GOOD + "? a: b\n  c: d\n: e\n", D + 3, "a key is one word"),
    "a date that cannot be": (HEAD + GOOD + "date: 2026-99-99\n", 1, "not what it looks like"),
    "look-ahead": (HEAD + "  selection:\n    message|re: 'ABMR(?=x)'\n  condition: selection\n", D + 1, ""),
    "look-behind": (HEAD + "  selection:\n    message|re: '(?<!x)ABMR'\n  condition: selection\n", D + 1, ""),
    "back-reference": (
        HEAD + "  selection:\n    message|re: '(A|B)MRS\\1'\n  condition: selection\n", D + 1, "",
    ),
    "nested repeats": (
        HEAD + "  selection:\n    message|re: 'ABMR(a+)+$'\n  condition: selection\n", D + 1, "repeat without bound",
    ),
    "second of a list": (
        HEAD + "  selection:\n    message|re:\n      - 'ABMRfine'\n      - 'ABMR(a*)*'\n  condition: selection\n",
        D + 3,
        "repeat without bound",
    ),
    "no expression": (HEAD + "  selection:\n    message|re: 'ABMR(x'\n  condition: selection\n", D + 1, ""),
    "nested repeats, counted": (
        HEAD + "  selection:\n    message|re: 'ABMR(?:a{1,}b)+'\n  condition: selection\n", D + 1, "repeat without",
    ),
    "possessive": (HEAD + "  selection:\n    message|re: 'ABMRa++'\n  condition: selection\n", D + 1, ""),
    "atomic": (HEAD + "  selection:\n    message|re: 'ABMR(?>ab)c'\n  condition: selection\n", D + 1, ""),
    "named back-reference": (
        HEAD + "  selection:\n    message|re: '(?P<x>ABMR)(?P=x)'\n  condition: selection\n", D + 1, "back-reference",
    ),
    "a bound too large": (
        HEAD + "  selection:\n    message|re|i: 'ABMRa{1,60000}'\n  condition: selection\n", D + 1, "counted repeats",
    ),
    "counted repeats of counted repeats": (
        HEAD + "  selection:\n    message|re: 'ABMR((a{1000}){1000}){1000}'\n  condition: selection\n",
        D + 1,
        "1,000,000,004 characters long, of 4,000",
    ),
    "counted repeats of any character": (
        HEAD + "  selection:\n    message|re: 'ABMR.{1,1000}x'\n  condition: selection\n", D + 1, "counted repeats",
    ),
    "too many counted repeats together": (
        HEAD + "  selection:\n    message|re:\n" + "      - 'ABMR.{1,450}x'\n" * 3 + "  condition: selection\n",
        D + 4,
        "10,815 characters long, of 8,000 at most",
    ),
    "a keyword": (HEAD + "  selection:\n    '|re': 'ABMR(?=x)'\n  condition: selection\n", D + 1, "look-around"),
    "in a list of maps": (
        HEAD + "  selection:\n    - message: 'abcdef'\n    - message|re: 'ABMR(?!x)'\n  condition: selection\n",
        D + 2,
        "look-around",
    ),
    "field in a list of maps": (
        HEAD + "  selection:\n    - message: 'abcdef'\n    - host: 'x'\n  condition: selection\n", D + 2, "host",
    ),
    "modifier after a known one": (
        HEAD + "  selection:\n    message|contains|expand: 'abcdef'\n  condition: selection\n", D + 1, "expand",
    ),
    "value": (HEAD + GOOD + "value: '(a+)+'\n", D + 3, "repeat without bound"),
    "look-around in the value": (HEAD + GOOD + "value: 'seen(?=x)'\n", D + 3, "look-around"),
    "back-reference in the value": (HEAD + GOOD + "value: '(a)\\1'\n", D + 3, "back-reference"),
    "merge key": (HEAD + "  selection:\n    <<: *x\n  condition: selection\n", D + 1, ""),
    "alias": (HEAD + "  selection:\n    message: [&x 'abcdef', *x]\n  condition: selection\n", D + 1, "alias"),
    "anchor alone": (HEAD + "  selection: &x\n    message: 'abcdef'\n  condition: selection\n", D, "alias"),
    "tag": (HEAD + "  selection:\n    message: !!str 'abcdef'\n  condition: selection\n", D + 1, "tag"),
    "python tag": (
        HEAD + "  selection:\n    message: !!python/name:os.system x\n  condition: selection\n",
        D + 1,
        "tag",
    ),
    "unknown key": (HEAD + GOOD + "severity: high\n", D + 3, "severity"),
    "unknown field": (HEAD + "  selection:\n    EventID: 4625\n  condition: selection\n", D + 1, "EventID"),
    "second field unknown": (
        HEAD + "  selection:\n    message: 'abcdef'\n    Image: 'x'\n  condition: selection\n", D + 2, "Image",
    ),
    "unknown modifier": (
        HEAD + "  selection:\n    message|frobnicate: 'abcdef'\n  condition: selection\n", D + 1, "frobnicate",
    ),
    "unfit modifier": (HEAD + "  selection:\n    message|cidr: 'abcdef'\n  condition: selection\n", D + 1, ""),
    "repeated key": (
        HEAD + "  selection:\n    message: 'abcdef'\n    message: 'ghijkl'\n  condition: selection\n", D + 2, "twice",
    ),
    "repeated top key": (HEAD + GOOD + "title: again\n", D + 3, "twice"),
    "no anchor": (HEAD + "  selection:\n    message|contains: 'abc'\n  condition: selection\n", D + 2, "fixes no text"),
    "unknown layer": (
        (HEAD + GOOD).replace("layer: L6", "layer: L9"),
        HEAD[: HEAD.index("layer")].count("\n") + 1,
        "L9",
    ),
    "unknown level": ((HEAD + GOOD).replace("level: high", "level: grave"), 7, ""),
    "confidence": (HEAD + GOOD + "confidence: 101\n", D + 3, "0 to 100"),
    "confidence of words": (HEAD + GOOD + "confidence: very\n", D + 3, "0 to 100"),
    "confidence true": (HEAD + GOOD + "confidence: true\n", D + 3, "0 to 100"),
    "examples": (HEAD + GOOD + "examples: [x]\n", D + 3, "examples"),
    "an example without a message": (HEAD + GOOD + "examples:\n  match:\n    - process: x\n", D + 3, "examples"),
    "deep condition": (
        HEAD + "  selection:\n    message: 'abcdef'\n  condition: " + "(" * 51 + "selection" + ")" * 51 + "\n",
        D + 2,
        "50 brackets",
    ),
    "deep condition in a list": (
        HEAD + "  selection:\n    message: 'abcdef'\n  condition: ['" + "(" * 51 + "']\n", D + 2, "50 brackets",
    ),
    "long condition": (
        HEAD + "  selection:\n    message: 'abcdef'\n  condition: " + "(" * 50_000 + "\n", D + 2, "4,000 characters",
    ),
    "damaged condition": (
        HEAD + "  selection:\n    message: 'abcdef'\n  condition: (selection\n", D + 2, "not a valid Sigma rule",
    ),
    "two conditions": (
        HEAD + "  selection:\n    message: 'abcdef'\n  condition: [selection, selection]\n", D + 2, "not a valid",
    ),
    "condition of nothing": (HEAD + "  selection:\n    message: 'abcdef'\n  condition: selection and x\n", D + 2, ""),
    "not YAML": ("title: [unclosed\nlayer: L6\n", 2, "YAML"),
    "a list": ("- title: x\n", 1, "mapping"),
    "empty": ("", 1, "mapping"),
    "too deep": ("title: " + "[" * 50 + "]" * 50 + "\n", 1, "deep"),
    "very deep": ("title: " + "[" * 60_000, 1, ""),
    "too large": (HEAD + GOOD + "#" * SIZE_BYTES_MAX, 1, "larger"),
    "two documents": (HEAD + GOOD + "---\n" + HEAD + GOOD, D + 3, ""),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_bad_rule_is_refused_with_file_and_line(tmp_path: Path, name: str) -> None:
    """CASE.md: a bad rule is named with file and line; its author would search for the fault."""
    text, line, said = REFUSED[name]
    with pytest.raises(SignatureError) as caught:
        read_text(tmp_path, text)
    assert caught.value.path == "made.yml"
    assert said in str(caught.value)
    assert caught.value.line == line


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """A rule that vanished would end the triage."""
    with pytest.raises(SignatureError, match="cannot be read"):
        rule.read(tmp_path / "absent.yml")


def test_a_good_rule_is_read_whole(tmp_path: Path) -> None:
    """What the rule says of itself would not reach its findings."""
    text = HEAD + GOOD + "cause: rejected\nfact: made\nvalue: 'seen (?P<request_id>\\w+)'\n"
    signature = read_text(tmp_path, text)
    assert (signature.id, signature.layer, signature.cause, signature.fact) == ("made", "L6", "rejected", "made")
    assert signature.confidence == rule.CONFIDENCE["high"]
    assert signature.anchors == {("USERMARK seen", False)}
    assert not signature.everywhere


@pytest.mark.parametrize(("level", "confidence"), sorted(rule.CONFIDENCE.items()))
def test_confidence_follows_the_level_unless_it_is_said(tmp_path: Path, level: str, confidence: int) -> None:
    """A rule without a figure would weigh nothing, or more than its author meant."""
    text = (HEAD + GOOD).replace("level: high", f"level: {level}")
    assert read_text(tmp_path, text).confidence == confidence
    assert read_text(tmp_path, text + "confidence: 42\n").confidence == 42


@given(data=st.data())
def test_any_damaged_rule_is_a_signature_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """A hostile rule would end the triage with an error that nobody catches."""
    text = HEAD + GOOD
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(text)))
        piece = data.draw(
            st.sampled_from(["[", "{", "&a ", "*a", "!!x ", "\t", "\x00", ":", "|re", "''", "- ", "null", ""])
        )
        text = text[:place] + piece + text[place + data.draw(st.integers(0, 12)) :]
    try:
        signature = read_text(tmp_path_factory.getbasetemp(), text)
    except SignatureError as error:
        assert error.line is not None  # noqa: PT017  # Either outcome is right, each with its own condition.
    else:
        assert signature.anchors


def test_a_condition_may_have_many_brackets(tmp_path: Path) -> None:
    """If this fails, a rule that somebody nested with care is refused."""
    deep = "(" * 50 + "selection" + ")" * 50 + " or (selection)" * 99
    read = read_text(tmp_path, HEAD + GOOD.replace("condition: selection", f"condition: {deep}"))
    assert read.test(record("USERMARK seen"))
