"""Pieces of evidence."""

import json

from abm_lab.apple.pieces import Page, following, line, record


def test_lines_end_and_records_do_not() -> None:
    """Lines would run together, or records of a page would be cut."""
    assert line("x.ndjson", {"a": 1}).content == b'{"a":1}\n'
    piece = record("x", {"a": 1}, lambda page: ("[", "]"))
    assert (piece.content, piece.wrap is None) == (b'{"a":1}', False)


def test_the_last_page_has_no_next() -> None:
    """A reader would wait for a page that never comes."""
    assert following(Page(2, is_last=True, count=3), "u?limit=1") == "null"
    assert json.loads(following(Page(2, is_last=False, count=3), "u?limit=1")) == "u?limit=1&cursor=3"
