"""Exports: what becomes of a traced case. Each is one file; its `render` gives the bytes."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from types import ModuleType

from abm_trace.core.registry import discover
from abm_trace.exports._interface import MARKS, VERDICTS, Export, Missing, Report, Screen, Telling, plain


@cache
def exports() -> dict[str, ModuleType]:
    """Every export: id → module, in name order."""
    from abm_trace import exports as family  # noqa: PLC0415  # This package, which is complete only now.

    return discover(family, "EXPORT")


def render(name: str, report: Report, screen: Screen) -> bytes:
    """The report in the export `name`, for a screen. Raises KeyError for a name that `exports` does not hold."""
    data: bytes = exports()[name].render(report, screen)
    return data


def parts(name: str, report: Report, screen: Screen, each: Callable[..., Iterable[bytes]] = map) -> Iterator[bytes]:
    """The same in parts, where the export has parts, which `each` may make elsewhere. Raises KeyError as `render`."""
    export = exports()[name]
    yield from export.parts(report, screen, each) if hasattr(export, "parts") else [export.render(report, screen)]


__all__ = [
    "MARKS",
    "VERDICTS",
    "Export",
    "Missing",
    "Report",
    "Screen",
    "Telling",
    "exports",
    "parts",
    "plain",
    "render",
]
