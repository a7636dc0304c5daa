"""Which lines of a file may be given away as they are, which with pseudonyms in them, and which not at all.

What cannot be looked through line by line is not given away: bytes that are no UTF-8 text, XML and property lists, keys
and certificates in PEM, free text that names a person or a secret and does not say where the name ends, and everything
behind a field whose value stands on the lines after it.
"""

import csv
import os
import re
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from abm_trace.core.redact import LABELS, NAMED, PEM, SPOKEN, Redactor, continued, kind_of, spoken, unmasked
from abm_trace.evidence.errors import EvidenceError, RefusedError
from abm_trace.evidence.files import refusing

_NO_TEXT: Final = ("<", "bplist", "\x1f\x8b", "PK", "0\x82")
_CUTS: Final = ",;\t"
KEY_BYTES: Final = 32
_KEY: Final = re.compile(r"([0-9a-f]{64})\n?", re.ASCII)
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def key_of(path: Path, random: Callable[[int], bytes]) -> tuple[bytes, bool]:
    """The key of a redaction in a file of 64 hex digits, and whether it was made now, for there was none.

    The same key gives the same pseudonyms. Raises EvidenceError, RefusedError for a key that others may read.
    """
    with refusing(path):
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return _read(path), False
        key = random(KEY_BYTES)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{key.hex()}\n")
            file.flush()
            os.fsync(file.fileno())
    return key, True


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        if os.name != "nt" and stat.S_ISREG(status.st_mode) and status.st_mode & _OTHERS:
            raise RefusedError(
                f"{path}: others may read it (mode {stat.S_IMODE(status.st_mode):04o}); it must be 0600",
                hint=f"Who has the key can tell which device a pseudonym is. Make a new one, or: chmod 600 {path}",
            )
        found = _KEY.fullmatch(file.read(KEY_BYTES * 2 + 2).decode("ascii", "replace"))
    if found is None:
        raise EvidenceError(f"{path}: is no key of 64 hex digits", hint="Name a file that is not there: one is made.")
    return bytes.fromhex(found[1])


class Redacted:
    """Decides line by line, for one file: called with its lines in turn, it says what is shown in the place of each."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._number = 0
        self._sealed = False
        self._pem = False
        self._cut = ""
        self._columns: Sequence[str] = ()

    def __call__(self, lines: Sequence[bytes]) -> list[bytes | None]:
        """For each line itself where nothing in it has to be hidden, it with labels, or None."""
        return [self._line(line, seen) for line, seen in zip(lines, self._redactor.glance(lines), strict=True)]

    def _line(self, line: bytes, seen: int) -> bytes | None:
        self._number += 1
        if self._sealed or b"\0" in line:
            self._sealed = True
            return None
        is_alone = self._number > 1 and not self._pem and not self._columns
        if is_alone and (quick := self._redactor.quick(line, seen)) is not None:
            return quick
        try:
            text = line.decode()
        except UnicodeDecodeError:
            return None
        if self._number == 1:
            self._sealed = text.lstrip("\ufeff \t\r\n").startswith(_NO_TEXT)
            self._header(text)
        if self._sealed or ((self._pem or seen & PEM) and self._is_pem(text)):
            return None
        if seen & NAMED and continued(text.rstrip("\r\n")):
            self._sealed = True
            return None
        shown = self._row(text) if self._columns else text
        if shown is None:
            return None
        if shown is not text:
            seen = self._seen(shown)
        hidden = self._shown(shown, seen)
        if hidden is None:
            return None
        return line if hidden == text else hidden.encode()

    def _shown(self, text: str, seen: int) -> str | None:
        """The text with labels; None for free text that names a person or a secret, and for what masks something."""
        plain = text if text.isascii() else unmasked(text)
        said = seen if plain == text else self._seen(plain)
        if said & SPOKEN and spoken(plain):
            return None
        hidden = self._redactor(text, seen)
        if plain != text and self._redactor(plain, said).count("[") > hidden.count("["):
            return None  # Letters that nobody sees, or that only look like others, stand in what has to be hidden.
        return hidden

    def _seen(self, text: str) -> int:
        """What can be hidden in one line."""
        return self._redactor.glance([text.encode()])[0]

    def _is_pem(self, text: str) -> bool:
        """Whether a line is part of a PEM block."""
        inside = self._pem
        if "-----BEGIN " in text:
            self._pem = inside = True
        if "-----END " in text.rpartition("-----BEGIN ")[2]:
            self._pem = False
        return inside

    def _header(self, text: str) -> None:
        """Take the first line for the header of a CSV, if it has columns that have to be hidden."""
        cut = max(_CUTS, key=text.count)
        if text.count(cut) and not text.lstrip().startswith(("{", "[")):
            kinds = [kind_of(name, wary=True) for name in _cells(text, cut) or ()]
            if any(kinds):
                self._cut, self._columns = cut, kinds

    def _row(self, text: str) -> str | None:
        """A row with its columns hidden; None if it is none of this CSV. Any other line as it is."""
        if not self._columns or self._number == 1:
            return text
        row = _cells(text, self._cut)
        if row is None or len(row) != len(self._columns):
            return None
        hidden = [kind in LABELS and cell for kind, cell in zip(self._columns, row, strict=True)]
        if not any(hidden):
            return text
        return self._cut.join(
            self._redactor.label(kind, cell) if hides else cell
            for kind, cell, hides in zip(self._columns, row, hidden, strict=True)
        )


def _cells(text: str, cut: str) -> list[str] | None:
    """The cells of a row, None for a row that goes on in the next line, or is no row."""
    if text.count('"') % 2:
        return None
    try:
        return next(csv.reader([text.rstrip("\r\n")], delimiter=cut), [])
    except csv.Error:
        return None
