"""The v2 lifecycle of a device: the state of its registration, with the reason where ABM rejected it."""

from collections.abc import Iterator

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import Entry, facts, hint, keys, named, origin_of

FORMAT = Format(
    id="lifecycle", title="ABM v2 device lifecycle (JSON, NDJSON)", reference="docs/facts.md#lifecycle", covers=("abm",)
)

_ATTRS = {
    "serial": ("serial_number", "serial"),
    "udid": ("udid",),
    "device_id": ("device_id",),
    "region": ("region",),
    "token_id": ("token_id",),
}
_STATES = frozenset({"registered", "pending", "rejected"})


def score(head: Head) -> float:
    """Sure of records with a `registrationStatus`."""
    return 0.95 + hint(head, "lifecycle") if "registrationStatus" in keys(head) else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """One fact a device: `registered`, `pending`, `rejected` (value: the reason), else `known` with its state.

    Each is the answer about one device: nothing follows from what is not there.
    """
    yield from facts(content, FORMAT, _say)
    whole = origin_of(content, FORMAT.id, b"", 0, line=content.line, record=None)
    yield Fact("coverage", None, "abm", "abm", {}, whole)


def _say(entry: Entry) -> Iterator[Fact]:
    attrs = entry.attrs(_ATTRS)
    status = entry.inside("registrationStatus")
    state = status.text("state").lower()
    if not named(attrs, entry):
        return
    at = status.instant("timestamp")
    if state not in _STATES:
        entry.skip("a state is none of those that are known", state)
        yield Fact("known", at, "abm", state, attrs, entry.origin)
    else:
        yield Fact(state, at, "abm", status.text("reason") if state == "rejected" else "", attrs, entry.origin)
