"""One server for all MDM products: each is a table of the products' family, and this walks the table."""

import base64
import binascii
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator
from urllib.parse import parse_qs, urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from abm_lab.apple.server import Server
from abm_lab.serve import products
from abm_lab.serve.answers import (
    Page,
    Refusal,
    base_url,
    bearer,
    cut,
    fault_of,
    json_answer,
    json_body,
    place,
    raw_body,
    whole,
)
from abm_lab.serve.products._interface import Listing, Login
from abm_lab.serve.world import Row, World

GUIDE = Server("mdm-main", "generic")
"""The MDM server of the guide's devices."""
_TOKEN_S = 3600
Handler = Callable[[Request], Awaitable[Response]]


class Mdm:
    """One MDM server, below `/mdm/NAME`: its product's table over the world's listings."""

    def __init__(self, world: World, server: Server, user: str, secret: str) -> None:
        self.world = world
        self.server = server
        self.product = products.discover()[server.product]
        self.name = f"mdm/{server.name}"
        self.hosts = (f"{server.name}.example.org",)
        self.user = user
        self.secret = secret
        """A password or client secret, and at once a token that never expires."""
        self.tokens: dict[str, float] = {secret: float("inf")}

    def routes(self) -> list[BaseRoute]:
        """What the product's table lists."""
        product = self.product
        return [
            *(Route(login.path, self._login(login), methods=["POST"]) for login in product.logins),
            *(Route(path, self._document(path), methods=["GET"]) for path in product.documents),
            *(
                Route(path, self._listing(listing), methods=["GET"])
                for listing in product.listings
                for path in listing.paths
            ),
            *self._posted(),
        ]

    def refuse(self, refusal: Refusal) -> Response:
        """The product's own error document."""
        return json_answer(self.product.refuse(refusal), refusal.status, refusal.headers)

    def _login(self, login: Login) -> Handler:
        async def answer(request: Request) -> Response:
            user, secret = await _CREDENTIALS[login.kind](request)
            right = secrets.compare_digest(f"{user}\n{secret}".encode(), f"{self.user}\n{self.secret}".encode())
            if not right:
                raise Refusal(401, "invalid_client", "the user or client, or its secret, is not the one of serve.json")
            return json_answer(login.answer(self._token()))

        return answer

    def _document(self, path: str) -> Handler:
        make = self.product.documents[path]

        async def answer(request: Request) -> Response:
            self._check(request)
            return json_answer(make(self.world, self.server))

        return answer

    def _listing(self, listing: Listing) -> Handler:
        async def answer(request: Request) -> Response:
            self._check(request)
            return self._page(request, listing)

        return answer

    def _posted(self) -> Iterator[BaseRoute]:
        """The routes of a product whose lists are asked for with a JSON body."""
        table = self.product.posted
        if table is None:
            return

        async def login(request: Request) -> Response:
            given = await json_body(request, _Password)
            told = f"{given.email}\n{given.password}\n{request.headers.get('accesstoken', '')}"
            if not secrets.compare_digest(told.encode(), f"{self.user}\n{self.secret}\n{self.secret}".encode()):
                raise Refusal(401, "unauthorized", "email, password or accessToken is not the one of serve.json")
            return json_answer(
                {"UserID": "1", "email": self.user}, headers={"Authorization": f"Bearer {self._token()}"}
            )

        async def answer(request: Request) -> Response:
            self._check(request)
            asked = await json_body(request, _Asked)
            if not secrets.compare_digest(asked.access_token.encode(), self.secret.encode()):
                raise Refusal(401, "accesstoken_invalid", "the body's accessToken is not the one of serve.json")
            if asked.options.os not in table.names or asked.options.page < 1:
                raise Refusal(400, "invalid_options", f"os is one of {', '.join(table.names)}, page counts from 1")
            at = self.world.mdm_until()
            rows = self.world.mdm(self.server, at).get(table.names[asked.options.os], [])
            page = cut(rows, at, (asked.options.page - 1) * table.size, table.size, fault_of(request))
            tail = msgspec.json.encode(table.wrap(page))[1:]
            return json_answer(b'{"status":"OK","response":[{"devices":[' + page.joined() + b"]," + tail + b"]}")

        yield Route(table.login, login, methods=["POST"])
        for path in table.paths:
            yield Route(path, answer, methods=["POST"])

    def _token(self) -> str:
        self.tokens = {one: ends_s for one, ends_s in self.tokens.items() if ends_s > time.monotonic()}
        token = f"simulated-{secrets.token_urlsafe(24)}"
        self.tokens[token] = time.monotonic() + _TOKEN_S
        return token

    def _check(self, request: Request) -> None:
        key = _basic_pair(request)[0] if self.product.basic_key else bearer(request)
        if self.tokens.get(key, 0) <= time.monotonic():
            raise Refusal(401, "unauthorized", "send the bearer token of a login, or the secret of serve.json")

    def _page(self, request: Request, listing: Listing) -> Response:
        paging, asked = self.product.paging, request.query_params
        limit = whole(request, paging.size, paging.default, paging.most)
        at, offset = self._until(), 0
        if paging.cursor and paging.cursor in asked:
            found = place(asked[paging.cursor])
            if found is None:
                raise Refusal(400, "invalid_cursor", f"{paging.cursor!r} is none that this server gave out")
            at, offset = found
        elif paging.after and paging.after in asked:
            offset = self._after(self._rows(listing, at), asked[paging.after])
        elif paging.page:
            text = asked.get(paging.page, str(paging.first))
            if not text.isascii() or not text.isdigit() or len(text) > 9:
                raise Refusal(400, "invalid_parameter", f"{paging.page!r} is a whole number")
            offset = (int(text) - paging.first) * limit
        if offset < 0:
            raise Refusal(400, "invalid_parameter", f"{paging.page!r} counts from {paging.first}")
        page = cut(_chosen(request, listing, self._rows(listing, at)), at, offset, limit, fault_of(request))
        head = msgspec.json.encode(listing.head(page, self._following(request, page)))
        comma = b"" if head == b"{}" else b","
        key = msgspec.json.encode(listing.key)
        return json_answer(head[:-1] + comma + key + b":[" + page.joined() + b"]}")

    def _after(self, rows: list[Row], id: str) -> int:
        """The place behind the record with that id."""
        for number, row in enumerate(rows, 1):
            if str(msgspec.json.decode(row.content, type=_Named).id) == id:
                return number
        raise Refusal(400, "invalid_parameter", f"{self.product.paging.after!r} is no record of this server")

    def _until(self) -> int:
        return self.world.clock.now() if self.server is GUIDE else self.world.mdm_until()

    def _rows(self, listing: Listing, at: int) -> list[Row]:
        if self.server is GUIDE:
            return self.world.inventory(at)
        return self.world.mdm(self.server, at).get(listing.name, [])

    def _following(self, request: Request, page: Page) -> str | None:
        paging = self.product.paging
        if page.next is None or paging.after:
            return None
        number = page.offset // page.limit + 1 + paging.first
        mark = {paging.cursor: page.next} if paging.cursor else {paging.page: str(number)}
        path = request.url.path.removeprefix(request.scope.get("root_path", ""))
        return f"{base_url(request)}{path}?{urlencode({**request.query_params, **mark}, safe='$')}"


