"""All hostile inputs: importing a family registers what it makes."""

from tests.hostile import compressed, files, floods, logs, networks, payloads, tables
from tests.hostile.registry import HOSTILE, Hostile

__all__ = ["FAMILIES", "HOSTILE", "by_id"]

FAMILIES = (compressed, files, floods, logs, networks, payloads, tables)


def by_id(identifier: str) -> Hostile:
    """The input of that name; raises StopIteration where there is none."""
    return next(hostile for hostile in HOSTILE if hostile.id == identifier)
