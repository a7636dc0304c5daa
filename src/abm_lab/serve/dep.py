"""The enrolment service's MDM side: sessions by OAuth 1.0a, fetch and sync with their cursors, account, profiles."""

import asyncio
import base64
import binascii
import secrets
import time

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from abm_lab.apple import dep, server_files
from abm_lab.apple.server import Server
from abm_lab.moments import DAY, SECOND, rfc3339_whole
from abm_lab.serve import oauth1
from abm_lab.serve.answers import Refusal, fault_of, json_answer, json_body
from abm_lab.serve.clock import real_now
from abm_lab.serve.world import Row, World

_NEEDED = frozenset(
    {"oauth_consumer_key", "oauth_token", "oauth_signature", "oauth_signature_method", "oauth_timestamp", "oauth_nonce"}
)
_SKEW_S_MAX = 300
_SESSION_S = 600
_CURSOR_AGE = 7 * DAY
_PAGE, _PAGE_MAX = 100, 1000
# An ailing cursor makes clients ask again at once; so long each of them waits for its answer.
_STUCK_S = 1.0
_RETRY_AFTER_S = 3600


class _Asked(msgspec.Struct):
    cursor: str = ""
    limit: int = _PAGE


class _Serials(msgspec.Struct):
    devices: list[str] = []
    profile_uuid: str = ""


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a client stands: fetching from `offset`, or done and synced, of the state as at `until`."""

    phase: str
    """`fetch`, `done`, or `sync`."""
    until: int
    offset: int = 0
    since: int = 0

    def text(self) -> str:
        """The cursor as clients see it."""
        return base64.b64encode(msgspec.json.encode(self)).decode().rstrip("=")


class Dep:
    """Plays mdmenrollment.apple.com for the servers of which the scenario tells that side."""

    name = "dep"
    hosts = ("mdmenrollment.apple.com",)

    def __init__(self, world: World, tokens: dict[str, dict[str, str]]) -> None:
        self.world = world
        self.tokens = tokens
        """Decrypted server tokens by name of the server."""
        self.sessions: dict[str, tuple[str, float]] = {}
        self.nonces: dict[tuple[str, str], int] = {}
        self.profiles: dict[str, dict[str, object]] = {}
        self.assigned: dict[str, str] = {}
        """Profiles that a client of the lab assigned, by serial."""

    def routes(self) -> list[BaseRoute]:
        """Session, account, fetch, sync, details, profiles."""
        return [
            Route("/session", self.session, methods=["GET"]),
            Route("/account", self.account, methods=["GET"]),
            Route("/server/devices", self.fetch, methods=["POST"]),
            Route("/devices/sync", self.sync, methods=["POST"]),
            Route("/devices", self.details, methods=["POST"]),
            Route("/devices/disown", self.disown, methods=["POST"]),
            Route("/profile", self.define, methods=["POST"]),
            Route("/profile", self.profile, methods=["GET"]),
            Route("/profile/devices", self.assign, methods=["PUT", "POST"]),
            Route("/profile/devices", self.remove, methods=["DELETE"]),
        ]

    def refuse(self, refusal: Refusal) -> Response:
        """A JSON string alone, as the service's own simulator answers."""
        return json_answer(refusal.code, refusal.status, refusal.headers)

    # Who asks

    async def session(self, request: Request) -> Response:
        """A session for a request that is signed with a server token."""
        given = oauth1.parameters(request.headers.get("authorization", ""))
        if not given.keys() >= _NEEDED or given["oauth_signature_method"] != "HMAC-SHA1":
            raise Refusal(400, "oauth_problem_adviser")
        name = next((name for name, token in self.tokens.items() if _is_of(given, token)), None)
        if name is None:
            raise Refusal(401, "token_rejected")
        token, now_s = self.tokens[name], real_now() // SECOND
        right = oauth1.signature("GET", str(request.url), given, token["consumer_secret"], token["access_secret"])
        if not secrets.compare_digest(right, given["oauth_signature"]):
            raise Refusal(401, "signature_invalid")
        stamp = given["oauth_timestamp"]
        if not stamp.isascii() or not stamp.isdigit() or abs(int(stamp[:12]) - now_s) > _SKEW_S_MAX:
            raise Refusal(401, "timestamp_refused")
        self.nonces = {used: at for used, at in self.nonces.items() if at > now_s - 2 * _SKEW_S_MAX}
        if (name, given["oauth_nonce"]) in self.nonces:
            raise Refusal(401, "nonce_used")
        self.nonces[name, given["oauth_nonce"]] = now_s
        ailment = self.world.ails(self.world.servers[name])
        if ailment == "token":
            raise Refusal(401, "token_expired")
        if ailment == "terms":
            raise Refusal(403, "T_C_NOT_SIGNED")
        self.sessions = {one: known for one, known in self.sessions.items() if known[1] > time.monotonic()}
        session = secrets.token_urlsafe(24)
        self.sessions[session] = name, time.monotonic() + _SESSION_S
        return json_answer({"auth_session_token": session})

    def _server(self, request: Request) -> Server:
        if not request.headers.get("user-agent"):
            raise Refusal(400, "USER_AGENT_MISSING")
        name, ends = self.sessions.get(request.headers.get("x-adm-auth-session", ""), ("", 0.0))
        if ends <= time.monotonic():
            raise Refusal(401, "UNAUTHORIZED")
        server = self.world.servers[name]
        ailment = self.world.ails(server)
        if ailment == "token":
            raise Refusal(401, "token_expired")
        if ailment == "terms":
            raise Refusal(403, "T_C_NOT_SIGNED")
        return server

    # What there is

    async def account(self, request: Request) -> Response:
        """Whose account it is."""
        return json_answer(server_files.account(self._server(request)))

    async def fetch(self, request: Request) -> Response:
        """All devices of the server, in pages."""
        server, asked = self._server(request), await json_body(request, _Asked)
        cursor = await self._place(server, asked.cursor, fetching=True)
        if cursor.phase != "fetch":
            raise Refusal(400, "EXHAUSTED_CURSOR")
        rows, limit = self.world.dep_devices(server, cursor.until), _limit(asked)
        end = cursor.offset + limit
        following = Cursor("fetch", cursor.until, end) if end < len(rows) else Cursor("done", cursor.until)
        return self._page(rows[cursor.offset : end], cursor, following, fault_of(request))

    async def sync(self, request: Request) -> Response:
        """What has changed since the cursor, in order of time."""
        server, asked = self._server(request), await json_body(request, _Asked)
        if not asked.cursor:
            raise Refusal(400, "CURSOR_REQUIRED")
        cursor = await self._place(server, asked.cursor, fetching=False)
        if cursor.phase == "fetch":
            raise Refusal(400, "INVALID_CURSOR")
        if cursor.phase == "done":
            cursor = Cursor("sync", max(self.world.dep_until(), cursor.until), 0, cursor.until)
        rows, limit = self.world.dep_changes(server, cursor.since, cursor.until), _limit(asked)
        end = cursor.offset + limit
        more = Cursor("sync", cursor.until, end, cursor.since)
        following = more if end < len(rows) else Cursor("done", cursor.until)
        return self._page(rows[cursor.offset : end], cursor, following, fault_of(request))

    async def _place(self, server: Server, text: str, *, fetching: bool) -> Cursor:
        until = self.world.dep_until()
        if self.world.ails(server) == "cursor" and (text or fetching):
            await asyncio.sleep(_STUCK_S)
            raise Refusal(400, "EXPIRED_CURSOR")
        if not text:
            return Cursor("fetch", until)
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
            cursor = msgspec.json.decode(raw, type=Cursor)
        except (binascii.Error, ValueError, msgspec.DecodeError) as error:
            raise Refusal(400, "INVALID_CURSOR") from error
        if cursor.phase not in {"fetch", "done", "sync"} or cursor.offset < 0 or cursor.until > self.world.clock.end:
            raise Refusal(400, "INVALID_CURSOR")
        if cursor.until < until - _CURSOR_AGE:
            raise Refusal(400, "EXPIRED_CURSOR")
        return cursor

    def _page(self, rows: list[Row], cursor: Cursor, following: Cursor, fault: str) -> Response:
        more = following.phase != "done"
        if more and fault == "cursor_repeats":
            following = cursor
        elif more and fault == "cursor_loops":
            following = Cursor(cursor.phase, cursor.until, 0, cursor.since)
        shown = [self._told(row) for row in rows]
        if fault == "shuffled":
            shown.reverse()
        elif fault == "doubled":
            shown += shown[-3:]
        tail = {"fetched_until": rfc3339_whole(cursor.until), "more_to_follow": more, "cursor": following.text()}
        return json_answer(b'{"devices":[' + b",".join(shown) + b"]," + msgspec.json.encode(tail)[1:])

    def _told(self, row: Row) -> bytes:
        """The record, with the profile that a client assigned meanwhile."""
        profile = self.assigned.get(row.serial)
        if profile is None:
            return row.content
        record = msgspec.json.decode(row.content, type=dict[str, object])
        return msgspec.json.encode(record | {"profile_uuid": profile})

    async def details(self, request: Request) -> Response:
        """The records of some devices."""
        server, asked = self._server(request), await json_body(request, _Serials)
        until = self.world.dep_until()
        rows = {row.serial: row for row in self.world.dep_devices(server, until)} if asked.devices else {}
        told: dict[str, object] = {}
        for serial in asked.devices:
            record = msgspec.json.decode(self._told(rows[serial]), type=dict[str, object]) if serial in rows else {}
            told[serial] = record | {"response_status": "SUCCESS" if record else "NOT_ACCESSIBLE"}
        return json_answer({"devices": told})

    async def disown(self, request: Request) -> Response:
        """Nothing is ever disowned here; the answer names each device as failed."""
        self._server(request)
        asked = await json_body(request, _Serials)
        return json_answer({"devices": dict.fromkeys(asked.devices, "FAILED")})

    # Profiles

    async def define(self, request: Request) -> Response:
        """Define a profile, and assign it to the devices that it names."""
        server, given = self._server(request), await json_body(request, dict[str, object])
        _check_profile(given)
        uuid = secrets.token_hex(16).upper()
        self.profiles[uuid] = given
        devices = given.get("devices")
        serials = [serial for serial in devices if isinstance(serial, str)] if isinstance(devices, list) else []
        return json_answer({"profile_uuid": uuid, "devices": self._assign(server, serials, uuid)})

    async def profile(self, request: Request) -> Response:
        """A profile by its UUID: one that a client defined, or the server's own."""
        server, uuid = self._server(request), request.query_params.get("profile_uuid", "")
        own = {"profile_name": "Rollout (simulated)", "url": server.url, "is_supervised": True}
        if uuid not in self.profiles and uuid != dep.profile_uuid(server):
            raise Refusal(400, "PROFILE_NOT_FOUND" if uuid else "PROFILE_UUID_REQUIRED")
        return json_answer(self.profiles.get(uuid, own) | {"profile_uuid": uuid})

    async def assign(self, request: Request) -> Response:
        """Assign a profile to devices; a device whose fate is to be throttled is."""
        server, asked = self._server(request), await json_body(request, _Serials)
        if asked.profile_uuid not in self.profiles and asked.profile_uuid != dep.profile_uuid(server):
            raise Refusal(400, "PROFILE_NOT_FOUND" if asked.profile_uuid else "PROFILE_UUID_REQUIRED")
        statuses = self._assign(server, asked.devices, asked.profile_uuid)
        answer: dict[str, object] = {"profile_uuid": asked.profile_uuid, "devices": statuses}
        if "THROTTLED" in statuses.values():
            answer["retry_after_seconds"] = _RETRY_AFTER_S
        return json_answer(answer)

    async def remove(self, request: Request) -> Response:
        """Take back the profile that a client assigned."""
        server, asked = self._server(request), await json_body(request, _Serials)
        listed = {row.serial for row in self.world.dep_devices(server, self.world.dep_until())}
        for serial in asked.devices:
            self.assigned.pop(serial, None)
        told = {serial: "SUCCESS" if serial in listed else "NOT_ACCESSIBLE" for serial in asked.devices}
        return json_answer({"devices": told})

    def _assign(self, server: Server, serials: list[str], uuid: str) -> dict[str, str]:
        listed = {row.serial for row in self.world.dep_devices(server, self.world.dep_until())} if serials else set()
        statuses = {}
        for serial in serials:
            unit = self.world.units.get(serial)
            if unit is not None and unit.server is server and unit.profile == "throttled":
                statuses[serial] = "THROTTLED"
            elif serial in listed:
                statuses[serial] = "SUCCESS"
                self.assigned[serial] = uuid
            else:
                statuses[serial] = "NOT_ACCESSIBLE"
        return statuses


