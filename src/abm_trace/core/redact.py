"""The one place that takes out of a text what its reader must not see: tickets, and whatever else leaves the house.

What is taken out is replaced by a label with a number, the same for the same text, so that a reader can still tell one
device from another; with a key the number is a pseudonym, the same in all that is redacted under that key. Nothing is
guessed to be harmless: fields are known by their names, the rest by its shape.
"""

import binascii
import hmac
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
# A header in a HAR, `"name":"Cookie","value":"…"`, and a field whose value stands on the lines behind it.
_PAIR: Final = re.compile(
    rf"""(\\{{0,3}}"name\\{{0,3}}"\s{{0,4}}:\s{{0,4}}\\{{0,3}}"{_CONFIDENTIAL_KEY}\\{{0,3}}"\s{{0,4}},\s{{0,4}}\\{{0,3}}"value\\{{0,3}}")"""
    rf"""{_VALUE}""",
    re.IGNORECASE,
)
_CONTINUED: Final = re.compile(
    rf"""<key>\s{{0,4}}(?:{_CONFIDENTIAL_KEY}|{_HARDWARE_KEY}|{_PERSON_KEY})\s{{0,4}}</key>"""
    rf"""|"(?:{_CONFIDENTIAL_KEY}|{_HARDWARE_KEY}|{_PERSON_KEY})"\s{{0,4}}:\s{{0,4}}[\[{{]?\s{{0,4}}$"""
    rf"""|"name"\s{{0,4}}:\s{{0,4}}"{_CONFIDENTIAL_KEY}"\s{{0,4}},?\s{{0,4}}$""",
    re.IGNORECASE,
)
# `…\nF9FXQ1ABCD` in a JSON string: behind such an escape begins a word, which its letter would else be part of.
_ESCAPE: Final = re.compile(r"\\+(?:u[0-9A-Fa-f]{4}|[bfnrtv])")
_EDGE: Final = "\ufdd0"
"""No character, and so no letter of a word. From: Unicode, 23.7 (noncharacters)."""

_WARY_KEY: Final = re.compile(
    r"(?:(?:actor|subject|admin|host|computer|machine|local)?[ _-]?name|hostname|actor|notes?|comments?|asset[ _-]?tag"
    r"|room|department|position|address|lat(?:itude)?|lon(?:g|gitude)?|lng|ssid|\w{1,20}[_-](?:phone|e?mail|address))",
    re.IGNORECASE,
)
_WARY_FIELD: Final = re.compile(rf"""(\\{{0,3}}"{_WARY_KEY.pattern})(?=\\{{0,3}}"){_VALUE}""", re.IGNORECASE)
"""`"name":"Anna's iPad"`: in quotes alone, for logs are full of such words."""

