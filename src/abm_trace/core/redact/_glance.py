"""One look over many lines: which of them can hold what is hidden, and what of it. The rest need no long look.

Each kind of thing has expressions that find it, or more, never less. Hyperscan matches all at once and knows no
lookarounds: what must not stand before or behind is a character of the match. A newline stands at both ends of a line.
"""

import bisect
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Final

import hyperscan

from abm_trace.core.redact._fields import CONFIDENTIAL, HARDWARE_KEY, PERSON_KEY, WARY_KEY

ALL: Final = -1
"""Whatever there is has to be looked for."""

_ASSIGNED: Final = r"""\\{0,3}["']?\s{0,4}[:=]"""
_FINDERS: Final[dict[str, tuple[str, ...]]] = {
    "secret pair": (r'"name\\{0,3}"',),
    "secret header": (r"(?:cookie|authorization)\s{0,4}:",),
    "secret shape": (
        r"\b(?:Bearer|Basic|OAuth|MAC)\s+[\w+/=.~-]{8}",
        r"eyJ[\w-]{5}",
        r"-----BEGIN ",
        r"(?:://|:\\/\\/)[^/\s:@]+:[^/\s@]+@",
        r"[\w+/]{40}[^\w+/]",
    ),
    "secret spoken": (r"\b(?:password|passcode|passwd|passphrase|psk|token|secret|api key|pin|pin code)\s{1,4}\S",),
    "secret field": (rf"(?:{CONFIDENTIAL}|token){_ASSIGNED}",),
    "person shape": (
        r"[\w.+%-](?:@|%(?:25)?40|\\u0040|&#(?:64|x40);|\s?[(\[]at[)\]]\s?)[\w-]+\.[\w-]",
        r"\+[1-9][0-9 ]{4}",
        r"/(?:Users|home)\\?/",
    ),
    "person spoken": (r"\b(?:user ?name|user|owner|employee|patient|nurse|technician|assigned to|ssid)\s{1,4}\S",),
    "person field": (rf"{PERSON_KEY}{_ASSIGNED}",),
    "hardware shape": (
        r"[^0-9A-Fa-f:-](?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}[^0-9A-Fa-f:-]",
        r"[^0-9A-Fa-f.](?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}",
        r"\D\d{2}[ -]\d{6}[ -]\d{6}[ -]\d\D",
        r"\D(?:89\d{30}|89\d{17,18}|\d{15})\D",
    ),
    "hardware field": (rf"{HARDWARE_KEY}{_ASSIGNED}",),
    "token": (r"A[KS]IA[0-9A-Z]{8}", r"gh[oprsu]_\w", "github_pat_", "xox[a-z]-", r"[prs]k_\w{4}_", "glpat-", "eyJ"),
    "bare mac": (r"[^\w-][0-9A-Fa-f]{12}[^\w-]",),
    "wary field": (rf'"{WARY_KEY.pattern}\\{{0,3}}"\s{{0,4}}[:=]',),
    "ipv4": (r"(?:\d{1,3}\.){3}\d",),
    "address": (
        r":(?:\d{1,3}\.){3}\d",
        r"::",
        r"[^\w:](?:[0-9A-Fa-f]{1,4}:){7}",
        r"[\w-]\.(?:local|lan|internal|corp|intranet|home\.arpa)\b",
    ),
    "coded": (r"%[0-9A-Fa-f]{2}|\\u00|&#",),
    "key": (r"<key>",),
    "uuid": (r"[0-9A-Fa-f]{8}-(?:(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}|[0-9A-Fa-f]{16})",),
    "pem": (r"-----(?:BEGIN|END) ",),
}
BIT: Final = {name: 1 << number for number, name in enumerate(_FINDERS)}
KNOWN: Final = 1 << len(BIT)
"""An identifier that is known may stand in it. From the bit `ONLY` on stands one more than the letter at which it can
begin, if that is one letter alone."""

ONLY: Final = len(BIT) + 1

SPOKEN: Final = BIT["secret spoken"] | BIT["person spoken"]
NAMED: Final = sum(bit for name, bit in BIT.items() if name.endswith((" field", " pair"))) | BIT["key"]
PEM: Final = BIT["pem"]
_HARMLESS: Final = str.maketrans("", "", "…–—“”•·°→\u2019")
"""No letters, digits or blanks, and none that stands for such: an expression takes them as it takes a `;`."""

_BLANKS: Final = (b"\x1c", b"\x1d", b"\x1e", b"\x1f")
"""Blanks for Python and not for hyperscan."""


@lru_cache(maxsize=1)
def _finder() -> tuple[hyperscan.Database, hyperscan.Scratch, list[int]]:
    """The database, room to work in, and the bit of each of its expressions."""
    expressions = [
        (text.encode(), bit) for texts, bit in zip(_FINDERS.values(), BIT.values(), strict=True) for text in texts
    ]
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[text for text, _ in expressions],
        ids=list(range(len(expressions))),
        flags=[hyperscan.HS_FLAG_CASELESS] * len(expressions),
    )
    return database, hyperscan.Scratch(database), [bit for _, bit in expressions]


def glance(lines: Sequence[bytes]) -> list[int]:
    """For each line the bits (`BIT`) of what it can hold; `ALL` for one with letters that are not ASCII's."""
    database, scratch, bits = _finder()
    found = [0] * len(lines)
    ends = list(accumulate(len(line) + 1 for line in lines))

    def take(number: int, _: int, end: int, *_more: object) -> None:
        found[bisect.bisect_left(ends, end - 1)] |= bits[number]  # What is scanned begins one newline earlier.

    if lines:
        whole = b"\n" + b"\n".join(lines) + b"\n"
        database.scan(whole, match_event_handler=take, scratch=scratch)
        if not whole.isascii():
            found = [seen if _is_harmless(line) else ALL for line, seen in zip(lines, found, strict=True)]
        if any(each in whole for each in _BLANKS):
            odd = (any(each in line for each in _BLANKS) for line in lines)
            found = [ALL if is_odd else seen for is_odd, seen in zip(odd, found, strict=True)]
    return found


def _is_harmless(line: bytes) -> bool:
    """Whether an expression takes each letter of a line as if it were ASCII's."""
    try:
        return line.isascii() or line.decode().translate(_HARMLESS).isascii()
    except UnicodeDecodeError:
        return False
