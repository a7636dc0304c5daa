"""ABM tokens: their region, and when they expire."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from abm_trace.core import instants
from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import Entry, facts, hint, keys

FORMAT = Format(id="token", title="ABM token (JSON, NDJSON)", reference="docs/facts.md#token")

_TIMES = {"expires_at": "tokenExpiry", "last_used_at": "lastUsedAt", "created_at": "createdAt"}
_rendered = lru_cache(maxsize=1024)(instants.render)  # Most tokens of a list end, or were made, at the same times.


def score(head: Head) -> float:
    """Sure of records with `tokenExpiry`."""
    names = keys(head)
    if "tokenExpiry" in names:
        return 0.9 + hint(head, "token")
    return 0.6 + hint(head, "token") if {"id", "region", "lastUsedAt"} <= names else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """One `token` a record; its times are RFC 3339 in UTC."""
    return facts(content, FORMAT, _say)


def _say(entry: Entry) -> Iterable[Fact]:
    token = entry.text("id")
    if not token:
        entry.skip("a record is not used, it has no token id")
        return
    attrs = {"token_id": token} | entry.attrs({"region": ("region",)})
    for name, field in _TIMES.items():
        at = entry.instant(field)
        if at is not None:
            attrs[name] = _rendered(at)
    if entry.fields.get("tokenExpiry", "") is None:
        entry.skip("a token does not say until when it is valid, its tokenExpiry is empty")
    yield Fact("token", None, "token", token, attrs, entry.origin)
