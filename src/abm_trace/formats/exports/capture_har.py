"""HTTP Archives (HAR 1.2): the exchanges with ABM in a proxy's or a browser's capture.

What is exchanged with other hosts may be an export itself, such as Apple's list of devices or the MDM's: each is read
by the format that it has, and cited as the exchange. A list that was asked for whole, and came whole, was read up to
the date of the answer (CASE.md); from what else an archive lacks nothing follows.
"""

import binascii
import re
import zlib
from base64 import b64decode
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import cache
from math import inf
from types import ModuleType
from typing import Final
from urllib.parse import unquote, urlsplit

import msgspec

from abm_trace.core.instants import from_datetime
from abm_trace.core.nouns import Fact, Skipped
from abm_trace.core.registry import discover
from abm_trace.core.values import TOO_MANY, too_many
from abm_trace.formats import exports
from abm_trace.formats._interface import HEAD_BYTES, Content, Format, FormatError, Head
from abm_trace.formats.exports._interface import (
    CUT,
    MORE,
    PART,
    Entry,
    Exchange,
    Strangers,
    asked_at,
    exchange_facts,
    facts,
    hint,
    is_json,
    json_object,
    keys,
    read_body,
    serial_in,
)

FORMAT = Format(
    id="capture-har",
    title="HTTP Archive (HAR 1.2)",
    reference="http://www.softwareishard.com/blog/har-12-spec/",
    covers=("audit", "abm", "dep", "mdm", "org"),
    only_said=True,
)

_REGION_NAMES = ("token_region", "tokenregion", "token-region")
_LIKELY: Final = 0.55
"""The least score with which an answer counts as an export. Origin: ours, what a DEP record with strange fields has."""

_GZIP: Final = b"\x1f\x8b\x08"
_GZIP_WBITS: Final = 31  # With the header of a gzip, from zlib.h.

_BATCH_MAX: Final = 100
"""How many answers of one batch are read. Origin: ours; Graph takes 20 requests at a time."""

_ANSWER_CHARS_MAX: Final = 4 * 1024 * 1024
"""How long an answer of ABM may be. Origin: ours; a page of a thousand devices has some 300,000 characters."""

_UNPACKED_BYTES_MAX: Final = 16 * 1024 * 1024
"""How much the compressed answers of ABM, and those of all others, in one archive may hold. Origin: ours; browsers
unpack theirs."""

_DEFLATED_MAX: Final = 1032
"""As many bytes at most are packed in one. From: zlib.net/zlib_tech.html."""

_ERROR_BYTES_MAX: Final = 256
"""Apple's DEP service answers with the error's word alone. Origin: ours, such an answer has some 30 bytes."""

_NO_CHOICE: Final = re.compile(
    r"(?:limit|page-?_?size|per_?page|sort|order(?:_?by)?|section|include(?:_\w+)?|expand|\$(?:select|top|count|expand|orderby)"
    r"|fields(?:\[\w+\])?)=.*|(?:page|offset|\$skip)=[01]?",
    re.IGNORECASE,
)
"""What of a query leaves no device out: how much, in which order, and the first page. Origin: the interfaces of the
products that are read; any other parameter may choose some of them."""

_LIMIT: Final = re.compile(r"(?:^|&)(?:limit|page-?_?size|per_?page|\$top)=([0-9]{1,6})(?:&|$)", re.IGNORECASE)

_FETCH: Final = "/server/devices"
"""Apple's DEP service is asked for the whole list by a POST that names no cursor."""

_LISTS: Final = frozenset({"/v1/audit/events", "/v1/devices"})
"""Where ABM lists all of its events, and all of its devices; elsewhere it shows one. From: the guide."""

_LACKING: Final = (MORE, PART, CUT)
"""How what was not used of a list begins where it is not whole."""

_SAID_NOW: Final = frozenset({"sync_ok", "sync_failed", "throttled", "assign_failed"})
"""The facts that a server states of the moment of its answer."""


