"""One HTTP exchange with an ABM endpoint, whatever wrote it down, and the facts that it proves."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qs, urlsplit

import msgspec

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.core.values import TOO_MANY
from abm_trace.formats.exports._interface._entry import Entry
from abm_trace.formats.exports._interface._value import OTHERWISE, key_repeated, read_object

_DOMAIN = ".abm.apple.com"
_ASKS = re.compile(r"/v[12]/devices(?:/(?!predeclare)[^/]+)?(?:/enroll(?:ment)?)?")
_SERIAL_NAMES = ("serial", "serialNumber", "serial_number", "SERIAL")
# …/devices/F9FXQ1ABCD/lifecycle; a `dev_…` there is ABM's own id.
_SERIAL_IN_PATH = re.compile(r"/devices/(?!dev_)([A-Za-z0-9]{8,14})(?:/|$)")
_SERIAL_IN_BODY = re.compile(
    r"""["']?\b(?:serial_number|serialNumber|SERIAL|serial)["']?\s{0,8}[:=]\s{0,8}["']?([A-Za-z0-9]{6,20})\b"""
)
# {"status":"accepted","requestId":"req_1","dev, a body that breaks off behind its request's id
_REQUEST_ID = re.compile(r'\A\s{0,99}\{[^{}\[\]]{0,4096}?"request(?:Id|_id)"\s{0,8}:\s{0,8}"([^"\\]{1,200})"')
_BREAKS_OFF = "Input data was truncated"  # As msgspec says it.
_WHO = frozenset({"devices", "device_id"})
_IDS = frozenset({"requestId", "request_id", "deviceIdentifier", "device_identifier", "device_id"})
_SCHEMES = frozenset({"", "http", "https"})
_METHOD = re.compile(r"[A-Za-z]{1,20}")
_BODY_CHARS_MAX = 256 * 1024
_URL_CHARS_MAX = 500
_STATUS = re.compile(r"0|[1-9][0-9]{2}")  # HAR writes 0 where no answer came.


class Exchange(msgspec.Struct, frozen=True):
    """A request and what answered it; `answer` is None where the answer's body was not kept or is no JSON object.

    `untold`: what could not be read of the answer may have shown a device.
    """

    at: int | None
    method: str
    url: str
    status: str
    answer: dict[str, object] | None
    serial: str = ""
    token_region: str = ""
    device_identifier: str = ""
    untold: bool = False


class Strangers:
    """Counts the exchanges with other hosts than ABM's, of which a browser makes hundreds: one line names them all."""

    def __init__(self) -> None:
        self._count = 0
        self._last: Entry | None = None

    @staticmethod
    def has(url: str) -> bool:
        """Whether a URL is of another host; one that cannot be is left to `exchange_facts`, which names it."""
        try:
            return not (urlsplit(url).hostname or "").rstrip(".").endswith(_DOMAIN)
        except ValueError:
            return False

    def add(self, entry: Entry) -> None:
        """Take one that is not used."""
        self._count += 1
        self._last = entry
        entry.notes.begins(b"")  # Each is counted here, also one of which something was named.

    def skipped(self) -> Iterator[Skipped]:
        """The one line, none where all were used."""
        if self._last is not None:
            origin = self._last.origin
            number = "1 exchange" if self._count == 1 else f"{self._count:,} exchanges"
            reason = f"{number} with other hosts than ABM's that no format reads: not used, the last one here"
            yield Skipped(origin.path, reason, origin.line, origin.offset)


def exchange_facts(entry: Entry, exchange: Exchange) -> Iterator[Fact]:
    """What an exchange with `*.abm.apple.com` proves; nothing for other hosts."""
    try:
        url = urlsplit(exchange.url)
        host = (url.hostname or "").rstrip(".")
    except ValueError:
        entry.skip("an exchange is not used, its URL cannot be", exchange.url[:100])
        return
    if not host.endswith(_DOMAIN):
        return
    if url.scheme not in _SCHEMES:
        entry.skip("an exchange is not used, its URL is of another scheme than http and https", url.scheme[:40])
        return
    if not _METHOD.fullmatch(exchange.method):
        entry.skip("a method is none of HTTP, the exchange shows no request", exchange.method[:40])
    if not exchange.status:
        entry.skip("an exchange has no status, of its answer nothing is used")
    elif not _STATUS.fullmatch(exchange.status):
        entry.skip("a status is none of HTTP", exchange.status[:40])
    answer = exchange.answer
    untold = (_odd(entry, answer) if answer else False) or exchange.untold
    said = {
        "serial": exchange.serial,
        "request_id": _said(answer, "requestId", "request_id"),
        "device_identifier": exchange.device_identifier or _said(answer, "deviceIdentifier", "device_identifier"),
        "device_id": _device_id(answer),
        "endpoint": host,
        "token_region": exchange.token_region,
        # Without its query, which may hold a secret.
        "url": f"{url.scheme}://{host}{url.path}"[:_URL_CHARS_MAX],
    }
    attrs = {name: value for name, value in said.items() if value}
    empty = answer is not None and "device_id" not in attrs and not untold
    for kind, value in _proofs(exchange, url.path.rstrip("/"), "request_id" in attrs, empty):
        yield Fact(kind, exchange.at, "capture", value, attrs, entry.origin)


