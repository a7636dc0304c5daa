"""The one place that takes out of a text what its reader must not see: tickets, and whatever else leaves the house.

What is taken out is replaced by a label with a number, the same for the same text, so that a reader can still tell one
device from another; with a key the number is a pseudonym, the same in all that is redacted under that key. Nothing is
guessed to be harmless: fields are known by their names, the rest by its shape.
"""

import hmac
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from typing import Final, NamedTuple

from abm_trace.core.redact._fields import FIELDS, HEADER, NOTHING, PAIR, PARTS, QUOTED, WARY_FIELD, continued, kind_of
from abm_trace.core.redact._glance import ALL, BIT, KNOWN, NAMED, ONLY, PEM, SPOKEN, glance
from abm_trace.core.redact._known import CODED, Known, Spot, unmasked
from abm_trace.core.redact._shapes import (
    ADDRESSES,
    BARE_MAC,
    HARDWARE,
    IPV4,
    PEOPLE,
    PEOPLE_PARTS,
    SECRETS,
    TOKEN_PARTS,
    TOKENS,
    is_hardware,
    is_identifier,
    is_internal,
    is_mixed,
    names_mail,
)
from abm_trace.core.redact._spoken import SPOKEN as SPOKEN_OF
from abm_trace.core.redact._spoken import SPOKEN_PARTS, spoken

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
    r"([0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}|[0-9A-Fa-f]{8}-[0-9A-Fa-f]{16}|[0-9A-Za-z]{6,64})"
)
_SHORTEST, _LONGEST = 6, 64
_PLAIN: Final = re.compile(rf"([0-9A-Za-z]{{{_SHORTEST},{_LONGEST}}})")
_APART: Final = bytes(code if code < 128 and chr(code).isalnum() else 32 for code in range(256))
_WORD_MIN: Final = 3
_WORDS_MAX: Final = 200_000
_PSEUDONYM_DIGITS: Final = 16
_UID: Final = re.compile(r"\d{1,5}")
# `…\nF9FXQ1ABCD` in a JSON string: behind such an escape begins a word, which its letter would else be part of.
_ESCAPE: Final = re.compile(r"\\+(?:u[0-9A-Fa-f]{4}|[bfnrtv])")
_EDGE: Final = "\ufdd0"
"""No character, and so no letter of a word. From: Unicode, 23.7 (noncharacters)."""

_LABEL: Final = re.compile(
    rf"\[(?:{'|'.join(LABELS.values())}) \d+\]|\[secret\]|\[(?:{'|'.join(LABELS)}) [0-9a-f]{{16}}\]"
)

__all__ = [
    "ALL", "LABELS", "NAMED", "PEM", "SPOKEN", "Redactor", "continued", "kind_of", "names_mail", "spoken",
    "unmasked",
]  # fmt: skip


class _Look(NamedTuple):
    """One way of finding things of a kind, looked at where the bit is set and one of the parts stands in the text."""

    bit: int
    kind: str
    pattern: re.Pattern[str]
    act: str
    parts: tuple[str, ...] = ()
    unless: int = 0
    """Bits of a look behind it that does the same and more."""


