"""The guide's ABM API, v3.2.1 and v2, one endpoint a region: devices, tokens, health, audit, predeclare, lifecycle."""

import re
import secrets
import zlib
from collections import defaultdict
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from abm_lab.chunk import AUDIT_HEADER, as_csv
from abm_lab.fleet import REGIONS
from abm_lab.moments import SECOND, rfc3339
from abm_lab.records import AuditEvent, Lifecycle, ListedDevice, RegistrationStatus
from abm_lab.serve.answers import (
    Page,
    Refusal,
    bearer,
    cut,
    fault_of,
    instant,
    json_answer,
    json_body,
    place,
    whole,
)
from abm_lab.serve.world import Row, World, between
from abm_lab.sites import token_files

VERSION = "3.2.1"
_PAGE, _PAGE_MAX = 100, 1000
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_SERIAL = re.compile(r"[A-Z0-9]{8,14}")
# How long after its request a device that the rollout does not know is registered.
_REGISTERS_AFTER = 2 * SECOND
# Layers whose devices get a 202 that names no device.
_EMPTY = frozenset({"L2"})
_LATE, _LATE_S_MAX = 3, 300
_encode = msgspec.json.encode


class _Enrolment(msgspec.Struct):
    serial_number: str
    device_identifier: str = msgspec.field(name="deviceIdentifier", default="")


class _Predeclared(msgspec.Struct):
    fingerprint: str
    serial_number: str = ""


