"""The lab's own API below /lab: the world's clock, faults from now on, the truth of a device, what was received."""

from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from abm_lab.moments import from_datetime, rfc3339
from abm_lab.serve.answers import Refusal, json_answer, json_body
from abm_lab.serve.faults import KINDS, Fault, Faults
from abm_lab.serve.pagerduty import Incident
from abm_lab.serve.sntp import Answer
from abm_lab.serve.streams import Progress
from abm_lab.serve.world import World
from abm_lab.truth import SCHEMA

# What everybody on this machine may know; tokens and keys are in serve.json, which is its owner's.
_PUBLIC = ("simulated", "scenario", "devices", "seed", "https", "http", "services", "tls", "ntp", "time_stamps")
_NTP_ERROR_S_MAX = 10 * 366 * 86400


class _Time(msgspec.Struct):
    at: datetime | None = None
    speed: float | None = None


class _Demanded(msgspec.Struct):
    demanded: bool


class _Ntp(msgspec.Struct):
    error_s: float = 0.0
    kiss: str = ""
    is_synchronised: bool = True


class Control:
    """What a test or a demonstration asks of the lab itself; no simulated side would answer this."""

    name = "lab"
    hosts = ()

    def __init__(
        self,
        world: World,
        faults: Faults,
        *,
        ntp: Answer,
        incidents: Mapping[str, Incident],
        streams: list[Progress],
        demand: Callable[[bool], None],
        about: dict[str, object],
    ) -> None:
        self.world = world
        self.faults = faults
        self.ntp = ntp
        self.incidents = incidents
        self.streams = streams
        self.demand = demand
        self.about = about

    def routes(self) -> list[BaseRoute]:
        """What can be asked and set."""
        return [
            Route("/world", self.world_now, methods=["GET"]),
            Route("/clock", self.clock, methods=["GET", "POST"]),
            Route("/faults", self.list_faults, methods=["GET"]),
            Route("/faults", self.set_fault, methods=["POST"]),
            Route("/faults", self.clear_faults, methods=["DELETE"]),
            Route("/client-certificates", self.demand_certificates, methods=["POST"]),
            Route("/ntp", self.set_ntp, methods=["GET", "POST"]),
            Route("/incidents", self.list_incidents, methods=["GET"]),
            Route("/truth", self.truth, methods=["GET"]),
            Route("/devices/{serial}", self.device, methods=["GET"]),
        ]

    def refuse(self, refusal: Refusal) -> Response:
        """What is wrong, and what to do."""
        return json_answer({"error": refusal.code, "detail": refusal.detail, "simulated": True}, refusal.status)

    async def world_now(self, request: Request) -> Response:
        """Which world this is, its time, where its sides are served, and how far the streams have come."""
        told = {name: self.about[name] for name in _PUBLIC if name in self.about}
        return json_answer(told | self._time() | {"streams": self.streams})

    async def clock(self, request: Request) -> Response:
        """The world's time; a POST puts the clock to `at`, or changes its `speed`."""
        if request.method == "POST":
            given = await json_body(request, _Time)
            if (given.at is not None and given.at.tzinfo is None) or (given.speed or 0) < 0:
                raise Refusal(400, "invalid_time", 'send {"at": "2026-05-17T08:47:00Z", "speed": 60}, or one of both')
            self.world.clock.set(None if given.at is None else from_datetime(given.at), given.speed)
        return json_answer(self._time())

    async def list_faults(self, request: Request) -> Response:
        """The faults that are set, and the kinds that there are."""
        return json_answer({"seed": self.faults.seed, "set": self.faults.set, "kinds": KINDS})

    async def set_fault(self, request: Request) -> Response:
        """Set a fault for the next requests."""
        fault = await json_body(request, Fault)
        if fault.kind not in KINDS and not (fault.code and not fault.kind):
            raise Refusal(400, "unknown_kind", f"kind is one of {', '.join(KINDS)}; or give status and code")
        if fault.count < 1 or fault.bytes_per_s <= 0 or not (fault.status == 0 or 400 <= fault.status <= 599):
            raise Refusal(400, "invalid_fault", "count is 1 or more, bytes_per_s above 0, status from 400 to 599")
        self.faults.set.append(fault)
        return json_answer(fault, 201)

    async def clear_faults(self, request: Request) -> Response:
        """No fault is set any more, and none is drawn."""
        self.faults.set.clear()
        self.faults.seed = None
        return json_answer({"set": []})

    async def demand_certificates(self, request: Request) -> Response:
        """Whether ABM's endpoints demand a client certificate of the lab's from now on."""
        given = await json_body(request, _Demanded)
        self.demand(given.demanded)
        return json_answer(given)

    async def list_incidents(self, request: Request) -> Response:
        """What the PagerDuty sink was told."""
        return json_answer({"incidents": list(self.incidents.values())})

    async def set_ntp(self, request: Request) -> Response:
        """How SNTP answers; a POST changes it."""
        if request.method == "POST":
            given = await json_body(request, _Ntp)
            if abs(given.error_s) > _NTP_ERROR_S_MAX or not (given.kiss.isascii() and len(given.kiss) <= 4):
                raise Refusal(400, "invalid_ntp", "error_s is at most ten years, kiss a code of four letters like RATE")
            self.ntp.error_s, self.ntp.kiss = given.error_s, given.kiss
            self.ntp.is_synchronised = given.is_synchronised
        return json_answer(self.ntp)

    async def truth(self, request: Request) -> Response:
        """The truth file of the whole rollout, as `abm-lab case` writes it, at the end of the world."""
        scenario = self.world.plan.scenario
        head = {
            "schema": SCHEMA,
            "simulated": True,
            "scenario": self.about["scenario"],
            "proportions": scenario.proportions,
            "seed": self.world.plan.seed,
            "as_of": rfc3339(self.world.rollout.span[2]),
        }
        return json_answer(head | {"devices": list(self.world.truths.values())})

    async def device(self, request: Request) -> Response:
        """What is true of one device."""
        serial = self.world.serial(request.path_params["serial"])
        if serial is None:
            raise Refusal(404, "unknown_device", f"no device is called {request.path_params['serial']!r}")
        return json_answer({"simulated": True, "truth": self.world.truths[serial]})

    def _time(self) -> dict[str, object]:
        clock = self.world.clock
        return {"now": rfc3339(clock.now()), "speed": clock.speed, "ends": rfc3339(clock.end)}
