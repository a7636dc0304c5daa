"""Traces that are kept: a case that was read once is not read again for each device that somebody asks about.

A kept trace is a file in the user's cache folder. It is what was known of the case before anything was judged, so a
device is judged anew from it, by the same function. It is used where nothing has changed on which it depends: each file
of the case (size, times, inode), the options, the signatures, and the program itself. Nothing in it is believed that is
damaged, or that somebody else could have written.

Its parts, each compressed: the devices, some in a block; the rest (`_Around`). Behind them the length of the rest, and
the SHA-256 of everything before.
"""

import os
import re
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate, chain, pairwise
from pathlib import Path
from typing import BinaryIO, Final
from zoneinfo import TZPATH

import msgspec

from abm_trace.core.nouns import Blob, Device, Fact, Skipped
from abm_trace.core.packed import UNREADABLE, Packed, packed, unpacked
from abm_trace.pipeline import case as cases
from abm_trace.pipeline.members import Member
from abm_trace.pipeline.triage import Listing, Options, Resolved, Triage
from abm_trace.pipeline.workers import KILLED
from abm_trace.verdict import Context, Reach
from abm_trace.verdict.context import Server
from abm_trace.verdict.wide import BLOCK_FACTS, Key, Named, Scoped

KEPT_BYTES_MAX: Final = 256 * 1024 * 1024
KEPT_MAX: Final = 100
"""How much all kept traces may take, and how many there may be; the oldest go first. Origin: ours; a case of 12,400
devices takes some 12 MB."""

WORTH_BYTES: Final = 64 * 1024 * 1024
WORTH_DEVICES: Final = 100
"""A case of fewer bytes (expanded), or of fewer devices, is read again in a second or so, and leaves nothing behind.
Origin: measured."""

KEPT_NS_MAX: Final = 7 * 86_400 * 10**9
"""How long one is kept: it tells of people's devices. Origin: ours."""

SETTLED_NS: Final = 2 * 10**9
"""A file that was changed less than this before it was read may change once more and look the same: file systems count
time in steps of up to 2 s (FAT)."""

_VARIABLE: Final = "ABM_TRACE_KEEP"
_MARK: Final = b"abm-trace kept 1\n"
_DIGEST_BYTES: Final = 32
_LENGTH_BYTES: Final = 8
_DEVICES: Final = 64
"""How many devices stand in a block: more compress better, fewer are quicker to look up. Origin: measured."""

_NAME: Final = re.compile(r"[0-9a-f]{64}|\.part-.*")
_PASSING: Final = (KILLED, "abm-trace failed on it", "reading stopped")
"""What may go otherwise when the same file is read again."""

_State = tuple[str, int, int, int, int]
"""A file: its name, size, inode, and when its bytes and when its entry were changed (ns)."""


class _Around(msgspec.Struct, array_like=True):
    """Everything beside the devices: `key` is what it depends on, `blocks` are the lengths of the devices' blocks.

    `members` are those of archives: path, archive, size, digest of the first line.
    """

    key: bytes
    kept_at: int
    as_of: int
    blocks: list[int]
    serials: list[str]
    skipped: list[Skipped]
    members: list[tuple[str, str, int, str]]
    reach: dict[str, list[Reach]]
    probes: tuple[list[bytes], list[tuple[tuple[str, str], tuple[int, int]]]]
    clocks: tuple[list[bytes], list[tuple[str, tuple[int, int]]]]
    profiles: list[tuple[tuple[str, str], list[Fact]]]
    tokens: tuple[list[bytes], list[str]]
    servers: dict[str, Server]
    weights: dict[str, tuple[int, str]]
    simulated: bool
    held: dict[str, str]


_encode = msgspec.msgpack.encode


