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


DETAIL = b"""sntp_exchange {
        result: %b
          poll: 00 (1)
        offset: FFFFFFFFFFFFFFFF.F8B4E0D1E9E34000 (-0.028490019)
          addr: 17.253.4.125
}
"""


def test_the_detail_of_an_exchange_is_no_answer() -> None:
    """`sntp -d` of macOS shows each exchange before its answer: the clock sample behind it would be refused."""
    data = DETAIL % b"0 (Success)" + b"-0.028490 +/- 0.106602 time.apple.com 17.253.4.125\n"
    assert sntp.score(head(data)) > 0.8
    facts, skipped = read(sntp, data)
    assert said(facts) == [("clock_offset", None, "0.028490", {})]
    assert not skipped


def test_an_exchange_that_failed_is_named() -> None:
    """If this fails, nobody learns that no clock was asked."""
    facts, skipped = read(sntp, DETAIL % b"6 (Timeout)" + b"sntp: Exchange failed: Timeout\n")
    assert not facts
    assert next(thing.reason for thing in skipped) == "a time server did not answer: Timeout"


def test_no_number_and_no_answer_are_named() -> None:
    """If this fails, a failed exchange passes for a clock that is right."""
    facts, skipped = read(sntp, MAC.replace(b"+0.012345", b"+nan") + b"sntp: Exchange failed: Timeout\n" + MAC)
    assert len(facts) == 1
    assert [thing.line for thing in skipped] == [1, 2]


def test_a_miss() -> None:
    """If this fails, a log line is taken for a clock sample."""
    for data in (b"2026-05-17 03:47:12.883 DEBUG x message\n", b"", b"System time : 1 seconds slow of NTP time\n"):
        assert sntp.score(head(data)) == 0


def test_a_failed_run_is_read_and_named() -> None:
    """A site whose time server never answers would have a file that nobody reads."""
    data = b"$ sntp -d time.apple.com\nsntp: Exchange failed: Timeout\nsntp: Clock select failed\n"
    assert sntp.score(head(data)) > 0.5
    facts, skipped = read(sntp, data)
    assert facts == []
    assert [thing.reason for thing in skipped] == [
        "a time server did not answer: Timeout", "a time server did not answer: none could be chosen",
    ]  # fmt: skip
