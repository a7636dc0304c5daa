"""HTTP exchanges with ABM, one JSON object each."""

from collections.abc import Iterable, Iterator

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import (
    Entry,
    Exchange,
    Strangers,
    exchange_facts,
    facts,
    hint,
    json_object,
    keys,
    serial_in,
)

FORMAT = Format(id="capture-ndjson", title="HTTP capture (NDJSON)", reference="docs/facts.md#capture-ndjson")


def score(head: Head) -> float:
    """Sure of records with a method, a URL and a status."""
    names = keys(head)
    return 0.9 + hint(head, "capture", "http") if {"method", "url", "status"} <= names else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """What each exchange with `*.abm.apple.com` proves."""
    strangers = Strangers()
    yield from facts(content, FORMAT, lambda entry: _say(entry, strangers))
    yield from strangers.skipped()


def _say(entry: Entry, strangers: Strangers) -> Iterable[Fact]:
    url = entry.text("url")
    if not url:
        entry.skip("a record is not used, it has no url")
        return ()
    if strangers.has(url):
        strangers.add(entry)
        return ()
    response = entry.fields.get("response")
    if isinstance(response, str):
        body, answer = response, json_object(response)
    else:
        body, answer = "", response if isinstance(response, dict) else None
    exchange = Exchange(
        at=entry.instant("at"),
        method=entry.text("method"),
        url=url,
        status=entry.text("status"),
        answer=answer,
        serial=entry.text("serial", "serial_number") or serial_in(url, [body]),
        token_region=entry.text("token_region"),
        device_identifier=entry.text("device_identifier", "deviceIdentifier"),
    )
    return exchange_facts(entry, exchange)
