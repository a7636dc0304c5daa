"""What the embedded documents are made of."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm_trace.exports.html._encoding import Numbered, document, instant, since, text


class _Said(msgspec.Struct):
    said: str


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_document_is_harmless_and_says_the_same(said: str) -> None:
    """If this failed, evidence could end the element that holds it, or would be changed on its way to the page."""
    _is_harmless(said)


@pytest.mark.parametrize("said", ["</script><script>", "\x7f", "\u2028\u202e", "日本\U0001f600", "a & b"])
def test_what_ends_an_element_or_a_line(said: str) -> None:
    """If this failed, what hypothesis hardly ever tries would be the first that an attacker does."""
    _is_harmless(said)


def _is_harmless(said: str) -> None:
    data = document(_Said(said))
    assert data.isascii()
    assert not set(b"<>&\x7f") & set(data)
    assert json.loads(data) == {"said": said}


def test_things_are_numbered_as_they_come() -> None:
    """If this failed, a number would lead to another text."""
    numbered: Numbered[str] = Numbered()
    assert [numbered[each] for each in ("b", "a", "b", "c")] == [0, 1, 0, 2]
    assert list(numbered) == ["b", "a", "c"]


def test_times_that_a_number_cannot_hold() -> None:
    """If this failed, a far time would lose its microseconds in a script."""
    assert since(1_500, 0) == 1.5
    assert since(2_000, 4_000) == -2
    assert since(None, 0) is None
    assert since(1 << 51, 0) == "2041-05-10T11:56:53.685248Z"
    assert instant(1 << 52) == "2112-09-17T23:53:47.370496Z" == since(1 << 52, 1 << 52)
    assert instant(1 << 51) == 1 << 51


def test_lone_surrogates_are_replaced() -> None:
    """If this failed, one broken name would cost the whole page."""
    assert text("a\udc80") == "a\ufffd"
