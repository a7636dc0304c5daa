"""What all services share: refusals, bounded bodies, pages of a listing with their cursors."""

import base64
import binascii
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from abm_lab.moments import from_datetime
from abm_lab.serve.world import Row

_BODY_BYTES_MAX = 1 << 20
# The year 9999, in microseconds since 1970.
_FOREVER = 253_370_764_800_000_000
T = TypeVar("T")


class Refusal(Exception):  # noqa: N818 - It is an answer, too.
    """An answer that refuses: HTTP status, the service's own code, and what to do about it."""

    def __init__(self, status: int, code: str, detail: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})


class Service(Protocol):
    """One side that the lab plays."""

    @property
    def name(self) -> str:
        """Its name, below which it is mounted."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that it stands for."""

    def routes(self) -> list[BaseRoute]:
        """Its routes below its host, or below `/NAME`."""

    def refuse(self, refusal: Refusal) -> Response:
        """The body in which this service refuses."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing; `next` is the cursor of the following one, None on the last."""

    rows: list[bytes]
    offset: int
    limit: int
    total: int
    next: str | None

    def joined(self) -> bytes:
        """The records as the inside of a JSON array."""
        return b",".join(self.rows)


def cut(rows: list[Row], at: int, offset: int, limit: int, fault: str = "") -> Page:
    """The page from `offset` on of the listing as at `at`; `fault` is what goes wrong with it, if anything."""
    end = offset + limit
    shown = [row.content for row in rows[offset:end]]
    following = cursor(at, end) if end < len(rows) else None
    if fault == "shuffled":
        random.Random(offset).shuffle(shown)
    elif fault == "doubled":
        shown += shown[-3:]
    elif fault == "cursor_repeats" and following is not None:
        following = cursor(at, offset)
    elif fault == "cursor_loops":
        following = cursor(at, 0)
    return Page(shown, offset, limit, len(rows), following)


def cursor(at: int, offset: int) -> str:
    """An opaque cursor: a place in the listing as it was at an instant."""
    return base64.urlsafe_b64encode(f"{at}:{offset}".encode()).decode().rstrip("=")


def place(text: str) -> tuple[int, int] | None:
    """Instant and offset of a cursor that the lab gave out; None where it did not."""
    try:
        at, offset = map(int, base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).split(b":"))
    except (ValueError, binascii.Error):
        return None
    return (at, offset) if 0 <= at < _FOREVER and offset >= 0 else None


def whole(request: Request, name: str, default: int, most: int) -> int:
    """A query parameter that is a number from 1 to `most`; above it `most` counts."""
    text = request.query_params.get(name, str(default))
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) < 1:
        raise Refusal(400, "PARAMETER_ERROR.INVALID", f"'{name}' must be a whole number from 1 to {most}")
    return min(int(text), most)


def instant(text: str, name: str) -> int:
    """The instant of an RFC 3339 parameter, in microseconds UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refusal(400, "PARAMETER_ERROR.INVALID", f"'{name}' must be a time like 2026-05-17T08:47:00Z") from error
    if moment.tzinfo is None:
        raise Refusal(400, "PARAMETER_ERROR.INVALID", f"'{name}' needs a zone, like 2026-05-17T08:47:00Z")
    return from_datetime(moment)


async def raw_body(request: Request) -> bytes:
    """The request's body, at most 1 MiB."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _BODY_BYTES_MAX:
            raise Refusal(413, "PAYLOAD_TOO_LARGE", f"send at most {_BODY_BYTES_MAX} bytes")
    return body


async def json_body(request: Request, kind: type[T]) -> T:
    """The request's JSON body as that type."""
    try:
        return msgspec.json.decode(await raw_body(request) or b"{}", type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refusal(400, "MALFORMED_REQUEST_BODY", str(error)) from error


def json_answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer; bytes are sent as they are."""
    content = value if isinstance(value, bytes) else msgspec.json.encode(value)
    return Response(content, status, dict(headers or {}), "application/json")


def base_url(request: Request) -> str:
    """Where the service stands for this client: scheme, host and the prefix below which it is mounted."""
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"


def fault_of(request: Request) -> str:
    """What is to go wrong with the page that this request asks for."""
    return str(request.scope.get("abm_lab.fault", ""))


def bearer(request: Request) -> str:
    """The bearer token that the client sends, empty without one."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""
