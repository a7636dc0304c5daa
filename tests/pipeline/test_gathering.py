"""What is worked out of a member as it goes by."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pipeline import building

from abm_trace.pipeline import gathering
from abm_trace.pipeline.gathering import Gathered, cited

LINES = [building.line(f"message {n}", n) for n in range(40)]


@given(st.integers(200, 4000), st.sets(st.integers(0, 39)))
def test_lines_have_their_number_and_digest_wherever_the_blocks_end(size: int, wanted: set[int]) -> None:
    """A member's evidence would name another line than the one that says it."""
    data = building.text(LINES)
    gathered, offset = Gathered(), 0
    starts = [data.index(line.encode()) for line in LINES]
    while offset < len(data):
        cut = len(data) if offset + size >= len(data) else data.rfind(b"\n", 0, offset + size) + 1
        gathered.take(bytearray(data[offset:cut]), cut - offset)
        for n in wanted:  # In no order, and also those of earlier blocks.
            if starts[n] < cut:
                assert gathered.place(starts[n], len(LINES[n])) == (n + 1, sha256(LINES[n].encode()).hexdigest())
        gathered.leave(last=cut == len(data))
        offset = cut
    assert gathered.first_sha256 == sha256(LINES[0].encode()).hexdigest()


def test_the_first_line_of_an_export_has_its_digest() -> None:
    """What a whole export proves could not be checked."""
    gathered = Gathered()
    gathered.first(b"serial,site\r\nA,b\r\n")
    assert gathered.first_sha256 == sha256(b"serial,site").hexdigest()


def test_what_stands_too_far_back_stays_uncited(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong line would be cited."""
    monkeypatch.setattr(gathering, "_TAIL_BYTES", 100)
    found, data = Gathered(), building.text(LINES)
    for _ in range(2):
        found.take(bytearray(data), len(data))
        found.leave(last=False)
    fact = building.fact("requested", 1)
    assert found.cite(fact) is fact
    assert cited(fact, 3, "ab").origin.line == 3
