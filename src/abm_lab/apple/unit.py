"""A life put on the calendar: every instant of it that some source could tell, in microseconds UTC."""

import random
from dataclasses import dataclass, field, replace

from abm_lab.apple.life import Life
from abm_lab.apple.server import Server
from abm_lab.fleet import Device
from abm_lab.moments import DAY, HOUR, MINUTE, SECOND

_MACS = (("Mac15,12", "MacBook Air", "A3113"), ("Mac16,1", "MacBook Pro", "A3112"), ("Mac14,7", "MacBook Pro", "A2338"))
_MAC_BUILDS = (("15.5", "24F74"), ("15.7.1", "24G231"), ("26.1", "25B78"))
_IPHONES = (("iPhone15,4", "iPhone 15", "A3090"), ("iPhone17,3", "iPhone 16", "A3287"))
SEEN_AFTER = 3 * SECOND
"""How long after a push the enrolment service shows it."""
MIGRATED_FROM = "mdm-before"
"""The server from which devices move; ABM and its own old syncer alone name it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What kind of thing a device is, in the words of Apple's interfaces."""

    family: str
    os: str
    name: str


IPAD = Kind("iPad", "iPadOS", "iPad")
PHONE = Kind("iPhone", "iOS", "iPhone 15")
MAC = Kind("Mac", "OSX", "MacBook Air")


@dataclass(slots=True)
class Enrolment:
    """One time at the MDM: check-in, first token, the record, the end of Setup Assistant."""

    udid: str
    authenticated_at: int | None = None
    enrolled_at: int | None = None
    configured_at: int | None = None
    by_hand_at: int | None = None


@dataclass(slots=True)
class Unit:
    """A device with its server and the instants of its life; None: never."""

    device: Device
    kind: Kind
    server: Server
    org: str
    profile: str
    added_at: int
    assigned_at: int
    changed_at: int
    """When the enrolment service's record last changed, other than by a push."""
    pushed_at: int | None = None
    left_at: int | None = None
    """When it was unassigned or released."""
    migration: str = ""
    reassigned: bool = False
    enrolments: list[Enrolment] = field(default_factory=list)

    @property
    def last(self) -> Enrolment:
        """The last time at the MDM."""
        return self.enrolments[-1]

    def listed(self, until: int) -> bool:
        """Whether its server's list of automated enrolment, made at that instant, holds it."""
        unknown = self.profile in {"unsynced", "throttled"} or self.assigned_at > until
        return not unknown and self.status(until) != "deleted"

    def status(self, until: int) -> str:
        """The profile's status as the enrolment service gives it at that instant."""
        if self.profile != "assigned" and self.changed_at <= until:
            return self.profile
        return "pushed" if self.pushed_at is not None and self.pushed_at + SEEN_AFTER <= until else "assigned"


def as_apple(device: Device, rng: random.Random) -> tuple[Device, Kind]:
    """The same unit as an iPad, an iPhone or a Mac, whose UDID is its hardware UUID."""
    drawn = rng.random()
    if drawn < 0.55:
        return device, IPAD
    if drawn < 0.7:
        model, name, number = rng.choice(_IPHONES)
        return replace(device, model=model, model_number=number), Kind("iPhone", "iOS", name)
    model, name, number = rng.choice(_MACS)
    version, build = rng.choice(_MAC_BUILDS)
    mac = replace(
        device, udid=device.io_platform_uuid, model=model, model_number=number, os_version=version, build=build
    )
    return mac, Kind("Mac", "OSX", name)


def on_calendar(life: Life, device: Device, kind: Kind, server: Server, *, boot_at: int, rng: random.Random) -> Unit:
    """The unit of a life whose last boot is at `boot_at`, in times already stretched."""
    first_boot = boot_at - round(life.gap_h * HOUR)
    assigned_at = _whole(first_boot - round(rng.uniform(*life.assigned_h) * HOUR))
    unit = Unit(
        device=device,
        kind=kind,
        server=server,
        org=life.org,
        profile=life.profile,
        added_at=_whole(assigned_at - rng.randrange(2 * DAY, 40 * DAY)),
        assigned_at=assigned_at,
        changed_at=assigned_at,
        migration=life.migration,
        reassigned=life.reassigned,
    )
    if life.org in {"unassigned", "released"} or life.profile in {"deleted", "removed"}:
        # After the enrolment where there was one, else before the device asks.
        last_s = max((second for second in (life.pushed_s, life.enrolled_s) if second is not None), default=None)
        unit.left_at = _whole(assigned_at + 30 * MINUTE if last_s is None else boot_at + round((last_s + 30) * SECOND))
        unit.changed_at = unit.left_at
    lives = [(boot_at, life)] if life.earlier is None else [(first_boot, life.earlier), (boot_at, life)]
    for number, (boot, one) in enumerate(lives):
        udid = f"00008112-{rng.getrandbits(64):016X}" if life.new_board and number else device.udid
        told = Enrolment(udid, *(_after(boot, one, step) for step in _STEPS))
        if one.pushed_s is not None:
            unit.pushed_at = _whole(boot + round(one.pushed_s * SECOND))
        if told.authenticated_at is None and (told.enrolled_at or told.by_hand_at):
            told.authenticated_at = (told.enrolled_at or told.by_hand_at or 0) - 9 * SECOND
        if number == 0 or told.authenticated_at is not None:
            unit.enrolments.append(told)
    return unit


_STEPS = ("authenticated_s", "enrolled_s", "configured_s", "by_hand_s")


def _after(boot: int, life: Life, step: str) -> int | None:
    second: float | None = getattr(life, step)
    return None if second is None else boot + round(second * SECOND)


def _whole(at: int) -> int:
    return at // SECOND * SECOND
