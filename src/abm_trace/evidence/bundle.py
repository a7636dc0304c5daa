"""Make a bundle: one file for an auditor or a vendor's support, which verifies alone and offline (docs/evidence.md).

What the log says of all records goes in, for it names no device; of what they keep, what was chosen. Making one leaves
a record in the log, which holds the bundle's contents: so the log's own checkpoint signs the bundle.
"""

import hashlib
import io
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from abm_trace.core import instants
from abm_trace.evidence import blobs, bundle_text, lines, tiles
from abm_trace.evidence.blobs import Secret
from abm_trace.evidence.bundle_contents import SOURCE, Digest, Manifest, Ranges, lines_path, tile_paths
from abm_trace.evidence.bundle_file import BundleWriter, writing
from abm_trace.evidence.bundle_text import Verdict, named_by, verdict_of
from abm_trace.evidence.errors import EvidenceError
from abm_trace.evidence.files import regular
from abm_trace.evidence.ledger import joined
from abm_trace.evidence.lines import Show
from abm_trace.evidence.others import Others, glance
from abm_trace.evidence.published import CHECKPOINT, FORMAT
from abm_trace.evidence.redaction import Mask, cited, cited_in
from abm_trace.evidence.store import Writer
from abm_trace.evidence.unpacking import is_text

