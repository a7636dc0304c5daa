"""Messages of several lines."""

from datetime import UTC

import pytest
from tests.pipeline import building

from abm_trace.formats import log_formats
from abm_trace.formats.logs._interface import Stamps
from abm_trace.pipeline.block import MESSAGE_LINES_MAX, Block
from abm_trace.pipeline.framing import Framing
from abm_trace.pipeline.messages import Messages, dated, stamped

HEAD = building.line("ABM response: 202 {")
NEXT = building.line("noise", 9)


def messages(*lines: str) -> tuple[Messages, bytes]:
    """What finds messages in these lines, and their bytes."""
    data = building.text(lines)
    block = Block()
    block.take(bytearray(data), len(data), data)
    return Messages(Framing(log_formats()["article"], Stamps(UTC)), block), data


def test_the_head_of_a_later_line_is_the_record_above_it() -> None:
    """A fact would have no time, or that of another record."""
    found, data = messages(NEXT, HEAD, '  "devices": []', "}")
    for text, away in ((b'  "devices"', 1), (b"}", 2)):
        head = found.head(data.rfind(text))
        assert head is not None
        assert (head.offset, head.length, head.away) == (len(NEXT) + 1, len(HEAD), away)
        assert head.record.message == "ABM response: 202 {"


def test_a_line_too_far_below_has_no_head() -> None:
    """Any rubbish below a record would be its message."""
    found, data = messages(HEAD, *["x"] * MESSAGE_LINES_MAX, "last")
    assert found.head(data.rfind(b"last")) is None


@pytest.mark.parametrize("line", ["2026-05-17 03:4\x00 damaged", "03:47:05 what", "a \ufffd b"])
def test_what_looks_like_a_damaged_line_is_no_later_line(line: str) -> None:
    """A damaged line would vanish in the message above it."""
    assert stamped(line)
    found, _ = messages(HEAD, line, NEXT)
    assert found.below(len(HEAD)) == ""


def test_the_lines_below_end_at_the_next_record() -> None:
    """A message would swallow the record after it."""
    found, _ = messages(HEAD, '  "devices": []', "}", NEXT, "}")
    assert found.below(len(HEAD)) == '  "devices": []\n}'


@pytest.mark.parametrize(
    ("line", "may"),
    [
        (b"    Domain : MCInstallationErrorDomain", False),
        (b"    Domain : MCInstallationErrorDomain\r", False),
        (b"    Domain : x\r2026-05-17 03:47:05.000 DEBUG x y", True),
        (b"    Domain : x\ry", True),
        (b"\x002026 Domain", True),
        (HEAD.encode(), True),
    ],
    ids=["later", "crlf", "record-behind-cr", "cr", "damage", "record"],
)
def test_a_line_that_may_have_a_stamp_is_told_from_one_that_has_none(line: bytes, may: bool) -> None:
    """A record would be passed over with the later lines of messages."""
    assert dated(bytearray(b"12:00:00\n" + line + b"\n12:00:00"), 9, 9 + len(line)) is may
