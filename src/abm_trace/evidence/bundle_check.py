"""Check a bundle: that the log in it is whole, that it holds what its record in the log says, and no more."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from abm_trace.evidence import blobs, lines, tiles
from abm_trace.evidence._report import Options, Report, Shown
from abm_trace.evidence.bundle_contents import MANIFEST_BYTES_MAX, SOURCE, Digest, Manifest, lines_path, tile_paths
from abm_trace.evidence.bundle_file import Bundle, BundledFolder
from abm_trace.evidence.entry import are_ranges
from abm_trace.evidence.errors import EvidenceError, FormatError
from abm_trace.evidence.places import Places
from abm_trace.evidence.published import CHECKPOINT, FORMAT, Published
from abm_trace.evidence.verify import verify
from abm_trace.evidence.verify.kept import TIMES_MAX

_CHUNK_BYTES: Final = 1024 * 1024
_GROWTH_MAX: Final = 128
"""A line of one byte is given away with its commitment, in less than so many."""


def verify_bundle(path: Path, options: Options) -> Report:
    """What the bundle is worth. Raises EvidenceError only where there is no file that can be read."""
    try:
        bundle = Bundle(path)
    except FormatError as error:
        report = Report()
        report.problem(str(path), str(error))
        return report
    folder = BundledFolder(bundle)
    report = verify(Places.of(path), options, folder)
    if report.head is None or not report.head.size:
        return report
    if not report.is_known or report.looked_at < report.head.size:
        report.remarks.append("The contents of the bundle were not looked at: what it says of them is nobody's word.")
        return report
    try:
        _Contents(bundle, report, options).check()
    except EvidenceError as error:
        report.problem("the contents of the bundle", str(error))
    return report


class _TooMuchError(EvidenceError):
    """A part of a bundle expands to more than it may."""


class _Contents:
    def __init__(self, bundle: Bundle, report: Report, options: Options) -> None:
        self.bundle, self.report, self.raw = bundle, report, options.raw
        self.is_known = bool(options.keys)
        self.changed: set[str] = set()
        self.published = Published(BundledFolder(bundle))
        self.size = report.head.size if report.head else 0

    def check(self) -> None:
        manifest = self._manifest()
        self.report.shown = Shown(manifest.at, manifest.actor, manifest.reason, manifest.redacted)
        expected = {f"evidence/{path}" for path in (CHECKPOINT, FORMAT, *tile_paths(self.size))} | manifest.files.keys()
        expected |= {f"evidence/{path}" for path in self._opened(manifest)}
        for name in sorted(self.bundle.members.keys() - expected):
            self.report.problem(name, "is no part of this bundle")
        for name in sorted(expected - self.bundle.members.keys()):
            self.report.problem(name, "is missing")
        for name, digest in manifest.files.items():
            self._file(name, digest)
        self._lines(manifest)
        if self.raw and self.report.withheld != manifest.withheld + _count(manifest.by_line):
            self.report.problem("the contents of the bundle", "its record counts other records as withheld")

    def _manifest(self) -> Manifest:
        """What the newest record says of the bundle. Raises EvidenceError."""
        last = self.size - 1
        entry = self.published.entry(last)
        if (entry.kind, entry.source) != ("action", SOURCE) or (entry.size_bytes or 0) > MANIFEST_BYTES_MAX:
            raise FormatError(f"record {last} is not that of a bundle: something was cut, or this is none")
        data = bytearray()
        for chunk in self.published.content(last):
            data += chunk
            if len(data) > (entry.size_bytes or 0):
                raise FormatError(f"record {last} keeps more than its entry says")
        try:
            manifest = msgspec.json.decode(data, type=Manifest)
        except (msgspec.MsgspecError, UnicodeError) as error:
            raise FormatError(f"record {last} does not keep the contents of a bundle: {error}") from error
        for ranges in (manifest.stored, manifest.by_line):  # Before anything is done for each index in them.
            if not are_ranges(ranges) or (ranges and ranges[-1][1] >= last):
                raise FormatError(f"record {last} names records that are not in order, or not in the log")
        return manifest

    def _opened(self, manifest: Manifest) -> set[str]:
        """The private files and stored bytes of the records that are opened, which must be those of the manifest."""
        said = {*_indexes(manifest.stored), self.size - 1}
        found: set[int] = set()
        paths: set[str] = set()
        for number, _ in tiles.spread(self.size):
            path = blobs.private_path(number)
            if f"evidence/{path}" not in self.bundle.members:
                continue
            for at, line in enumerate(self.published.private(number)):
                if secret := blobs.Secret.parse(line):
                    found.add(number * tiles.WIDTH + at)
                    paths.add(path)
                    paths.add(blobs.path_of(secret.sha256))
        for index in sorted(found ^ said):
            text = "is opened, and the bundle's record does not say so" if index in found else "is not opened"
            self.report.problem(f"record {index}", text)
        return paths

    def _file(self, name: str, said: Digest) -> None:
        file = self.bundle.open(name)
        if file is None:
            return  # Named already.
        with file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # A binary file.
        if (self.bundle.members[name][1], digest) != (said.size_bytes, said.sha256):
            self.report.problem(name, "is another than when the bundle was made")
            self.changed.add(name)

    def _lines(self, manifest: Manifest) -> None:
        """Hold the lines that are shown against what the entries of their records committed to."""
        wanted = set(_indexes(manifest.by_line))
        shown = self.report.shown
        if not wanted or shown is None:
            return
        for index, entry in self.published.entries(self.size):
            if index not in wanted:
                continue
            name = lines_path(index)
            if name in self.changed:  # Named already; whoever changed it may have made it long to read.
                continue
            said = (entry.size_bytes or 0) * _GROWTH_MAX + _CHUNK_BYTES
            stored = self.bundle.members.get(name, (0, 0))[1] * TIMES_MAX + _CHUNK_BYTES
            try:
                found = lines.check(self._expand(name, said if self.is_known else min(said, stored)))
            except _TooMuchError:
                if self.is_known or said <= stored:
                    self.report.problem(f"record {index}", f"{name}: is longer than its record can be")
                else:
                    self.report.remarks.append(
                        f"record {index}: {name} expands to more than {TIMES_MAX} times what is stored. Not looked at"
                        " without --key: anybody could claim that."
                    )
                continue
            except (EvidenceError, OSError) as error:
                self.report.problem(f"record {index}", f"{name}: {error}")
                continue
            if found.digest != entry.lines:
                self.report.problem(f"record {index}", f"{name}: its lines are not those that were committed to")
            shown.lines += found.kept
            shown.lines_withheld += found.withheld
            shown.by_line += 1

    def _expand(self, name: str, bytes_max: int) -> Iterator[bytes]:
        file = self.bundle.open(name)
        if file is None:
            raise FormatError("is missing")
        size = 0
        with file:
            for chunk in blobs.unpack(file):
                size += len(chunk)
                if size > bytes_max:
                    raise _TooMuchError(f"more than {bytes_max:,} bytes")
                yield chunk


def _indexes(ranges: tuple[tuple[int, int], ...]) -> Iterator[int]:
    for first, last in ranges:
        yield from range(first, last + 1)


def _count(ranges: tuple[tuple[int, int], ...]) -> int:
    return sum(last - first + 1 for first, last in ranges)
