"""Fields that hold what has to be hidden: their names, and where their values begin and end."""

import re
from functools import lru_cache
from typing import Final

_CONFIDENTIAL: Final = (
    r"(?:password|passcode|passwd|passphrase|secret|authorization|cookie|api[_-]?key|private[_-]?key"
    r"|consumer[_-]?key|push[_-]?magic|auth[_-]?session|client[_-]?assertion|escrow[_-]?key|psk"
    r"|(?:access|refresh|id|auth|session|bearer|push|device|unlock|bootstrap|security|oauth)[_-]?token)"
)
_CONFIDENTIAL_KEY: Final = rf"(?:[\w-]{{0,40}}{_CONFIDENTIAL}|token)"
HARDWARE_KEY: Final = (
    r"(?:imei\d?|meid|eid|iccid|(?:wi-?fi|bluetooth|ethernet|lan|wlan)?[ _-]?mac(?:[ _-]?addr(?:ess)?)?)"
)
PERSON_KEY: Final = (
    r"(?:(?:assigned|last|primary|enrolled|managed)?[ _-]?"
    r"(?:user|owner|person|employee|patient|nurse|technician|contact)"
    r"(?:[ _-]?(?:display|principal|full|real))?(?:[ _-]?(?:name|id|e?-?mail(?:[ _-]?address)?))?"
    r"|(?:full|first|last|real|display|given|family|middle|nick|sur|device|short)[ _-]?name"
    r"|assigned[ _-]?to|ssid|e?-?mail(?:[ _-]?address)?|(?:phone|telephone|mobile)(?:[ _-]?number)?)"
)
_KEYS: Final = {
    kind: re.compile(pattern, re.IGNORECASE)
    for kind, pattern in (("secret", _CONFIDENTIAL_KEY), ("hardware", HARDWARE_KEY), ("person", PERSON_KEY))
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
QUOTED: Final = re.compile(r"""(\\*["']?)([\s\S]*?)(\\*["']?)""")
NOTHING: Final = frozenset({"null", "none", "true", "false"})
FIELDS: Final = {
    kind: re.compile(rf"(?<![\w-])({pattern.pattern}){_NAMES if kind == 'person' else _VALUE}", re.IGNORECASE)
    for kind, pattern in _KEYS.items()
}
# A header in a HAR, `"name":"Cookie","value":"…"`, and a field whose value stands on the lines behind it.
PAIR: Final = re.compile(
    rf"""(\\{{0,3}}"name\\{{0,3}}"\s{{0,4}}:\s{{0,4}}\\{{0,3}}"{_CONFIDENTIAL_KEY}\\{{0,3}}"\s{{0,4}},\s{{0,4}}\\{{0,3}}"value\\{{0,3}}")"""
    rf"""{_VALUE}""",
    re.IGNORECASE,
)
# One of these stands in each name of a field of that kind: a text without them needs no long look [4 times as fast].
PARTS: Final = {
    "secret": ("pass", "secret", "authorization", "cookie", "key", "magic", "session", "assertion", "token", "psk"),
    "hardware": ("imei", "meid", "eid", "iccid", "mac"),
    "person": (
        "user", "owner", "person", "employee", "patient", "nurse", "technician", "contact", "name", "mail", "phone",
        "mobile", "assigned", "ssid",
    ),
}  # fmt: skip
HEADER: Final = re.compile(
    r"((?<![\w-])(?:set-)?cookie\b|(?<![\w-])(?:proxy-)?authorization\b)(\s{0,4}:\s{0,4})([^\r\n\"'\\]+)", re.IGNORECASE
)
"""A header whose value goes to the end of its line: `Cookie: a=1; b=2`, `Authorization: Digest username=…`."""


@lru_cache(maxsize=4096)
def kind_of(key: str) -> str:
    """What a field of this name holds that may have to be hidden (a key of LABELS), "" for any other."""
    return next((kind for kind, pattern in _KEYS.items() if pattern.fullmatch(key.strip())), "")