def _proofs(exchange: Exchange, path: str, named: bool, empty: bool) -> Iterator[tuple[str, str]]:  # noqa: FBT001
    """(kind, value) of each fact: `named` by a request id; `empty`: the whole answer shows no device."""
    if exchange.method.upper() in {"POST", "PUT"} and _ASKS.fullmatch(path):
        yield "requested", ""
    match exchange.status:
        case "202":
            if named:
                yield "accepted", ""
            if empty:
                yield "response_empty", ""
        case "204":
            yield "response_204", ""
        case status if _STATUS.fullmatch(status) and status >= "400":
            yield "http_error", status


def asked_at(entry: Entry, name: str) -> int | None:
    """When an exchange was, µs UTC; None (named) where the field is empty or no time."""
    if entry.fields.get(name) in (None, ""):
        entry.skip("an exchange has no time", name)
    return entry.instant(name)


def read_body(entry: Entry, text: str, whose: str, *, wanted: bool) -> tuple[dict[str, object] | None, bool]:
    """(the object that a body is, whether it may have shown a device in what could not be read of it).

    What is not used of it is named; that it is no JSON at all only where it is `wanted`, for an error may be a page of
    HTML. Of a body that breaks off the request's id counts, if it stands whole in it.
    """
    if not text or text.isspace():
        return None, False
    try:
        fields, flaws = read_object(text.encode("utf-8", "replace"))
    except ValueError as error:
        found = _REQUEST_ID.match(text) if _BREAKS_OFF in str(error) else None
        if str(error) == TOO_MANY:
            entry.skip(f"the body of {whose} is not read", TOO_MANY)
        elif found:
            entry.skip(f"the body of {whose} breaks off, only its request id is used")
        elif _BREAKS_OFF in str(error):
            entry.skip(f"the body of {whose} breaks off, it is not used")
        elif wanted or text.lstrip()[:1] in {"{", "["}:
            entry.skip(f"the body of {whose} is no JSON object, it is not used")
        return ({"requestId": found[1]} if found else None), True
    for flaw in flaws:
        entry.skip(f"the body of {whose} is not used in full", flaw)
    return fields, is_untold(flaws)


def is_untold(flaws: Iterable[str]) -> bool:
    """Whether what could not be read of an answer, by its flaws, may have shown a device."""
    flaws = set(flaws)
    return any(key_repeated(name) + OTHERWISE in flaws for name in _WHO) or "a value is nested too deeply" in flaws


def serial_in(url: str, bodies: Iterable[str]) -> str:
    """The one serial number in a URL, else in the first body that holds exactly one; "" where there is none."""
    try:
        parts = urlsplit(url)
        query = parse_qs(parts.query, max_num_fields=100)
    except ValueError:
        return ""
    for name in _SERIAL_NAMES:
        if name in query:
            return query[name][0]
    if match := _SERIAL_IN_PATH.search(parts.path):
        return match[1]
    for body in bodies:
        found = set(_SERIAL_IN_BODY.findall(body[:_BODY_CHARS_MAX]))
        if len(found) == 1:
            return str(found.pop())
    return ""


def _odd(entry: Entry, answer: dict[str, object]) -> bool:
    """Names the fields of an answer that are of another kind than they should be; whether they may show a device."""
    devices = answer.get("devices")
    rows = devices if isinstance(devices, list) else [] if devices is None else [None]
    odd = {name for name in _IDS & answer.keys() if not _is_text(answer[name])}
    if rows and not all(isinstance(row, dict) and _is_text(row.get("device_id")) for row in rows):
        odd.add("devices")
    for name in sorted(odd):
        entry.skip("a field of an answer is of another kind than it should be and is not used", name)
    return not _WHO.isdisjoint(odd)


def _is_text(value: object) -> bool:
    """Whether a field is text, or empty."""
    return value is None or isinstance(value, str)


def _said(answer: dict[str, object] | None, *names: str) -> str:
    """The first of these texts in the answer."""
    return next((value for name in names if isinstance(value := (answer or {}).get(name), str)), "")


def _device_id(answer: dict[str, object] | None) -> str:
    """ABM's id of the device that the answer shows; "" where it shows none."""
    devices = (answer or {}).get("devices")
    shown = [answer, *(devices if isinstance(devices, list) else [])]
    return next((found for device in shown if isinstance(device, dict) and (found := _said(device, "device_id"))), "")
