"""What every `--help` shows: its examples run as they stand, on 80 columns, with the exit codes named."""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from abm_lab import cli as lab
from abm_lab.case import write_case
from abm_trace.cli import _program, clock_guard, main, validate
from abm_trace.evidence import alone

PROGRAMS: dict[str, click.Command] = {
    "abm-trace": main,
    "abm-validate": _program.alone(validate.command),
    "abm-clock-guard": _program.alone(clock_guard.command),
    "abm-lab": lab.main,
}
SERIAL = "F9FXQ1ABCD"
RUN = re.compile(
    r"abm-trace (triage CASE|explain|reconcile|licences|sla|tokens CASE( --(ics|fail|as)|$)|health CASE --as-of|"
    r"remedy|v2-ready|completion|signatures (list|test|lint)|signatures convert --to sqlite|policy test$|"
    r"predeclare manifest.csv --format|check (audit|boot-log|firmware CASE --format))|abm-validate --rules|cd CASE"
)
"""Examples that can run here: the others need a server, a person's answer, or files of somebody else."""


def commands(ctx: click.Context) -> Iterator[click.Context]:
    """The command and every one below it."""
    yield ctx
    if isinstance(ctx.command, click.Group):
        for name in ctx.command.list_commands(ctx):
            below = ctx.command.get_command(ctx, name)
            assert below
            yield from commands(click.Context(below, info_name=name, parent=ctx))


ALL = [
    each for name, command in PROGRAMS.items() for each in commands(click.Context(command, info_name=name))
]  # fmt: skip


def examples(epilog: str) -> list[str]:
    """The lines of examples of a help text, each whole."""
    blocks = (block for block in epilog.split("\n\n") if re.search(r"^(For example|By hand)", block, re.MULTILINE))
    lines = "\n".join(line for block in blocks for line in block.splitlines() if line.startswith("  "))
    return [line.strip() for line in re.sub(r"\\\n *", "", lines).splitlines()]


EXAMPLES = dict.fromkeys(
    example for text in (*(each.command.epilog or "" for each in ALL), alone.EPILOG) for example in examples(text)
)


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which every file stands that an example names."""
    folder = tmp_path_factory.mktemp("floor")
    case = write_case(folder / "lab", "chicago", 24, 3, 5, 2, jobs=1)
    manifest = (case / "manifest.csv").read_text()
    given = min(path.stem for path in case.glob("logs/*/*.log") if path.stem in manifest).encode()
    for path in case.rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes().replace(given, SERIAL.encode()))
    shutil.move(case, folder / "CASE")
    log = next(path for path in (folder / "CASE").glob("logs/*/*.log") if path.stem.encode() == given)
    for name in (f"{SERIAL}.log", "boot.log", "logs/one.log"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(log, folder / name)
    shutil.copy(folder / "CASE/manifest.csv", folder)
    for name in ("my-rules", "my-policies", "config", "scripts"):
        (folder / name).mkdir()
    for name in ("staging.sh", "scripts/one.sh", "config/one.toml"):
        (folder / name).write_text("# nothing\n")
    (folder / "rollout.toml").write_text('interface = "eth1"\n')
    done = CliRunner().invoke(main, ["triage", str(folder / "CASE"), "--format", "ndjson"])
    (folder / "last-shift.ndjson").write_text(done.stdout)
    return folder


def test_nothing_is_left_out() -> None:
    """If this failed, the examples would not be found, and every other test here would pass."""
    assert len(EXAMPLES) > 100
    assert sum(bool(RUN.match(each)) for each in EXAMPLES) > 45


@pytest.mark.parametrize("ctx", ALL, ids=lambda ctx: ctx.command_path.replace(" ", "-"))
def test_each_help_fits_and_is_whole(ctx: click.Context) -> None:
    """If this failed, a help text would be broken by an 80-column terminal, be cut, or name no exit code."""
    text = ctx.command.get_help(
        click.Context(ctx.command, info_name=ctx.info_name, parent=ctx.parent, terminal_width=80)
    )
    assert [line for line in text.splitlines() if len(line) > 80] == []
    listed = text.partition("Commands:\n")[2].partition("For example")[0]
    assert "..." not in listed
    assert examples(ctx.command.epilog or ""), "no example"
    if not isinstance(ctx.command, click.Group):
        assert "Exit code:\n" in text
    for option in ctx.command.params:
        if isinstance(option, click.Option) and option.multiple:
            assert (option.help or "").endswith("may be given again."), option.name


def parts(example: str) -> Iterator[list[str]]:
    """The words of each of our programs in an example, without where its output goes."""
    example = example.replace("$(date -u +%FT%TZ)", "2026-05-17T09:00:00Z")
    lexer = shlex.shlex(example, posix=True, punctuation_chars=";&|>")
    lexer.wordchars += ":=,…+$"
    words: list[str] = []
    found = [words]
    for word in lexer:
        if set(word) <= set(";&|"):
            found.append(words := [])
        else:
            words.append(word)
    for each in found:
        if each and each[0] in {*PROGRAMS, alone.NAME}:
            yield each[: next((number for number, word in enumerate(each) if set(word) == {">"}), None)]


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_is_understood(example: str, monkeypatch: pytest.MonkeyPatch, floor: Path) -> None:
    """If this failed, who copies an example would be told that it is wrong."""
    monkeypatch.chdir(floor)
    monkeypatch.setattr(click.Command, "invoke", lambda *_: None)
    monkeypatch.setattr(click.Path, "convert", lambda _self, value, *_: Path(value))
    monkeypatch.setattr(click.File, "convert", lambda *_: None)
    for name, *words in parts(example):
        if name == alone.NAME:
            alone.parser().parse_args(words)
            continue
        done = CliRunner().invoke(PROGRAMS[name], words, prog_name=name)
        assert done.exit_code == 0, done.stderr


@pytest.mark.parametrize("example", [each for each in EXAMPLES if RUN.match(each)])
def test_each_example_that_can_run_here_runs(example: str, monkeypatch: pytest.MonkeyPatch, floor: Path) -> None:
    """If this failed, who copies an example would get an error."""
    monkeypatch.chdir(floor / "CASE" if example.startswith("cd ") else floor)
    for name, *words in parts(example):
        files = [str(file) for word in words for file in (Path().glob(word) if "*" in word else [word])]
        done = CliRunner().invoke(PROGRAMS[name], files, prog_name=name)
        assert done.exit_code in ({0, 1, 3} if {"health", "boot-log"} & {*words} else {0, 1}), done.stderr