# One of these stands in each name of a field of that kind: a text without them needs no long look [4 times as fast].
_PARTS: Final = {
    "secret": ("pass", "secret", "authorization", "cookie", "key", "magic", "session", "assertion", "token"),
    "hardware": ("imei", "meid", "eid", "iccid", "mac"),
    "person": (
        "user", "owner", "person", "employee", "patient", "nurse", "technician", "contact", "name", "mail", "phone",
        "mobile",
    ),
}  # fmt: skip
_SECRETS: Final = re.compile(
    r"(?P<keep>\b(?:Bearer|Basic|OAuth|MAC)\s+)[\w+/=.~-]{8,}"
    r"|\beyJ[\w-]{5,}(?:\.[\w-]+){1,2}"
    r"|-----BEGIN [^-\n]{1,40}-----[\s\S]*?(?:-----END [^-\n]{1,40}-----|\Z)"
    r"|(?:(?<=://)|(?<=:\\/\\/))[^/\s:@]{1,80}:[^/\s@]{1,200}(?=@)"
    r"|(?<![\w+/=])(?P<blob>[\w+/]{40,}={0,2})(?![\w+/=])",
    re.IGNORECASE,
)
_PEOPLE: Final = re.compile(
    r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+|(?<=/Users/)[^/\s\"']+|(?<=/home/)[^/\s\"']+"
    r"|(?<=/Users\\/)[^/\s\"'\\]+|(?<=/home\\/)[^/\s\"'\\]+"  # As JSON may write it: \/Users\/anna
)
_PEOPLE_PARTS: Final = ("@", "/users", "/home")
_HARDWARE: Final = re.compile(
    r"(?<![0-9A-Fa-f:-])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:-])"
    r"|(?<!\d)\d{2}[ -]\d{6}[ -]\d{6}[ -]\d(?!\d)|(?<!\d)(?:89\d{30}|89\d{17,18}|\d{15})(?!\d)"
)
_LABEL: Final = re.compile(
    rf"\[(?:{'|'.join(LABELS.values())}) \d+\]|\[secret\]|\[(?:{'|'.join(LABELS)}) [0-9a-f]{{16}}\]"
)
_HEADER: Final = re.compile(
    r"((?<![\w-])(?:set-)?cookie\b|(?<![\w-])(?:proxy-)?authorization\b)(\s{0,4}:\s{0,4})([^\r\n\"'\\]+)", re.IGNORECASE
)
"""A header whose value goes to the end of its line: `Cookie: a=1; b=2`, `Authorization: Digest username=…`."""

# What an identifier looks like that nobody named: a serial number (F9FXQ1ABCD), a UUID or UDID, a digest, a name in
# which upper case, lower case and digits are mixed as chance does.
_SERIAL: Final = re.compile(r"(?=[A-Z]*[0-9])(?=[0-9]*[A-Z])[0-9A-Z]{8,14}|(?!0x)(?=.*[0-9])(?=.*[a-z])[0-9a-z]{10,12}")
_HEX: Final = re.compile(r"[0-9A-Fa-f]{24,64}|[0-9A-Fa-f-]{25,36}")
_MIXED_MIN: Final = 12
_IMEI_DIGITS: Final = 15
_PSEUDONYM_DIGITS: Final = 16
_PART_MIN: Final = 8
"""So long an identifier must be to be looked for inside of longer words. Origin: ours."""

_ADDRESSES: Final = re.compile(
    r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)|(?<![\w:])(?=[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:)[0-9A-Fa-f:]{2,39}(?:%\w+)?(?![\w:])"
    r"|(?<![\w.-])[\w-]{1,63}(?:\.[\w-]{1,63}){0,6}\.(?:local|lan|internal|corp|intranet|home\.arpa)(?![\w-])"
)


@lru_cache(maxsize=4096)
def kind_of(key: str, *, wary: bool = False) -> str:
    """What a field of this name holds that may have to be hidden (a key of LABELS), "" for any other.

    `wary` also takes names that hold a person's only sometimes: of a device, of an actor, of a place.
    """
    found = next((kind for kind, pattern in _KEYS.items() if pattern.fullmatch(key.strip())), "")
    return found or ("person" if wary and _WARY_KEY.fullmatch(key.strip()) else "")


def continued(line: str) -> bool:
    """Whether a line names a field that may have to be hidden, and its value stands on the lines behind."""
    return _CONTINUED.search(line) is not None


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
        self._lengths = sorted({len(each) for each in others if len(each) >= _PART_MIN}, reverse=True)
        self._numbers: dict[str, dict[str, int]] = {}
        named = {word.casefold(): kind for word, kind in words if kind in self._kinds and len(word) >= _WORD_MIN}
        self._named = dict(sorted(named.items(), key=lambda item: (-len(item[0]), item[0])))

    def __call__(self, text: str) -> str:
        """The text with a label for each thing that is hidden."""
        if not self._kinds:
            return text
        text = self._hide(text)
        if "\\" in text and _ESCAPE.search(text):
            text = self._hide(_ESCAPE.sub(lambda found: found[0] + _EDGE, text)).replace(_EDGE, "")
        return text

    def _hide(self, text: str) -> str:
        text = self._without_words(text)
        folded = text.casefold()
        named = {
            kind for kind, parts in _PARTS.items() if kind in self._kinds and any(part in folded for part in parts)
        }
        if "secret" in named:
            text = _PAIR.sub(lambda found: self._field("secret", found), text)
            text = _HEADER.sub(lambda found: f"{found[1]}{found[2]}{self.label('secret', found[3])}", text)
        for kind, pattern in (("secret", _SECRETS), ("person", _PEOPLE), ("hardware", _HARDWARE)):
            if kind in self._kinds and (kind != "person" or any(part in folded for part in _PEOPLE_PARTS)):
                text = pattern.sub(lambda found, kind=kind: self._shape(kind, found), text)  # type: ignore[misc]
            if kind in named:
                text = _FIELDS[kind].sub(lambda found, kind=kind: self._field(kind, found), text)  # type: ignore[misc]
        if self._wary and '"' in text:
            text = _WARY_FIELD.sub(lambda found: self._field("person", found), text)
        if "address" in self._kinds:
            text = _ADDRESSES.sub(self._address, text)
        return _WORD.sub(self._other, text) if "device" in self._kinds else text

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
        number = numbers.setdefault(text, len(numbers) + 1)
        if not self._key:
            return f"[{LABELS[kind]} {number}]"
        return "[secret]" if kind == "secret" else f"[{kind} {self._pseudonym(kind, text)}]"

    def _pseudonym(self, kind: str, text: str) -> str:
        said = f"{kind}\0{text}".encode(errors="surrogatepass")
        return hmac.digest(self._key, said, "sha256").hex()[:_PSEUDONYM_DIGITS]

    def _field(self, kind: str, found: re.Match[str]) -> str:
        key, between, value = found.groups()
        opened, bare, closed = parts.groups() if (parts := _QUOTED.fullmatch(value)) else ("", value, "")
        if not bare or _LABEL.fullmatch(bare) or bare.casefold() in {"null", "none", "true", "false"}:
            return found[0]
        if kind == "person" and _UID.fullmatch(bare):  # The system's number of a user, as logs have it: 0, 501.
            return found[0]
        return f"{key}{between}{opened}{self.label(kind, bare)}{closed}"

    def _shape(self, kind: str, found: re.Match[str]) -> str:
        text = found[0]
        named = found.groupdict()
        if self._fold(text) in self._keep or (kind == "hardware" and not _is_hardware(text)):
            return text
        if named.get("blob") and not _is_mixed(text):
            return text
        kept = named.get("keep") or ""
        return kept + self.label(kind, text[len(kept) :])

    def _address(self, found: re.Match[str]) -> str:
        return self.label("address", found[0]) if _is_internal(found[0]) else found[0]

    def _other(self, found: re.Match[str]) -> str:
        key = self._fold(found[0])
        if key in self._keep or key.removeprefix("S") in self._keep:
            return found[0]
        if key not in self._others and key.startswith("S") and key[1:] in self._others:
            key = key[1:]  # The S of a barcode.
        if key not in self._others and self._wary:
            key = self._within(key) or (key if _is_identifier(found[0]) else "")
            return self.label("device", key) if key else found[0]
        return self.label("device", key) if key in self._others else found[0]

    def _within(self, word: str) -> str:
        """The identifier that is part of a longer word, such as `iPadF9FXQ1ABCD`; "" for none."""
        for length in self._lengths:
            for at in range(len(word) - length + 1):
                if word[at : at + length] in self._others:
                    return word[at : at + length]
        return ""


def _is_hardware(text: str) -> bool:
    """Whether digits are an IMEI by their check digit (Luhn); the other shapes speak for themselves."""
    digits = [int(each) for each in text if each.isdigit()]
    if len(digits) != _IMEI_DIGITS or not set(text) <= set("0123456789 -"):
        return True
    doubled = [digit * 2 - 9 * (digit > 4) if number % 2 else digit for number, digit in enumerate(digits)]
    return sum(doubled) % 10 == 0


def _is_identifier(text: str) -> bool:
    """Whether it looks like a serial number, a UUID, a digest, or base64 of such."""
    if _SERIAL.fullmatch(text) or _HEX.fullmatch(text):
        return True
    return len(text) >= _MIXED_MIN and "-" not in text and (_is_mixed(text) or _is_base64(text))


def _is_base64(text: str) -> bool:
    """Whether it is text in base64: that a word of ten letters decodes to nothing but ASCII is no chance."""
    if text.islower() or text.isupper():
        return False
    try:
        return binascii.a2b_base64(text + "=" * (-len(text) % 4)).decode("ascii").isprintable()
    except ValueError:
        return False


def _is_mixed(text: str) -> bool:
    """Whether it looks drawn by chance, as keys do in base64: a path or a digest in hexadecimal does not."""
    return any(map(str.isupper, text)) and any(map(str.islower, text)) and any(map(str.isdigit, text))


@lru_cache(maxsize=4096)
def _is_internal(text: str) -> bool:
    """Whether it is a name of an inner domain, or an address that the internet does not route."""
    try:
        return not ipaddress.ip_address(text).is_global
    except ValueError:
        return text[:1] not in ":%" and "." in text and not text.replace(".", "").isdigit()
