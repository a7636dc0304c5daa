"""An answer of Apple's API, or of an MDM's, with an error instead of rows: nobody is to take it for an empty list.

Shapes: developer.apple.com/documentation/applebusinessapi/errorresponse; learn.microsoft.com/graph/errors (Intune);
developer.jamf.com (`httpStatus`); fleetdm.com/docs/rest-api (`message`); api.simplemdm.com (errors with a title alone).
"""

from collections.abc import Iterable, Iterator

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import Entry, errors_of, glimpse, hint, paged

FORMAT = Format(
    id="abm-error",
    title="Answer of Apple's API or of an MDM's with an error instead of rows (JSON)",
    reference="https://developer.apple.com/documentation/applebusinessapi/errorresponse",
)


_AROUND = frozenset({"errors", "message", "uuid"})
"""What stands around errors that have no code."""


def score(head: Head) -> float:
    """Sure where the first record holds errors with a code, or nothing but errors as a product has them."""
    for fields in glimpse(head)[:1]:
        names = [each.keys() for each in errors_of(fields) or () if isinstance(each, dict)]
        coded = any({"code", "status"} & each for each in names)
        if coded or (fields.keys() <= _AROUND and any("title" in each or {"name", "reason"} <= each for each in names)):
            return 0.9 + hint(head, "error")
    return 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """No fact; each error is named with its status, code and title."""
    return paged(content, FORMAT, _say)


def _say(entry: Entry) -> Iterable[Fact]:
    entry.skip("a record is no answer with an error and is not used")
    return ()
