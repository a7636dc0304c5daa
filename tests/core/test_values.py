"""How many values a JSON text holds, told before it is decoded."""

import pytest

from abm_trace.core.values import VALUES_MAX, too_many

MANY = VALUES_MAX + 1


@pytest.mark.parametrize(
    "text",
    [b"[" + b"{}," * MANY + b"0]", b"[" + b"0," * MANY + b"0]", b"[" * MANY, b'{"":[' + b'"ab",' * MANY + b"0]}",
     b"{" + b'"a":0,' * (MANY // 2) + b'"b":0}', b"[NaN" + b",{}" * MANY + b"]", b'["]",' + b"{}," * MANY],
    ids=["objects", "numbers", "deep", "texts", "members", "no JSON", "bracket in a text"],
)  # fmt: skip
def test_what_is_too_many_is_told(text: bytes) -> None:
    """If this failed, one file of 63 MiB would take 1.6 GB."""
    assert too_many(text)
    assert too_many(b" " * 9 + text, 9)
    assert not too_many(text[: len(text) // 3])


@pytest.mark.parametrize(
    "text",
    [b'{"text":"' + b"{}," * MANY + b'"}', b'{"text":"' + b'\\"a\\":[],' * MANY + b'"}', b'["' + b"{}," * MANY,
     b"[0]" + b",{}" * MANY, b'"a"' + b",{}" * MANY, b"0" + b",{}" * MANY, b"[" + b"0," * (VALUES_MAX - 1) + b"0]"],
    ids=["body", "escaped body", "cut text", "behind a list", "behind a text", "behind a number", "as many as may be"],
)  # fmt: skip
def test_what_stands_in_texts_and_behind_the_value_does_not_count(text: bytes) -> None:
    """If this failed, an archive whose one body is a large export would not be read."""
    assert not too_many(text)
