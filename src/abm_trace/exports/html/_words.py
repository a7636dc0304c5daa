"""What several parts of the page say in the same way: a verdict with its mark, a link to the list, a table."""

from collections.abc import Iterable, Sequence
from typing import Final

from abm_trace.exports._interface import MARKS
from abm_trace.exports.html._markup import Markup, join, tag

BAR: Final = 100
"""The length of a full bar, in its own units."""


def badge(verdict: str) -> Markup:
    """A verdict: its mark, its word and its colour."""
    mark = tag("span", MARKS[verdict], class_="mark", aria_hidden="true")
    return tag("span", mark, verdict.replace("_", " "), class_=f"badge v-{verdict}")


def failures(number: int) -> Markup:
    """How many failed, which has no neutral colour but where none did (SPEC T7)."""
    return tag("span", f"{number:,}", class_="bad" if number else None)


def pick(content: str, **keys: str) -> Markup:
    """Words that filter the list of devices where the script runs, and are words where it does not."""
    return tag("span", content, class_="pick", **{f"data_{key}": value for key, value in keys.items()})


def bar(part: int, whole: int, style: str, *, middle: bool = False) -> Markup:
    """A bar beside its number: the number is the bar's text, so readers of screens skip the picture.

    In the middle, one above the other, bars are a funnel.
    """
    length = max(round(BAR * part / whole, 2), 0.6) if part else 0
    start = round((BAR - length) / 2, 2) if middle else 0
    return tag(
        "svg",
        tag("rect", class_="track", width=BAR, height=10),
        tag("rect", class_=style, x=start, width=length, height=10),
        class_="bar", viewBox=f"0 0 {BAR} 10", preserveAspectRatio="none", aria_hidden="true", focusable="false",
    )  # fmt: skip


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Iterable[int] = ()) -> Markup:
    """A table with its caption and headings; the first cell of a row is its heading, `numbers` are set right."""
    right = frozenset(numbers)
    titles = [
        tag("th", each or tag("span", "as a bar", class_="unseen"), scope="col", class_="n" if at in right else None)
        for at, each in enumerate(head)
    ]
    body = [
        tag(
            "tr",
            *(
                tag("th", cell, scope="row") if not at else tag("td", cell, class_="n" if at in right else None)
                for at, cell in enumerate(row)
            ),
        )
        for row in rows
    ]
    whole = tag("table", tag("caption", caption), tag("thead", tag("tr", *titles)), tag("tbody", *body))
    return wide(whole, caption)


def wide(content: Markup, name: str) -> Markup:
    """What may be wider than the screen: it scrolls by itself, also with the keyboard."""
    return tag("div", content, class_="wide", tabindex=0, role="region", aria_label=name)


def section(anchor: str, title: str, *content: str) -> Markup:
    """A section with its heading."""
    heading = tag("h2", title, id=f"{anchor}-title")
    return tag("section", heading, *content, id=anchor, aria_labelledby=f"{anchor}-title")


def sentence(*parts: str) -> Markup:
    """A paragraph."""
    return tag("p", join(*parts))
