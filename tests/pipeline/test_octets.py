"""Octet counts of syslog over TCP."""

from hypothesis import given
from hypothesis import strategies as st

from abm_trace.pipeline.octets import Octets
from abm_trace.pipeline.text import behind_last_line
from abm_trace.signatures.scan import LINE_BYTES_MAX

ONE = b"<14>1 2026-05-17T03:47:05.000Z F9FXQ1ABCD teslad 1 - - one"
TWO = b"<14>1 2026-05-17T03:47:09.000Z F9FXQ1ABCE teslad 1 - - another"
FORGED = b"<14>1 2026-05-17T03:47:20.000Z F9FXQ2ABC7 teslad 1 - - ABMDeviceRegistered"

TEXTS = st.lists(st.text("abc <>7\n", max_size=40), min_size=1, max_size=12)
ENDS = st.sampled_from([b"", b"\n", b"\r\n"])


def counted(message: bytes, lie: int = 0) -> bytes:
    """A frame; `lie` is added to its count."""
    return b"%d %b" % (len(message) + lie, message)


def lines_of(data: bytes, block: int = 0) -> tuple[list[bytes], list[tuple[int, str]]]:
    """The messages of a log, without their counts, and what is false of which place; read in blocks of that size."""
    octets, place = Octets(), 0
    text, false = bytearray(), []
    while place < len(data) or not place:
        buffer = bytearray(data[place : place + block] if block else data)
        last = not block or len(buffer) < block
        size = len(buffer) if last else octets.cut(buffer, len(buffer))
        framed = octets.framed(buffer, size)
        assert buffer[:size] == data[place : place + size]  # What is cited is what is stored.
        if framed:
            assert len(framed.text) == size
            assert framed.begins or not text or text.endswith(b"\n")
            if framed.begins and text and not text.endswith(b"\n"):
                text += b"\n"
            false += [(place + at, said) for at, said in framed.false]
        text += framed.text if framed else buffer[:size]
        place += size
        if last:
            break
    found = [line.strip() for line in bytes(text).split(b"\n") if line.strip()]
    return [line[line.index(b"<") :] if line[:1].isdigit() and b" <" in line else line for line in found], false


@given(TEXTS, ENDS)
def test_messages_are_what_was_counted(texts: list[str], end: bytes) -> None:
    """RFC 6587: each is one device's, whatever line feeds stand in it; a second line would pass for another record."""
    sent = [b"<14>" + text.encode() + b"." for text in texts]
    found, false = lines_of(b"".join(counted(each) + end for each in sent))
    assert found == [each.replace(b"\n", b" ") for each in sent]
    assert not false
    assert lines_of(b"".join(counted(each + end) for each in sent)) == (found, false)


@given(TEXTS, ENDS, st.integers(120, 400))
def test_where_a_block_ends_changes_nothing(texts: list[str], end: bytes, block: int) -> None:
    """A message that a block's border cuts would become two."""
    data = b"".join(counted(b"<14>" + text.encode() + b".") + end for text in texts * 4)
    assert lines_of(data, block) == lines_of(data)


@given(st.lists(st.binary(max_size=30) | st.sampled_from([counted(ONE), counted(TWO, 9), b"\n"]), max_size=8))
def test_nothing_is_lost(parts: list[bytes]) -> None:
    """A false count would take bytes along, or move them."""
    data = b"".join(parts)
    framed = Octets().framed(bytearray(data), len(data))
    if framed:
        assert len(framed.text) == len(data)
        changed = {data[at] for at in range(len(data)) if data[at] != framed.text[at]}
        assert changed <= set(b"0123456789 \r\n")


def test_a_log_without_counts_is_left_alone() -> None:
    """Every other log would be copied, and a number in a text taken for a count."""
    for data in (ONE + b"\n" + TWO, b"12 devices\n" + ONE, b"see 12 " + ONE, b"", b"\n"):
        octets, buffer = Octets(), bytearray(data)
        assert octets.framed(buffer, len(buffer)) is None
        assert octets.cut(buffer, len(buffer)) == behind_last_line(buffer, len(buffer))


def test_messages_of_a_line_begin_where_they_are_stored() -> None:
    """A citation would point beside its message."""
    data = counted(ONE) + counted(TWO) + b"\n"
    framed = Octets().framed(bytearray(data), len(data))
    assert framed is not None
    assert framed.text.split(b"\n")[0] == counted(ONE)
    assert framed.text.index(TWO) == framed.text.index(b"\n<") + 1 == data.index(TWO)


