"""`abm-trace remedy list|show|write|runbook`: what helps, rendered for this rollout, and what is known of it."""

import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from abm_trace.cli import _program, _sets

if TYPE_CHECKING:
    from abm_trace.exports import Screen
    from abm_trace.remedies import Rendered
    from abm_trace.remedies.runbook import Runbook

_EPILOG = """\b
For example:
  abm-trace remedy list
  abm-trace remedy show kea --set ntp_addresses=10.20.0.5,10.20.0.6
  abm-trace remedy write stage netboot --settings rollout.toml --out files
  abm-trace remedy runbook L3
"""

_SETTINGS = click.option(
    "--settings", "path", type=click.Path(path_type=Path), metavar="FILE", help="This rollout's settings (TOML)."
)
_SET = click.option(
    "--set", "words", metavar="NAME=VALUE", multiple=True, help="One of them, lists with commas; may be given again."
)


@click.group("remedy", cls=_program.Group, epilog=_EPILOG)
def command() -> None:
    """Configuration, scripts, recipes and runbooks against what makes devices vanish."""


@command.command(
    "list", epilog="\b\nFor example:\n  abm-trace remedy list\n\n\b\nExit code:\n  0  done\n  2  bad usage"
)
def list_() -> None:
    """List the remedies with what is known of their effect on iPadOS, and the settings."""
    from abm_trace.cli import _terminal
    from abm_trace.remedies import remedies
    from abm_trace.remedies.settings import SETTINGS

    screen = _terminal.screen()
    lines = []
    for name, each in remedies().items():
        lines += [screen.paint(name, "bold") + f"  {each.title} ({', '.join(each.layers)})"]
        lines += screen.sentence(f"on iPadOS: {each.effect}", indent="  ")
        lines += screen.sentence(f"files: {', '.join(file.name for file in each.files)}", indent="  ")
    lines += ["", screen.paint("Settings (--set NAME=VALUE, or a TOML file)", "bold")]
    lines += screen.columns([(each.name, each.example or "–", each.meaning) for each in SETTINGS])
    _terminal.write(screen.finish(lines))


_SHOW_EPILOG = """\b
For example:
  abm-trace remedy show kea --set ntp_addresses=10.20.0.5
  abm-trace remedy show dnsmasq --set subnet=10.20.0.0/16 \\
                   --set router=10.20.0.1 --set pool=10.20.0.100,10.20.0.199

\b
Exit code:
  0  done
  2  bad usage: no such remedy, or settings that do not fit each other
"""


@command.command("show", epilog=_SHOW_EPILOG)
@click.argument("name", shell_complete=_sets.REMEDIES)
@_SETTINGS
@_SET
def show(*, name: str, path: Path | None, words: tuple[str, ...]) -> None:
    """Print the files of the remedy NAME; what is known of its effect, and how to use it, stands beside."""
    from abm_trace.cli import _terminal
    from abm_trace.remedies import remedies

    rendered = _rendered([name], path, words)
    _terminal.aside(f"on iPadOS: {remedies()[name].effect}")
    for each in rendered:
        _terminal.aside(_about(each, each.name))
        _terminal.write(each.text.encode())
    for use in _use(name, path, words):
        _terminal.aside(f"use: {use}")


@command.command(
    "write",
    epilog="\b\nFor example:\n  abm-trace remedy write kea chrony --settings rollout.toml --out files"
    "\n\n\b\nExit code:\n  0  written\n  2  bad usage, or a file is there and differs",
)
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=_sets.REMEDIES)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, metavar="DIR", help="Where to.")
@click.option("--force", is_flag=True, help="Replace files that are there and differ.")
@_SETTINGS
@_SET
def write(*, names: tuple[str, ...], out: Path, force: bool, path: Path | None, words: tuple[str, ...]) -> None:
    """Write the files of remedies into the folder DIR. A file that is there and differs is not replaced."""
    from abm_trace.cli import _terminal
    from abm_trace.core.errors import UsageError
    from abm_trace.remedies import remedies

    rendered = _rendered(names, path, words)
    taken = [each.name for each in rendered if (out / each.name).exists() and not _same(out / each.name, each.text)]
    if taken and not force:
        raise UsageError(
            f"{out}: is there and differs: {', '.join(taken)}", hint="Name another folder, or give --force."
        )
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{out}: cannot be made: {error.strerror}", hint="Name another folder: --out DIR") from error
    for each in rendered:
        _terminal.save(out / each.name, each.text.encode())
        if each.executable:
            (out / each.name).chmod(0o755)
        _terminal.aside(_about(each, str(out / each.name)))
    for name in names:
        _terminal.aside(f"{name}: on iPadOS: {remedies()[name].effect}")
        for use in _use(name, path, words):
            _terminal.aside(f"{name}: use: {use}")


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode()


