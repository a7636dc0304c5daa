"""Keep many inputs: several at once on the disk, acknowledged in batches, under checkpoints as they fall due."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import BinaryIO, Final, NamedTuple

from abm_trace.evidence import keys
from abm_trace.evidence.blobs import Binding
from abm_trace.evidence.entry import Kept
from abm_trace.evidence.errors import UnreadableError
from abm_trace.evidence.files import WRITERS
from abm_trace.evidence.redaction import IS_KEY
from abm_trace.evidence.store import LEAVES_MAX, Pending, Writer

_BATCH: Final = 250
"""How many inputs are acknowledged at once. Origin: ours."""

_HEAD_BYTES: Final = 64 * 1024
"""So much of an input is searched for the log's own keys: a copy of one is 119 bytes. Origin: ours."""


class Input(NamedTuple):
    """Something to keep: its name for people, how to open it (it must be seekable), and what it belongs to."""

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
    keep = partial(_keep, partial(writer.keep, kind, now=now, origin=origin), keys.bodies(writer.places.keys))
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


def _keep(keep: Callable[..., Pending], own: Sequence[bytes], source: Input) -> Pending | str:
    """The entry of an input, or why it could not be read, or must not be kept: `own` are the keys of the log."""
    try:
        with source.open() as stream:
            head = stream.read(_HEAD_BYTES)
            if any(key in head for key in own):
                return "holds a signing key of this log, which must not be kept in it"
            if IS_KEY.fullmatch(head):
                return "looks like the key of a redaction, which must stay apart from the log"
            stream.seek(0)
            return keep(stream, binding=source.binding)
    except UnreadableError as error:
        return str(error)
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
