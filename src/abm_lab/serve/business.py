"""Apple Business API: OAuth 2 with a signed client assertion, devices, servers, audit events."""

import math
import secrets
import time
import uuid
from collections import deque
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from abm_lab.apple import org, server_files
from abm_lab.serve.answers import (
    Refusal,
    base_url,
    bearer,
    cut,
    fault_of,
    instant,
    json_answer,
    place,
    raw_body,
    whole,
)
from abm_lab.serve.world import Row, World, between

# From: https://developer.apple.com/documentation/apple-school-and-business-manager-api
AUDIENCE = "https://account.apple.com/auth/oauth2/v2/token"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SCOPES = frozenset({"business.api", "school.api"})
_ASSERTION_S_MAX = 180 * 86400
_TOKEN_S = 3600
_PAGE, _PAGE_MAX = 100, 1000
# What the simulated organisation has none of.
_EMPTY = ("mdmDevices", "users", "userGroups", "apps", "packages", "configurations", "blueprints")
_TITLES = {
    401: "The request is not authorized",
    404: "The specified resource doesn't exist",
    429: "The rate limit is exceeded",
}


class Business:
    """Plays api-business.apple.com and the part of account.apple.com that gives out its tokens."""

    name = "business"
    hosts = ("api-business.apple.com", "api-school.apple.com", "account.apple.com")

    def __init__(self, world: World, client_id: str, key_id: str, key: EllipticCurvePublicKey) -> None:
        self.world = world
        self.client_id = client_id
        self.key_id = key_id
        self.key = key
        self.tokens: dict[str, float] = {}
        self.gets_a_minute = 0
        """How many requests a minute are answered; 0 sets no limit. Apple's is 20, by trial."""
        self._asked_s: deque[float] = deque()

    def routes(self) -> list[BaseRoute]:
        """Token, devices, servers, audit events; what Apple's own management holds is empty here."""
        device, server = "/v1/orgDevices/{id}", "/v1/mdmServers/{id}"
        return [
            Route("/auth/oauth2/token", self.token, methods=["POST"]),
            Route("/auth/oauth2/v2/token", self.token, methods=["POST"]),
            self._read("/v1/orgDevices", self.devices),
            self._read(device, self.device),
            self._read(f"{device}/assignedServer", self.assigned_server),
            self._read(f"{device}/relationships/assignedServer", self.assigned_server_link),
            self._read(f"{device}/appleCareCoverage", self.nothing),
            self._read("/v1/mdmServers", self.servers),
            self._read(server, self.server),
            self._read(f"{server}/relationships/devices", self.server_devices),
            self._read("/v1/auditEvents", self.audit),
            *(self._read(f"/v1/{kind}", self.nothing) for kind in _EMPTY),
            Route("/v1/orgDeviceActivities", self.read_only, methods=["POST"]),
        ]

    def refuse(self, refusal: Refusal) -> Response:
        """Apple's error document; the token endpoint's is that of OAuth 2."""
        if refusal.code.startswith("invalid_") or refusal.code.startswith("unsupported_"):
            return json_answer({"error": refusal.code, "error_description": refusal.detail}, refusal.status)
        error = {
            "id": str(uuid.uuid4()),
            "status": str(refusal.status),
            "code": refusal.code,
            "title": _TITLES.get(refusal.status, "The request cannot be answered"),
            "detail": f"{refusal.detail} (simulated)",
        }
        return json_answer({"errors": [error]}, refusal.status, refusal.headers)

    # Who asks

    async def token(self, request: Request) -> Response:
        """An access token for a client assertion: a JWT under the account's key."""
        form = parse_qs((await raw_body(request)).decode("utf-8", "replace"))
        given = {name: values[-1] for name, values in form.items()} | dict(request.query_params)
        if given.get("grant_type") != "client_credentials":
            raise Refusal(400, "unsupported_grant_type", "grant_type must be client_credentials")
        if given.get("scope") not in _SCOPES:
            raise Refusal(400, "invalid_scope", f"scope must be one of {', '.join(sorted(_SCOPES))}")
        if given.get("client_id") != self.client_id or given.get("client_assertion_type") != ASSERTION_TYPE:
            raise Refusal(400, "invalid_client", f"client_id and client_assertion_type={ASSERTION_TYPE} are needed")
        self._check(given.get("client_assertion", ""))
        self.tokens = {one: ends_s for one, ends_s in self.tokens.items() if ends_s > time.monotonic()}
        token = f"SIMULATED.{secrets.token_urlsafe(24)}"
        self.tokens[token] = time.monotonic() + _TOKEN_S
        return json_answer(
            {"access_token": token, "token_type": "Bearer", "expires_in": _TOKEN_S, "scope": given["scope"]}
        )

    def _check(self, assertion: str) -> None:
        try:
            if jwt.get_unverified_header(assertion).get("kid") != self.key_id:
                raise Refusal(400, "invalid_client", "the assertion's kid is no key of this account")
            claims = jwt.decode(
                assertion,
                self.key,
                algorithms=["ES256"],
                audience=AUDIENCE,
                issuer=self.client_id,
                options={"require": ["iss", "sub", "aud", "iat", "exp", "jti"]},
            )
        except jwt.InvalidTokenError as error:
            raise Refusal(400, "invalid_client", f"the client assertion does not hold: {error}") from error
        if claims["sub"] != self.client_id or claims["exp"] - claims["iat"] > _ASSERTION_S_MAX:
            raise Refusal(400, "invalid_client", "sub must be the client id, and exp at most 180 days after iat")

    def _read(self, path: str, answer: Callable[[Request], Response]) -> BaseRoute:
        async def checked(request: Request) -> Response:
            if self.tokens.get(bearer(request), 0) <= time.monotonic():
                raise Refusal(401, "NOT_AUTHORIZED", "the access token is missing, unknown or expired")
            self._count()
            return answer(request)

        return Route(path, checked, methods=["GET"])

    def _count(self) -> None:
        """Refuse what is more than the minute's share, and say when the next is free."""
        now_s = time.monotonic()
        while self._asked_s and self._asked_s[0] <= now_s - 60:
            self._asked_s.popleft()
        if 0 < self.gets_a_minute <= len(self._asked_s):
            wait_s = math.ceil(self._asked_s[0] + 60 - now_s)
            raise Refusal(429, "RATE_LIMIT_EXCEEDED", f"come again in {wait_s} s", {"Retry-After": str(wait_s)})
        self._asked_s.append(now_s)

    # What there is

    def devices(self, request: Request) -> Response:
        """The organisation's devices."""
        return self._listing(request, lambda at: self.world.org(at)["org-devices"], "orgDevices")

    def device(self, request: Request) -> Response:
        """One device by its serial."""
        at, serial = self.world.clock.now(), request.path_params["id"]
        rows = [row for row in self.world.org(at)["org-devices"] if row.serial == serial]
        if not rows:
            raise _no_resource("orgDevices", serial)
        data = _chosen(request, rows, "orgDevices")[0].content
        return json_answer(b'{"data":' + data + b',"links":' + msgspec.json.encode({"self": _own(request)}) + b"}")

    def assigned_server(self, request: Request) -> Response:
        """The server of a device."""
        return self._server(request, self._server_of(request))

    def assigned_server_link(self, request: Request) -> Response:
        """Which server a device has, as a link."""
        data = {"type": "mdmServers", "id": self._server_of(request)}
        return json_answer({"data": data, "links": {"self": _own(request)}})

    def servers(self, request: Request) -> Response:
        """The device management servers."""
        page = self._server_page()
        return json_answer(page | {"links": {"self": _own(request)}})

    def server(self, request: Request) -> Response:
        """One device management server."""
        return self._server(request, request.path_params["id"])

    def server_devices(self, request: Request) -> Response:
        """The devices of one server, by name alone."""
        id = request.path_params["id"]
        if all(server.id != id for server in self.world.servers.values()):
            raise _no_resource("mdmServers", id)
        return self._listing(request, lambda at: self.world.org(at)[id], "orgDevices")

    def audit(self, request: Request) -> Response:
        """Audit events between two times, both of which must be given."""
        asked = request.query_params
        for bound in ("startTimestamp", "endTimestamp"):
            if f"filter[{bound}]" not in asked:
                raise Refusal(400, "PARAMETER_ERROR.REQUIRED", f"'filter[{bound}]' is needed")
        since, until = (
            instant(asked[f"filter[{bound}]"], f"filter[{bound}]") for bound in ("startTimestamp", "endTimestamp")
        )
        wanted = {
            name: set(asked[f"filter[{name}]"].split(","))
            for name in ("type", "actorId", "subjectId")
            if f"filter[{name}]" in asked
        }

        def found(at: int) -> list[Row]:
            rows = between(self.world.org(at)["audit-events"], since, min(until, at))
            return [row for row in rows if _fits(row, wanted)] if wanted else rows

        return self._listing(request, found, "auditEvents")

    def nothing(self, request: Request) -> Response:
        """An empty listing: the organisation has devices and servers, and nothing else."""
        return self._listing(request, lambda at: [], "")

    async def read_only(self, request: Request) -> Response:
        """The account may read and nothing else."""
        raise Refusal(403, "FORBIDDEN", "this API account may only read; assign devices in the scenario instead")

    def _server_page(self) -> dict[str, Any]:
        world = self.world
        servers = list(world.servers.values())
        return server_files.mdm_servers(servers, world.dep_until(), world.rollout.span[2])

    def _server(self, request: Request, id: str) -> Response:
        for row in self._server_page()["data"]:
            if row["id"] == id:
                return json_answer({"data": row, "links": {"self": _own(request)}})
        raise _no_resource("mdmServers", id)

    def _server_of(self, request: Request) -> str:
        unit = self.world.units.get(request.path_params["id"])
        if unit is None or not org.is_assigned(unit, self.world.clock.now()):
            raise _no_resource("mdmServers", f"assignedServer of {request.path_params['id']}")
        return unit.server.id

    def _listing(self, request: Request, rows: Callable[[int], list[Row]], kind: str) -> Response:
        limit = whole(request, "limit", _PAGE, _PAGE_MAX)
        given = request.query_params.get("cursor")
        at, offset = (self.world.clock.now(), 0) if given is None else place(given) or (-1, 0)
        if at < 0:
            raise Refusal(400, "PARAMETER_ERROR.INVALID", "'cursor' is none that this API gave out")
        page = cut(_chosen(request, rows(at), kind), at, offset, limit, fault_of(request))
        first = _own(request, cursor=None)
        following = None if page.next is None else _own(request, cursor=page.next)
        links = {"self": _own(request), "first": first, "next": following}
        paging = {"limit": limit, "nextCursor": page.next, "total": page.total}
        tail = msgspec.json.encode({"links": links, "meta": {"paging": paging}})
        return json_answer(b'{"data":[' + page.joined() + b"]," + tail[1:])


