"""What sntp prints."""

from tests.formats.exports.reading import head, read, said

from abm_trace.formats.exports import sntp

MAC = b"+0.012345 +/- 0.030123 time.apple.com 17.253.14.125\n"
NTPD = b"2026-05-17 03:47:12.883456 (-0500) -6.01234 +/- 0.02 time.apple.com 17.253.14.125 s1 no-leap\n"


def test_hits_have_the_opposite_sign() -> None:
    """If this fails, a clock that is ahead is said to be behind."""
    assert sntp.score(head(MAC)) > 0.8
    assert sntp.score(head(b"sntp 4.2.8p15@1.3728-o\n" + NTPD)) > 0.8
    assert said(read(sntp, MAC)[0]) == [("clock_offset", None, "-0.012345", {})]
    facts, skipped = read(sntp, b"sntp 4.2.8p15@1.3728-o\n" + NTPD)
    assert said(facts) == [("clock_offset", "2026-05-17T08:47:12.883456Z", "6.01234", {})]
    assert facts[0].origin.line == 2
    assert not skipped


def test_no_number_and_no_answer_are_named() -> None:
    """If this fails, a failed exchange passes for a clock that is right."""
    facts, skipped = read(sntp, MAC.replace(b"+0.012345", b"+nan") + b"sntp: Exchange failed: Timeout\n" + MAC)
    assert len(facts) == 1
    assert [thing.line for thing in skipped] == [1, 2]


def test_a_miss() -> None:
    """If this fails, a log line is taken for a clock sample."""
    for data in (b"2026-05-17 03:47:12.883 DEBUG x message\n", b"", b"System time : 1 seconds slow of NTP time\n"):
        assert sntp.score(head(data)) == 0
