"""What a format is: an object that names it, a score over the head of a blob, and a reader.

Each module of `logs/`, `exports/` and `payloads/` holds one `FORMAT` and a `score(head)`; an export or a payload also
holds `read(content)`, a log format holds a `frame` (see `logs/_interface.py`). The highest score wins, so no format
knows another; 0 means "not mine", 1 "certainly mine".
"""

from collections.abc import Callable, Iterator
from datetime import tzinfo
from hashlib import sha256

import msgspec

from abm_trace.core.errors import AbmTraceError
from abm_trace.core.nouns import Fact, Skipped

HEAD_BYTES = 64 * 1024
"""How much of a blob the formats see when they score it."""


class FormatError(AbmTraceError):
    """A blob is not what its format says, on its `line` where that is known.

    Readers of foreign bytes raise this and nothing else.
    """

    def __init__(self, message: str, *, hint: str = "", line: int | None = None) -> None:
        super().__init__(message, hint=hint)
        self.line = line


class Format(msgspec.Struct, frozen=True):
    """One byte format: its id is its file's name, `reference` says who documents it.

    `covers` are the sources whose silence it proves: what is not in it, that source does not have. Apple's side is read
    with `audit`, `abm` or `dep`, the MDM's with `mdm`; `org` is the list of the organisation's devices. `only_said`: of
    these only what its own coverage facts name, for it holds now one list and now another.
    """

    id: str
    title: str
    reference: str
    since: str = "0.1"
    covers: tuple[str, ...] = ()
    only_said: bool = False


class Head(msgspec.Struct, frozen=True):
    """The beginning of a blob, as UTF-8 (a UTF-16 blob is transcoded, a BOM removed); `whole` if it is all of it."""

    path: str
    data: bytes
    whole: bool


class Content(msgspec.Struct, frozen=True):
    """An export's bytes as UTF-8, or a piece of a large line-based one.

    A piece begins with line number `line` at `offset`, at a line's start; `header` is then the blob's first line
    (b"" for the first piece). `zone` is the case's: a time without a zone is wall time there. `record` is the number
    of the piece's first record. `stored` are the same bytes as the blob has them, where its lines end otherwise.
    """

    path: str
    data: bytes
    zone: tzinfo
    line: int = 1
    offset: int = 0
    record: int = 0
    header: bytes = b""
    stored: bytes = b""

    def digest(self, at: int, length: int) -> str:
        """The SHA-256 in hex of what stands there in the blob: whoever cites it must find it with other tools."""
        return sha256(memoryview(self.stored or self.data)[at : at + length]).hexdigest()


Score = Callable[[Head], float]
Read = Callable[[Content], Iterator[Fact | Skipped]]
