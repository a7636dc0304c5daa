"""What the DEP service says of an MDM server (`/account`): its name, its id and its organisation.

From: developer.apple.com/documentation/devicemanagement/get-account-details.
"""

from collections.abc import Iterable, Iterator

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import Entry, glimpse, hint, paged

FORMAT = Format(
    id="dep-account",
    title="DEP account (JSON, NDJSON)",
    reference="docs/facts.md#dep-account",
)

# The people's names and addresses in it are nobody's evidence and are not kept.
_ATTRS = {
    "server": ("server_name",),
    "server_id": ("server_uuid",),
    "org": ("org_name",),
}


def score(head: Head) -> float:
    """Sure of a record with a server's name and its id or organisation."""
    for fields in glimpse(head)[:1]:
        if "server_name" in fields and not {"server_uuid", "org_id", "org_name"}.isdisjoint(fields):
            return 0.92 + hint(head, "account")
    return 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """One `account` an answer; it has no time, for the answer says none."""
    return paged(content, FORMAT, _say)


def _say(entry: Entry) -> Iterable[Fact]:
    attrs = entry.attrs(_ATTRS)
    if "server" not in attrs and "server_id" not in attrs:
        entry.skip("a record is not used, it names no server")
        return
    yield Fact("account", None, "dep", attrs.get("server", ""), attrs, entry.origin)
