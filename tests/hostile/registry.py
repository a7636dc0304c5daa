"""How a hostile input is declared: one function that makes it, with what the contract says of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from tests.hostile.base_case import Standing
from tests.hostile.running import Meanwhile


class Says(Enum):
    """What the contract asks of a reader."""

    NAMED = "must be named among the skipped"
    READ = "is fully readable: must not be named"
    EITHER = "is read in full, or named"


Body = bytes | Iterable[bytes] | None
Make = Callable[[Path], Body]
"""Gives the bytes of the hostile file, or makes something else at the path itself."""


@dataclass(frozen=True, slots=True)
class Hostile:
    """One hostile input.

    `shows` is what the input's readable part proves: of a device, its standing. An input that is EITHER may
    be named in its place. `lines` are the damaged lines. `names` is what the path of the skipped thing must
    hold, where it is not the path itself.
    """

    id: str
    path: str
    says: Says
    make: Make
    lines: tuple[int, ...] = ()
    shows: tuple[str, Standing] | None = None
    names: str | None = None
    meanwhile: Meanwhile | None = None

    def add_to(self, case: Path) -> Path:
        """Puts the hostile thing into a case and gives its path."""
        at = case / self.path
        at.parent.mkdir(parents=True, exist_ok=True)
        body = self.make(at)
        if body is not None:
            with at.open("wb") as file:
                file.writelines([body] if isinstance(body, bytes) else body)
        return at

    def is_about(self, path: str) -> bool:
        """Whether a skipped path means this input or a member of it."""
        if self.names is not None:
            return self.names in path
        return path == self.path or path.startswith(f"{self.path}/")


HOSTILE: list[Hostile] = []


def constant(body: bytes) -> Make:
    """The maker of bytes that are at hand."""
    return lambda _: body


def add(
    id: str,
    path: str,
    says: Says,
    make: Make | bytes,
    *,
    lines: tuple[int, ...] = (),
    shows: tuple[str, Standing] | None = None,
    names: str | None = None,
    meanwhile: Meanwhile | None = None,
) -> None:
    """Registers an input whose making is a value or one expression."""
    assert all(known.id != id for known in HOSTILE), id
    maker = constant(make) if isinstance(make, bytes) else make
    HOSTILE.append(Hostile(id, path, says, maker, lines, shows, names, meanwhile))


def hostile(
    path: str,
    says: Says,
    *,
    lines: tuple[int, ...] = (),
    shows: tuple[str, Standing] | None = None,
    names: str | None = None,
    meanwhile: Meanwhile | None = None,
) -> Callable[[Make], Make]:
    """Registers the function that makes an input; the function's name is the input's."""

    def register(make: Make) -> Make:
        identifier = make.__name__.replace("_", "-")
        add(identifier, path, says, make, lines=lines, shows=shows, names=names, meanwhile=meanwhile)
        return make

    return register
