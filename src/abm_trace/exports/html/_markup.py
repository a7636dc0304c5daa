"""HTML by construction: whatever is no markup yet becomes text, so that nothing foreign can become an element."""

from html import escape
from typing import Final

from abm_trace.exports._interface import plain, together

_VOID: Final = frozenset({"br", "col", "input", "meta", "rect", "line"})
_EXACT: Final = frozenset({"code", "option", "title"})
"""Whose text is copied or compared."""


class Markup(str):
    """Text that is HTML already; `tag`, `text` and `join` alone make it."""

    __slots__ = ()


def text(foreign: str) -> Markup:
    """Any text as HTML text; characters that hide or reorder others are shown as escapes."""
    return Markup(escape(plain(foreign)))


def join(*parts: str) -> Markup:
    """The parts one after the other; those that are no markup yet as text, in which a number stays with its noun."""
    return Markup("".join(part if isinstance(part, Markup) else text(together(part)) for part in parts))


def tag(name: str, /, *content: str, **attributes: str | float | bool | None) -> Markup:
    """An element. `class_` is written for `class` and `data_key` for `data-key`; None and False leave one out."""
    said = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{text(str(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _VOID:
        return Markup(f"<{name}{said}>" if name not in {"rect", "line"} else f"<{name}{said}/>")
    inner = "".join(_exactly(each) for each in content) if name in _EXACT else join(*content)
    return Markup(f"<{name}{said}>{inner}</{name}>")


def _exactly(part: str) -> Markup:
    return part if isinstance(part, Markup) else text(part)


def verbatim(trusted: str) -> Markup:
    """Our own text as it is: the style sheet, the script, data that is escaped already."""
    return Markup(trusted)
