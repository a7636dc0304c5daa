"""A sink for PagerDuty's Events API v2: takes events, and keeps the incidents that they make."""

import secrets
from dataclasses import dataclass, field

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from abm_lab.moments import rfc3339
from abm_lab.serve.answers import Refusal, json_answer, json_body
from abm_lab.serve.clock import real_now

# From: https://developer.pagerduty.com/docs/events-api-v2-overview
_ACTIONS = {"trigger": "triggered", "acknowledge": "acknowledged", "resolve": "resolved"}
_SEVERITIES = frozenset({"critical", "error", "warning", "info"})
_KEPT = 10_000


class _Payload(msgspec.Struct):
    summary: str = ""
    source: str = ""
    severity: str = ""


class _Event(msgspec.Struct):
    routing_key: str = ""
    event_action: str = ""
    dedup_key: str = ""
    payload: _Payload | None = None


@dataclass(slots=True)
class Incident:
    """One incident: its state and every event that bore its key."""

    dedup_key: str
    state: str
    summary: str
    severity: str
    events: list[dict[str, str]] = field(default_factory=list)


class PagerDuty:
    """Plays events.pagerduty.com; any routing key of 32 characters is an integration."""

    name = "pagerduty"
    hosts = ("events.pagerduty.com",)

    def __init__(self) -> None:
        self.incidents: dict[str, Incident] = {}

    def routes(self) -> list[BaseRoute]:
        """Events in; what became of them is asked of the lab's own API."""
        return [Route("/v2/enqueue", self.enqueue, methods=["POST"])]

    def refuse(self, refusal: Refusal) -> Response:
        """The API's own error."""
        answer = {"status": refusal.code, "message": "Event object is invalid (simulated)", "errors": [refusal.detail]}
        return json_answer(answer, refusal.status, refusal.headers)

    async def enqueue(self, request: Request) -> Response:
        """Take one event; a trigger with the key of an open incident makes no second one."""
        event = await json_body(request, _Event)
        if wrong := _wrong(event):
            raise Refusal(400, "invalid event", wrong)
        key = event.dedup_key or secrets.token_hex(16)
        state = _ACTIONS[event.event_action]
        known = self.incidents.get(key)
        if known is None or (known.state == "resolved" and state == "triggered"):
            payload = event.payload or _Payload()
            known = self.incidents[key] = Incident(key, state, payload.summary, payload.severity)
        elif known.state != "resolved" and state != "triggered":
            known.state = state
        known.events.append({"action": event.event_action, "received_at": rfc3339(real_now())})
        while len(self.incidents) > _KEPT:
            self.incidents.pop(next(iter(self.incidents)))
        return json_answer({"status": "success", "message": "Event processed", "dedup_key": key}, 202)


def _wrong(event: _Event) -> str:
    """What is wrong with an event, in the API's words; empty where nothing is."""
    if len(event.routing_key) != 32:
        return "'routing_key' is missing or of the wrong length"
    if event.event_action not in _ACTIONS:
        return "'event_action' must be one of trigger, acknowledge, resolve"
    if len(event.dedup_key) > 255:
        return "'dedup_key' has more than 255 characters"
    if event.event_action != "trigger":
        return "" if event.dedup_key else f"'dedup_key' is required to {event.event_action}"
    payload = event.payload
    if payload is None or not payload.summary or not payload.source or len(payload.summary) > 1024:
        return "'payload' needs a summary of at most 1024 characters and a source"
    return "" if payload.severity in _SEVERITIES else "'payload.severity' must be critical, error, warning or info"
