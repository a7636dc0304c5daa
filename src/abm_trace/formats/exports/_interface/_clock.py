"""Clock offsets as text: finite, of a size that a clock can have, exact."""

import re
from decimal import Decimal

_OFFSET_S_MAX = 10**10
_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{0,30})?(?:[eE][+-]?[0-9]{1,2})?")


def offset(text: str, *, opposite: bool = False) -> str | None:
    """Seconds as a plain decimal, `opposite` in sign; None for what is no finite number below 1e10."""
    if not _NUMBER.fullmatch(text):
        return None
    value = Decimal(text)
    if abs(value) >= _OFFSET_S_MAX:
        return None
    return format(-value if opposite else value, "f") if value else "0"
