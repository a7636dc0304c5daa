"""Lines copied out of macOS's Console: they have the time of day and no date, so that nothing can be told from them.

default	08:47:12.883456-0500	teslad	Retrying the request
"""

import re
from collections.abc import Iterator
from typing import Final

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head

FORMAT = Format(
    id="console-paste", title="Lines copied out of Console (named)", reference="docs/facts.md#console-paste"
)

_LINE: Final = re.compile(
    rb"(?:default|info|debug|error|fault)\t[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{1,6}[+-][0-9]{4}\t[^\t\n]{1,255}\t"
)
_REASON: Final = (
    "lines copied out of Console have no date and are not read: save them on the Mac with"
    " log show --style syslog --start 'YYYY-MM-DD HH:MM:SS' > SERIAL.log, or add the .logarchive that Console saves"
)


def score(head: Head) -> float:
    """Sure where one of the first lines is such a line."""
    return 0.95 if any(_LINE.match(line) for line in head.data[:8192].split(b"\n", 8)[:8]) else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """No fact, but what to do."""
    if not content.offset:
        yield Skipped(content.path, _REASON)
