"""What is wrong with a block of a log as text: each flaw as the position in the block at which it stands, and why."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from abm_trace.formats import is_server_line
from abm_trace.formats._interface import HEAD_BYTES
from abm_trace.pipeline.block import MESSAGE_BYTES_MAX, Block
from abm_trace.pipeline.framing import plain, trimmed
from abm_trace.pipeline.messages import stamped
from abm_trace.signatures.scan import LINE_BYTES_MAX

_PIECES: Final = 1_000
"""In so many pieces of whole lines a block's encoding is looked at."""

_KINDS: Final = bytes(byte if byte in b"\x00\n\r" else ord("x") for byte in range(256))
"""Each byte as what it is to a NUL: another one, what ends a line, or `x` for what says something."""

_ERROR: Final = b"NSError:"
"""Behind it, on lines below, macOS and iOS print an error of device management; one of them is its code."""

_LEVEL: Final = b"level"
_LEVELS_MAX: Final = 100
"""What each line of a server has, and how many lines of a block are looked at for it. Origin: ours."""

_NULS_MAX: Final = 1_000
"""How many NULs before text are looked at in a block, where none stands within a line. Origin: ours."""


def encoding(block: Block, stops: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Bytes between two stops that are not UTF-8, in pieces of whole lines; almost all are ASCII."""
    buffer = block.buffer
    for start, end in pairwise([*stops[:: len(stops) // _PIECES + 1], stops[-1]]):
        part = buffer[start:end]
        if part.isascii():
            continue
        try:
            part.decode()
        except UnicodeDecodeError as error:
            yield start + error.start, "bytes that are not UTF-8, from here; they were read as U+FFFD"
            return


def nuls(block: Block) -> Iterator[tuple[int, str]]:
    """NUL bytes within a line; around one, as relays of syslog end their messages, they hide nothing."""
    begin, size = block.begin, block.size
    if block.buffer.find(b"\0", begin, size) < 0:
        return
    kinds = block.buffer[begin:size].translate(_KINDS).replace(b"\n\0x", b"\n x")
    at = -1
    for _ in range(_NULS_MAX):
        at = kinds.find(b"\0x", at + 1)
        if at < 0:
            return
        if kinds.find(b"x", kinds.rfind(b"\n", 0, at) + 1, at) >= 0:
            break
    yield begin + at, "NUL bytes in the text, from here; they were read as they stand"


def servers(block: Block) -> Iterator[tuple[int, str]]:
    """The first line of an MDM server's own log between those of a syslog, if one stands where a block begins."""
    buffer, until = block.buffer, min(block.size, block.begin + HEAD_BYTES)
    at = block.begin
    for _ in range(_LEVELS_MAX):
        at = buffer.find(_LEVEL, at, until)
        if at < 0:
            return
        start = buffer.rfind(b"\n", block.begin, at) + 1 or block.begin
        end = buffer.find(b"\n", at, until)
        at = until if end < 0 else end
        if is_server_line(trimmed(block.part(start, at))):
            yield start, "lines of an MDM server stand in this log, from here, and are not read: save them alone"
            return


def unclosed(block: Block) -> Iterator[tuple[int, str]]:
    """A last line that has no end and breaks off within a quote or a bracket, or before what it announces.

    And, be its end there or not, an NSError in the last message whose code stands nowhere.
    """
    buffer, begin, size = block.buffer, block.begin, block.size
    start = buffer.rfind(b"\n", begin, size) + 1 or begin
    line = trimmed(block.part(start, min(size, start + LINE_BYTES_MAX)))
    if line.endswith(":") or _opens(line):
        yield start, "the last line may be cut: it has no end, and what it begins is not closed"
        return
    if not line:
        end = max(begin, start - 1)
        start = buffer.rfind(b"\n", begin, end) + 1 or begin
        line = trimmed(block.part(start, min(end, start + LINE_BYTES_MAX)))
    if stamped(line) and not line.endswith(":"):  # A record of its own, as almost always: nothing is open above it.
        return
    error = buffer.rfind(_ERROR, max(begin, size - MESSAGE_BYTES_MAX), size)
    below = plain(block.part(error + len(_ERROR), size)).split("\n") if error >= 0 else ["-"]
    if not below[0].strip() and not any("Code" in each or stamped(each) for each in below):
        yield error, "the last message may be cut: the code of its NSError is missing"


def long_lines(block: Block) -> Iterator[tuple[int, str]]:
    """The lines longer than LINE_BYTES_MAX: what stands beyond it was not read."""
    buffer, position, size = block.buffer, block.begin, block.size
    while size - position > LINE_BYTES_MAX:
        cut = buffer.rfind(b"\n", position, position + LINE_BYTES_MAX + 1)
        if cut >= 0:
            position = cut + 1
            continue
        yield position, "a line longer than 1 MiB; the rest of it was not read"
        position = buffer.find(b"\n", position, size) + 1
        if not position:
            return


def _opens(line: str) -> bool:
    """Whether a quote or a bracket of a line stays open."""
    return line.count('"') % 2 == 1 or any(line.count(pair[0]) > line.count(pair[1]) for pair in ("()", "[]", "{}"))
