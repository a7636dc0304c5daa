"""When a capture begins and ends."""

import random
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pipeline import building

from abm_trace.core import instants
from abm_trace.formats import log_formats
from abm_trace.formats.logs._interface import Stamps
from abm_trace.pipeline.block import Block
from abm_trace.pipeline.bounds import Bounds, _pieces
from abm_trace.pipeline.framing import Framing

FIRST = instants.parse("2026-05-17T03:47:00Z")
SECOND = 1_000_000


def bounds(data: bytes, seen: tuple[int, ...] = (), name: str = "article") -> tuple[Bounds, int | None]:
    """The bounds of one block, and where its last line is cut."""
    block = Block()
    block.take(bytearray(data), len(data), data)
    found = Bounds(Framing(log_formats()[name], Stamps(UTC)), block)
    return found, found.take(seen)


@given(st.lists(st.integers(0, 59), min_size=1, max_size=40), st.randoms())
def test_a_small_block_ends_with_its_earliest_and_latest_line(times: list[int], chance: random.Random) -> None:
    """The boot would depend on the order of lines."""
    chance.shuffle(times)
    found, cut = bounds(building.text(building.line("noise", second) for second in times))
    assert (found.first_at, found.last_at) == (FIRST + min(times) * SECOND, FIRST + max(times) * SECOND)
    assert cut is None


@pytest.mark.parametrize("piece", [1, 300, 10_000_000])
def test_disorder_of_hit_lines_makes_every_line_of_a_large_block_count(
    piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shuffled capture would begin where its first line happens to stand."""
    monkeypatch.setattr("abm_trace.pipeline.bounds._PIECE_CHARS", piece)
    lines = [building.line("noise " * 9, second) for second in (5, *[30] * 200, 2, *[30] * 200, 40)]
    ordered, _ = bounds(building.text(lines), (FIRST + 6 * SECOND,) * 5)
    mixed, _ = bounds(building.text(lines), (FIRST + 9 * SECOND, *(FIRST + 6 * SECOND,) * 5))
    assert ordered.first_at == FIRST + 5 * SECOND
    assert mixed.first_at == FIRST + 2 * SECOND


@given(st.text("ab\n", max_size=40), st.integers(0, 9))
def test_the_lines_of_a_text_are_looked_at_piece_by_piece(text: str, size: int) -> None:
    """The rows of 8 MiB of lines out of order took 60 MB at once; a cut within a line would lose it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("abm_trace.pipeline.bounds._PIECE_CHARS", size)
        pieces = [text[start:stop] for start, stop in _pieces(text)]
    lines = [line for piece in pieces for line in piece.split("\n") if line]
    assert lines == [line for line in text.split("\n") if line]
    assert all("\n" not in piece[size:] for piece in pieces)


@pytest.mark.parametrize("rest", ["2026-05-17 03:4", "}"])
def test_where_an_unfinished_last_line_begins(rest: str) -> None:
    """The end of a capture would be missing and nobody would know."""
    lines = building.text([building.line("noise", 1)])
    assert bounds(lines + rest.encode())[1] == len(lines)
    assert bounds(lines + b"\x00\x00")[1] is None
    assert bounds(lines[:-1])[1] is None
    assert bounds(lines + b"\x1b[m\x1b[0m")[1] is None, "idevicesyslog ends its colour behind the last line feed"


def test_a_block_without_a_time_has_none() -> None:
    """A capture would begin in 1970."""
    found, _ = bounds(b"no stamp\nnone either\n")
    assert (found.first_at, found.last_at, found.host) == (None, None, None)


def test_the_host_is_the_one_that_first_and_last_line_name() -> None:
    """A relay's file would be taken for one device's."""
    line = "<14>1 2026-05-17T03:47:0{}.000Z {} teslad 1 - - x"
    assert bounds(building.text([line.format(1, "a"), line.format(2, "a")]), name="rfc5424")[0].host == "a"
    assert bounds(building.text([line.format(1, "a"), line.format(2, "b")]), name="rfc5424")[0].host == ""


@pytest.mark.parametrize("noise", [0, 150], ids=["small", "large"])
def test_one_hit_line_shows_that_a_log_without_years_is_mixed(noise: int) -> None:
    """A capture that goes on behind `[disconnected]` with older lines would begin late, and its deadline be late."""
    row = "Nov 12 15:{:02d}:{:02d} teslad[3] <Notice>: " + "x" * 60
    lines = [*[row.format(20, n % 60) for n in range(10, 12 + noise)], "[disconnected]", row.format(0, 0)]
    lines += [row.format(20, 5), *[row.format(20, 50) for _ in range(4 + noise)]]
    found, _ = bounds(building.text(lines), (instants.parse("2000-11-12T15:20:05Z"),), "idevicesyslog")
    assert found.first_at == instants.parse("2000-11-12T15:00:00Z")


@pytest.mark.parametrize(
    ("edges", "of_server"),
    [
        (("nginx", "nginx"), True),
        (("micromdm", "NanoMDM"), True),
        (("nginx", "teslad"), False),
        (("Setup", "nginx"), False),
        (("", ""), False),
    ],
)
def test_what_daemons_of_servers_wrote_at_all_edges_is_of_a_server(edges: tuple[str, str], of_server: bool) -> None:
    """A proxy's log that names one serial number would be the boot of a device that nobody has switched on."""
    lines = [f"May 17 03:47:0{n} proxy01 {name}[99]: GET /x\n" for n, name in enumerate(edges)]
    found, _ = bounds("".join(lines).encode(), name="rfc3164")
    assert found.of_server is of_server


def test_a_log_is_of_a_server_if_all_its_blocks_are() -> None:
    """The first block of a relay's file, of the relay's own start, would take the boots from the devices behind it."""
    block = Block()
    found = Bounds(Framing(log_formats()["rfc3164"], Stamps(UTC)), block)
    for name, of_server in (("nginx", True), ("teslad", False), ("nginx", False)):
        data = bytearray(f"May 17 03:47:01 proxy01 {name}[99]: x\n".encode())
        block.take(data, len(data), data)
        found.take(())
        assert found.of_server is of_server