@dataclass(frozen=True, slots=True)
class Place:
    """Where the trace of one case under one set of options is kept, and what it depends on.

    `began` is when this was worked out, before anything was read (ns since 1970); `changed` is the newest change of
    anything that it depends on.
    """

    path: Path
    key: bytes
    began: int
    changed: int
    case: Path
    listing: Listing
    options: Options

    def find(self) -> Resolved | None:
        """The trace that is kept there; None where there is none that holds."""
        with suppress(OSError, ValueError, *UNREADABLE):
            return self._opened(_read(self.path))
        return None

    def _opened(self, data: bytes) -> Resolved | None:
        end = len(data) - _LENGTH_BYTES
        begin = end - int.from_bytes(data[end:])
        around: _Around = unpacked(data[begin:end], _Around)
        if around.key != self.key:
            return None
        case = cases.read(self.case)
        blobs = {each.path: each for each in self.listing if isinstance(each, Blob) and each.path != cases.NAME}
        for path, name, size, first in around.members:
            archive = blobs[name]
            blobs[path] = Member(
                path, archive.location, size, archive.modified_at, name, archive.size_bytes, first_sha256=first
            )
        return Resolved(
            serials=around.serials,
            devices=Packed(Device, _DEVICES, _cut(data, around.blocks), len(around.serials)),
            skipped=tuple(around.skipped),
            case=case,
            context=Context(
                thresholds=self.options.thresholds or case.thresholds,
                reach=around.reach,
                probes=_scoped(*around.probes),
                clocks=_scoped(*around.clocks),
                profiles=dict(around.profiles),
                tokens=Named(_facts(around.tokens[0], len(around.tokens[1])), around.tokens[1]),
                servers=around.servers,
                weights=around.weights,
                simulated=around.simulated,
                held=around.held,
            ),
            as_of=around.as_of,
            blobs=blobs,
            kept_at=around.kept_at,
        )

    def keep(self, traced: Resolved | Triage) -> bool:
        """Keep a trace that was begun after `began`; whether it is kept. A small case, and what is too new or went
        wrong, is not.

        It cannot fail: where there is no room, no folder, or a folder that is not the user's own, nothing is kept.
        """
        unsure = any(passing in each.reason for each in traced.skipped for passing in _PASSING)
        small = (
            len(traced.devices) < WORTH_DEVICES or sum(each.size_bytes for each in traced.blobs.values()) < WORTH_BYTES
        )
        if unsure or small or self.changed > self.began - SETTLED_NS:
            return False
        with suppress(OSError, ValueError, MemoryError, *UNREADABLE):
            folder = _own_folder(self.path.parent)
            descriptor, name = tempfile.mkstemp(dir=folder, prefix=".part-")
            try:
                with os.fdopen(descriptor, "wb") as file:
                    _write(file, self._parts(traced))
                _make_room(folder, self.began)
                Path(name).replace(self.path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
            return True
        return False

    def _parts(self, traced: Resolved | Triage) -> Iterator[bytes]:
        blocks = []
        for first in range(0, len(traced.devices), _DEVICES):
            block = packed(traced.devices[first : first + _DEVICES])
            blocks.append(len(block))
            yield block
        context = traced.context
        around = (
            self.key,
            self.began // 1000,
            traced.as_of,
            blocks,
            [each.serial for each in traced.devices],
            traced.skipped,
            [
                (each.path, each.archive, each.size_bytes, each.first_sha256)
                for each in traced.blobs.values()
                if isinstance(each, Member)
            ],
            context.reach,
            (_blocks(context.probes.facts), list(context.probes.spans.items())),
            (_blocks(context.clocks.facts), list(context.clocks.spans.items())),
            list(context.profiles.items()),
            (_blocks(context.tokens.facts), list(context.tokens)),
            context.servers,
            context.weights,
            context.simulated,
            context.held,
        )
        block = packed(around)
        yield block
        yield len(block).to_bytes(_LENGTH_BYTES)


def place(
    case: Path, listing: Listing, options: Options, now: int, environment: Mapping[str, str] = os.environ
) -> Place | None:
    """Where the trace of a case is kept whose folder holds `listing`; None where none may be kept.

    `now` is the time (ns since 1970). None is kept inside of the case, where `ABM_TRACE_KEEP` is 0, and where the
    program cannot tell whose a file is.
    """
    folder = _folder(environment)
    real = Path(os.path.realpath(case))
    program = Path(__file__).parents[1]
    if folder is None or not program.is_dir() or Path(os.path.realpath(folder)).is_relative_to(real):
        return None
    limits = options.thresholds and [(each.name, each.value, each.origin) for each in options.thresholds.items.values()]
    folders = [Path(os.path.realpath(each)) for each in options.signatures]
    name = sha256(
        _encode((os.fsencode(real), options.as_of, options.forced, list(map(str, folders)), limits))
    ).hexdigest()
    try:
        states = [
            *_states((each.path, each.location) for each in listing if isinstance(each, Blob)),
            *_states(_below(program, "")),
            *_states(each for folder in folders for each in _below(folder, (".yml", ".yaml"))),
            *_states(_zone(cases.read(case).zone_name)),
        ]
    except OSError:  # Something went away meanwhile: whoever traces will say so.
        return None
    named = [each for each in listing if isinstance(each, Skipped)]
    key = sha256(_encode((sys.version, msgspec.__version__, states, named))).digest()
    changed = max(max(state[-2:]) for state in states)
    return Place(folder / name, key, now, changed, case, listing, options)


def _folder(environment: Mapping[str, str]) -> Path | None:
    """The program's part of the user's cache folder (XDG Base Directory Specification)."""
    if environment.get(_VARIABLE) == "0" or not hasattr(os, "geteuid"):
        return None
    home = environment.get("XDG_CACHE_HOME", "")
    with suppress(RuntimeError):  # Nobody's home.
        return (Path(home) if Path(home).is_absolute() else Path.home() / ".cache") / "abm-trace"
    return None


def _states(files: Iterable[tuple[str, str]]) -> Iterator[_State]:
    """The state of each file, given by its name and where it is. Raises OSError if one is not there."""
    for name, location in files:
        found = os.stat(location)  # noqa: PTH116  # Paths would cost as much again.
        yield name, found.st_size, found.st_ino, found.st_mtime_ns, found.st_ctime_ns


def _below(folder: Path, endings: str | tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The files below a folder with these endings, but for what Python puts there itself."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if each != "__pycache__")
        yield from ((str(Path(root, each)),) * 2 for each in sorted(names) if each.endswith(endings))


def _zone(name: str) -> Iterator[tuple[str, str]]:
    """The file that says what times a zone has."""
    return ((str(each), str(each)) for root in TZPATH if (each := Path(root, name)).is_file())


def _own_folder(folder: Path) -> Path:
    """The folder, made if need be, for the user alone. Raises OSError if it is somebody else's, or a link."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise PermissionError
    if found.st_mode & 0o077:
        folder.chmod(0o700)
    return folder


def _read(path: Path) -> bytes:
    """What a kept trace holds. Raises ValueError if it is damaged, or if anybody else could have written it."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise ValueError
        data = file.read(KEPT_BYTES_MAX + _DIGEST_BYTES)
    if not data.startswith(_MARK) or sha256(data[:-_DIGEST_BYTES]).digest() != data[-_DIGEST_BYTES:]:
        raise ValueError
    return data[len(_MARK) : -_DIGEST_BYTES]


def _write(file: BinaryIO, parts: Iterable[bytes]) -> None:
    """Write the parts, and behind them their digest. Raises ValueError for more than all kept traces may take."""
    digest, size = sha256(), 0
    for part in chain((_MARK,), parts):
        size += len(part)
        if size > KEPT_BYTES_MAX:
            raise ValueError
        digest.update(part)
        file.write(part)
    file.write(digest.digest())


def _make_room(folder: Path, now: int) -> None:
    """Remove what is too old, and the oldest of what is too much; the newest is what was written just now."""
    left = 0
    files = [(each.stat(follow_symlinks=False), each) for each in os.scandir(folder) if _NAME.fullmatch(each.name)]
    for count, (found, each) in enumerate(sorted(files, key=lambda file: file[0].st_mtime_ns, reverse=True), 1):
        left += found.st_size
        much = left > KEPT_BYTES_MAX + _DIGEST_BYTES or count > KEPT_MAX
        if much or found.st_mtime_ns < now - KEPT_NS_MAX:
            Path(each).unlink(missing_ok=True)


def _blocks(facts: Sequence[Fact]) -> list[bytes]:
    """The facts, packed: of very many only the ones that are asked for are decoded when they are found again."""
    return [*(facts if isinstance(facts, Packed) else Packed.of(Fact, BLOCK_FACTS, facts)).blocks]


def _facts(blocks: Iterable[bytes], count: int) -> Packed[Fact]:
    return Packed(Fact, BLOCK_FACTS, blocks, count)


def _scoped(blocks: Iterable[bytes], spans: Sequence[tuple[Key, tuple[int, int]]]) -> Scoped[Key]:
    return Scoped(_facts(blocks, spans[-1][1][1] if spans else 0), dict(spans))


def _cut(data: bytes, lengths: Iterable[int]) -> Iterator[bytes]:
    """The blocks of these lengths with which the data begins."""
    ends = accumulate(lengths, initial=0)
    return (data[begin:end] for begin, end in pairwise(ends))
