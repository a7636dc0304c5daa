"""The one place that takes out of a text what its reader must not see: tickets, and whatever else leaves the house.

What is taken out is replaced by a label with a number, the same for the same text, so that a reader can still tell one
device from another; with a key the number is a pseudonym, the same in all that is redacted under that key. Nothing is
guessed to be harmless: fields are known by their names, the rest by its shape.
"""

import re
from collections.abc import Callable, Collection, Iterable
from typing import Final, NamedTuple

from abm_trace.core.redact._fields import FIELDS, HEADER, NOTHING, PAIR, PARTS, QUOTED, kind_of
from abm_trace.core.redact._known import CODED, Known, Spot
from abm_trace.core.redact._shapes import (
    ADDRESSES,
    BARE_MAC,
    HARDWARE,
    PEOPLE,
    PEOPLE_PARTS,
    SECRETS,
    TOKEN_PARTS,
    TOKENS,
    is_hardware,
    is_internal,
    is_mixed,
    names_somebody,
)
from abm_trace.core.redact._spoken import SPOKEN, SPOKEN_PARTS

LABELS: Final = {
    "device": "other device",
    "hardware": "hardware id",
    "person": "person",
    "secret": "secret",
    "address": "internal address",
}
"""What may be hidden, and what stands there instead: identifiers of other devices; IMEI, MEID, EID, ICCID and MAC;
names, mail addresses and phone numbers; tokens, keys and passwords; internal addresses and host names."""

_WORD: Final = re.compile(
    r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}|[0-9A-Fa-f]{8}-[0-9A-Fa-f]{16}|[0-9A-Za-z]{6,64}"
)
_WORD_MIN: Final = 3
_UID: Final = re.compile(r"\d{1,5}")
# `…\nF9FXQ1ABCD` in a JSON string: behind such an escape begins a word, which its letter would else be part of.
_ESCAPE: Final = re.compile(r"\\+(?:u[0-9A-Fa-f]{4}|[bfnrtv])")
_EDGE: Final = "\ufdd0"
"""No character, and so no letter of a word. From: Unicode, 23.7 (noncharacters)."""

LABEL: Final = re.compile(rf"\[(?:{'|'.join(LABELS.values())}) \d+\]")
"""What stands instead of a thing that is hidden."""

__all__ = ["LABEL", "LABELS", "Redactor", "kind_of", "names_somebody"]


class _Look(NamedTuple):
    """One way of finding things of a kind; one of the parts stands in each text where it finds any."""

    kind: str
    pattern: re.Pattern[str]
    act: str
    parts: tuple[str, ...] = ()


_LOOKS: Final = (
    _Look("secret", PAIR, "_field", PARTS["secret"]),
    _Look("secret", HEADER, "_header", PARTS["secret"]),
    _Look("secret", SECRETS, "_shape"),
    _Look("secret", SPOKEN["secret"], "_said", SPOKEN_PARTS["secret"]),
    _Look("secret", FIELDS["secret"], "_field", PARTS["secret"]),
    _Look("person", PEOPLE, "_shape", PEOPLE_PARTS),
    _Look("person", SPOKEN["person"], "_said", SPOKEN_PARTS["person"]),
    _Look("person", FIELDS["person"], "_field", PARTS["person"]),
    _Look("hardware", HARDWARE, "_shape"),
    _Look("hardware", FIELDS["hardware"], "_field", PARTS["hardware"]),
    _Look("secret", TOKENS, "_whole", TOKEN_PARTS),
    _Look("hardware", BARE_MAC, "_shape", ("mac",)),
    _Look("address", ADDRESSES, "_address"),
)


