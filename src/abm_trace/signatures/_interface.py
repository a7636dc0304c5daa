"""What a signature is: one Sigma rule that says what a log message means for a device."""

import re
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Final

import msgspec

from abm_trace.core.nouns import Record
from abm_trace.signatures._error import SignatureError
from abm_trace.signatures.predicate import Predicate, as_test, fields_of

SIZE_BYTES_MAX: Final = 64 * 1024
"""How large a signature's file may be. Origin: ours."""


class Example(msgspec.Struct, frozen=True, array_like=True):
    """A log message and what the rule must say of it: `kind` of fact and `value`, or no match."""

    message: str
    matches: bool
    process: str = ""
    value: str | None = None


class Signature(msgspec.Struct, frozen=True, array_like=True, dict=True):
    """A Sigma rule, read from `file`. `id` is the file's name; `fact` the kind of fact that a match makes.

    `asked` is what a record must say; `anchors` are the texts (and whether their case counts) of which one stands in
    each line that can match. `told` is the expression that takes the fact's value and attributes (its named groups)
    from the message, "" for none. `everywhere` says that the rule chooses processes itself, so that the common scope
    of enrolment processes is not asked first. `confidence` is 0–100: how surely the message means what the rule says.
    """

    id: str
    title: str
    file: str
    fact: str
    layer: str
    cause: str
    level: str
    confidence: int
    description: str
    references: tuple[str, ...]
    examples: tuple[Example, ...]
    anchors: frozenset[tuple[str, bool]]
    asked: Predicate
    told: str
    everywhere: bool

    @property
    def path(self) -> Path:
        """The file that it was read from."""
        return Path(self.file)

    @cached_property
    def test(self) -> Callable[[Record], bool]:
        """Decides on one record."""
        return as_test(self.asked)

    @cached_property
    def quick(self) -> Callable[[str], bool] | None:
        """Decides on a message, where the rule looks at nothing else."""
        if self.everywhere or not fields_of(self.asked) <= {"message"}:
            return None
        return as_test(self.asked, on_message=True)

    @cached_property
    def value(self) -> re.Pattern[str] | None:
        """Takes the value from a message."""
        return re.compile(self.told) if self.told else None


def contents(path: Path, name: str = "") -> bytes:
    """The bytes of a signature's file, no more than shows that it is too large. Raises SignatureError."""
    try:
        with path.open("rb") as file:
            return file.read(SIZE_BYTES_MAX + 1)
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise SignatureError(message, path=name or path.name) from error
