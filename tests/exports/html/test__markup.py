"""HTML by construction."""

import pytest
from tests.exports.html.hostile import POLYGLOTS
from tests.exports.html.reading import Page

from abm_trace.exports.html._markup import join, tag, text


@pytest.mark.parametrize("foreign", POLYGLOTS)
def test_foreign_text_stays_text(foreign: str) -> None:
    """If this failed, evidence could write elements or attributes into the page."""
    page = Page(tag("p", foreign, title=foreign, data_site=foreign).encode())
    ((name, attributes),) = page.elements
    assert name == "p"
    assert attributes.keys() == {"title", "data-site"}


def test_markup_is_kept_and_text_is_escaped_once() -> None:
    """If this failed, readers would see `&amp;lt;`, or our own elements as text."""
    assert tag("p", join("a<b", tag("b", "c&d")), text("<")) == "<p>a&lt;b<b>c&amp;d</b>&lt;</p>"


def test_attributes() -> None:
    """If this failed, a switched-off attribute would be switched on by its name."""
    assert tag("input", hidden=False, title=None, disabled=True, class_="x") == '<input disabled class="x">'


def test_hidden_characters_are_shown() -> None:
    """If this failed, marks that reorder letters could make one serial look like another."""
    assert text("a\u202eb") == "a\\u202eb"


def test_a_command_can_be_copied() -> None:
    """If this failed, a path with a number in it would be copied with a blank that no shell splits at."""
    assert tag("p", "3 devices") == "<p>3\u00a0devices</p>"
    assert tag("code", "triage '3 devices'") == "<code>triage &#x27;3 devices&#x27;</code>"
