"""Makes docs/pictures/terminal-*.svg: what abm-trace says in a terminal, for a light and a dark page.

The lab writes a rollout, the commands run in a terminal of their own, and what they print is drawn. Other arguments
than none name a folder to write to instead.
"""

import os
import pty
import shlex
import subprocess
import sys
from contextlib import suppress
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from abm_lab.case import write_case

FOLDER: Final = Path(__file__).parent.parent / "docs/pictures"
BYTES_MAX: Final = 150_000

THEMES: Final = {
    "dark": TerminalTheme(
        (13, 17, 23), (230, 237, 243),
        [(72, 79, 88), (255, 123, 114), (86, 211, 100), (227, 179, 65), (121, 192, 255), (210, 168, 255),
         (86, 212, 221), (200, 208, 216)],
    ),
    "light": TerminalTheme(
        (255, 255, 255), (13, 17, 23),
        [(36, 41, 47), (176, 18, 28), (17, 99, 41), (106, 75, 0), (9, 80, 174), (110, 60, 190), (10, 90, 100),
         (70, 78, 88)],
    ),
}  # fmt: skip
"""Each colour, faint ones too, has a contrast of 4.5 : 1 or more with its ground (WCAG 2.2, 1.4.3)."""

# Without rich's web font: a picture asks nothing of the network.
_SVG: Final = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<title>@TITLE@</title>
<style>
.{unique_id}-matrix {{
  font: {char_height}px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre;
}}
.{unique_id}-title {{ font: 16px sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


class Picture(NamedTuple):
    """A command, the width of the terminal, and which of the lines are shown; `title` is its text for readers."""

    command: str
    width: int
    shown: slice
    title: str


TRIAGE: Final = "abm-trace triage case"
PICTURES: Final = {
    "answer": Picture(TRIAGE, 80, slice(24), "Its first screen: how many vanished, where, why, what next"),
    "summary": Picture(TRIAGE, 80, slice(None), "The whole summary of a rollout, at 80 columns"),
    "wide": Picture(TRIAGE, 160, slice(None), "The whole summary of a rollout, at 160 columns"),
}


def main(folder: Path) -> None:
    """Write each picture, for light and for dark, into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as place:
        write_case(Path(place), devices=12400, sites=47, log_kb=1, planted={"os_version": "26.1"})
        for name, picture in PICTURES.items():
            printed = terminal(picture, Path(place))
            for theme in THEMES:
                path = folder / f"terminal-{name}-{theme}.svg"
                path.write_text(drawn(picture, printed, theme), encoding="utf-8", newline="\n")
                if path.stat().st_size > BYTES_MAX:
                    raise SystemExit(f"{path}: larger than {BYTES_MAX:,} bytes")


def terminal(picture: Picture, folder: Path) -> list[str]:
    """The lines that the command prints in a terminal of that width, in `folder`."""
    ours, theirs = pty.openpty()
    command, *arguments = shlex.split(picture.command)
    kept = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    process = subprocess.Popen(
        [Path(sys.executable).with_name(command), *arguments], cwd=folder, stdout=theirs, stderr=subprocess.DEVNULL,
        env=kept | {"COLUMNS": str(picture.width), "TERM": "xterm", "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    os.close(theirs)
    printed = bytearray()
    with suppress(OSError):  # So ends a pseudo terminal on Linux; elsewhere with nothing to read.
        while piece := os.read(ours, 1 << 16):
            printed += piece
    os.close(ours)
    process.wait()
    return printed.decode().replace("\r\n", "\n").splitlines()


def drawn(picture: Picture, printed: list[str], theme: str) -> str:
    """The lines as an SVG."""
    console = Console(record=True, width=picture.width, file=StringIO(), force_terminal=True, color_system="standard")
    lines = [f"\x1b[2m$\x1b[0m {picture.command}", *printed][picture.shown]
    console.print(Text.from_ansi("\n".join(lines)), soft_wrap=True)
    svg = _SVG.replace("@TITLE@", picture.title)
    return console.export_svg(title="abm-trace", theme=THEMES[theme], code_format=svg, unique_id="t")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
