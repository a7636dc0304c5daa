"""What a command says: passed on byte for byte, and looked at on its way."""

import os
import select
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

_READ_BYTES: Final = 64 * 1024
_WRITE_BYTES: Final = 4096
"""What a pipe that can be written to takes without waiting (PIPE_BUF of Linux; the others' is smaller than a page)."""

_WAITING_BYTES_MAX: Final = 1024 * 1024
"""How much may wait for a reader who is slow; then the command waits too, as it would without us. Origin: ours."""

_FLUSH_S_MAX: Final = 5.0


@dataclass(slots=True)
class _Stream:
    """One stream of the command: where it comes from, where it goes, and what waits in between."""

    name: str
    source: int | None
    goal: int | None
    waiting: bytearray = field(default_factory=bytearray)


class Output:
    """The standard output and error of a command to be started with `ends`; `started` closes our copies of them."""

    def __init__(self) -> None:
        out, err = os.pipe(), os.pipe()
        self._streams = [_Stream("stdout", out[0], 1), _Stream("stderr", err[0], 2)]
        self.ends = out[1], err[1]

    def started(self) -> None:
        """Close what is the command's."""
        for end in self.ends:
            os.close(end)

    def read(self, seconds: float) -> Iterator[tuple[str, bytes]]:
        """What is said within the next seconds, by the name of its stream."""
        end_at = time.monotonic() + seconds
        while (left_s := end_at - time.monotonic()) > 0:
            sources = [s.source for s in self._streams if s.source is not None and len(s.waiting) < _WAITING_BYTES_MAX]
            goals = [s.goal for s in self._streams if s.waiting and s.goal is not None]
            ready, writable, _ = select.select(sources, goals, [], left_s)
            for stream in self._streams:
                if stream.goal in writable:
                    self._pass_on(stream)
                if stream.source in ready and (data := self._take(stream)):
                    yield stream.name, data

    def flush(self) -> None:
        """Pass on what still waits, unless its reader does not come."""
        end_at = time.monotonic() + _FLUSH_S_MAX
        while any(s.waiting and s.goal is not None for s in self._streams) and time.monotonic() < end_at:
            for _ in self.read(0.05):
                pass

    def close(self) -> None:
        """Stop listening."""
        for stream in self._streams:
            if stream.source is not None:
                os.close(stream.source)
                stream.source = None

    @staticmethod
    def _take(stream: _Stream) -> bytes:
        if stream.source is None:
            return b""
        data = os.read(stream.source, _READ_BYTES)
        if not data:
            os.close(stream.source)
            stream.source = None
        elif stream.goal is not None:
            stream.waiting += data
        return data

    @staticmethod
    def _pass_on(stream: _Stream) -> None:
        if stream.goal is None:
            return
        try:
            del stream.waiting[: os.write(stream.goal, stream.waiting[:_WRITE_BYTES])]
        except OSError:  # Its reader went away: the step goes on, and is guarded on.
            stream.goal = None
            stream.waiting.clear()
