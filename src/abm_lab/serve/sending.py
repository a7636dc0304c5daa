"""Everything that the lab sends by itself: which streams there are, and how each of them runs to its end."""

import ssl
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from abm_lab.serve.certificates import Authority
from abm_lab.serve.checkins import Devices, send_checkins
from abm_lab.serve.posting import Poster, Syslog, TargetError
from abm_lab.serve.streams import Progress, send_events, send_lines
from abm_lab.serve.world import World


@dataclass(frozen=True, slots=True)
class Targets:
    """Where to send; empty: nowhere."""

    logs: str = ""
    """What devices log: an http, https or syslog+tls address."""
    webhooks: str = ""
    """What depsyncers and NanoMDM servers post."""
    checkins: str = ""
    """Where the devices of NanoMDM servers check in."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream: how far it is, where to, and its work."""

    progress: Progress
    target: Poster | Syslog
    work: Callable[[], Awaitable[None]]

    async def run(self) -> None:
        """Send everything; where the target will not have it, say so and stop."""
        try:
            await self.work()
            self.progress.is_done = True
        except TargetError as error:
            self.progress.failed = str(error)
            print(f"abm-lab serve: {error}; nothing more is sent there", file=sys.stderr)  # noqa: T201 - For people.
        finally:
            await self.target.close()


def streams(
    world: World, targets: Targets, context: ssl.SSLContext, authority: Authority, seed: int | None
) -> list[Stream]:
    """The streams to these targets; with a seed lines come late and twice. Raises TargetError for no address."""
    made = []
    if targets.logs:
        is_syslog = targets.logs.startswith("syslog")
        receiver = Syslog(targets.logs, context) if is_syslog else Poster(targets.logs, context)
        progress = Progress(targets.logs)
        made.append(Stream(progress, receiver, partial(send_lines, world, seed, receiver, progress)))
    if targets.webhooks:
        poster, progress = Poster(targets.webhooks, context), Progress(targets.webhooks)
        made.append(Stream(progress, poster, partial(send_events, world, poster, progress)))
    if targets.checkins:
        poster, progress = Poster(targets.checkins, context), Progress(targets.checkins)
        made.append(Stream(progress, poster, partial(send_checkins, world, Devices(authority), poster, progress)))
    return made
