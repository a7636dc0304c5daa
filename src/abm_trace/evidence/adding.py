"""Keep many inputs: several at once on the disk, acknowledged in batches, under checkpoints as they fall due."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import BinaryIO, Final, NamedTuple

from abm_trace.evidence.blobs import Binding
from abm_trace.evidence.entry import Kept
from abm_trace.evidence.errors import UnreadableError
from abm_trace.evidence.files import WRITERS
from abm_trace.evidence.store import LEAVES_MAX, Pending, Writer

_BATCH: Final = 250
"""How many inputs are acknowledged at once. Origin: ours."""


class Input(NamedTuple):
    """Something to keep: its name for people, how to open it, and what it belongs to."""

    name: str
    open: Callable[[], BinaryIO]
    binding: Binding


class Added(NamedTuple):
    """What became of an input: the index of its record, or None and why it could not be read."""

    name: str
    record: int | None
    reason: str = ""


def add(writer: Writer, inputs: Iterable[Input], *, kind: Kept, origin: str, now: int) -> Iterator[Added]:
    """Keep the inputs; each comes back, in their order, when it is acknowledged. The last are under a checkpoint.

    Raises EvidenceError: what is under a checkpoint is kept, the rest is taken back unless the error says otherwise.
    """
    writer.active()  # Before bytes are stored: keys that cannot sign keep nothing.
    left = iter(inputs)
    keep = partial(_keep, writer, kind, origin, now)
    with ThreadPoolExecutor(WRITERS) as pool:
        since = 0
        while batch := list(islice(left, _BATCH)):
            kept = list(pool.map(keep, batch))
            indexes = iter(writer.append([each for each in kept if isinstance(each, Pending)]))
            for source, each in zip(batch, kept, strict=True):
                yield Added(source.name, None, each) if isinstance(each, str) else Added(source.name, next(indexes))
            since += len(batch)
            if since >= LEAVES_MAX:
                writer.checkpoint()
                since = 0
    writer.checkpoint()


def _keep(writer: Writer, kind: Kept, origin: str, now: int, source: Input) -> Pending | str:
    """The entry of an input, or why it could not be read."""
    try:
        with source.open() as stream:
            return writer.keep(kind, stream, now=now, origin=origin, binding=source.binding)
    except UnreadableError as error:
        return str(error)
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
