"""A fate: what happens to a device, what evidence of it is written, and what is therefore true."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from abm_lab.apple.life import Life
from abm_lab.apple.server import Server
from abm_lab.story import Story


@dataclass(frozen=True, slots=True)
class Truth:
    """What the specification makes of the evidence that a fate writes; `layer` and `cause` as in a verdict."""

    verdict: str
    last_rung: str
    layer: str | None = None
    cause: str | None = None
    contributing: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


NOT_STARTED = Truth("not_started", "synced")
CONFIRMED = Truth("confirmed", "enrolled")


def well(server: Server) -> bool:
    """A server of the case that nothing ails in the end."""
    return server.told and server.trouble in {"", "recovered"}


@dataclass(frozen=True, slots=True)
class Fate:
    """One fate. `truth` holds with the device's log, `unlogged` without it (lost, or no logs written at all)."""

    id: str
    title: str
    truth: Truth
    unlogged: Truth
    write: Callable[[Story], None]
    condition: str = "plain"
    """Condition of the staging host, for instance `stapleless`: probes of that host show it."""
    boots_before_s: tuple[float, float] | None = None
    """Boot between so many seconds before `as_of`; None: anywhere in the rollout."""
    own_host: bool = False
    """The device is staged at a host of its own, so that a probe speaks of it alone."""
    shared_payload: bool = False
    """It happens at the site whose shared profile is broken."""
    life: Life | None = None
    """The device's life, where it enrols by Apple's own way; `write` then has nothing to do."""
    servers: Callable[[Server], bool] = well
    """The MDM servers at which it may happen, for its truth hangs on what they tell."""

    def boot_before(self, rng: random.Random) -> float | None:
        """Seconds between boot and `as_of`, or None where the rollout decides."""
        return None if self.boots_before_s is None else rng.uniform(*self.boots_before_s)


def ade(
    id: str,
    title: str,
    truth: Truth,
    unlogged: Truth,
    life: Life,
    *,
    servers: Callable[[Server], bool] = well,
    boots_before_s: tuple[float, float] | None = None,
) -> Fate:
    """A fate of Apple's own way: a life, and what the specification makes of the evidence that sources tell of it."""
    return Fate(id, title, truth, unlogged, _lived, boots_before_s=boots_before_s, life=life, servers=servers)


def _lived(story: Story) -> None:
    """Nothing: the sources tell the life."""
