"""Ways to write the same evidence: shuffled, doubled, renamed, split, packed. Each changes a case in place."""

import gzip
import json
import random
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

Rewrite = Callable[[Path, random.Random], None]

_GZIP = b"\x1f\x8b"
_NAMED_BY_CONTENT = re.compile(
    r"manifest\.csv|abm/.*|mdm/.*|tokens/.*|http/capture\.ndjson|tls/probe.*json|tls/probes\.ndjson|clock/samples\.csv"
)
"""Exports whose records name what they are about; the others are bound by their path."""


def _files(case: Path, *folders: str) -> Iterator[Path]:
    for path in sorted(case.rglob("*")):
        where = path.relative_to(case).as_posix()
        if path.is_file() and where != "case.toml" and (not folders or where.startswith(folders)):
            yield path


def _logs(case: Path) -> Iterator[Path]:
    return _files(case, "logs/")


def _exports(case: Path) -> Iterator[Path]:
    return (path for path in _files(case) if _NAMED_BY_CONTENT.fullmatch(path.relative_to(case).as_posix()))


def _load(path: Path) -> tuple[bytes, bool]:
    data = path.read_bytes()
    return (gzip.decompress(data), True) if data.startswith(_GZIP) else (data, False)


def _save(path: Path, data: bytes, packed: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data, 1, mtime=0) if packed else data)


def _lines(data: bytes) -> list[bytes]:
    return [line + b"\n" for line in data.removesuffix(b"\n").split(b"\n")]


def _records(path: Path) -> tuple[bytes, list[bytes], bytes] | None:
    """What stands before, the records, and what stands after them; None where the file is one record."""
    data, _ = _load(path)
    if data[:1] in {b"[", b"{"} and b"\n{" in data[:-1] and not _is_document(data):
        return b"", _lines(data), b""
    if data[:1] not in {b"[", b"{"}:
        header, *rows = _lines(data)
        return header, rows, b""
    document = json.loads(data)
    key = next((name for name in ("events", "devices") if isinstance(document, dict) and name in document), None)
    if key is None and not isinstance(document, list):
        return None
    items = document[key] if key else document
    rest = {name: value for name, value in document.items() if name != key} if key else {}
    before = json.dumps(rest)[:-1] + (", " if rest else "") + f'"{key}": [\n' if key else "[\n"
    return before.encode(), [json.dumps(item).encode() + b",\n" for item in items], b"]}\n" if key else b"]\n"


def _is_document(data: bytes) -> bool:
    try:
        json.loads(data)
    except ValueError:
        return False
    return True


def _joined(before: bytes, records: list[bytes], after: bytes) -> bytes:
    body = b"".join(records)
    return before + (body.removesuffix(b",\n") if after else body) + after


def _rewrite_records(case: Path, change: Callable[[list[bytes]], list[list[bytes]]]) -> None:
    """Write the records of each export anew: one file for each list that `change` gives."""
    for path in list(_exports(case)):
        parts = _records(path)
        if parts is None:
            continue
        before, records, after = parts
        for number, each in enumerate(change(records)):
            name = path if number == 0 else path.with_name(f"{path.stem}-part-{number}{path.suffix}")
            _save(name, _joined(before, each, after), packed=False)


def shuffled_exports(case: Path, chance: random.Random) -> None:
    """The records of each export in another order."""
    _rewrite_records(case, lambda records: [chance.sample(records, len(records))])


def doubled_records(case: Path, chance: random.Random) -> None:
    """Half of the records of each export a second time, anywhere."""

    def twice(records: list[bytes]) -> list[list[bytes]]:
        more = records + chance.sample(records, len(records) // 2)
        return [chance.sample(more, len(more))]

    _rewrite_records(case, twice)


def split_exports(case: Path, chance: random.Random) -> None:
    """The records of each export in two files."""

    def halves(records: list[bytes]) -> list[list[bytes]]:
        if len(records) < 2:
            return [records]
        place = chance.randrange(1, len(records))
        return [records[:place], records[place:]]

    _rewrite_records(case, halves)


def shuffled_logs(case: Path, chance: random.Random) -> None:
    """The lines of each log in another order."""
    for path in _logs(case):
        data, packed = _load(path)
        lines = _lines(data)
        chance.shuffle(lines)
        _save(path, b"".join(lines), packed)


def doubled_lines(case: Path, chance: random.Random) -> None:
    """Half of the lines of each log twice in a row."""
    for path in _logs(case):
        data, packed = _load(path)
        _save(path, b"".join(line * chance.choice((1, 2)) for line in _lines(data)), packed)


def split_logs(case: Path, chance: random.Random) -> None:
    """Each log in two files of the same name but for a number."""
    for path in list(_logs(case)):
        data, packed = _load(path)
        lines = _lines(data)
        if len(lines) < 2:
            continue
        place = chance.randrange(1, len(lines))
        stem, _, ends = path.name.partition(".")
        _save(path, b"".join(lines[:place]), packed)
        _save(path.with_name(f"{stem}-part-2.{ends}"), b"".join(lines[place:]), packed)


def doubled_files(case: Path, chance: random.Random) -> None:
    """Some of the files a second time, in another folder with the same names below it."""
    for path in list(_files(case)):
        if chance.random() < 0.7:
            copy = case / "copies" / path.relative_to(case)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)


def renamed_exports(case: Path, chance: random.Random) -> None:
    """Exports that name their devices themselves under names that say nothing."""
    paths = list(_exports(case))
    names = chance.sample(range(10_000), len(paths))
    for path, name in zip(paths, names, strict=True):
        new = case / chance.choice(("evidence", "other")) / f"x{name}.dat"
        new.parent.mkdir(exist_ok=True)
        path.rename(new)


def renamed_logs(case: Path, chance: random.Random) -> None:
    """Logs in another folder; what names the device stays: `SITE/SERIAL/boot-1.log` → `box/SERIAL-7.log`."""
    paths = list(_logs(case))
    for number, path in zip(chance.sample(range(10_000), len(paths)), paths, strict=True):
        parts = path.relative_to(case / "logs").parts
        serial = parts[1].partition(".")[0] if parts[0] != "relay" else "relay"
        new = case / "box" / f"{serial}-{number}.log"
        new.parent.mkdir(exist_ok=True)
        path.rename(new)


def packed(case: Path, chance: random.Random) -> None:
    """Every file that is not packed yet packed with gzip."""
    for path in list(_files(case)):
        data = path.read_bytes()
        if not data.startswith(_GZIP):
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(data, 1, mtime=0))
            path.unlink()


REWRITES: Final[dict[str, Rewrite]] = {
    each.__name__: each
    for each in (
        shuffled_exports, doubled_records, split_exports, shuffled_logs, doubled_lines, split_logs, doubled_files,
        renamed_exports, renamed_logs, packed,
    )
}  # fmt: skip
"""In an order in which they can follow each other: what looks at names goes before what changes them."""
