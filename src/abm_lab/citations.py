"""Checks that the evidence which verdicts cite is in the case: each digest is recomputed from the cited bytes."""

import gzip
import hashlib
from collections import OrderedDict
from pathlib import Path

import msgspec

_KEPT_FILES = 64


class Evidence(msgspec.Struct, frozen=True):
    """What a finding cites: a line or a record of a file of the case; `line` counts from 1."""

    path: str = ""
    line: int | None = None
    record: int | str | None = None
    offset: int | None = None
    sha256: str = ""


class Citations:
    """Recomputes digests of a case; files are read once while they stay among the last ones used."""

    def __init__(self, case: Path) -> None:
        self.case = case
        self.checked = 0
        self.wrong: list[str] = []
        self._lines: OrderedDict[str, list[bytes]] = OrderedDict()
        self._records: OrderedDict[str, set[str]] = OrderedDict()

    def check(self, serial: str, evidence: list[Evidence]) -> None:
        """Check each piece; what does not hold goes to `wrong` as `SERIAL PATH:LINE`."""
        for item in evidence:
            self.checked += 1
            if not self._holds(item):
                place = item.path if item.line is None else f"{item.path}:{item.line}"
                self.wrong.append(f"{serial} {place}")

    def _holds(self, item: Evidence) -> bool:
        if item.line is None:
            return item.sha256 in self._digests(item.path)
        lines = self._file_lines(item.path)
        return 1 <= item.line <= len(lines) and _digest(lines[item.line - 1].removesuffix(b"\r")) == item.sha256

    def _file_lines(self, name: str) -> list[bytes]:
        if name not in self._lines:
            self._lines[name] = self._content(name).split(b"\n")
            if len(self._lines) > _KEPT_FILES:
                self._lines.popitem(last=False)
        return self._lines[name]

    def _digests(self, name: str) -> set[str]:
        """Digests of everything in the file that may be a record: the whole of it, its lines, its JSON values."""
        if name not in self._records:
            content = self._content(name)
            parts = {
                content,
                content.strip(),
                *(line.removesuffix(b"\r") for line in content.split(b"\n")),
                *_json_parts(content, 4),
            }
            self._records[name] = {_digest(part) for part in parts}
            if len(self._records) > _KEPT_FILES:
                self._records.popitem(last=False)
        return self._records[name]

    def _content(self, name: str) -> bytes:
        path = (self.case / name).resolve()
        if not path.is_relative_to(self.case.resolve()) or not path.is_file():
            return b""
        content = path.read_bytes()
        return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content


def _digest(part: bytes) -> str:
    return hashlib.sha256(part).hexdigest()


def _json_parts(content: bytes, depth: int) -> list[bytes]:
    """The raw bytes of the values inside a JSON document, a few levels deep."""
    if depth == 0 or content[:1] not in {b"[", b"{"}:
        return []
    try:
        values = (
            msgspec.json.decode(content, type=list[msgspec.Raw])
            if content.startswith(b"[")
            else list(msgspec.json.decode(content, type=dict[str, msgspec.Raw]).values())
        )
    except msgspec.DecodeError:
        return []
    parts = []
    for value in values:
        raw = bytes(value).strip()
        parts += [raw, *_json_parts(raw, depth - 1)]
    return parts
