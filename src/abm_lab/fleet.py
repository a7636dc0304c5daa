"""The rollout's sites and devices: who they are, before anything happens to them."""

import random
from dataclasses import dataclass

from abm_lab.moments import MINUTE

REGIONS = ("us-east", "us-west", "eu-west")
# Neither O nor I: serials that differ only by O/0 or I/1 would be one device to a careful reader.
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_TAIL_LENGTH = 7
_TAILS = len(_ALPHABET) ** _TAIL_LENGTH
# Odd and no multiple of 17, so multiplying by it modulo 34 ** 7 maps no two devices to one serial.
_STRIDE = 22_801_763_489
_MODELS = (
    ("iPad13,18", "A2696"),
    ("iPad13,19", "A2757"),
    ("iPad14,1", "A2567"),
    ("iPad15,7", "A3354"),
    ("iPad14,8", "A2902"),
)
_BUILDS = (("18.4", "22E240"), ("18.5", "22F76"), ("18.6.2", "22G100"), ("26.1", "23B85"), ("26.4", "23E246"))


@dataclass(frozen=True, slots=True)
class Site:
    """A clinic: its ABM region decides the token and the endpoint of every device that is staged there."""

    id: str
    region: str
    token: str
    shares_payload: bool
    """True where the MDM connector broke the profile of the whole site."""

    @property
    def endpoint(self) -> str:
        """Host name of the site's ABM endpoint."""
        return f"{self.region}.abm.apple.com"

    def staging_host(self, condition: str) -> str:
        """Name of the Mac that stages here under a condition such as `plain` or `stapleless`."""
        number = sum(condition.encode()) % 90 + 10
        return f"{self.id}-{'mac01' if condition == 'plain' else f'mac{number}'}"


@dataclass(frozen=True, slots=True)
class Device:
    """One physical unit with its manifest row; `staged_at` is microseconds UTC."""

    serial: str
    udid: str
    io_platform_uuid: str
    secure_rom_uuid: str
    model: str
    model_number: str
    os_version: str
    build: str
    site: Site
    staging_host: str
    staged_at: int


def make_sites(count: int) -> list[Site]:
    """The sites in order; with three or more, the last one is the site whose shared profile is broken."""
    width = max(2, len(str(count)))
    sites = []
    for index in range(count):
        region = REGIONS[0 if index % 5 < 3 else index % 5 - 2]
        token = f"tok_{region.replace('-', '_')}"
        sites.append(Site(f"clinic-{index + 1:0{width}d}", region, token, count >= 3 and index == count - 1))
    return sites


def serial_number(seed: int, index: int) -> str:
    """The serial of the device with that index; no two indexes of one seed share one."""
    value = (seed * 7_919 + (index + 1) * _STRIDE) % _TAILS
    tail = ""
    for _ in range(_TAIL_LENGTH):
        value, digit = divmod(value, len(_ALPHABET))
        tail += _ALPHABET[digit]
    return f"F9F{tail}"


def make_device(rng: random.Random, serial: str, site: Site, staging_host: str, boot_at: int) -> Device:
    """A unit with made-up identifiers, staged some minutes before its first boot."""
    model, number = rng.choice(_MODELS)
    version, build = rng.choice(_BUILDS)
    return Device(
        serial=serial,
        udid=f"00008{rng.choice((103, 110, 120, 130))}-{rng.getrandbits(64):016X}",
        io_platform_uuid=_uuid(rng),
        secure_rom_uuid=_uuid(rng),
        model=model,
        model_number=number,
        os_version=version,
        build=build,
        site=site,
        staging_host=staging_host,
        staged_at=boot_at - rng.randrange(6 * MINUTE, 25 * MINUTE),
    )


def _uuid(rng: random.Random) -> str:
    digits = f"{rng.getrandbits(128):032X}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
