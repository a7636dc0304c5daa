"""What is to be kept: files as they are, or the files of a traced case, each bound to the devices that it speaks of."""

import io
import os
import stat
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from abm_trace.core.nouns import Skipped
from abm_trace.evidence.adding import Input
from abm_trace.evidence.blobs import Binding, Ids
from abm_trace.evidence.errors import UnreadableError
from abm_trace.sources import folder

if TYPE_CHECKING:
    from abm_trace.evidence.places import Places
    from abm_trace.pipeline.triage import Triage


def below(paths: tuple[Path, ...], binding: Binding, log: "Places") -> Iterator[Input]:
    """The files of the paths, each with the same binding; what is no regular file is one that cannot be opened.

    What belongs to `log` itself is not kept in it, and named once.
    """
    for path in paths:
        if path.is_dir():
            yield from _files(path, {}, binding, log)
        else:
            name = os.fsencode(path).decode("utf-8", "backslashreplace")
            yield Input(name, partial(_open, path), msgspec.structs.replace(binding, path=name))


def traced(case: Path, log: "Places") -> tuple[Iterator[Input], list[Input]]:
    """The files of a case, each bound to what its facts name; and the verdicts. Raises as `triage` does."""
    from abm_trace.cli import _tracing

    return of(case, _tracing.trace(case, _tracing.Tracing()), log)


def of(case: Path, found: "Triage", log: "Places") -> tuple[Iterator[Input], list[Input]]:
    """The files of a case that was traced, each bound to what its facts name; and the verdicts."""
    from abm_trace.cli import _terminal
    from abm_trace.exports import Report, render

    devices: dict[str, dict[Ids, None]] = {}
    tokens: dict[str, dict[str, None]] = {}
    for device in found.devices:
        names = [device.attrs.get(key, "") for key in ("io_platform_uuid", "secure_rom_uuid", "udid")]
        ids = Ids(device.serial, *names)
        for fact in device.facts:
            path = _file(fact.origin.path, found.blobs)
            devices.setdefault(path, {})[ids] = None
            if token := fact.attrs.get("token_id") or device.attrs.get("token_id"):
                tokens.setdefault(path, {})[token] = None
    bindings = {
        path: Binding(devices=tuple(every), tokens=tuple(sorted(tokens.get(path, ()))))
        for path, every in devices.items()
    }
    report = Report(str(case), found.verdicts, found.readings, found.skipped, found.as_of)
    data = render("ndjson", report, _terminal.paper())
    verdicts = Input("the verdicts", partial(io.BytesIO, data), Binding("verdicts.ndjson"))
    return _files(case, bindings, Binding(), log), [verdicts]


def _file(path: str, blobs: Mapping[str, object]) -> str:
    """The file of the case that holds this blob: itself, or the archive whose member it is."""
    while path not in blobs and "/" in path:
        path = path.rpartition("/")[0]
    return path


def _files(root: Path, bindings: Mapping[str, Binding], otherwise: Binding, log: "Places") -> Iterator[Input]:
    own = 0
    blobs = list(folder.fetch(root))
    SystemRandom().shuffle(blobs)  # Else the numbers of records would tell which pseudonym is which serial number.
    for blob in blobs:
        if log.holds(root / blob.path if isinstance(blob, Skipped) else Path(blob.location)):
            own += 1
            continue
        binding = msgspec.structs.replace(bindings.get(blob.path, otherwise), path=blob.path)
        if isinstance(blob, Skipped):
            yield Input(blob.path, partial(_refuse, blob.reason), binding)
        else:
            yield Input(blob.path, partial(_open, Path(blob.location)), binding)
    if own:
        reason = f"{own:,} files are of the log itself, its lock or keys"
        yield Input(str(log.store), partial(_refuse, reason), otherwise)


def _open(path: Path) -> BinaryIO:
    """A regular file; it never waits for a fifo."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UnreadableError("is no regular file")
    return os.fdopen(descriptor, "rb")


def _refuse(reason: str) -> BinaryIO:
    raise UnreadableError(reason)
