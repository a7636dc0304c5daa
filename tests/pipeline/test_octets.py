"""Octet counts of syslog over TCP."""

from hypothesis import given
from hypothesis import strategies as st

from abm_trace.pipeline import octets

ONE = b"<14>1 2026-05-17T03:47:05.000Z F9FXQ1ABCD teslad 1 - - one"
TWO = b"<14>1 2026-05-17T03:47:09.000Z F9FXQ1ABCE teslad 1 - - another"


@given(st.lists(st.text("abc <>7", max_size=20), min_size=1, max_size=6))
def test_messages_are_what_was_counted(texts: list[str]) -> None:
    """RFC 6587: a relay writes many messages into one line, and each is one device's."""
    sent = [b"<14>" + text.encode() + b"." for text in texts]
    line = b"".join(b"%d %b" % (len(each), each) for each in sent)
    found, problem = octets.messages(line)
    assert [message for _, message in found] == sent
    assert all(line[place : place + len(message)] == message for place, message in found)
    assert not problem


def test_a_line_without_a_count_is_one_message() -> None:
    """A number at the beginning of a text would be taken for a count."""
    for line in (ONE, b"12 devices", b""):
        assert octets.messages(line) == ([(0, line)], "")


def test_a_false_count_reads_to_the_end_and_says_so() -> None:
    """A line that was mended by hand would pass for whole, or lose its end."""
    found, problem = octets.messages(b"999 " + ONE)
    assert found == [(4, ONE)]
    assert problem.startswith(f"a false octet count: 999 for {len(ONE)} bytes")


def test_false_counts_are_found_with_their_place() -> None:
    """Noise would hide that a file was cut."""
    right, wrong = b"%d %b\n" % (len(ONE), ONE), b"%d %b\n" % (len(TWO) + 9, TWO)
    buffer = bytearray(right + wrong + right)
    assert [place for place, _ in octets.false_counts(buffer, 0, len(buffer))] == [len(right)]


def test_a_count_over_a_line_feed_is_right_where_the_next_begins() -> None:
    """A message of two lines would be called damaged."""
    long = ONE + b"\nmore"
    buffer = bytearray(b"%d %b%d %b\n" % (len(long), long, len(TWO), TWO))
    assert not list(octets.false_counts(buffer, 0, len(buffer)))