def server_token(server: Server, as_of: int) -> dict[str, str]:
    """A server token of this run: the scenario's, with keys that no other server has."""
    keys = {"consumer_key": "CK", "consumer_secret": "CS", "access_token": "AT", "access_secret": "AS"}
    drawn = {name: f"{head}_simulated_{secrets.token_hex(12)}" for name, head in keys.items()}
    return server_files.server_token(server, as_of) | drawn


def _is_of(given: dict[str, str], token: dict[str, str]) -> bool:
    return given["oauth_consumer_key"] == token["consumer_key"] and given["oauth_token"] == token["access_token"]


def _limit(asked: _Asked) -> int:
    return max(1, min(asked.limit or _PAGE, _PAGE_MAX))


def _check_profile(given: dict[str, object]) -> None:
    """Refuse what the service refuses of a profile, in its words."""
    for key, word in (("profile_name", "CONFIG_NAME"), ("url", "CONFIG_URL")):
        if not given.get(key):
            raise Refusal(400, f"{word}_REQUIRED")
        if not isinstance(given[key], str):
            raise Refusal(400, f"{word}_INVALID")
    if not str(given["url"]).startswith("https://"):
        raise Refusal(400, "CONFIG_URL_INVALID")
    if given.get("is_mdm_removable") is False and not given.get("is_supervised"):
        raise Refusal(400, "FLAGS_INVALID")
