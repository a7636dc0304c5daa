"""The block and its place in the blob."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from abm_trace.pipeline.block import MESSAGE_LINES_MAX, Block


def blocks(data: bytes, size: int) -> Iterator[tuple[Block, bool]]:
    """The same Block, at each block of the data in turn: whole lines, or `size` bytes of a longer one."""
    block, offset = Block(), 0
    while offset < len(data):
        piece = data[offset : offset + size]
        last = offset + size >= len(data)
        cut = len(piece) if last else piece.rfind(b"\n") + 1 or len(piece)
        block.take(bytearray(piece), cut, piece)
        yield block, last
        block.leave(last=last, count=True)
        offset += cut


LINES = st.lists(st.binary(max_size=12).map(lambda line: line.replace(b"\n", b"")), min_size=1, max_size=30)


@given(LINES, st.integers(4, 40))
def test_every_line_has_its_number_and_offset(lines: list[bytes], size: int) -> None:
    """A citation would name another line, by as many as stood in the blocks before."""
    data = b"\n".join(lines) + b"\n"
    for block, _ in blocks(data, size):
        for position in range(block.size):
            assert block.line_at(position) == data.count(b"\n", 0, block.offset + position) + 1
            assert block.buffer[position] == data[block.offset + position]


@given(LINES, st.integers(4, 40), st.booleans())
def test_all_lines_are_counted_once(lines: list[bytes], size: int, ended: bool) -> None:
    """The number of lines that a file is said to have would be off."""
    data = b"\n".join(lines) + (b"\n" if ended else b"")
    seen = Block()
    for seen, _ in blocks(data, size):  # noqa: B007
        pass
    assert seen.lines == data.count(b"\n") + (data[-1:] not in {b"", b"\n"})


@given(LINES, st.integers(14, 40))
def test_the_lines_above_are_those_of_the_blob(lines: list[bytes], size: int) -> None:
    """A message that a block cuts would lose its head, or get one that is not its own."""
    data = b"\n".join(lines) + b"\n"
    for block, _ in blocks(data, size):
        if block.begin < block.size:
            before = data[: block.offset + block.begin].split(b"\n")[:-1][::-1]
            found = list(block.above(block.begin))
            assert [line for _, line in found] == before[: min(len(before), MESSAGE_LINES_MAX)]
            assert all(data[offset : offset + len(line)] == line for offset, line in found)
            assert all(block.before(offset, block.begin).startswith(line) for offset, line in found)


def test_a_block_may_begin_with_a_line_of_its_own_behind_one_without_an_end() -> None:
    """A counted message that no line feed follows would take the next one for its rest."""
    for begins, begin in ((False, 4), (True, 0)):
        block = Block()
        block.take(bytearray(b"one"), 3, b"one")
        block.leave(last=False, count=True)
        block.take(bytearray(b"two\nthree"), 9, b"two\nthree", begins=begins)
        assert block.begin == begin
        assert list(block.above(0)) == []
