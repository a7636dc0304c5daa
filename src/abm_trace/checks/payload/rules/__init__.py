"""The rules about payloads, a file a subject: which there are, in the order in which docs/validate.md has them."""

from itertools import chain
from typing import Final

from abm_trace.checks.payload.rules import cms, dep, endpoint, guide, mdm, names, reading, schema, told

RULES: Final = tuple(
    chain.from_iterable(each.RULES for each in (guide, schema, names, mdm, dep, cms, endpoint, reading, told))
)
