"""The one place that takes out of a text what its reader must not see: tickets, and whatever else leaves the house.

What is taken out is replaced by a label with a number, the same for the same text, so that a reader can still tell one
device from another. Nothing is guessed to be harmless: fields are known by their names, the rest by its shape.
"""

import ipaddress
import re
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from typing import Final

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
_CONFIDENTIAL_KEY: Final = (
    r"(?:[\w-]{0,40}(?:password|passcode|passwd|passphrase|secret|authorization|cookie|api[_-]?key|private[_-]?key"
    r"|consumer[_-]?key|push[_-]?magic|auth[_-]?session|client[_-]?assertion|escrow[_-]?key"
    r"|(?:access|refresh|id|auth|session|bearer|push|device|unlock|bootstrap|security|oauth)[_-]?token)|token)"
)
_HARDWARE_KEY: Final = (
    r"(?:imei\d?|meid|eid|iccid|(?:wi-?fi|bluetooth|ethernet|lan|wlan)?[ _-]?mac(?:[ _-]?addr(?:ess)?)?)"
)
_PERSON_KEY: Final = (
    r"(?:(?:assigned|last|primary|enrolled|managed)?[ _-]?"
    r"(?:user|owner|person|employee|patient|nurse|technician|contact)"
    r"(?:[ _-]?(?:display|principal|full|real))?(?:[ _-]?(?:name|id|e?-?mail(?:[ _-]?address)?))?"
    r"|(?:full|first|last|real|display|given|family|middle|nick|sur|device|short)[ _-]?name"
    r"|e?-?mail(?:[ _-]?address)?|(?:phone|telephone|mobile)(?:[ _-]?number)?)"
)
_KEYS: Final = {
    kind: re.compile(pattern, re.IGNORECASE)
    for kind, pattern in (("secret", _CONFIDENTIAL_KEY), ("hardware", _HARDWARE_KEY), ("person", _PERSON_KEY))
}
# `"userName": "Anna"`, `imei=35…`, `\"user\":\"Anna\"` inside of a text; also cut before the closing quote.
_VALUE: Final = (
    r"""(\\{0,3}["']?\s{0,4}[:=]\s{0,4})"""
    r"""(\\{1,3}"[^"]*"?|"(?:[^"\\]|\\.)*"?|'[^']*'?|\[[^\]]*\]?|\{[^{}]*\}?|[^\s,;&"'{}\[\]\\]+)"""
)
_QUOTED: Final = re.compile(r"""(\\*["']?)([\s\S]*?)(\\*["']?)""")
_UID: Final = re.compile(r"\d{1,5}")
_FIELDS: Final = {
    kind: re.compile(rf"(?<![\w-])({pattern.pattern}){_VALUE}", re.IGNORECASE) for kind, pattern in _KEYS.items()
}
_SECRETS: Final = re.compile(
    r"(?P<keep>\b(?:Bearer|Basic|OAuth|MAC)\s+)[\w+/=.~-]{8,}"
    r"|\beyJ[\w-]{5,}(?:\.[\w-]+){1,2}"
    r"|-----BEGIN [^-\n]{1,40}-----[\s\S]*?(?:-----END [^-\n]{1,40}-----|\Z)"
    r"|(?<=://)[^/\s:@]{1,80}:[^/\s@]{1,200}(?=@)"
    r"|(?<![\w+/=])(?P<blob>[\w+/]{40,}={0,2})(?![\w+/=])",
    re.IGNORECASE,
)
_PEOPLE: Final = re.compile(
    r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+|(?<=/Users/)[^/\s\"']+|(?<=/home/)[^/\s\"']+"
)
_HARDWARE: Final = re.compile(
    r"(?<![0-9A-Fa-f:-])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:-])"
    r"|(?<!\d)\d{2}[ -]\d{6}[ -]\d{6}[ -]\d(?!\d)|(?<!\d)(?:89\d{30}|89\d{17,18}|\d{15})(?!\d)"
)
_LABEL: Final = re.compile(rf"\[(?:{'|'.join(LABELS.values())}) \d+\]")
_IMEI_DIGITS: Final = 15
_ADDRESSES: Final = re.compile(
    r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)|(?<![\w:])[0-9A-Fa-f:]{2,39}(?:%\w+)?(?![\w:])"
    r"|(?<![\w.-])[\w-]{1,63}(?:\.[\w-]{1,63}){0,6}\.(?:local|lan|internal|corp|intranet|home\.arpa)(?![\w-])"
)


