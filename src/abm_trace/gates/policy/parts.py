"""Parts of documents out of what is there anyway: a manifest's devices, an enrolment profile, a token's answer."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from abm_trace.checks.payload.document import DocumentError, open_document
from abm_trace.core.errors import UsageError
from abm_trace.gates.policy.documents import (
    DOCUMENTS_MAX,
    Device,
    Payload,
    PolicyDocument,
    Token,
    checked,
    contents,
    values,
)

_FLAGS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def manifest(path: Path) -> list[tuple[str, PolicyDocument]]:
    """(name, document) of each row of a manifest; columns that are none of a device's go below `extra`.

    Raises UsageError, with the line.
    """
    try:
        text = contents(path).decode("utf-8-sig")
        delimiter = max(",;\t", key=text.partition("\n")[0].count)  # As a case's tables may be; a comma where none is.
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        header = [each.strip() for each in next(rows, [])]
        if "serial" not in header:
            raise UsageError(
                f"{path}: has no column serial", hint="Its first line names the columns: serial,os_version"
            )
        found = [
            (f"{path}:{line} {device.serial or ''}".rstrip(), PolicyDocument(device=device))
            for line, device in _devices(path, header, rows)
        ]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path}: is no table: {error}", hint="Save it as CSV in UTF-8, with commas.") from error
    if not found:
        raise UsageError(f"{path}: names no device", hint="A row a device, below the names of the columns.")
    return found


def _devices(path: Path, header: list[str], rows: Any) -> Iterator[tuple[int, Device]]:  # noqa: ANN401  # csv's own reader.
    for number, row in enumerate(rows):
        if number >= DOCUMENTS_MAX:
            raise UsageError(f"{path}: has more than {DOCUMENTS_MAX:,} rows", hint="Split it.")
        cells: dict[str, Any] = {name: cell.strip() for name, cell in zip(header, row, strict=False) if cell.strip()}
        if not cells:
            continue
        place = f"{path}:{rows.line_num}"
        if "clock_offset_s" in cells:
            cells["clock_offset_s"] = _number(cells["clock_offset_s"], place)
        if "quarantined" in cells:
            cells["quarantined"] = _FLAGS.get(cells["quarantined"].casefold(), cells["quarantined"])
        known = {name: cell for name, cell in cells.items() if name in _FIELDS}
        extra = {name: cell for name, cell in cells.items() if name not in _FIELDS}
        yield rows.line_num, checked({**known, "extra": extra}, Device, place)


_FIELDS: Final = frozenset(Device.__struct_fields__) - {"extra"}


def _number(text: str, place: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not abs(value) < 1e9:
        raise UsageError(f"{place}: clock_offset_s: {text[:40]!r} is no number", hint="Write it as 0.345")
    return value


def payload(path: Path) -> Payload:
    """The guide's keys of a profile, plain or signed. Raises UsageError for what is none, or says two things."""
    try:
        document = open_document(contents(path), str(path), meant=True)
    except DocumentError as error:
        raise UsageError(f"{path}: {error}", hint=f"abm-trace validate {path}") from error
    if document is None or document.kind != "profile":
        raise UsageError(f"{path}: is no profile", hint=f"abm-trace validate {path}")
    found: dict[str, str] = {}
    for part in document.parts:
        for name, node in part.items.items():
            if name not in _KEYS:
                continue
            said = node.text if node.text is not None else f"(a {node.kind})"
            if found.setdefault(name, said) != said:
                raise UsageError(f"{path}: says two things of {name}", hint=f"abm-trace validate {path}")
    return checked(found, Payload, str(path))


_KEYS: Final = frozenset(Payload.__struct_fields__) - {"extra"}


def token(path: Path) -> Token:
    """A token's answer; what else it says goes below `extra`. Raises UsageError."""
    found = values(path)
    if len(found) != 1 or not isinstance(found[0], dict):
        raise UsageError(f"{path}: is not one token", hint='It looks like {"id": "…", "region": "eu-west"}')
    known = {name: value for name, value in found[0].items() if name in Token.__struct_fields__ and name != "extra"}
    extra = {name: value for name, value in found[0].items() if name not in known}
    return checked({**known, "extra": extra}, Token, str(path))
