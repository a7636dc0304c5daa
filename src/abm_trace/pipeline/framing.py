"""How the lines of one log become records: by its own format, or by another where a shared file mixes them."""

import re
from collections.abc import Callable
from functools import cached_property
from types import ModuleType
from typing import Final

from abm_trace import formats
from abm_trace.core.nouns import Record
from abm_trace.formats.logs._interface import Layout, Stamps

_COLOUR: Final = re.compile("\x1b\\[[0-9;]*m")
COLOUR: Final = re.compile(_COLOUR.pattern.encode())
"""What colours a terminal; idevicesyslog ends a colour behind its last line feed."""
# Error: NSError:#012Domain : MCx#012Code   : 34004, as rsyslog writes line ends that it receives; others write \n
_LINE_END: Final = re.compile(r"#01[125]|\\n(?=\s*(?:US )?(?:Desc|Domain|Code|Type|Params) *:)")
_YEARLESS: Final = frozenset({"idevicesyslog", "rfc3164"})
"""Sisters: macOS's `system.log` has lines of both, so the bounds of either are told from both."""

_STARTS: Final = re.compile(r"\[?\s*\{\s*\"|(?=.{0,48}?[0-9]{2}:[0-9]{2}:[0-9]{2})[0-9<A-Z\[]")
"""How a line of any format begins: with an object, or with what has a time of day. Anything else is asked of none."""


AROUND: Final = "\ufeff\x00\r \t"
"""What damage and line ends leave around a line."""


def plain(raw: bytes) -> str:
    """The text of one or several lines, without carriage returns and without the colours of a terminal.

    A line end within a message that its carrier wrote out (`#012`) is a blank.
    """
    text = raw.decode("utf-8", "replace")
    if "\r" in text:
        text = text.replace("\r\n", "\n").rstrip("\r")
    if "#01" in text or "\\n" in text:
        text = _LINE_END.sub(" ", text)
    return _COLOUR.sub("", text) if "\x1b" in text else text


def trimmed(raw: bytes) -> str:
    """The text of one line without what damage and line ends leave around it."""
    return plain(raw).strip(AROUND)


class Framing:
    """Reads the lines of one capture in its format.

    `stamps` follows its hit lines in order, `edges` the lines that are looked at in another order. `objects` says that
    each record is a JSON object, `yearless` that its times have no year. `clock` reads a record's place on the
    machine's own clock, (boot, ticks), where the format has one.
    """

    def __init__(self, module: ModuleType, stamps: Stamps) -> None:
        self.id: str = module.FORMAT.id
        self.layout: Layout | None = getattr(module, "LAYOUT", None)
        self.objects: bool = getattr(module, "OBJECTS", False)
        self.clock: Callable[[str], tuple[str, int] | None] | None = getattr(module, "clock", None)
        self.yearless = self.id in _YEARLESS
        self.stamps = stamps
        self.edges = stamps.beside()
        self.own = formats.frame(module)
        self._module = module

    def record(self, text: str, stamps: Stamps) -> Record | None:
        """The record of a line, in whatever format it is; None where it has no stamp, or one that cannot be."""
        return self.own(text, stamps) or self._other(text, stamps)

    def starts(self, text: str) -> bool:
        """Whether a line looks like the first of a record in any format."""
        return _STARTS.match(text) is not None

    @cached_property
    def kin(self) -> list[Layout]:
        """The layouts of the sisters of a format without years."""
        return [each.LAYOUT for each in self._others if self.yearless and each.FORMAT.id in _YEARLESS]

    @cached_property
    def _others(self) -> list[ModuleType]:
        return [each for each in formats.log_formats().values() if each is not self._module]

    def _other(self, text: str, stamps: Stamps) -> Record | None:
        if not self.starts(text):
            return None
        for module in self._others:
            if module.FORMAT.id not in _YEARLESS or self.yearless:
                record = formats.frame(module)(text, stamps)
                if record is not None:
                    return record
        return None
