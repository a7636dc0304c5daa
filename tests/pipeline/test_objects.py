"""Tests of abm_trace.pipeline.objects: arrays of JSON as lines, and where their objects are cited."""

import json

import pytest

from abm_trace.formats.logs._array import Array
from abm_trace.pipeline.block import Block
from abm_trace.pipeline.objects import Objects

ROWS = [{"timestamp": f"t{n}", "eventMessage": f"m{n}"} for n in range(9)]
STYLES = {
    "one-line": "[" + ",".join(json.dumps(row, separators=(",", ":")) for row in ROWS) + "]",
    "as-apple": "[{\n" + "\n},{\n".join(json.dumps(row, indent=0)[2:-2] for row in ROWS) + "\n}]",
    "a-line-each": "[\n" + ",\n".join(f"{{{json.dumps(row)[1:-1]}}}" for row in ROWS) + "\n]\n",
}


def array_of(data: bytes) -> Array:
    """The array that these bytes are."""
    found = Array.of(data)
    assert found is not None
    return found


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("size", [40, 100, 10_000])
def test_each_object_is_cited_by_its_message_wherever_the_pieces_end(style: str, size: int) -> None:
    """An auditor would find another record under the line that is cited."""
    data = STYLES[style].encode()
    block = Block()
    objects = Objects(array_of(data), block)
    cited = []
    for begin in range(0, len(data), size):
        last = begin + size >= len(data)
        lines, raw = objects.lines(data[begin : begin + size], last=last)
        if not lines:
            continue
        block.take(lines, len(lines), raw)
        start = 0
        for line in bytes(lines).split(b"\n"):
            if b"eventMessage" in line:
                offset, length = objects.place(start, len(line))
                cited.append(data[offset : offset + length])
            start += len(line) + 1
        block.leave(last=last, count=False)
    assert [each.count(b'"eventMessage"') for each in cited] == [1] * 9
    assert [f'"m{n}"'.encode() in each for n, each in enumerate(cited)] == [True] * 9
