"""Time stamps and the store: which bytes are stamped, and where the answers are kept."""

import hashlib
from collections.abc import Sequence

from cryptography import x509

from abm_trace.core import instants
from abm_trace.evidence import stamp
from abm_trace.evidence.errors import EvidenceError, RefusedError
from abm_trace.evidence.files import Folder
from abm_trace.evidence.note import Checkpoint, Note
from abm_trace.evidence.published import NOTE_BYTES_MAX, Published
from abm_trace.evidence.retention import ledger
from abm_trace.evidence.stamp import Stamp
from abm_trace.evidence.store import Writer


def newest(folder: Folder) -> tuple[str, bytes]:
    """Where the newest published checkpoint is kept once it is stamped, and its bytes: nothing is written.

    Raises EvidenceError.
    """
    found = Published(folder).checkpoint()
    if found is None:
        raise EvidenceError("an empty log has no checkpoint to stamp")
    path = f"checkpoints/{found[0].size}"
    return path, folder.read(path, NOTE_BYTES_MAX) or found[1].render()


def ask(writer: Writer) -> bytes:
    """The newest checkpoint, kept from now on as `checkpoints/SIZE`: the bytes to be stamped. Raises EvidenceError."""
    writer.checkpoint()
    path, data = newest(writer.folder)
    writer.folder.put({path: data})
    return data


def keep(
    writer: Writer,
    answer: bytes,
    roots: Sequence[x509.Certificate],
    *,
    now: int,
    asked: tuple[str, bytes] | None = None,
) -> Stamp:
    """The stamp of an authority's answer, verified and kept: over a kept checkpoint, or the one that was `asked` about.

    Raises EvidenceError, and then nothing is kept.
    """
    found = stamp.parse(answer)
    path, data = _under(writer.folder, found.digest, asked)
    checkpoint = Checkpoint.parse(Note.parse(data).text)
    state = ledger(writer)
    stamp.accept(answer, data, roots, now=now, signed_at=state.newest[checkpoint.size - 1])
    behind = min(state.times[checkpoint.size :], default=found.at)
    if behind < found.at - stamp.APART:  # Later they could not be told from records that were dated back.
        raise RefusedError(
            f"the time stamp is of {instants.render(found.at)}, and the log has a record of {instants.render(behind)}"
            " that is not under it",
            hint="The log grew before the question was sent. Ask again, and send it at once: evidence stamp --query",
        )
    name = hashlib.sha256(answer).hexdigest()[:8]
    writer.folder.put({path: data})  # First: a stamp over nothing that is kept would be named.
    writer.keep_stamp(f"stamps/{checkpoint.size}.{name}.tsr", answer)
    return found


def _under(folder: Folder, digest: bytes, asked: tuple[str, bytes] | None) -> tuple[str, bytes]:
    """Path and bytes of the checkpoint that a stamp is over. Raises RefusedError."""
    kept = ((path, folder.read(path, NOTE_BYTES_MAX) or b"") for path in folder.below("checkpoints"))
    for path, data in (*((asked,) if asked else ()), *kept):
        if hashlib.sha256(data).digest() == digest:
            return path, data
    raise RefusedError(
        "the time stamp is over no checkpoint of this log",
        hint="It answers another question, or the authority lies. Ask again: evidence stamp STORE --query FILE",
    )
