"""The one function that makes foreign text harmless for a screen."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from abm_trace.exports import plain

HARMFUL = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text(st.characters()))
def test_no_control_survives(text: str) -> None:
    """If this failed, some control, format or separator character would reach a terminal raw."""
    assert [each for each in plain(text) if unicodedata.category(each) in HARMFUL - {"Cf"}] == []
    assert [each for each in plain(text) if each in "\u061c\u00ad\u200b\u200e\u200f\u202e\u2066\ufeff"] == []


@given(st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters="\u3164\uffa0\u115f\u1160")))
def test_honest_text_stays(text: str) -> None:
    """If this failed, the name of a clinic would be shown in escapes."""
    assert plain(text) == text


def test_escapes_and_what_is_kept() -> None:
    """If this failed, a reader could not tell which character stood there, or lines would run together."""
    assert plain("a\x1b[31m\u202eb\U000e0041") == r"a\u001b[31m\u202eb\U000e0041"
    assert plain("a\nb\r", keep="\n") == "a\nb\\u000d"
