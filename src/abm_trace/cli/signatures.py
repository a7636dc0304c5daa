"""`abm-trace signatures list|test|lint|convert`: which there are, whether they hold, what they lack, for whom else."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from abm_trace.cli import _marks, _program, _sets, _tracing
from abm_trace.core.nouns import RUNGS

if TYPE_CHECKING:
    from abm_trace.core.nouns import Skipped
    from abm_trace.signatures import Signature

_PROCESS: Final = "teslad"
"""The enrolment process that says an example which names none."""

_FOLDERS = click.option(
    "--signatures",
    "folders",
    metavar="DIR",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Those of this folder too; may be given again.",
)


_EPILOG = """\b
For example:
  abm-trace signatures list
  abm-trace signatures test --signatures my-rules
  abm-trace signatures convert --to sqlite --out queries
"""


@click.group("signatures", cls=_program.Group, epilog=_EPILOG)
def command() -> None:
    """List, test, lint and convert the signatures: Sigma rules that say what a log message means."""


_LIST_EPILOG = """\b
For example:
  abm-trace signatures list --format json
  abm-trace signatures list --case CASE      # how often each fires there

\b
How often one was right is what people marked (abm-trace mark), of all cases,
with a 95 % interval (Wilson).

\b
Exit code:
  0  done
  2  bad usage
"""


@command.command("list", epilog=_LIST_EPILOG)
@_FOLDERS
@click.option(
    "--case", type=click.Path(path_type=Path), metavar="CASE", help="Count how often each fires in this case."
)
@_marks.option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def list_(folders: tuple[Path, ...], case: Path | None, marks: Path | None, form: str) -> None:
    """List them: id, layer, fact and level, or how often they fired and were right, and title."""
    import msgspec

    from abm_trace.cli import _terminal

    found, refused = _load(folders)
    path = _marks.path_of(marks)
    kept = _marks.read(path)
    judged, fired = kept.judged(), _fired(case, folders)
    if form == "json":
        rows = [
            {"schema": "abm-trace/signature/1", "id": each.id, "layer": each.layer or None, "cause": each.cause or None,
             "fact": each.fact, "level": each.level, "confidence": each.confidence / 100, "title": each.title,
             "references": each.references, **_counted(each.id, fired, judged)}
            for each in found
        ]  # fmt: skip
        _terminal.write(msgspec.json.format(msgspec.json.encode(rows), indent=1) + b"\n")
    else:
        screen = _terminal.screen()
        counted = fired is not None or bool(judged)
        table = [("id", "layer", *(("devices", "lines", "right") if counted else ("fact", "level")), "title")]
        for each in found:
            middle = (*_said(each.id, fired), _marks.right(each.id, judged)) if counted else (each.fact, each.level)
            table.append((each.id, each.layer or "–", *middle, each.title))
        _terminal.write(screen.finish(screen.columns(table, indent="", right=(2, 3) if counted else ())))
        number = sum(judged.get(each.id, (0, 0))[0] for each in found)
        others = sum(of for of, _ in judged.values()) - number
        rules = f"; {others:,} more are of rules and checks, which explain shows" if others else ""
        told = f"right: of {number:,} judged findings, as marked in {path}" if number else _NONE_JUDGED
        _terminal.aside(told + rules)
    _terminal.name_skipped([*refused, *kept.skipped])


_NONE_JUDGED: Final = (
    "right: no finding is judged yet, so nobody knows; abm-trace mark SERIAL FINDING confirmed --why TEXT"
)


def _fired(case: Path | None, folders: tuple[Path, ...]) -> dict[str, tuple[int, int]] | None:
    """Signature → (devices, lines) of a case that it saw, None where no case is asked for."""
    if case is None:
        return None
    traced = _tracing.trace(case, _tracing.Tracing(folders=folders))
    devices: dict[str, set[int]] = {}
    lines: dict[str, set[tuple[str, int | None]]] = {}
    for number, device in enumerate(traced.devices):
        for fact in device.facts:
            devices.setdefault(fact.origin.by, set()).add(number)
    for reading in traced.readings:
        for fact in reading.facts:
            lines.setdefault(fact.origin.by, set()).add((fact.origin.path, fact.origin.offset))
    return {name: (len(devices.get(name, ())), len(each)) for name, each in lines.items()}


def _said(name: str, fired: dict[str, tuple[int, int]] | None) -> tuple[str, str]:
    """How many devices and lines it fired for, where that was counted."""
    devices, lines = (None, None) if fired is None else fired.get(name, (0, 0))
    return ("–", "–") if devices is None else (f"{devices:,}", f"{lines:,}")


def _counted(
    name: str, fired: dict[str, tuple[int, int]] | None, judged: dict[str, tuple[int, int]]
) -> dict[str, int | float | None]:
    """The same for programs; null is what nobody counted or judged."""
    from abm_trace.views.contrast import wilson

    devices, lines = (None, None) if fired is None else fired.get(name, (0, 0))
    of, right = judged.get(name, (0, 0))
    low, high = wilson(right, of) if of else (None, None)
    return {
        "fired_devices": devices, "fired_lines": lines, "judged": of, "right": right, "right_low": low,
        "right_high": high,
    }  # fmt: skip


_TEST_EPILOG = """\b
For example:
  abm-trace signatures test
  abm-trace signatures test --signatures my-rules

