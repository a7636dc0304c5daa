"""What nanodep's depsyncer calls its webhook with: each answer of a fetch or a sync, with the server that it is of.

From: nanodep cmd/depsyncer/webhook.go.
"""

from collections.abc import Iterable, Iterator

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import (
    MORE,
    Entry,
    dep_facts,
    dep_record,
    dep_time,
    follows,
    glimpse,
    hint,
    named,
    paged,
)

FORMAT = Format(
    id="depsyncer-webhook",
    title="nanodep depsyncer webhook (JSON, NDJSON)",
    reference="docs/facts.md#depsyncer-webhook",
    covers=("dep",),
)

_PHASES = {"dep.SyncDevices": "sync", "dep.FetchDevices": "fetch"}


def score(head: Head) -> float:
    """Sure of a record with one of the two topics."""
    topics = {str(fields.get("topic")) for fields in glimpse(head)}
    return 0.95 + min(hint(head, "webhook", "dep"), 0.05) if not topics.isdisjoint(_PHASES) else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """`sync_ok` and `coverage` for each call, and what each of its records proves, for the server that it names."""
    more: dict[str, Entry] = {}
    ended: set[str] = set()

    def say(entry: Entry) -> Iterable[Fact]:
        phase = _PHASES.get(entry.text("topic"), "")
        if not phase:
            entry.skip("a record is no answer of a fetch or a sync and is not used", entry.text("topic"))
            return
        event = entry.inside("device_response_event")
        answer = event.inside("device_response")
        server = event.text("dep_name")
        attrs = {"server": server} if server else {}
        at = dep_time(entry, "created_at")
        reached_at = dep_time(answer, "fetched_until")
        yield Fact("sync_ok", at, "dep", "", attrs, entry.origin)
        for fields in answer.items("devices"):
            if not isinstance(fields, dict):
                entry.skip("a list holds something that is no object")
                continue
            record = answer._replace(fields=fields)
            said = dep_record(record, phase=phase, server=server, seen_at=at if reached_at is None else reached_at)
            if named(said.attrs, record):
                yield from dep_facts(record, said)
        if follows(answer):
            more[server] = entry
            return
        ended.add(server)
        if reached_at is not None:
            yield Fact("coverage", reached_at, "dep", "dep", attrs, entry.origin)

    yield from paged(content, FORMAT, say)
    for server, entry in more.items():
        if server not in ended:
            yield Skipped(content.path, MORE, entry.origin.line, entry.origin.offset)
            attrs = {"server": server} if server else {}
            yield Fact("coverage", None, "dep", "dep", attrs, entry.origin)
