"""Identifiers that are known, found in a text whatever separates, encodes or surrounds their letters."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import compress, count, islice
from typing import Final, NamedTuple

PART_MIN: Final = 8
"""So long an identifier must be to be looked for inside of longer words and across separators. Origin: ours."""

# Of each identifier one piece of so many letters begins at a letter whose number is a multiple of the step [4 times as
# fast as looking at each letter].
_PROBE, _STEP = 5, 4

# One letter as a URL, JSON or HTML may write it.
_UNIT: Final = re.compile(r"%([0-9A-Fa-f]{2})|\\u00([0-9A-Fa-f]{2})|&#x([0-9A-Fa-f]{2});|&#(\d{2,3});|[\s\S]")
CODED: Final = re.compile(r"%[0-9A-Fa-f]{2}|\\u00|&#")


def unmasked(text: str) -> str:
    """The text without letters that nobody sees, and with each other in its usual form (Unicode NFKC)."""
    if text.isascii():
        return text
    seen = (each for each in text if each.isascii() or unicodedata.category(each) != "Cf")
    return unicodedata.normalize("NFKC", "".join(seen))


class _Letters(dict[int, str]):
    """What each character gives of an identifier: its letter or digit in one spelling, "" for a separator."""

    def __init__(self, fold: Callable[[str], str]) -> None:
        super().__init__()
        self._fold = fold

    def __missing__(self, code: int) -> str:
        each = chr(code)
        if code < 128:
            given = each if each in "[]" else self._fold(each) if each.isalnum() else ""
        else:  # "" for a mark over a letter.
            seen = (found for found in unmasked(each) if found.isascii() or found.isalnum())
            given = "".join([self[ord(found)] if found.isascii() else found for found in seen])
        if len(self) < 4096:
            self[code] = given
        return given


class Spot(NamedTuple):
    """Where a known identifier stands in a text: from `begin` to `end`."""

    begin: int
    end: int
    name: str


class Known:
    """Known identifiers, as `fold` writes them: it makes one spelling of many, one letter of each of ASCII's."""

    def __init__(self, names: Collection[str], fold: Callable[[str], str]) -> None:
        self._letters = _Letters(fold)
        self._names: dict[str, str] = {}
        for each in sorted(names):
            for spelled in (each, each.encode().hex().upper(), each.lower().encode().hex().upper()):
                if len(bare := spelled.translate(self._letters)) >= PART_MIN:
                    self._names.setdefault(bare, each)
        self._lengths = sorted({len(each) for each in self._names}, reverse=True)
        self._starts = {each[:PART_MIN] for each in self._names}
        letters = [self._letters[code] for code in range(128)]
        self._table = "".join(each or "\0" for each in letters).encode().ljust(256, b"\0")
        self._drops = bytes(code for code in range(256) if code > 127 or not letters[code])
        self._probes = {each[at : at + _PROBE] for each in self._starts for at in range(_STEP)}

    def __bool__(self) -> bool:
        return bool(self._names)

    def plain(self, text: str, is_kept: Callable[[int, int], bool]) -> Iterator[Spot]:
        """Where known identifiers stand, left to right; `is_kept` says of a spot that it is to be left alone."""
        coded = text.encode() if text.isascii() else b""
        squeezed = coded.translate(self._table, self._drops).decode() if coded else text.translate(self._letters)
        starts = self._begins(squeezed)
        if not starts:
            return iter(())
        most = starts[-1] + self._lengths[0]
        if coded:
            begins = list(islice(compress(count(), coded.translate(self._table)), most))
        else:
            begins = [at for at, each in enumerate(text) for _ in self._letters[ord(each)]]
        return self._spots(squeezed, starts, begins, range(1, len(text) + 1), is_kept)

    def coded(self, text: str, is_kept: Callable[[int, int], bool]) -> Iterator[Spot]:
        """The same, where letters may be written as URLs, JSON or HTML write them."""
        units = [
            (found.start(), found.end(), _decoded(found).translate(self._letters)) for found in _UNIT.finditer(text)
        ]
        squeezed = "".join([unit[2] for unit in units])
        begins = [begin for begin, _, letters in units for _ in letters]
        ends = {begin: end for begin, end, _ in units}
        return self._spots(squeezed, self._begins(squeezed), begins, ends, is_kept)

    def _begins(self, squeezed: str) -> list[int]:
        """Where the first letters of an identifier stand among the letters."""
        pieces = [squeezed[at : at + _PROBE] for at in range(0, len(squeezed) - _PROBE + 1, _STEP)]
        if self._probes.isdisjoint(pieces):
            return []
        probed = (at for number, piece in enumerate(pieces) if piece in self._probes for at in _around(number * _STEP))
        return [at for at in probed if squeezed[at : at + PART_MIN] in self._starts]

    def _spots(
        self,
        squeezed: str,
        starts: Sequence[int],
        begins: Sequence[int],
        ends: Sequence[int] | Mapping[int, int],
        is_kept: Callable[[int, int], bool],
    ) -> Iterator[Spot]:
        """The spots; `begins` has the place of each letter in the text, `ends` where what gives it ends."""
        taken = 0
        for at in starts:
            if at < taken:
                continue
            pieces = (squeezed[at : at + size] for size in self._lengths)
            found = next((piece for piece in pieces if piece in self._names), "")
            if found and not is_kept(begin := begins[at], end := ends[begins[at + len(found) - 1]]):
                yield Spot(begin, end, self._names[found])
                taken = at + len(found)


def _around(at: int) -> range:
    """The letters at which an identifier can begin whose piece begins at this one."""
    return range(max(0, at - _STEP + 1), at + 1)


def _decoded(found: re.Match[str]) -> str:
    """The letter that a unit stands for; the unit itself if it is none that ASCII has."""
    *hexed, decimal = found.groups()
    code = next((int(each, 16) for each in hexed if each), int(decimal or 0))
    return chr(code) if 0 < code < 128 else found[0]
