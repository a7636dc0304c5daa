"""Writes the manual pages of every program and each of its commands, from the very commands that print `--help`.

With --check nothing is written, and the exit code is 1 if a page is not what would be written. They are kept in
packaging/, which a wheel carries as it is: nothing can be run while one is built. Not click-man: it does not see
commands that are imported on use, and hands on what groff obeys.
"""

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from abm_lab.cli import main as lab
from abm_trace.cli import _program, clock_guard, validate
from abm_trace.cli import main as program
from abm_trace.cli.completion import PROGRAMS
from abm_trace.evidence import alone

FOLDER = Path(__file__).parent.parent / "packaging/share/man/man1"
TITLES = {"FOR EXAMPLE": "EXAMPLES", "EXIT CODE": "EXIT STATUS"}
"""What a manual calls the parts that `--help` names in its own way."""


def pages() -> dict[str, str]:
    """File name → the page in roff, for each program and each command below it."""
    programs = {
        "abm-trace": program,
        "abm-validate": _program.alone(validate.command),
        "abm-clock-guard": _program.alone(clock_guard.command),
        alone.NAME: _verify(),
        "abm-lab": lab,
    }
    return {
        f"{_name(ctx)}.1": "\n".join(_page(ctx)) + "\n"
        for name, each in programs.items()
        for ctx in _contexts(click.Context(each, info_name=name, **each.context_settings))
    }


def _verify() -> click.Command:
    """The program that stands alone, as a command: it is none, for it loads nothing that it does not check with."""
    parser = alone.parser()
    options = [
        click.Option(each.option_strings, metavar=each.metavar, is_flag=each.nargs == 0, help=each.help)
        for each in alone.options()
        if each.dest != "help"
    ]
    epilog = "\n\n".join(f"\b\n{block}" for block in alone.EPILOG.split("\n\n"))
    store = click.Argument(["store"], metavar="STORE|BUNDLE|PROOF")
    settings = {"help_option_names": ["-h", "--help"]}
    return click.Command(alone.NAME, settings, None, [store, *options], parser.description, epilog)


def _contexts(ctx: click.Context) -> Iterator[click.Context]:
    yield ctx
    for each in _below(ctx):
        yield from _contexts(each)


def _below(ctx: click.Context) -> list[click.Context]:
    group = ctx.command
    if not isinstance(group, click.Group):
        return []
    commands = {name: group.get_command(ctx, name) for name in group.list_commands(ctx)}
    return [click.Context(each, info_name=name, parent=ctx) for name, each in commands.items() if each]


def _name(ctx: click.Context) -> str:
    return ctx.command_path.replace(" ", "-")


def _page(ctx: click.Context) -> Iterator[str]:
    command, below = ctx.command, _below(ctx)
    said = inspect.cleandoc(command.help or "")
    yield f'.TH "{_escaped(_name(ctx).upper())}" 1 "" "abm\\-trace" "Manual"'
    yield from (".SH NAME", f"{_escaped(_name(ctx))} \\- {_escaped(_first(said))}")
    yield from (
        ".SH SYNOPSIS",
        f".B {_escaped(ctx.command_path)}",
        _escaped(" ".join(command.collect_usage_pieces(ctx))),
    )
    yield ".SH DESCRIPTION"
    yield from _paragraphs(said)
    if below:
        yield ".SH COMMANDS"
        for each in below:
            yield from (".TP", f".BR {_escaped(_name(each))} (1)", _escaped(_first(each.command.help or "")))
    yield ".SH OPTIONS"
    options = [param for param in command.get_params(ctx) if isinstance(param, click.Option)]
    for record in filter(None, (option.get_help_record(ctx) for option in options)):
        yield from (".TP", f".B {_escaped(record[0])}", _escaped(" ".join(record[1].split())))
    yield from _paragraphs(inspect.cleandoc(command.epilog or ""))
    others = [_name(each) for each in (ctx.parent, *_below(ctx.parent))] if ctx.parent else list(PROGRAMS)
    others.remove(_name(ctx))
    yield ".SH SEE ALSO"
    yield from (f".BR {_escaped(each)} (1){'' if each is others[-1] else ','}" for each in others)


def _first(text: str) -> str:
    """The first sentence of a help text, without its stop."""
    return " ".join(re.split(r"\.(?:\s|$)|\n\n", text, maxsplit=1)[0].split())


def _paragraphs(text: str) -> Iterator[str]:
    r"""The paragraphs of a text. What click may not wrap (`\b`) keeps its lines, with its first one as a heading."""
    for paragraph in filter(None, re.split(r"\n\s*\n", text)):
        if not paragraph.lstrip().startswith("\b"):
            yield from (".PP", _escaped(" ".join(paragraph.split())))
            continue
        lines = paragraph.lstrip().removeprefix("\b").strip("\n").split("\n")
        title = lines.pop(0).rstrip(":").upper() if lines[0].endswith(":") else "NOTES"
        yield f'.SH "{_escaped(TITLES.get(title, title))}"'
        yield from (".nf", *(_escaped(line.removeprefix("  ")) for line in lines), ".fi")


def _escaped(text: str) -> str:
    """A line of text in which groff obeys nothing; a letter beyond ASCII is named by its number."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")
    text = re.sub(r"[^\x00-\x7f]", lambda found: f"\\[u{ord(found[0]):04X}]", text)
    return re.sub(r"^(?=[.'])", r"\\&", text)


def main(*, check: bool) -> int:
    """Write the pages, or say which of them differ."""
    wanted = {FOLDER / name: text for name, text in pages().items()}
    wrong = [path for path, text in wanted.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    wrong += sorted(set(FOLDER.glob("*")) - wanted.keys())
    for path in wrong:
        if check:
            print(f"{path.name} is not what --help says; run scripts/make_man.py and read the diff")
        elif path in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], encoding="utf-8")
        else:
            path.unlink()
    return int(check and bool(wrong))


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
