"""`abm-trace policy eval|test`: what Rego policies say of devices, payloads, tokens and sites."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from abm_trace.cli import _evidence, _program, _sets, _sheet

if TYPE_CHECKING:
    from abm_trace.exports import Screen
    from abm_trace.gates.policy import Decision, Module
    from abm_trace.gates.policy.documents import PolicyDocument, Settings

_EPILOG = """\b
For example:
  abm-trace policy eval devices.ndjson
  abm-trace policy test
"""


class ReasonObject(msgspec.Struct, frozen=True):
    """Why: `kind` is `deny`, `warn`, `unknown`, or `closed` where the policy gave no answer."""

    policy: str
    kind: str
    message: str
    fix: str


class DecisionObject(msgspec.Struct, frozen=True):
    """What the policies say of one document."""

    document: str
    state: str
    reasons: list[ReasonObject]


class PolicyDecisions(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/policy/1"):
    """What the policies say of all documents."""

    policies: list[str]
    allowed: int
    denied: int
    unknown: int
    decisions: list[DecisionObject]


class ReasonRow(msgspec.Struct, frozen=True):
    """A row of the table: a reason, or a document without one."""

    document: str
    state: str
    policy: str
    kind: str
    message: str
    fix: str


class TestObject(msgspec.Struct, frozen=True):
    """A test: `passed`, `failed` or `closed`, and why."""

    path: str
    name: str
    state: str
    why: str


class CoverageObject(msgspec.Struct, frozen=True):
    """Which lines of a policy the tests ran."""

    path: str
    covered: int
    lines: int
    missed: list[int]


class PolicyTests(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/policytests/1"):
    """The tests of policies; `coverage` is empty where the engine tells none."""

    tests: list[TestObject]
    coverage: list[CoverageObject]


@click.group("policy", cls=_program.Group, epilog=_EPILOG)
def command() -> None:
    """Let Rego policies decide, in a process with limits: 2 s, 512 MB, no network, and no answer is a no."""


_EVAL_EPILOG = """\b
For example:
  abm-trace policy eval devices.ndjson
  abm-trace policy eval --payload enrol.mobileconfig --token token.json \\
                   manifest.csv
  abm-trace policy eval --policy region --policy my-policies device.json
  abm-trace policy eval --settings policy.toml --as-of 2026-05-17T08:00:00Z \\
                   device.json

\b
A document:
  {"device": {"serial": "F9FXQ1ABCD", "os_version": "18.10",
              "region": "us-east"},
   "payload": {"enrollmentMethod": "abm",
               "serverUrl": "https://us-east.abm.apple.com"},
   "token": {"region": "us-east", "createdAt": "2026-05-01T00:00:00Z"},
   "site": {}}

\b
Exit code:
  0  every document is allowed
  1  one is denied, or a policy gave no answer
  2  bad usage, or a document or setting of a wrong type
  3  none is denied, and of one a fact is missing
