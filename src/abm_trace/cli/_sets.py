"""The closed sets that words of the command line come from, as a shell completes them; read when Tab is pressed."""

from collections.abc import Callable, Iterable
from typing import Final

import click
from click.shell_completion import CompletionItem

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _of(names: Callable[[], Iterable[str]], *, between: str = "", files: bool = False) -> Complete:
    """Completes names, also behind others of a list; with `files`, also the paths that the shell knows."""

    def complete(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        before = incomplete[: incomplete.rfind(between) + 1] if between else ""
        found = [before + name for name in names() if (before + name).startswith(incomplete)]
        return [*map(CompletionItem, found), *([CompletionItem(incomplete, type="file")] if files else [])]

    return complete


def _formats() -> Iterable[str]:
    from abm_trace.formats import formats

    return sorted(formats())


def _limits() -> Iterable[str]:
    from abm_trace.verdict.settings import thresholds

    return (f"{name}=" for name in thresholds().items)


def _verdicts() -> Iterable[str]:
    from abm_trace.core.nouns import VERDICTS

    return (*VERDICTS, "none")


def _remedies() -> Iterable[str]:
    from abm_trace.remedies import remedies

    return remedies()


def _runbooks() -> Iterable[str]:
    from abm_trace.remedies.runbook import runbooks
    from abm_trace.verdict.settings import actions

    return runbooks(actions())


def _policies() -> Iterable[str]:
    from abm_trace.gates.policy.modules import SHIPPED, shipped

    return (SHIPPED, *(each.path.removesuffix(".rego") for each in shipped()))


def _backends() -> Iterable[str]:
    from abm_trace.signatures.convert import EXTRAS, SIGMA

    return (*EXTRAS, SIGMA)


FORMATS: Final = _of(_formats)
LIMITS: Final = _of(_limits)
VERDICTS: Final = _of(_verdicts, between=",")
REMEDIES: Final = _of(_remedies)
RUNBOOKS: Final = _of(_runbooks)
POLICIES: Final = _of(_policies, files=True)
BACKENDS: Final = _of(_backends)