def _about(each: "Rendered", path: str) -> str:
    test = f"; test it: {each.test.replace('FILE', shlex.quote(path))}" if each.test else ""
    return f"{path}: belongs at {each.belongs}{test}"


def _given(path: Path | None, words: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    from abm_trace.core.errors import UsageError
    from abm_trace.remedies import settings

    if path is None:
        return settings.given(words)
    if not path.is_file():
        raise UsageError(f"--settings: {path} is no file", hint=f"Check the name: ls -l {path}")
    return settings.read(path.read_bytes()[: 1024 * 1024], str(path)) | settings.given(words)


def _rendered(names: Iterable[str], path: Path | None, words: tuple[str, ...]) -> "list[Rendered]":
    """The files; what stands in them and was not set, and so is nobody's, is named."""
    from abm_trace.cli import _terminal
    from abm_trace.remedies import render, settings, used

    given = _given(path, words)
    own = frozenset[str]().union(*map(used, names))
    values = settings.complete(given, used=own)
    found = {each.name: each for name in names for each in render(name, values)}
    if unset := settings.unset(given, own):
        said = ", ".join(f"{each.name}={each.example}" for each in unset)
        _terminal.aside(f"NOT SET, so the example's, which is nobody's: {said}")
        _terminal.aside("  Set what is yours: --set NAME=VALUE, or --settings FILE")
    return list(found.values())


def _use(name: str, path: Path | None, words: tuple[str, ...]) -> list[str]:
    from abm_trace.remedies import fill, remedies, settings, used

    values = settings.complete(_given(path, words), used=used(name))
    return [fill(each, values) for each in remedies()[name].use]


@command.command(
    "runbook",
    epilog="\b\nFor example:\n  abm-trace remedy runbook L3\n  abm-trace remedy runbook vanished --format markdown"
    "\n\n\b\nExit code:\n  0  done\n  2  bad usage: no runbook of that name",
)
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=_sets.RUNBOOKS)
@click.option("--format", "form", type=click.Choice(["text", "markdown"]), default="text", show_default=True)
def runbook(*, names: tuple[str, ...], form: str) -> None:
    """Print what to do, step by step, for a verdict, a layer or a cause; without a NAME it lists them."""
    from abm_trace.cli import _terminal
    from abm_trace.remedies import runbook as books
    from abm_trace.verdict.settings import actions

    screen = _terminal.screen()
    known = books.runbooks(actions())
    if not names:
        rows = [(each.name, each.kind, each.rebuild[0] if each.rebuild else "") for each in known.values()]
        _terminal.write(screen.finish(screen.columns(rows, indent="")))
        return
    chosen = [books.runbook(name, actions()) for name in names]
    if form == "markdown":
        _terminal.write("\n".join(books.markdown(each) for each in chosen).encode())
        return
    _terminal.write(screen.finish(line for each in chosen for line in _page(each, screen)))


def _page(book: "Runbook", screen: "Screen") -> Iterator[str]:
    yield screen.paint(f"{book.name}: {book.kind}", "bold")
    number = 0
    for title, steps in book.parts():
        yield ""
        yield screen.paint(title, "bold")
        for step in steps:
            number += 1
            yield from screen.labelled(f"{number:>3}", step, room=5)
    yield ""
