"""HTTP exchanges with ABM, one JSON object each."""

from collections.abc import Iterable, Iterator

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import (
    Entry,
    Exchange,
    Strangers,
    asked_at,
    exchange_facts,
    facts,
    hint,
    is_untold,
    keys,
    read_body,
    read_object,
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
    yield from facts(content, FORMAT, lambda entry: _say(content, entry, strangers))
    yield from strangers.skipped()


def _say(content: Content, entry: Entry, strangers: Strangers) -> Iterable[Fact]:
    url = entry.text("url")
    if not url:
        entry.skip("a record is not used, it has no url")
        return ()
    if strangers.has(url):
        strangers.add(entry)
        return ()
    status = entry.text("status")
    answer, untold, body = _answer(content, entry, status)
    exchange = Exchange(
        at=asked_at(entry, "at"),
        method=entry.text("method"),
        url=url,
        status=status,
        answer=answer,
        serial=entry.text("serial", "serial_number") or serial_in(url, [body]),
        token_region=entry.text("token_region"),
        device_identifier=entry.text("device_identifier", "deviceIdentifier"),
        untold=untold,
    )
    return exchange_facts(entry, exchange)


def _answer(content: Content, entry: Entry, status: str) -> tuple[dict[str, object] | None, bool, str]:
    """(the answer, whether what could not be read of it may have shown a device, its text where it is one)."""
    response = entry.fields.get("response")
    if isinstance(response, str):
        return *read_body(entry, response, "an answer", wanted=status.startswith("2")), response
    if not isinstance(response, dict):
        if response is not None:
            entry.skip("the body of an answer is no JSON object, it is not used")
        return None, False, ""
    untold = False
    if response.get("devices", ()) is None or response.get("device_id", ()) is None:  # Or given twice, and named.
        start = (entry.origin.offset or 0) - content.offset
        untold = is_untold(read_object(content.data, start, start + entry.origin.length)[1])
    return response, untold, ""