def score(head: Head) -> float:
    """Sure of entries with a request and a response; likely where the head is cut inside the first of them."""
    names = keys(head)
    if {"request", "response", "startedDateTime"} <= names or {"log", "entries"} <= names:
        return 0.95 + hint(head, ".har")
    begins = head.data.lstrip()[:256]
    return 0.7 + hint(head, ".har") if begins[:1] == b"{" and b'"log"' in begins and b'"entries"' in head.data else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """What each exchange with `*.abm.apple.com` proves, and what the exports say that other hosts were asked for."""
    strangers = Strangers()
    left = {True: _UNPACKED_BYTES_MAX, False: _UNPACKED_BYTES_MAX}

    def say(entry: Entry) -> Iterable[Fact]:
        request, response = entry.inside("request"), entry.inside("response")
        url = request.text("url")
        if not url:
            entry.skip("a record is not used, it has no request")
            return
        asked = request.inside("postData").fields.get("text")
        asked = asked if isinstance(asked, str) else ""
        content = response.inside("content")
        strange = strangers.has(url)
        body, unpacked = _body(content, left[strange])
        left[strange] -= unpacked
        if strange:
            parts = [(url, asked), *_batch(entry, url, asked, body)]
        else:
            parts = [(url, body)] if _shows(request, response, body) else []
        modules = [(mod, data) for where, text in parts if (data := _data(text)) and (mod := _export(where, data))]
        if not strange and not modules:
            yield from exchange_facts(entry, _exchange(entry, url, asked, body))
            return
        if isinstance(content.fields, dict):  # As text it is needed no longer, and may be most of a large archive.
            content.fields.pop("text", None)
        del body, parts
        for module, data in modules:
            one = not strange and _path(url).rstrip("/") not in _LISTS
            yield from _inner(entry, module, data, 0 if one else _rows_max(request, url, asked))
        if not modules:
            strangers.add(entry)

    yield from facts(content, FORMAT, say)
    yield from strangers.skipped()


def _shows(request: Entry, response: Entry, body: str) -> bool:
    """Whether ABM was asked to show something, and did: that is no request to enrol, and no error."""
    got = request.text("method").upper() == "GET" and response.text("status") == "200"
    return got and len(body) <= _ANSWER_CHARS_MAX


def _exchange(entry: Entry, url: str, asked: str, body: str) -> Exchange:
    """The exchange with ABM that an entry is."""
    request = entry.inside("request")
    question, _ = read_body(entry, asked, "a request", wanted=False)
    if len(body) > _ANSWER_CHARS_MAX:
        entry.skip("the body of an answer of ABM is too long and was not read", f"{len(body):,} characters")
        body = ""
    question = question or {}
    identifier = question.get("deviceIdentifier", question.get("device_identifier"))
    if identifier is not None and not isinstance(identifier, str):
        entry.skip("a field of a request is no text and is not used", "deviceIdentifier")
    status = entry.inside("response").text("status")
    answer, untold = read_body(entry, body, "an answer", wanted=status.startswith("2"))
    return Exchange(
        at=asked_at(entry, "startedDateTime"),
        method=request.text("method"),
        url=url,
        status=status,
        answer=answer,
        serial=serial_in(url, [asked, body]),
        token_region=_region(request),
        device_identifier=identifier if isinstance(identifier, str) else "",
        untold=untold,
    )


@cache
def _exports() -> tuple[ModuleType, ...]:
    """The formats that what was exchanged may have: all exports but captures."""
    found = discover(exports, "FORMAT")
    return tuple(module for item_id, module in found.items() if not item_id.startswith("capture-"))


def _data(text: str) -> bytes:
    """The bytes of what was exchanged; b"" for what is neither JSON, nor a table, nor short enough for an error."""
    data = text.encode("utf-8", "replace")
    table = b"," in data[:HEAD_BYTES].partition(b"\n")[0]
    return data if table or len(data) <= _ERROR_BYTES_MAX or is_json(data) else b""


def _batch(entry: Entry, url: str, asked: str, body: str) -> list[tuple[str, str]]:
    """(URL, text) of each answer in an answer: of Microsoft Graph's `$batch` those inside, else of it alone.

    From: learn.microsoft.com/graph/json-batching; which request an inner answer is to, its `id` says.
    """
    whole = json_object(body) if _path(url).endswith("/$batch") else None
    if whole is None and _path(url).endswith("/$batch") and too_many(body.encode("utf-8", "replace")):
        entry.skip("an answer with answers in it was not read", TOO_MANY)
    answers = (whole or {}).get("responses")
    if not isinstance(answers, list):
        return [(url, body)]
    if len(answers) > _BATCH_MAX:
        entry.skip("an answer holds more answers than are read", f"{len(answers):,}, {_BATCH_MAX} are read")
    requests = (json_object(asked) or {}).get("requests")
    urls = {
        request["id"]: where
        for request in (requests if isinstance(requests, list) else [])
        if isinstance(request, dict)
        and isinstance(request.get("id"), str)
        and isinstance(where := request.get("url"), str)
    }
    return [
        (
            urls.get(number, url) if isinstance(number := answer.get("id"), str) else url,
            msgspec.json.encode(inner).decode(),
        )
        for answer in answers[:_BATCH_MAX]
        if isinstance(answer, dict) and isinstance(inner := answer.get("body"), dict | list)
    ]


def _export(url: str, data: bytes) -> ModuleType | None:
    """The format of what was exchanged, None where no export claims it."""
    head = Head(_path(url), data[:HEAD_BYTES], len(data) <= HEAD_BYTES)
    best = max(_exports(), key=lambda module: float(module.score(head)))
    return best if best.score(head) >= _LIKELY else None


