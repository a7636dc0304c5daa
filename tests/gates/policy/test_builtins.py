"""The conformance set: what Rego's syntax and built-in functions mean, as OPA's documentation says it."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.gates.policy import opa

from abm_trace.gates.policy.builtins import ALLOWED
from abm_trace.gates.policy.engines import ClosedError, Engine, engine
from abm_trace.gates.policy.modules import Module

CASES: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parents[2] / "data/gates/policy/conformance.toml").read_text(encoding="utf-8")
)["case"]


def values(*, v0: bool) -> dict[str, object]:
    """Name → what the engine says, of the cases in one syntax; each is a package of its own."""
    cases = {f"c{number}": each for number, each in enumerate(CASES) if each.get("v0", False) is v0}
    modules = [Module(f"{each['name']}.rego", f"package {name}\n{each['rego']}\n") for name, each in cases.items()]
    asked = engine("auto", modules, {}, v0=v0)
    try:
        return {each["name"]: value_of(asked, name) for name, each in cases.items()}
    finally:
        asked.close()


def value_of(asked: Engine, package: str) -> object:
    """What the engine says of a case."""
    try:
        found = asked.ask(f"[v | v := data.{package}.r]", {})
    except ClosedError as error:
        return f"closed: {error}"
    return found[0] if isinstance(found, list) and found else "undefined"


def test_the_engine_means_what_opa_documents(record_property: Callable[[str, object], None]) -> None:
    """If this failed, a policy would decide otherwise than its author, who read OPA's documentation, meant."""
    found = values(v0=False) | values(v0=True)
    wrong = {
        each["name"]: (json.loads(each["want"]), found[each["name"]], each["page"])
        for each in CASES
        if found[each["name"]] != json.loads(each["want"])
    }
    good = len(CASES) - len(wrong)
    record_property("figure", f"Rego conformance: {good} of {len(CASES)} cases")
    assert len(CASES) >= 80
    assert wrong == {}


@opa.needed
def test_opa_itself_means_it(record_property: Callable[[str, object], None]) -> None:
    """If this failed, a value of the set would be one that was misread in the documentation."""
    cases = [each for each in CASES if not each.get("v0")]  # The library speaks the syntax since 1.0 alone.
    modules = [(f"{each['name']}.rego", f"package c{number}\n{each['rego']}\n") for number, each in enumerate(cases)]
    asked = opa.OpaEngine(modules, {})
    try:
        found = asked.ask(
            f"[[v | v := data[sprintf('c%d', [i])].r] | some i in numbers.range(0, {len(cases) - 1})]".replace(
                "'", '"'
            ),
            {},
        )
    finally:
        asked.close()
    assert isinstance(found, list)
    wrong = {
        each["name"]: (said, each["page"])
        for each, said in zip(cases, found, strict=True)
        if (said or ["undefined"]) != [json.loads(each["want"])]
    }
    record_property("figure", f"Rego conformance of OPA itself: {len(cases) - len(wrong)} of {len(cases)} cases")
    assert wrong == {}


def test_each_function_that_is_allowed_has_a_case() -> None:
    """If this failed, a policy might use a function of which nobody knows whether the engine has it right."""
    names = {each["name"] for each in CASES}
    parts = {name.split("-")[0] for name in names}
    assert sorted(ALLOWED - parts) == []
    assert len(names) == len(CASES)
