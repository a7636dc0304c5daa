"""The one place where any error is caught: an item that fails is named, and the rest goes on."""

from collections.abc import Callable
from typing import TypeVar

from abm_trace.core.nouns import Skipped

Item = TypeVar("Item")


def isolated(path: str, call: Callable[[], Item]) -> Item | Skipped:
    """What the call gives, or the item named as skipped with the error that it raised."""
    try:
        return call()
    except (Exception, RecursionError) as error:  # One broken item never stops the others (SPEC T1).
        reason = f"not used, abm-trace failed on it ({type(error).__name__}: {str(error)[:120]}); please report it"
        return Skipped(path, reason)
