"""`abm-trace v2-ready FILE|DIR…`: what still depends on the ABM API's v1, rewritten where it is understood."""

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from abm_trace.core.nouns import Skipped
    from abm_trace.remedies.v2 import Looked

_EPILOG = """\b
For example:
  abm-trace v2-ready staging.sh
  abm-trace v2-ready . > v2.patch   # then: patch -p1 < v2.patch
  abm-trace v2-ready --write config scripts

\b
Exit code:
  0  nothing depends on v1 (with --write: nothing does any more)
  1  something depends on v1
  2  bad usage
  3  nothing readable
"""

_BYTES_MAX: Final = 4 * 1024 * 1024
_FILES_MAX: Final = 100_000
_LEFT_OUT: Final = frozenset({".git", ".hg", ".svn", ".venv", "node_modules", "__pycache__"})


@click.command("v2-ready", epilog=_EPILOG)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--write", "writes", is_flag=True, help="Rewrite the files; without it they are only looked at.")
@click.pass_context
def command(ctx: click.Context, *, paths: tuple[Path, ...], writes: bool) -> None:
    """Say what in configurations and scripts depends on v1; the rewriting goes to standard output as a unified diff.

    What is not understood is left as it is, and a person is told where to look.
    """
    from abm_trace.cli import _progress, _terminal
    from abm_trace.core.errors import NothingReadableError
    from abm_trace.core.nouns import Skipped
    from abm_trace.remedies import v2

    skipped: list[Skipped] = []
    read = depend = rewritten = open_ = 0
    with _progress.waiting("reading", "files") as one:
        for path in _files(paths, skipped):
            one()
            text = _text(path, skipped)
            if text is None:
                continue
            read += 1
            looked = v2.look(str(path), text)
            depend += bool(looked.notes)
            rewritten += sum(note.kind == "rewritten" for note in looked.notes)
            open_ += len(looked.to_look_at)
            _say(path, looked)
            if writes and looked.after != looked.before:
                _write(path, looked)
    _terminal.name_skipped(skipped)
    if not read:
        raise NothingReadableError("no text among what was given", hint="abm-trace v2-ready FOLDER")
    done = "rewritten" if writes else "to rewrite (--write)"
    _terminal.aside(
        f"{read:,} files read, {len(skipped):,} not looked at: {depend:,} depend on v1, {rewritten:,} places {done}, "
        f"{open_:,} to look at"
    )
    ctx.exit(int(bool(open_ or (rewritten and not writes))))


def _say(path: Path, looked: "Looked") -> None:
    """What was found in a file, and how it would be rewritten."""
    from abm_trace.cli import _terminal
    from abm_trace.exports import plain
    from abm_trace.remedies import v2

    for note in looked.notes:
        mark = "rewritten" if note.kind == "rewritten" else "look"
        _terminal.aside(f"{mark}: {plain(str(path))}:{note.line}: {note.text}")
        _terminal.aside(f"    {note.why}")
    if shown := v2.diff(path.as_posix().lstrip("/"), looked):
        # A patch has to be the file's very bytes; a terminal is shown nothing that it would obey.
        _terminal.write((plain(shown, keep="\n\t") if sys.stdout.isatty() else shown).encode())


def _files(paths: tuple[Path, ...], skipped: "list[Skipped]") -> Iterator[Path]:
    """Every file, in name order; links inside of folders and folders of tools are left out."""
    from abm_trace.core.errors import UsageError
    from abm_trace.core.nouns import Skipped

    number = 0
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path}: does not exist", hint=f"Check the name: ls -l {path}")
        if not path.is_dir():
            yield path
            continue
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(each for each in folders if each not in _LEFT_OUT)
            for name in sorted(names):
                number += 1
                if number > _FILES_MAX:
                    raise UsageError(f"{path}: more than {_FILES_MAX:,} files", hint="Name a smaller folder.")
                file = Path(folder) / name
                if file.is_symlink():
                    skipped.append(Skipped(str(file), "is a link, not looked at"))
                else:
                    yield file


def _text(path: Path, skipped: "list[Skipped]") -> str | None:
    """The text of a file; what is none is named."""
    from abm_trace.core.nouns import Skipped

    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ValueError("is no regular file")
        with path.open("rb") as file:
            data = file.read(_BYTES_MAX + 1)
        if len(data) > _BYTES_MAX:
            raise ValueError(f"is larger than {_BYTES_MAX // 1024 // 1024} MiB")
        if b"\x00" in data:
            raise ValueError("is no text, never rewritten")
        return data.decode()
    except UnicodeDecodeError:
        skipped.append(Skipped(str(path), "is no text of UTF-8, never rewritten"))
    except OSError as error:
        skipped.append(Skipped(str(path), f"cannot be read: {error.strerror}"))
    except ValueError as error:
        skipped.append(Skipped(str(path), str(error)))
    return None


def _write(path: Path, looked: "Looked") -> None:
    """The file as it would be, in whole or not at all, with the rights that it had."""
    from abm_trace.cli import _terminal

    mode = stat.S_IMODE(path.stat().st_mode)
    _terminal.save(path, looked.after.encode())
    path.chmod(mode)
