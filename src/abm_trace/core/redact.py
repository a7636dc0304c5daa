"""The one place that takes out of a text what its reader must not see: tickets, and whatever else leaves the house.

What is taken out is replaced by a label with a number, the same for the same text, so that a reader can still tell one
device from another; with a key the number is a pseudonym, the same in all that is redacted under that key. Nothing is
guessed to be harmless: fields are known by their names, the rest by its shape.
"""

import binascii
import hmac
import ipaddress
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
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
    r"|consumer[_-]?key|push[_-]?magic|auth[_-]?session|client[_-]?assertion|escrow[_-]?key|psk"
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
    r"|assigned[ _-]?to|ssid|e?-?mail(?:[ _-]?address)?|(?:phone|telephone|mobile)(?:[ _-]?number)?)"
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
# A name may be of several words: without quotes it goes to the line's end, or to the next `field=`.
_NAMES: Final = (
    _VALUE.removesuffix(r"""|\[[^\]]*\]?|\{[^{}]*\}?|[^\s,;&"'{}\[\]\\]+)""")
    + r"""|\{[^{}]*\}?|(?:\[[^\]]*\]?|(?:[^\s,;&"'{}\[\]\\]|(?<=\w)'(?=\w))+)"""
    + r"""(?:,? {1,2}(?![\w.-]{1,40}+\s?[=:])(?:[^\s,;&"'{}\[\]\\=]|(?<=\w)'(?=\w))+)*)"""
)
_QUOTED: Final = re.compile(r"""(\\*["']?)([\s\S]*?)(\\*["']?)""")
_NOTHING: Final = frozenset({"null", "none", "true", "false"})
_UID: Final = re.compile(r"\d{1,5}")
_FIELDS: Final = {
    kind: re.compile(rf"(?<![\w-])({pattern.pattern}){_NAMES if kind == 'person' else _VALUE}", re.IGNORECASE)
    for kind, pattern in _KEYS.items()
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
    r"|room|department|position|address|lat(?:itude)?|lon(?:g|gitude)?|lng|\w{1,20}[_-](?:phone|e?mail|address))",
    re.IGNORECASE,
)
_WARY_FIELD: Final = re.compile(rf"""(\\{{0,3}}"{_WARY_KEY.pattern})(?=\\{{0,3}}"){_VALUE}""", re.IGNORECASE)
"""`"name":"Anna's iPad"`: in quotes alone, for logs are full of such words."""

# One of these stands in each name of a field of that kind: a text without them needs no long look [4 times as fast].
_PARTS: Final = {
    "secret": ("pass", "secret", "authorization", "cookie", "key", "magic", "session", "assertion", "token", "psk"),
    "hardware": ("imei", "meid", "eid", "iccid", "mac"),
    "person": (
        "user", "owner", "person", "employee", "patient", "nurse", "technician", "contact", "name", "mail", "phone",
        "mobile", "assigned", "ssid",
    ),
}  # fmt: skip
_MAIL: Final = (
    r"[\w.+%-]{1,64}(?:[@\uff20]|%(?:25)?40|\\u0040|&#(?:64|x40);|\s?[(\[]at[)\]]\s?)[\w-]{1,63}(?:\.[\w-]{1,63})+"
)
_SECRETS: Final = re.compile(
    r"(?P<keep>\b(?:Bearer|Basic|OAuth|MAC)\s+)[\w+/=.~-]{8,}"
    r"|(?<![A-Za-z0-9])eyJ[\w-]{5,}(?:\.[\w-]*){1,4}"
    r"|-----BEGIN [^-\n]{1,40}-----[\s\S]*?(?:-----END [^-\n]{1,40}-----|\Z)"
    r"|(?:(?<=://)|(?<=:\\/\\/))[^/\s:@]{1,80}:[^/\s@]{1,200}(?=@)"
    r"|(?<![\w+/=])(?P<blob>[\w+/]{40,}={0,2})(?![\w+/=])",
    re.IGNORECASE,
)
# Keys of AWS, GitHub, GitLab, Slack and Stripe, and a JWT that was cut. From: the vendors' pages on token formats.
_TOKENS: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:A[KS]IA[0-9A-Z]{16}|gh[oprsu]_\w{16,}|github_pat_\w{16,}|xox[a-z]-[\w-]{8,}"
    r"|[prs]k_(?:live|test)_\w{8,}|glpat-[\w-]{8,}|eyJ[\w-]{16,})",
    re.IGNORECASE,
)
_TOKEN_PARTS: Final = (
    "akia", "asia", "gho_", "ghp_", "ghr_", "ghs_", "ghu_", "github_pat_", "xox", "k_live_", "k_test_", "glpat-", "eyj",
)  # fmt: skip