def _path(url: str) -> str:
    """The path of a URL, "" where it is none."""
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _rows_max(request: Entry, url: str, asked: str) -> float:
    """Fewer rows than these are the whole list, where it was asked for from its beginning, and no device left out.

    As many rows as were asked for may be the first of more. 0 where only some of the devices were asked for.
    """
    if request.text("method").upper() == "GET":
        query = unquote(urlsplit(url).query)
        if not all(map(_NO_CHOICE.fullmatch, filter(None, query.split("&")))):
            return 0
        return min(map(int, _LIMIT.findall(query)), default=inf)
    fetched = _path(url).rstrip("/") == _FETCH and not (json_object(asked) or {}).get("cursor")
    return inf if fetched else 0


def _answered_at(entry: Entry) -> int | None:
    """The date of an answer, as its server says, else when it was asked for."""
    for header in entry.inside("response").items("headers"):
        if isinstance(header, dict) and str(header.get("name")).lower() == "date":
            with suppress(ValueError, TypeError, OverflowError):
                return from_datetime(parsedate_to_datetime(str(header.get("value"))), UTC)
    return entry.instant("startedDateTime")


def _inner(entry: Entry, module: ModuleType, data: bytes, rows_max: float) -> Iterator[Fact]:
    """The facts of an export inside of an exchange; what was not used of it is named with the exchange.

    Of a list of fewer rows than `rows_max` it covers what its format does, if it came whole.
    """
    at = entry.instant("startedDateTime")
    reached: dict[str, list[int | None]] = {}
    lacks, rows = False, 0
    try:
        for item in module.read(Content(entry.origin.path, data, entry.zone)):
            if isinstance(item, Skipped):
                entry.skip(item.reason)
                lacks = lacks or item.reason.startswith(_LACKING)
            elif item.kind == "coverage":
                reached.setdefault(item.source, []).append(item.at)
            else:
                rows = max(rows, (item.origin.record or 0) + 1)
                now = at if item.at is None and item.kind in _SAID_NOW else item.at
                yield msgspec.structs.replace(item, at=now, origin=entry.origin)
    except FormatError as error:
        entry.skip(str(error))
        return
    for source in module.FORMAT.covers if lacks or rows < rows_max else ():
        until = max([each for each in reached.get(source, ()) if each is not None], default=_answered_at(entry))
        if lacks or None not in reached.get(source, ()):
            yield Fact("coverage", None if lacks else until, source, source, {}, entry.origin)


def _body(content: Entry, unpacked_max: int) -> tuple[str, int]:
    """(the text of an answer, how many bytes were unpacked for it): decoded where it is base64, unpacked where it is
    gzip in that, which some proxies keep as it came; "" (named) where that fails.
    """
    text, encoding = content.fields.get("text"), content.text("encoding").lower()
    if text is not None and not isinstance(text, str):
        content.skip("the body of an answer is no text, it is not used")
    if not isinstance(text, str) or not text:
        return "", 0
    if encoding in {"", "utf-8"}:
        return text, 0
    if encoding != "base64":
        content.skip("the body of an answer has an encoding that is not read", encoding[:40])
        return "", 0
    try:
        data = b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        content.skip("the body of an answer is no base64")
        return "", 0
    if not data.startswith(_GZIP):
        return data.decode("utf-8", "replace"), 0
    return _unpacked(content, data, min(unpacked_max, _ANSWER_CHARS_MAX))


def _unpacked(content: Entry, data: bytes, size_max: int) -> tuple[str, int]:
    """As `_body`, of a gzip; nothing (named) of one that is damaged, or holds more than `size_max`."""
    decoder = zlib.decompressobj(wbits=_GZIP_WBITS)
    try:
        found = decoder.decompress(data, size_max) if size_max > 0 else b""
    except zlib.error:
        content.skip("the body of an answer is a gzip that is damaged, it is not used")
        return "", min(size_max, len(data) * _DEFLATED_MAX)
    if len(found) >= size_max:
        content.skip("the body of an answer is a gzip that holds too much and is not read")
        return "", len(found)
    if not decoder.eof:
        content.skip("the body of an answer is a gzip that breaks off")
    elif decoder.unused_data:
        content.skip("something else follows the gzip that is the body of an answer")
    return found.decode("utf-8", "replace"), len(found)


def _region(request: Entry) -> str:
    """The token's region, where a header or a query parameter of the request names it."""
    for pair in [*request.items("headers"), *request.items("queryString")]:
        if isinstance(pair, dict):
            name, value = pair.get("name"), pair.get("value")
            if isinstance(name, str) and isinstance(value, str) and name.lower().endswith(_REGION_NAMES):
                return value.strip()
    return ""
