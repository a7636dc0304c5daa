"""An answer of Apple's API that holds an error instead of rows: recognised, so that nobody takes it for an empty list.

From: developer.apple.com/documentation/applebusinessapi/errorresponse.
"""

from collections.abc import Iterable, Iterator

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import Entry, glimpse, hint, paged

FORMAT = Format(
    id="abm-error",
    title="Apple Business and School API: an answer with an error (JSON)",
    reference="https://developer.apple.com/documentation/applebusinessapi/errorresponse",
)


def score(head: Head) -> float:
    """Sure where the first record holds errors with a code."""
    for fields in glimpse(head)[:1]:
        errors = fields.get("errors")
        if isinstance(errors, list) and "data" not in fields:
            coded = any(isinstance(each, dict) and not {"code", "status"}.isdisjoint(each) for each in errors)
            return 0.9 + hint(head, "error") if coded else 0.0
    return 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """No fact; each error is named with its status, code and title."""
    return paged(content, FORMAT, _say)


def _say(entry: Entry) -> Iterable[Fact]:
    entry.skip("a record is no answer with an error and is not used")
    return ()
