"""Signatures for other systems: plain Sigma rules, and what an installed pySigma backend makes of them.

Our own keys are taken out. What is said of every signature, that only lines of enrolment processes and subsystems
count, is put in as a part of the condition, so that a converted rule finds the lines that ours finds.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import yaml
from sigma.collection import SigmaCollection
from sigma.conversion.base import Backend
from sigma.exceptions import SigmaError
from sigma.plugins import InstalledSigmaPlugins

from abm_trace.core.errors import UsageError
from abm_trace.signatures import PROCESSES
from abm_trace.signatures._interface import Signature
from abm_trace.signatures.rule import OWN_KEYS

EXTRAS: Final = {"sqlite": "convert", "splunk": "convert-splunk"}
"""The backends that an extra of ours brings."""

SUFFIXES: Final = {"sqlite": "sql", "splunk": "spl", "sigma": "yml"}
"""Backend → how the name of a file ends that holds a query of it; `txt` for others."""

SIGMA: Final = "sigma"
"""No backend: the plain Sigma rules, for `sigma convert` elsewhere."""

_SUBSYSTEMS: Final = ("ManagedClient", "CloudConfigurationDaemon", "MCX")
_WITHIN: Final = ["com.apple.DeviceManagement", *(f"com.apple.{name}." for name in _SUBSYSTEMS)]
_SCOPE: Final[dict[str, list[str]]] = {
    "process|cased": [*sorted(PROCESSES), *(f"com.apple.{name}" for name in _SUBSYSTEMS)],
    "process|cased|endswith": [f"/{name}" for name in sorted(PROCESSES)],
    "process|cased|startswith": _WITHIN,
    "subsystem|cased": [f"com.apple.{name}" for name in _SUBSYSTEMS],
    "subsystem|cased|startswith": _WITHIN,
}
"""`signatures.in_scope` as Sigma has it; any of these must hold. The guide's layout has the subsystem as process."""

_REFUSALS: Final = (SigmaError, NotImplementedError, TypeError, ValueError, LookupError, AttributeError)
"""What backends raise where they cannot express something; not all of them have errors of their own."""


@dataclass(frozen=True, slots=True)
class Converted:
    """A signature in another system's language. `queries` is empty where the backend cannot express it, and `problem`
    says why; a `problem` beside queries says in what they differ from the signature.
    """

    signature: Signature
    queries: tuple[str, ...]
    problem: str = ""


def backend(name: str) -> Backend:
    """The installed pySigma backend of this name. Raises UsageError, with what to install, if there is none."""
    found: dict[str, Any] = dict(
        InstalledSigmaPlugins.autodiscover(include_pipelines=False, include_validators=False).backends
    )
    if name not in found:
        message = f"--to {name}: no pySigma backend of that name is installed"
        raise UsageError(message, hint=_hint(name, found))
    made: Backend = found[name]()
    return made


def _hint(name: str, found: dict[str, Any]) -> str:
    extra = EXTRAS.get(name)
    install = f"pip install 'abm-trace[{extra}]'" if extra else f"pip install pysigma-backend-{name}"
    own = sorted(key for key, each in found.items() if not each.__module__.startswith("sigma.backends.test"))
    names = ", ".join([*own, SIGMA])
    return f"Install it: {install}\n  Installed: {names}. The last one gives plain Sigma rules."


def convert(signatures: Iterable[Signature], name: str) -> Iterator[Converted]:
    """The signatures, converted by the backend `name`, or as plain Sigma rules. Raises UsageError as `backend` does."""
    if name == SIGMA:
        yield from (Converted(each, (yaml.safe_dump(plain(each), sort_keys=False),)) for each in signatures)
        return
    made = backend(name)
    for each in signatures:
        yield _converted(each, made)


def _converted(signature: Signature, made: Backend) -> Converted:
    rule = plain(signature)
    try:
        return Converted(signature, _queries(rule, made))
    except _REFUSALS as error:
        problem = _first_line(error)
    try:
        queries = _queries(_without_case(rule), made)
    except _REFUSALS:
        return Converted(signature, (), problem)
    return Converted(signature, queries, f"in any case of letters, not in its own alone: {problem}")


def _queries(rule: dict[str, Any], made: Backend) -> tuple[str, ...]:
    output = made.convert(SigmaCollection.from_dicts([rule]))
    return tuple(str(query) for query in (output if isinstance(output, list) else [output]))


def _first_line(error: Exception) -> str:
    text = (str(error).strip() or type(error).__name__).splitlines()[0]
    return text.partition(" (while converting")[0].rstrip(".")


def plain(signature: Signature) -> dict[str, Any]:
    """The signature as a Sigma rule without our own keys, with its scope in its condition."""
    document = yaml.safe_load(signature.path.read_bytes())
    rule = {key: value for key, value in document.items() if key not in OWN_KEYS}
    if signature.everywhere:
        return rule
    # A name with `_` at its beginning is none of Sigma's `them`. From: the Sigma specification, "condition".
    detection = rule["detection"]
    name = "_scope"
    while name in detection:
        name += "_"
    condition = detection["condition"]
    (condition,) = condition if isinstance(condition, list) else [condition]
    scope = [{key: list(values)} for key, values in _SCOPE.items()]
    rule["detection"] = {**detection, name: scope, "condition": f"({condition}) and {name}"}
    return rule


def _without_case(node: Any) -> Any:  # noqa: ANN401  # Any part of a YAML document.
    """The rule without the modifier `cased`."""
    if isinstance(node, dict):
        return {key.replace("|cased", ""): _without_case(value) for key, value in node.items()}
    return [_without_case(each) for each in node] if isinstance(node, list) else node
