"""Whether two names are surely of two people, in whatever letters they are written.

A table of look-alikes would say other things with each version of Unicode, and what a log was refused for must stay so.
So letters of another alphabet are taken for any letters at all, and a name that mixes alphabets is none.
"""

import unicodedata
from collections.abc import Iterator
from typing import Final

_LATIN: Final = "LATIN"
_ONE_SCRIPT: Final = dict.fromkeys(("CJK", "HIRAGANA", "KATAKANA", "IDEOGRAPHIC", "HANGUL", "BOPOMOFO"), "CJK")
_TWINS: Final = (("0", "o"), ("1", "l"), ("i", "l"), ("rn", "m"), ("vv", "w"))
"""What looks alike, or nearly, among plain letters and digits. Origin: ours."""


def unclear(name: str) -> str:
    """Why a name cannot be told from others, as the end of a sentence; "" if it can be."""
    letters = _bare(name)
    scripts = {_script(each) for each in letters if not each.isdecimal()}
    if not letters or "" in scripts:
        return "has no letter, or one that is not known"
    if len(scripts) > 1:
        return "mixes letters of several alphabets"
    if _LATIN in scripts and not letters.isascii():
        return "has Latin letters beyond a to z"
    return ""


def are_two(name: str, other: str) -> bool:
    """Whether a name, which is clear, is surely another person's.

    Case, accents, blanks, marks and what nobody sees do not count, nor what looks alike. A letter of the other name
    that is not of the same alphabet may stand for one letter or two, or two of them for one.
    """
    letters, script = _bare(name), _script(next((each for each in _bare(name) if not each.isdecimal()), "a"))
    places: dict[str, int] = {}
    for at, each in enumerate(letters):
        places[each] = places.get(each, 0) | 1 << at
    now, after = 1, 0  # Bit n: what came of the other name so far may be the first n letters; and one letter later.
    for each in _bare(other):
        if each.isdecimal() or (_script(each) == script and (each.isascii() or script != _LATIN)):
            now, after = after | (now & places.get(each, 0)) << 1, 0
        else:
            now, after = after | now << 1 | now << 2, now << 1
    return not now >> len(letters) & 1


def _bare(name: str) -> str:
    """The letters and digits of a name, folded: not what marks, modifies or fills them, nor what nobody sees."""
    text = "".join(_letters(unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())))
    for twin, plain in _TWINS:
        text = text.replace(twin, plain)
    return text


def _letters(text: str) -> Iterator[str]:
    for each in text:
        kind = unicodedata.category(each)
        if kind == "Nd":
            yield str(unicodedata.decimal(each))
        elif ((kind[0] in "LN" and kind != "Lm") or kind in {"Mc", "Cn", "Co"}) and "FILLER" not in _name(each):
            yield each


def _script(letter: str) -> str:
    """The alphabet of a letter, by its name, which Unicode never changes; "" for what is no letter yet."""
    first = _name(letter).partition(" ")[0].partition("-")[0]
    return _ONE_SCRIPT.get(first, first)


def _name(letter: str) -> str:
    return unicodedata.name(letter, "")
