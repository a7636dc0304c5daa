"""All services as one application: each by its host name, and below a prefix of its own."""

from collections.abc import Sequence

from starlette.routing import BaseRoute, Host, Mount, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from abm_lab.serve.answers import Service
from abm_lab.serve.faults import Faults, Guarded

_HEADERS = [(b"server", b"abm-lab (simulated)"), (b"x-simulated", b"abm-lab")]


def build(services: Sequence[Service], control: Service, faults: Faults, root: str) -> ASGIApp:
    """The application; no fault befalls `control`, and the service called `root` answers at other hosts and paths, too.

    A client that makes an address of its own out of the host alone, as syncers do for `/session`, needs that.
    """
    guarded = {service.name: Guarded(service, faults) for service in services}
    guarded[control.name] = Guarded(control, Faults())
    routes: list[BaseRoute] = [
        Host(host, app=guarded[service.name], name=host) for service in services for host in service.hosts
    ]
    routes += [Mount(f"/{name}", app=app) for name, app in guarded.items()]
    return _Labelled(Router(routes=routes, default=guarded[root], redirect_slashes=False))


def behind_tls(app: ASGIApp) -> ASGIApp:
    """The same for connections that another decrypts: its links, and what its clients sign, begin with https."""

    async def secure(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "scheme": "https"}, receive, send)

    return secure


class _Labelled:
    """Says in the headers of each answer that it is simulated."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def labelled(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *_HEADERS]}
            await send(message)

        await self.app(scope, receive, labelled)
