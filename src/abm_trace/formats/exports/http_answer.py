"""An answer that was saved with the headers of HTTP before it (`curl -i`): what it holds is read by its own format.

Nothing follows from what it lacks: nobody knows what was asked for.
"""

import re
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Final

import msgspec

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.core.registry import discover
from abm_trace.formats import exports
from abm_trace.formats._interface import HEAD_BYTES, Content, Format, Head

FORMAT = Format(
    id="http-answer", title="Saved answer with its HTTP headers (curl -i)", reference="docs/facts.md#http-answer"
)

# HTTP/2 200, headers, a blank line; a proxy's own answer or a redirection may come before the one that counts.
_HEADERS: Final = re.compile(
    rb"(?:HTTP/[0-9.]{1,3} [1-5][0-9]{2}[^\n]{0,80}\n(?:[A-Za-z][\w-]{0,80}:[^\n]{0,8000}\n){0,99}\r?\n)+"
)
_LIKELY: Final = 0.55
"""The least score with which an answer counts as an export, as in a HAR."""


def score(head: Head) -> float:
    """Sure of headers of HTTP and JSON behind them; an answer of another kind is no export."""
    if not head.data.startswith(b"HTTP/"):
        return 0.0
    match = _HEADERS.match(head.data)
    return 0.9 if match and head.data[match.end() : match.end() + 64].lstrip()[:1] in {b"{", b"["} else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """What the format of the answer says, each fact cited where it stands."""
    match = _HEADERS.match(content.data)
    if match is None:
        yield Skipped(content.path, "an answer is not used: it has no headers, or is too long to be read as one")
        return
    body = content.data[match.end() :]
    module = _export(Head(content.path, body[:HEAD_BYTES], len(body) <= HEAD_BYTES))
    if module is None:
        yield Skipped(content.path, "an answer is of no format that is read")
        return
    lines, offset = content.data.count(b"\n", 0, match.end()), match.end()
    for item in module.read(
        Content(content.path, body, content.zone)
    ):  # Of what has an offset it is read line by line.
        if isinstance(item, Skipped):
            yield Skipped(
                item.path,
                item.reason,
                None if item.line is None else item.line + lines,
                None if item.offset is None else item.offset + offset,
            )
        elif item.kind != "coverage":
            origin = msgspec.structs.replace(
                item.origin,
                offset=(item.origin.offset or 0) + offset,
                line=None if item.origin.line is None else item.origin.line + lines,
            )
            yield msgspec.structs.replace(item, origin=origin)


@cache
def _exports() -> tuple[ModuleType, ...]:
    """The formats that an answer may have: all exports but captures and this one."""
    found = discover(exports, "FORMAT")
    return tuple(module for id_, module in found.items() if id_ != FORMAT.id and not id_.startswith("capture-"))


def _export(head: Head) -> ModuleType | None:
    """The format of an answer, None where no export claims it."""
    best = max(_exports(), key=lambda module: float(module.score(head)))
    return best if best.score(head) >= _LIKELY else None