# What free text says of somebody or of a secret: `owner Jane Doe signed in`, `Password is …`. Behind the same words
# also stands what is no value: `user agent`, `password required`.
_PLAIN_WORD: Final = (
    r"(?i:a|about|accept\w*|account\w*|actions?|affinity|agent\w*|agreement|all|an|and|any|app\w*|are|as|ask\w*|at"
    r"|auth\w*|autofill|be|been|but|by|can\w*|change\w*|channels?|check\w*|chose|code|called|consent|could|count"
    r"|created?|credentials?|data\w*|decline\w*|defaults?|delet\w*|denied|devices?|did|do|does|domain|empty|enter\w*"
    r"|error|exists?|expir\w*|fail\w*|fields?|for|found|from|groups?|guide|had|has|hash\w*|have|here|history|ids?|if|in"
    r"|incorrect|info\w*|input|interact\w*|interface|into|invalid|is|it|language|left|level|list|locked|log\w*|manager|may"
    r"|missing|mode|must|mutable|named?|names|needed|needs|never|new|no|none|not|null|of|ok|on|only|or|pane|policy|policies"
    r"|press\w*|profiles?|prompt\w*|protect\w*|records?|reject\w*|remov\w*|request\w*|requir\w*|reset\w*|roles?"
    r"|selected|sees?|sessions?|set|settings?|should|sign\w*|space|still|store\w*|sync\w*|tap\w*|that|the|their|then|this"
    r"|to|too|types?|unknown|unset|updat\w*|valid|was|were|when|who|whose|will|with|without|would|wrong)(?![\w.@-]*[\w@-])"
)
_IS: Final = r"(?:\s{1,4}(?i:is|was|named|called))?\s{1,4}"
_REST: Final = r"""[^\s"\\\[=:][^"\\\r\n\[]*"""
_SPOKEN: Final = {
    "person": re.compile(
        r"""((?<![\w-])(?i:user ?name|user|owner|employee|patient|nurse|technician|assigned to)"""
        rf"""{_IS})(?!{_PLAIN_WORD})([^\W\d_][^\s,;:&"'{{}}\[\]\\=()<>/]{{1,64}}+(?!=|:\S)(?:\s[A-ZÀ-Þ][\w.’'-]*+)*)"""
        rf"""|((?<![\w-])(?i:ssid){_IS})(?!{_PLAIN_WORD})({_REST})"""
    ),
    "secret": re.compile(
        rf"""((?<![\w-])(?i:password|passcode|passwd|passphrase|psk){_IS})(?!{_PLAIN_WORD})({_REST})"""
        rf"""|((?<![\w-])(?i:token|secret|api key){_IS})([\w+/=.~-]{{20,}}+)"""
        rf"""|((?<![\w-])(?i:pin|pin code){_IS})(\d{{4,12}}\b)"""
    ),
}
_SPOKEN_PARTS: Final = {
    "person": ("user", "owner", "employee", "patient", "nurse", "technician", "assigned", "ssid"),
    "secret": ("pass", "psk", "token", "secret", "api key", "pin"),
}
_PEOPLE: Final = re.compile(
    rf"{_MAIL}|(?<![\w+])\+[1-9](?:\d{{7,14}}|\d{{0,2}}(?: \d{{1,4}}){{2,6}})(?!\d)"
    r"|(?<=/Users/)[^/\s\"']+|(?<=/home/)[^/\s\"']+"
    r"|(?<=/Users\\/)[^/\s\"'\\]+|(?<=/home\\/)[^/\s\"'\\]+"  # As JSON may write it: \/Users\/anna
)
_PEOPLE_PARTS: Final = ("@", "\uff20", "%40", "%2540", "(at)", "[at]", "\\u0040", "&#", "+", "/users", "/home")
_HARDWARE: Final = re.compile(
    r"(?<![0-9A-Fa-f:-])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:-])"
    r"|(?<![0-9A-Fa-f.])(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}(?!\.?[0-9A-Fa-f])"
    r"|(?<!\d)\d{2}[ -]\d{6}[ -]\d{6}[ -]\d(?!\d)|(?<!\d)(?:89\d{30}|89\d{17,18}|\d{15})(?!\d)"
)
_BARE_MAC: Final = re.compile(r"(?<![\w-])(?=[0-9]{0,11}[A-Fa-f])[0-9A-Fa-f]{12}(?![\w-])")
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
_HEX_TEXT_MIN: Final = 16
_IMEI_DIGITS: Final = 15
_PSEUDONYM_DIGITS: Final = 16
_PART_MIN: Final = 8
"""So long an identifier must be to be looked for inside of longer words and across separators. Origin: ours."""