@lru_cache(maxsize=4096)
def kind_of(key: str) -> str:
    """What a field of this name holds that may have to be hidden (a key of LABELS), "" for any other."""
    return next((kind for kind, pattern in _KEYS.items() if pattern.fullmatch(key.strip())), "")


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
        self._numbers: dict[str, dict[str, int]] = {}
        named = {word.casefold(): kind for word, kind in words if kind in self._kinds and len(word) >= _WORD_MIN}
        self._named = dict(sorted(named.items(), key=lambda item: (-len(item[0]), item[0])))

    def __call__(self, text: str) -> str:
        """The text with a label for each thing that is hidden."""
        if not self._kinds:
            return text
        text = self._without_words(text)
        for kind, pattern in (("secret", _SECRETS), ("person", _PEOPLE), ("hardware", _HARDWARE)):
            if kind in self._kinds:
                text = pattern.sub(lambda found, kind=kind: self._shape(kind, found), text)  # type: ignore[misc]
                text = _FIELDS[kind].sub(lambda found, kind=kind: self._field(kind, found), text)  # type: ignore[misc]
        if "address" in self._kinds:
            text = _ADDRESSES.sub(self._address, text)
        return _WORD.sub(self._other, text) if "device" in self._kinds else text

    def _without_words(self, text: str) -> str:
        """The text without the words that are to be hidden, the longest first: a part of one is none."""
        folded = text.casefold()
        for word, kind in self._named.items():
            if word in folded:
                whole = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
                text = whole.sub(self._label(kind, word), text)
                folded = text.casefold()
        return text

    def hidden(self) -> dict[str, int]:
        """How many different things of each kind were hidden so far, in the order of LABELS."""
        return {kind: len(self._numbers[kind]) for kind in LABELS if kind in self._numbers}

    def _label(self, kind: str, text: str) -> str:
        numbers = self._numbers.setdefault(kind, {})
        return f"[{LABELS[kind]} {numbers.setdefault(text.casefold(), len(numbers) + 1)}]"

    def _field(self, kind: str, found: re.Match[str]) -> str:
        key, between, value = found.groups()
        opened, bare, closed = parts.groups() if (parts := _QUOTED.fullmatch(value)) else ("", value, "")
        if not bare or _LABEL.fullmatch(bare) or bare.casefold() in {"null", "none", "true", "false"}:
            return found[0]
        if kind == "person" and _UID.fullmatch(bare):  # The system's number of a user, as logs have it: 0, 501.
            return found[0]
        return f"{key}{between}{opened}{self._label(kind, bare)}{closed}"

    def _shape(self, kind: str, found: re.Match[str]) -> str:
        text = found[0]
        named = found.groupdict()
        if self._fold(text) in self._keep or (kind == "hardware" and not _is_hardware(text)):
            return text
        if named.get("blob") and not _is_mixed(text):
            return text
        kept = named.get("keep") or ""
        return kept + self._label(kind, text[len(kept) :])

    def _address(self, found: re.Match[str]) -> str:
        return self._label("address", found[0]) if _is_internal(found[0]) else found[0]

    def _other(self, found: re.Match[str]) -> str:
        key = self._fold(found[0])
        if key in self._keep or key.removeprefix("S") in self._keep:
            return found[0]
        known = key in self._others or (key.startswith("S") and key[1:] in self._others)
        return self._label("device", key) if known else found[0]


def _is_hardware(text: str) -> bool:
    """Whether digits are an IMEI by their check digit (Luhn); the other shapes speak for themselves."""
    digits = [int(each) for each in text if each.isdigit()]
    if len(digits) != _IMEI_DIGITS or not set(text) <= set("0123456789 -"):
        return True
    doubled = [digit * 2 - 9 * (digit > 4) if number % 2 else digit for number, digit in enumerate(digits)]
    return sum(doubled) % 10 == 0


def _is_mixed(text: str) -> bool:
    """Whether it looks drawn by chance, as keys do in base64: a path or a digest in hexadecimal does not."""
    return any(map(str.isupper, text)) and any(map(str.islower, text)) and any(map(str.isdigit, text))


def _is_internal(text: str) -> bool:
    """Whether it is a name of an inner domain, or an address that the internet does not route."""
    try:
        return not ipaddress.ip_address(text).is_global
    except ValueError:
        return text[:1] not in ":%" and "." in text and not text.replace(".", "").isdigit()
