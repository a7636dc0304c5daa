"""The whole lab: one world, its certificates and credentials, all servers; `serve.json` says where they are."""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from abm_lab import scenario as scenarios
from abm_lab.fleet import REGIONS
from abm_lab.rollout import Plan
from abm_lab.serve import abm, endpoints, products
from abm_lab.serve.answers import Service
from abm_lab.serve.app import behind_tls, build
from abm_lab.serve.business import Business
from abm_lab.serve.certificates import key_pem
from abm_lab.serve.clock import Clock, real_now
from abm_lab.serve.control import Control
from abm_lab.serve.dep import Dep, server_token
from abm_lab.serve.faults import Faults
from abm_lab.serve.files import write_private
from abm_lab.serve.http import HOST, listen, server
from abm_lab.serve.mdm import GUIDE, Mdm
from abm_lab.serve.pagerduty import PagerDuty
from abm_lab.serve.posting import trusting
from abm_lab.serve.sending import Targets, streams
from abm_lab.serve.server_tokens import TokenKey
from abm_lab.serve.sntp import Answer, Sntp
from abm_lab.serve.stamps import Stamps
from abm_lab.serve.trust import Trust
from abm_lab.serve.world import World

_SYNCED = frozenset({"fetch", "sync", "both", "webhooks"})


@dataclass(frozen=True, slots=True)
class Options:
    """What to serve and where; port 0 takes a free one."""

    folder: Path
    """Certificates, tokens and serve.json are written there."""
    scenario: str = "chicago"
    speed: float = 0.0
    faults: int | None = None
    https_port: int = 0
    http_port: int = 0
    ntp_port: int = 0
    ntp_error_s: float = 0.0
    """How far the SNTP server is ahead."""
    gets_a_minute: int = 0
    """How many requests a minute Apple Business API answers; 0 sets no limit."""
    targets: Targets = field(default_factory=Targets)
    trusted: Path | None = None
    """The authority of these receivers; the lab's own and the system's are trusted besides."""