class Redactor:
    """Hides some kinds of things in texts, and counts what it hid.

    `others` are the identifiers of other devices, and `keep` what is never hidden, both as `fold` writes them (a fold
    makes one spelling of many). `words` are texts to hide wherever they stand, with their kind.
    """

    def __init__(
        self,
        kinds: Iterable[str],
        *,
        others: Collection[str] = frozenset(),
        keep: Collection[str] = frozenset(),
        words: Iterable[tuple[str, str]] = (),
        fold: Callable[[str], str] = str.upper,
    ) -> None:
        self._kinds = frozenset(kinds) & LABELS.keys()
        self._others, self._keep, self._fold = others, keep, fold
        self._known = Known(others if "device" in self._kinds else (), fold)
        self._looks = [(each, self._look(each)) for each in _LOOKS if each.kind in self._kinds]
        self._numbers: dict[str, dict[str, int]] = {}
        named = {word.casefold(): kind for word, kind in words if kind in self._kinds and len(word) >= _WORD_MIN}
        self._named = dict(sorted(named.items(), key=lambda item: (-len(item[0]), item[0])))

    def __call__(self, text: str) -> str:
        """The text with a label for each thing that is hidden."""
        if not self._kinds:
            return text
        hidden = self._hide(text)
        if "\\" in hidden and _ESCAPE.search(hidden):
            hidden = self._hide(_ESCAPE.sub(lambda found: found[0] + _EDGE, hidden)).replace(_EDGE, "")
        return hidden

    def _look(self, look: _Look) -> Callable[[str], str]:
        """What hides in a text all that a look finds."""
        act = getattr(self, look.act)
        return lambda text: look.pattern.sub(lambda found: act(look.kind, found), text)

    def _hide(self, text: str) -> str:
        text = self._without_words(text)
        folded = text.casefold()
        for look, hide in self._looks:
            if not look.parts or any(part in folded for part in look.parts):
                text = hide(text)
        if "device" not in self._kinds:
            return text
        if self._known:
            if CODED.search(text):
                text = self._without(text, self._known.coded)
            text = self._without(text, self._known.plain)
        return _WORD.sub(self._other, text)

    def _without(self, text: str, find: Callable[[str, Callable[[int, int], bool]], Iterable[Spot]]) -> str:
        """The text without the identifiers of others."""
        parts: list[str] = []
        done = 0
        for begin, end, name in find(text, lambda begin, end: self._is_kept(text, begin, end)):
            start = max(done, begin - _is_barcode(text, begin))
            parts += [text[done:start], self.label("device", name)]
            done = end
        return "".join([*parts, text[done:]]) if parts else text

    def _is_kept(self, text: str, begin: int, end: int) -> bool:
        """Whether it is only a part of something that is never hidden."""
        if not self._keep:
            return False
        around = next(
            (each for each in _WORD.finditer(text, max(0, begin - 64), end + 64) if each.start() <= begin < each.end()),
            None,
        )
        return around is not None and self._fold(around[0]).removeprefix("S") in self._keep

    def _without_words(self, text: str) -> str:
        """The text without the words that are to be hidden, the longest first: a part of one is none."""
        folded = text.casefold()
        for word, kind in self._named.items():
            if word in folded:
                whole = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
                text = whole.sub(self.label(kind, word), text)
                folded = text.casefold()
        return text

    def hidden(self) -> dict[str, int]:
        """How many different things of each kind were hidden so far, in the order of LABELS."""
        return {kind: len(self._numbers[kind]) for kind in LABELS if kind in self._numbers}

    def label(self, kind: str, text: str) -> str:
        """What stands for a text of this kind (a key of LABELS)."""
        text = text.replace(_EDGE, "").casefold()
        numbers = self._numbers.setdefault(kind, {})
        return f"[{LABELS[kind]} {numbers.setdefault(text, len(numbers) + 1)}]"

    def _field(self, kind: str, found: re.Match[str]) -> str:
        key, between, value = found.groups()
        opened, bare, closed = parts.groups() if (parts := QUOTED.fullmatch(value)) else ("", value, "")
        if not bare or LABEL.fullmatch(bare) or bare.casefold() in NOTHING:
            return found[0]
        if kind == "person":
            first = bare.split(None, 1)[0] if bare.strip() else bare
            if _UID.fullmatch(bare.strip()) or first.casefold() in NOTHING:
                return found[0]  # The system's number of a user, as logs have it: 0, 501.
            if known := LABEL.match(bare):  # `user: jane@example.com Doe`, of which the first is hidden already.
                return f"{key}{between}{opened}{known[0]} {self.label(kind, bare[known.end() :].strip())}{closed}"
        return f"{key}{between}{opened}{self.label(kind, bare)}{closed}"

    def _said(self, kind: str, found: re.Match[str]) -> str:
        before, value = (each for each in found.groups() if each is not None)
        return before + self.label(kind, value.rstrip()) + value[len(value.rstrip()) :]

    def _shape(self, kind: str, found: re.Match[str]) -> str:
        text = found[0]
        named = found.groupdict()
        if self._fold(text) in self._keep or (kind == "hardware" and not is_hardware(text)):
            return text
        if named.get("blob") and not is_mixed(text):
            return text
        kept = named.get("keep") or ""
        return kept + self.label(kind, text[len(kept) :])

    def _header(self, kind: str, found: re.Match[str]) -> str:
        return f"{found[1]}{found[2]}{self.label(kind, found[3])}"

    def _whole(self, kind: str, found: re.Match[str]) -> str:
        return self.label(kind, found[0])

    def _address(self, kind: str, found: re.Match[str]) -> str:
        return self.label(kind, found[0]) if is_internal(found[0]) else found[0]

    def _other(self, found: re.Match[str]) -> str:
        """The label of a word that is an identifier of another, else the word."""
        key = self._fold(found[0])
        if key in self._keep or key.removeprefix("S") in self._keep:
            return found[0]
        if key not in self._others:
            key = key.removeprefix("S")  # The S of a barcode.
        return self.label("device", key) if key in self._others else found[0]


def _is_barcode(text: str, begin: int) -> bool:
    """Whether the S of a barcode stands before it."""
    return begin > 0 and text[begin - 1] in "Ss" and not text[max(0, begin - 2) : begin - 1].isalnum()
