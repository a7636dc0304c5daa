"""The runbook (SPEC M3): abort, diagnose, rebuild, try one; for a verdict, a layer or a cause of L0."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from abm_trace.remedies.settings import RemedyError

Actions = Mapping[str, Mapping[str, str]]
"""The catalogue of next actions, as verdict/actions.toml has it: `layer`, `cause`, `verdict` → name → sentence."""

_CALM: Final = frozenset({"confirmed", "not_started", "in_progress", "unknown"})
"""The verdicts that are no failure, so that nothing is stopped for them."""

_ANY: Final = {"serial": "SERIAL", "site": "SITE", "host": "HOST", "endpoint": "ENDPOINT", "missing": "what is missing"}


@dataclass(frozen=True, slots=True)
class Runbook:
    """The steps for one name, each a sentence or a command with what it is for."""

    kind: str
    name: str
    abort: tuple[str, ...]
    diagnose: tuple[str, ...]
    rebuild: tuple[str, ...]
    after: tuple[str, ...]

    def parts(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """(title, steps) of each part that has steps."""
        titles = ("Abort", "Diagnose", "Rebuild", "Try one, then go on")
        parts = zip(titles, (self.abort, self.diagnose, self.rebuild, self.after), strict=True)
        return ((title, steps) for title, steps in parts if steps)


def runbooks(actions: Actions) -> dict[str, Runbook]:
    """Name → runbook: the verdicts, then the layers, then the causes of L0.

    A cause may be called as a verdict is (`rejected`): the verdict's runbook then stands for both.
    """
    found: dict[str, Runbook] = {}
    for kind in ("verdict", "layer"):
        for name, diagnose in _steps()[kind].items():
            calm = "none" if name in _CALM else "failed"
            rebuild = tuple(
                _filled(text) for key, text in actions[kind].items() if key == name or key.startswith(f"{name}_")
            )
            abort, after = tuple(_steps()["abort"][calm]), tuple(_steps()["after"][calm])
            found[name] = Runbook(kind, name, abort, tuple(diagnose), rebuild, after)
    for name, text in actions["cause"].items():
        diagnose = (f"`abm-trace explain {name}`", "`abm-trace explain SERIAL --case CASE`")
        steps = _steps()
        abort, after = tuple(steps["abort"]["failed"]), tuple(steps["after"]["failed"])
        found.setdefault(name, Runbook("cause", name, abort, diagnose, (_filled(text),), after))
    return found


def runbook(name: str, actions: Actions) -> Runbook:
    """The runbook of a name, whose case is free. Raises RemedyError."""
    known = {each.casefold(): found for each, found in runbooks(actions).items()}
    try:
        return known[name.casefold()]
    except KeyError:
        raise RemedyError(
            f"there is no runbook {name[:100]!r}",
            hint="abm-trace remedy runbook lists them; for example L3 or vanished.",
        ) from None


def markdown(book: Runbook) -> str:
    """The runbook as Markdown, numbered through."""
    lines, number = [f"# {book.name}", ""], 0
    for title, steps in book.parts():
        lines += [f"## {title}", ""]
        for step in steps:
            number += 1
            lines.append(f"{number}. {step}")
        lines.append("")
    return "\n".join(lines)


def _filled(text: str) -> str:
    said = text.format(**_ANY)
    return said[:1].upper() + said[1:]


@cache
def _steps() -> Mapping[str, Any]:
    return tomllib.loads((files("abm_trace.remedies") / "runbook.toml").read_text(encoding="utf-8"))
