"""What stands where an identifier was left out (`N/A`, `-`, a UUID of zeros): it is nobody's, however many have it."""

import re
from functools import lru_cache
from typing import Final

WORDS: Final = (
    r"\(?(?:N/?A|NAN|NULL|NONE|NIL|UNKNOWN|UNDEFINED|NOT[ _-]?(?:AVAILABLE|APPLICABLE|SPECIFIED|SET))\)?"
    r"|REDACTED|REMOVED|HIDDEN|STRING|DEFAULT STRING|TO BE FILLED BY O\.?E\.?M\.?"
)
"""What stands for a value that is left out, be it a serial or an identifier: a pattern of words in any case."""

_PLACEHOLDER: Final = re.compile(
    r"[\W_0]*+|[\W_FX]{8,}+|-1"
    r"|\[[^]0-9]*\]|<[^>0-9]*>|[#$%]\{.*\}|\{\{.*\}\}|%[^0-9]+%|\$[A-Z_]+"
    rf"|{WORDS}",
    re.IGNORECASE | re.DOTALL,
)
# 0, 00000000-0000-0000-0000-000000000000, ffffffff-…, XXXXXXXX; [REDACTED], <null>, ${UDID}, {{udid}}, %udid%, $UDID


@lru_cache(maxsize=4096)
def is_placeholder(identifier: str) -> bool:
    """Whether the text of an identifier (UDID, request, MDM id) says that there is none.

    A short number other than 0 may be one: MDMs count their devices. `{…}` is how some write a UUID, `<9c1e…>` data.
    """
    return _PLACEHOLDER.fullmatch(identifier) is not None


_NO_SERIAL: Final = re.compile(
    r"\[[^\]]*\]|<[^>]*>|[#$%]?\{.*\}|%.+%|\$[A-Z_]+|([Xx*#?.0-])\1*|-?[0-9]{1,3}|(?:system )?serial[_ ]?number"
    rf"|{WORDS}",
    re.IGNORECASE,
)
_ELLIPSES: Final = ("...", "…")


def is_no_serial(text: str) -> bool:
    """Whether a text stands for a serial number that is left out (`[REDACTED]`, `XXXXXXXXXXXX`, Fleet's `-1`).

    It would be one device of many. Templates (`{{SERIAL_NUMBER}}`, `%serial%`) and the words of a schema (OpenAPI's
    `string`) are of nobody.
    """
    return _NO_SERIAL.fullmatch(text) is not None or text.endswith(_ELLIPSES)