\b
Exit code:
  0  every example holds
  1  one does not hold, or a rule cannot be read; each is named
  2  bad usage
"""


@command.command("test", epilog=_TEST_EPILOG)
@_FOLDERS
@click.pass_context
def test(ctx: click.Context, folders: tuple[Path, ...]) -> None:
    """Run the examples inside every rule; exit code 1 if one does not hold."""
    found, refused = _load(folders)
    examples = sum(len(each.examples) for each in found)
    _conclude(ctx, found, refused, failing, f"{examples:,} examples hold")


_LINT_EPILOG = """\b
For example:
  abm-trace signatures lint
  abm-trace signatures lint --signatures my-rules

\b
Exit code:
  0  no rule lacks anything
  1  one lacks something, or cannot be read; each is named
  2  bad usage
"""


@command.command("lint", epilog=_LINT_EPILOG)
@_FOLDERS
@click.pass_context
def lint(ctx: click.Context, folders: tuple[Path, ...]) -> None:
    """Say what each rule lacks; exit code 1 if one lacks something."""
    found, refused = _load(folders)
    _conclude(ctx, found, refused, lacking, "nothing is lacking")


_CONVERT_EPILOG = """\b
For example:
  abm-trace signatures convert --to sqlite
  abm-trace signatures convert --to splunk --out queries
  abm-trace signatures convert --to sigma --out plain-rules

\b
A backend is a Python package: pip install 'abm-trace[convert]'.

\b
Exit code:
  0  all are converted
  1  the backend cannot express one, which is named
  2  bad usage, or there is no such backend here
