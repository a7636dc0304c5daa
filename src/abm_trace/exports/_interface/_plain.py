"""Foreign text on a screen: what a terminal would obey, or what hides or reorders letters, is shown as an escape."""

import re
from typing import Final

# C0, DEL, C1; soft hyphen; the marks that reorder (Trojan Source, CVE-2021-42574) or have no width; line and
# paragraph separators; tags; what UTF-8 cannot hold.
_OBEYED: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)


def plain(text: str, *, keep: str = "") -> str:
    r"""The text with each such character as `\uXXXX`; those in `keep` stay."""
    return _OBEYED.sub(lambda found: found[0] if found[0] in keep else _escape(found[0]), text)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
