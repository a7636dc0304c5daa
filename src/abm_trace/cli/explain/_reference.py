"""The topics of the reference as `explain` shows them: all of them in a list, or the pages of one word."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from abm_trace.cli import _terminal
from abm_trace.cli.explain import _page_text, _pages
from abm_trace.cli.explain._pages import Topic
from abm_trace.core.errors import UsageError

if TYPE_CHECKING:
    from abm_trace.exports import Screen
    from abm_trace.signatures import Signature

_SERIAL: Final = re.compile(r"\d|[A-Za-z]{8}")
"""What every serial has in it: Apple's are of 8 and more letters and digits, and few have no digit."""


def show_all(folders: Sequence[Path]) -> None:
    """Print the list of the topics."""
    screen = _terminal.screen()
    _write(_page_text.listing(_pages.names(folders), _rules(folders), screen), screen)


def show(topics: Sequence[Topic], folders: Sequence[Path]) -> None:
    """Print the pages of the topics. Raises UsageError for a rule of the user's that cannot be read."""
    screen = _terminal.screen()
    rules = _rules(folders)
    if broken := [topic.name for topic in topics if topic.kind == "signature" and topic.name not in rules]:
        message = f"{broken[0]}: this signature cannot be used"
        raise UsageError(message, hint=f"See why: abm-trace signatures lint --signatures {folders[0]}")
    pages = (_page_text.lines(_pages.page(topic, rules.values()), screen) for topic in topics)
    _write((line for page in pages for line in (*page, "")), screen)


def _write(lines: Iterable[str], screen: "Screen") -> None:
    onward = f"{screen.paint('next', 'bold')}  abm-trace explain NAME   (any name above)"
    _terminal.write(screen.finish([*lines, onward]))


def asked(word: str, folders: Sequence[Path]) -> list[Topic]:
    """The topics that a word names where no case was named. Raises UsageError for one that is near, or is no serial.

    Else a typing error would have the whole folder that somebody stands in read as a case.
    """
    known = _pages.names(folders)
    topics = _pages.find(word, known)
    near = [] if topics else _pages.near(word, known)
    if near or not (topics or _SERIAL.search(word)):
        offered = f"Near it: {', '.join(near)}. Try: abm-trace explain {near[0]}" if near else "All: abm-trace explain"
        hint = f"{offered}\n  For a device name its case: abm-trace explain SERIAL --case CASE"
        raise UsageError(f"{word}: no topic has this name", hint=hint)
    return topics


def found(word: str, folders: Sequence[Path]) -> list[Topic]:
    """The topics that a word names."""
    return _pages.find(word, _pages.names(folders))


def near(word: str) -> list[str]:
    """The topics that are written nearly as a word."""
    return _pages.near(word, _pages.names())


def beginning(text: str) -> list[str]:
    """The names that begin with a text, in whatever case."""
    names = dict.fromkeys(name for each in _pages.names().values() for name in each)
    return [name for name in names if name.casefold().startswith(text.casefold())]


def _rules(folders: Sequence[Path]) -> "dict[str, Signature]":
    from abm_trace import signatures

    return {each.id: each for each in signatures.load(folders)[0]}
