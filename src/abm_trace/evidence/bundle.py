"""Make a bundle: one file for an auditor or a vendor's support, which verifies alone and offline (docs/evidence.md).

What the log says of all records goes in, for it names no device; of what they keep, what was chosen. Making one leaves
a record in the log, which holds the bundle's contents: so the log's own checkpoint signs the bundle.
"""

import hashlib
import io
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from abm_trace.core import instants
from abm_trace.evidence import blobs, bundle_text, lines, tiles
from abm_trace.evidence.blobs import Secret
from abm_trace.evidence.bundle_contents import SOURCE, Digest, Manifest, Ranges, lines_path, tile_paths
from abm_trace.evidence.bundle_file import BundleWriter, writing
from abm_trace.evidence.errors import EvidenceError
from abm_trace.evidence.files import regular
from abm_trace.evidence.ledger import joined
from abm_trace.evidence.lines import Show
from abm_trace.evidence.published import CHECKPOINT, FORMAT
from abm_trace.evidence.redaction import Mask, cited
from abm_trace.evidence.store import Writer

_CHUNK_BYTES: Final = 1024 * 1024
_NAME: Final = re.compile(r"[0-9A-Za-z-]{8,64}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a bundle shall hold.

    `records` are the records to choose from, `serials` the devices; all where there are none. With a `key` everything
    is redacted: of a line that a verdict cites by one of the `signatures` its words are shown, of our texts `words`.
    `fold` makes one spelling of an identifier. `reports` are files to put in as they are.
    """

    actor: str
    reason: str
    now: int
    records: Ranges = ()
    serials: frozenset[str] = frozenset()
    key: bytes = b""
    signatures: Mapping[str, frozenset[str]] = field(default_factory=dict)
    words: Collection[str] = ()
    fold: Callable[[str], str] = str.upper
    reports: Sequence[Path] = ()


class Made(NamedTuple):
    """What became of it: the index of its record, its contents, and what was hidden (kind → how many different).

    `shared` counts the lines that name a chosen device and others, and are withheld for that.
    """

    record: int
    manifest: Manifest
    hidden: dict[str, int]
    shared: int


class _Chosen(NamedTuple):
    """A record and how it is shown: as it is stored, or by line."""

    record: int
    kind: str
    secret: Secret
    by_line: bool


def make(writer: Writer, out: Path, asked: Asked) -> Made:
    """Write the bundle, and its record into the log.

    Raises EvidenceError; then there is no bundle. A log that cannot be written to gives none away.
    """
    if out.is_symlink() or (out.exists() and not out.is_file()):
        raise EvidenceError(f"{out}: is no regular file", hint="Name a new file: --out bundle.tar")
    return _Maker(writer, asked).make(out)


@dataclass(slots=True)
class _Maker:
    writer: Writer
    asked: Asked
    chosen: list[_Chosen] = field(default_factory=list)
    withheld: int = 0
    named: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    own: set[str] = field(default_factory=set)
    kept: dict[str, int] = field(default_factory=dict)
    shared: int = 0
    files: dict[str, Digest] = field(default_factory=dict)

    def make(self, out: Path) -> Made:
        writer, asked = self.writer, self.asked
        writer.checkpoint()
        self._choose()
        mask = Mask(asked.key, asked.words, self.others, asked.fold) if asked.key else None
        with writing(out) as bundle:
            self._about(bundle, mask)
            for path in sorted([*writer.folder.below("checkpoints"), *writer.folder.below("stamps")]):
                self._digest(f"evidence/{path}", self._stored(path))
            manifest = self._manifest()
            data = io.BytesIO(msgspec.json.encode(manifest))
            pending = writer.keep("action", data, now=asked.now, origin=SOURCE, binding=blobs.Binding("bundle.json"))
            record = writer.append([pending])[0]
            writer.checkpoint()
            secret = Secret.parse(pending.secret)
            if secret is not None:
                self.chosen.append(_Chosen(record, "action", secret, by_line=False))
            self._evidence(bundle)
        return Made(record, manifest, mask.hidden() if mask else {}, self.shared)

    # What goes in.

    def _choose(self) -> None:
        """Take the records that were asked for, and learn the names of all devices."""
        published, asked = self.writer.published, self.asked
        waiting: list[tuple[int, str, Secret, blobs.Binding, bool]] = []
        for index, entry, secret in published.keeping(self.writer.head.size if self.writer.head else 0):
            binding = blobs.binding_of(secret.binding)
            for ids in binding.devices:
                names = {each for each in msgspec.structs.astuple(ids) if each}
                self.others |= {asked.fold(each) for each in names}
                if ids.serial in asked.serials:
                    self.named |= {each.casefold() for each in names}
                    self.own |= {asked.fold(each) for each in names}
            if entry.kind == "raw":
                self.kept[binding.path] = index
            waiting.append((index, entry.kind, secret, binding, bool(entry.lines)))
        for index, kind, secret, binding, has_lines in waiting:
            by_line = self._is_by_line(index, kind, binding)
            if by_line is None or (by_line and not has_lines) or (asked.key and kind == "action"):
                self.withheld += 1
            else:
                self.chosen.append(_Chosen(index, kind, secret, by_line))
        missing = asked.serials - {ids.serial for each in waiting for ids in each[3].devices}
        if missing:
            raise EvidenceError(
                f"{', '.join(sorted(missing))}: no record is bound to such a device",
                hint="List what there is: abm-trace evidence log STORE",
            )

    def _is_by_line(self, index: int, kind: str, binding: blobs.Binding) -> bool | None:
        """Whether a record is shown by line, or as it is stored; None if not at all."""
        asked = self.asked
        if asked.records and not any(first <= index <= last for first, last in asked.records):
            return None
        if not asked.serials:
            return bool(asked.key)
        bound = {ids.serial for ids in binding.devices}
        if kind == "verdict" or (bound & asked.serials and (binding.more or not bound <= asked.serials)):
            return True
        return bool(asked.key) if bound & asked.serials else None

    def _show(self, mask: Mask | None) -> Show:
        """What is shown of the lines of one record."""
        if mask is not None:
            digests = self._cited()
            return lambda lines: cited(lines, mask, digests)
        names, others = [each.encode() for each in sorted(self.named)], self.others - self.own

        def show(lines: Sequence[bytes]) -> Sequence[bytes | None]:
            shown: list[bytes | None] = []
            for line in lines:
                is_named = any(name in line.lower() for name in names)
                words = _NAME.findall(line.decode("utf-8", "replace")) if is_named else ()
                is_shared = not others.isdisjoint(map(self.asked.fold, words))
                self.shared += is_shared
                shown.append(line if is_named and not is_shared else None)
            return shown

        return show

    def _cited(self) -> dict[str, frozenset[str]]:
        """The SHA-256 of each line of a log that the verdicts cite, with the words of the signatures that read it."""
        found: dict[str, frozenset[str]] = {}
        for record in [each.record for each in self.chosen if each.kind == "verdict"]:
            for line in self._lines(record):
                verdict = bundle_text.verdict_of(line)
                if verdict is None or (self.asked.serials and verdict.serial not in self.asked.serials):
                    continue
                for origin in (origin for finding in verdict.findings for origin in finding.evidence):
                    words = self.asked.signatures.get(origin.by)
                    if origin.sha256 and words is not None:
                        found[origin.sha256] = found.get(origin.sha256, frozenset()) | words
        return found

    # The parts that tell of it.

    def _about(self, bundle: BundleWriter, mask: Mask | None) -> None:
        asked, origin = self.asked, self.writer.origin
        keys = [str(key) for key in self.writer.active()]
        readme = bundle_text.readme(origin, keys, redacted=bool(asked.key))
        self._add(bundle, "about/README.txt", [readme.encode()])
        for path in sorted(asked.reports, key=lambda each: each.name):
            self._add(bundle, f"about/files/{path.name}", _chunks(path))
        show = self._show(mask)
        for each in self.chosen:
            if each.by_line:
                given = lines.shown(self.writer.published.content(each.record), each.secret.nonce, show)
                self._add(bundle, lines_path(each.record), blobs.pack(given))
        records = bundle_text.records(self._bindings(), mask, asked.serials)
        self._add(bundle, "about/records.txt", (line.encode() for line in records))
        report = bundle_text.report(self._verdicts(), mask, asked.serials, self.kept)
        self._add(bundle, "about/report.txt", (line.encode() for line in report))

    def _bindings(self) -> Iterator[tuple[int, str, bool, blobs.Binding]]:
        """Record, kind, whether it is shown by line, and binding, of each that was chosen."""
        for each in self.chosen:
            yield each.record, each.kind, each.by_line, blobs.binding_of(each.secret.binding)

    def _verdicts(self) -> Iterator[tuple[int, bytes]]:
        """Record and line of the newest verdicts."""
        found = [each.record for each in self.chosen if each.kind == "verdict"]
        if found:
            yield from ((found[-1], line) for line in self._lines(found[-1]))

    def _lines(self, record: int) -> Iterator[bytes]:
        """The lines that a record keeps."""
        cutter = lines.Cutter()
        for chunk in self.writer.published.content(record):
            yield from cutter.feed(chunk)
        yield from cutter.end()

    def _add(self, bundle: BundleWriter, name: str, chunks: Iterable[bytes]) -> None:
        bundle.add(name, self._digest_of(name, chunks))

    def _digest(self, name: str, chunks: Iterable[bytes]) -> None:
        for _ in self._digest_of(name, chunks):
            pass

    def _digest_of(self, name: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The chunks, digested as they go by."""
        digest, size = hashlib.sha256(), 0
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            yield chunk
        self.files[name] = Digest(size, digest.hexdigest())

    def _manifest(self) -> Manifest:
        asked = self.asked
        return Manifest(
            instants.render(asked.now),
            asked.actor,
            asked.reason,
            bool(asked.key),
            tuple(joined([each.record for each in self.chosen if not each.by_line])),
            tuple(joined([each.record for each in self.chosen if each.by_line])),
            self.withheld,
            self.files,
        )

    # The part of the log.

    def _evidence(self, bundle: BundleWriter) -> None:
        """The log as it stands, and of what it keeps what is shown as it is stored."""
        opened = {each.record: each.secret for each in self.chosen if not each.by_line}
        size = self.writer.head.size if self.writer.head else 0
        private = {
            blobs.private_path(number): _private(opened, number * tiles.WIDTH, width)
            for number, width in tiles.spread(size)
        }
        paths = {
            CHECKPOINT,
            FORMAT,
            *(name.removeprefix("evidence/") for name in self.files if name.startswith("evidence/")),
        }
        paths |= {blobs.path_of(secret.sha256) for secret in opened.values()} | set(tile_paths(size))
        paths |= {path for path, data in private.items() if data}
        for path in sorted(paths):
            bundle.add(f"evidence/{path}", [private[path]] if path in private else self._stored(path))

    def _stored(self, path: str) -> Iterator[bytes]:
        file = self.writer.folder.open(path)
        if file is None:
            raise EvidenceError(f"{path}: is missing", hint="See: abm-trace evidence verify STORE")
        with file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk


def _private(opened: dict[int, Secret], base: int, width: int) -> bytes:
    """The private lines of so many records from `base` on, b"" if none of them is opened."""
    found = [opened.get(index) for index in range(base, base + width)]
    if not any(found):
        return b""
    return "".join(f"{each.render() if each else blobs.NOTHING}\n" for each in found).encode()


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with regular(path) as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk
    except OSError as error:
        raise EvidenceError(f"{path}: cannot be read ({error.strerror})", hint="Check its name: ls -l") from error
