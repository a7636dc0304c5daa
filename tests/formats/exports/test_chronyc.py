"""What chronyc tracking prints."""

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


def test_a_miss() -> None:
    """If this fails, other text is taken for a report."""
    for data in (b"System time     : soon\n", b"serial\nA\n", b""):
        assert chronyc.score(head(data)) == 0