"""

_ENGINE = click.option(
    "--engine", type=click.Choice(["auto", "regorus", "opa"]), default="auto", show_default=True,
    help="The built-in engine, or the opa program on the PATH.",
)  # fmt: skip
_SETTINGS = click.option(
    "--settings",
    "settings_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The policies' settings (TOML).",
)
_V0 = click.option("--v0", is_flag=True, help="The policies are in the syntax before OPA 1.0.")


@command.command("eval", epilog=_EVAL_EPILOG)
@click.argument("documents", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--policy", "names", metavar="PATH", multiple=True, default=("shipped",), show_default=True,
    shell_complete=_sets.POLICIES,
    help="A file, a folder, or the name of a shipped policy; may be given again.",
)  # fmt: skip
@click.option(
    "--payload", type=click.Path(path_type=Path), metavar="FILE", help="The profile of documents that hold none."
)
@click.option(
    "--token", type=click.Path(path_type=Path), metavar="FILE", help="The token (JSON) of documents that hold none."
)
@click.option("--as-of", metavar="TIME", help="The moment for documents that name none; now if not given.")
@click.option(
    "--firmware", type=click.Path(path_type=Path), metavar="FILE", help="Needs of firmware of your own (TOML)."
)
@_SETTINGS
@_V0
@_ENGINE
@_evidence.options
@_sheet.options
@click.pass_context
def evaluate(
    ctx: click.Context,
    *,
    documents: tuple[Path, ...],
    names: tuple[str, ...],
    payload: Path | None,
    token: Path | None,
    as_of: str | None,
    firmware: Path | None,
    settings_path: Path | None,
    v0: bool,
    engine: str,
    form: str,
    out: Path | None,
    log: _evidence.Log | None,
) -> None:
    """Decide about every document of the files DOCUMENTS: JSON, an array, one a line, or a manifest (CSV)."""
    from abm_trace.checks.firmware import needs
    from abm_trace.exports._interface import encode_lines
    from abm_trace.gates.policy import decide, modules
    from abm_trace.gates.policy.documents import contents

    if log is not None:
        log.check()
    chosen = modules.chosen(names)
    given = _given(documents, _moment(as_of), payload, token)
    old = v0 or any(each.is_old for each in chosen)
    wanted = needs(contents(firmware), str(firmware)) if firmware else needs()
    made = list(decide(chosen, given, _settings(settings_path), firmware=wanted, v0=old, engine_name=engine))
    objects = [
        DecisionObject(each.name, each.state, [ReasonObject(r.policy, r.kind, r.message, r.fix) for r in each.reasons])
        for each in made
    ]
    states = [each.state for each in made]
    counts = {state: states.count(state) for state in ("allowed", "denied", "unknown")}
    paths = [each.path for each in chosen if each.decides]
    document = PolicyDecisions(paths, counts["allowed"], counts["denied"], counts["unknown"], objects)
    rows = [
        ReasonRow(each.document, each.state, r.policy, r.kind, r.message, r.fix)
        for each in objects
        for r in each.reasons or [ReasonObject("", "", "", "")]
    ]
    unkept = _evidence.attempt(
        log, lambda each: each.record("check", "policy", encode_lines([document]), "policy.json")
    )
    _sheet.hand_over(form, out, lambda screen: _page(made, counts, paths, screen), document, rows)
    if unkept is not None:
        raise unkept
    ctx.exit(1 if counts["denied"] else 3 if counts["unknown"] else 0)


def _moment(as_of: str | None) -> str:
    from datetime import UTC, datetime

    from abm_trace.core import instants
    from abm_trace.core.errors import UsageError

    if as_of is None:
        now = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251  # A rollout starts now; policies are told when.
        return instants.render(instants.from_datetime(now, UTC))
    try:
        return instants.render(instants.parse(as_of))
    except ValueError as error:
        raise UsageError(f"--as-of {as_of}: {error}", hint="Write it as 2026-05-17T08:47:12Z") from error


def _given(
    paths: tuple[Path, ...], moment: str, payload: Path | None, token: Path | None
) -> "list[tuple[str, PolicyDocument]]":
    """The documents of the files; what one lacks comes from the options."""
    from abm_trace.gates.policy import parts
    from abm_trace.gates.policy.documents import check_times, read

    found = [each for path in paths for each in (parts.manifest if path.suffix.casefold() == ".csv" else read)(path)]
    shared: dict[str, object] = {"as_of": moment}
    if payload:
        shared["payload"] = parts.payload(payload)
    if token:
        shared["token"] = parts.token(token)
    made = [
        (name, msgspec.structs.replace(each, **{key: value for key, value in shared.items() if not getattr(each, key)}))
        for name, each in found
    ]
    if token:
        check_times(made[0][1], str(token))
    return made


def _settings(path: Path | None) -> "Settings":
    from abm_trace.gates.policy.documents import Settings, settings

    return settings(path) if path else Settings()


_MARKS = {"denied": "vanished", "unknown": "unknown", "allowed": "confirmed"}
_KINDS = {"closed": "no answer, so no", "deny": "denied", "unknown": "not known", "warn": "beware"}


def _page(made: "list[Decision]", counts: dict[str, int], policies: list[str], screen: "Screen") -> Iterator[str]:
    from abm_trace.exports import MARKS
    from abm_trace.exports._interface import count

    worst = next((state for state in ("denied", "unknown") if counts[state]), "allowed")
    said = ", ".join(f"{counts[state]:,} {state}" for state in ("denied", "unknown", "allowed"))
    head = f"{MARKS[_MARKS[worst]]} {count(len(made), 'document')}: {said}; by {count(len(policies), 'file')} of policy"
    yield from screen.sentence(head, style=_MARKS[worst])
    told = [each for each in sorted(made, key=lambda each: list(_MARKS).index(each.state)) if each.reasons]
    for each in told[: screen.rows]:
        yield ""
        yield from screen.sentence(f"{MARKS[_MARKS[each.state]]} {each.name}: {each.state}", style=_MARKS[each.state])
        for reason in each.reasons:
            where = f"  ({reason.policy})" if reason.policy else ""
            yield from screen.sentence(f"{_KINDS[reason.kind]}: {reason.message}{where}", indent="  ")
            if reason.fix:
                yield from screen.sentence(f"do: {reason.fix}", indent="    ")
    if screen.rows is not None and len(told) > screen.rows:
        yield f"and {len(told) - screen.rows:,} more: --format csv --out decisions.csv"


_TEST_EPILOG = """\b
For example:
  abm-trace policy test
  abm-trace policy test my-policies