class Abm:
    """Plays REGION.abm.apple.com. A token of another region gets HTTP 204, and no audit record."""

    def __init__(self, world: World, region: str, tokens: Mapping[str, str], fingerprints: dict[str, str]) -> None:
        self.world = world
        self.region = region
        self.name = f"abm/{region}"
        self.hosts = (f"{region}.abm.apple.com",)
        self.tokens = tokens
        """Region by secret of a bearer token; all regions share the table."""
        self.fingerprints = fingerprints
        """Predeclared fingerprints with the time of each; all regions share them."""
        self.own: defaultdict[str, list[Row]] = defaultdict(list)
        """Rows and events of devices that enrolled at the lab itself: `audit` and `devices`."""
        self.own_lifecycles: dict[str, Lifecycle] = {}
        self.late_seed: int | None = None
        """With a seed some audit events are shown minutes after they occurred."""
        self.wants_certificate = False
        """Whether a client must show a certificate of the lab's."""

    def routes(self) -> list[BaseRoute]:
        """Version 3.2.1 below /v1, version 2 below /v2."""
        return [
            Route("/v1/health", self.health, methods=["GET"]),
            Route("/v2/health", self.health, methods=["GET"]),
            Route("/v1/devices", self.devices, methods=["GET"]),
            Route("/v1/devices", self.enrol, methods=["POST"]),
            Route("/v1/devices/predeclare", self.predeclare, methods=["POST"]),
            Route("/v1/tokens/{id}", self.token, methods=["GET"]),
            Route("/v1/audit/events", self.audit, methods=["GET"]),
            Route("/v2/devices/{id}/lifecycle", self.lifecycle, methods=["GET"]),
        ]

    def refuse(self, refusal: Refusal) -> Response:
        """An error with its code; a wrong region answers with nothing at all."""
        if refusal.status == 204:
            return Response(status_code=204)
        error = {"code": refusal.code, "message": refusal.detail, "simulated": True}
        return json_answer({"error": error}, refusal.status, refusal.headers)

    async def health(self, request: Request) -> Response:
        """Whether the region is well; it needs no token."""
        return json_answer({"status": "ok", "region": self.region, "version": VERSION, "simulated": True})

    async def devices(self, request: Request) -> Response:
        """The device list of the region."""
        self._check(request)
        page = self._cut(request, lambda at: between(self._with_own("devices", self.world.registered), 0, at))
        return json_answer(
            b'{"devices":[' + page.joined() + b'],"next":' + _encode(_link("/v1/devices", page.next)) + b"}"
        )

    async def token(self, request: Request) -> Response:
        """A token by its id, of any region: that is how one finds out that it is another's."""
        self._known(request)
        id = request.path_params["id"]
        for path, content in token_files(self.world.rollout.span[2]):
            if path == f"tokens/{id}.json":
                return json_answer(content)
        raise Refusal(404, "token_not_found", f"no token is called {id!r}")

    async def audit(self, request: Request) -> Response:
        """Audit events of the region in order of time, as JSON pages or as CSV."""
        self._check(request)
        asked = request.query_params
        since = instant(asked["since"], "since") if "since" in asked else 0
        kinds = set(asked["eventType"].split(",")) if "eventType" in asked else None

        def found(at: int) -> list[Row]:
            rows = between(self._with_own("audit", self.world.audit), since, at)
            if self.late_seed is not None:
                end = self.world.clock.end
                rows = [row for row in rows if at == end or row.at + _late(row, self.late_seed) <= at]
            return rows if kinds is None else [row for row in rows if _event(row).event_type in kinds]

        if asked.get("format", "json") == "csv":
            events = (_event(row) for row in found(self.world.clock.now()))
            body = as_csv(msgspec.structs.astuple(event) for event in events)
            return Response(AUDIT_HEADER.encode() + body, media_type="text/csv; charset=utf-8")
        if asked.get("format", "json") != "json":
            raise Refusal(400, "invalid_parameter", "'format' is json or csv")
        page = self._cut(request, found)
        kept = {name: asked[name] for name in ("since", "eventType", "limit") if name in asked}
        following = _encode(_link("/v1/audit/events", page.next, **kept))
        return json_answer(b'{"events":[' + page.joined() + b'],"next":' + following + b"}")

    async def lifecycle(self, request: Request) -> Response:
        """The registration status of a device, by its id or its serial."""
        self._check(request)
        id = request.path_params["id"]
        if id in self.own_lifecycles:
            return json_answer(_encode(self.own_lifecycles[id]))
        region, row = self.world.lifecycles.get(self.world.serial(id) or "", ("", None))
        if row is None or region != self.region or row.at > self.world.clock.now():
            raise Refusal(404, "device_not_found", f"no device is called {id!r} in {self.region}")
        return json_answer(row.content)

    async def predeclare(self, request: Request) -> Response:
        """Declare a device's fingerprint before it is staged; the second time it is a duplicate."""
        self._check(request)
        given = await json_body(request, _Predeclared)
        if not _FINGERPRINT.fullmatch(given.fingerprint):
            raise Refusal(400, "invalid_fingerprint", "'fingerprint' is a SHA-256 in 64 small hexadecimal digits")
        known = given.fingerprint in self.fingerprints
        at = self.fingerprints.setdefault(given.fingerprint, rfc3339(self.world.clock.now()))
        answer = {"fingerprint": given.fingerprint, "status": "predeclared", "since": at, "duplicate": known}
        return json_answer(answer, 200 if known else 201)

    async def enrol(self, request: Request) -> Response:
        """A device asks to be registered: HTTP 202, which may name no device.

        A device of the rollout gets the answer of its fate. One that the rollout does not know, a canary, is
        recorded, and registered two seconds later.
        """
        self._check(request)
        given = await json_body(request, _Enrolment)
        id = f"req_{secrets.token_hex(6)}"
        serial = self.world.serial(given.serial_number)
        accepted: dict[str, object] = {"status": "accepted", "requestId": id, "devices": []}
        if serial is not None:
            truth, (_, row) = self.world.truths[serial], self.world.lifecycles.get(serial, ("", None))
            if row is not None and truth.layer not in _EMPTY:
                accepted["devices"] = [{"device_id": msgspec.json.decode(row.content, type=Lifecycle).device_id}]
            return json_answer(accepted, 202)
        if not _SERIAL.fullmatch(given.serial_number):
            raise Refusal(400, "invalid_serial", "'serial_number' is 8 to 14 capital letters and digits")
        if fault_of(request) != "empty":
            accepted["devices"] = [{"device_id": self._register(given, id)}]
        return json_answer(accepted, 202)

    def _register(self, given: _Enrolment, request_id: str) -> str:
        device_id, token = f"dev_{given.serial_number.lower()}", f"tok_{self.region.replace('-', '_')}"
        asked_at = self.world.clock.now()
        told = ((asked_at, "device_enrollment_requested"), (asked_at + _REGISTERS_AFTER, "device_registered"))
        for at, kind in told:
            event = AuditEvent(
                f"evt_{secrets.token_hex(6)}",
                kind,
                rfc3339(at),
                self.region,
                token,
                request_id,
                given.serial_number,
                given.device_identifier or None,
            )
            self.own["audit"].append(Row(given.serial_number, at, _encode(event)))
        since = rfc3339(asked_at + _REGISTERS_AFTER)
        listed = ListedDevice(device_id, given.serial_number, "registered", since, self.region, token)
        self.own["devices"].append(Row(given.serial_number, asked_at + _REGISTERS_AFTER, _encode(listed)))
        lifecycle = Lifecycle(device_id, given.serial_number, RegistrationStatus("registered", None, since))
        self.own_lifecycles[device_id] = self.own_lifecycles[given.serial_number] = lifecycle
        return device_id

    def _with_own(self, name: str, told: Mapping[str, list[Row]]) -> list[Row]:
        rows, own = told.get(self.region, []), self.own[name]
        return sorted((*rows, *own), key=lambda row: row.at) if own else rows

    def _known(self, request: Request) -> str:
        """The region of the client's token."""
        if self.wants_certificate and not request.scope.get("abm_lab.certificate"):
            raise Refusal(403, "client_certificate_required", "show a client certificate of the lab's: client.pem")
        region = self.tokens.get(bearer(request))
        if region is None:
            raise Refusal(401, "invalid_token", "send a bearer token of serve.json")
        return region

    def _check(self, request: Request) -> None:
        if self._known(request) != self.region:
            raise Refusal(204, "other_region")

    def _cut(self, request: Request, rows: Callable[[int], list[Row]]) -> Page:
        limit = whole(request, "limit", _PAGE, _PAGE_MAX)
        given = request.query_params.get("cursor")
        at, offset = (self.world.clock.now(), 0) if given is None else place(given) or (-1, 0)
        if at < 0:
            raise Refusal(400, "invalid_cursor", "'cursor' is none that this endpoint gave out")
        return cut(rows(at), at, offset, limit, fault_of(request))


def services(world: World, tokens: Mapping[str, str]) -> list[Abm]:
    """One endpoint a region; a predeclared fingerprint counts in all of them."""
    fingerprints: dict[str, str] = {}
    return [Abm(world, region, tokens, fingerprints) for region in REGIONS]


def _event(row: Row) -> AuditEvent:
    return msgspec.json.decode(row.content, type=AuditEvent)


def _late(row: Row, seed: int) -> int:
    """How long after its time an event is shown: of a hundred events three come up to five minutes late."""
    drawn = zlib.crc32(row.content, seed & 0xFFFFFFFF)
    return drawn // 100 % _LATE_S_MAX * SECOND if drawn % 100 < _LATE else 0


def _link(path: str, cursor: str | None, **kept: str) -> str | None:
    """The way to the next page, from the endpoint's root on; None after the last."""
    return None if cursor is None else f"{path}?{urlencode({**kept, 'cursor': cursor})}"