# Of each identifier one piece of so many letters begins at a letter whose number is a multiple of the step [3 times as
# fast as looking at each letter].
_PROBE, _STEP = 6, 3

# One letter as a URL, JSON or HTML may write it.
_UNIT: Final = re.compile(r"%([0-9A-Fa-f]{2})|\\u00([0-9A-Fa-f]{2})|&#x([0-9A-Fa-f]{2});|&#(\d{2,3});|[\s\S]")
_CODED: Final = re.compile(r"%[0-9A-Fa-f]{2}|\\u00|&#")

_ADDRESSES: Final = re.compile(
    r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)|(?<![\w:])(?=[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:)"
    r"(?:[0-9A-Fa-f:]{1,30}:(?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f:]{2,39})(?:%\w+)?(?![\w:])"
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


def spoken(text: str) -> bool:
    """Whether free text seems to name a person or a secret: how far the value goes, nobody can say."""
    folded = text.casefold()
    return any(
        any(part in folded for part in _SPOKEN_PARTS[kind]) and pattern.search(text)
        for kind, pattern in _SPOKEN.items()
    )


def names_mail(text: str) -> bool:
    """Whether a mail address stands in it."""
    return re.search(_MAIL, text, re.IGNORECASE) is not None


def unmasked(text: str) -> str:
    """The text without letters that nobody sees, and with each other in its usual form (Unicode NFKC)."""
    if text.isascii():
        return text
    seen = (each for each in text if each.isascii() or unicodedata.category(each) != "Cf")
    return unicodedata.normalize("NFKC", "".join(seen))


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
        self._letters = {
            ord(each): fold(each) if each.isalnum() else "" for each in map(chr, range(128)) if each not in "[]"
        }
        self._given = {chr(code): letter for code, letter in self._letters.items()} | {"[": "[", "]": "]"}
        self._known: dict[str, str] = {}
        for each in sorted(others) if "device" in self._kinds else ():
            for spelled in (each, each.encode().hex().upper(), each.lower().encode().hex().upper()):
                if len(bare := spelled.translate(self._letters)) >= _PART_MIN:
                    self._known.setdefault(bare, each)
        self._lengths = sorted({len(each) for each in self._known}, reverse=True)
        self._starts = {each[:_PART_MIN] for each in self._known}
        self._probes = {each[at : at + _PROBE] for each in self._starts for at in range(_STEP)}
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
            if kind in self._kinds and any(part in folded for part in _SPOKEN_PARTS.get(kind, ())):
                text = _SPOKEN[kind].sub(lambda found, kind=kind: self._said(kind, found), text)  # type: ignore[misc]
            if kind in named:
                text = _FIELDS[kind].sub(lambda found, kind=kind: self._field(kind, found), text)  # type: ignore[misc]
        if "secret" in self._kinds and any(part in folded for part in _TOKEN_PARTS):
            text = _TOKENS.sub(lambda found: self.label("secret", found[0]), text)
        if "hardware" in self._kinds and (self._wary or "mac" in folded):
            text = _BARE_MAC.sub(lambda found: self._shape("hardware", found), text)
        if self._wary and '"' in text:
            text = _WARY_FIELD.sub(lambda found: self._field("person", found), text)
        if "address" in self._kinds:
            text = _ADDRESSES.sub(self._address, text)
        return _WORD.sub(self._other, self._without_known(text)) if "device" in self._kinds else text

    def _without_known(self, text: str) -> str:
        """The text without the identifiers of others, whatever separates or encodes their letters."""
        if self._known and _CODED.search(text):
            units = [(found.start(), found.end(), self._squeeze(_decoded(found))) for found in _UNIT.finditer(text)]
            text = self._without_spelled(text, [unit for unit in units if unit[2]])
        given = self._given if text.isascii() else {each: self._squeeze(each) for each in set(text)}
        squeezed = text.translate(self._letters) if text.isascii() else "".join([given[each] for each in text])
        if self._probes.isdisjoint([squeezed[at : at + _PROBE] for at in range(0, len(squeezed) - _PROBE + 1, _STEP)]):
            return text
        units = [(at, at + 1, given[each]) for at, each in enumerate(text) if given[each]]
        return self._without_spelled(text, units)

    def _without_spelled(self, text: str, units: Sequence[tuple[int, int, str]]) -> str:
        """The same, for a text in units: where one begins, where it ends, which letters of an identifier it gives."""
        squeezed = "".join([unit[2] for unit in units])
        if len(squeezed) != len(units):
            units = [(begin, end, letter) for begin, end, letters in units for letter in letters]
        parts: list[str] = []
        done = taken = 0
        for at in range(len(squeezed) - _PART_MIN + 1):
            if at < taken or squeezed[at : at + _PART_MIN] not in self._starts:
                continue
            size = self._size_at(squeezed, at)
            begin, end = units[at][0], units[at + size - 1][1] if size else 0
            if size and not self._is_kept(text, begin, end):
                begin = max(done, begin - _is_barcode(text, begin))
                parts += [text[done:begin], self.label("device", self._known[squeezed[at : at + size]])]
                done, taken = end, at + size
        return "".join([*parts, text[done:]])

    def _size_at(self, squeezed: str, at: int) -> int:
        """How many letters the identifier has that begins there, 0 for none."""
        pieces = (squeezed[at : at + size] for size in self._lengths)
        return next((len(piece) for piece in pieces if piece in self._known), 0)

    def _squeeze(self, text: str) -> str:
        """Its letters and digits in the spelling of `fold`; "" for a mark over a letter."""
        if not text.isascii():
            text = "".join(each for each in unmasked(text) if each.isascii() or each.isalnum())
        return text.translate(self._letters)

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
        if not bare or _LABEL.fullmatch(bare) or bare.casefold() in _NOTHING:
            return found[0]
        if kind == "person":
            first = bare.split(None, 1)[0] if bare.strip() else bare
            if _UID.fullmatch(first) or first.casefold() in _NOTHING:
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
            key = key if _is_identifier(found[0]) else ""
            return self.label("device", key) if key else found[0]
        return self.label("device", key) if key in self._others else found[0]


def _decoded(found: re.Match[str]) -> str:
    """The letter that a unit stands for; the unit itself if it is none that ASCII has."""
    *hexed, decimal = found.groups()
    code = next((int(each, 16) for each in hexed if each), int(decimal or 0))
    return chr(code) if 0 < code < 128 else found[0]


def _is_barcode(text: str, begin: int) -> bool:
    """Whether the S of a barcode stands before it."""
    return begin > 0 and text[begin - 1] in "Ss" and not text[max(0, begin - 2) : begin - 1].isalnum()


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
    if len(text) >= _HEX_TEXT_MIN and _is_hex_text(text):
        return True
    return len(text) >= _MIXED_MIN and "-" not in text and (_is_mixed(text) or _is_base64(text))


def _is_hex_text(text: str) -> bool:
    """Whether it is letters and digits in hexadecimal."""
    try:
        return bytes.fromhex(text).isalnum()
    except ValueError:
        return False


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
        inner = text.rpartition(":")[2] if "." in text else ""  # ::ffff:10.0.0.1
        return any(not ipaddress.ip_address(each).is_global for each in (text, inner) if each)
    except ValueError:
        return text[:1] not in ":%" and "." in text and not text.replace(".", "").isdigit()
