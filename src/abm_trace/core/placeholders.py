"""What stands where an identifier was left out (`N/A`, `-`, a UUID of zeros): it is nobody's, however many have it."""

import re
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


def is_placeholder(identifier: str) -> bool:
    """Whether the text of an identifier (UDID, request, MDM id) says that there is none.

    A short number other than 0 may be one: MDMs count their devices. `{…}` is how some write a UUID, `<9c1e…>` data.
    """
    return _PLACEHOLDER.fullmatch(identifier) is not None
