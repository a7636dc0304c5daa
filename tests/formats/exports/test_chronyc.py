"""What chronyc tracking prints."""

import pytest
from tests.formats.exports.reading import head, read, said

from abm_trace.formats.exports import chronyc

REPORT = b"""Reference ID    : 11FD0E7B (time.apple.com)
Stratum         : 2
Ref time (UTC)  : Sun May 17 08:47:12 2026
System time     : 6.200000012 seconds slow of NTP time
Last offset     : +0.000012345 seconds
RMS offset      : 0.000012345 seconds
Frequency       : 1.234 ppm slow
Residual freq   : +0.001 ppm
Skew            : 0.012 ppm
Root delay      : 0.012345678 seconds
Root dispersion : 0.001234567 seconds
Update interval : 64.2 seconds
Leap status     : Normal
"""


def test_slow_is_behind_and_fast_is_ahead() -> None:
    """If this fails, a clock that is ahead is said to be behind."""
    assert chronyc.score(head(REPORT)) > 0.8
    facts, skipped = read(chronyc, REPORT + REPORT.replace(b"slow of", b"fast of"))
    assert said(facts) == [("clock_offset", None, "-6.200000012", {}), ("clock_offset", None, "6.200000012", {})]
    assert [fact.origin.line for fact in facts] == [4, 17]
    assert not skipped


def test_a_clock_without_a_reference_says_nothing() -> None:
    """If this fails, the zero of a clock that follows nobody proves that it is right."""
    facts, skipped = read(chronyc, REPORT.replace(b"Normal", b"Not synchronised"))
    assert not facts
    assert skipped[0].line == 13


@pytest.mark.parametrize("id_", [b"7F7F0101 ()", b"127.127.1.1 ()"])
def test_a_clock_that_calls_itself_right_says_nothing(id_: bytes) -> None:
    """If this fails, the zero of chrony's local mode proves that a clock is right."""
    local = REPORT.replace(b"11FD0E7B (time.apple.com)", id_)
    facts, skipped = read(chronyc, local + REPORT)
    assert [fact.origin.line for fact in facts] == [17]
    assert [thing.line for thing in skipped] == [1]
    facts, skipped = read(chronyc, ROW.replace(b"7F000001,127.0.0.1", b"7F7F0101,"))
    assert not facts
    assert len(skipped) == 1


ROW = (
    b"7F000001,127.0.0.1,2,1795723168.737575570,3.500026703,-0.000001840,0.000007954,-0.527,-0.060,6.598,"
    b"0.000065552,0.000026641,1.0,Normal\n"
)
"""What `chronyc -c tracking` of chrony 4.3 printed while `chronyc tracking` said "3.500026703 seconds slow"."""


def test_a_row_of_minus_c_says_what_the_clock_lacks() -> None:
    """If this fails, a clock that is 3.5 s behind is said to be ahead, or the report is refused."""
    assert chronyc.score(head(ROW)) > 0.8
    facts, skipped = read(chronyc, ROW + ROW.replace(b",3.5", b",-0.5"))
    assert said(facts) == [("clock_offset", None, "-3.500026703", {}), ("clock_offset", None, "0.500026703", {})]
    assert not skipped


def test_a_row_that_says_nothing_is_named() -> None:
    """If this fails, the zero of a clock that follows nobody, or what is no number, proves that it is right."""
    unsynchronised = ROW.replace(b"Normal", b"Not synchronised").replace(b"3.500026703", b"0.000000000")
    facts, skipped = read(chronyc, unsynchronised + ROW.replace(b"3.500026703", b"3.5.0") + ROW[:60] + b"\n")
    assert not facts
    assert [thing.line for thing in skipped] == [1, 2, 3]


def test_a_miss() -> None:
    """If this fails, other text is taken for a report."""
    for data in (ROW[:60], ROW.replace(b"7F000001", b"7F00,001"), b"System time     : soon\n", b"serial\nA\n", b""):
        assert chronyc.score(head(data)) == 0
