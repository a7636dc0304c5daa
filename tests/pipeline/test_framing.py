"""How a line becomes a record."""

from datetime import UTC

import pytest
from tests.pipeline import building

from abm_trace.formats import log_formats
from abm_trace.formats.logs._interface import Stamps
from abm_trace.pipeline.framing import Framing, plain, trimmed

ARTICLE = building.line("ABMRegistrationStarted")
SYSLOG = "<14>1 2026-05-17T03:47:05.000Z F9FXQ1ABCD teslad 1 - - ABMDeviceRegistered"
DEVICE = "May 17 03:47:05 teslad[231] <Notice>: ABMDeviceRegistered"


def framing(name: str) -> Framing:
    """The framing of a log of this format."""
    return Framing(log_formats()[name], Stamps(UTC))


def test_a_line_of_another_format_is_a_record_too() -> None:
    """A shared file would lose the lines of all senders but the first."""
    article = framing("article")
    for line in (ARTICLE, SYSLOG):
        record = article.record(line, article.edges)
        assert record is not None
        assert record.message in {"ABMRegistrationStarted", "ABMDeviceRegistered"}
    assert article.own(SYSLOG, article.edges) is None


def test_a_line_without_a_year_is_read_only_beside_others_without_one() -> None:
    """Its time would be in another century than its neighbours'."""
    article, device = framing("article"), framing("idevicesyslog")
    assert article.record(DEVICE, article.edges) is None
    assert device.record(DEVICE, device.edges) is not None
    assert device.yearless
    assert device.kin
    assert not article.kin


@pytest.mark.parametrize("line", ["", "}", "plain words", "UserInfo={NSDebugDescription=x}"])
def test_what_begins_no_record_is_none(line: str) -> None:
    """Each later line of a message would be asked of every format."""
    assert not framing("article").starts(line)
    assert framing("article").record(line, Stamps(UTC)) is None


def test_plain_text_has_neither_colours_nor_carriage_returns() -> None:
    """A capture taken on a terminal would match nothing."""
    assert plain(b"\x1b[0;37mMay\x1b[m 17\r\nx\r") == "May 17\nx"
    assert trimmed(b"\xef\xbb\xbf\x00 \tx\r") == "x"
    assert plain(b"caf\xe9") == "caf\ufffd"
