"""The values of a payload, each with its type and the line on which it stands."""

from collections.abc import Sequence
from typing import Final

import msgspec

Value = dict[str, "Node"] | list["Node"] | str | int | float | bool | bytes | None

BYTES_MAX: Final = 32 * 1024 * 1024
"""The largest payload that is read. Origin: ours; profiles that carry fonts have some megabytes."""

NODES_MAX: Final = 200_000
"""The most values that a payload may have. Origin: ours."""

DEPTH_MAX: Final = 64
"""How deep they may stand in each other. Origin: ours."""


class Node(msgspec.Struct):
    """A value. `kind` is one of `dictionary`, `array`, `string`, `integer`, `real`, `boolean`, `date` (its value is
    text), `data`, `null`; `line` is where it, or the key before it, begins, None where a format has no lines.
    """

    kind: str
    value: Value
    line: int | None = None

    @property
    def items(self) -> dict[str, "Node"]:
        """The entries of a dictionary, none of anything else."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def members(self) -> list["Node"]:
        """The members of an array, none of anything else."""
        return self.value if isinstance(self.value, list) else []

    @property
    def text(self) -> str | None:
        """A string, None for anything else."""
        return self.value if self.kind == "string" and isinstance(self.value, str) else None

    @property
    def number(self) -> int | None:
        """An integer, None for anything else."""
        return self.value if self.kind == "integer" and isinstance(self.value, int) else None

    @property
    def flag(self) -> bool | None:
        """A boolean, None for anything else."""
        return self.value if isinstance(self.value, bool) else None


class Parsed(msgspec.Struct):
    """The root of a payload, what follows its end ("" for nothing), and the paths of keys that came twice, with their
    lines.
    """

    root: Node
    trailing: str = ""
    repeated: list[tuple[str, int | None]] = []  # msgspec copies the default.


def path_of(open_: Sequence[Node], key: str) -> str:
    """The path of a key in the innermost of the values that are open: `PayloadContent[0].PayloadUUID`.

    Each of them is the latest of the one around it.
    """
    above = (f"[{len(node.members) - 1}]" if node.members else f".{next(reversed(node.items))}" for node in open_[:-1])
    return f"{''.join(above)}.{key}".removeprefix(".")


class DocumentError(Exception):
    """A payload that cannot be read: which rule says so, and where."""

    def __init__(self, message: str, *, line: int | None = None, rule: str = "payload-damaged") -> None:
        super().__init__(message)
        self.line = line
        self.rule = rule
