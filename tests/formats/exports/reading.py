"""How the tests of the exports and payloads read a sample: facts without their origin, and what was named."""

from datetime import UTC
from hashlib import sha256
from types import ModuleType

from abm_trace.core import instants
from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import HEAD_BYTES, Content, Head

Said = tuple[str, str | None, str, dict[str, str]]


def head(data: bytes, path: str = "x") -> Head:
    """What the formats see of these bytes when they score them."""
    return Head(path, data[:HEAD_BYTES], whole=len(data) <= HEAD_BYTES)


def read(form: ModuleType, data: bytes, piece: Content | None = None) -> tuple[list[Fact], list[Skipped]]:
    """The facts and the things named; each fact must lead back to the very bytes that its digest is of.

    `piece` is the content of these bytes where they are not a whole file.
    """
    facts: list[Fact] = []
    skipped: list[Skipped] = []
    piece = piece or Content("x", data, UTC)
    for item in form.read(piece):
        assert isinstance(item, Fact | Skipped)
        if isinstance(item, Skipped):
            skipped.append(item)
            continue
        facts.append(item)
        origin = item.origin
        assert origin.by == form.FORMAT.id
        assert origin.offset is not None
        start = origin.offset - piece.offset
        cited = data[start : start + origin.length]
        assert len(cited) == origin.length
        assert sha256(cited).hexdigest() == origin.sha256
        assert origin.line == piece.line + data.count(b"\n", 0, start)
    return facts, skipped


def said(facts: list[Fact]) -> list[Said]:
    """(kind, RFC 3339 time, value, attributes) of each fact."""
    return [(f.kind, None if f.at is None else instants.render(f.at), f.value, dict(f.attrs)) for f in facts]


def reasons(skipped: list[Skipped]) -> list[tuple[int | None, str]]:
    """(line, reason) of each thing that was named."""
    return [(thing.line, thing.reason) for thing in skipped]
