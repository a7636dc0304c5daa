"""What the subcommands have in common: where a log stands, who acts, which records are meant, and the clock."""

import functools
import getpass
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from abm_trace.core import instants
from abm_trace.core.errors import UsageError

if TYPE_CHECKING:
    from abm_trace.evidence.entry import Entry, Kind
    from abm_trace.evidence.places import Places

_RANGE = re.compile(r"(\d{1,18})(?:-(\d{1,18}))?", re.ASCII)


def now() -> int:
    """The time, µs UTC: the one place in the evidence log that reads the clock."""
    return instants.from_datetime(datetime.now(UTC).replace(microsecond=0), UTC)  # noqa: TID251  # As it says.


def places(function: Callable[..., None]) -> Callable[..., None]:
    """Give a subcommand the argument STORE and the options beside it; it gets them as one `places`."""

    @functools.wraps(function)
    def command(*args: object, store: Path, lock: Path | None, keys: Path | None, **kwargs: object) -> None:
        function(*args, places=_places(store, lock, keys), **kwargs)

    decorated: Callable[..., None] = command
    for option in (
        click.option(
            "--keys", type=click.Path(path_type=Path), metavar="DIR", help="The signing keys; STORE.keys if not given."
        ),
        click.option(
            "--lock",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="The lock database; STORE.lock if not given.",
        ),
        click.argument("store", type=click.Path(path_type=Path)),
    ):
        decorated = option(decorated)
    return decorated


def _places(store: Path, lock: Path | None, keys: Path | None) -> "Places":
    from abm_trace.evidence.places import Places

    found = Places.of(store)
    return Places(found.store, lock or found.lock, keys or found.keys)


def statement(function: Callable[..., None]) -> Callable[..., None]:
    """Give a subcommand --actor and --reason."""
    for option in (
        click.option(
            "--reason", required=True, help="Why: it stands in the log for ever, so name no device or person."
        ),
        click.option("--actor", default=None, help="Who: an account or role; your login if not given."),
    ):
        function = option(function)
    return function


def entry(kind: "Kind", actor: str | None, reason: str, **fields: object) -> "Entry":
    """The entry of what a person states now."""
    from abm_trace.evidence.entry import VERSION, Entry

    said = fields | {"actor": actor or getpass.getuser(), "reason": reason}
    return Entry(VERSION, instants.render(now()), kind, **said)  # type: ignore[arg-type]  # `encode` checks them.


def ranges(texts: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """The ranges of `--index 3-9`, in order and joined. Raises UsageError."""
    found = []
    for text in texts:
        match = _RANGE.fullmatch(text)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if first > last:
            raise UsageError(f"--index {text}: is no index or range", hint="Example: --index 12 or --index 3-9")
        found.append((first, last))
    joined: list[tuple[int, int]] = []
    for first, last in sorted(found):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return tuple(joined)


def spoken(ranges: "tuple[tuple[int, int], ...] | list[tuple[int, int]]") -> str:
    """Ranges for people."""
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)
