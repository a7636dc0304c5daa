"""A person's screen: colours, marks, columns and wrapped sentences, each of which also works without colours."""

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import zip_longest
from typing import Final

from abm_trace.core.instants import local, to_datetime
from abm_trace.exports._interface._plain import plain

PROSE_WIDTH_MAX: Final = 120
"""Sentences are not set wider than this: the eye loses the line. Origin: ours."""

LABEL_WIDTH: Final = 10
"""How much room a label has before its sentence."""

_COUNTED: Final = re.compile(r"(?<=\d) (?=%|(?:vanished|rejected|half|unknown|devices?)\b)")
_PAINT: Final = re.compile("\x1b\\[[0-9;]*m")

# Only the terminal's own named colours, so that they fit its background; yellow is never bold, which makes it so bright
# that white backgrounds swallow it.
_STYLES: Final = {
    "bold": "1", "faint": "2",
    "vanished": "1;31", "rejected": "1;31", "half_confirmed": "31", "unknown": "35", "in_progress": "36",
    "not_started": "36", "confirmed": "32", "bad": "1;31", "failed": "31", "warning": "33",
}  # fmt: skip

MARKS: Final = {
    "vanished": "✗", "rejected": "■", "half_confirmed": "◐", "unknown": "?", "in_progress": "…", "not_started": "○",
    "confirmed": "✓",
}  # fmt: skip
"""One shape a verdict, so that no word hangs on its colour."""

_ASCII: Final = str.maketrans("✗■◐○✓·–━█−’…→", "x!~o+--=#-'>>")


@dataclass(frozen=True, slots=True)
class Screen:
    """What the reader's screen can show: its width in cells, colours, letters beyond ASCII, how many rows of a list.

    `rows` is None where all rows are wanted, as in a file. `whole` says that no cell is cut: a pipe or a file has room.
    """

    width: int = 80
    colour: bool = False
    unicode: bool = True
    rows: int | None = None
    whole: bool = False

    def paint(self, text: str, style: str) -> str:
        """The text in a style, as it is where there are no colours."""
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self.colour and style else text

    def sentence(self, text: str, *, indent: str = "", style: str = "") -> list[str]:
        """The text wrapped to the screen; lines behind the first are indented by two more."""
        return [self.paint(line, style) for line in self._wrapped(text, indent, indent + "  ")]

    def labelled(self, label: str, text: str, *, room: int = LABEL_WIDTH, style: str = "") -> list[str]:
        """The text wrapped to the screen behind a label; its lines stand under each other, `room` cells in."""
        blank = " " * room
        first, *others = self._wrapped(text, blank, blank) or [blank]
        return [
            self.paint(f"{label:<{room}}", "bold" if label else "") + self.paint(first[room:], style),
            *(blank + self.paint(line[room:], style) for line in others),
        ]

    def _wrapped(self, text: str, first: str, others: str) -> list[str]:
        width = max(min(self.width, PROSE_WIDTH_MAX + len(first)), 20)
        text = together(plain(text))
        lines = textwrap.wrap(text, width, initial_indent=first, subsequent_indent=others, break_on_hyphens=False)
        return [line.replace("\xa0", " ") for line in lines]

    def bar(self, part: int, whole: int, room: int) -> str:
        """A bar of at most `room` cells; what is not nothing has at least one."""
        if not part or room < 1:
            return ""
        return "█" * max(round(room * part / whole), 1)

    def beside(self, left: Sequence[str], right: Sequence[str]) -> list[str]:
        """Two blocks of lines beside each other, each as wide as this screen."""
        return [
            one + " " * (self.width + 4 - cells(_PAINT.sub("", one))) + other if other else one
            for one, other in zip_longest(left, right, fillvalue="")
        ]

    def columns(
        self,
        rows: Sequence[Sequence[str]],
        *,
        right: Iterable[int] = (),
        whole: Iterable[int] = (),
        indent: str = "  ",
    ) -> list[str]:
        """The rows with their cells under each other; `right` are the columns of numbers, `whole` those never cut.

        What does not fit is cut at the last column, or at the widest where that is not enough.
        """
        if not rows:
            return []
        rows = [[plain(cell) for cell in row] for row in rows]
        widths = [max(cells(row[number]) for row in rows) for number in range(len(rows[0]))]
        spare = self.width - len(indent) - 2 * (len(widths) - 1) - sum(widths)
        kept = frozenset(range(len(widths)) if self.whole else whole)
        while spare < 0 and (long := [number for number, each in enumerate(widths) if each > 8 and number not in kept]):
            last = len(widths) - 1
            widest = last if last in long and widths[last] > 16 else max(long, key=lambda number: widths[number])
            taken = min(-spare, max(widths[widest] - 8, 1))
            widths[widest] -= taken
            spare += taken
        aligned = frozenset(right)
        set_rows = (
            "  ".join(_fit(cell, widths[number], number in aligned) for number, cell in enumerate(row)) for row in rows
        )
        return [f"{indent}{row}".rstrip() for row in set_rows]

    def finish(self, lines: Iterable[str]) -> bytes:
        """The lines as bytes for this screen, each ended by a newline."""
        text = "".join(f"{line}\n" for line in lines)
        if self.unicode:
            return text.encode("utf-8", "backslashreplace")
        return text.translate(_ASCII).encode("ascii", "backslashreplace")


def together(text: str) -> str:
    """The text with a blank that no line may break at between each number and its sign or what it counts."""
    return _COUNTED.sub("\xa0", text)


def cells(text: str) -> int:
    """How many cells of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(each) else 1 + (unicodedata.east_asian_width(each) in "WF") for each in text)


def clip(text: str, width: int) -> str:
    """The text, cut to `width` cells with a mark where it is longer."""
    if cells(text) <= width:
        return text
    kept = text[: max(width - 1, 0)]
    while kept and cells(kept) > width - 1:
        kept = kept[:-1]
    return kept + "…"


def _fit(text: str, width: int, right: bool) -> str:  # noqa: FBT001
    text = clip(text, width)
    blanks = " " * (width - cells(text))
    return blanks + text if right else text + blanks


def moment(at: int, zone: tzinfo) -> str:
    """An instant for people: UTC and the case's own time together, to the second."""
    utc = to_datetime(at).strftime("%Y-%m-%d %H:%M:%S UTC")
    wall = local(at, zone)
    if wall is None or wall.tzname() == "UTC":
        return utc
    shape = "%H:%M:%S %Z" if f"{wall:%Y-%m-%d}" == utc[:10] else "%Y-%m-%d %H:%M:%S %Z"
    return f"{utc} ({wall.strftime(shape)})"


def share(part: int, whole: int) -> str:
    """A percentage with one decimal, never rounded to a 0 or a 100 that is none."""
    if not whole:
        return "–"
    value = 100 * part / whole
    if 0 < value < 0.05:
        return "< 0.1 %"
    if 99.95 <= value < 100:
        return "> 99.9 %"
    return f"{value:.1f} %"


def count(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number:,} {noun}{'s' * (number != 1)}"