class Lab:
    """Everything that one run serves."""

    def __init__(self, options: Options, plan: Plan) -> None:
        self.options = options
        starts_at, _, as_of = scenarios.span(plan.scenario)
        self.clock = Clock(starts_at if options.speed else as_of, as_of, options.speed)
        self.world = World(plan, self.clock)
        self.faults = Faults(options.faults)
        self.folder = options.folder
        self.about: dict[str, object] = {
            "simulated": True,
            "scenario": Path(options.scenario).stem,
            "devices": len(plan.assignment),
            "seed": plan.seed,
            "folder": str(self.folder),
        }
        self.trust = self._make_trust()
        self.services = list(self._make_services())
        self.ntp = Answer(options.ntp_error_s)
        authorities = [self.trust.ca, *([options.trusted] if options.trusted else [])]
        context = trusting(authorities, self.trust.client)
        self.streams = streams(self.world, options.targets, context, self.trust.devices, options.faults)
        control = Control(
            self.world,
            self.faults,
            ntp=self.ntp,
            incidents=self.service("pagerduty").incidents,
            streams=[stream.progress for stream in self.streams],
            demand=self._demand_certificates,
            about=self.about,
        )
        self.app = build(self.services, control, self.faults, "dep")

    def service(self, name: str) -> Any:  # noqa: ANN401 - Each side is of a class of its own.
        """The service of that name, for instance `business` or `mdm/jamf-main`."""
        return next(each for each in self.services if each.name == name)

    def _demand_certificates(self, demanded: bool) -> None:  # noqa: FBT001 - The control hands it on as it was sent.
        for each in self.services:
            if isinstance(each, abm.Abm):
                each.wants_certificate = demanded

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """All servers up; `serve.json` is written last, so that whoever waits for it may begin."""
        told = self.folder / "serve.json"
        told.unlink(missing_ok=True)
        https, http, decrypted = listen(self.options.https_port), listen(self.options.http_port), listen(0)
        sockets = [https, http, decrypted]
        servers = [server(self.app, self.trust.tls), server(self.app, None), server(behind_tls(self.app), None)]
        self.about |= self._addresses(https, http)
        async with contextlib.AsyncExitStack() as stack:
            port, folder = decrypted.getsockname()[1], self.folder / "endpoints"
            self.about["tls"] = await stack.enter_async_context(endpoints.serving(self.endpoints, folder, port))
            self.about["ntp"] = await stack.enter_async_context(self._timing())
            group = await stack.enter_async_context(asyncio.TaskGroup())
            pairs = zip(servers, sockets, strict=True)
            tasks = [group.create_task(each.serve(sockets=[sock])) for each, sock in pairs]
            while not all(each.started for each in servers):  # noqa: ASYNC110 - uvicorn has no event for it.
                await asyncio.sleep(0.01)
            write_private(told, msgspec.json.format(msgspec.json.encode(self.about), indent=1))
            senders = [group.create_task(stream.run()) for stream in self.streams]
            try:
                yield
            finally:
                for sender in senders:
                    sender.cancel()
                for each in servers:
                    each.should_exit = True
                await asyncio.wait(tasks)
                told.unlink(missing_ok=True)

    @contextlib.asynccontextmanager
    async def _timing(self) -> AsyncIterator[str]:
        """SNTP up; gives its address."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: Sntp(self.ntp), (HOST, self.options.ntp_port))
        try:
            yield "{}:{}".format(*transport.get_extra_info("sockname"))
        finally:
            transport.close()

    def _make_trust(self) -> Trust:
        hosts = [
            *(f"{region}.abm.apple.com" for region in REGIONS),
            *Business.hosts,
            *Dep.hosts,
            *PagerDuty.hosts,
            *(f"{name}.example.org" for name in self.world.servers),
            "localhost",
            HOST,
        ]
        trust = Trust(self.folder, hosts, real_now())
        self.endpoints = endpoints.make(trust.root, trust.issuer, hosts)
        return trust

    def _make_services(self) -> list[Service]:
        tokens = {f"sim_{region}_{secrets.token_hex(12)}": region for region in REGIONS}
        as_of = self.world.rollout.span[2]
        told = [each for each in self.world.servers.values() if each.told]
        dep_tokens = {each.name: server_token(each, as_of) for each in told if each.dep in _SYNCED}
        key = ec.generate_private_key(ec.SECP256R1())
        client_id, key_id = f"BUSINESSAPI.{secrets.token_hex(16)}", f"simulated-{secrets.token_hex(8)}"
        mdms = [
            Mdm(self.world, each, f"{each.name}@example.org", f"sim_{secrets.token_hex(16)}")
            for each in (GUIDE, *told)
            if each.product in products.discover()
        ]
        write_private(self.folder / "business-key.pem", key_pem(key))
        dep, token_key = self.folder / "dep", TokenKey()
        write_private(self.folder / "token-key.pem", token_key.pem)
        for name, token in dep_tokens.items():
            write_private(dep / f"{name}.json", msgspec.json.encode(token))
            write_private(dep / f"{name}.p7m", token_key.encrypted(token))
        self.about |= {
            "ca": str(self.trust.ca),
            "device_ca": str(self.trust.device_ca),
            "client_certificate": str(self.trust.client),
            "abm": {region: {"token": token} for token, region in tokens.items()},
            "business": {"client_id": client_id, "key_id": key_id, "key": str(self.folder / "business-key.pem")},
            "dep": {
                name: {"server_token": str(dep / f"{name}.json"), "encrypted": str(dep / f"{name}.p7m")}
                for name in dep_tokens
            },
            "token_key": str(self.folder / "token-key.pem"),
            "mdm": {
                each.server.name: {"product": each.server.product, "user": each.user, "secret": each.secret}
                for each in mdms
            },
        }
        regions = abm.services(self.world, tokens)
        for each in regions:
            each.late_seed = self.options.faults
        business = Business(self.world, client_id, key_id, key.public_key())
        business.gets_a_minute = self.options.gets_a_minute
        return [
            *regions,
            business,
            Dep(self.world, dep_tokens),
            *mdms,
            PagerDuty(),
            Stamps(self.trust.issuer, self.folder / "tsa"),
        ]

    def _addresses(self, https: socket.socket, http: socket.socket) -> dict[str, object]:
        bases = {"https": f"https://{HOST}:{https.getsockname()[1]}", "http": f"http://{HOST}:{http.getsockname()[1]}"}
        paths = {each.name: f"{bases['https']}/{each.name}" for each in self.services}
        own = {"control": f"{bases['http']}/lab", "time_stamps": f"{bases['http']}/tsa/reply"}
        return {**bases, **own, "services": paths}
