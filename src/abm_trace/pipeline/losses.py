"""Where a log says itself that messages are missing from it: what is silent there proves less."""

import re
from typing import Final

from abm_trace.core.nouns import Record
from abm_trace.signatures import Signature
from abm_trace.signatures.predicate import Some

_ANCHORS: Final = (
    "unreliab",
    "ossCou",
    '":"Loss"',
    "ss,Loss,",
    "=== M",
    "limiting",
    "HIGH LOG",
    "[connected]",
    "[connected:",
)
"""One stands in each line that `loss_of` may mean. These pieces of longer texts cost the scan nothing (measured)."""

LOSS: Final = Signature(
    id="~log-loss",  # Sorts behind the others, so that a hit line that may mean it says so at its end.
    title="The log lost messages",
    file=__file__,
    fact="log_loss",
    layer="",
    cause="",
    level="informational",
    confidence=100,
    description="The log says that messages are missing from it",
    references=("https://developer.apple.com/documentation/oslog",),
    examples=(),
    anchors=frozenset((anchor, True) for anchor in _ANCHORS),
    asked=Some(()),
    told="",
    everywhere=False,
)
"""What makes the scan find such lines in its one pass; it matches no record itself, `loss_of` does."""

_SAID: Final = re.compile(
    # `lossEvent`, as LoggingSupport writes it; 63 is as far as it counts, `>=` says so.
    r"lost (?P<lost>(?:>=)?[0-9]+) unreliable messages from "
    # rsyslog: imuxsock, imjournal.
    r"|imuxsock\b.* lost (?P<relay>[0-9]+) messages from pid [0-9]+ due to rate-limiting"
    r"|imjournal: (?P<journal>[0-9]+) messages lost due to rate-limiting"
    r"|QUARANTINED DUE TO HIGH LOGGING VOLUME"
)
_NOTICE: Final = re.compile(r"\s*=== Messages dropped during live streaming")
_CONNECTED: Final = re.compile(r"\s*\[connected(?::[^\]]*)?\]\s*$")
_COUNT: Final = re.compile(
    r'"lossCount"\s*:\s*(?P<count>[0-9]{1,9})(?=(?P<over>.*"lossCountSaturated"\s*:\s*true)?)', re.DOTALL
)
_TOOL: Final = re.compile(r'\{.*"event_type":"Loss"|[^,]*,Loss,Loss,', re.DOTALL)


def loss_of(text: str, record: Record | None) -> tuple[str, str] | None:
    """(How many messages were lost, what says so) in a line; "" for a number that it does not tell, None for no loss.

    `record` is what the line says, if it has a stamp.
    """
    if record is not None and (match := _SAID.match(record.message)):
        return next((number for number in match.groups() if number), ""), "message"
    if text[:1] in "{[" and (match := _COUNT.search(text)):
        return (">=" if match["over"] else "") + match["count"], "event"
    if _TOOL.match(text):
        return "", "event"
    if record is None and _NOTICE.match(text):
        return "", "stream"
    return None


def connects(text: str) -> bool:
    """Whether idevicesyslog says that the device was connected; said again, the cable was out in between."""
    return _CONNECTED.match(text) is not None