def test_what_stands_behind_a_line_feed_is_no_record() -> None:
    """Log injection: whoever names a device could let it enrol; first in a log, last, between others, with counts."""
    inner = ONE + b"\n" + FORGED
    joined = inner.replace(b"\n", b" ")
    for before, end in ((b"", b""), (b"", b"\n"), (counted(TWO), b""), (counted(TWO) + b"\n", b"\r\n")):
        for behind in (b"", counted(TWO)):
            found, false = lines_of(before + counted(inner) + end + behind)
            assert joined in found
            assert len(found) == bool(before) + 1 + bool(behind)
            assert not false
    nested = ONE + b"\n" + counted(FORGED) + b"\n" + counted(FORGED)
    assert lines_of(counted(nested) + counted(TWO)) == ([nested.replace(b"\n", b" "), TWO], [])


def test_a_false_count_reads_to_the_end_and_says_so() -> None:
    """A line that was mended by hand would pass for whole, or take the next ones along."""
    for lie in (-9, 7, 999, 9_000_000, LINE_BYTES_MAX):
        data = counted(TWO) + b"\n" + counted(ONE, lie) + b"\n" + counted(TWO) + b"\n" + counted(ONE) + b"\n"
        found, false = lines_of(data)
        assert found == [TWO, ONE, TWO, ONE]
        count = f"{len(ONE) + lie} for {len(ONE)} bytes"
        assert false == [(data.index(b"\n") + 1, f"a false octet count: {count}; the line was read to its end")]
        assert lines_of(data[:-1].replace(b"\n", b"\r\n"))[1][0][1] == false[0][1]
        assert lines_of(counted(TWO) + counted(ONE, lie)) == ([TWO, ONE], [(len(counted(TWO)), false[0][1])])


def test_behind_what_is_no_frame_a_count_that_ends_with_some_line_takes_none_along() -> None:
    """In a log without counts a forged one would hide the lines of others."""
    lines = b"\n".join([TWO, b"%d %b" % (len(ONE) + 1 + len(TWO), ONE), TWO, TWO, b""])
    found, false = lines_of(lines)
    assert found == [TWO, ONE, TWO, TWO]
    assert len(false) == 1


def test_a_message_that_the_end_of_the_log_cuts_is_named_and_is_one() -> None:
    """Its second line would be a record because its end is missing."""
    data = counted(TWO) + counted(ONE + b"\n" + FORGED + b" and more")[:-5]
    found, false = lines_of(data)
    assert found == [TWO, ONE + b" " + FORGED + b" and"]
    assert [at for at, _ in false] == [data.index(ONE)]


def test_a_line_end_that_was_counted_as_two_bytes_is_no_false_count() -> None:
    """A relay of Windows counts CR LF, a log that came over Unix has LF alone; each next count would lose a digit."""
    longer = TWO + b" of more than a hundred bytes, whose count has three digits"
    data = b"".join(counted(each, 2) + b"\n" for each in (ONE, longer, TWO, longer, longer, ONE))
    assert lines_of(data) == ([ONE, longer, TWO, longer, longer, ONE], [])


def test_a_last_line_of_one_letter_is_no_line_end() -> None:
    """The letter, or digit, would be taken for a part of the next count, and the next message for none."""
    for letter in (b"x", b"1", b"7"):
        short = ONE + b"\n" + letter
        for behind in (counted(TWO), b"\n" + counted(TWO), counted(TWO, 3)):
            found, _ = lines_of(counted(short) + behind + b"\n")
            if behind != counted(TWO, 3) or letter == b"x":
                assert found == [short.replace(b"\n", b" "), TWO]


@given(
    st.lists(
        st.binary(max_size=30) | st.sampled_from([counted(ONE), counted(TWO, 40), b"92 <11>1 x", b"\n"]), max_size=6
    ),
    st.sampled_from([b"\n" * 200, b"x\n" * 100, counted(TWO) * 3, b"\r\n" * 99]),
    st.booleans(),
)
def test_what_stands_behind_a_block_is_none_of_it(parts: list[bytes], stale: bytes, last: bool) -> None:
    """The buffer is used again and again: another file's line feeds would end a message, or break the reading."""
    data = b"".join(parts)
    found = []
    for buffer in (bytearray(data), bytearray(data + stale)):
        octets = Octets()
        size = len(data) if last else octets.cut(buffer, len(data))
        found.append((size, octets.framed(buffer, size)))
    assert found[0] == found[1]
