"""What every check prints: a sentence, each subject with what was seen and found, what to do; or one JSON document."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from abm_trace.core import instants
from abm_trace.core.errors import UsageError
from abm_trace.core.nouns import Finding
from abm_trace.gates.looks import Report, State, Subject

if TYPE_CHECKING:
    from abm_trace.exports import Screen
    from abm_trace.net.http import Way

SIMULATED: Final = "SIMULATED: the lab made this case, no real device is in it"

CODES: Final[Mapping[str, int]] = {"good": 0, "bad": 1, "open": 3}
_VERDICTS: Final = {"good": "confirmed", "bad": "vanished", "open": "unknown"}
_STYLES: Final = {"error": "bad", "warning": "failed", "note": "faint"}


class CheckFinding(msgspec.Struct, frozen=True):
    """Something that a check found, and where it stands."""

    id: str
    layer: str | None
    severity: str
    text: str
    do: str
    evidence: list[str]


class CheckSubject(msgspec.Struct, frozen=True):
    """One thing that was looked at; `seen` is what showed, `problem` why nothing did."""

    name: str
    state: State
    seen: str
    problem: str
    findings: list[CheckFinding]


class CheckDocument(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/check/1"):
    """What one check found."""

    check: str
    at: str
    state: State
    took_s: float
    simulated: bool
    subjects: list[CheckSubject]


def document(report: Report) -> CheckDocument:
    """The report for programs."""
    rows = [subject_of(each, report.do) for each in report.subjects]
    at, took_s = instants.render(report.at), round(report.took_s, 3)
    return CheckDocument(report.check, at, report.state, took_s, report.simulated, rows)


def subject_of(subject: Subject, do: Mapping[str, str]) -> CheckSubject:
    """A subject for programs."""
    found = [
        CheckFinding(each.id, each.layer or None, each.severity, each.text, do.get(each.id, ""), places(each))
        for each in subject.findings
    ]
    return CheckSubject(subject.name, subject.state, subject.seen, subject.problem, found)


def places(finding: Finding) -> list[str]:
    """`path:line` of each thing that a finding cites."""
    return [f"{each.path}:{each.line}" if each.line else each.path for each in finding.evidence]


def options(function: Callable[..., None]) -> Callable[..., None]:
    """Give a check its `--format`."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="What to print.",
    )(function)


def reaching(function: Callable[..., None]) -> Callable[..., None]:
    """Give a check that connects the options of how it does."""
    loopback = click.option(
        "--allow-loopback", is_flag=True, help="Connect to this very computer, too: for a lab that runs on it."
    )
    proxy = click.option("--proxy", metavar="HOST:PORT", help="Go through this HTTP proxy (CONNECT).")
    trust = click.option(
        "--trust", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="FILE",
        help="Certificates (PEM) that a chain must lead to, else this computer's own.",
    )  # fmt: skip
    return trust(proxy(loopback(function)))


def way(*, at: str | None, proxy: str | None, trust: Path | None, client: Path | None, timeout: str = "10") -> "Way":
    """How to reach a server, as these options say. Raises UsageError."""
    from abm_trace.cli import _sheet
    from abm_trace.net.http import Way
    from abm_trace.net.reach import place

    if client:
        _can_be_shown(client)
    return Way(
        str(trust) if trust else None,
        str(client) if client else None,
        place(proxy, 3128) if proxy else None,
        place(at, 443) if at else None,
        _sheet.number("--timeout", timeout, 0.1, 600, "10"),
    )


def _can_be_shown(client: Path) -> None:
    """Raises UsageError for a client certificate that no endpoint can be shown, before any is asked."""
    from abm_trace.checks import client_certificate
    from abm_trace.checks.locked import LockedError, is_pkcs12

    hint = "Give PEM: the certificate and its key. Of a .p12: openssl pkcs12 -in FILE -nodes -out client.pem"
    with client.open("rb") as file:
        data = file.read(1 << 20)
    try:
        held = None if is_pkcs12(data) else client_certificate.read(data)
    except LockedError as error:
        raise UsageError(f"--client-certificate {client}: its key is locked by a password", hint=hint) from error
    except ValueError:
        held = None
    if held is None or not held.own_key:
        raise UsageError(f"--client-certificate {client}: is no certificate with its key in PEM", hint=hint)


def path(**asked: Any) -> click.Path:  # noqa: ANN401  # As click has them.
    """A path as an option takes it."""
    return click.Path(path_type=Path, **asked)


def append(option: str, path: Path, data: bytes) -> None:
    """Add lines to a file of records. Raises UsageError."""
    try:
        with path.open("ab") as file:
            file.write(data)
    except OSError as error:
        hint = "Name a file in a folder that exists."
        raise UsageError(f"{option} {path}: cannot be written: {error.strerror}", hint=hint) from error


def say(ctx: click.Context, report: Report, form: str) -> None:
    """Print the report, and end with its code."""
    from abm_trace.cli import _terminal
    from abm_trace.exports._interface import encode

    screen = _terminal.screen()
    _terminal.write(encode(document(report)) if form == "json" else screen.finish(page(report, screen)))
    ctx.exit(CODES[report.state])


def page(report: Report, screen: "Screen") -> Iterator[str]:
    """The lines for people."""
    from abm_trace.exports import MARKS

    if report.simulated:
        yield screen.paint(SIMULATED, "bold")
    number = {state: sum(each.state == state for each in report.subjects) for state in CODES}
    verdict = _VERDICTS[report.state]
    parts = [f"{number['bad']:,} of {len(report.subjects):,} wrong"]
    parts += [f"{number['open']:,} could not be told"] if number["open"] else []
    parts.append(f"it took {report.took_s:.1f} s")
    yield from screen.sentence(f"{MARKS[verdict]} {report.check}: {'; '.join(parts)}", style=verdict)
    shown = report.subjects if screen.rows is None else report.subjects[: screen.rows]
    for each in shown:
        yield from subject_lines(each, screen)
    if len(shown) < len(report.subjects):
        yield f"  and {len(report.subjects) - len(shown):,} more: --format json, or into a file"
    yield from _to_do(report, screen)


def subject_lines(subject: Subject, screen: "Screen") -> Iterator[str]:
    """The lines of a subject: what was seen of it, and what is wrong."""
    from abm_trace.exports import MARKS

    warned = any(each.severity == "warning" for each in subject.findings)
    verdict = "half_confirmed" if warned and subject.state == "good" else _VERDICTS[subject.state]
    head = f"{MARKS[verdict]} {subject.name}"
    yield from screen.sentence(f"{head}: {subject.seen}" if subject.seen else head, indent="  ", style=verdict)
    if subject.problem:
        yield from screen.sentence(f"? {subject.problem}", indent="    ", style="unknown")
    for each in subject.findings:
        text = f"{each.severity}: {each.text} [{each.id}{', ' + each.layer if each.layer else ''}]"
        yield from screen.sentence(text, indent="    ", style=_STYLES[each.severity])


def _to_do(report: Report, screen: "Screen") -> Iterator[str]:
    ids = dict.fromkeys(f.id for each in report.subjects for f in each.findings if f.severity != "note")
    steps = [*(report.do[each] for each in ids if each in report.do)]
    steps += dict.fromkeys(each.do for each in report.subjects if each.problem and each.do)
    for step in dict.fromkeys(steps):
        yield from screen.sentence(f"do   {step}")
