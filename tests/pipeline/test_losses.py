"""What a log says of its own losses."""

import pytest

from abm_trace.core.nouns import Record
from abm_trace.pipeline.losses import LOSS, connects, loss_of

APPLE = "unreliable messages from 2030766390595-2030766390999 (Mach continuous exact start-approx. end)"


@pytest.mark.parametrize(
    ("message", "value"),
    [
        (f"lost 12 {APPLE}", "12"),
        (f"lost >=63 {APPLE}", ">=63"),
        ("imuxsock[pid: 1]: begin, lost 55 messages from pid 567 due to rate-limiting", "55"),
        ("imjournal: 1200 messages lost due to rate-limiting (20000 allowed within 600 seconds)", "1200"),
        ("QUARANTINED DUE TO HIGH LOGGING VOLUME", ""),
    ],
)
def test_a_message_that_begins_so_is_a_loss(message: str, value: str) -> None:
    """The silence of such a log would prove as much as that of any other."""
    assert any(anchor in message for anchor, _ in LOSS.anchors)
    assert loss_of(message, Record(0, message)) == (value, "message")
    other = f"Safari says: {message}"
    if not message.startswith("im"):
        assert loss_of(other, Record(0, other)) is None


@pytest.mark.parametrize(
    ("line", "value", "by"),
    [
        ('{"eventType":"lossEvent","lossCount" : 63,"lossCountSaturated" : true}', ">=63", "event"),
        ('{"eventType":"lossEvent","lossCount":5,"lossCountSaturated":false}', "5", "event"),
        ('{"subsystem":"","event_type":"Loss","log_type":"Loss"}', "", "event"),
        ("2026-05-17T08:47:12.883Z,Loss,Loss,,5,231,0,/x,U,0,0,,/usr/libexec/logd,U,,,B,Z", "", "event"),
        ("=== Messages dropped during live streaming (use `log show` to see what they were)", "", "stream"),
    ],
)
def test_events_and_notices_are_losses(line: str, value: str, by: str) -> None:
    """Losses of archives, of live streams and of a cable that was pulled would not be seen."""
    assert any(anchor in line for anchor, _ in LOSS.anchors)
    assert loss_of(line, None) == (value, by)


@pytest.mark.parametrize(
    ("line", "says"), [("[connected]", True), ("[connected:00008101]", True), ("x [connected]", False)]
)
def test_a_connection_is_told_from_a_message(line: str, says: bool) -> None:
    """A cable that was pulled would leave no trace, or an app's message look like one."""
    assert connects(line) is says
    assert not says or any(anchor in line for anchor, _ in LOSS.anchors)


@pytest.mark.parametrize("line", ["=== MARK ===", "limiting", "[disconnected]", "a [connected] b", '{"event":"Loss"}'])
def test_other_lines_are_none(line: str) -> None:
    """What the scan offers because a piece of a text stands in it would be a loss."""
    assert loss_of(line, None) is None
    assert loss_of(line, Record(0, line)) is None


def test_it_is_no_signature_of_a_message() -> None:
    """Each loss would be a fact twice, or `signatures` would have to know it."""
    assert not LOSS.test(Record(0, f"lost 12 {APPLE}"))
    assert LOSS.quick is not None
    assert not LOSS.quick(f"lost 12 {APPLE}")
