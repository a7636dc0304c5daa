"""One HTTP exchange with an ABM endpoint, whatever wrote it down, and the facts that it proves."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats.exports._interface._entry import Entry

_DOMAIN = ".abm.apple.com"
_ASKS = re.compile(r"/v[12]/devices(?:/(?!predeclare)[^/]+)?(?:/enroll(?:ment)?)?")
_SERIAL_NAMES = ("serial", "serialNumber", "serial_number", "SERIAL")
# …/devices/F9FXQ1ABCD/lifecycle; a `dev_…` there is ABM's own id.
_SERIAL_IN_PATH = re.compile(r"/devices/(?!dev_)([A-Za-z0-9]{8,14})(?:/|$)")
_SERIAL_IN_BODY = re.compile(
    r"""["']?\b(?:serial_number|serialNumber|SERIAL|serial)["']?\s{0,8}[:=]\s{0,8}["']?([A-Za-z0-9]{6,20})\b"""
)
_BODY_CHARS_MAX = 256 * 1024
_URL_CHARS_MAX = 500
_STATUS = re.compile(r"0|[1-9][0-9]{2}")  # HAR writes 0 where no answer came.


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and what answered it; `answer` is None where the answer's body was not kept or is no JSON object."""

    at: int | None
    method: str
    url: str
    status: str
    answer: dict[str, object] | None
    serial: str = ""
    token_region: str = ""
    device_identifier: str = ""


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
    if exchange.status and not _STATUS.fullmatch(exchange.status):
        entry.skip("a status is none of HTTP", exchange.status[:40])
    answer = exchange.answer
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
    for kind, value in _proofs(exchange, url.path.rstrip("/"), "request_id" in attrs, "device_id" in attrs):
        yield Fact(kind, exchange.at, "capture", value, attrs, entry.origin)


def _proofs(exchange: Exchange, path: str, named: bool, shown: bool) -> Iterator[tuple[str, str]]:  # noqa: FBT001
    """(kind, value) of each fact: `named` by a request id, `shown` as a device by the answer."""
    if exchange.method.upper() in {"POST", "PUT"} and _ASKS.fullmatch(path):
        yield "requested", ""
    match exchange.status:
        case "202":
            if named:
                yield "accepted", ""
            if exchange.answer is not None and not shown:
                yield "response_empty", ""
        case "204":
            yield "response_204", ""
        case status if _STATUS.fullmatch(status) and status >= "400":
            yield "http_error", status


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


def _said(answer: dict[str, object] | None, *names: str) -> str:
    """The first of these texts in the answer."""
    return next((value for name in names if isinstance(value := (answer or {}).get(name), str)), "")


def _device_id(answer: dict[str, object] | None) -> str:
    """ABM's id of the device that the answer shows; "" where it shows none."""
    devices = (answer or {}).get("devices")
    shown = [answer, *(devices if isinstance(devices, list) else [])]
    return next((found for device in shown if isinstance(device, dict) and (found := _said(device, "device_id"))), "")
