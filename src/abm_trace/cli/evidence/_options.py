"""What the subcommands have in common: where a log stands, who acts, which records are meant, and the clock."""

import contextlib
import functools
import getpass
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from abm_trace.core import instants
from abm_trace.core.errors import UsageError

if TYPE_CHECKING:
    from abm_trace.evidence.entry import Entry, Kind
    from abm_trace.evidence.places import Places
    from abm_trace.evidence.store import Writer

FORCE = click.option("--force", is_flag=True, help="Replace a file that is there already; never one of the log.")

_EXAMPLES = {"actor": "auditor-1", "second": "counsel-2", "reason": '"matter 2026-17"', "source": "abm-api"}
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
    """The entry of what a person states now. Raises UsageError for a text that no entry can have."""
    from abm_trace.evidence.entry import VERSION, Entry

    said = fields | {"actor": actor or getpass.getuser(), "reason": reason}
    for name in ("actor", "second", "reason"):
        if name in said:
            check(name, str(said[name]))
    return Entry(VERSION, instants.render(now()), kind, **said)  # type: ignore[arg-type]  # `encode` checks them.


def check(name: str, text: str) -> None:
    """Raises UsageError for the text of `--NAME` that no entry can have."""
    from abm_trace.evidence.entry import complaint

    if reason := complaint(name, text):
        raise UsageError(f"--{name} {text[:100]!a}: {reason}", hint=f"Example: --{name} {_EXAMPLES[name]}")


def target(path: Path, places: "Places", option: str, *, force: bool) -> None:
    """Raises UsageError for a file that must not be written to: one of the log, or, without force, one that exists."""
    if places.holds(path):
        raise UsageError(f"{option} {path}: is in the log itself, or what stands beside it", hint="Name another file.")
    if path.is_file() and not force:  # A pipe is no file that could be lost.
        raise UsageError(f"{option} {path}: is there already", hint="Name a new file, or replace it with --force.")


@contextlib.contextmanager
def telling(writer: "Writer") -> Iterator[None]:
    """At an error, say what of the work inside is kept all the same: what was under a checkpoint before it."""
    from abm_trace.cli import _terminal

    def signed() -> int:
        return writer.head.size if writer.head else 0

    before = signed()
    try:
        yield
    except BaseException:
        if kept := signed() - before:
            _terminal.aside(f"kept and signed before that: {counted(kept, 'record')}")
        raise


def counted(count: int, noun: str) -> str:
    """A number of things for people."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


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


def records(ranges: tuple[tuple[int, int], ...]) -> str:
    """Ranges of records for people, with their noun."""
    is_one = len(ranges) == 1 and ranges[0][0] == ranges[0][1]
    return f"record{'' if is_one else 's'} {spoken(ranges)}"
