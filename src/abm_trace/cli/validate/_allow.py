"""Exceptions: findings that a person allows, each with its reason, in a TOML file.

[[allow]]
id = "cms-expired"
path = "profiles/lab/*.mobileconfig"
key = "PayloadContent[0].*"   # need not be there
reason = "The lab's signer is renewed in June, OPS-123"
"""

import os
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

import msgspec

from abm_trace.checks.payload import Cited, Complaint, Hit, catalogue, hits
from abm_trace.core.errors import UsageError

NAME: Final = "abm-validate.toml"
_BYTES_MAX: Final = 1024 * 1024
_WILD: Final = re.compile(r"[*?\[\0]")
_HEAD: Final = re.compile(r"^[ \t]*\[\[[ \t]*allow[ \t]*\]\]", re.MULTILINE)


class Allowance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One exception. In `path`, which is relative to the file, and in `key`, `*` stands for anything, `/` too."""

    id: str
    path: str
    reason: str
    key: str = "*"
    line: int = 0


class _File(msgspec.Struct, forbid_unknown_fields=True):
    allow: list[Allowance]


@dataclass(frozen=True, slots=True)
class Allowances:
    """The exceptions of a file."""

    path: Path
    items: tuple[Allowance, ...]
    data: bytes

    def allows(self, hit: Hit) -> Allowance | None:
        """The first exception that allows a finding."""
        path = self._relative(hit.finding.evidence[0].path)
        return next(
            (
                each
                for each in self.items
                if each.id == hit.finding.id and fnmatchcase(path, each.path) and _fits(hit.key, each.key)
            ),
            None,
        )

    def covers(self, each: Allowance, path: str) -> bool:
        """Whether an exception speaks of a file."""
        return fnmatchcase(self._relative(path), each.path)

    def _relative(self, path: str) -> str:
        return os.path.relpath(path, self.path.parent).replace(os.sep, "/")


def _fits(key: str, wanted: str) -> bool:
    """Whether a key path is the wanted one; its brackets mean themselves."""
    return fnmatchcase(key, re.sub(r"[\[\]?]", lambda found: f"[{found[0]}]", wanted))


def read_allowances(path: Path | None) -> Allowances | None:
    """Those of the file, or of this folder's if there is one and None was named. Raises UsageError."""
    named = path is not None
    path = path or Path(NAME)
    if not named and not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            data = file.read(_BYTES_MAX)
        text = data.decode("utf-8")
        found = tomllib.loads(text)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}", hint=f"ls -l {path}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path}: is no TOML: {error}", hint="docs/validate.md shows one.") from error
    return Allowances(path, tuple(_checked(path, text, found)), data)


def _checked(path: Path, text: str, found: dict[str, object]) -> Iterator[Allowance]:
    lines = [text.count("\n", 0, head.start()) + 1 for head in _HEAD.finditer(text)]
    try:
        items = msgspec.convert(found, _File).allow if found else []
    except msgspec.ValidationError as error:
        at = re.search(r"\$\.allow\[(\d+)\]", str(error))
        number = int(at[1]) if at else len(lines)
        where = f"{path}:{lines[number]}" if number < len(lines) else str(path)
        hint = "An exception has id, path and reason, and may have key."
        raise UsageError(f"{where}: {error}", hint=hint) from error
    for number, each in enumerate(items):
        line = lines[number] if number < len(lines) else 1
        where = f"{path}:{line}"
        if not each.reason.strip():
            raise UsageError(f"{where}: the exception has no reason", hint="Say why, and until when.")
        if each.id not in catalogue():
            raise UsageError(f"{where}: there is no rule {each.id!r}", hint="abm-validate --rules lists them.")
        yield msgspec.structs.replace(each, line=line)


def unused(found: Allowances, paths: Sequence[str], used: Sequence[Allowance]) -> tuple[Hit, ...]:
    """A finding an exception that allowed nothing, though a file that it speaks of was looked at, or is gone.

    One of files that were not looked at in this run may still be needed.
    """
    complaints = []
    for each in found.items:
        if each in used:
            continue
        if any(found.covers(each, path) for path in paths):
            complaints.append(Complaint("", f"no finding {each.id} in {each.path} needs it any more", each.line))
        elif not _WILD.search(each.path) and not (found.path.parent / each.path).exists():
            complaints.append(Complaint("", f"there is no file {each.path}", each.line))
    return tuple(hits(catalogue()["allow-unused"], complaints, Cited(found.data, str(found.path))))