_CHUNK_BYTES: Final = 1024 * 1024
_END_BYTES: Final = 2048
_PACKED: Final = "another device stands, or may stand, in what it expands to"
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


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

    `shared` counts the lines that name a chosen device and others, and are withheld for that; `opaque` are the files
    that are withheld whole, for others stand, or may stand, in what they expand to: record, path, and why.
    """

    record: int
    manifest: Manifest
    hidden: dict[str, int]
    shared: int
    opaque: Sequence[tuple[int, str, str]] = ()


class _Chosen(NamedTuple):
    """A record and how it is shown: as it is stored, or by line; `is_own`: it is of what was asked for alone."""

    record: int
    kind: str
    path: str
    secret: Secret
    size_bytes: int
    by_line: bool
    is_own: bool


def make(writer: Writer, out: Path, asked: Asked) -> Made:
    """Write the bundle, and its record into the log.

    Raises EvidenceError; then there is no bundle. A log that cannot be written to gives none away.
    """
    if out.is_symlink() or (out.exists() and not out.is_file()):
        raise EvidenceError(f"{out}: is no regular file", hint="Name a new file: --out bundle.tar")
    return _Maker(writer, asked).make(out)


@dataclass
class _Maker:
    writer: Writer
    asked: Asked
    chosen: list[_Chosen] = field(default_factory=list)
    withheld: int = 0
    names: dict[str, str] = field(default_factory=dict)
    """Each identifier, and that by which its device is called."""
    own: set[bytes] = field(default_factory=set)
    """The names of what was asked for, as a line in small letters has them."""
    sites: set[str] = field(default_factory=set)
    kept: dict[str, list[int]] = field(default_factory=dict)
    """The records of the files of each path."""
    found: dict[tuple[str, str], int] = field(default_factory=dict)
    """The newest record of the file of a path in which a line that is cited stands, by its SHA-256."""
    cites: dict[str, dict[str, frozenset[str]]] = field(default_factory=dict)
    """The lines that verdicts cite, by path and SHA-256, each with the words of the signatures that read it."""
    shared: int = 0
    opaque: list[tuple[int, str, str]] = field(default_factory=list)
    record: int | None = None
    files: dict[str, Digest] = field(default_factory=dict)

    def make(self, out: Path) -> Made:
        writer, asked = self.writer, self.asked
        writer.checkpoint()
        self._choose()
        mask = Mask(asked.key, asked.words, self.names, self.sites, asked.fold) if asked.key else None
        try:
            with writing(out) as bundle:
                self._about(bundle, mask)
                for path in sorted([*writer.folder.below("checkpoints"), *writer.folder.below("stamps")]):
                    self._digest(f"evidence/{path}", self._stored(path))
                manifest = self._manifest()
                self._append(manifest)
                self._evidence(bundle)
        except EvidenceError as error:
            if self.record is None:
                raise
            stands = f"record {self.record} of the log says that it was made, and stands"
            raise EvidenceError(f"{error}; there is no bundle, though {stands}", hint=error.hint) from error
        return Made(self.record or 0, manifest, mask.hidden() if mask else {}, self.shared, self.opaque)

    def _append(self, manifest: Manifest) -> None:
        """Put the record of the bundle into the log, and into the bundle."""
        data, binding = io.BytesIO(msgspec.json.encode(manifest)), blobs.Binding("bundle.json")
        pending = self.writer.keep("action", data, now=self.asked.now, origin=SOURCE, binding=binding)
        record = self.writer.append([pending])[0]
        self.writer.checkpoint()
        self.record = record
        if secret := Secret.parse(pending.secret):
            self.chosen.append(_Chosen(record, "action", "", secret, 0, by_line=False, is_own=False))

    # What goes in.

    def _choose(self) -> None:
        """Take the records that were asked for, and learn the names of all devices."""
        published, asked = self.writer.published, self.asked
        waiting: list[tuple[_Chosen, blobs.Binding, bool]] = []
        bound: set[str] = set()
        for index, entry, secret in published.keeping(self.writer.head.size if self.writer.head else 0):
            binding = blobs.binding_of(secret.binding)
            for ids in binding.devices:
                self._learn([each for each in msgspec.structs.astuple(ids) if each])
                bound.add(ids.serial)
            if entry.kind == "raw":
                self.kept.setdefault(binding.path, []).append(index)
            size = entry.size_bytes or 0
            chosen = _Chosen(index, entry.kind, binding.path, secret, size, by_line=False, is_own=False)
            waiting.append((chosen, binding, bool(entry.lines)))
        if asked.serials or asked.key:
            judged = (each for each, *_ in waiting if each.kind == "verdict")
            for named in filter(None, map(named_by, chain.from_iterable(map(self._lines, judged)))):
                self._learn([named.serial] if named.serial else [])
                self.sites |= {named.site or ""}
                bound.add(named.serial)
        if missing := asked.serials - bound:
            raise EvidenceError(
                f"{', '.join(sorted(missing))}: no record is bound to such a device, and no verdict is of it",
                hint="List what there is: abm-trace evidence log STORE",
            )
        for chosen, binding, has_lines in waiting:
            self._take(chosen, binding, has_lines=has_lines)
        if asked.serials or asked.key:
            judged = (each for each in self.chosen if each.kind == "verdict")
            for verdict in filter(None, map(verdict_of, chain.from_iterable(map(self._lines, judged)))):
                self._cite(verdict)
        if asked.serials and not asked.key:
            self.chosen = [each for each in self.chosen if not each.by_line or self._is_apart(each)]

    def _learn(self, names: Sequence[str]) -> None:
        """Learn the names of one device, the first of which is what it is called by."""
        main = self.names.get(self.asked.fold(names[0]), names[0]) if names else ""
        self.names |= {self.asked.fold(name): main for name in names}
        if main in self.asked.serials:
            self.own |= {name.lower().encode() for name in names}

    def _take(self, chosen: _Chosen, binding: blobs.Binding, *, has_lines: bool) -> None:
        """Choose a record, by line or as it is stored, or withhold it."""
        asked = self.asked
        named = (next(filter(None, msgspec.structs.astuple(ids)), "") for ids in binding.devices)
        bound = {self.names.get(asked.fold(name), name) for name in named}
        is_meant = not asked.records or any(first <= chosen.record <= last for first, last in asked.records)
        if asked.serials:
            is_meant &= chosen.kind == "verdict" or bool(binding.more or bound & asked.serials)
        by_line = bool(asked.key or asked.serials)
        why = ""
        if is_meant and asked.serials and not asked.key and chosen.kind != "verdict":
            path = "".join(filter(str.isalnum, chosen.path)).upper()
            is_own = bound <= asked.serials and not binding.more and any(name.upper() in path for name in asked.serials)
            seen = self.others.look(self._content(chosen)) if is_own else glance(self._content(chosen))
            by_line = not is_own or seen.names or self.others.stand_in(chosen.path.encode())
            why = seen.problem or (_PACKED if by_line and seen.is_packed else "")
            chosen = chosen._replace(is_own=is_own)
        if not is_meant or why or (by_line and not has_lines) or (asked.key and chosen.kind == "action"):
            self._withhold(chosen, why)
        else:
            self.chosen.append(chosen._replace(by_line=by_line))

    def _withhold(self, chosen: _Chosen, why: str = "") -> None:
        self.withheld += 1
        if why:
            self.opaque.append((chosen.record, self.others.hide(chosen.path), why))

    def _is_apart(self, chosen: _Chosen) -> bool:
        """Whether no other device stands in what is shown of a record as it stands there, line behind line."""
        shown = (self._named(chosen, some) for some in lines.cut(self._content(chosen)))
        seen = self.others.look(b"".join(_ends(each) for _, each in sorted(texts.items())) for texts, _ in shown)
        is_apart = not (seen.names or seen.problem)
        if not is_apart:
            self._withhold(chosen, "another device stands in it, across the end of a line")
        return is_apart

    @cached_property
    def others(self) -> Others:
        """Finds the devices that were not asked for."""
        own = {name for name, main in self.names.items() if main in self.asked.serials}
        return Others(self.names.keys() - own, own, self.asked.fold)

    def _show(self, chosen: _Chosen, mask: Mask | None) -> Show:
        """What is shown of the lines of a record."""

        def tell(digest: str) -> None:
            self.found[chosen.path, digest] = chosen.record

        def named(lines: Sequence[bytes]) -> dict[int, bytes]:
            texts, shared = self._named(chosen, lines)
            self.shared += shared
            return texts

        return partial(cited, mask=mask, digests=self.cites.get(chosen.path, {}), tell=tell) if mask else named

    def _named(self, chosen: _Chosen, lines: Sequence[bytes]) -> tuple[dict[int, bytes], int]:
        """The lines that name what was asked for, or are cited of it, and nobody else; how many name others, too."""
        cited = cited_in(lines, self.cites.get(chosen.path, {}))
        shown = {}
        for at, line in enumerate(lines):
            lowered = line.lower()
            if is_text(line) and (chosen.is_own or at in cited or any(name in lowered for name in self.own)):
                shown[at] = line
        kept = {at: line for at, line in shown.items() if not self.others.stand_in(line)}
        return kept, len(shown) - len(kept)

    def _cite(self, verdict: Verdict) -> None:
        """Learn what a verdict cites: for a redacted bundle what one of the signatures read."""
        asked = self.asked
        if asked.serials and verdict.serial not in asked.serials:
            return
        for origin in (origin for finding in verdict.findings for origin in finding.evidence):
            words = asked.signatures.get(origin.by, None if asked.key else frozenset())
            if _DIGEST.fullmatch(origin.sha256 or "") and words is not None:
                lines, digest = self.cites.setdefault(origin.path, {}), origin.sha256 or ""
                lines[digest] = lines.get(digest, frozenset()) | words

    # The parts that tell of it.

    def _about(self, bundle: BundleWriter, mask: Mask | None) -> None:
        asked, origin = self.asked, self.writer.origin
        keys = [str(key) for key in self.writer.active()]
        readme = bundle_text.readme(origin, keys, redacted=bool(asked.key))
        self._add(bundle, "about/README.txt", [readme.encode()])
        for path in sorted(asked.reports, key=lambda each: each.name):
            self._add(bundle, f"about/files/{path.name}", _chunks(path))
        packer = blobs.Packer()
        for each in self.chosen:
            if each.by_line:
                given = lines.shown(self._content(each), each.secret.nonce, self._show(each, mask))
                self._add(bundle, lines_path(each.record), packer.pack(given))
        records = bundle_text.records(self._bindings(), mask, asked.serials)
        self._add(bundle, "about/records.txt", (line.encode() for line in records))
        report = bundle_text.report(self._verdicts(), mask, asked.serials, asked.signatures, self._record_of)
        self._add(bundle, "about/report.txt", (line.encode() for line in report))

    def _bindings(self) -> Iterator[tuple[int, str, bool, blobs.Binding]]:
        """Record, kind, whether it is shown by line, and binding, of each that was chosen."""
        for each in self.chosen:
            binding = blobs.binding_of(each.secret.binding)
            if self.asked.serials and not self.asked.key:
                binding = msgspec.structs.replace(binding, path=self.others.hide(binding.path))
            yield each.record, each.kind, each.by_line, binding

    def _verdicts(self) -> Iterator[tuple[int, bytes]]:
        """Record and line of the newest verdicts."""
        found = [each for each in self.chosen if each.kind == "verdict"]
        if found:
            yield from ((found[-1].record, line) for line in self._lines(found[-1]))

    def _record_of(self, path: str, digest: str | None) -> int | None:
        """The record that holds a cited line; else the one of that path that was the newest when it was judged."""
        judged = max((each.record for each in self.chosen if each.kind == "verdict"), default=0)
        before = (index for index in reversed(self.kept.get(path, ())) if index < judged)
        return self.found.get((path, digest or ""), next(before, None))

    def _content(self, chosen: _Chosen) -> Iterator[bytes]:
        """What a record keeps."""
        return self.writer.published.kept(chosen.record, chosen.secret, chosen.size_bytes)

    def _lines(self, chosen: _Chosen) -> Iterator[bytes]:
        """The lines that a record keeps."""
        return chain.from_iterable(lines.cut(self._content(chosen)))

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


def _ends(line: bytes) -> bytes:
    """What of a line that was looked at can make a name with the lines around it."""
    return line if len(line) <= 2 * _END_BYTES else line[:_END_BYTES] + line[-_END_BYTES:]


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with regular(path) as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk
    except OSError as error:
        raise EvidenceError(f"{path}: cannot be read ({error.strerror})", hint="Check its name: ls -l") from error