"""


@command.command("convert", epilog=_CONVERT_EPILOG)
@click.option("--to", "backend", required=True, metavar="BACKEND", shell_complete=_sets.BACKENDS,
              help="A pySigma backend, or sigma for plain rules.")  # fmt: skip
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="A file each in this folder, not all to the screen.",
)
@_FOLDERS
@click.pass_context
def convert(ctx: click.Context, backend: str, out: Path | None, folders: tuple[Path, ...]) -> None:
    """Convert them for another system, through the pySigma backend that is installed for it."""
    from abm_trace.cli import _progress, _terminal
    from abm_trace.exports import plain
    from abm_trace.signatures.convert import SUFFIXES
    from abm_trace.signatures.convert import convert as converted

    found, refused = _load(folders)
    done = []
    with _progress.waiting(f"converting to {backend}", "signatures") as one:
        for each in converted(found, backend):
            done.append(each)
            one()
    problems: dict[str, list[str]] = {}
    for each in done:
        text = "\n".join(each.queries).rstrip("\n") + "\n"
        if each.problem:
            problems.setdefault(("" if each.queries else "NOT CONVERTED: ") + each.problem, []).append(
                each.signature.id
            )
        if out and each.queries:
            _terminal.save(_made(out) / f"{each.signature.id}.{SUFFIXES.get(backend, 'txt')}", text.encode())
        elif each.queries:
            _terminal.write(plain(f"# {each.signature.id}: {each.signature.title}\n{text}\n", keep="\n\t").encode())
    for problem, names in problems.items():
        _terminal.aside(f"{problem} ({len(names):,}): {', '.join(names)}")
    _terminal.name_skipped(refused)
    failed = sum(not each.queries for each in done)
    where = f" in {out}" if out else ""
    _terminal.aside(f"{len(done) - failed:,} of {len(done):,} signatures converted to {backend}{where}")
    ctx.exit(int(bool(failed)))


def _made(folder: Path) -> Path:
    """The folder, made where it is not there. Raises OutputError if it cannot be."""
    from abm_trace.cli import _terminal

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{folder}: cannot be made: {error.strerror}"
        raise _terminal.OutputError(message, hint="Name a folder that can be made: --out DIR") from error
    return folder


def _load(folders: tuple[Path, ...]) -> "tuple[list[Signature], list[Skipped]]":
    from abm_trace import signatures

    return signatures.load(folders)


def _conclude(
    ctx: click.Context,
    found: "list[Signature]",
    refused: "list[Skipped]",
    complaints: "Callable[[Signature], Iterable[str]]",
    well: str,
) -> None:
    """Print a line a complaint, then the sum."""
    from abm_trace.exports import plain

    lines = [f"{each.path}: {complaint}" for each in found for complaint in complaints(each)]
    lines += [f"{each.path}:{each.line}: {each.reason}" for each in refused]
    for line in lines:
        print(plain(line))
    print(f"{len(found):,} signatures, " + (f"{len(lines):,} complaints" if lines else well))
    ctx.exit(int(bool(lines)))


def failing(signature: "Signature") -> Iterator[str]:
    """The examples of a signature that do not hold, each as a sentence."""
    from abm_trace import signatures
    from abm_trace.core.nouns import Record

    for example in signature.examples:
        record = Record(0, example.message, process=example.process or _PROCESS)
        seen = signatures.match(record, [signature], 0, len(example.message))
        if bool(seen) != example.matches:
            yield f"must {'' if example.matches else 'not '}match: {example.message}"
        elif seen and example.value is not None and (value := seen[0][2]) != example.value:
            yield f"its value is {value!r}, not {example.value!r}: {example.message}"


def lacking(signature: "Signature") -> Iterator[str]:
    """What a signature lacks, each as a sentence."""
    if not signature.description:
        yield "has no description"
    if not signature.references:
        yield "has no references: who documents the message?"
    for matches, key in ((True, "match"), (False, "no_match")):
        if not any(example.matches is matches for example in signature.examples):
            yield f"has no example under `{key}`"
    name = _name(signature.path)
    if name != signature.path.stem:
        yield f"its `name` is {name!r}, its file is called {signature.path.stem!r}"
    if signature.fact not in _known_facts():
        yield f"makes the unknown fact {signature.fact!r}; one of {', '.join(sorted(_known_facts()))}"
    if signature.level in {"high", "critical"} and not signature.layer and signature.fact == "error":
        yield f"is of level {signature.level} and names no layer"


def _name(path: Path) -> str:
    """The `name` in a rule file that has been read before, so that it is known to be safe."""
    import yaml

    return str(yaml.safe_load(path.read_bytes()).get("name"))


def _known_facts() -> frozenset[str]:
    from abm_trace import signatures

    return frozenset(RUNGS) | {each.fact for each in signatures.load()[0]} | {"error", "rejected", "pending"}