class _Event(msgspec.Struct):
    attributes: dict[str, msgspec.Raw]


def _fits(row: Row, wanted: dict[str, set[str]]) -> bool:
    attributes = msgspec.json.decode(row.content, type=_Event).attributes
    return all(msgspec.json.decode(attributes[name], type=str) in values for name, values in wanted.items())


def _chosen(request: Request, rows: list[Row], kind: str) -> list[Row]:
    """The rows with those attributes alone that `fields[KIND]` names."""
    names = request.query_params.get(f"fields[{kind}]")
    if names is None:
        return rows
    kept = set(names.split(","))
    chosen = []
    for row in rows:
        value = msgspec.json.decode(row.content, type=dict[str, msgspec.Raw])
        if "attributes" in value:
            attributes = msgspec.json.decode(value["attributes"], type=dict[str, msgspec.Raw])
            shown = {name: part for name, part in attributes.items() if name in kept}
            value["attributes"] = msgspec.Raw(msgspec.json.encode(shown))
        chosen.append(Row(row.serial, row.at, msgspec.json.encode(value)))
    return chosen


def _own(request: Request, **changed: str | None) -> str:
    """The request's own address, its query changed."""
    query = {**request.query_params, **changed}
    text = urlencode({name: value for name, value in query.items() if value is not None}, safe="[]:,")
    path = request.url.path.removeprefix(request.scope.get("root_path", ""))
    return f"{base_url(request)}{path}" + (f"?{text}" if text else "")


def _no_resource(kind: str, id: str) -> Refusal:
    return Refusal(404, "NOT_FOUND", f"There is no resource of type '{kind}' with id '{id}'")
