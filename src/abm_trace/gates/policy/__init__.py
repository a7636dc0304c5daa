"""Policy as code (SPEC G5): Rego decides about a device, its payload, its token and its site, in a process with limits.

A document is *allowed* where no rule says anything, *denied* where one says `deny` or the policy gave no answer,
*unknown* where a fact is missing that a rule needs.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from abm_trace.checks.firmware import Need
from abm_trace.core.errors import UsageError
from abm_trace.gates.policy.documents import PolicyDocument, Settings
from abm_trace.gates.policy.engines import ClosedError, Engine, engine
from abm_trace.gates.policy.modules import KINDS, Module

__all__ = ["KINDS", "Decision", "Module", "Reason", "TestRun", "decide", "run_tests"]

ALLOWED, DENIED, UNKNOWN = "allowed", "denied", "unknown"

_REASONS_MAX: Final = 1000


@dataclass(frozen=True, slots=True)
class Reason:
    """What a rule says of a document. `kind` is `deny`, `warn`, `unknown`, or `closed` where there was no answer."""

    policy: str
    kind: str
    message: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What came out for a document."""

    name: str
    reasons: tuple[Reason, ...]

    @property
    def state(self) -> str:
        """`denied`, `unknown` or `allowed`; a warning alone changes nothing."""
        kinds = {each.kind for each in self.reasons}
        return DENIED if kinds & {"deny", "closed"} else UNKNOWN if "unknown" in kinds else ALLOWED


@dataclass(frozen=True, slots=True)
class TestRun:
    """A test of a policy: `state` is `passed`, `failed` or `closed`, and `why` says what ended it."""

    path: str
    name: str
    state: str
    why: str = ""


def decide(
    modules: Sequence[Module],
    documents: Iterable[tuple[str, PolicyDocument]],
    settings: Settings,
    *,
    firmware: Sequence[Need] = (),
    v0: bool = False,
    engine_name: str = "auto",
) -> Iterator[Decision]:
    """A decision for each document, in order; `firmware` is what some devices need first, as `data.firmware`.

    Raises UsageError where there is no engine, or nothing that decides.
    """
    packages = sorted({each.package for each in modules if each.decides})
    if not packages:
        raise UsageError(
            "no policy decides anything: none has a rule deny, warn or unknown",
            hint='A rule looks so: deny contains "no serial" if not input.device.serial',
        )
    parts = [f'"{kind}:{name}": [v | v := data.{name}.{kind}]' for name in packages for kind in KINDS]
    query = "{" + ",\n".join(parts) + "}"  # The engine takes lines of 1,024 characters at most.
    asked = engine(engine_name, modules, _data(settings, firmware), v0=v0)
    try:
        for name, document in documents:
            yield Decision(name, tuple(_reasons(asked, query, _plain(document))))
    finally:
        asked.close()


def _data(settings: Settings, firmware: Sequence[Need]) -> dict[str, object]:
    return {"settings": msgspec.to_builtins(settings), "firmware": msgspec.to_builtins(firmware)}


def _plain(document: PolicyDocument) -> dict[str, Any]:
    """The document as policies see it: what is not known is not there, so that no rule can take it for a value."""
    found: dict[str, Any] = msgspec.to_builtins(document)
    for name in ("device", "payload", "token", "site"):
        part = found.get(name) or {}
        found[name] = {key: value for key, value in part.items() if value is not None}
    return {key: value for key, value in found.items() if value is not None}


def _reasons(asked: Engine, query: str, document: dict[str, Any]) -> list[Reason]:
    try:
        answer = asked.ask(query, document)
        if not isinstance(answer, dict):
            raise ClosedError("the engine's answer is of no known shape")
        found = []
        for key, values in sorted(answer.items()):
            kind, _, policy = key.partition(":")
            found += [_reason(policy, kind, each) for value in values for each in _said(value)]
        if len(found) > _REASONS_MAX:
            raise ClosedError(f"it gives {len(found):,} reasons, more than {_REASONS_MAX:,}")
    except ClosedError as error:
        return [Reason("", "closed", str(error))]
    return sorted(found, key=lambda each: (each.kind, each.policy, each.message))


def _said(value: object) -> list[object]:
    """The messages of a rule's value: those of a set, one of a rule that just holds, none of one that does not."""
    if isinstance(value, list):
        return value
    return [] if value is False else [value]


def _reason(policy: str, kind: str, said: object) -> Reason:
    if said is True:
        return Reason(policy, kind, f"{policy}.{kind} holds")
    if isinstance(said, str):
        return Reason(policy, kind, said)
    if isinstance(said, Mapping) and isinstance(message := said.get("msg"), str):
        fix = said.get("fix", "")
        return Reason(policy, kind, message, fix if isinstance(fix, str) else "")
    raise ClosedError(f"data.{policy}.{kind} says {json.dumps(said)[:100]}, which is no message")


def run_tests(
    modules: Sequence[Module], settings: Settings, *, v0: bool = False, engine_name: str = "auto"
) -> tuple[list[TestRun], list[dict[str, Any]]]:
    """Each `test_…` rule run once, and which lines of which module they ran (nothing with the opa program).

    Raises UsageError where there is no engine, or no test.
    """
    tests = [(each, name) for each in modules for name in each.tests]
    if not tests:
        raise UsageError(
            "there is no test: no rule is called test_…", hint="test_denies if count(data.abm.mine.deny) == 1"
        )
    asked = engine(engine_name, modules, _data(settings, ()), v0=v0, coverage=True)
    try:
        runs = [_run(asked, module, name) for module, name in tests]
        try:
            covered = asked.coverage()
        except ClosedError:
            covered = []
    finally:
        asked.close()
    return runs, covered


def _run(asked: Engine, module: Module, name: str) -> TestRun:
    try:
        value = asked.ask(f"[v | v := data.{module.package}.{name}]", {})
    except ClosedError as error:
        return TestRun(module.path, name, "closed", str(error))
    if value == [True]:
        return TestRun(module.path, name, "passed")
    return TestRun(
        module.path, name, "failed", "it does not hold" if value == [] else f"it is {json.dumps(value)[:200]}"
    )