_LOOKS: Final = (
    _Look(BIT["secret pair"], "secret", PAIR, "_field", PARTS["secret"]),
    _Look(BIT["secret header"], "secret", HEADER, "_header", PARTS["secret"]),
    _Look(BIT["secret shape"], "secret", SECRETS, "_shape"),
    _Look(BIT["secret spoken"], "secret", SPOKEN_OF["secret"], "_said", SPOKEN_PARTS["secret"]),
    _Look(BIT["secret field"], "secret", FIELDS["secret"], "_field", PARTS["secret"]),
    _Look(BIT["person shape"], "person", PEOPLE, "_shape", PEOPLE_PARTS),
    _Look(BIT["person spoken"], "person", SPOKEN_OF["person"], "_said", SPOKEN_PARTS["person"]),
    _Look(BIT["person field"], "person", FIELDS["person"], "_field", PARTS["person"]),
    _Look(BIT["hardware shape"], "hardware", HARDWARE, "_shape"),
    _Look(BIT["hardware field"], "hardware", FIELDS["hardware"], "_field", PARTS["hardware"]),
    _Look(BIT["token"], "secret", TOKENS, "_whole", TOKEN_PARTS),
    _Look(BIT["bare mac"], "hardware", BARE_MAC, "_shape", ("mac",)),
    _Look(BIT["wary field"], "person", WARY_FIELD, "_field"),
    _Look(BIT["ipv4"], "address", IPV4, "_address", unless=BIT["address"]),
    _Look(BIT["address"], "address", ADDRESSES, "_address"),
)
_LOOKED: Final = sum(look.bit for look in _LOOKS)
_SEEN: Final = (1 << ONLY) - 1


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
        key: bytes = b"",
        wary: bool = False,
    ) -> None:
        self._key, self._wary = key, wary
        self._kinds = frozenset(kinds) & LABELS.keys()
        self._others, self._keep, self._fold = others, keep, fold
        self._known = Known(others if "device" in self._kinds else (), fold)
        self._looks = [
            self._look(each) for each in _LOOKS if each.kind in self._kinds and (wary or each.pattern is not WARY_FIELD)
        ]
        self._shown: dict[str, str] = {}
        self._plain_words: set[bytes] = set()
        self._alone = self._known.words()
        self._labels: dict[str, dict[str, str]] = {}
        named = {word.casefold(): kind for word, kind in words if kind in self._kinds and len(word) >= _WORD_MIN}
        self._named = dict(sorted(named.items(), key=lambda item: (-len(item[0]), item[0])))
        self._is_quick = "device" in self._kinds and not self._named and not self._keep

    def __call__(self, text: str, seen: int = ALL) -> str:
        """The text with a label for each thing that is hidden; `seen` is what `glance` saw of it as a line."""
        if not self._kinds:
            return text
        hidden = self._hide(text, seen)
        if "\\" in hidden and _ESCAPE.search(hidden):
            hidden = self._hide(_ESCAPE.sub(lambda found: found[0] + _EDGE, hidden), ALL).replace(_EDGE, "")
        return hidden

    def glance(self, lines: Sequence[bytes]) -> list[int]:
        """For each line what it can hold that is hidden, in one look over all: it makes the long look a short one."""
        found = glance(lines)
        for at, starts in self._known.lines(lines).items() if self._known else ():
            found[at] |= KNOWN | (starts[0] + 1 << ONLY if len(starts) == 1 else 0)
        return found

    def quick(self, line: bytes, seen: int) -> bytes | None:
        """What is shown of a line in which `glance` saw nothing but, perhaps, one known identifier.

        None where that needs a longer look.
        """
        if not self._is_quick or not line.isascii() or b"\\" in line:
            return None
        words = line.translate(_APART).split()
        if seen:
            known = self._alone.intersection(words) if seen & _SEEN == KNOWN and seen >> ONLY else ()
            if len(known) != 1:
                return None
            word = next(iter(known))
            words.remove(word)
            label = self.label("device", word.decode()).encode()
            if not self._are_plain(label.translate(_APART).split()):
                return None
            line = line.replace(word, label, 1)
        plain = self._plain_words
        for word in () if plain.issuperset(words) else [each for each in words if each not in plain]:
            if self._are_plain([word]):
                continue
            if len(word) > _LONGEST or line.count(word) != 1:
                return None
            line = line.replace(word, self._other(word.decode()).encode())
        return line

    def _look(self, look: _Look) -> tuple[_Look, Callable[[str], str]]:
        """The look, and what hides in a text all that it finds."""
        act = getattr(self, look.act)
        if self._wary and look.pattern is BARE_MAC:
            look = look._replace(parts=())
        return look, lambda text: look.pattern.sub(lambda found: act(look.kind, found), text)

    def _hide(self, text: str, seen: int) -> str:
        if self._named:
            seen, text = ALL, self._without_words(text)
        if seen & _LOOKED:
            text, seen = self._looked(text, seen)
        if "device" not in self._kinds:
            return text
        if self._known and seen & (KNOWN | BIT["coded"]):
            if seen & BIT["coded"] and CODED.search(text):
                text, seen = self._without(text, self._known.coded), ALL
            text = self._without(text, partial(self._known.plain, only=(seen >> ONLY) - 1))
        if seen & BIT["uuid"]:
            return self._without_others(text, _WORD)
        is_plain = self._are_plain(text.encode(errors="replace").translate(_APART).split())
        return text if is_plain else self._without_others(text, _PLAIN)

    def _are_plain(self, words: Sequence[bytes]) -> bool:
        """Whether none of the words of a line is hidden; no UUID stands in it, which is of several words."""
        if self._plain_words.issuperset(words):
            return True
        plain = self._plain_words
        for word in [each for each in words if each not in plain]:
            if len(word) >= _SHORTEST and (len(word) > _LONGEST or self._other(word.decode()) != word.decode()):
                return False
            plain.add(word)
        return True

    def _without_others(self, text: str, pattern: re.Pattern[str]) -> str:
        """The text without the words that are identifiers."""
        parts = pattern.split(text)
        parts[1::2] = map(self._other, parts[1::2])
        return "".join(parts)

    def _looked(self, text: str, seen: int) -> tuple[str, int]:
        """The text without what the looks find, and what is left to look for in it."""
        folded = text.casefold()
        for look, hide in self._looks:
            if not seen & look.bit or seen & look.unless:
                continue
            if not look.parts or any(part in folded for part in look.parts):
                before, text = text, hide(text)
                if text != before:
                    seen = self.glance([text.encode(errors="surrogatepass")])[0]
        return text, seen

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
        return {kind: len(self._labels[kind]) for kind in LABELS if kind in self._labels}

    def label(self, kind: str, text: str) -> str:
        """What stands for a text of this kind (a key of LABELS)."""
        text = text.replace(_EDGE, "").casefold()
        labels = self._labels.setdefault(kind, {})
        found = labels.get(text)
        if found is None:
            found = labels[text] = self._label(kind, text, len(labels) + 1)
        return found

    def _label(self, kind: str, text: str, number: int) -> str:
        if not self._key:
            return f"[{LABELS[kind]} {number}]"
        return "[secret]" if kind == "secret" else f"[{kind} {self._pseudonym(kind, text)}]"

    def _pseudonym(self, kind: str, text: str) -> str:
        said = f"{kind}\0{text}".encode(errors="surrogatepass")
        return hmac.digest(self._key, said, "sha256").hex()[:_PSEUDONYM_DIGITS]

    def _field(self, kind: str, found: re.Match[str]) -> str:
        key, between, value = found.groups()
        opened, bare, closed = parts.groups() if (parts := QUOTED.fullmatch(value)) else ("", value, "")
        if not bare or _LABEL.fullmatch(bare) or bare.casefold() in NOTHING:
            return found[0]
        if kind == "person":
            first = bare.split(None, 1)[0] if bare.strip() else bare
            if _UID.fullmatch(first) or first.casefold() in NOTHING:
                return found[0]  # The system's number of a user, as logs have it: 0, 501.
            if known := _LABEL.match(bare):  # `user: jane@example.com Doe`, of which the first is hidden already.
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

    def _other(self, word: str) -> str:
        """The label of a word that is an identifier, else the word."""
        shown = self._shown.get(word)
        if shown is None:
            if len(self._shown) >= _WORDS_MAX:
                self._shown.clear()
                self._plain_words.clear()
            name = self._name(word)
            shown = self._shown[word] = self.label("device", name) if name else word
        return shown

    def _name(self, word: str) -> str:
        """The identifier that a word is, "" if it is to be left as it is."""
        key = self._fold(word)
        if key in self._keep or key.removeprefix("S") in self._keep:
            return ""
        if key in self._others:
            return key
        if key.startswith("S") and key[1:] in self._others:
            return key[1:]  # The S of a barcode.
        return key if self._wary and is_identifier(word) else ""


def _is_barcode(text: str, begin: int) -> bool:
    """Whether the S of a barcode stands before it."""
    return begin > 0 and text[begin - 1] in "Ss" and not text[max(0, begin - 2) : begin - 1].isalnum()
