"""What a signature is: one Sigma rule that says what a log message means for a device."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from abm_trace.core.errors import AbmTraceError
from abm_trace.core.nouns import Record


class SignatureError(AbmTraceError):
    """A signature cannot be used; `path` and `line` say where."""

    def __init__(self, message: str, *, hint: str = "", path: str = "", line: int | None = None) -> None:
        super().__init__(message, hint=hint)
        self.path = path
        self.line = line


@dataclass(frozen=True, slots=True)
class Example:
    """A log message and what the rule must say of it: `kind` of fact and `value`, or no match."""

    message: str
    matches: bool
    process: str = ""
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """A compiled Sigma rule. `id` is its file's name; `fact` the kind of fact that a match makes.

    `test` decides on one record, `quick` on a message where the rule looks at nothing else; `anchors` are the texts
    (and whether their case counts) of which one stands in each line that can match. `value` takes the fact's value and
    attributes from the message (its named groups).
    `everywhere` says that the rule chooses processes itself, so that the common scope of enrolment processes is not
    asked first. `confidence` is 0–100: how surely the message means what the rule says.
    """

    id: str
    title: str
    path: Path
    fact: str
    layer: str
    cause: str
    level: str
    confidence: int
    description: str
    references: tuple[str, ...]
    examples: tuple[Example, ...]
    anchors: frozenset[tuple[str, bool]]
    test: Callable[[Record], bool]
    quick: Callable[[str], bool] | None
    value: re.Pattern[str] | None
    everywhere: bool
