"""HTTP Archives (HAR 1.2): the exchanges with ABM in a proxy's or a browser's capture."""

import binascii
from base64 import b64decode
from collections.abc import Iterable, Iterator

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import (
    Entry,
    Exchange,
    exchange_facts,
    facts,
    hint,
    json_object,
    keys,
    serial_in,
)

FORMAT = Format(
    id="capture-har", title="HTTP Archive (HAR 1.2)", reference="http://www.softwareishard.com/blog/har-12-spec/"
)

_REGION_NAMES = ("token_region", "tokenregion", "token-region")


def score(head: Head) -> float:
    """Sure of entries with a request and a response; likely where the head is cut inside the first of them."""
    names = keys(head)
    if {"request", "response", "startedDateTime"} <= names or {"log", "entries"} <= names:
        return 0.95 + hint(head, ".har")
    begins = head.data.lstrip()[:256]
    return 0.7 + hint(head, ".har") if begins[:1] == b"{" and b'"log"' in begins and b'"entries"' in head.data else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """What each exchange with `*.abm.apple.com` proves."""
    return facts(content, FORMAT, _say)


def _say(entry: Entry) -> Iterable[Fact]:
    request, response = entry.inside("request"), entry.inside("response")
    url = request.text("url")
    if not url:
        entry.skip("a record is not used, it has no request")
        return ()
    asked = request.inside("postData").fields.get("text")
    asked = asked if isinstance(asked, str) else ""
    body = _body(response.inside("content"))
    question = json_object(asked) or {}
    identifier = question.get("deviceIdentifier", question.get("device_identifier"))
    exchange = Exchange(
        at=entry.instant("startedDateTime"),
        method=request.text("method"),
        url=url,
        status=response.text("status"),
        answer=json_object(body),
        serial=serial_in(url, [asked, body]),
        token_region=_region(request),
        device_identifier=identifier if isinstance(identifier, str) else "",
    )
    return exchange_facts(entry, exchange)


def _body(content: Entry) -> str:
    """The text of an answer, decoded where it is base64; "" (named) where that fails."""
    text = content.fields.get("text")
    if not isinstance(text, str):
        return ""
    if content.text("encoding") != "base64":
        return text
    try:
        return b64decode(text, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        content.skip("the body of an answer is no base64")
        return ""


def _region(request: Entry) -> str:
    """The token's region, where a header or a query parameter of the request names it."""
    for pair in [*request.items("headers"), *request.items("queryString")]:
        if isinstance(pair, dict):
            name, value = pair.get("name"), pair.get("value")
            if isinstance(name, str) and isinstance(value, str) and name.lower().endswith(_REGION_NAMES):
                return value.strip()
    return ""
