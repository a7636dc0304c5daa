"""`abm-trace evidence sample STORE -n 25 --seed N`: an auditor's reproducible draw, a sheet a device."""

import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from abm_trace.cli.evidence import _options
from abm_trace.core.errors import UsageError

if TYPE_CHECKING:
    from abm_trace.evidence.places import Places

_EPILOG = """\b
For example:
  abm-trace evidence sample evidence -n 25 --seed 20261126
  abm-trace evidence sample evidence -n 25 --seed 20261126 --out sheets

\b
The auditor names the seed after the verdicts are in the log: then nobody can
have chosen the devices. The same seed on the same verdicts draws the same
ones, by this command or with sha256sum and sort; the draw says how.

\b
Exit code:
  0  done
  2  bad usage, or no verdicts in the log
"""


@click.command("sample", epilog=_EPILOG)
@_options.places
@click.option("-n", "count", type=click.IntRange(min=1), default=25, show_default=True, help="How many devices.")
@click.option("--seed", required=True, metavar="TEXT", help="Letters, digits, . _ and -; the auditor's own.")
@click.option("--record", type=int, metavar="INDEX", help="The verdicts of this record; the newest if not given.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR", help="Write draw.txt and a sheet-N.txt a device into DIR."
)
@_options.FORCE
def command(*, places: "Places", count: int, seed: str, record: int | None, out: Path | None, force: bool) -> None:
    """Draw devices from the verdicts in the log, or the bundle, STORE, with a sheet for each: claims and checks."""
    from abm_trace.cli import _terminal
    from abm_trace.evidence import sample
    from abm_trace.evidence.bundle_file import Bundle, BundledFolder
    from abm_trace.evidence.files import Folder
    from abm_trace.evidence.published import Published

    if not seed or len(seed) > 64 or not seed.isascii() or set(seed) - set(".-_") - {*filter(str.isalnum, seed)}:
        raise UsageError(
            f"--seed {seed}: letters, digits, . _ and - alone, 64 at most", hint="Example: --seed 20261126"
        )
    is_bundle = places.store.is_file()
    published = Published(BundledFolder(Bundle(places.store)) if is_bundle else Folder(places.store))
    kept = sample.kept(published, record)
    found = sample.draw(published, kept.verdicts, count, seed)
    store = "evidence" if is_bundle else shlex.quote(str(places.store))
    if is_bundle:
        _terminal.aside(f"the commands of the sheets need it unpacked: tar xf {shlex.quote(places.store.name)}")
    pages = {"draw.txt": _page(sample.method(found, store))}
    digits = len(str(len(found.drawn)))
    for number in range(1, len(found.drawn) + 1):
        lines = sample.sheet(published, kept, found, number, store)
        pages[f"sheet-{number:0{digits}}.txt"] = _page(lines)
    if out is None:
        _terminal.write("\n\n".join(pages.values()).encode())
        return
    for name in pages:
        _options.target(out / name, places, "--out", force=force)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"--out {out}: {error.strerror}", hint="Name a folder that can be made: --out sheets"
        ) from error
    for name, text in pages.items():
        _terminal.save(out / name, text.encode())
    click.echo(f"wrote {len(pages):,} files to {out}: draw.txt says how to draw again")


def _page(lines: Iterable[str]) -> str:
    """Lines for people; nothing in them that a terminal obeys."""
    from abm_trace.exports import plain

    return "".join(f"{plain(line)}\n" for line in lines)