\b
A test is a rule called test_…, as OPA has them.

\b
Exit code:
  0  every test passes
  1  one fails, or a policy gave no answer
  2  bad usage
"""


@command.command("test", epilog=_TEST_EPILOG)
@click.argument("names", nargs=-1, metavar="[PATH]...")
@_SETTINGS
@_V0
@_ENGINE
@_sheet.options
@click.pass_context
def test(
    ctx: click.Context,
    *,
    names: tuple[str, ...],
    settings_path: Path | None,
    v0: bool,
    engine: str,
    form: str,
    out: Path | None,
) -> None:
    """Run the tests of policies, the shipped ones if no PATH is given, and say which lines they covered."""
    from abm_trace.gates.policy import modules, run_tests

    chosen = modules.chosen(names or (modules.SHIPPED,), tests=True)
    old = v0 or any(each.is_old for each in chosen)
    runs, covered = run_tests(chosen, _settings(settings_path), v0=old, engine_name=engine)
    tests = [TestObject(each.path, each.name, each.state, each.why) for each in runs]
    coverage = _coverage(chosen, covered)
    rows = tests
    document = PolicyTests(tests, coverage)
    _sheet.hand_over(form, out, lambda screen: _report(document, screen), document, rows)
    ctx.exit(int(any(each.state != "passed" for each in runs)))


def _coverage(chosen: "list[Module]", covered: list[dict[str, object]]) -> list[CoverageObject]:
    """The lines of the policies themselves: what tests run of tests says nothing."""
    found = {str(each["path"]): each for each in covered}
    return [
        CoverageObject(each.path, len(lines), len(lines) + len(missed), sorted(missed))
        for each in chosen
        if not each.is_test and each.path in found
        for lines, missed in [(set(found[each.path]["covered"]), set(found[each.path]["not_covered"]))]  # type: ignore[call-overload]  # Lists of numbers.
    ]


def _report(document: PolicyTests, screen: "Screen") -> Iterator[str]:
    from abm_trace.exports import MARKS
    from abm_trace.exports._interface import count

    bad = [each for each in document.tests if each.state != "passed"]
    mark = "vanished" if bad else "confirmed"
    passed = len(document.tests) - len(bad)
    yield from screen.sentence(f"{MARKS[mark]} {passed:,} of {count(len(document.tests), 'test')} passed", style=mark)
    shared = Counter(each.why for each in bad if each.state == "closed")  # A mistake in a policy closes all of them.
    for each in bad:
        if shared[each.why] < 2:
            text = f"{MARKS['vanished']} {each.path}: {each.name}: {each.state}: {each.why}"
            yield from screen.sentence(text, indent="  ")
    for why, number in shared.items():
        if number > 1:
            yield from screen.sentence(f"{MARKS['vanished']} {number:,} tests: closed: {why}", indent="  ")
    if not document.coverage:
        yield "  no coverage: the engine told none"
        return
    covered, lines = sum(e.covered for e in document.coverage), sum(e.lines for e in document.coverage)
    yield ""
    yield screen.paint(f"Covered: {covered:,} of {lines:,} lines ({100 * covered / max(lines, 1):.0f} %)", "bold")
    rows = [
        (
            each.path,
            f"{each.covered:,}",
            f"{each.lines:,}",
            f"not {', '.join(map(str, each.missed))}" if each.missed else "",
        )
        for each in document.coverage
    ]
    yield from screen.columns(rows, right=(1, 2))
