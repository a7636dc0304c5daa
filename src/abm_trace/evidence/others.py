"""Finds in kept bytes the devices of a log that were not asked for: in whatever spelling, and in what is compressed."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final, NamedTuple

from abm_trace.core.redact import Redactor
from abm_trace.evidence.unpacking import OpaqueError, Unpacking, is_packed

_OVERLAP_BYTES: Final = 4096
"""An identifier may stand in two pieces: so much of the one is looked at with the next. Origin: ours."""

_ROUNDS_MAX: Final = 3
"""So often what was encoded may have been encoded again. Origin: ours."""

# One letter as URLs, JSON, HTML, C, Python or a shell write it; what a terminal does not show. What a match begins with
# stands in front of the others, for then it is looked for in one go [3 times as fast].
_CODED: Final = re.compile(
    r"[%\\&\x1b\x9b^\[](?:"
    r"(?<=[%\\])\\*u([0-9A-Fa-f]{4})|(?<=%)([0-9A-Fa-f]{2})|(?<=\\)\\*(?:u\{([0-9A-Fa-f]{1,6})\}|U([0-9A-Fa-f]{8})"
    r"|x([0-9A-Fa-f]{2})|(?P<octal>[0-3]?[0-7]{1,2})|(?P<escape>e)|(?P<blank>[abfnrtv]))"
    r"|(?<=&)#(?:[xX]([0-9A-Fa-f]{1,6})|(?P<decimal>\d{1,7}));?"
    r"|(?:(?<=\x1b)\[|(?<=\^)\[\[|(?<=\x9b))[0-?]*[ -/]*[@-~]|(?<=\[)[0-9;]{1,12}m)"
)
_STRUCK: Final = re.compile(r".\x08")
_LAST: Final = 0x10FFFF
_SEPARATED: Final = str.maketrans("%&\\", "   ")
"""These begin what is decoded here; as separators, which they are to the redactor too, they cost no time there."""


class Seen(NamedTuple):
    """What bytes turned out to be: not plain text (`is_packed`), naming another device, not to be looked at (why)."""

    is_packed: bool
    names: bool
    problem: str = ""


class Others:
    """The identifiers of devices that were not asked for, and of those that were, as `fold` writes them."""

    def __init__(self, others: Collection[str], own: Collection[str], fold: Callable[[str], str]) -> None:
        self._others = others
        self.hide = Redactor(("device",), others=others, keep=own, fold=fold)
        """A text with a label for each of them."""

    def stand_in(self, data: bytes) -> bool:
        """Whether one of them stands in these bytes."""
        text = data.decode("utf-8", "replace")
        return bool(self._others) and any(self.hide(each) != each for each in _spellings(text))

    def look(self, chunks: Iterable[bytes]) -> Seen:
        """Whether one of them stands in bytes that come in pieces, also across line ends, or in what they expand to."""
        tails: dict[int, bytes] = {}

        def look(depth: int, piece: bytes) -> None:
            data = tails.get(depth, b"") + piece
            if self.stand_in(data):
                raise _FoundError
            tails[depth] = data[-_OVERLAP_BYTES:]

        unpacking = Unpacking(look)
        try:
            unpacking.read(chunks)
        except OpaqueError as error:
            return Seen(unpacking.is_packed, names=False, problem=str(error))
        except _FoundError:
            return Seen(unpacking.is_packed, names=True)
        return Seen(unpacking.is_packed, names=False)


def glance(chunks: Iterator[bytes]) -> Seen:
    """What bytes are that come in pieces, by what they begin with; whom they name is not looked for."""
    return Seen(is_packed(next(chunks, b"")), names=False)


class _FoundError(Exception):
    """One of them stands there."""


def _spellings(text: str) -> Iterator[str]:
    """The text as it stands, and as it reads decoded."""
    yield text.translate(_SEPARATED)
    decoded = text
    for _ in range(_ROUNDS_MAX):
        before, decoded = decoded, _CODED.sub(_letter, _STRUCK.sub("", decoded) if "\b" in decoded else decoded)
        if decoded == before:
            break
    if decoded != text:
        yield decoded.translate(_SEPARATED)


def _letter(found: re.Match[str]) -> str:
    """What a match of _CODED stands for."""
    kind, digits = found.lastgroup, found[found.lastindex] if found.lastindex else ""
    if not digits or kind in {"blank", "escape"}:
        return {"blank": " ", "escape": "\x1b"}.get(kind or "", "")
    code = int(digits, {"decimal": 10, "octal": 8}.get(kind or "", 16))
    return chr(code) if code <= _LAST else " "
