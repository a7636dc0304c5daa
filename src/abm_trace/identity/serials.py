"""Serial numbers as people and scanners write them, and as one key.

Apple's serials hold neither O nor I, so a letter O is a zero and an I is a one; case and blanks say nothing; a barcode
puts an S before the serial (SPEC T13).
"""

import re
from collections.abc import Iterable
from typing import Final

_FOLD = str.maketrans({"O": "0", "I": "1"})
_BLANKS = re.compile(r"[\s\u00a0\u200b\ufeff-]+")
_BARCODE_LENGTHS: Final = frozenset({11, 13})
"""Serials have 10 or 12 characters; with the barcode's S they have one more."""

LENGTH_MAX: Final = 64
_KNOWN_MAX: Final = 100_000
"""How many odd spellings are known again. Origin: ours."""
_SHAPE = re.compile(r"[A-Z0-9]{8,14}$")
_NUMBERED = re.compile(r"[A-Za-z]{3,}[0-9]{1,6}")


def canonical(text: str) -> str:
    """The key of a serial: upper case, without blanks, O as 0 and I as 1."""
    plain = (text if text.isalnum() else _BLANKS.sub("", text)).upper()
    return (plain.translate(_FOLD) if "O" in plain or "I" in plain else plain)[:LENGTH_MAX]


def looks_like_serial(text: str) -> bool:
    """Whether a bare word could be a serial: used only where no manifest or export names any."""
    word = text.upper()
    return bool(_SHAPE.match(word)) and any(map(str.isdigit, word)) and any(map(str.isalpha, word))


def is_numbered_word(text: str) -> bool:
    """Whether what looks like a serial is a word and a number (`server01`), as machines and files are named."""
    return bool(_NUMBERED.fullmatch(text))


class Serials:
    """The serials of a case: every spelling leads to one key, every key has the spelling that is shown."""

    def __init__(self, manifest: Iterable[str], others: Iterable[str] = ()) -> None:
        """`manifest` are spelled as they stay, `others` are shown in upper case."""
        spellings: dict[str, str] = {}
        for text in manifest:
            _spell(spellings, canonical(text), text.strip())
        upper: dict[str, str] = {}
        for text in others:
            key = canonical(text)
            if key not in spellings:
                _spell(upper, key, key if text == key else _BLANKS.sub("", text).upper()[:LENGTH_MAX])
        every = {key for key in (*spellings, *upper) if key}
        self._alias = {key: key[1:] for key in every if self._scanned(key, every)}
        self._known: dict[str, str | None] = {}
        self.spelled: dict[str, str] = {}
        for found in (upper, spellings):  # The manifest's spelling goes last, so it stays.
            for key in sorted(found, key=lambda key: key in self._alias, reverse=True):
                if key:
                    plain = found[key]
                    dropped = plain[1:].strip() if key in self._alias else plain
                    self.spelled[self._alias.get(key, key)] = dropped

    def __contains__(self, key: str) -> bool:
        return key in self.spelled

    def key(self, text: str) -> str | None:
        """The key of a serial that the case knows, None for any other text."""
        plain = self.spelled.get(text)
        if plain == text and text not in self._alias:  # The usual case, which need not be known again.
            return plain
        if text not in self._known:
            if len(self._known) >= _KNOWN_MAX:
                self._known.clear()
            self._known[text] = self._key(canonical(text))
        return self._known[text]

    def _key(self, key: str) -> str | None:
        key = self._alias.get(key, key)
        if key in self.spelled:
            return key
        if key.startswith("S") and key[1:] in self.spelled:
            return key[1:]
        return None

    @staticmethod
    def _scanned(key: str, every: set[str]) -> bool:
        return key.startswith("S") and (key[1:] in every or len(key) in _BARCODE_LENGTHS)


def _spell(found: dict[str, str], key: str, text: str) -> None:
    """Note a spelling: of several the least one is shown."""
    known = found.get(key)
    if known is None or text < known:
        found[key] = key if text == key else text  # One text for both: there are as many as devices.
