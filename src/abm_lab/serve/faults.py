"""What goes wrong between the lab and its clients: drawn from a seed, or set by hand for the next requests."""

import asyncio
import random
import socket
import struct
from collections import Counter
from dataclasses import dataclass, field

import msgspec
from starlette.requests import Request
from starlette.routing import Router
from starlette.types import Message, Receive, Scope, Send

from abm_lab.serve.answers import Refusal, Service

KINDS = {
    "429": "HTTP 429 with Retry-After",
    "429_bare": "HTTP 429 without Retry-After",
    "500": "HTTP 500",
    "503": "HTTP 503",
    "half": "the body ends in its middle, and the connection with it",
    "reset": "the connection is reset before an answer",
    "slow": "one byte a second",
    "garbage": "a body that is no JSON",
    "cursor_repeats": "the next cursor is the one that was sent",
    "cursor_loops": "the next cursor leads to the first page",
    "shuffled": "the page's records in another order",
    "doubled": "some of the page's records twice",
    "empty": "a 202 that names no device",
    "redirect": "HTTP 302 to 169.254.169.254, where clouds tell a machine its secrets",
}
"""Every fault with what a client sees of it."""

# What a seed draws of; those that never end (looping cursors, one byte a second) or lead away are set by hand alone.
_DRAWN = ("429", "429_bare", "500", "503", "half", "reset", "garbage", "shuffled", "doubled", "cursor_repeats")
_SHARE = 0.15
# So often in a row at most does one and the same request fail, so that who tries again gets through.
_IN_A_ROW = 2
_RETRY_AFTER_S = 1
_INWARD = "http://169.254.169.254/latest/meta-data/"
_PAGE_FAULTS = frozenset({"cursor_repeats", "cursor_loops", "shuffled", "doubled", "empty"})


class Fault(msgspec.Struct):
    """A fault set by hand: what, at which service (its name or the beginning of it), for how many requests."""

    kind: str = ""
    service: str = ""
    path: str = ""
    """Only requests whose path begins so."""
    count: int = 1
    status: int = 0
    """With a `code` instead of a kind: any refusal that the service knows, as 403 and T_C_NOT_SIGNED."""
    code: str = ""
    bytes_per_s: float = 1.0


@dataclass(slots=True)
class Faults:
    """The faults that are set, and the seed that draws more."""

    seed: int | None = None
    set: list[Fault] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    def take(self, service: str, path: str, request: str) -> Fault | None:
        """The fault of this request, if any; what is set by hand comes first and is used up."""
        for fault in self.set:
            if service.startswith(fault.service) and path.startswith(fault.path):
                fault.count -= 1
                if fault.count <= 0:
                    self.set.remove(fault)
                return fault
        if self.seed is None:
            return None
        self.seen[request] += 1
        times = self.seen[request]
        if times % (_IN_A_ROW + 1) == 0:
            return None
        rng = random.Random(f"{self.seed} {request} {times}")
        return Fault(rng.choice(_DRAWN)) if rng.random() < _SHARE else None


class Guarded:
    """A service with its faults before it: the ASGI application that is mounted."""

    def __init__(self, service: Service, faults: Faults) -> None:
        self.service = service
        self.faults = faults
        self.router = Router(routes=service.routes(), default=_nothing_there, redirect_slashes=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or fail in the way that was set."""
        if scope["type"] != "http":
            return
        request = Request(scope)
        path = request.url.path.removeprefix(scope.get("root_path", ""))
        key = f"{scope['method']} {self.service.name}{path}?{request.url.query}"
        fault = self.faults.take(self.service.name, path, key)
        kind = "" if fault is None else fault.kind
        if kind == "reset":
            await _reset(scope)
            return
        if kind in _PAGE_FAULTS:
            scope["abm_lab.fault"] = kind
        if fault is not None and kind in {"half", "slow", "garbage"}:
            send = _Damaged(scope, send, fault)
        try:
            if fault is not None:
                _refuse(fault)
            await self.router(scope, receive, send)
        except Refusal as refusal:
            await self.service.refuse(refusal)(scope, receive, send)


def _refuse(fault: Fault) -> None:
    if fault.code:
        raise Refusal(fault.status or 400, fault.code, "set at the lab")
    if fault.kind == "429":
        raise Refusal(429, "RATE_LIMIT_EXCEEDED", "too many requests", {"Retry-After": str(_RETRY_AFTER_S)})
    if fault.kind == "429_bare":
        raise Refusal(429, "RATE_LIMIT_EXCEEDED", "too many requests")
    if fault.kind in {"500", "503"}:
        raise Refusal(int(fault.kind), "UNEXPECTED_ERROR", "set at the lab")
    if fault.kind == "redirect":
        raise Refusal(302, "FOUND", "set at the lab", {"Location": _INWARD})


async def _nothing_there(scope: Scope, receive: Receive, send: Send) -> None:
    raise Refusal(404, "NOT_FOUND", f"nothing is served at {scope['path']!r}")


class _Damaged:
    """Sends an answer in halves, byte by byte, or as no JSON."""

    def __init__(self, scope: Scope, send: Send, fault: Fault) -> None:
        self.scope = scope
        self.send = send
        self.fault = fault

    async def __call__(self, message: Message) -> None:
        body: bytes = message.get("body", b"")
        if message["type"] != "http.response.body" or not body:
            await self.send(message)
        elif self.fault.kind == "garbage":
            await self.send({**message, "body": b"<html>not what you asked for".ljust(len(body))[: len(body)]})
        elif self.fault.kind == "slow":
            for index in range(len(body)):
                if self.scope["abm_lab.transport"].is_closing():
                    return
                await self.send({**message, "body": body[index : index + 1], "more_body": index < len(body) - 1})
                await asyncio.sleep(1 / self.fault.bytes_per_s)
        else:
            await self.send({**message, "body": body[: len(body) // 2], "more_body": True})
            self.scope["abm_lab.transport"].close()
            await asyncio.sleep(0.01)


async def _reset(scope: Scope) -> None:
    transport = scope["abm_lab.transport"]
    # Linger for no time: the other side sees a reset and no orderly end.
    linger = struct.pack("ii", 1, 0)
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()
    # The server must hear of it before it misses the answer.
    await asyncio.sleep(0.01)