def _chosen(request: Request, listing: Listing, rows: list[Row]) -> list[Row]:
    """The rows that the request's filters leave."""
    asked = request.query_params
    parameter, _, form = listing.serial.partition("=")
    if parameter and parameter in asked:
        before, _, after = (form or "{}").partition("{}")
        wanted = asked[parameter].removeprefix(before).removesuffix(after)
        rows = [row for row in rows if row.serial == wanted]
    for name, fits in listing.only.items():
        if name in asked:
            rows = [row for row in rows if fits(row.content, asked[name])]
    return rows


async def _basic(request: Request) -> tuple[str, str]:
    return _basic_pair(request)


def _basic_pair(request: Request) -> tuple[str, str]:
    kind, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        text = base64.b64decode(encoded, validate=True).decode() if kind.lower() == "basic" else ""
    except (binascii.Error, ValueError):
        text = ""
    user, _, secret = text.partition(":")
    return user, secret


async def _client_credentials(request: Request) -> tuple[str, str]:
    form = parse_qs((await raw_body(request)).decode("utf-8", "replace"))
    if form.get("grant_type") != ["client_credentials"]:
        raise Refusal(400, "unsupported_grant_type", "grant_type must be client_credentials")
    return form.get("client_id", [""])[-1], form.get("client_secret", [""])[-1]


class _Named(msgspec.Struct):
    id: int | str


class _Asked(msgspec.Struct):
    class Options(msgspec.Struct):
        os: str = ""
        page: int = 1

    access_token: str = msgspec.field(name="accessToken", default="")
    options: Options = msgspec.field(default_factory=Options)


class _Password(msgspec.Struct):
    email: str = ""
    password: str = ""


async def _password(request: Request) -> tuple[str, str]:
    given = await json_body(request, _Password)
    return given.email, given.password


_CREDENTIALS: dict[str, Callable[[Request], Awaitable[tuple[str, str]]]] = {
    "basic": _basic,
    "client_credentials": _client_credentials,
    "password": _password,
}
