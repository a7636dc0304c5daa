"""What a run found: the payloads, their findings, and what was not looked at."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from abm_trace.checks import payload
from abm_trace.checks.payload import NOT_KNOWN, SEVERITIES, Asked, Checked, Cited, DocumentError, Hit
from abm_trace.checks.payload.document import BYTES_MAX, may_be
from abm_trace.checks.payload.readback import changes
from abm_trace.cli.validate._allow import Allowance, read_allowances, unused
from abm_trace.core.errors import UsageError
from abm_trace.core.nouns import Blob, Skipped
from abm_trace.sources import folder

if TYPE_CHECKING:
    from abm_trace.gates.looks import Subject

_HEAD_BYTES: Final = 4096


@dataclass
class Outcome:
    """`allowed` are findings that the exceptions allow, each with its exception; they are in `checked` no longer.

    `passed_over` counts the files of folders that are no payload; `compares` says that two payloads were compared.
    `endpoints` are the servers that hands were shaken with; `stapled` says that it was asked for.
    """

    checked: list[Checked] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    passed_over: int = 0
    allowed: list[tuple[Hit, Allowance]] = field(default_factory=list)
    compares: bool = False
    endpoints: "Sequence[Subject]" = ()
    stapled: bool = False

    @property
    def hits(self) -> list[Hit]:
        """Every finding that counts, in the order of the payloads."""
        return [hit for each in self.checked for hit in each.hits]

    def count(self, severity: str) -> int:
        """How many findings have a severity."""
        return sum(hit.finding.severity == severity for hit in self.hits)

    def failing(self, fail_on: str) -> int:
        """How many findings are at or above a severity; what is not known is none."""
        worst = SEVERITIES[: SEVERITIES.index(fail_on) + 1] if fail_on in SEVERITIES else ()
        return sum(hit.finding.severity in worst for hit in self.hits if hit.finding.id != NOT_KNOWN)

    def code(self, fail_on: str) -> int:
        """The exit code: 1 for a finding that fails, else 3 where something that was asked for is not known."""
        if self.failing(fail_on):
            return 1
        return 3 if fail_on != "none" and any(hit.finding.id == NOT_KNOWN for hit in self.hits) else 0

    def apply(self, path: Path | None) -> None:
        """Take out what the exceptions allow, and add the exceptions that allow nothing as findings of their file.

        `path` is their file; if None that of this folder, if it is there. Raises UsageError.
        """
        found = read_allowances(path)
        if found is None:
            return
        for number, each in enumerate(self.checked):
            kept = []
            for hit in each.hits:
                allowance = found.allows(hit)
                if allowance is None:
                    kept.append(hit)
                else:
                    self.allowed.append((hit, allowance))
            self.checked[number] = replace(each, hits=tuple(kept))
        if self.compares:
            return
        left = unused(found, [each.path for each in self.checked], [allowance for _, allowance in self.allowed])
        if left:
            self.checked.append(Checked(str(found.path), "allow", "TOML", left))


def validate(paths: Sequence[Path], asked: Asked) -> Outcome:
    """Every payload among the files and below the folders. Raises UsageError for what is not there."""
    outcome = Outcome()
    for blob, meant in _blobs(paths, outcome):
        data = _read(blob, outcome, meant=meant)
        checked = None if data is None else payload.check(data, blob.path, asked, meant=meant)
        if checked is not None:
            outcome.checked.append(checked)
        elif data is not None and meant:
            outcome.skipped.append(Skipped(blob.path, "is no profile: neither a property list, nor CMS, nor DEP JSON"))
        elif data is not None or not meant:
            outcome.passed_over += 1
    return outcome


def diff(sent: Path, back: Sequence[Path], asked: Asked) -> Outcome:
    """What differs between the payload that was sent and the one that was read back. Raises UsageError."""
    if len(back) != 1:
        raise UsageError("--diff compares with one FILE", hint="abm-validate --diff SENT READBACK")
    before, after = (_opened(path) for path in (sent, back[0]))
    rule = payload.catalogue()["readback-changed"]
    data = back[0].read_bytes()[:BYTES_MAX]
    found = tuple(payload.hits(rule, changes(before, after), Cited(data, str(back[0]))))
    return Outcome([Checked(str(back[0]), after.kind, after.form, found)], compares=True)


def _opened(path: Path) -> payload.Document:
    outcome = Outcome()
    data = _read(_given(path), outcome, meant=True) if path.is_file() else None
    try:
        document = None if data is None else payload.open_document(data, str(path), meant=True)
    except DocumentError as error:
        raise UsageError(f"{path}: {error}", hint=f"See what is wrong with it: abm-validate {path}") from error
    if document is None:
        raise UsageError(f"{path}: is no profile that can be read", hint="abm-validate --diff SENT READBACK")
    return document


def _blobs(paths: Sequence[Path], outcome: Outcome) -> Iterator[tuple[Blob, bool]]:
    """The files, and those below the folders; whether a person named it."""
    seen: set[str] = set()
    for path in paths:
        if path.is_dir():
            for each in folder.fetch(path):
                if any(part.startswith(".") for part in each.path.split("/")[:-1]):
                    continue
                name = f"{path}/{each.path}" if str(path) != "." else each.path
                if isinstance(each, Skipped):
                    outcome.skipped.append(Skipped(name, each.reason))
                elif name not in seen:
                    seen.add(name)
                    yield Blob(name, each.location, each.size_bytes), False
        elif not path.exists():
            raise UsageError(f"{path}: does not exist", hint=f"Check the name: ls -l {path}")
        elif not path.is_file():
            outcome.skipped.append(Skipped(str(path), "is no regular file"))
        elif str(path) not in seen:
            seen.add(str(path))
            yield _given(path), True


def _given(path: Path) -> Blob:
    return Blob(folder.shown(os.fsencode(path)), str(path), path.stat().st_size)


def _read(blob: Blob, outcome: Outcome, *, meant: bool) -> bytes | None:
    """The bytes, at most one more than a payload may have; None where they cannot be a payload, or not be read."""
    try:
        with Path(blob.location).open("rb") as file:
            head = file.read(_HEAD_BYTES)
            if not meant and not may_be(head, blob.path):
                return None
            return head + file.read(BYTES_MAX + 1 - len(head)) if len(head) == _HEAD_BYTES else head
    except OSError as error:
        outcome.skipped.append(Skipped(blob.path, f"cannot be read: {error.strerror}"))
        return None
